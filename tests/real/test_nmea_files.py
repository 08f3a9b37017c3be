"""Real logs of sentences, compared with the results of gpsd and pyais."""

import io
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.sources.blocks import SourceBlock
from ais_indicators.sources.nmea.reading import read_nmea
from tests.subject_rules import SHIP_RULES

NMEA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "nmea"
pytestmark = pytest.mark.skipif(not NMEA.exists(), reason="../shared/data/nmea is not there")

Fields = tuple[Any, ...]


def read(name: str) -> SourceBlock:
    """A whole log."""
    text = (NMEA / name).read_bytes()
    return read_nmea(io.BytesIO(text), 0, len(text), rules=SHIP_RULES)


def types(block: SourceBlock) -> dict[int, int]:
    """Messages by type."""
    return dict(
        sorted(
            Counter(
                block.rows["message_type"].to_pylist() + block.statics["message_type"].to_pylist()
            ).items()
        )
    )


def test_the_sample_of_pyais_gives_what_it_says() -> None:
    """897 lines: 778 messages, 100 without a payload, 19 or 20 fragments that stand alone."""
    block = read("pyais_nmea_data_sample.txt")
    aside = {int(name.removeprefix("type_")): count for name, count in block.set_aside.items()}
    assert types(block) | aside == {1: 667, 3: 76, 4: 6, 15: 7, 18: 19, 20: 1, 24: 2}
    assert Counter(block.unreadable["reject_reasons"].to_pylist()) == {
        "payload_missing": 100,
        "fragment_missing": 20,
    }


def test_a_danish_stream_is_whole() -> None:
    block = read("dma_aislib_stream_example_20100611.txt")
    found = types(block)
    assert sum(found.get(kind, 0) for kind in (1, 2, 3, 18, 19, 27)) == 2988
    assert sum(found.get(kind, 0) for kind in (5, 24)) == 498
    assert block.unreadable.num_rows == 0
    assert block.rows["observed_at_utc"].null_count == block.statics["observed_at_utc"].null_count == 0
    assert sum(block.set_aside.values()) == 565


def reports(name: str) -> list[dict[str, Any]]:
    """What gpsd decoded, in its JSON."""
    lines = (NMEA / name).read_text(encoding="utf-8", errors="replace").splitlines()
    decoded = [json.loads(line) for line in lines if line.startswith('{"class":"AIS"')]
    return [d for d in decoded if d["type"] in (1, 2, 3, 5, 18, 19, 24, 27)]


def position_of_gpsd(report: dict[str, Any]) -> Fields:
    """A position as gpsd has it, brought to our units and marks."""
    scale = 1 if report["scaled"] else (600 if report["type"] == 27 else 600_000)
    tenth = 1 if report["scaled"] or report["type"] == 27 else 10
    speed, course = report["speed"], report["course"]
    if report["type"] == 27:
        speed, course = {63: 102.3}.get(speed, speed), {511: 360}.get(course, course)
    if speed in ("nan", "fast"):
        speed = {"nan": 102.3, "fast": 102.2}[speed] * tenth
    return (
        report["type"],
        report["mmsi"],
        round(report["lon"] / scale, 4),
        round(report["lat"] / scale, 4),
        round(speed / tenth, 1),
        round(course / tenth, 1),
        report.get("heading", 511),
        report.get("status", 15),
    )


def position_of_ours(row: dict[str, Any]) -> Fields:
    """The same of a row of ours."""
    return (
        row["message_type"],
        row["mmsi"],
        round(row["longitude"], 4),
        round(row["latitude"], 4),
        round(row["sog_knots"], 1),
        round(row["cog_degrees"], 1),
        int(row["heading_degrees"]),
        15 if row["navigational_status"] is None else row["navigational_status"],
    )


def voyage_of_gpsd(report: dict[str, Any]) -> Fields:
    """A type 5 as gpsd has it."""
    draught = report["draught"] / (1 if report["scaled"] else 10)
    length, width = report["to_bow"] + report["to_stern"], report["to_port"] + report["to_starboard"]
    names = (report["shipname"].strip() or None, report["callsign"].strip() or None)
    return (
        report["mmsi"], report["imo"], *names, report["shiptype"], length, width, draught,
        report["destination"].strip() or None,
    )  # fmt: skip


def voyage_of_ours(row: dict[str, Any]) -> Fields:
    """The same of a row of ours."""
    names = (
        "mmsi",
        "imo_number",
        "vessel_name",
        "call_sign",
        "ais_ship_type",
        "length_m",
        "width_m",
        "draught_m",
    )
    return (*(row[name] for name in names), row["destination"])


LOGS = {
    "gpsd_ais-18-27.log": "gpsd_ais-18-27.log.chk",
    "gpsd_ais-nmea-type6-fid55.log": "gpsd_ais-nmea-type6-fid55.log.chk",
    "gpsd_ais-nmea.log": "gpsd_ais-nmea.log.chk",
    "gpsd_ais-raw-messages.log": "gpsd_ais-raw-messages.log.chk",
    "gpsd_sample.aivdm": "gpsd_sample.aivdm.js.chk",
}


def differences(found: Iterable[Fields], wanted: Iterable[Fields]) -> tuple[set[Fields], set[Fields]]:
    """What only one side has; gpsd reports some messages of a log twice."""
    ours, theirs = set(found), set(wanted)
    return ours - theirs, theirs - ours


@pytest.mark.parametrize(("log", "expected"), LOGS.items(), ids=LOGS)
def test_positions_agree_with_gpsd(log: str, expected: str) -> None:
    wanted = [position_of_gpsd(r) for r in reports(expected) if r["type"] not in (5, 24)]
    ours, gpsd = differences(map(position_of_ours, read(log).rows.to_pylist()), wanted)
    assert (ours, gpsd) == (set(), set())


@pytest.mark.parametrize(("log", "expected"), LOGS.items(), ids=LOGS)
def test_static_reports_agree_with_gpsd(log: str, expected: str) -> None:
    rows = read(log).statics.to_pylist()
    wanted = [voyage_of_gpsd(r) for r in reports(expected) if r["type"] == 5]
    ours, gpsd = differences((voyage_of_ours(r) for r in rows if r["message_type"] == 5), wanted)
    assert (ours, gpsd) == (set(), set())


@pytest.mark.parametrize(("log", "expected"), LOGS.items(), ids=LOGS)
def test_both_parts_of_type_24_are_there_that_gpsd_joins(log: str, expected: str) -> None:
    rows = read(log).statics.to_pylist()
    names = {(r["mmsi"], r["vessel_name"]) for r in rows if r["part"] == "A"}
    others = {(r["mmsi"], r["call_sign"], r["ais_ship_type"]) for r in rows if r["part"] == "B"}
    for report in (r for r in reports(expected) if r["type"] == 24):
        assert (report["mmsi"], report["shipname"].strip() or None) in names
        assert (report["mmsi"], report["callsign"].strip() or None, report["shiptype"]) in others
