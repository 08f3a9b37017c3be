"""Roles of the columns of a released table in SDMX: dimensions, the measure, attributes.

The standard's own concepts are used if it has them (SDMX, Content-oriented Guidelines, Annex 1: cross-domain concepts);
any other column is a component of its own name in capitals.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from ais_indicators.contracts.code_names import code_names
from ais_indicators.contracts.measures import observed_contract
from ais_indicators.contracts.model import Column
from ais_indicators.publish.files import RELEASED_TABLES

FREQ: Final = "FREQ"
REF_AREA: Final = "REF_AREA"
COUNTERPART_AREA: Final = "COUNTERPART_AREA"
PORT: Final = "PORT"
CHOKEPOINT: Final = "CHOKEPOINT"
TIME_PERIOD: Final = "TIME_PERIOD"
OBS_VALUE: Final = "OBS_VALUE"
UNIT_MEASURE: Final = "UNIT_MEASURE"
UNIT_MULT: Final = "UNIT_MULT"
DECIMALS: Final = "DECIMALS"

WEEKLY: Final = "W"
UNITS: Final = "0"
TOTAL: Final = "_T"
NOT_KNOWN: Final = "_X"
"""SDMX's code for a place that is not known."""

_STANDARD: Final = {
    "week": TIME_PERIOD,
    "value": OBS_VALUE,
    "unit": UNIT_MEASURE,
    "port_locode": PORT,
    "gate_code": CHOKEPOINT,
    "vessel_class": "VESSEL_TYPE",
    "reporter": REF_AREA,
    "partner": COUNTERPART_AREA,
    "area_code": "AREA",
    "region_code": "REGION",
    "kind": "INTERFERENCE_KIND",
}
PLACES: Final = {
    PORT: "CL_PORT",
    CHOKEPOINT: "CL_CHOKEPOINT",
    REF_AREA: "CL_AREA",
    COUNTERPART_AREA: "CL_AREA",
}
"""Code lists whose codes come from the references, by component."""

_OWN_LISTS: Final = {"ADJUSTMENT": "CL_COVERAGE_ADJUSTMENT"}
"""Code lists that must not be confused with the standard list of the component: they have other adjustments."""

_OWN: Final = {
    FREQ: ("freq", "Frequency of the observations: weekly."),
    REF_AREA: (
        "",
        "Country of the port (ISO 3166-1 alpha-3); `_T` for all ports, `_X` where it is not known.",
    ),
    UNIT_MULT: ("unit_mult", "Power of ten by which values are to be multiplied."),
    DECIMALS: ("decimals", "Decimals that values are shown with; the values themselves are not rounded."),
}
"""Components without a column in the tables: the list of their codes' names, and their meaning."""

_JOINED: Final = ("status_reason",)
"""Columns whose codes of all tables form one list, though no single table has all of them."""

Role = Literal["dimension", "measure", "series", "observation"]


@dataclass(frozen=True)
class Component:
    """One component of a data structure.

    Attributes:
        id: Its identifier.
        role: `dimension`, `measure`, or an attribute of the complete `series` or of each `observation`.
        column: The table's column, None if it follows from others or is constant.
        codes: Name of the column that has its code names, None without a list.
        description: What it holds.
        is_required: Whether every observation has it.
    """

    id: str
    role: Role
    column: Column | None
    codes: str | None
    description: str
    is_required: bool = True


def component_id(column: str) -> str:
    """Returns the component of a column.

    >>> component_id("vessel_class"), component_id("obs_status")
    ('VESSEL_TYPE', 'OBS_STATUS')
    """
    return _STANDARD.get(column, column.upper())


@cache
def components_of(table: str) -> tuple[Component, ...]:
    """Returns the components of a released table: dimensions, time last, the measure, then attributes."""
    contract = observed_contract(table)
    by_role: dict[Role, list[Component]] = {"dimension": [], "measure": [], "series": [], "observation": []}
    by_role["dimension"].append(_own(FREQ, "dimension"))
    if "port_locode" in contract.key:
        by_role["dimension"].append(_own(REF_AREA, "dimension"))
    for column in sorted(contract.columns, key=lambda one: one.name == "week"):
        role = _role(column, contract.key)
        by_role[role].append(_of_column(column, role))
    by_role["series"] += [_own(UNIT_MULT, "series"), _own(DECIMALS, "series")]
    return tuple(one for some in by_role.values() for one in some)


def ids_of(table: str, *roles: Role) -> list[str]:
    """Returns the identifiers of a table's components with some roles, in order."""
    return [one.id for one in components_of(table) if one.role in roles]


def key_ids(table: str) -> list[str]:
    """Returns the identifiers of the dimensions, time last."""
    return ids_of(table, "dimension")


@cache
def code_list_id(component: Component, table: str) -> str | None:
    """Returns the code list of a component; one list for all tables if one table's codes include all others."""
    if component.id in PLACES:
        return PLACES[component.id]
    if component.codes is None:
        return None
    name = _OWN_LISTS.get(component.id, f"CL_{component.id}")
    return name if component.column is None or widest(component.column.name) else f"{name}_{stem(table)}"


@cache
def widest(column: str) -> tuple[str, ...]:
    """Returns the codes of the table whose codes include those of all others; nothing if there is no such table."""
    if column in _JOINED:
        return tuple(code_names(column))
    lists = [
        one.one_of
        for table in RELEASED_TABLES
        for one in observed_contract(table).columns
        if one.name == column and one.one_of
    ]
    longest = max(lists, key=len)
    return longest if all(set(some) <= set(longest) for some in lists) else ()


def stem(table: str) -> str:
    """Returns the identifier of a table's structure and data flow.

    >>> stem("gold.port_activity_weekly")
    'PORT_ACTIVITY'
    """
    return table.partition(".")[2].removesuffix("_weekly").upper()


def _role(column: Column, key: tuple[str, ...]) -> Role:
    if column.name in key:
        return "dimension"
    if column.name == "value":
        return "measure"
    return "series" if column.name == "unit" else "observation"


def _of_column(column: Column, role: Role) -> Component:
    return Component(
        component_id(column.name),
        role,
        column,
        column.name if column.one_of else None,
        column.description,
        not column.nullable,
    )


def _own(name: str, role: Role) -> Component:
    codes, description = _OWN[name]
    return Component(name, role, None, codes or None, description)
