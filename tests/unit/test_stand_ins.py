"""Which calls' departures stand in for a missing one: like arrival, like size, shrunk towards wider groups."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from ais_indicators.transforms.call_draughts import calls_of_ships, reported_draughts, reports_of_ships
from ais_indicators.transforms.hulls import SIZES, hulls_of
from ais_indicators.transforms.stand_ins import StandIns, with_groups
from ais_indicators.transforms.voyages import voyages_of, week_number
from tests.subject_rules import SHIP_RULES
from tests.unit.test_voyages import ALL, CALL, REPORT, SEEN_UNTIL, call, report

DESIGN_M = 15.0
BALLAST_M, LADEN_M = 8.2, 14.4
Row = dict[str, Any]


def tanker(
    number: int,
    came_m: float | None,
    left_m: float | None,
    *,
    port: str = "PWM",
    week: int = 60,
    **other: Any,
) -> Row:
    """One call of a vessel of its own; without `left_m` its departure draught is missing."""
    return {
        "port_call_id": number, "vessel_id": f"imo-{number}", "vessel_class": "tanker", "port_locode": port,
        "next_port": None, "arrival_draught_m": came_m, "departure_draught_m": left_m, "design_draught_m": DESIGN_M,
        "length_m": 250.0, "week_index": week, "previous_call_id": None, "is_return": False, "is_sure": False,
    } | other  # fmt: skip


def drawn(rows: list[Row], which: int = 0) -> tuple[np.ndarray, float, str]:
    """Draws, mean and code for the call numbered `which`."""
    calls = with_groups(
        pl.DataFrame(rows, infer_schema_length=None).with_columns(
            pl.col("next_port").cast(pl.String),
            pl.col("previous_call_id").cast(pl.Int64),
            pl.col("arrival_draught_m", "departure_draught_m").cast(pl.Float64),
            has_departure=pl.col("departure_draught_m").is_not_null(),
        ),
        SHIP_RULES,
    )
    place = np.flatnonzero((calls["port_call_id"] == which).to_numpy())
    found = StandIns(calls, SHIP_RULES).missing(place, ("port_locode", "next_port"), 1)
    return found.draws_m[0], float(found.value_m[0]), str(found.code[0])


def expected_m(mean_m: float, number: float) -> float:
    """Adds the expectation that a laden vessel unloads to the mean of so many like calls."""
    mass, share = SHIP_RULES.laden_discharge_mass, SHIP_RULES.laden_discharge_share
    prior_m = share * SHIP_RULES.ballast_draught_share * DESIGN_M + (1.0 - share) * LADEN_M
    return float((number * mean_m + mass * prior_m) / (number + mass))


def unloads(numbers: range, **other: Any) -> list[Row]:
    return [tanker(n, LADEN_M, BALLAST_M, **other) for n in numbers]


def loads(numbers: range, **other: Any) -> list[Row]:
    return [tanker(n, BALLAST_M, LADEN_M, **other) for n in numbers]


@pytest.mark.parametrize(("came_m", "left_m"), [(LADEN_M, BALLAST_M), (BALLAST_M, LADEN_M)])
def test_at_a_mixed_port_a_call_leaves_as_those_that_arrived_alike(came_m: float, left_m: float) -> None:
    draws, value, code = drawn([tanker(0, came_m, None), *unloads(range(1, 13)), *loads(range(13, 25))])
    assert code == "class_port_mean"
    if came_m == LADEN_M:
        assert value == pytest.approx(expected_m(left_m, 12.3))
        assert (np.isin(draws.round(2), (BALLAST_M, 8.25, LADEN_M))).all()
        assert (draws < 9).mean() >= 0.9
    else:
        assert value == pytest.approx(left_m)
        assert draws == pytest.approx(left_m)


@pytest.mark.parametrize(("share", "least_m", "most_m"), [(0.75, 8.2, 8.4), (0.74, LADEN_M, LADEN_M)])
def test_laden_begins_at_the_rule(share: float, least_m: float, most_m: float) -> None:
    rows = [tanker(0, share * DESIGN_M, None), *unloads(range(1, 13)), *loads(range(13, 25))]
    assert least_m <= round(drawn(rows)[1], 6) <= most_m


def test_an_unknown_arrival_takes_departures_after_any() -> None:
    draws, value, _ = drawn([tanker(0, None, None), *unloads(range(1, 13)), *loads(range(13, 25))])
    assert value == pytest.approx((BALLAST_M + LADEN_M) / 2)
    assert {round(float(one), 1) for one in draws} == {BALLAST_M, LADEN_M}


def test_other_classes_are_not_split_by_arrival_or_size() -> None:
    rows = [tanker(0, LADEN_M, None), *unloads(range(1, 13)), *loads(range(13, 25), length_m=120.0)]
    value = drawn([row | {"vessel_class": "container"} for row in rows])[1]
    assert value == pytest.approx((BALLAST_M + LADEN_M) / 2)


def test_vessels_of_the_same_length_band_come_first_and_others_shrink_them() -> None:
    small = [tanker(n, LADEN_M, 13.0, length_m=180.0) for n in range(100, 200)]
    many, value, _ = drawn([tanker(0, LADEN_M, None), *unloads(range(1, 41)), *small])
    assert value == pytest.approx(expected_m(BALLAST_M, 40.3))
    assert (many < 9).mean() >= 0.9
    shares = [
        np.mean([(drawn([tanker(n, LADEN_M, None), *unloads(range(1, 1 + own)), *small], n)[0] < 9).mean()
                 for n in range(500, 530)])
        for own in (1, 40)
    ]  # fmt: skip
    assert 0.5 < shares[0] < 0.95 < shares[1]


def test_without_like_arrivals_at_the_port_the_class_elsewhere_is_in() -> None:
    rows = [tanker(0, LADEN_M, None), *loads(range(1, 6)), *unloads(range(6, 12), port="BOS")]
    draws, value, code = drawn(rows)
    assert code == "class_port_mean"
    assert value == pytest.approx(expected_m(BALLAST_M, 0))
    assert (draws < 9).mean() >= 0.75


def test_with_nothing_reported_at_the_port_a_laden_vessel_is_expected_to_unload() -> None:
    rows = [tanker(n, LADEN_M, None) for n in range(100)] + unloads(range(106, 112), port="BOS")
    of_each = [drawn(rows, n) for n in range(100)]
    assert {(code, round(value, 6)) for _, value, code in of_each} == {
        ("expected_discharge", round(expected_m(BALLAST_M, 0), 6))
    }
    stays = np.mean([(draws == LADEN_M).mean() for draws, _, _ in of_each])
    assert stays == pytest.approx(1 - SHIP_RULES.laden_discharge_share, abs=0.03)


@pytest.mark.parametrize(
    "changed", [{"arrival_draught_m": BALLAST_M}, {"arrival_draught_m": None}, {"vessel_class": "container"}]
)
def test_of_other_arrivals_and_classes_nothing_is_expected(changed: Row) -> None:
    draws, value, code = drawn([tanker(0, LADEN_M, None, **changed), *unloads(range(6, 12), port="BOS")])
    assert code == "none"
    assert np.isnan(value)
    assert np.isnan(draws).all()


def test_where_laden_vessels_stay_laden_the_expectation_fades() -> None:
    shares = [
        np.mean([(drawn([tanker(n, LADEN_M, None), *(tanker(m, LADEN_M, 13.5) for m in range(1, 1 + own))], n)[0]
                  < 9).mean() for n in range(500, 530)])
        for own in (1, 8, 60)
    ]  # fmt: skip
    assert shares[0] > 0.5 > shares[1] > shares[2]
    assert shares[2] < 0.1


def test_a_draught_that_the_size_contradicts_is_no_donor() -> None:
    wrong = [tanker(n, 15.3, 9.1, design_draught_m=1.8) for n in range(20, 40)]
    draws, value, _ = drawn([tanker(0, LADEN_M, None), *unloads(range(1, 6)), *wrong])
    assert value == pytest.approx(expected_m(BALLAST_M, 5.3))
    assert np.isin(draws.round(2), (BALLAST_M, 8.25, LADEN_M)).all()


@pytest.mark.parametrize(
    ("week", "code"),
    [(61, "expected_discharge"), (60, "class_port_mean"), (9, "class_port_mean"), (8, "expected_discharge")],
)
def test_donors_are_of_the_52_weeks_that_end_with_the_call(week: int, code: str) -> None:
    assert drawn([tanker(0, LADEN_M, None), *unloads(range(1, 13), week=week)])[2] == code


def test_any_order_of_calls_gives_the_same_draws() -> None:
    rows = [tanker(0, LADEN_M, None), *unloads(range(1, 13)), *loads(range(13, 25))]
    assert (drawn(rows)[0] == drawn(rows[::-1])[0]).all()


HULL = {
    "length_m": 250.0,
    "width_m": 44.0,
    "deadweight_t": 110_000.0,
    "design_draught_m": 15.0,
    "displacement_t": None,
}


def voyages(calls: list[Row], reports: list[Row]) -> pl.DataFrame:
    """Voyages of tankers of one size, by time."""
    found = pl.DataFrame([one | {"vessel_class": "tanker"} for one in calls], schema=CALL)
    ships = reported_draughts(
        calls_of_ships(found, SHIP_RULES),
        reports_of_ships(pl.DataFrame(reports, schema=REPORT), found),
        rules=SHIP_RULES,
    )
    sized = hulls_of(
        ships.with_columns(
            **{name: pl.lit(HULL[name], pl.Float64) for name in SIZES},
            register_match=pl.lit("imo"), week_index=week_number("entered_at_utc"),
        ),
        pl.DataFrame(schema={"vessel_class": pl.String, **dict.fromkeys(SIZES, pl.Float64)}),
     SHIP_RULES,)  # fmt: skip
    rows, _ = voyages_of(sized, *ALL, int(SEEN_UNTIL.timestamp()), rules=SHIP_RULES)
    return rows.filter(pl.col("destination_call_id").is_not_null()).sort("destination_entered_at_utc")


@pytest.mark.parametrize(
    ("silent_days", "code", "onward_m"), [(1.9, "reported", 14.2), (2.1, "expected_discharge", 8.865)]
)
def test_a_draught_first_heard_on_the_way_back_is_not_that_of_the_departure(
    silent_days: float, code: str, onward_m: float
) -> None:
    back = 30 + 24 * silent_days
    calls = [call("PWM", 0, 30), call("PWM", back + 2, back + 30)]
    rows = voyages(calls, [report(14.4, -10, 30), report(14.2, back, back + 40)])
    assert rows["onward_draught_code"][0] == code
    assert rows["onward_draught_m"][0] == pytest.approx(onward_m)
    assert rows["arrival_draught_m"][1] == 14.2
    assert not rows["is_ballast"].any()


@pytest.mark.parametrize(("silent_days", "code"), [(20.9, "reported"), (21.1, "expected_discharge")])
def test_an_ocean_crossing_out_of_reception_keeps_the_departure_draught(
    silent_days: float, code: str
) -> None:
    back = 30 + 24 * silent_days
    rows = voyages(
        [call("PWM", 0, 30), call("BOS", back + 2, back + 30)],
        [report(14.4, -10, 30), report(8.2, back, back + 40)],
    )
    assert rows["onward_draught_code"][0] == code


def test_a_late_report_before_the_silence_is_that_of_the_departure() -> None:
    reports = [report(14.4, -10, 35), report(8.2, 36, 60), report(14.2, 300, 400)]
    rows = voyages([call("PWM", 0, 30), call("PWM", 302, 330)], reports)
    assert rows["onward_draught_m"][0] == 8.2
    assert rows["tonnes_unloaded"][0] > 0.7 * HULL["deadweight_t"]  # type: ignore[operator]
    assert rows["arrival_draught_m"][1] == 14.2


def test_draughts_of_the_way_back_are_no_donors_for_other_vessels() -> None:
    """Five tankers unload; three come back with another laden draught, which must not look like a departure."""
    calls, reports = [], []
    for n in range(6):
        who = {"vessel_id": f"imo-{n}", "mmsi": 366000001 + n, "track_id": n + 1}
        calls.append(call("PWM", 10.0 * n, 10.0 * n + 8, n + 1, **who))
        speaks = {"mmsi": who["mmsi"], "track_id": n + 1}
        reports.append(report(14.4, 10.0 * n - 5, 10.0 * n + 9, **speaks))
        if n in (1, 2):
            reports.append(report(8.2, 10.0 * n + 9.5, 10.0 * n + 20, **speaks))
        elif n:
            calls.append(call("PWM", 300 + 10.0 * n, 308 + 10.0 * n, n + 100, **who))
            reports.append(report(14.0, 299 + 10.0 * n, 309 + 10.0 * n, **speaks))
    first = voyages(calls, reports).filter(destination_call_id=1)
    assert first["onward_draught_m"][0] == pytest.approx(expected_m(8.2, 2.3))
