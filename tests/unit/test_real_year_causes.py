"""Why crude at Portland and months of oil fall short: reasons of calls, and how much each explains."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from benchmarks.real_year_causes import DOUBT, ON_BOARD, _call_of, _changed_days, summary_of, text_of_portland
from benchmarks.real_year_shipments import gap_by_reason, section, text_of_gap
from tests.builders import utc

ENTRY = utc("2009-01-20 10:00")
LEFT = utc("2009-01-21 16:00")


def crude_call(**other: Any) -> dict[str, Any]:
    """A call whose departure draught was not reported, of a tanker whose arrival draught may be old."""
    return {
        "arrived": "2009-01-20", "vessel": "SHIP|A", "deadweight_t": 113e3, "arrival_draught_m": 14.0,
        "onward_draught_m": 9.0, "onward_draught_code": "class_port_mean", "gap_h": 29.0, "changed_days": None,
        "heard_h": 0.0, "is_begin_seen": True, "by_draught_t": 110e3, "carried_t": 100e3, "landed_t": 49e3,
        "on_board": "silent",
    } | other  # fmt: skip


def voyage(**other: Any) -> dict[str, Any]:
    return {
        "vessel_id": "imo-9213296", "vessel_name": None, "destination_entered_at_utc": ENTRY, "deadweight_t": 113e3,
        "arrival_draught_m": 14.0, "arrival_draught_code": "reported", "onward_draught_m": 9.0,
        "onward_draught_code": "reported", "gap_h": 0.0, "begin": ENTRY, "payload_arrival_t": 100e3,
        "tonnes_unloaded": 80e3, "counts_for_trade": True,
    } | other  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "heard_h", "key"),
    [
        ({}, 0.0, "part"),
        ({"tonnes_unloaded": 49e3}, 0.0, "kept"),
        ({"tonnes_unloaded": 99.9e3}, 0.0, "landed"),
        ({"onward_draught_m": 13.5}, 0.0, "part"),
        ({"onward_draught_m": 13.6, "tonnes_unloaded": 0.0}, 0.0, "deeper"),
        ({"onward_draught_code": "class_port_mean"}, 0.0, "silent"),
        ({"onward_draught_code": "class_port_mean"}, 9.0, "old"),
        ({"onward_draught_code": "unchanged", "tonnes_unloaded": 0.0}, 0.0, "old"),
        ({"counts_for_trade": False}, 0.0, "short"),
    ],
)
def test_each_crude_call_has_one_reason(changed: dict[str, Any], heard_h: float, key: str) -> None:
    call = _call_of(voyage(**changed), 100e3, 1.0, heard_h)
    assert call["on_board"] == key
    assert call["landed_t"] == (0.0 if key == "short" else voyage(**changed)["tonnes_unloaded"])


def test_reasons_add_up_to_what_was_not_landed() -> None:
    calls = [crude_call(), crude_call(by_draught_t=100e3, landed_t=100e3, on_board="landed")]
    assert summary_of(calls) == [
        (ON_BOARD["silent"], 1, 51e3), (DOUBT, 1, 10e3), (ON_BOARD["landed"], 1, 0.0),
    ]  # fmt: skip
    text = text_of_portland(calls, 10)
    assert "brought 210 kt, 154 thousand barrels a day; 149 kt, 109 thousand barrels" in text
    assert "| 51 | 37.3 |" in text
    assert "| 2009-01-20 | SHIP/A | 113 | 14.0 |  | 9.0 | class_port_mean |" in text


@pytest.mark.parametrize(("hours", "days"), [(-60, 2.5), (36, -1.5), (37, None)])
def test_a_draught_last_changed_when_its_run_began(hours: float, days: float | None) -> None:
    reports = pl.DataFrame(
        {
            "draught_m": [14.0, 9.0, 14.0],
            "first_seen_at_utc": [
                ENTRY - timedelta(days=9),
                ENTRY - timedelta(days=5),
                ENTRY + timedelta(hours=hours),
            ],
        }
    )
    if days is None:
        reports = reports[1:]
    assert _changed_days(reports, voyage()) == days


def month(*calls: dict[str, Any], imports_t: float = 100e3) -> dict[str, Any]:
    return {"port": "BOSTON", "month": 200903, "tonnes": 60e3, "high": 90e3, "imports_t": imports_t,
            "calls_each": list(calls), "shipments_each": []}  # fmt: skip


def oil_call(**other: Any) -> dict[str, Any]:
    return {
        "arrived": "2009-03-01", "vessel": "SHIP", "length_m": 183.0, "deadweight_t": 50e3, "arrival_draught_m": 11.0,
        "onward_draught_m": 8.4, "onward_draught_code": "reported", "payload_arrival_t": 40e3, "tonnes_unloaded": 15e3,
        "is_ballast": False,
    } | other  # fmt: skip


def test_a_reason_explains_at_most_what_its_calls_could_have_landed() -> None:
    light = oil_call(is_ballast=True, payload_arrival_t=0.0, tonnes_unloaded=0.0)
    row = month(oil_call(), light, oil_call(tonnes_unloaded=40e3))
    assert gap_by_reason(row) == [
        ("by its draught it came in ballast", 1, 50e3),
        ("the reported departure leaves cargo, or ballast water, on board", 1, 25e3),
    ]
    text = text_of_gap(row)
    assert "are 40 kt above what is counted" in text
    assert "| 1 | 50 | 100% |" in text
    assert "| 1 | 25 | 62% |" in text
    assert "can have brought it |  | 0 | 0% |" in text


def test_what_no_call_can_have_brought_is_left() -> None:
    assert "can have brought it |  | 15 | 38% |" in text_of_gap(month(oil_call()))
    assert "Unloaded is 10 kt above the imports" in text_of_gap(month(imports_t=50e3))


@pytest.mark.parametrize(
    ("ports", "high", "is_listed"), [((), 100e3, False), ((), 99e3, True), (("BOSTON",), 100e3, True)]
)
def test_months_of_missed_targets_are_listed(ports: tuple[str, ...], high: float, is_listed: bool) -> None:
    rows = [month() | {"high": high}]
    for row in rows:
        row["calls_each"] = []
    assert ("### Boston, 200903" in section(rows, ports)) is is_listed
