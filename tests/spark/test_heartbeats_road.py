"""Heartbeats of receivers from a file to the coverage of a port: "receiver down" apart from "no vessels"."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyais
import pytest

from ais_indicators import runner
from ais_indicators.io.delta import create_tables
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.receive.counters import HEADER
from ais_indicators.settings import Settings
from tests.messages import rectangle_port, table, write_ports
from tests.stations import block

FIRST = Week.parse("2020-W48")
WEEKS = tuple(FIRST.plus(n) for n in range(5))
QUIET = WEEKS[-1]
HOURS = 168
SILENT_FROM = 84
"""Hour of the last week from which on no vessel is heard."""

DOWN = range(100, 116)
STATION = "harbour"
PORT = "XXAAA"
FEED = 0
"""Area of all that is heard."""


def log(path: Path, weeks: tuple[Week, ...], hours: int) -> Path:
    """Writes one message an hour of a vessel that lies in port, as one station heard it."""
    lines = []
    for week in weeks:
        start = datetime.combine(week.monday, datetime.min.time(), UTC)
        for hour in range(hours):
            fields: dict[str, Any] = {
                "type": 1,
                "mmsi": 366000001,
                "lat": 50.0,
                "lon": 1.0,
                "speed": 0,
                "status": 5,
            }
            (sentence,) = pyais.encode_dict(fields, talker_id="AI", sentence_type="VDM")
            seconds = int((start + timedelta(hours=hour, minutes=30)).timestamp())
            lines.append(block(f"s:{STATION},c:{seconds}") + str(sentence).encode())
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def beats(path: Path, lines_of_hour: Callable[[int], int]) -> Path:
    """Writes a heartbeat an hour of the last week: how many lines the station delivered."""
    start = datetime.combine(QUIET.monday, datetime.min.time(), UTC)
    rows = [",".join(HEADER)]
    for hour in range(HOURS):
        ends = [(start + timedelta(hours=hour + n)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in (0, 1)]
        cells = {
            "station": STATION,
            "started_at_utc": ends[0],
            "ended_at_utc": ends[1],
            "lines": lines_of_hour(hour),
        }
        rows.append(",".join(str(cells.get(name, 0)) for name in HEADER))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def ingest(lake: Settings, path: Path) -> None:
    (file,) = runner.run_task("ingest_messages", Job(lake, paths=(path,))).files
    assert (file.outcome, file.rows_quarantined) == ("ingested", 0)


def assess(lake: Settings) -> list[Week]:
    weeks: list[Week] = runner.run_task("assess_coverage", Job(lake, Period(QUIET, QUIET)))
    return weeks


def hours_by_status(lake: Settings, area: int) -> dict[str, int]:
    """How many hours of an area in the last week have each status."""
    hours = table(lake, "silver.coverage_hours", week=QUIET.name, area=area)
    return dict(hours["hour_status"].value_counts().rows())


def coverage_index(lake: Settings) -> float | None:
    (row,) = table(lake, "gold.coverage_weekly", week=QUIET.name, place_code=PORT).to_dicts()
    index: float | None = row["coverage_index"]
    return index


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Four weeks with a message an hour, and a fifth that is silent from its middle on, folded."""
    folder = tmp_path_factory.mktemp("heartbeats")
    made = Settings(folder / "data", shuffle_partitions=1)
    create_tables(made)
    ports = write_ports(folder / "ports.geojson", [rectangle_port(PORT, 0.9, 49.9, 1.1, 50.1)])
    runner.run_task("load_ports", Job(made, paths=(ports,)))
    ingest(made, log(folder / "usual.nmea", WEEKS[:-1], HOURS))
    ingest(made, log(folder / "quiet.nmea", (QUIET,), SILENT_FROM))
    runner.run_task("track_vessels", Job(made, Period(FIRST, QUIET)))
    return made


def test_heartbeats_reports_a_receiver_that_is_down_from_a_sea_without_vessels(
    lake: Settings, tmp_path: Path
) -> None:
    areas = set(table(lake, "silver.message_hours")["h3_res3"]) | {FEED}
    assert assess(lake) == list(WEEKS)
    for area in areas:
        assert hours_by_status(lake, area) == {"not_assessed": SILENT_FROM, "outage": HOURS - SILENT_FROM}
    assert coverage_index(lake) == SILENT_FROM / HOURS

    ingest(lake, beats(tmp_path / "beats.csv", lambda hour: 0 if hour in DOWN else 3))
    assert assess(lake) == [QUIET]
    for area in areas:
        assert hours_by_status(lake, area) == {"heard": HOURS - len(DOWN), "outage": len(DOWN)}
    assert coverage_index(lake) == (HOURS - len(DOWN)) / HOURS
    assert assess(lake) == []
