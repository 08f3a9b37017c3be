"""Writes `schemas/README.md` and `quality/README.md` from the contracts, the rules and the checks.

`python -m ais_indicators.checks.docs` writes them; with `--check` it only fails if one is stale.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from ais_indicators.checks.model import Check, load_checks
from ais_indicators.contracts.docs import markdown_table, number_text, render_schemas
from ais_indicators.contracts.profiles import Profile, load_profiles
from ais_indicators.errors import ExitCode
from ais_indicators.repository import find_folder
from ais_indicators.rules import SHIPS, SUBJECTS, Rule, Rules, load_profile, load_rules

README = "README.md"

_INTRODUCTION = """# Rules and checks

Every threshold of the method, every disclosure profile, and every check that a release must pass. Written by
`make docs` from `rules.yaml`, `disclosure.yaml` and `checks.yaml`, which are what to edit.

Where the source of a rule is *methodology* with a number, [that section](../docs/methodology.md) has it: it was set
when the method was agreed. *Judgement* means that no source gives the number."""

_SUBJECT_INTRODUCTION = """## Rules of {subject}

Rules of a lake of {subject} that replace the rule of the same name above, and rules that only such a lake has;
[`docs/{subject}.md`](../docs/{subject}.md) has the method."""

_PROFILES_INTRODUCTION = """## Disclosure profiles

What a release suppresses so that nobody learns about a single ship or firm from it, by profile; `disclosure.yaml` is
what to edit, and [`docs/disclosure.md`](../docs/disclosure.md) has the method."""

_CHECKS_INTRODUCTION = """## Checks

The release check runs on the rows that are to be published. A failed *critical* check stops the release, and
readers keep the last one; a failed *warning* is published with it. A check that cannot be evaluated has failed.

First are the checks that a table's contract requires ([`schemas/`](../schemas/README.md)), all critical. They
are named `<table>.columns_present`, `<table>.key_unique` and `<table>.<column>_<kind>`, where the kind is
`type`, `not_null`, `between`, `one_of`, `not_one_of` or `pattern`; a `between` also finds values that are not numbers.
Then come those that a column cannot express. Each selects rows, and each of the rows must meet the condition;
unknown counts as not met."""


def render_quality() -> str:
    """Renders all rules, those of other subjects than ships, then all disclosure profiles, then all checks."""
    rules = _rules_table(load_rules().values())
    subjects = {subject: load_profile(subject).values() for subject in SUBJECTS if subject != SHIPS}
    profiles = markdown_table(("profile", "text", "thresholds"), map(_profile_row, load_profiles()))
    sections = [
        _INTRODUCTION,
        f"## Rules\n\n{rules}",
        *(
            f"{_SUBJECT_INTRODUCTION.format(subject=subject)}\n\n{_rules_table(own)}"
            for subject, own in subjects.items()
        ),
        f"{_PROFILES_INTRODUCTION}\n\n{profiles}",
        _CHECKS_INTRODUCTION,
        *map(_check_section, load_checks()),
    ]
    return "\n\n".join(sections) + "\n"


def documents() -> dict[Path, str]:
    """Returns the text that each document should have."""
    return {
        find_folder("schemas") / README: render_schemas(Rules.for_subject(SHIPS)),
        find_folder("quality") / README: render_quality(),
    }


def stale_documents() -> dict[Path, str]:
    """Returns the documents that are missing or outdated, with the text that they should have."""
    return {
        path: text
        for path, text in documents().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a document is stale.")
    ] = False,
) -> None:
    """Writes the documents about tables, rules and checks."""
    stale = stale_documents()
    for path, text in stale.items():
        name = f"{path.parent.name}/{path.name}"
        if check:
            typer.echo(f"{name} is stale: run `make docs`", err=True)
        else:
            path.write_text(text, encoding="utf-8")
            typer.echo(f"wrote {name}")
    if check and stale:
        raise typer.Exit(ExitCode.UNEXPECTED)


def _rules_table(rules: Iterable[Rule]) -> str:
    return markdown_table(("rule", "value", "unit", "reason", "source"), map(_rule_row, rules))


def _rule_row(rule: Rule) -> tuple[str, ...]:
    return (f"`{rule.name}`", number_text(rule.value), rule.unit, rule.reason, rule.source)


def _profile_row(profile: Profile) -> tuple[str, ...]:
    thresholds = profile.thresholds(Rules.for_subject(SHIPS))
    return (
        f"`{profile.name}`",
        profile.text,
        ", ".join(f"{k} {number_text(v)}" for k, v in thresholds.items()),
    )


def _check_section(check: Check) -> str:
    """Renders one check: its severity, owner, reason, and how it is evaluated."""
    used = ", ".join(f"`{name}`" for name in check.rules) or "none"
    advice = f"When it fails: {check.advice}.\n\n" if check.advice else ""
    return (
        f"### {check.name}\n\n"
        f"{check.severity.capitalize()}, level {check.level}, on `{check.table}`. Owner: {check.owner}. "
        f"Rules: {used}.\n\n"
        f"{check.reason}\n\n{advice}"
        f"```sql\n-- each row of\n{check.rows}\n-- must meet\n{check.holds}\n```"
    )


if __name__ == "__main__":
    typer.run(main)
