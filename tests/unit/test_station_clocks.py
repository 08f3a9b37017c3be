"""Two receivers, one with a wrong clock: each vessel is counted once, and the clock's offset is in a table."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from pathlib import Path

import polars as pl
import pyais
import pytest

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from ais_indicators.sources.nmea import read_nmea
from ais_indicators.tracking.receiver_clocks import ECHO_SCHEMA, StationClocks, receiver_clocks
from tests.messages import SHIP, assert_same_content, content, rectangle_port, table, write_ports
from tests.subject_rules import SHIP_RULES

W09 = Week.parse("2026-W09")
START = W09.start_second + 23 * 3600
"""An hour before midnight: the vessel sails, lies for an hour and leaves, and the offsets reach into the next day."""

BASE_STATION = 2_442_000
TABLES = (
    "silver.port_calls",
    "silver.positions",
    "silver.receiver_clocks",
    "silver.station_hours",
    "silver.tracks",
)


def line(station: str | None, second: int, sentence: str) -> str:
    fields = ([f"s:{station}"] if station else []) + [f"c:{second}"]
    tag = ",".join(fields)
    return f"\\{tag}*{reduce(xor, tag.encode(), 0):02X}\\{sentence}\n"


def position(n: int) -> str:
    """Minute `n` of the voyage: 60 minutes north into port, 60 at berth, 60 away."""
    is_moored = 60 <= n < 120
    steps = n if n < 60 else 60 if is_moored else 120 - n + 60
    fields: dict[str, str | int | float | bytes | bool] = {
        "type": 1, "mmsi": SHIP, "speed": 0.0 if is_moored else 12.0, "course": 0.0 if n < 60 else 180.0,
        "heading": 0 if n < 120 else 180, "lat": 49.8 + steps * 0.2 / 60, "lon": 1.0, "status": 0,
    }  # fmt: skip
    return str(pyais.encode_dict(fields, talker_id="AI")[0])


def base_station(second: int) -> str:
    at = datetime.fromtimestamp(second, UTC)
    fields: dict[str, str | int | float | bytes | bool] = {
        "type": 4, "mmsi": BASE_STATION, "year": at.year, "month": at.month, "day": at.day, "hour": at.hour,
        "minute": at.minute, "second": at.second, "lat": 50.0, "lon": 1.0,
    }  # fmt: skip
    return str(pyais.encode_dict(fields, talker_id="AI")[0])


def log(station: str | None, clock_behind: int, with_base_station: bool = True) -> list[str]:
    lines = []
    for n in range(180):
        second = START + n * 60
        lines.append(line(station, second - clock_behind, position(n)))
        if with_base_station and n % 10 == 0:
            lines.append(line(station, second - clock_behind, base_station(second)))
    return lines


def folded(folder: Path, deliveries: Sequence[Sequence[list[str]]]) -> Settings:
    """A lake after deliveries of files, each folded before the next comes."""
    settings = Settings(folder / "data")
    ports = write_ports(folder / "ports.geojson", [rectangle_port("XXAAA", 0.9, 49.95, 1.1, 50.1)])
    runner.run_task("load_ports", Job(settings, paths=(ports,)))
    for number, files in enumerate(deliveries):
        paths = []
        for place, lines in enumerate(files):
            paths.append(folder / f"{number}-{place}.nmea")
            paths[-1].write_text("".join(lines), encoding="ascii")
        runner.run_task("ingest_messages", Job(settings, paths=tuple(paths)))
        runner.run_task("track_vessels", Job(settings, Period(W09, W09)))
    return settings


def test_position_has_the_station_of_its_tag_block() -> None:
    text = (
        line("north", START, position(0))
        + line(None, START + 1, position(1))
        + f"\\s:west\\\n{position(2)}\n"
    ).encode()
    rows = read_nmea(io.BytesIO(text), 0, len(text), rules=SHIP_RULES).rows
    assert rows["station"].to_pylist() == ["north", None, "west"]


@pytest.mark.parametrize("offset", [300, 7200])
def test_vessel_is_counted_once(tmp_path: Path, offset: int) -> None:
    north, south = log("north", 0), log("south", offset)
    one_file = folded(tmp_path / "one", [[[*north, *south]]])
    two_deliveries = folded(tmp_path / "two", [[south], [north]])
    found = content(one_file, TABLES)
    assert_same_content(content(two_deliveries, TABLES), found)
    calls = table(one_file, "silver.port_calls")
    assert calls.height == 1
    assert table(one_file, "silver.positions")["mmsi"].n_unique() == 1
    assert table(one_file, "silver.tracks").height == 1
    read = sum(file["rows_read"] for file in table(one_file, "ops.ingested_files").to_dicts())
    rejected = table(one_file, "quarantine.messages")
    assert set(rejected["reject_reasons"]) <= {
        "echoed_message",
        "duplicate_message",
        "conflicting_position",
        "implied_speed_above_maximum",
    }
    assert table(one_file, "silver.positions").height + rejected.height + 36 == read
    clocks = table(one_file, "silver.receiver_clocks")
    by_station = {
        name: rows["clock_offset_seconds"].drop_nulls().unique().to_list()
        for (name,), rows in clocks.group_by("station")
    }
    assert by_station == {"north": [0.0], "south": [float(offset)]}


def reports(station: str, *offsets: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "station": [station] * len(offsets),
            "hour_utc": [W09.start] * len(offsets),
            "clock_offset_seconds": list(offsets),
            "reports": [1] * len(offsets),
        },
        schema_overrides={"hour_utc": pl.Datetime("us", "UTC")},
    )


NO_ECHOES = pl.DataFrame(schema=ECHO_SCHEMA)


@pytest.mark.parametrize(
    ("offsets", "wanted"),
    [((5, 7), None), ((5, 7, 100), 7.0), ((5, 7, 8, 100), 7.5), ((-40, -40, 5), -40.0)],
)
def test_offset_is_the_median_of_enough_reports(offsets: tuple[int, ...], wanted: float | None) -> None:
    assert (
        receiver_clocks(reports("north", *offsets), NO_ECHOES, SHIP_RULES)["clock_offset_seconds"].item()
        == wanted
    )


def test_echoes_give_the_offset_where_base_stations_are_too_few() -> None:
    echoes = pl.DataFrame([("north", W09.start, 300, 9)], schema=ECHO_SCHEMA, orient="row")
    row = receiver_clocks(reports("north", 290), echoes, SHIP_RULES).row(0, named=True)
    assert (row["base_station_reports"], row["echoes"], row["clock_offset_seconds"]) == (1, 9, 300.0)


@pytest.mark.parametrize(("offset", "is_off"), [(30, False), (31, True), (-30, False), (-31, True)])
def test_clock_is_off_beyond_thirty_seconds(offset: int, is_off: bool) -> None:
    clocks = StationClocks(reports("north", offset, offset, offset), SHIP_RULES)
    stations, seconds = pl.Series(["north", "south", None, "north"]), W09.start_second
    times = pl.Series([seconds, seconds, seconds, seconds + 3600]).to_numpy()
    assert clocks.are_off(stations, times).tolist() == [is_off, False, False, False]
    assert clocks.some_are_behind is (offset > 30)
