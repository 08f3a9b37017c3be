"""DuckDB as an execution engine of Great Expectations: metrics of Arrow tables in memory, without Spark.

SQL semantics are those of the declared checks: null is not a value, and not-a-number is larger than any number, so an
upper bound finds it. GX's own engine for pandas treats not-a-number as a missing value and would accept it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
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

COUNT: Final = ".unexpected_count"
"""Suffix of the names of metrics that count the rows that break an expectation."""
QUERY: Final = "unexpected_rows_query"
QUERY_COUNT: Final = f"{QUERY}.row_count"
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
    """Opens an empty in-memory database without access to files or network."""
    connection = duckdb.connect(":memory:", config=dict(SETTINGS))
    connection.execute("SET TimeZone = 'UTC'")
    return connection


class DuckDbEngine(ExecutionEngine[str]):
    """Engine for the rows of one table, computing the metrics that expectations need.

    Attributes:
        rows: The rows.
        connection: Connection in which they are registered as `ROWS`, with the views that checks read.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
        super().__init__()
        self.connection = connection
        self.rows = rows
        self._counts: dict[Any, int] = {}
        connection.register(ROWS, rows)

    def select(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """Runs a query over `{batch}` and the views; returns its rows."""
        found = self.connection.sql(sql.replace(BATCH, ROWS), params=parameters or [])
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
        return rows

    def count(self, sql: str, parameters: list[Any] | None = None) -> int:
        """Counts the rows that a query returns."""
        return int(self.select(f"SELECT count(*) AS n FROM ({sql})", parameters)[0]["n"])  # noqa: S608

    def counts(self, sql: str, names: Sequence[Any], parameters: list[Any]) -> dict[Any, int]:
        """Runs a query whose one row has a count for each name."""
        [row] = self.connection.execute(sql.replace(BATCH, ROWS), parameters).fetchall()
        return dict(zip(names, map(int, row), strict=True))

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[Any],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """Computes metrics: all those that count rows by two queries, which take less time than one for each."""
        asked = list(metrics_to_resolve)
        self._counts = _counted_together(self, asked)
        return super().resolve_metrics(asked, metrics, runtime_configuration)

    def counted(self, metric: str, domain: Values, values: Values) -> int | None:
        """Returns the rows that a metric counts, if they were counted together with others."""
        return self._counts.get(_identity(metric, domain, values))

    def get_batch_data_and_markers(self, batch_spec: Any) -> NoReturn:
        """Raises an error: an abstract method of GX that the check never calls; the engine is created with its rows."""
        raise NotImplementedError

    def _no_row_condition(self, condition: Any) -> NoReturn:
        """Raises an error: an abstract method of GX that the check never calls; no expectation has a row condition."""
        raise NotImplementedError

    _comparison_condition_to_filter_clause = _no_row_condition
    _nullity_condition_to_filter_clause = _no_row_condition
    _and_condition_to_filter_clause = _no_row_condition
    _or_condition_to_filter_clause = _no_row_condition


# --- which rows break an expectation about values ------------------------------------------------


def _is_null(_: DuckDbEngine, domain: Values, __: Values) -> Condition:
    return f"{_quoted(domain['column'])} IS NULL", []


def _is_outside(engine: DuckDbEngine, domain: Values, bounds: Values) -> Condition:
    """Builds the condition for a value below the minimum or above the maximum; text has neither."""
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
"""Condition that a broken row meets, by the name of a metric of rows; unknown counts as not broken."""


def _quoted(column: str) -> str:
    return f'"{column}"'


def _broken_count(metric: str, given: Values) -> int:
    engine, condition, parameters = _condition(metric, given)
    domain, values = given["metric_domain_kwargs"], given["metric_value_kwargs"]
    counted = engine.counted(metric + COUNT, domain, values)
    return engine.count(_broken_rows(condition), parameters) if counted is None else counted


def _broken_values(metric: str, given: Values) -> list[Any]:
    """Returns the values that break an expectation, if the result is to show them."""
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
    """Builds the SQL of the rows that meet a condition, which can use other rows; unknown counts as not met."""
    return f"SELECT * FROM (SELECT *, {condition} AS is_broken FROM {BATCH}) WHERE is_broken"  # noqa: S608


# --- counts of several metrics at once -----------------------------------------------------------


def _counted_together(engine: DuckDbEngine, metrics: Sequence[Any]) -> dict[Any, int]:
    """Counts the rows of metrics by one query for conditions and one for queries.

    If a metric of a kind is not valid, none of that kind is counted here: each then fails or succeeds separately.
    """
    counts: dict[Any, int] = {}
    for count in (_count_broken, _count_queries):
        with suppress(duckdb.Error, TypeError, KeyError):
            counts |= count(engine, metrics)
    return counts


def _count_broken(engine: DuckDbEngine, metrics: Sequence[Any]) -> dict[Any, int]:
    found = [
        (_identity_of(metric), BREAKS[name](engine, metric.metric_domain_kwargs, metric.metric_value_kwargs))
        for metric in metrics
        if metric.metric_name.endswith(COUNT) and (name := metric.metric_name.removesuffix(COUNT)) in BREAKS
    ]
    if not found:
        return {}
    conditions = ", ".join(f"{sql} AS is_broken_{n}" for n, (_, (sql, _)) in enumerate(found))
    counts = ", ".join(f"count_if(is_broken_{n})" for n in range(len(found)))
    sql = f"SELECT {counts} FROM (SELECT {conditions} FROM {BATCH})"  # noqa: S608
    return engine.counts(sql, [identity for identity, _ in found], [v for _, (_, vs) in found for v in vs])


def _count_queries(engine: DuckDbEngine, metrics: Sequence[Any]) -> dict[Any, int]:
    found = {_identity_of(m): m.metric_value_kwargs[QUERY] for m in metrics if m.metric_name == QUERY_COUNT}
    if not found:
        return {}
    counts = ", ".join(f"(SELECT count(*) FROM ({query}))" for query in found.values())  # noqa: S608
    return engine.counts(f"SELECT {counts}", list(found), [])


def _identity_of(metric: Any) -> tuple[str, str, str]:
    return _identity(metric.metric_name, metric.metric_domain_kwargs, metric.metric_value_kwargs)


def _identity(metric: str, domain: Values, values: Values) -> tuple[str, str, str]:
    """Identifies a metric within one batch of rows."""
    return metric, repr(dict(domain)), repr(dict(values))


# --- metrics of tables and queries ---------------------------------------------------------------


def _column_types(given: Values) -> list[dict[str, str]]:
    return [{"name": field.name, "type": str(field.type)} for field in given["execution_engine"].rows.schema]


def _columns(given: Values) -> list[str]:
    return list(given["execution_engine"].rows.column_names)


def _row_count(given: Values) -> int:
    return int(given["execution_engine"].rows.num_rows)


def _query_count(given: Values) -> int:
    engine, domain, values = (
        given[name] for name in ("execution_engine", "metric_domain_kwargs", "metric_value_kwargs")
    )
    counted = engine.counted(QUERY_COUNT, domain, values)
    return int(engine.count(values[QUERY]) if counted is None else counted)


def _query_rows(given: Values) -> list[dict[str, Any]]:
    """Returns the rows that a query finds, if the result is to show them."""
    if given["runtime_configuration"]["result_format"]["result_format"] != "COMPLETE":
        return []
    rows: list[dict[str, Any]] = given["execution_engine"].select(given["metric_value_kwargs"][QUERY])
    return rows


def _nothing(_: Values) -> None:
    """Returns nothing: rows have no index that a reader could use."""


METRICS: Final[Mapping[str, Callable[[Values], Any]]] = {
    "table.column_types": _column_types,
    "table.columns": _columns,
    "table.row_count": _row_count,
    "compound_columns.unique.filtered_row_count": _row_count,
    QUERY_COUNT: _query_count,
    "unexpected_rows_query.table": _query_rows,
    **{metric + COUNT: partial(_broken_count, metric) for metric in BREAKS},
    **{f"{metric}.unexpected_values": partial(_broken_values, metric) for metric in BREAKS},
    **{f"{metric}.unexpected_index_list": _nothing for metric in BREAKS},
    **{f"{metric}.unexpected_index_query": _nothing for metric in BREAKS},
}
"""Metrics that expectations request from the engine."""


class DuckDbMetric(MetricProvider):
    """A metric that the engine computes directly from the rows."""


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
