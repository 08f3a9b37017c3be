"""DuckDB as an execution engine of Great Expectations: metrics of Arrow tables in memory, without Spark.

SQL decides as it does in the declared checks: null is not a value, and not-a-number is larger than any number, so an
upper bound finds it. GX's own engine for pandas takes not-a-number for a missing value and would let it pass.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NoReturn

import duckdb
import pyarrow as pa

from ais_indicators.checks.great_expectations import (
    ExecutionEngine,
    MetricProvider,
    get_metric_kwargs,
    register_metric,
)
from ais_indicators.checks.model import BATCH

ROWS: Final = "rows_of_release_gate"
"""Name of the rows under check while their table is checked."""

SETTINGS: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "default_null_order": "nulls_first",
    "threads": "1",
}
_NOT_COMPARABLE: Final = (pa.types.is_string, pa.types.is_large_string, pa.types.is_boolean)

Values = Mapping[str, Any]
Condition = tuple[str, list[Any]]
"""SQL of a condition, and the values of its parameters."""


def connect() -> duckdb.DuckDBPyConnection:
    """Opens an empty database in memory, which touches no file and no network."""
    connection = duckdb.connect(":memory:", config=dict(SETTINGS))
    connection.execute("SET TimeZone = 'UTC'")
    return connection


class DuckDbEngine(ExecutionEngine[str]):
    """The rows of one table, and the metrics of them that expectations ask for.

    Attributes:
        rows: The rows.
        connection: Where they are registered as `ROWS`, next to the views that checks read.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
        super().__init__()
        self.connection = connection
        self.rows = rows
        connection.register(ROWS, rows)

    def select(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """Runs a query over `{batch}` and the views; gives its rows."""
        found = self.connection.sql(sql.replace(BATCH, ROWS), params=parameters or [])
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
        return rows

    def count(self, sql: str, parameters: list[Any] | None = None) -> int:
        """Counts the rows that a query gives."""
        return int(self.select(f"SELECT count(*) AS n FROM ({sql})", parameters)[0]["n"])  # noqa: S608

    def get_batch_data_and_markers(self, batch_spec: Any) -> NoReturn:
        """Refuses: the rows are given when the engine is made."""
        raise NotImplementedError

    def _no_row_condition(self, condition: Any) -> NoReturn:
        """Refuses: no expectation of ours has a row condition."""
        raise NotImplementedError

    _comparison_condition_to_filter_clause = _no_row_condition
    _nullity_condition_to_filter_clause = _no_row_condition
    _and_condition_to_filter_clause = _no_row_condition
    _or_condition_to_filter_clause = _no_row_condition


# --- which rows break an expectation about values ------------------------------------------------


def _is_null(_: DuckDbEngine, domain: Values, __: Values) -> Condition:
    return f"{_quoted(domain['column'])} IS NULL", []


def _is_outside(engine: DuckDbEngine, domain: Values, bounds: Values) -> Condition:
    """A value below the minimum or above the maximum; texts have neither."""
    column = domain["column"]
    type_ = engine.rows.schema.field(column).type
    if any(is_type(type_) for is_type in _NOT_COMPARABLE):
        raise TypeError(f"values of type {type_} have no bounds")
    ends = (
        (bounds["min_value"], "<=" if bounds.get("strict_min") else "<"),
        (bounds["max_value"], ">=" if bounds.get("strict_max") else ">"),
    )
    given = [(value, operator) for value, operator in ends if value is not None]
    return " OR ".join(f"{_quoted(column)} {operator} ?" for _, operator in given), [v for v, _ in given]


def _is_not_listed(engine: DuckDbEngine, domain: Values, values: Values) -> Condition:
    sql, parameters = _is_listed(engine, domain, values)
    return f"NOT ({sql})", parameters


def _is_listed(_: DuckDbEngine, domain: Values, values: Values) -> Condition:
    listed = list(values["value_set"])
    return f"{_quoted(domain['column'])} IN ({', '.join('?' * len(listed))})", listed


def _has_another_form(_: DuckDbEngine, domain: Values, values: Values) -> Condition:
    return f"NOT regexp_matches({_quoted(domain['column'])}, ?)", [values["regex"]]


def _is_repeated(_: DuckDbEngine, domain: Values, __: Values) -> Condition:
    column = _quoted(domain["column"])
    return f"{column} IS NOT NULL AND count(*) OVER (PARTITION BY {column}) > 1", []


def _is_repeated_key(_: DuckDbEngine, domain: Values, __: Values) -> Condition:
    columns = ", ".join(_quoted(column) for column in domain["column_list"])
    return f"count(*) OVER (PARTITION BY {columns}) > 1", []


BREAKS: Final[Mapping[str, Callable[[DuckDbEngine, Values, Values], Condition]]] = {
    "column_values.nonnull": _is_null,
    "column_values.between": _is_outside,
    "column_values.in_set": _is_not_listed,
    "column_values.not_in_set": _is_listed,
    "column_values.match_regex": _has_another_form,
    "column_values.unique": _is_repeated,
    "compound_columns.unique": _is_repeated_key,
}
"""By the name of a metric of rows, the condition that a broken row meets; unknown is not broken."""


def _quoted(column: str) -> str:
    return f'"{column}"'


def _broken_count(metric: str, given: Values) -> int:
    engine, condition, parameters = _condition(metric, given)
    return engine.count(_broken_rows(condition), parameters)


def _broken_values(metric: str, given: Values) -> list[Any]:
    """The values that break an expectation, where the result is to show them."""
    if given["runtime_configuration"]["result_format"]["result_format"] != "COMPLETE":
        return []
    engine, condition, parameters = _condition(metric, given)
    domain = given["metric_domain_kwargs"]
    names = domain["column_list"] if "column_list" in domain else [domain["column"]]
    columns = ", ".join(_quoted(name) for name in names)
    rows = engine.select(f"SELECT {columns} FROM ({_broken_rows(condition)})", parameters)  # noqa: S608
    return rows if "column_list" in domain else [row[domain["column"]] for row in rows]


def _condition(metric: str, given: Values) -> tuple[DuckDbEngine, str, list[Any]]:
    engine: DuckDbEngine = given["execution_engine"]
    sql, parameters = BREAKS[metric](engine, given["metric_domain_kwargs"], given["metric_value_kwargs"])
    return engine, sql, parameters


def _broken_rows(condition: str) -> str:
    """SQL of the rows that meet a condition, which may look at other rows; unknown is not met."""
    return f"SELECT * FROM (SELECT *, {condition} AS is_broken FROM {BATCH}) WHERE is_broken"  # noqa: S608


# --- metrics of tables and queries ---------------------------------------------------------------


def _column_types(given: Values) -> list[dict[str, str]]:
    return [{"name": field.name, "type": str(field.type)} for field in given["execution_engine"].rows.schema]


def _columns(given: Values) -> list[str]:
    return list(given["execution_engine"].rows.column_names)


def _row_count(given: Values) -> int:
    return int(given["execution_engine"].rows.num_rows)


def _query_count(given: Values) -> int:
    return int(given["execution_engine"].count(given["metric_value_kwargs"]["unexpected_rows_query"]))


def _query_rows(given: Values) -> list[dict[str, Any]]:
    """The rows that a query finds, where the result is to show them."""
    if given["runtime_configuration"]["result_format"]["result_format"] != "COMPLETE":
        return []
    rows: list[dict[str, Any]] = given["execution_engine"].select(
        given["metric_value_kwargs"]["unexpected_rows_query"]
    )
    return rows


def _nothing(_: Values) -> None:
    """Rows have no index that a reader could use."""


METRICS: Final[Mapping[str, Callable[[Values], Any]]] = {
    "table.column_types": _column_types,
    "table.columns": _columns,
    "table.row_count": _row_count,
    "compound_columns.unique.filtered_row_count": _row_count,
    "unexpected_rows_query.row_count": _query_count,
    "unexpected_rows_query.table": _query_rows,
    **{f"{metric}.unexpected_count": partial(_broken_count, metric) for metric in BREAKS},
    **{f"{metric}.unexpected_values": partial(_broken_values, metric) for metric in BREAKS},
    **{f"{metric}.unexpected_index_list": _nothing for metric in BREAKS},
    **{f"{metric}.unexpected_index_query": _nothing for metric in BREAKS},
}
"""What expectations ask of the engine."""


class DuckDbMetric(MetricProvider):
    """A metric that the engine computes at once, from nothing but the rows."""


def _provider(compute: Callable[[Values], Any]) -> Callable[..., Any]:
    return lambda **given: compute(given)


for _name, _compute in METRICS.items():
    _keys = get_metric_kwargs(_name)
    register_metric(
        metric_name=_name,
        metric_domain_keys=_keys["metric_domain_keys"],
        metric_value_keys=_keys["metric_value_keys"],
        execution_engine=DuckDbEngine,
        metric_class=DuckDbMetric,
        metric_provider=_provider(_compute),
    )
