"""Great Expectations suites, made from a table's contract and from `quality/checks.yaml`.

Importing this module loads Great Expectations, which takes seconds: only `checks.release_check` does so.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ais_indicators.checks.great_expectations import FailureSeverity, UnexpectedRowsExpectation, gx
from ais_indicators.checks.great_expectations import gxe as expectations
from ais_indicators.checks.model import VIEWS_TABLE, Severity, checks_of
from ais_indicators.contracts.model import Column, Contract, RuleReference, bound_value, load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.rules import Rules

gxe: Any = expectations
"""Kinds of expectation; strict typing does not see the package's own re-export."""

NAME: Final = "check_name"
"""Key of an expectation's `meta` that holds its stable name."""

_CONTRACT_SEVERITY: Final[Severity] = "critical"
_LARGEST_NUMBER: Final = sys.float_info.max


class ExpectColumnValuesToBeOfArrowType(gxe.ExpectColumnValuesToBeOfType):  # type: ignore[misc] # has no types
    """Compares the type of a column of an Arrow table, such as `int32` or `timestamp[us, tz=UTC]`."""

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        types = {column["name"]: column["type"] for column in metrics["table.column_types"]}
        found = types[self.column]
        return {"success": found == self.type_, "result": {"observed_value": found}}


def build_suite(table: str, facts: Mapping[str, float], rules: Rules) -> gx.ExpectationSuite:
    """Makes the suite of a table: its contract's checks, then the checks declared for it.

    Args:
        table: `layer.name`.
        facts: The numbers that the table's checks need and its rows do not hold.
        rules: Rules of the lake's subject.

    Raises:
        KeyError: A fact that a check needs is missing.
    """
    declared = declared_expectations(table, facts, rules)
    return gx.ExpectationSuite(name=table, expectations=[*_of_contract(table, rules), *declared])


def _of_contract(table: str, rules: Rules) -> list[Any]:
    """Returns the contract's expectations; the views of the release check have none."""
    return [] if table == VIEWS_TABLE else list(contract_expectations(load_contract(table), rules))


def contract_expectations(contract: Contract, rules: Rules) -> Iterator[Any]:
    """Yields the contract's expectations on the table, then on each column, then on the key."""
    yield gxe.ExpectTableColumnsToMatchSet(
        column_set=list(contract.column_names), exact_match=True, **_named(contract, "columns_present")
    )
    for column in contract.columns:
        yield from _column_expectations(contract, column, rules)
    if contract.key:
        yield _key_expectation(contract)


def declared_expectations(table: str, facts: Mapping[str, float], rules: Rules) -> Iterator[Any]:
    """Yields the checks of `quality/checks.yaml` for a table, each as a query for the rows that break it."""
    for check in checks_of(table):
        yield UnexpectedRowsExpectation(
            unexpected_rows_query=check.failing_query(facts, rules),
            severity=FailureSeverity(check.severity),
            description=f"{check.name}: {check.reason}",
            meta={NAME: check.name},
        )


def _column_expectations(contract: Contract, column: Column, rules: Rules) -> Iterator[Any]:
    """Yields type, presence, range, allowed and forbidden values and form of one column."""
    arrow_type = str(arrow_schema(contract.table).field(column.name).type)
    yield ExpectColumnValuesToBeOfArrowType(
        column=column.name, type_=arrow_type, **_named(contract, f"{column.name}_type")
    )
    if not column.nullable:
        yield gxe.ExpectColumnValuesToNotBeNull(
            column=column.name, **_named(contract, f"{column.name}_not_null")
        )
    bounds = _bounds(column, rules)
    if bounds:
        yield gxe.ExpectColumnValuesToBeBetween(
            column=column.name, **bounds, **_named(contract, f"{column.name}_between")
        )
    if column.or_between is not None:
        yield UnexpectedRowsExpectation(
            unexpected_rows_query=_between_ranges(column, rules),
            **_named(contract, f"{column.name}_between_ranges"),
        )
    yield from _listed_values(contract, column, rules)
    if column.pattern:
        yield gxe.ExpectColumnValuesToMatchRegex(
            column=column.name, regex=column.pattern, **_named(contract, f"{column.name}_pattern")
        )


def _listed_values(contract: Contract, column: Column, rules: Rules) -> Iterator[Any]:
    """Yields the allowed values and the forbidden ones, including sentinels."""
    if column.one_of:
        yield gxe.ExpectColumnValuesToBeInSet(
            column=column.name, value_set=list(column.one_of), **_named(contract, f"{column.name}_one_of")
        )
    not_one_of = column.not_one_of
    listed = not_one_of.resolve(rules) if isinstance(not_one_of, RuleReference) else not_one_of
    forbidden = [*column.not_available, *listed]
    if forbidden:
        yield gxe.ExpectColumnValuesToNotBeInSet(
            column=column.name, value_set=forbidden, **_named(contract, f"{column.name}_not_one_of")
        )


def _bounds(column: Column, rules: Rules) -> dict[str, Any]:
    """Returns the range of a column; a `double` always has one, which not-a-number and the infinities fail.

    SQL treats not-a-number as larger than any number, so an upper bound finds it.
    """
    minimum, maximum = bound_value(column.minimum, rules), bound_value(column.maximum, rules)
    if column.or_between is not None and maximum is not None:
        maximum = max(maximum, bound_value(column.or_between[1], rules) or maximum)
    ends = [bound_value(b, rules) for b in (column.below, column.censored_from)]
    below = min((e for e in ends if e is not None), default=None)
    if column.type == "double":
        minimum = -_LARGEST_NUMBER if minimum is None else minimum
        maximum = _LARGEST_NUMBER if maximum is None and below is None else maximum
    is_strict = below is not None and (maximum is None or below <= maximum)
    bounds = {"min_value": minimum, "max_value": below if is_strict else maximum}
    given = {name: value for name, value in bounds.items() if value is not None}
    return {**given, "strict_max": True} if given and is_strict else given


def _between_ranges(column: Column, rules: Rules) -> str:
    """Selects the rows whose value is above a column's range and below its second one."""
    least, _ = column.or_between or (None, None)
    greatest, least_further = bound_value(column.maximum, rules), bound_value(least, rules)
    return f'SELECT * FROM {{batch}} WHERE "{column.name}" > {greatest:.0f} AND "{column.name}" < {least_further:.0f}'  # noqa: S608


def _key_expectation(contract: Contract) -> Any:
    """Expects that no two rows have the same key."""
    named = _named(contract, "key_unique")
    if len(contract.key) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=contract.key[0], **named)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(contract.key), ignore_row_if="never", **named)


def _named(contract: Contract, name: str) -> dict[str, Any]:
    """Returns severity and stable name of a contract's expectation."""
    return {"severity": _CONTRACT_SEVERITY, "meta": {NAME: f"{contract.table}.{name}"}}
