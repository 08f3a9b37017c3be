"""Tables with a column a measure as observations: which columns are measures, and the status of each."""

import polars as pl
import pytest

from ais_indicators.contracts import measures as module
from ais_indicators.contracts.measures import measures, observed_contract, to_observed
from ais_indicators.contracts.model import Column, Contract, load_contract
from tests.release_lake import ACTIVITY, INTERFERENCE, STATUS, SUPPRESSED, chokepoint, interference, tables


def test_a_table_with_values_is_its_own_observations() -> None:
    rows = pl.DataFrame(tables({ACTIVITY: []})[ACTIVITY])
    assert measures(ACTIVITY) == {}
    assert observed_contract(ACTIVITY) is load_contract(ACTIVITY)
    assert to_observed(rows, ACTIVITY) is rows


def test_coordinates_are_not_measures_and_stay_with_each() -> None:
    rows = to_observed(
        pl.DataFrame(tables({INTERFERENCE: [interference("84426a7ffffffff", "point", 5)]})[INTERFERENCE]),
        INTERFERENCE,
    )
    assert list(measures(INTERFERENCE)) == ["vessels", "vessel_hours", "days"]
    assert observed_contract(INTERFERENCE).key == ("week", "area_code", "kind", "indicator")
    assert rows.select("indicator", "value", "unit", "latitude").rows() == [
        ("days", 2.0, "d", 26.5),
        ("vessel_hours", 30.0, "h", 26.5),
        ("vessels", 5.0, "ships", 26.5),
    ]


@pytest.mark.parametrize(
    ("row", "with_value", "without"),
    [
        ({"usual_transits": None}, ("P", "F"), ("O", "F")),
        ({"usual_transits": None, "obs_status": "U"}, ("U", "F"), ("O", "F")),
        ({"usual_transits": None, "obs_status": "O"}, ("A", "F"), ("O", "F")),
        ({"usual_transits": None, **SUPPRESSED}, ("A", "F"), ("Q", "A")),
    ],
)
def test_a_measure_has_the_status_of_its_row_as_far_as_its_value_lets_it(
    row: dict[str, object], with_value: tuple[str, str], without: tuple[str, str]
) -> None:
    rows = pl.DataFrame(tables({STATUS: [chokepoint("suez", "open", 20.0, **row)]})[STATUS])
    found = {
        name: of
        for name, *of in to_observed(rows, STATUS).select("indicator", "obs_status", "conf_status").rows()
    }
    assert tuple(found["observed_transits"]) == with_value
    assert tuple(found["usual_transits"]) == without
    statuses = observed_contract(STATUS).column("obs_status").one_of
    assert {status for status, _ in found.values()} <= set(statuses)


def test_a_measure_without_a_unit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = (
        Column(name="week", type="string", nullable=False, description="Week."),
        Column(name="things", type="long", description="Things."),
    )
    contract = Contract(table="gold.things", one_row="One.", key=("week",), partition_by=(), columns=columns)
    monkeypatch.setattr(module, "load_contract", lambda _: contract)
    with pytest.raises(ValueError, match=r"gold\.things: things lack a unit"):
        measures("gold.things")
