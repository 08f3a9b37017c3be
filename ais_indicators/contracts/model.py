"""Contract of a table: what one row is and what each column can hold.

Declared once in `schemas/<layer>.<table>.yaml`; the Spark and Arrow types, the row rules, the Great Expectations suite
and the documents are all derived from it.
"""

from functools import cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from ais_indicators.repository import find_folder
from ais_indicators.rules import Rules
from ais_indicators.yaml_text import parse_yaml

ColumnType = Literal["long", "integer", "double", "string", "timestamp", "date", "boolean", "binary"]


class RuleReference(BaseModel):
    """Reference to a threshold of `quality/rules.yaml` instead of a number."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rule: str

    def resolve(self, rules: Rules) -> Any:
        """Returns the rule's value."""
        return rules.value(self.rule)


Bound = float | RuleReference | None


class Column(BaseModel):
    """One column of a table.

    Attributes:
        name: Name with its unit.
        type: Logical type.
        description: Meaning of its values.
        unit: Unit of the value.
        nullable: Whether a value can be missing.
        not_available: Sentinel values that mean "missing".
        minimum: Least allowed value.
        maximum: Greatest allowed value.
        or_between: Least and greatest of further values that are allowed.
        below: Every value is strictly less than this.
        censored_from: Values from here on mean "this or more", so they are set to missing and flagged.
        one_of: The allowed values.
        not_one_of: Values that are not allowed.
        pattern: Regular expression that text must match.
        missing_reason: Reason with which a row without the value is rejected.
        reject_reason: Reason with which a row with a value out of bounds is rejected. Without one, the value is set to
            missing and flagged, and the row is kept.
        absent: Value in rows that were written before the table had the column; null without it.
        former_codes: Codes that earlier builds wrote, each with the code that means the same now.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    type: ColumnType
    description: str
    unit: str | None = None
    nullable: bool = True
    not_available: tuple[float, ...] = ()
    minimum: Bound = None
    maximum: Bound = None
    or_between: tuple[Bound, Bound] | None = None
    below: Bound = None
    censored_from: Bound = None
    one_of: tuple[str, ...] = ()
    not_one_of: RuleReference | tuple[float, ...] = ()
    pattern: str | None = None
    missing_reason: str | None = None
    reject_reason: str | None = None
    absent: str | bool | None = None
    former_codes: tuple[tuple[str, str], ...] = ()

    @property
    def renamed_codes(self) -> dict[str, str]:
        """Returns former codes by name."""
        return dict(self.former_codes)

    @property
    def stem(self) -> str:
        """Returns the name without its unit, for flags: `sog` for `sog_knots`."""
        for suffix in ("_knots", "_degrees", "_m", "_utc", "_hours"):
            if self.name.endswith(suffix):
                return self.name.removesuffix(suffix)
        return self.name


class RowRule(BaseModel):
    """A rule over several columns of one row; `contracts.row_rules` holds its test, by reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reason: str
    description: str


class Contract(BaseModel):
    """One table.

    Attributes:
        table: `layer.name`.
        one_row: What one row is.
        key: Columns that name a row; empty if rows can repeat.
        partition_by: Partition columns, outermost first.
        columns: All columns in order, partition columns too.
        row_rules: Rules over several columns.
        ship_buckets: Number of hash buckets of the MMSI, if the table is bucketed by ship.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    table: str
    one_row: str
    key: tuple[str, ...]
    partition_by: tuple[str, ...]
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...] = ()
    ship_buckets: int | None = None

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        names = [c.name for c in self.columns]
        unknown = [n for n in (*self.key, *self.partition_by) if n not in names]
        if unknown or len(set(names)) != len(names):
            raise ValueError(f"{self.table}: unknown or repeated column names {unknown or names}")
        return self

    def column(self, name: str) -> Column:
        """Returns the column of that name.

        Raises:
            KeyError: There is no such column.
        """
        return {c.name: c for c in self.columns}[name]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Returns the names of all columns in order."""
        return tuple(c.name for c in self.columns)


def bound_value(bound: Bound, rules: Rules) -> float | None:
    """Returns the number of a bound, from the contract itself or from a rule."""
    return bound.resolve(rules) if isinstance(bound, RuleReference) else bound


@cache
def load_contract(table: str) -> Contract:
    """Reads the contract of `layer.name`.

    Raises:
        FileNotFoundError: No such table is declared.
    """
    text = (find_folder("schemas") / f"{table}.yaml").read_text(encoding="utf-8")
    return Contract.model_validate(parse_yaml(text))


@cache
def all_tables() -> tuple[str, ...]:
    """Returns the names of all declared tables, sorted."""
    return tuple(sorted(path.stem for path in find_folder("schemas").glob("*.yaml")))
