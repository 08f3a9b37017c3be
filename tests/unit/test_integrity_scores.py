"""Scores of false positions, lost positions, dark vessels and closed straits, from small tables."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from ais_indicators.cli.integrity import show_integrity
from ais_indicators.periods import Period, Week
from ais_simulator.evaluation.integrity import LakeRows, score_integrity
from ais_simulator.evaluation.truth import BLOCKED_SCHEMA, Truth
from tests.builders import utc

W02, W03 = Week.parse("2026-W02"), Week.parse("2026-W03")  # 5 to 18 January
TIME = pl.Datetime("us", "UTC")
HOURS = pl.Schema({"mmsi": pl.Int64(), "hour_utc": TIME})
TRUE_HOURS = pl.Schema({**HOURS, "vessel": pl.String(), "kind": pl.String(), "messages": pl.Int64()})
EVENT = pl.Schema({"mmsi": pl.Int64(), "port_locode": pl.String(), "began": TIME, "ended": TIME})
TRANSIT = pl.Schema(
    {"mmsi": pl.Int64(), "gate_code": pl.String(), "began": TIME, "ended": TIME, "is_counted": pl.Boolean()}
)
VALUE = {"value": pl.Float64(), "obs_status": pl.String()}
SHIP, OTHER = 366000001, 366000002


def at(text: str) -> datetime:
    return utc(f"2026-01-{text}")


def hours(*rows: tuple[int, str]) -> pl.DataFrame:
    return pl.DataFrame([(mmsi, at(text)) for mmsi, text in rows], schema=HOURS, orient="row")


def shocked(*rows: tuple[int, str], kind: str = "spoofing", messages: int = 3) -> pl.DataFrame:
    full = [(mmsi, at(text), f"mmsi-{mmsi}", kind, messages) for mmsi, text in rows]
    return pl.DataFrame(full, schema=TRUE_HOURS, orient="row")


def events(*rows: tuple[int, str, str | None, str | None], schema: pl.Schema = EVENT) -> pl.DataFrame:
    full = [
        (mmsi, place, begin and at(begin), end and at(end), True)[: len(schema)]
        for mmsi, place, begin, end in rows
    ]
    return pl.DataFrame(full, schema=schema, orient="row")


def values(place: str, *rows: tuple[str, str, float | None, str]) -> pl.DataFrame:
    schema = pl.Schema({"week": pl.String(), place: pl.String(), **VALUE})
    return pl.DataFrame(rows, schema=schema, orient="row")


def truth(**parts: Any) -> Truth:
    usual = {
        "calls": events(), "passages": events(), "changes": pl.DataFrame(), "outages": pl.DataFrame(),
        "transits": events(schema=TRANSIT),
    }  # fmt: skip
    return Truth(Period(W02, W03), **(usual | parts))


def lake(**parts: Any) -> LakeRows:
    usual = {
        "calls": events(), "transits": events(schema=TRANSIT).drop("is_counted"), "heard": hours(),
        "rejected": hours(), "arrivals": values("port_locode"), "gate_transits": values("gate_code"),
    }  # fmt: skip
    return LakeRows(**(usual | parts))


def test_affected_hours_that_were_found_and_clean_ones_that_were_rejected() -> None:
    false = shocked((SHIP, "06 10:00"), (SHIP, "06 11:00"), (SHIP, "06 12:00"))
    unheard = shocked((SHIP, "06 13:00"), messages=0)
    found = score_integrity(
        truth(interfered=pl.concat([false, unheard])),
        lake(
            heard=hours((SHIP, "06 09:00"), (SHIP, "06 12:00"), (OTHER, "06 10:00"), (OTHER, "06 11:00")),
            rejected=hours((SHIP, "06 10:00"), (SHIP, "06 11:00"), (OTHER, "06 11:00"), (OTHER, "06 12:00")),
        ),
    )
    assert {name: found["spoofing"][name] for name in ("hours", "found")} == {"hours": 3, "found": 2}
    assert found["clean"] == {"hours": 4, "rejected": 2, "rejected_share": 0.5}


@pytest.mark.parametrize(
    ("call", "false"),
    [
        ((SHIP, "XXAAA", "06 08:00", "06 10:00"), 1),
        ((SHIP, "XXAAA", "06 08:00", "06 09:59"), 0),
        ((SHIP, "XXAAA", "06 11:00", "06 12:00"), 0),
        ((SHIP, "XXAAA", "06 10:59", "06 12:00"), 1),
        ((OTHER, "XXAAA", "06 10:00", "06 11:00"), 0),
        ((SHIP, "XXBBB", "06 10:00", "06 11:00"), 0),
        ((SHIP, "XXCCC", "06 10:00", "06 11:00"), 0),
        ((SHIP, "XXDDD", "06 10:00", "06 11:00"), 1),
    ],
    ids=["ends within the hour", "ends before", "begins after", "begins in it", "of another vessel", "is true",
         "truly passed there", "was there a day before"],
)  # fmt: skip
def test_a_false_call_is_one_where_the_vessel_was_not(call: tuple[int, str, str, str], false: int) -> None:
    given = truth(
        interfered=shocked((SHIP, "06 10:00")),
        calls=events((SHIP, "XXBBB", None, "07 10:00"), (SHIP, "XXDDD", "04 10:00", "05 10:00")),
        passages=events((SHIP, "XXCCC", "06 10:00", "06 10:40")),
    )
    found = score_integrity(given, lake(calls=events(call)))["spoofing"]
    assert found["false_calls"] == false
    assert found["false_places"] == ([call[1]] if false else [])


def test_a_false_transit_is_counted_like_a_call() -> None:
    way = (SHIP, "dover", "06 10:00", "06 12:00")
    given = truth(interfered=shocked((SHIP, "06 10:00")))
    seen = lake(transits=events(way, schema=TRANSIT).drop("is_counted"))
    assert score_integrity(given, seen)["spoofing"]["false_transits"] == 1
    right = replace(given, transits=events(way, schema=TRANSIT))
    assert score_integrity(right, seen)["spoofing"]["false_transits"] == 0


def test_tables_that_the_lake_has_not_are_not_scored() -> None:
    given = truth(interfered=shocked((SHIP, "06 10:00"), kind="jamming"))
    without = score_integrity(given, lake())
    assert without["jamming"]["found"] is None
    assert "the lake has no silver.position_losses" in without["not_scored"]
    assert "spoofing" not in without
    named = pl.DataFrame(
        {"week": ["2026-W02", "2026-W03", "2026-W03"], "kind": ["jamming", "jamming", "point"]}
    )
    found = score_integrity(given, lake(losses=hours((SHIP, "06 10:00")), interference=named))
    assert found["jamming"] == {
        "hours": 1, "found": 1, "found_share": 1.0, "weeks": 1, "weeks_named": 1, "weeks_named_wrongly": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "status", "falls", "marked"),
    [
        (18.0, "P", 1, 0),
        (18.0, "U", 1, 1),
        (None, "O", 1, 1),
        (0.0, "P", 1, 0),
        (19.0, "P", 0, 0),
        (20.0, "P", 0, 0),
    ],
)
def test_a_fall_of_a_tenth_in_a_week_with_dark_vessels_needs_a_mark(
    value: float | None, status: str, falls: int, marked: int
) -> None:
    given = truth(
        dark=shocked((SHIP, "06 10:00"), kind="dark"),
        calls=events(
            *[(SHIP, "XXAAA", "06 10:00", "07 10:00")] * 20, *[(SHIP, "XXAAA", "13 10:00", None)] * 20
        ),
    )
    published = values("port_locode", ("2026-W02", "XXAAA", value, status), ("2026-W03", "XXAAA", 0.0, "P"))
    dark = score_integrity(given, lake(arrivals=published))["dark"]
    assert (dark["falls"], dark["marked"]) == (falls, marked), "the week after has no dark vessels"
    assert [one["place"] for one in dark["unmarked"]] == ["XXAAA"] * (falls - marked)


def test_dark_vessels_are_those_of_twelve_hours() -> None:
    rows = [(SHIP, f"06 {hour:02d}:00") for hour in range(12)] + [
        (OTHER, f"06 {hour:02d}:00") for hour in range(11)
    ]
    given = truth(dark=shocked(*rows, kind="dark"))
    week = pl.DataFrame({"week": ["2026-W02"], "dark_vessels": [3]})
    assert score_integrity(given, lake(dark_vessels=week))["dark"]["vessels_by_week"] == {
        "2026-W02": {"true": 1, "found": 3}
    }
    assert score_integrity(given, lake())["dark"]["vessels_by_week"]["2026-W02"]["found"] is None


def test_a_strait_that_is_blocked_for_a_week_is_closed() -> None:
    blocked = pl.DataFrame([("suez", W02.start, at("14 00:00"))], schema=BLOCKED_SCHEMA, orient="row")
    rows = [
        ("2026-W02", "suez", "closed"), ("2026-W03", "suez", "restricted"), ("2026-W02", "dover", "closed"),
        ("2026-W03", "dover", "open"),
    ]  # fmt: skip
    status = pl.DataFrame(rows, schema=["week", "gate_code", "chokepoint_status"], orient="row")
    assert score_integrity(truth(blocked=blocked), lake(status=status))["status"] == {
        "closed": 1,
        "called_closed": 1,
        "by_week": {"suez 2026-W02": "closed", "suez 2026-W03": "restricted"},
        "called_closed_wrongly": ["dover 2026-W02"],
    }
    assert score_integrity(truth(blocked=blocked), lake())["status"] is None


def test_scores_are_plain_and_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    blocked = pl.DataFrame([("suez", W02.start, W02.end)], schema=BLOCKED_SCHEMA, orient="row")
    given = truth(
        interfered=pl.concat([shocked((SHIP, "06 10:00")), shocked((SHIP, "06 10:00"), kind="jamming")]),
        dark=shocked((SHIP, "06 10:00"), kind="dark"),
        blocked=blocked,
        calls=events(*[(SHIP, "XXBBB", "06 10:00", "07 10:00")] * 20),
    )
    found = score_integrity(
        given,
        lake(
            calls=events((SHIP, "XXAAA", "06 10:00", "06 12:00")),
            arrivals=values("port_locode", ("2026-W02", "XXBBB", 10.0, "P")),
        ),
    )
    show_integrity(json.loads(json.dumps(found)))
    text = capsys.readouterr().out
    for part in (
        "XXAAA",
        "Falls without a mark",
        "XXBBB",
        "not scored: the lake has no gold.dark_vessels_weekly",
    ):
        assert part in text
