"""Every code that a release may hold has a name, and every name belongs to a code."""

import pytest

from ais_indicators.contracts.code_names import code_names, decimals_by_unit, named_columns
from ais_indicators.contracts.measures import observed_contract
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.publish.sdmx.components import components_of

CODES: dict[str, set[str]] = {}
for _table in RELEASED_TABLES:
    for _column in observed_contract(_table).columns:
        if _column.one_of:
            CODES.setdefault(_column.name, set()).update(_column.one_of)


@pytest.mark.parametrize("column", sorted(CODES))
def test_the_names_are_of_the_codes_of_the_contracts(column: str) -> None:
    without_total = CODES[column] if column != "vessel_class" else CODES[column] | {"_T"}
    assert set(code_names(column)) == without_total
    assert all(name.strip() for name in code_names(column).values())


def test_units_have_decimals_and_these_a_name() -> None:
    assert set(decimals_by_unit()) == CODES["unit"]
    assert set(decimals_by_unit().values()) == set(code_names("decimals"))


def test_components_have_names() -> None:
    wanted = {part.id for table in RELEASED_TABLES for part in components_of(table)}
    assert set(code_names("component")) == wanted


def test_no_list_is_of_a_column_that_there_is_not() -> None:
    assert set(named_columns()) == {*CODES, "component", "freq", "unit_mult", "decimals"}
