"""Checks of the release that a column cannot express, declared in `quality/checks.yaml`.

Separate from the modules that evaluate them, so that reading about checks does not load Great Expectations.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from ais_indicators.repository import find_folder
from ais_indicators.rules import Rules
from ais_indicators.yaml_text import parse_yaml

CHECKS_FILE = "checks.yaml"
BATCH = "{batch}"
"""Placeholder for the rows that are to be published."""

VIEWS_TABLE = "gate.week"
"""Table name of checks on a week's views (`releasing.check_views`), which are not tables of the lake."""

Severity = Literal["critical", "warning"]
Level = Literal["table", "release"]

_PLACEHOLDER = re.compile(r"\{(\w+):(\w+)\}")
_BRACE_LEFT_OVER = re.compile(r"[{}]")


class Check(BaseModel):
    """One check: a condition that each of the rows must meet.

    Attributes:
        name: Name in results and documents.
        table: The checked table, `layer.name`.
        level: `table`: uses only its own rows; `release`: compares them with other weeks, stages or releases.
        severity: A failed `critical` check stops the release, a failed `warning` is published with it.
        owner: Who is responsible for it.
        reason: Why the check exists.
        rows: DuckDB SQL that selects the rows to check from `{batch}`, or from `{view:name}`.
        holds: SQL condition that each of them must meet; unknown counts as not met.
        advice: What to do about a failure; appended to the result.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    table: str
    level: Level = "table"
    severity: Severity
    owner: str
    reason: str
    rows: str
    holds: str
    advice: str = ""

    @model_validator(mode="after")
    def _can_be_evaluated(self) -> Self:
        if BATCH not in self.rows and not self.views:
            raise ValueError(f"{self.name}: `rows` does not read {BATCH}")
        if self.views and self.table != VIEWS_TABLE:
            raise ValueError(f"{self.name}: checks that read views belong to the table {VIEWS_TABLE}")
        text = f"{self.rows} {self.holds}"
        unknown = {kind for kind, _ in _PLACEHOLDER.findall(text)} - {"rule", "fact", "view"}
        rest = _PLACEHOLDER.sub("", text).replace(BATCH, "")
        if unknown or _BRACE_LEFT_OVER.search(rest):
            raise ValueError(
                f"{self.name}: braces are for {BATCH}, {{rule:name}}, {{fact:name}} and {{view:name}}"
            )
        return self

    @property
    def rules(self) -> tuple[str, ...]:
        """Returns the names of the rules that it uses, in the order of use."""
        return self._names("rule")

    @property
    def facts(self) -> tuple[str, ...]:
        """Returns the names of the facts that it needs from the caller, in the order of use."""
        return self._names("fact")

    @property
    def views(self) -> tuple[str, ...]:
        """Returns the names of the views that it reads, in the order of use."""
        return self._names("view")

    def rows_query(self, facts: Mapping[str, float], rules: Rules) -> str:
        """Builds the SQL of the rows to check, over `{batch}`."""
        return _with_numbers(self.rows, facts, rules)

    def failing_query(self, facts: Mapping[str, float], rules: Rules) -> str:
        """Builds the SQL of the rows that break the check, over `{batch}`, in a fixed order."""
        condition = _with_numbers(self.holds, facts, rules)
        whose = (
            "" if BATCH in self.rows else f"/* with {BATCH} */ "
        )  # Great Expectations requires the batch to be named
        rows = self.rows_query(facts, rules)
        return f"{whose}SELECT * FROM ({rows}) WHERE NOT coalesce({condition}, false) ORDER BY ALL"  # noqa: S608

    def _names(self, kind: str) -> tuple[str, ...]:
        found = _PLACEHOLDER.findall(f"{self.rows} {self.holds}")
        return tuple(dict.fromkeys(name for found_kind, name in found if found_kind == kind))


class ChecksFile(BaseModel):
    """Content of `quality/checks.yaml`.

    Attributes:
        checks: All checks; names are unique.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    checks: tuple[Check, ...]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [c.name for c in self.checks]
        repeated = sorted({n for n in names if names.count(n) > 1})
        if repeated:
            raise ValueError(f"repeated check names: {', '.join(repeated)}")
        return self


@cache
def load_checks() -> tuple[Check, ...]:
    """Reads every check, in the file's order."""
    text = (find_folder("quality") / CHECKS_FILE).read_text(encoding="utf-8")
    return ChecksFile.model_validate(parse_yaml(text)).checks


def checks_of(table: str) -> tuple[Check, ...]:
    """Returns the checks of one table, in the file's order."""
    return tuple(c for c in load_checks() if c.table == table)


def _with_numbers(sql: str, facts: Mapping[str, float], rules: Rules) -> str:
    """Substitutes the values of rules and facts for their names."""

    def number(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "view":
            return view_name(name)
        return repr(float(rules.value(name) if kind == "rule" else facts[name]))

    return _PLACEHOLDER.sub(number, sql)


def view_name(name: str) -> str:
    """Returns the name of a view while the release check runs."""
    return f"release_gate_{name}"
