"""The table of quality indicators of a week: each value from a few rows, and unknown values are missing."""

from typing import Any

import polars as pl
import pytest

from ais_indicators.periods import Week
from ais_indicators.transforms.quality import (
    CALL_COLUMNS,
    CLOCK_SCHEMA,
    UNITS,
    QualitySources,
    quality_of_week,
)
from tests.subject_rules import SHIP_RULES

WEEK = Week.parse("2026-W47")
EMPTY: dict[str, pl.DataFrame] = {
    "coverage": pl.DataFrame(
        schema={
            "place_kind": pl.String,
            "place_code": pl.String,
            "coverage_index": pl.Float64,
            "usual_arrivals": pl.Float64,
            "outage_hours": pl.Int64,
            "unclear_hours": pl.Int64,
            "vessels_by_calls": pl.Int64,
            "vessels_stationary": pl.Int64,
        }
    ),
    "reports": pl.DataFrame(schema={"mmsi": pl.Int64, "is_valid_imo": pl.Boolean}),
    "calls": pl.DataFrame(
        schema=dict.fromkeys(CALL_COLUMNS, pl.String) | {"arrival_is_estimated": pl.Boolean}
    ),
    "matches": pl.DataFrame(schema={"register_match": pl.String, "vessels": pl.Int64}),
    "voyages": pl.DataFrame(
        schema={
            "counts_for_trade": pl.Boolean,
            "departure_draught_code": pl.String,
            "arrival_draught_code": pl.String,
        }
    ),
    "activity": pl.DataFrame(
        schema={
            **dict.fromkeys(("port_locode", "vessel_class", "indicator", "adjustment"), pl.String),
            "value": pl.Float64,
            "obs_status": pl.String,
        }
    ),
    "clocks": pl.DataFrame(schema=CLOCK_SCHEMA),
    "flows": pl.DataFrame(
        schema={
            **dict.fromkeys(("reporter_level", "vessel_class", "direction", "indicator"), pl.String),
            "imputed_share": pl.Float64,
            "obs_status": pl.String,
        }
    ),
}


def rows_of_quality(
    messages: int = 0, before: tuple[int, ...] = (), **tables: list[dict[str, Any]]
) -> pl.DataFrame:
    """Indicators of a week with these rows."""
    given = {name: pl.DataFrame(tables.get(name, []), schema=rows.schema) for name, rows in EMPTY.items()}
    return quality_of_week(
        QualitySources(messages=messages, messages_before=before, **given), WEEK, SHIP_RULES
    )


def quality(
    messages: int = 0, before: tuple[int, ...] = (), **tables: list[dict[str, Any]]
) -> dict[str, float | None]:
    """Values by indicator of a week with these rows."""
    found = rows_of_quality(messages, before, **tables)
    assert dict(found.select("indicator", "unit").rows()) == UNITS
    missing = found.filter(pl.col("value").is_null())
    assert set(missing["obs_status"]) <= {"O", "M"}
    return dict(found.select("indicator", "value").rows())


@pytest.mark.parametrize(("weeks", "ratio"), [(3, None), (4, 0.5)])
def test_messages_are_held_against_the_usual_once_there_is_a_baseline(
    weeks: int, ratio: float | None
) -> None:
    found = quality(700, (1400,) * weeks)
    assert (found["messages_per_day"], found["messages_to_usual"]) == (100, ratio)


def port(
    code: str, index: float | None, usual: float | None, out: int = 0, calls: int = 0, still: int = 0
) -> dict[str, Any]:
    return {
        "place_kind": "port", "place_code": code, "coverage_index": index, "usual_arrivals": usual,
        "outage_hours": out, "unclear_hours": 1, "vessels_by_calls": calls, "vessels_stationary": still,
    }  # fmt: skip


def test_ports_are_counted_by_their_index_where_ships_are_usual() -> None:
    ports = [
        port("A", 0.899, 5.0, 17),
        port("B", 0.9, 5.0),
        port("C", 0.5, 5.0, 84),
        port("D", 0.499, 5.0, 85),
        port("E", 0.1, 0.0, 150),
        port("F", None, 5.0),
    ]
    everywhere = port("_T", 0.7, 25.0) | {"place_kind": "all", "outage_hours": 336, "unclear_hours": 6}
    found = quality(coverage=[*ports, everywhere])
    assert found["coverage_index"] == 0.7
    assert (found["ports_without_figure"], found["ports_of_low_reliability"]) == (1, 2)
    assert (found["outage_port_hours"], found["unclear_port_hours"]) == (336, 6)


def test_the_two_counts_of_ships_are_held_against_each_other() -> None:
    assert quality(coverage=[port("A", 1.0, 5.0, calls=10, still=9)])[
        "count_difference_share"
    ] == pytest.approx(0.1)
    assert quality(coverage=[port("A", 1.0, 5.0)])["count_difference_share"] is None


def test_an_imo_number_counts_once_a_sender_and_once_right() -> None:
    rows = [(1, True), (1, False), (2, False), (3, None), (4, True)]
    reports = [{"mmsi": mmsi, "is_valid_imo": right} for mmsi, right in rows]
    assert quality(reports=reports)["valid_imo_share"] == 0.5


def test_the_share_of_ships_that_the_register_knows() -> None:
    matches = [
        {"register_match": kind, "vessels": ships} for kind, ships in (("imo", 6), ("mmsi", 1), ("none", 3))
    ]
    assert quality(matches=matches)["register_match_share"] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("departure", "arrival", "share"),
    [("reported", "unchanged", 1.0), ("reported", "class_port_mean", 0.0), ("none", "reported", 0.0)],
)
def test_a_draught_is_usable_if_it_was_reported_at_both_ends(
    departure: str, arrival: str, share: float
) -> None:
    voyage = {"counts_for_trade": True, "departure_draught_code": departure, "arrival_draught_code": arrival}
    other = voyage | {"counts_for_trade": False}
    assert quality(voyages=[voyage, other])["usable_draught_share"] == share


def test_of_a_week_of_which_nothing_is_known_nothing_is_said() -> None:
    known = {name for name, value in quality().items() if value is not None}
    assert known == {
        "messages_per_day", "outage_port_hours", "unclear_port_hours", "ports_without_figure",
        "ports_of_low_reliability",
    }  # fmt: skip


@pytest.mark.parametrize(("offset", "stations"), [(30.0, 0), (30.5, 1), (-30.5, 1)])
def test_station_with_a_wrong_clock_is_counted_once(offset: float, stations: int) -> None:
    clocks = [{"station": "north", "clock_offset_seconds": offset}] * 2
    clocks += [{"station": "south", "clock_offset_seconds": 1.0}]
    assert quality(clocks=clocks)["stations_with_wrong_clock"] == stations


def call(vessel_id: str, **columns: Any) -> dict[str, Any]:
    row = {"vessel_id": vessel_id, "event_type": "port_call", "arrival_week": WEEK.name}
    return row | {"arrival_is_estimated": False} | columns


def test_estimated_arrivals_are_a_share_of_the_arrivals_of_the_week() -> None:
    arrived = [call("imo-9134270", arrival_is_estimated=n == 0) for n in range(4)]
    other = call("imo-9134270", arrival_week=WEEK.plus(-1).name, arrival_is_estimated=True)
    assert quality(calls=[*arrived, other])["estimated_arrivals_share"] == 0.25
    assert quality(calls=[other])["estimated_arrivals_share"] is None


def test_arrivals_without_an_imo_number_are_a_share_of_the_arrivals_of_the_week() -> None:
    arrived = [call("imo-9134270"), call("imo-9134270"), call("imo-9074729"), call("mmsi-366053209-WDE5199")]
    others = [
        call("mmsi-366053209", event_type="passage"),
        call("mmsi-366053209", arrival_week=WEEK.plus(-1).name),
        call("mmsi-366053209", arrival_week=None),
    ]
    assert quality(calls=[*arrived, *others])["arrivals_without_imo_share"] == 0.25
    assert quality(calls=others)["arrivals_without_imo_share"] is None
    assert quality(calls=[call("mmsi-366053209")])["arrivals_without_imo_share"] == 1.0


SHARES_OF_EVENTS = {
    *("register_match_share", "valid_imo_share", "arrivals_without_imo_share", "estimated_arrivals_share"),
    *("complete_call_share", "usable_draught_share", "imputed_tonnes_share", "count_difference_share"),
}


@pytest.mark.parametrize(("messages", "void"), [(0, set()), (7, SHARES_OF_EVENTS)])
def test_a_share_of_nothing_cannot_exist_in_a_week_that_was_heard(messages: int, void: set[str]) -> None:
    found = rows_of_quality(messages).filter(pl.col("value").is_null())
    assert set(found.filter(obs_status="M")["indicator"]) == void
    assert {"coverage_index", "messages_to_usual"} <= set(found.filter(obs_status="O")["indicator"])


@pytest.mark.parametrize(("status", "wanted"), [("O", "O"), ("M", "M")])
def test_a_share_of_what_was_not_heard_well_enough_is_missing(status: str, wanted: str) -> None:
    total = {"vessel_class": "_T", "obs_status": status}
    calls = {"port_locode": "_T", "indicator": "share_complete_calls", "adjustment": "N", "value": None}
    tonnes = {"reporter_level": "world", "direction": "import", "indicator": "tonnes", "imputed_share": None}
    found = rows_of_quality(7, activity=[calls | total], flows=[tonnes | total])
    by_name = dict(found.select("indicator", "obs_status").rows())
    assert (by_name["complete_call_share"], by_name["imputed_tonnes_share"]) == (wanted, wanted)
