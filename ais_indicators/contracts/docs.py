"""Renders the contracts as a document for people, `schemas/README.md`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ais_indicators.contracts.model import (
    Bound,
    Column,
    Contract,
    RuleReference,
    all_tables,
    bound_value,
    load_contract,
)
from ais_indicators.rules import Rules

_INTRODUCTION = """# Tables

Every table of the pipeline: what one row is, and what each column may hold. For most questions three are enough:
[`gold.port_activity_weekly`](#goldport_activity_weekly), [`gold.trade_flows_weekly`](#goldtrade_flows_weekly) and
[`gold.chokepoint_transits_weekly`](#goldchokepoint_transits_weekly). The first part of a name is the layer:

- `bronze`: messages as they were delivered; `quarantine`: rows that were not used, with the reasons.
- `silver`: results ship by ship.
- `gold`: indicators, and the record of releases.
- `reference`: ports, gates of chokepoints and ship registers in their versions.
- `ops`: runs, ingested files and results of checks.

Written by `make docs` from the contracts next to it (`<layer>.<table>.yaml`), which are what to edit. Numbers with a
name are rules of [`quality/rules.yaml`](../quality/README.md)."""

_COLUMN_HEADER = ("column", "type", "unit", "values", "description")


def render_schemas(rules: Rules) -> str:
    """Renders all contracts: a list of the tables, then one section each."""
    contracts = [load_contract(table) for table in all_tables()]
    overview = markdown_table(
        ("table", "one row"), ((f"[`{c.table}`](#{_anchor(c)})", c.one_row) for c in contracts)
    )
    return "\n\n".join([_INTRODUCTION, overview, *(_section(c, rules) for c in contracts)]) + "\n"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lays out a Markdown table; a bar inside a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def number_text(value: Any) -> str:
    """Writes a number, or a list or table of them, without a needless `.0`.

    >>> number_text(7.0), number_text([0, 0.5]), number_text({6: "passenger"})
    ('7', '0, 0.5', '6: passenger')
    """
    if isinstance(value, dict):
        return ", ".join(f"{number_text(key)}: {number_text(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(number_text(item) for item in value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _section(contract: Contract, rules: Rules) -> str:
    """Renders one table: its row, key and partitions, its columns, and the rules over several columns."""
    parts = [
        f"## {contract.table}",
        contract.one_row,
        f"Key: {_names(contract.key) or 'none, rows can repeat'}. "
        f"Partitions: {_names(contract.partition_by) or 'none'}.",
        markdown_table(_COLUMN_HEADER, (_column_row(c, rules) for c in contract.columns)),
    ]
    if contract.row_rules:
        reasons = "\n".join(f"- `{r.reason}`: {r.description}" for r in contract.row_rules)
        parts.append(f"Rows are also rejected with these reasons:\n\n{reasons}")
    return "\n\n".join(parts)


def _column_row(column: Column, rules: Rules) -> tuple[str, ...]:
    return (
        f"`{column.name}`",
        column.type,
        column.unit or "",
        "; ".join(_limits(column, rules)),
        column.description,
    )


def _limits(column: Column, rules: Rules) -> Iterator[str]:
    """Describes the values that a column can hold."""
    if not column.nullable:
        yield "never null"
    yield from _ends(column, rules)
    if column.one_of:
        yield "one of " + ", ".join(f"`{value}`" for value in column.one_of)
    if column.not_one_of:
        yield f"none of {_listed(column.not_one_of, rules)}"
    if column.not_available:
        yield f"{number_text(column.not_available)} means missing"
    if column.pattern:
        yield f"matches `{column.pattern}`"
    reasons = dict.fromkeys(r for r in (column.missing_reason, column.reject_reason) if r)
    if reasons:
        yield "else the row is rejected: " + ", ".join(f"`{r}`" for r in reasons)


def _ends(column: Column, rules: Rules) -> Iterator[str]:
    """Describes the ends of a column's range."""
    if column.minimum is not None:
        yield f"at least {_bound(column.minimum, rules)}"
    if column.maximum is not None:
        yield f"at most {_bound(column.maximum, rules)}"
    if column.or_between is not None:
        least, greatest = column.or_between
        yield f"or {_bound(least, rules)} to {_bound(greatest, rules)}"
    if column.below is not None:
        yield f"below {_bound(column.below, rules)}"
    if column.censored_from is not None:
        yield f"{_bound(column.censored_from, rules)} means that or more, taken as missing"


def _bound(bound: Bound, rules: Rules) -> str:
    """Formats the number, with its rule's name if it is a rule."""
    number = number_text(bound_value(bound, rules))
    return f"{number} (`{bound.rule}`)" if isinstance(bound, RuleReference) else number


def _listed(values: RuleReference | tuple[float, ...], rules: Rules) -> str:
    if isinstance(values, RuleReference):
        return f"{number_text(values.resolve(rules))} (`{values.rule}`)"
    return number_text(values)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)


def _anchor(contract: Contract) -> str:
    """Returns the anchor that Markdown renderers give to the table's heading."""
    return contract.table.replace(".", "").lower()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
