"""Shocks of what vessels send: false positions of each shape, no positions, and vessels that send nothing."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.errors import BadInputError
from ais_indicators.sources import BRONZE_MESSAGES, inspect, plan, read_chunk
from ais_simulator import Simulation, simulate_weeks
from ais_simulator.evaluation.truth import read_truth
from ais_simulator.hit_truth import HitTruth
from ais_simulator.model import DayAtSea
from ais_simulator.ocean import Ocean
from ais_simulator.ocean.harbours import BY_LOCODE, QUAYS
from ais_simulator.ocean.hits import Hits
from ais_simulator.radio import FORMATS, DayMessages, Format, day_messages, write_day
from ais_simulator.radio.records import NO_LATITUDE, NO_LONGITUDE, STEPS_PER_DEGREE
from ais_simulator.scenario import Scenario
from ais_simulator.sphere import Point, distances_km
from tests.radio_sea import DAY_S, HARWICH, ROTTERDAM, START, Sailing, lying, sea
from tests.subject_rules import SHIP_RULES

SEED = 5
SHIPS = 40
NEAR = {"latitude": 51.95, "longitude": 4.05, "radius_km": 50.0}
LONDON = {"latitude": 51.5, "longitude": 0.0}
CROSSING = [Sailing(start=ROTTERDAM, end=HARWICH, status=0)]
"""Leaves the region `NEAR` after about 6 of the 24 hours."""

SPAN = "from_utc: 2026-01-05T06:00:00Z, to_utc: 2026-01-05T12:00:00Z"
REGION = "region: {latitude: 51, longitude: 4, radius_km: 50}"
POINT = "target: {shape: point, latitude: 51, longitude: 0}"
"""Parts of scenario files."""


def at(hour: float) -> str:
    return datetime.fromtimestamp(START + hour * 3600, UTC).isoformat()


def shock(kind: str, hours: tuple[float, float] = (6, 12), **values: Any) -> dict[str, Any]:
    return {"kind": kind, "from_utc": at(hours[0]), "to_utc": at(hours[1])} | values


def spoofing(hours: tuple[float, float] = (6, 12), **values: Any) -> dict[str, Any]:
    usual = {"region": NEAR, "vessels": 5, "true_share": 0, "target": {"shape": "point"} | LONDON}
    return shock("spoofing", hours, **(usual | values))


def scenario(*shocks: dict[str, Any], **parts: Any) -> Scenario:
    return Scenario.model_validate({"shocks": shocks} | parts)


def shocked(given: Scenario, day: DayAtSea) -> DayAtSea:
    return replace(day, hits=Hits(given, day.fleet, SEED).on_day(START, day.motion))


def harbour(ships: int = SHIPS, **columns: Any) -> DayAtSea:
    """So many vessels at their berths in Rotterdam."""
    return sea([lying() for _ in range(ships)], **columns)


def heard(given: Scenario, day: DayAtSea | None = None) -> DayMessages:
    return day_messages(shocked(given, harbour() if day is None else day), given, 600, SEED)


def changed(messages: DayMessages, true: DayMessages) -> Any:
    """Messages whose place is another than without the shock."""
    assert np.array_equal(messages.positions["sent_s"], true.positions["sent_s"])
    differ = messages.positions["latitude_steps"] != true.positions["latitude_steps"]
    return messages.positions[differ]


def places(records: Any) -> tuple[Any, Any]:
    return records["latitude_steps"] / STEPS_PER_DEGREE, records["longitude_steps"] / STEPS_PER_DEGREE


@pytest.fixture(scope="module")
def true() -> DayMessages:
    return heard(Scenario())


# --- who is hit, and when ------------------------------------------------------------------------------------------


def test_so_many_vessels_are_hit_in_the_time_of_the_shock_alone(true: DayMessages) -> None:
    false = changed(heard(scenario(spoofing())), true)
    assert len(set(false["ship"].tolist())) == 5
    assert false["sent_s"].min() >= 6 * 3600
    assert false["sent_s"].max() < 12 * 3600
    assert false.size == 5 * 6 * 6, "each sends every ten minutes"


def test_the_same_vessels_are_hit_whoever_else_sails() -> None:
    share = spoofing(vessels=None, share=0.4)
    few, many = (
        set(changed(heard(scenario(share), harbour(n)), heard(Scenario(), harbour(n)))["ship"].tolist())
        for n in (20, 40)
    )
    assert few == {ship for ship in many if ship < 20}
    assert len(few) in range(4, 13)


def test_another_seed_hits_others() -> None:
    day = harbour()
    hit = [Hits(scenario(spoofing()), day.fleet, seed).on_day(START, day.motion)[0] for seed in (1, 2)]
    assert not np.array_equal(hit[0].vessels, hit[1].vessels)
    assert [one.vessels.sum() for one in hit] == [5, 5]


def test_those_inside_at_the_begin_are_hit_while_they_are_inside() -> None:
    day = sea([CROSSING, lying(), lying(at=HARWICH)])
    false = changed(heard(scenario(spoofing((2, 24), vessels=2)), day), heard(Scenario(), day))
    by_ship = {ship: false["sent_s"][false["ship"] == ship] for ship in (0, 1, 2)}
    assert by_ship[1].max() > 23 * 3600
    assert by_ship[2].size == 0, "it was never inside"
    assert 2 * 3600 < by_ship[0].max() < 8 * 3600, "it has sailed 50 km"


@pytest.mark.parametrize(("includes_arrivals", "is_hit"), [(True, True), (False, False)])
def test_vessels_that_sail_in_are_hit_if_the_scenario_says_so(includes_arrivals: bool, is_hit: bool) -> None:
    day = sea([[Sailing(start=HARWICH, end=ROTTERDAM, status=0)]])
    given = scenario(spoofing((2, 24), vessels=None, share=1, includes_arrivals=includes_arrivals))
    assert (changed(heard(given, day), heard(Scenario(), day)).size > 0) is is_hit


def test_a_region_with_fewer_vessels_than_asked_for_is_refused() -> None:
    with pytest.raises(
        BadInputError, match="to hit 41 vessels, and at 2026-01-05 06:00 UTC its region holds 40"
    ):
        heard(scenario(spoofing(vessels=41)))


def test_the_choice_holds_on_later_days() -> None:
    given, day = scenario(spoofing((6, 48))), harbour()
    hits = Hits(given, day.fleet, SEED)
    first, second = (hits.on_day(START + n * DAY_S, day.motion) for n in (0, 1))
    assert np.array_equal(first[0].vessels, second[0].vessels)
    assert hits.on_day(START + 2 * DAY_S, day.motion) == ()


def test_some_messages_between_have_the_true_position(true: DayMessages) -> None:
    all_false, some = (changed(heard(scenario(spoofing(vessels=40, true_share=x))), true) for x in (0, 0.25))
    assert 0.7 < some.size / all_false.size < 0.8


def test_reception_is_by_the_true_place() -> None:
    coast = harbour(stations=[(*ROTTERDAM, 60.0)])
    london = {"shape": "point", "latitude": -40.0, "longitude": 0.0}
    heard_of = [
        heard(scenario(*shocks, coverage="receivers"), coast)
        for shocks in ((), (spoofing(target=london, vessels=40),))
    ]
    assert changed(heard_of[1], heard_of[0]).size == 40 * 6 * 6


def test_static_messages_go_on(true: DayMessages) -> None:
    assert np.array_equal(heard(scenario(spoofing(vessels=40))).statics, true.statics)


# --- where they are shown ------------------------------------------------------------------------------------------


def shown(target: dict[str, Any], true: DayMessages) -> Any:
    return changed(heard(scenario(spoofing(vessels=40, target=target))), true)


def test_a_point_holds_all_within_metres_at_rest_or_at_any_speed(true: DayMessages) -> None:
    false = shown({"shape": "point"} | LONDON, true)
    assert distances_km(Point(51.5, 0.0), *places(false)).max() < 0.02
    fastest = {ship: false["sog_tenths"][false["ship"] == ship].max() for ship in range(40)}
    assert {speed <= 1 for speed in fastest.values()} == {True, False}


def test_a_circle_is_sailed_at_the_speed_that_is_sent(true: DayMessages) -> None:
    false = shown({"shape": "circle", "radius_km": 5, "knots": [6, 6]} | LONDON, true)
    km = distances_km(Point(51.5, 0.0), *places(false))
    assert (km.min() > 4.95, km.max() < 5.05) == (True, True)
    assert set(false["sog_tenths"].tolist()) == {60}
    own = false[false["ship"] == 3]
    latitude, longitude = places(own)
    steps = [
        distances_km(Point(latitude[n], longitude[n]), latitude[n + 1 : n + 2], longitude[n + 1 : n + 2])[0]
        for n in range(own.size - 1)
    ]
    assert np.allclose(steps, 6 * 1.852 / 6, atol=0.06), "km in ten minutes, along the chord"
    north = np.diff(latitude) > 0
    assert np.array_equal(north, (own["cog_tenths"][:-1] + 106 < 900) | (own["cog_tenths"][:-1] + 106 > 2700))


def test_a_port_holds_them_at_berths_at_rest(true: DayMessages) -> None:
    false = shown({"shape": "port", "port_locode": "GBFXT"}, true)
    near, far, left, right = QUAYS["dry"]
    ends = [BY_LOCODE["GBFXT"].at((near + far) / 2, side) for side in (left, right)]
    middle = BY_LOCODE["GBFXT"].at((near + far) / 2, (left + right) / 2)
    reach = distances_km(Point(*middle), *(np.array(axis) for axis in zip(*ends, strict=True))).max()
    assert distances_km(Point(*middle), *places(false)).max() < reach
    assert set(false["sog_tenths"].tolist()) <= {0, 1}
    assert len({round(x, 3) for x in places(false)[0]}) > 5, "not all at one berth"


def test_an_airport_has_them_drift_by_some_hundred_metres(true: DayMessages) -> None:
    false = shown({"shape": "airport"} | LONDON, true)
    km = distances_km(Point(51.5, 0.0), *places(false))
    assert (km.min() > 0.08, km.max() < 0.32) == (True, True)
    assert false["sog_tenths"].max() < 25


def test_a_circle_across_the_date_line_keeps_longitudes_in_range(true: DayMessages) -> None:
    false = shown({"shape": "circle", "latitude": 0, "longitude": 180, "radius_km": 20}, true)
    longitude = places(false)[1]
    assert (longitude.min() < -179, longitude.max() > 179, np.abs(longitude).max() <= 180) == (
        True,
        True,
        True,
    )


# --- no position, and no message -----------------------------------------------------------------------------------


def test_jamming_takes_positions_away_or_out_of_range(true: DayMessages) -> None:
    given = scenario(shock("jamming", region=NEAR, share=0.5, invalid_share=0.2))
    found = heard(given).positions
    inside = (found["sent_s"] >= 6 * 3600) & (found["sent_s"] < 12 * 3600)
    latitude, longitude = places(found[inside])
    is_none = (latitude == NO_LATITUDE / STEPS_PER_DEGREE) & (longitude == NO_LONGITUDE / STEPS_PER_DEGREE)
    is_odd = ((latitude > 90) | (longitude > 180)) & ~is_none
    assert 0.45 < is_none.mean() < 0.55
    assert 0.17 < is_odd.mean() < 0.23
    assert np.array_equal(found[~inside], true.positions[~inside])


@pytest.mark.parametrize("elsewhere", [{"latitude": 0.0, "longitude": 0.0, "radius_km": 100.0}])
def test_jamming_elsewhere_changes_nothing(elsewhere: dict[str, float], true: DayMessages) -> None:
    given = scenario(shock("jamming", region=elsewhere, share=1))
    assert np.array_equal(heard(given).positions, true.positions)


def test_dark_vessels_send_nothing_and_the_others_what_they_always_do(true: DayMessages) -> None:
    messages = heard(scenario(shock("dark", everywhere=True, share=0.5)))
    span = [
        (of["sent_s"] >= 6 * 3600) & (of["sent_s"] < 12 * 3600)
        for of in (messages.positions, messages.statics)
    ]
    heard_still = {*messages.positions["ship"][span[0]].tolist()}
    assert len(heard_still) in range(12, 29)
    assert {*messages.statics["ship"][span[1]].tolist()} == heard_still
    sent, undisturbed = (
        of.positions[np.isin(of.positions["ship"], list(heard_still))] for of in (messages, true)
    )
    assert np.array_equal(sent, undisturbed)


def test_only_a_class_is_dark() -> None:
    classes = np.array(["tanker", "container"] * (SHIPS // 2), object)
    given = scenario(shock("dark", (0, 24), everywhere=True, share=1, vessel_class="tanker"))
    messages = heard(given, harbour(vessel_class=classes))
    assert {*messages.positions["ship"].tolist()} == set(range(1, SHIPS, 2))


def test_vessels_are_dark_inside_a_region_and_heard_again_outside() -> None:
    messages = heard(scenario(shock("dark", (0, 24), region=NEAR, share=1)), sea([CROSSING]))
    assert 4 * 3600 < messages.positions["sent_s"].min() < 8 * 3600


def test_several_shocks_at_once() -> None:
    given = scenario(
        spoofing(vessels=40),
        shock("jamming", region=NEAR, share=0.5),
        shock("dark", everywhere=True, share=0.5),
    )
    messages = heard(given)
    hours = messages.hit_hours
    counts = {n: int(hours["messages"][hours["number"] == n].sum()) for n in range(3)}
    assert sum(counts.values()) == 40 * 6 * 6, "each message has one fate"
    assert {kind: messages.fault_counts[f"positions.{kind}"] for kind in ("spoofing", "jamming", "dark")} == {
        "spoofing": counts[0], "jamming": counts[1], "dark": counts[2]
    }  # fmt: skip


# --- the truth -----------------------------------------------------------------------------------------------------


def truth_of(given: Scenario, day: DayAtSea, folder: Path) -> dict[str, pl.DataFrame]:
    messages = heard(given, day)
    with HitTruth(folder, day.fleet, given) as truth:
        truth.add_day(messages.start_s, messages.hit_hours)
    return {path.stem: pl.read_parquet(path) for path in folder.glob("*.parquet")}


def test_the_truth_has_an_hour_of_each_vessel_at_its_true_place(tmp_path: Path) -> None:
    tables = truth_of(
        scenario(spoofing(), shock("jamming", (20, 21), region=NEAR, share=1)), harbour(), tmp_path
    )
    assert set(tables) == {"interfered_hours"}
    hours = tables["interfered_hours"]
    assert hours.group_by("kind").len().sort("kind").rows() == [("jamming", 40), ("spoofing", 30)]
    assert set(hours["messages"]) == {6}
    assert hours["latitude"].is_between(51.949, 51.951).all()
    row = hours.filter(kind="spoofing").row(0, named=True)
    assert row["vessel"] == f"imo-{9_000_000 + row['mmsi'] - 244_000_001}"
    assert row["hour_utc"] == datetime(2026, 1, 5, 6, tzinfo=UTC)


def test_the_truth_of_dark_hours_counts_what_receivers_would_have_taken(tmp_path: Path) -> None:
    far = lying(at=(10.0, -30.0))
    day = sea([lying(), far], stations=[(*ROTTERDAM, 60.0)], outages=[(0, 8 * 3600, 9 * 3600)])
    given = scenario(shock("dark", everywhere=True, share=1), coverage="receivers")
    hours = truth_of(given, day, tmp_path)["dark_hours"]
    near = hours.filter(pl.col("longitude") > 0)
    assert near["messages"].to_list() == [6, 6, 0, 6, 6, 6], "the station was silent for an hour"
    assert hours.filter(pl.col("longitude") < 0).height == 6


def test_the_truth_of_a_simulation_agrees_with_its_counts_and_is_read_by_the_evaluation(
    tmp_path: Path,
) -> None:
    week = "from_utc: 2026-01-05T00:00:00Z, to_utc: 2026-01-12T00:00:00Z"
    file = tmp_path / "own.yaml"
    file.write_text(
        f"upon: clear\ntraffic: [{{kind: visitors, vessels: 4, stay_hours: [6, 8]}}]\nshocks:\n"
        f"- {{kind: spoofing, {SPAN}, region: {{latitude: 51, longitude: 2, radius_km: 900}}, share: 1, {POINT}}}\n"
        f"- {{kind: dark, from_utc: 2026-01-08T00:00:00Z, to_utc: 2026-01-09T00:00:00Z, share: 1, everywhere: true}}\n"
        f"- {{kind: strait_blocked, gate: dover, {week}}}\n",
        encoding="utf-8",
    )
    made = simulate_weeks(Simulation("2026-W02", 1, 0, 3, "noaa", str(file), 1800), tmp_path / "sea", jobs=1)
    counts = json.loads((made.folder / "truth" / "simulation.json").read_text(encoding="utf-8"))["faults"]
    truth = read_truth(made.folder)
    assert truth.interfered is not None
    assert truth.dark is not None
    assert truth.interfered["messages"].sum() == counts["positions.spoofing"] > 4 * 6
    assert truth.dark["messages"].sum() == counts["positions.dark"] > 4 * 24
    assert set(truth.dark["vessel"]) == {f"imo-{imo}" for imo in truth.calls["imo"].unique()}
    assert truth.blocked.rows() == [
        ("dover", datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))
    ]


@pytest.mark.parametrize("written_as", FORMATS)
def test_every_format_holds_lost_positions(written_as: Format, tmp_path: Path) -> None:
    messages = heard(scenario(shock("jamming", region=NEAR, share=0.5, invalid_share=0.4)))
    path = write_day(messages, written_as, tmp_path)
    rejected: Counter[str] = Counter()
    for chunk in plan(inspect(path, rules=SHIP_RULES), tmp_path / "scratch", rules=SHIP_RULES):
        for block in read_chunk(chunk, SHIP_RULES):
            rejected.update(
                apply_row_rules(
                    block.rows, BRONZE_MESSAGES, datetime(2026, 2, 1, tzinfo=UTC), SHIP_RULES
                ).reasons
            )
    is_out = [reason for reason in rejected if reason.endswith("out_of_range")]
    assert {*is_out} == {"latitude_out_of_range", "longitude_out_of_range"}
    lost = rejected["latitude_not_available"] + sum(rejected[reason] for reason in is_out)
    assert lost == messages.fault_counts["positions.jamming"] > 1200


def test_without_such_shocks_there_is_no_such_truth(tmp_path: Path) -> None:
    closed = shock("port_closed", port_locode="NLRTM")
    assert truth_of(scenario(closed), harbour(2), tmp_path) == {}


def test_an_unknown_port_as_target_is_refused() -> None:
    given = scenario(spoofing(target={"shape": "port", "port_locode": "XXXXX"}))
    with pytest.raises(BadInputError, match="spoofing names XXXXX"):
        Ocean(date(2026, 1, 5), 1, 1, given)
