"""Adds names next to the codes of released tables, for people who read them in a spreadsheet."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from ais_indicators.contracts.code_names import code_names, named_columns
from ais_indicators.contracts.model import Column, load_contract
from ais_indicators.publish.places import ALL_PORTS, WORLD, Places

NAME_SUFFIX: Final = "_name"
_PORT: Final = "port_locode"
_GATE: Final = "gate_code"
_AREAS: Final = ("reporter", "partner")


def add_names(rows: pl.DataFrame, table: str, places: Places) -> pl.DataFrame:
    """Adds a column of names after each column of codes.

    Args:
        rows: Rows of a released table in the columns of its contract.
        table: The table.
        places: Names of ports, countries and chokepoints.

    Returns:
        The rows in their order. A column `vessel_class` is followed by `vessel_class_name`; a code without a name is
        its own name, and a missing code has no name.
    """
    columns: list[pl.Expr] = []
    for column in load_contract(table).columns:
        columns.append(pl.col(column.name))
        if _has_names(column):
            names = _names(column, places, rows[column.name].drop_nulls().unique())
            named = pl.col(column.name).replace(list(names), list(names.values()))
            columns.append(named.alias(f"{column.name}{NAME_SUFFIX}"))
    return rows.select(columns)


def coded_columns(table: str) -> list[str]:
    """Names the columns of a table whose codes have names.

    >>> coded_columns("gold.dark_vessels_weekly")[:1]
    ['vessel_class']
    """
    return [column.name for column in load_contract(table).columns if _has_names(column)]


def list_codes(tables: Mapping[str, pl.DataFrame], places: Places) -> pl.DataFrame:
    """Lists the codes of some released tables with their names.

    Args:
        tables: Rows of each table with its columns of codes, except those that it lacks; only places that occur are
            listed.
        places: Names of ports, countries and chokepoints.

    Returns:
        One row per code of a column: `column`, `code`, `name`. Columns in the order of the tables; codes of a list in
        its order, places by code.
    """
    lists: dict[str, dict[str, str]] = {}
    for table, rows in tables.items():
        for column in filter(_has_names, load_contract(table).columns):
            if column.name not in rows.columns:
                continue
            used = rows[column.name].drop_nulls().unique()
            lists.setdefault(column.name, {}).update(_names(column, places, used))
    for name in {*lists} & {_PORT, _GATE, *_AREAS}:
        lists[name] = dict(sorted(lists[name].items()))
    listed = [(column, code, name) for column, names in lists.items() for code, name in names.items()]
    return pl.DataFrame(
        listed, schema={"column": pl.String, "code": pl.String, "name": pl.String}, orient="row"
    )


def _has_names(column: Column) -> bool:
    """Returns whether the codes of a column have names: a place, or one of a list of `names.yaml`."""
    is_listed = bool(column.one_of) and column.name in named_columns()
    return is_listed or column.name in (_PORT, _GATE, *_AREAS)


def _names(column: Column, places: Places, used: Iterable[str]) -> dict[str, str]:
    """Returns the name of each code: all of a contract's list; places and former codes only if used."""
    if column.name == _PORT:
        return _pick(used, [ALL_PORTS, places.ports])
    if column.name == _GATE:
        return _pick(used, [places.gates])
    if column.name in _AREAS:
        codes = set(used)
        return _pick(
            codes, [WORLD, places.ports, places.country_names(codes - places.ports.keys() - WORLD.keys())]
        )
    names = code_names(column.name)
    former = [code for code in column.renamed_codes if code in set(used)]
    return {code: names.get(column.renamed_codes.get(code, code), code) for code in (*column.one_of, *former)}


def _pick(codes: Iterable[str], lists: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Returns the name of each code from the first list that has it, else the code itself."""
    return {code: next((names[code] for names in lists if code in names), code) for code in codes}
