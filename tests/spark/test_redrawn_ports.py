"""Weeks keep the version of the ports with which they were first folded, until a backfill asks for another."""

from pathlib import Path

from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from tests.messages import (
    FAR_MMSI,
    SILVER,
    assert_same_content,
    content,
    position,
    rectangle_port,
    table,
    write_noaa,
)
from tests.small_lake import (
    ALL_WEEKS,
    CALLERS,
    FAR_HARBOUR,
    HARBOUR,
    LONG_STAY,
    MIDNIGHT,
    SEA,
    W01,
    W52,
    W53,
    WORLD,
    calls_of,
    files_of,
    ingest,
    lies,
    load_ports,
    moments,
    run,
    value,
)

REDRAWN = (rectangle_port("XXNEW", 0.9, 49.9, 1.1, 50.1),)


def versions(lake: Settings) -> dict[str, str]:
    """Version of the ports with which each week was folded."""
    rows = table(lake, "silver.fold_state").select("week", "port_version").unique().rows()
    return {Week.parse(week).plus(-1).name: version for week, version in rows}


def test_a_redrawn_port_changes_no_week_that_was_folded_before(lake: Settings) -> None:
    ingest(lake, *files_of(lake, WORLD))
    run(lake, W52)
    figures = table(lake, "gold.port_activity_weekly", week=W52.name)
    load_ports(lake, REDRAWN, "second")
    run(lake, W52)
    assert versions(lake) == {W52.name: "first"}
    assert table(lake, "gold.port_activity_weekly", week=W52.name).equals(figures)
    run(lake, W53, until="track_vessels")
    assert versions(lake) == {W52.name: "first", W53.name: "second"}
    old, new = calls_of(lake, LONG_STAY)
    assert (old["port_locode"], new["port_locode"]) == ("XXAAA", "XXNEW")
    assert moments(old, "arrived", "departed") == ["12-26 12:00", "12-28 00:00"]
    assert moments(new, "arrived") == ["12-28 00:00"]


def test_a_backfill_that_asks_for_it_takes_the_new_version(lake: Settings) -> None:
    ingest(lake, *files_of(lake, WORLD))
    run(lake, Period(W52, W53), until="track_vessels")
    load_ports(lake, REDRAWN, "second")
    run(lake, Period(W52, W53), port_version="second")
    assert versions(lake) == {W52.name: "second", W53.name: "second"}
    assert {call["port_locode"] for ship in CALLERS for call in calls_of(lake, ship)} == {"XXNEW"}
    assert table(lake, "gold.port_activity_weekly")["port_locode"].unique().sort().to_list() == [
        "XXNEW",
        "_T",
    ]
    assert value(lake, W52, "arrivals", "XXNEW") == 4


def test_weeks_one_by_one_are_the_backfill_when_a_port_is_redrawn_between(
    lake: Settings, tmp_path: Path
) -> None:
    """Two silent ships lie in ports that the new version has no more; one comes back a week before the other."""
    early, later = 366000024, 366000032
    rows = [
        *lies(HARBOUR, "2020-12-26T00:00:00", "2020-12-27T00:00:00", early, 6),
        *lies(FAR_HARBOUR, "2020-12-26T00:00:00", "2020-12-27T00:00:00", later, 6),
        *lies(SEA, "2020-12-29T00:00:00", "2020-12-29T06:00:00", early, 2),
        *lies(SEA, "2021-01-08T00:00:00", "2021-01-08T06:00:00", early, 2),
    ]
    ingest(lake, *files_of(lake, rows))
    run(lake, W52, until="track_vessels")
    assert table(lake, "silver.vessel_classes")["ship_bucket"].n_unique() == 1
    load_ports(lake, (rectangle_port("XXNEW", 10.0, 10.0, 10.1, 10.1),), "second")
    for week in (W53, W01):
        run(lake, week, until="track_vessels")
    one_by_one = content(lake, SILVER)
    late = write_noaa(tmp_path / "late.csv", [position("2020-12-21T00:00:00", 366000099)])
    ingest(lake, late)
    assert run(lake, W01, until="track_vessels")["track_vessels"].period == ALL_WEEKS
    ingest(lake, write_noaa(late, []))
    assert run(lake, W01, until="track_vessels")["track_vessels"].period == ALL_WEEKS
    assert versions(lake) == {W52.name: "first", W53.name: "second", W01.name: "second"}
    assert_same_content(content(lake, SILVER), one_by_one)


def test_areas_count_from_valid_from_to_the_day_before_valid_to(settings: Settings) -> None:
    """The harbour is XXOLD to the end of 27 December and XXNEW from the 28th on; the ship stays over midnight."""
    box = (0.9, 49.9, 1.1, 50.1)
    areas = (
        rectangle_port("XXOLD", *box, valid_to="2020-12-28"),
        rectangle_port("XXNEW", *box, valid_from="2020-12-28"),
    )
    load_ports(settings, areas)
    ingest(settings, *files_of(settings, [row for row in WORLD if row["MMSI"] in (MIDNIGHT, FAR_MMSI)]))
    run(settings, Period(W52, W53))
    shown = [
        (c["port_locode"], c["confidence"], *moments(c, "arrived", "departed"))
        for c in calls_of(settings, MIDNIGHT)
    ]
    assert shown == [("XXOLD", 4, "12-27 20:00", "12-28 00:00"), ("XXNEW", 4, "12-28 00:00", "12-28 06:00")]
    assert value(settings, W52, "arrivals", "XXOLD") == 1
    assert value(settings, W53, "arrivals", "XXNEW") == 1
