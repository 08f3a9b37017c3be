"""The page of the real half year: how official imports become tonnes, and when a target is met."""

import gzip
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely

from ais_indicators.periods import Week
from benchmarks.real_year import (
    IMPORTS,
    by_week,
    covered_share,
    crude,
    imports_t,
    lng_carriers,
    monthly,
    reported_ends,
    spread_t,
    with_oil_berths,
)
from benchmarks.real_year_report import correlation_of, is_met, target_rows, text_of
from benchmarks.real_year_shipments import calls_of, cause_of, section, shipments_of
from tests.unit.test_real_year_causes import crude_call

OTHER = {
    "vessel_id": "mmsi-1", "port_locode": "PRSJU", "calls": 1, "first": "2009-02-03", "week": "2009-W06",
    "types": [], "is_cruise": False,
}  # fmt: skip


def found(share: float = 0.85, others: int = 0, cargo: int = 25) -> dict[str, Any]:
    """Values of three weeks, one of them without static data."""
    each = {
        "vessel_id": "imo-9213296", "stay_hours": 30.0, "arrival_draught_m": 14.0, "onward_draught_m": 13.0,
        "onward_draught_code": "class_port_mean", "payload_arrival_t": 100.0, "tonnes_unloaded": 100.0 * share - 1.0,
        "arrived": "2009-01-20",
    }  # fmt: skip
    oil = [
        {"port": "PORTSMOUTH", "month": 200901 + n, "tonnes": 10.0 * n, "low": 0.0, "high": 10.0 * n + 5.0,
         "calls": n, "missing": 0, "imports_t": 8.0 * n, "calls_each": [], "shipments_each": []}
        for n in range(1, 4)
    ]  # fmt: skip
    counts = {"container": [3, 0, 3], "tanker": [6, 0, 7], "cargo": [cargo, 0, cargo], "cruise": [9, 9, 9]}
    return {
        "weeks": ["2009-W05", "2009-W06", "2009-W09"], "undescribed": ["2009-W06"], "calls": counts, "steps": [],
        "oil": oil, "with_lng": oil, "other": [OTHER | {"is_cruise": True, "types": [60, 70]}] * others + [OTHER],
        "portland": {"calls": 1, "carried_t": 100.0, "landed_t": 100.0 * share, "landed_share": share,
                     "large_calls": 2, "barrels_per_day": 300_000.0, "carried_barrels_per_day": 330_000.0,
                     "is_ballast": 0, "each": [each], "days": 14, "large_each": [crude_call()], "unseen": "unseen"},
        "marks": {"jumps": 0, "clusters": 0, "outages": [], "dark": []},
        "gaps": [{"port": "PORTSMOUTH", "shipments": 25, "calls": 34, "unclassed": 2, "without_hull": 0, "not_trade": 1,
                  "carried_t": 783e3, "unloaded_t": 393e3, "reported": 13, "reported_carried_t": 354e3,
                  "reported_unloaded_t": 146e3}],
        "reported": [{"port": "PORTSMOUTH", "end": "as on arrival", "calls": 3, "payload_arrival_t": 82e3,
                      "tonnes_unloaded": 8e3}],
    }  # fmt: skip


def test_february_does_not_count_and_all_targets_are_met_at_their_limits() -> None:
    assert is_met(found())
    assert [row[3] for row in target_rows(found())] == ["yes"] * 12


@pytest.mark.parametrize(
    ("changed", "missed"),
    [({"share": 0.84}, 5), ({"others": 1}, 4), ({"cargo": 24}, 2), ({"cargo": 29}, 3)],
)
def test_a_missed_target_is_written_plainly(changed: dict[str, Any], missed: int) -> None:
    rows = target_rows(found(**changed))
    assert [place for place, row in enumerate(rows) if row[3] == "**no**"] == [missed]
    assert not is_met(found(**changed))


def test_a_call_that_lands_too_little_is_explained() -> None:
    text = text_of(found(share=0.5, others=1))
    assert "| class_port_mean |  | 29 | yes | 110 | 100 | 49 | no departure draught; arrival draught" in text
    assert "| mmsi-1 | PRSJU | 1 | 2009-02-03 | 60, 70 | first seen while static data are missing |" in text
    assert "- 2 calls: first seen while static data are missing" in text
    assert "2009-W06 have no or few static data" in text
    assert "| Portsmouth | 25 | 34 | 2 | 0 | 1 | 783 | 393 | 13 | 354 | 146 |" in text
    assert "| Portsmouth | as on arrival | 3 | 82 | 8 |" in text
    assert "300 thousand barrels a day (330 if they had landed all of it)" in text
    assert "it would be 309 to 326" in text


def test_correlations_are_those_of_each_port_and_of_all_pooled() -> None:
    row = {"low": 0.0, "high": 99.0, "calls": 1, "missing": 0}
    oil = [
        row | {"port": port, "month": 200901 + n, "tonnes": base + n, "imports_t": base + sign * n}
        for port, base, sign in (("BOSTON", 80.0, 1), ("PROVIDENCE", 10.0, -1))
        for n in range(3)
    ]
    rows = {
        name: (value, met) for name, _, value, met in target_rows(found() | {"oil": oil}) if "correl" in name
    }
    assert rows == {
        "correlation with monthly imports, Boston": ("1.00", "yes"),
        "correlation with monthly imports, Providence": ("-1.00", "**no**"),
        "correlation with monthly imports, ports pooled": ("1.00", "yes"),
    }


def test_boston_has_an_area_of_oil_berths(tmp_path: Path) -> None:
    file = tmp_path / "ports.geojson"
    file.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    (area,) = with_oil_berths(file)["features"]
    berths = shapely.geometry.shape(area["geometry"])
    assert berths.is_valid
    inside = [
        berths.contains(shapely.Point(*one)) for one in ((-71.057, 42.388), (-70.969, 42.236), (-70.9, 42.3))
    ]
    assert inside == [True, True, False]


def test_carriers_of_natural_gas_are_found_by_their_type(tmp_path: Path) -> None:
    file = tmp_path / "types.csv.gz"
    rows = (
        "imo_number,ship_type,fuel_t\n9236420,LNG carrier,1.5\n9247807,Gas carrier,\n9309576,Oil tanker,2\n"
    )
    file.write_bytes(gzip.compress(rows.encode()))
    assert lng_carriers([file, file, tmp_path / "missing.csv.gz"]) == ["imo-9236420"]
    assert lng_carriers([]) == []


def test_without_official_values_there_is_no_correlation() -> None:
    assert correlation_of([]) is None
    assert "not measured" in text_of(found() | {"oil": [], "with_lng": []})


def test_barrels_become_tonnes_by_product() -> None:
    rows = pl.DataFrame(
        {"product": ["Residual Fuel, Over 1.00% Sulfur", "CRUDE"], "thousand_barrels": [6.62, 7.32]}
    )
    assert imports_t(rows) == pytest.approx(2000.0)


@pytest.mark.parametrize(
    ("month", "share"), [(200812, 0.0), (200901, 27 / 31), (200902, 7 / 28), (200903, 1 / 31)]
)
def test_months_are_scaled_to_the_days_of_the_weeks(month: int, share: float) -> None:
    weeks = [Week.parse(f"2009-W{number:02}") for number in (2, 3, 4, 5, 9)]
    assert covered_share(month, weeks) == pytest.approx(share)


def tanker_call(entered: datetime, tonnes: float, **other: Any) -> dict[str, Any]:
    """A tanker's call at Portsmouth, as the report reads it."""
    return {
        "voyage_id": entered.isoformat(), "vessel_id": "imo-1", "vessel_name": "GULF", "deadweight_t": 50_000.0,
        "length_m": 183.0, "destination_locode": "USPSM", "destination_entered_at_utc": entered,
        "counts_for_trade": True, "arrival_draught_m": 11.0, "arrival_draught_code": "reported",
        "onward_draught_m": 7.4, "onward_draught_code": "reported", "payload_arrival_t": 40_000.0,
        "tonnes_unloaded": tonnes, "measurement_sd_t": 0.0, "is_ballast": False, "stay_hours": 30.0,
    } | other  # fmt: skip


@pytest.mark.usefixtures("shared_data")
def test_tonnes_and_imports_leave_out_weeks_without_static_data() -> None:
    weeks = [Week.parse("2009-W05"), Week.parse("2009-W09")]
    tankers = pl.DataFrame(
        [tanker_call(datetime(2009, 2, 4), 1000.0), tanker_call(datetime(2009, 2, 24), 20.0)]
    )
    none = pl.DataFrame(schema={"voyage_id": pl.String, "draw": pl.Int32, "net_load_t": pl.Float64})
    (row,) = [one for one in monthly(tankers, none, weeks) if one["port"] == "PORTSMOUTH"]
    assert (row["month"], row["calls"], row["tonnes"]) == (200902, 1, 20.0)
    of_month = pl.read_csv(IMPORTS).filter(port="PORTSMOUTH", month=200902)
    assert row["imports_t"] == pytest.approx(imports_t(of_month) * 7 / 28)
    assert [one["vessel"] for one in row["calls_each"]] == ["GULF"]


@pytest.mark.usefixtures("shared_data")
@pytest.mark.parametrize(("name", "months"), [("2009-W05", set()), ("2009-W06", {200902})])
def test_months_with_fewer_than_seven_days_are_not_compared(name: str, months: set[int]) -> None:
    week = Week.parse(name)
    tankers = pl.DataFrame(
        [tanker_call(datetime.combine(day, datetime.min.time()), 20.0) for day in week.days]
    )
    none = pl.DataFrame(schema={"voyage_id": pl.String, "draw": pl.Int32, "net_load_t": pl.Float64})
    assert {row["month"] for row in monthly(tankers, none, [week])} == months


@pytest.mark.parametrize(("deadweight_t", "draught_m", "large", "deep"), [
    (80_000.0, 12.0, 1, 1), (79_999.0, 12.0, 0, 1), (80_000.0, 11.9, 1, 0),
])  # fmt: skip
def test_crude_comes_in_large_tankers(deadweight_t: float, draught_m: float, large: int, deep: int) -> None:
    at, port = datetime(2009, 2, 24), {"destination_locode": "USPWM"}
    tankers = pl.DataFrame(
        [
            tanker_call(at, 7_000.0, **port, deadweight_t=deadweight_t, arrival_draught_m=draught_m),
            tanker_call(at, 7_000.0, **port, deadweight_t=1.0, arrival_draught_m=13.0),
            tanker_call(datetime(2009, 2, 20), 9.0, **port, deadweight_t=90_000.0),
        ]
    )  # fmt: skip
    brought = crude(tankers, [Week.parse("2009-W09")])
    assert (brought["large_calls"], brought["calls"]) == (large, deep + 1)
    assert brought["barrels_per_day"] == pytest.approx(large * 7_000.0 * 7.32 / 7)


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"tonnes_unloaded": 36_000.0}, "unloaded what it carried"),
        ({"tonnes_unloaded": 35_999.0}, "the reported departure leaves cargo, or ballast water, on board"),
        ({"onward_draught_m": 10.6}, "the crew typed a departure draught about as deep"),
        ({"onward_draught_m": 10.5}, "the reported departure leaves cargo"),
        ({"onward_draught_code": "class_port_mean"}, "no departure draught was reported"),
        ({"is_ballast": True}, "by its draught it came in ballast"),
        ({"length_m": 59.9}, "a tug that pushes a barge"),
        ({"onward_draught_m": None}, "no draught is known"),
    ],
)
def test_each_call_has_a_cause(changed: dict[str, Any], cause: str) -> None:
    assert cause_of(tanker_call(datetime(2009, 3, 1), 1.0) | changed).startswith(cause)


def test_shipments_are_put_on_the_calls_that_unloaded_most() -> None:
    imports = pl.DataFrame(
        {"product": ["Jet Fuel", "Residual Fuel"], "thousand_barrels": [2 * 77.7, 66.2], "shipments": [2, 1]}
    )
    calls = calls_of(
        pl.DataFrame([tanker_call(datetime(2009, 3, day), tonnes) for day, tonnes in ((1, 12e3), (2, 9e3))]),
        {},
    )
    rows = {row["product"]: row for row in shipments_of(imports, calls)}
    assert rows["Jet Fuel"]["tonnes"] == pytest.approx(20e3)
    assert rows["Jet Fuel"]["rest_t"] + rows["Residual Fuel"]["rest_t"] == pytest.approx(9e3)
    assert sum(row["rest_t"] for row in shipments_of(imports, [])) == pytest.approx(30e3)
    month = {"port": "PORTSMOUTH", "month": 200903, "tonnes": 1.0, "high": 1.0, "imports_t": 2.0, "calls_each": calls,
             "shipments_each": list(rows.values())}  # fmt: skip
    text = section([month, month | {"month": 200904, "high": 2.0}], ())
    assert "### Portsmouth, 200903" in text
    assert "200904" not in text
    assert "9 kt lack a call that unloaded them" in text
    assert "59 kt are read as still on board at departure" in text


def test_reported_departures_are_counted_by_what_they_say() -> None:
    ends = [(10.0, 9.51, 1.0), (7.4, 7.9, 1.0), (10.0, 9.5, 1.0), (10.0, 7.0, 0.0)]
    tankers = pl.DataFrame(
        {
            "destination_locode": ["USPVD"] * 4,
            "arrival_draught_m": [came for came, _, _ in ends],
            "onward_draught_m": [left for _, left, _ in ends],
            "payload_onward_t": [payload for _, _, payload in ends],
            "onward_draught_code": ["reported"] * 4,
            "payload_arrival_t": [5.0] * 4,
            "tonnes_unloaded": [2.0, 0.0, 3.0, 5.0],
        }
    )
    assert [(row["end"], row["calls"], row["tonnes_unloaded"]) for row in reported_ends(tankers)] == [
        ("as on arrival", 1, 2.0),
        ("deeper than on arrival", 1, 0.0),
        ("in ballast", 1, 5.0),
        ("less deep, not down to ballast", 1, 3.0),
    ]


def test_calls_are_counted_in_the_week_of_their_arrival() -> None:
    calls = pl.DataFrame(
        {
            "vessel_class": ["tanker", "tanker", "roro"],
            "port_locode": ["USPWM", "USPWM", "USPWM"],
            "arrived_at_utc": [date(2009, 1, 11), None, date(2009, 1, 5)],
            "first_seen_at_utc": [date(2009, 1, 11), date(2009, 1, 12), date(2009, 1, 5)],
        }
    )
    weeks = [Week.parse("2009-W02"), Week.parse("2009-W03"), Week.parse("2009-W04")]
    assert by_week(calls, weeks, "USPWM", ("tanker",)) == [1, 1, 0]


def test_the_spread_has_measurement_and_draws() -> None:
    part = pl.DataFrame({"voyage_id": ["a", "b"], "measurement_sd_t": [3.0, 4.0]})
    none = pl.DataFrame(schema={"voyage_id": pl.String, "draw": pl.Int32, "net_load_t": pl.Float64})
    draws = pl.DataFrame({"voyage_id": ["a", "a"], "draw": [1, 2], "net_load_t": [-10.0, 10.0]})
    assert spread_t(part, none) == 5.0
    assert spread_t(part, draws) == pytest.approx((25.0 + 1.5 * 50.0) ** 0.5)
