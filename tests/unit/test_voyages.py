"""Port calls and reported draughts to voyages: small tables in, small tables out."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from ais_indicators.transforms.call_draughts import (
    calls_of_ships,
    reported_draughts,
    reports_of_ships,
)
from ais_indicators.transforms.hulls import SIZES, hulls_of
from ais_indicators.transforms.trade_flows import trade_flows
from ais_indicators.transforms.voyages import voyages_of, week_number
from tests.builders import utc
from tests.subject_rules import SHIP_RULES

TIME = pl.Datetime("us", "UTC")
CALL = pl.Schema(
    {
        "port_call_id": pl.Int64(), "mmsi": pl.Int64(), "track_id": pl.Int64(), "vessel_id": pl.String(),
        "port_locode": pl.String(), "first_seen_at_utc": TIME, "arrived_at_utc": TIME, "departed_at_utc": TIME,
        "last_seen_at_utc": TIME, "call_status": pl.String(), "stay_hours": pl.Float64(), "confidence": pl.Int32(),
        "vessel_class": pl.String(), "sailed_at_entry_nm": pl.Float64(), "sailed_at_exit_nm": pl.Float64(),
    }
)  # fmt: skip
REPORT = pl.Schema(
    {
        "mmsi": pl.Int64(), "track_id": pl.Int64(), "imo_number": pl.Int64(), "draught_m": pl.Float64(),
        "first_seen_at_utc": TIME, "last_seen_at_utc": TIME,
    }
)  # fmt: skip
START = utc("2026-01-05 00:00")
SEEN_UNTIL = utc("2026-06-01 00:00")
SHIP = {"length_m": 151.0, "width_m": 24.0, "deadweight_t": 13623.0, "design_draught_m": 8.9}
DISPLACEMENT = 0.73 * 151.0 * 24.0 * 8.9 * 1.025
ALL = (0, 10_000)


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def call(port: str, begin: float, end: float | None, number: int = 0, **other: Any) -> dict[str, Any]:
    """A call from one hour to another of a ship on track 1; without an end it goes on."""
    last = hours(begin + 1 if end is None else end)
    return {
        "port_call_id": number or round(begin * 10) + 1, "mmsi": 366000001, "track_id": 1, "vessel_id": "imo-9134270",
        "port_locode": port, "first_seen_at_utc": hours(begin), "arrived_at_utc": hours(begin),
        "departed_at_utc": None if end is None else last, "last_seen_at_utc": last,
        "call_status": "open" if end is None else "closed", "stay_hours": None if end is None else end - begin,
        "confidence": 4, "vessel_class": "general_cargo",
    } | other  # fmt: skip


def report(draught_m: float, begin: float, end: float, **other: Any) -> dict[str, Any]:
    """Draughts sent from one hour to another."""
    return {
        "mmsi": 366000001, "track_id": 1, "imo_number": None, "draught_m": draught_m,
        "first_seen_at_utc": hours(begin), "last_seen_at_utc": hours(end),
    } | other  # fmt: skip


def voyages(
    calls: list[dict[str, Any]],
    reports: list[dict[str, Any]],
    seen_until: datetime = SEEN_UNTIL,
    **sizes: float | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = pl.DataFrame(calls, schema=CALL)
    ships = reported_draughts(
        calls_of_ships(found, SHIP_RULES),
        reports_of_ships(pl.DataFrame(reports, schema=REPORT), found),
        rules=SHIP_RULES,
    )
    known = SHIP | {"displacement_t": DISPLACEMENT} | sizes
    sized = hulls_of(
        ships.with_columns(
            **{name: pl.lit(known[name], pl.Float64) for name in SIZES},
            register_match=pl.lit("imo"),
            week_index=week_number("entered_at_utc"),
        ),
        pl.DataFrame(schema={"vessel_class": pl.String, **dict.fromkeys(SIZES, pl.Float64)}),
        SHIP_RULES,
    )
    rows, draws = voyages_of(sized, *ALL, int(seen_until.timestamp()), rules=SHIP_RULES)
    by_time = pl.coalesce("destination_entered_at_utc", pl.lit(SEEN_UNTIL))
    return rows.sort("vessel_id", by_time), draws


TWO_CALLS = [call("AAAAA", 0, 20), call("BBBBB", 100, 120)]
TWO_LOADS = [report(6.4, -10, 19), report(8.9, 20, 119), report(6.4, 120, 200)]


def test_a_voyage_leads_from_one_call_to_the_next() -> None:
    rows, _ = voyages(TWO_CALLS, TWO_LOADS)
    assert rows["voyage_id"].to_list() == ["0-1", "1-1001", "1001-0"]
    assert rows["origin_locode"].to_list() == [None, "AAAAA", "BBBBB"]
    assert rows["destination_locode"].to_list() == ["AAAAA", "BBBBB", None]
    assert rows["voyage_status"].to_list() == ["ended", "ended", "lost"]


def test_tonnes_are_those_of_the_golden_ship() -> None:
    rows, draws = voyages(TWO_CALLS, TWO_LOADS)
    assert rows["tonnes_loaded"][0] == pytest.approx(7524.9248, abs=5e-4)
    assert rows["tonnes_unloaded"][1] == pytest.approx(7524.9248, abs=5e-4)
    assert rows["linear_tonnes_unloaded"][1] == pytest.approx(8503.745, abs=5e-4)
    assert rows["departure_draught_code"].to_list() == ["none", "reported", "reported"]
    assert draws.is_empty()


def test_a_voyage_is_open_until_the_ship_can_arrive_no_more() -> None:
    rows, _ = voyages([call("AAAAA", 0, 20), call("BBBBB", 3000, 3020)], [])
    gone = rows.filter(pl.col("destination_call_id").is_null()).sort("origin_left_at_utc")
    assert gone["voyage_status"].to_list() == ["lost", "open"]
    assert rows.filter(destination_locode="BBBBB")["origin_call_id"].to_list() == [None]


def test_a_ship_in_port_has_no_voyage_yet() -> None:
    rows, _ = voyages([call("AAAAA", 0, None)], [])
    assert rows["voyage_id"].to_list() == ["0-1"]


def test_calls_that_a_change_of_number_cut_are_one() -> None:
    halves = [
        call("AAAAA", 0, 10, departed_at_utc=None, call_status="unseen"),
        call("AAAAA", 10, 20, mmsi=366000002, track_id=2, arrived_at_utc=None),
        call("BBBBB", 100, 120, mmsi=366000002, track_id=2),
    ]
    new = {"mmsi": 366000002, "track_id": 2}
    reports = [report(6.4, -10, 9), report(8.9, 19, 119, **new), report(6.4, 120, 200, **new)]
    rows, _ = voyages(halves, reports)
    assert rows["voyage_id"].to_list() == ["0-1", "1-1001", "1001-0"]
    assert rows["tonnes_loaded"][0] == pytest.approx(7524.9248, abs=5e-4)


@pytest.mark.parametrize(
    ("track_id", "entry_nm", "sailed_nm"), [(1, 940.5, 900.0), (2, 940.5, None), (1, None, None)]
)
def test_the_way_sailed_is_known_on_one_track_with_both_ends_seen(
    track_id: int, entry_nm: float | None, sailed_nm: float | None
) -> None:
    rows, _ = voyages(
        [
            call("AAAAA", 0, 20, sailed_at_entry_nm=10.0, sailed_at_exit_nm=40.5),
            call("BBBBB", 100, 120, track_id=track_id, sailed_at_entry_nm=entry_nm, sailed_at_exit_nm=950.0),
        ],
        [],
    )
    assert rows["sailed_distance_nm"].to_list() == [None, sailed_nm, None]


@pytest.mark.parametrize(("age_days", "draught"), [(30.0, 6.4), (30.01, None)])
def test_an_arrival_draught_is_at_most_thirty_days_old(age_days: float, draught: float | None) -> None:
    rows, _ = voyages([call("AAAAA", 0, 20)], [report(6.4, -24 * age_days, -24 * age_days)])
    assert rows["arrival_draught_m"].to_list()[:1] == [draught]


@pytest.mark.parametrize(
    ("stay_hours", "onward_m", "counts"),
    [(5.0, 6.4, True), (4.99, 6.4, False), (4.99, 8.9, True)],
)
def test_calls_of_five_hours_or_with_a_change_count_towards_trade(
    stay_hours: float, onward_m: float, counts: bool
) -> None:
    reports = [report(6.4, -10, stay_hours - 1), report(onward_m, stay_hours, 50)]
    rows, _ = voyages([call("AAAAA", 0, stay_hours)], reports)
    assert rows["counts_for_trade"][0] is counts


@pytest.mark.parametrize(
    ("unseen", "counts"),
    [
        ({}, False),
        ({"arrived_at_utc": None}, True),
        ({"departed_at_utc": None, "call_status": "unseen"}, True),
    ],
)
def test_a_stay_of_which_one_end_was_not_seen_may_have_been_longer(
    unseen: dict[str, Any], counts: bool
) -> None:
    rows, _ = voyages([call("AAAAA", 0, 4.99, stay_hours=None, **unseen)], [report(6.4, -10, 50)])
    assert rows["counts_for_trade"][0] is counts


@pytest.mark.parametrize(("stay_hours", "is_long"), [(60.0, False), (60.1, True)])
def test_stays_over_sixty_hours_are_flagged(stay_hours: float, is_long: bool) -> None:
    rows, _ = voyages([call("AAAAA", 0, stay_hours)], [])
    assert rows["is_long_stay"][0] is is_long


def test_an_unchanged_draught_is_filled_from_the_ships_own_mean_at_the_port() -> None:
    calls = [call("AAAAA", 0, 20), call("BBBBB", 100, 120), call("AAAAA", 200, 220), call("BBBBB", 300, 320)]
    reports = [report(6.4, -10, 19), report(8.9, 20, 119), report(6.4, 120, 400)]
    rows, draws = voyages(calls, reports)
    again = rows.filter(origin_call_id=2001, destination_locode="BBBBB")
    assert again["departure_draught_code"].to_list() == ["own_port_mean"]
    assert again["departure_draught_m"].to_list() == [8.9]
    assert again["arrival_draught_code"].to_list() == ["own_port_mean"]
    assert again["is_imputed"].to_list() == [True]
    assert "own_port_mean" in rows["onward_draught_code"].to_list()
    assert set(draws["voyage_id"].to_list()) <= set(rows["voyage_id"].to_list())


def test_a_class_is_in_where_the_ship_was_never_seen_there() -> None:
    other: dict[str, Any] = {"vessel_id": "imo-9074729", "mmsi": 366000009, "track_id": 9}
    speaks = {"mmsi": 366000009, "track_id": 9}
    calls = [*TWO_CALLS, call("AAAAA", 200, 220, **other), call("CCCCC", 300, 320, **other)]
    reports = [*TWO_LOADS, report(6.4, 150, 299, **speaks), report(6.4, 299.5, 400, **speaks)]
    rows, _ = voyages(calls, reports)
    found = rows.filter(vessel_id="imo-9074729", destination_locode="CCCCC")
    assert found["departure_draught_code"].to_list() == ["class_port_mean"]
    assert found["departure_draught_m"][0] == pytest.approx(8.9)


def test_with_nothing_to_stand_in_there_are_no_tonnes() -> None:
    rows, _ = voyages(TWO_CALLS, [])
    assert rows["tonnes_unloaded"].to_list() == [None] * 3
    assert rows["onward_draught_code"].to_list() == ["none", "none", None]


def test_where_nothing_was_known_at_arrival_the_next_arrival_reports() -> None:
    reports = [report(6.4, -1000, -1000), report(6.4, 50, 119), report(8.9, 121, 200)]
    rows, _ = voyages(TWO_CALLS, reports)
    assert rows["arrival_draught_m"][0] is None
    assert rows["onward_draught_code"][0] == "next_arrival"
    assert rows["onward_draught_m"][0] == 6.4


def test_a_ship_without_a_register_gets_usual_ratios_and_says_so() -> None:
    unknown: dict[str, Any] = dict.fromkeys(("deadweight_t", "design_draught_m", "displacement_t"))
    rows, _ = voyages(TWO_CALLS, TWO_LOADS, **unknown)
    assert set(rows["hull_source"].to_list()) == {"ratio"}
    assert rows["tonnes_unloaded"][1] > 0
    without_length, _ = voyages(TWO_CALLS, TWO_LOADS, **unknown, length_m=None, width_m=None)
    assert set(without_length["hull_source"].to_list()) == {"none"}


TANKER: dict[str, Any] = {"vessel_class": "tanker"}


def test_a_tanker_in_ballast_has_unloaded_everything() -> None:
    reports = [report(7.0, -10, 19), report(8.9, 20, 119), report(4.9, 120, 200)]
    rows, _ = voyages([c | TANKER for c in TWO_CALLS], reports)
    assert rows["is_ballast"].to_list() == [False, False, False]
    assert rows["tonnes_unloaded"][1] == pytest.approx(13623.0)


@pytest.mark.parametrize(
    ("left_m", "is_known", "is_unsure"),
    [(5.0, False, False), (6.8, False, True), (8.5, False, False), (6.8, True, False), (5.9, True, False)],
)
def test_near_the_ballast_limit_an_estimated_hull_leaves_open_what_a_register_decides(
    left_m: float, is_known: bool, is_unsure: bool
) -> None:
    unknown: dict[str, Any] = dict.fromkeys(("deadweight_t", "design_draught_m", "displacement_t"))
    reports = [report(7.0, -10, 19), report(9.8, 20, 119), report(left_m, 120, 200)]
    rows, draws = voyages([c | TANKER for c in TWO_CALLS], reports, **({} if is_known else unknown))
    assert rows["onward_draught_code"][1] == "reported"
    assert (rows["imputation_sd_t"][1] > 1.0) == is_unsure
    assert (rows["voyage_id"][1] in draws["voyage_id"]) == is_unsure


def test_a_tanker_that_comes_in_ballast_and_loads_is_in_ballast_at_that_arrival_alone() -> None:
    reports = [report(4.9, -10, 19), report(8.9, 20, 119), report(4.8, 120, 200)]
    rows, _ = voyages([c | TANKER for c in TWO_CALLS], reports)
    assert rows["is_ballast"].to_list() == [True, False, False]
    assert rows["tonnes_loaded"][0] == pytest.approx(13623.0)


def test_a_tanker_that_leaves_in_ballast_with_another_draught_came_with_cargo() -> None:
    reports = [report(8.9, -10, 19), report(5.2, 20, 119), report(4.9, 120, 200)]
    rows, _ = voyages([c | TANKER for c in TWO_CALLS], reports)
    assert rows["is_part_cargo"].to_list() == [False, True, False]
    assert rows["tonnes_unloaded"][1] > 0
    assert rows["payload_departure_t"][1] == rows["payload_arrival_t"][1] == rows["tonnes_unloaded"][1]


def test_what_is_clipped_says_so() -> None:
    rows, _ = voyages(TWO_CALLS, [report(6.4, -10, 19), report(9.4, 20, 119), report(6.4, 120, 200)])
    assert rows["is_clipped"].to_list()[:2] == [True, True]


def test_the_order_of_the_input_changes_nothing() -> None:
    calls = [call("AAAAA", 0, 20), call("BBBBB", 100, 120), call("AAAAA", 200, 220), call("BBBBB", 300, 320)]
    reports = [report(6.4, -10, 19), report(8.9, 20, 119), report(6.4, 120, 400)]
    for one, other in zip(voyages(calls, reports), voyages(calls[::-1], reports[::-1]), strict=True):
        assert one.equals(other)


def flows(calls: list[dict[str, Any]], reports: list[dict[str, Any]]) -> pl.DataFrame:
    rows, draws = voyages(calls, reports)
    placed = rows.with_columns(
        **{f"{end}_country_iso3": pl.col(f"{end}_locode").str.head(3) for end in ("origin", "destination")},
        sea_distance_nm=pl.lit(100.0),
    )
    return trade_flows(placed, draws, is_final=False, rules=SHIP_RULES)


def test_what_one_port_exports_to_another_the_other_imports_from_it() -> None:
    calls = [call("AAAAA", 0, 20), call("BBBBB", 100, 120), call("AAAAA", 200, 220), call("BBBBB", 300, 320)]
    reports = [report(6.4, -10, 19), report(8.9, 20, 119), report(6.4, 120, 400)]
    found = flows(calls, reports).filter(pl.col("partner") != "_T")
    sides = {
        direction: found.filter(direction=direction).drop("direction") for direction in ("import", "export")
    }
    turned = (
        sides["export"].rename({"reporter": "partner", "partner": "reporter"}).select(sides["import"].columns)
    )
    keys = ["reporter_level", "reporter", "partner", "vessel_class", "indicator"]
    assert sides["import"].height > 0
    assert turned.sort(keys).equals(sides["import"].sort(keys))


def test_totals_are_taken_over_the_voyages() -> None:
    found = flows(TWO_CALLS, TWO_LOADS).filter(vessel_class="_T")
    value = {
        (row["reporter"], row["partner"], row["direction"], row["indicator"]): row["value"]
        for row in found.filter(pl.col("reporter_level") != "country").to_dicts()
    }
    assert value["_T", "_T", "import", "ships"] == 1.0
    assert value["BBBBB", "AAAAA", "import", "tonnes"] == pytest.approx(7524.9248, abs=5e-4)
    assert value["AAAAA", "_T", "export", "tonnes"] == pytest.approx(7524.9248, abs=5e-4)
    assert value["BBBBB", "_T", "import", "tonne_miles"] == pytest.approx(752492.48, abs=0.05)


def test_an_interval_holds_its_value_and_grows_with_what_is_filled_in() -> None:
    calls = [call("AAAAA", 0, 20), call("BBBBB", 100, 120), call("AAAAA", 200, 220), call("BBBBB", 300, 320)]
    reports = [report(6.4, -10, 19), report(8.9, 20, 119), report(6.4, 120, 400)]
    tonnes = flows(calls, reports).filter(indicator="tonnes").drop_nulls("value")
    assert (tonnes["interval_low"] <= tonnes["value"]).all()
    assert (tonnes["value"] <= tonnes["interval_high"]).all()
    assert (tonnes["imputed_share"].drop_nulls() > 0).any()


def test_an_unchanged_draught_that_nothing_can_stand_in_for_is_missing_and_not_no_change() -> None:
    rows, _ = voyages(TWO_CALLS, [report(6.4, -10, 200)])
    assert rows["onward_draught_code"][0] == "none"
    assert rows["tonnes_unloaded"][0] is None
    assert rows["tonnes_loaded"][0] is None


@pytest.mark.parametrize(("minutes", "arrival_m"), [(30, 8.9), (31, 6.4)])
def test_a_draught_first_heard_within_half_an_hour_of_the_entry_is_that_of_the_arrival(
    minutes: float, arrival_m: float
) -> None:
    heard = 100 + minutes / 60
    rows, _ = voyages(
        TWO_CALLS, [report(5.0, -10, 19), report(6.4, 20, heard - 0.1), report(8.9, heard, 200)]
    )
    assert rows["arrival_draught_m"].to_list()[:2] == [5.0, arrival_m]


def test_a_draught_of_the_next_entry_is_not_that_of_a_call_which_ended_before() -> None:
    rows, _ = voyages(
        [call("AAAAA", 0, 0.2), call("BBBBB", 100, 120)], [report(6.4, -10, 0.3), report(8.9, 0.4, 200)]
    )
    assert rows["arrival_draught_m"][0] == 6.4
    assert rows["onward_draught_m"][0] == 8.9


def tankers(
    number: int, second_departure_m: float | None, seen_until: datetime = SEEN_UNTIL
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tankers that leave A laden, B as high as in ballast, and C in ballast: so they brought the rest of a cargo to C.

    One more has left B and not yet come to its next port; with a draught it comes to C and leaves with that.
    """
    calls, reports = [], []
    for ship in range(number + 1):
        name: dict[str, Any] = {
            "vessel_id": f"imo-{ship}",
            "mmsi": ship,
            "track_id": 10 + ship,
            "vessel_class": "tanker",
        }
        heard = {"mmsi": ship, "track_id": 10 + ship}
        ports = [("AAAAA", 0, 20), ("BBBBB", 100, 120), ("CCCCC", 160, 170)]
        is_last = ship == number
        if is_last and second_departure_m is None:
            ports = ports[:2]
        calls += [call(port, begin, end, 1000 * ship + begin + 1, **name) for port, begin, end in ports]
        end_m = second_departure_m if is_last and second_departure_m else 4.9
        loads = [(4.9, -10, 19), (8.9, 20, 119), (5.2, 120, 169), (end_m, 170, 300)]
        reports += [report(*load, **heard) for load in (loads[:3] if len(ports) == 2 else loads)]
    return voyages(calls, reports, seen_until)


@pytest.mark.parametrize(("known", "is_drawn"), [(9, False), (10, True)])
def test_cargo_of_a_tanker_whose_next_call_is_ahead_is_drawn_once_ten_calls_reports_how_often_there_is_some(
    known: int, is_drawn: bool
) -> None:
    rows, _ = tankers(known, None, hours(120 + 24))
    to_b = rows.filter(vessel_id=f"imo-{known}", destination_locode="BBBBB")
    assert (to_b["payload_onward_t"][0] > 0) is is_drawn


@pytest.mark.parametrize(("hours_away", "is_drawn"), [(0, True), (47.9, True), (48, False), (2000, False)])
def test_a_tanker_away_for_longer_than_those_with_cargo_took_was_in_ballast(
    hours_away: float, is_drawn: bool
) -> None:
    """The others took 40 h from B to C, one full day; a ship that left the region is not like them."""
    rows, _ = tankers(12, None, hours(120 + hours_away))
    to_b = rows.filter(vessel_id="imo-12", destination_locode="BBBBB")
    assert (to_b["payload_onward_t"][0] > 0) is is_drawn


@pytest.mark.parametrize(("came_m", "has_cargo"), [(5.1, True), (8.9, False)])
def test_a_tanker_that_came_deeper_than_it_left_has_loaded_in_between(came_m: float, has_cargo: bool) -> None:
    """It leaves B as high as in ballast, types another draught at sea, and leaves C in ballast."""
    calls = [call("BBBBB", 0, 20, **TANKER), call("CCCCC", 60, 80, **TANKER)]
    reports = [report(8.9, -10, 19), report(5.2, 20, 40), report(came_m, 50, 79), report(4.9, 80, 200)]
    rows, _ = voyages(calls, reports)
    to_b = rows.filter(destination_locode="BBBBB")
    assert (to_b["payload_onward_t"][0] > 0) is has_cargo


def test_a_tanker_that_went_on_to_load_was_in_ballast() -> None:
    rows, draws = tankers(12, 8.9)
    to_b = rows.filter(vessel_id="imo-12", destination_locode="BBBBB")
    assert to_b["payload_onward_t"].to_list() == [0.0]
    assert to_b["voyage_id"][0] not in draws["voyage_id"].to_list()


def test_an_interval_leaves_room_above_for_voyages_without_tonnes() -> None:
    silent: dict[str, Any] = {"vessel_id": "imo-9", "mmsi": 9, "track_id": 99, "vessel_class": "dry_bulk"}
    known = flows(TWO_CALLS, TWO_LOADS)
    more = flows(
        [*TWO_CALLS, *({**c, **silent, "port_call_id": 900 + n} for n, c in enumerate(TWO_CALLS))], TWO_LOADS
    )
    is_total = (
        (pl.col("reporter") == "BBBBB") & (pl.col("partner") == "AAAAA") & (pl.col("vessel_class") == "_T")
    )
    [without], [with_silent] = (
        of.filter(is_total, indicator="tonnes", direction="import").to_dicts() for of in (known, more)
    )
    assert with_silent["missing_share"] == 0.5
    assert with_silent["value"] == without["value"]
    assert with_silent["interval_low"] == without["interval_low"]
    assert with_silent["standard_error"] == without["standard_error"]
    assert with_silent["interval_high"] > with_silent["value"] + without["value"]


@pytest.mark.parametrize(("begin", "way"), [(49, None), (50, 0.0), (60, 100.0)])
def test_a_way_is_sailed_only_from_a_call_that_has_ended(begin: float, way: float | None) -> None:
    """A short call elsewhere may lie inside one that goes on afterwards: 10 knots since hour 0."""
    calls = [
        call(port, first, last, sailed_at_entry_nm=10.0 * first, sailed_at_exit_nm=10.0 * last)
        for port, first, last in (("AAAAA", 0.0, 50.0), ("BBBBB", begin, begin + 2))
    ]
    rows, _ = voyages(calls, [])
    assert rows.filter(destination_locode="BBBBB")["sailed_distance_nm"].to_list() == [way]
