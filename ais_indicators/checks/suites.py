"""Great Expectations suites, made from a table's contract and from `quality/checks.yaml`.

Importing this module loads Great Expectations, some seconds of work: only `checks.gate` does so.
"""

import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar, Final

import great_expectations as gx
from great_expectations import expectations
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.metadata_types import FailureSeverity

from ais_indicators.checks.model import VIEWS_TABLE, Severity, checks_of
from ais_indicators.contracts.model import Column, Contract, RuleReference, bound_value, load_contract
from ais_indicators.contracts.spark_types import spark_schema

gxe: Any = expectations
"""The kinds of expectation; the package re-exports them in a way that strict typing does not see."""

NAME: Final = "check_name"
"""Key of an expectation's `meta` under which its stable name stands."""

_CONTRACT_SEVERITY: Final[Severity] = "critical"
_LARGEST_NUMBER: Final = sys.float_info.max


class CountOfUnexpectedRows(UnexpectedRowsExpectation):
    """Counts the rows that a query finds and does not fetch them: one question to Spark in place of two."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, Any], *settings: Any, **named_settings: Any) -> Any:
        return super()._validate({**metrics, "unexpected_rows_query.table": []}, *settings, **named_settings)


def build_suite(table: str, facts: Mapping[str, float]) -> gx.ExpectationSuite:
    """Makes the suite of a table: what its contract asks, then the checks declared for it.

    Args:
        table: `layer.name`.
        facts: The numbers that the table's checks need and its rows do not hold.

    Raises:
        KeyError: A fact that a check needs is not given.
    """
    counted = declared_expectations(table, facts, CountOfUnexpectedRows)
    return gx.ExpectationSuite(name=table, expectations=[*_of_contract(table), *counted])


def build_suite_of_failed(
    table: str, facts: Mapping[str, float], failed: Collection[str]
) -> gx.ExpectationSuite:
    """Makes the suite that looks more closely at what failed.

    Args:
        table: `layer.name`.
        facts: As for `build_suite`.
        failed: Names of the checks that failed.
    """
    shown = declared_expectations(table, facts, UnexpectedRowsExpectation)
    wanted = [e for e in (*_of_contract(table), *shown) if e.meta and e.meta[NAME] in failed]
    return gx.ExpectationSuite(name=f"{table} failures", expectations=wanted)


def _of_contract(table: str) -> list[Any]:
    """What the contract asks; the gate's views have none."""
    return [] if table == VIEWS_TABLE else list(contract_expectations(load_contract(table)))


def contract_expectations(contract: Contract) -> Iterator[Any]:
    """What the contract asks of the table, then of each column, then of the key."""
    yield gxe.ExpectTableColumnsToMatchSet(
        column_set=list(contract.column_names), exact_match=True, **_named(contract, "columns_present")
    )
    for column in contract.columns:
        yield from _column_expectations(contract, column)
    if contract.key:
        yield _key_expectation(contract)


def declared_expectations(
    table: str, facts: Mapping[str, float], kind: type[UnexpectedRowsExpectation]
) -> Iterator[Any]:
    """The checks of `quality/checks.yaml` for a table, each as a query for the rows that break it."""
    for check in checks_of(table):
        yield kind(
            unexpected_rows_query=check.failing_query(facts),
            severity=FailureSeverity(check.severity),
            description=f"{check.name}: {check.reason}",
            meta={NAME: check.name},
        )


def _column_expectations(contract: Contract, column: Column) -> Iterator[Any]:
    """Type, presence, range, allowed and forbidden values and form of one column."""
    spark_type = type(spark_schema(contract.table)[column.name].dataType).__name__
    yield gxe.ExpectColumnValuesToBeOfType(
        column=column.name, type_=spark_type, **_named(contract, f"{column.name}_type")
    )
    if not column.nullable:
        yield gxe.ExpectColumnValuesToNotBeNull(
            column=column.name, **_named(contract, f"{column.name}_not_null")
        )
    bounds = _bounds(column)
    if bounds:
        yield gxe.ExpectColumnValuesToBeBetween(
            column=column.name, **bounds, **_named(contract, f"{column.name}_between")
        )
    yield from _listed_values(contract, column)
    if column.pattern:
        yield gxe.ExpectColumnValuesToMatchRegex(
            column=column.name, regex=column.pattern, **_named(contract, f"{column.name}_pattern")
        )


def _listed_values(contract: Contract, column: Column) -> Iterator[Any]:
    """The allowed values and the forbidden ones, sentinels among them."""
    if column.one_of:
        yield gxe.ExpectColumnValuesToBeInSet(
            column=column.name, value_set=list(column.one_of), **_named(contract, f"{column.name}_one_of")
        )
    not_one_of = column.not_one_of
    listed = not_one_of.resolve() if isinstance(not_one_of, RuleReference) else not_one_of
    forbidden = [*column.not_available, *listed]
    if forbidden:
        yield gxe.ExpectColumnValuesToNotBeInSet(
            column=column.name, value_set=forbidden, **_named(contract, f"{column.name}_not_one_of")
        )


def _bounds(column: Column) -> dict[str, Any]:
    """The range of a column; a `double` always has one, which not-a-number and the infinities fail.

    Spark holds not-a-number to be larger than any number, so an upper bound is what finds it.
    """
    minimum, maximum = bound_value(column.minimum), bound_value(column.maximum)
    ends = [bound_value(b) for b in (column.below, column.censored_from)]
    below = min((e for e in ends if e is not None), default=None)
    if column.type == "double":
        minimum = -_LARGEST_NUMBER if minimum is None else minimum
        maximum = _LARGEST_NUMBER if maximum is None and below is None else maximum
    is_strict = below is not None and (maximum is None or below <= maximum)
    bounds = {"min_value": minimum, "max_value": below if is_strict else maximum}
    given = {name: value for name, value in bounds.items() if value is not None}
    return {**given, "strict_max": True} if given and is_strict else given


def _key_expectation(contract: Contract) -> Any:
    """No two rows have the same key."""
    named = _named(contract, "key_unique")
    if len(contract.key) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=contract.key[0], **named)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(contract.key), ignore_row_if="never", **named)


def _named(contract: Contract, name: str) -> dict[str, Any]:
    """Severity and stable name of what a contract asks."""
    return {"severity": _CONTRACT_SEVERITY, "meta": {NAME: f"{contract.table}.{name}"}}
