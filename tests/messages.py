"""Small inputs of the main job, whole from a few keywords, and what a lake holds after it.

Messages and port areas go in as files, as they are delivered; tables come out as frames that compare.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

from ais_indicators.contracts.buckets import ship_bucket
from ais_indicators.contracts.model import all_tables, load_contract
from ais_indicators.io.delta import read_rows
from ais_indicators.periods import Week
from ais_indicators.settings import Settings
from ais_indicators.tasks import weekly_order

Row = dict[str, Any]
Feature = dict[str, Any]

SHIP = 366053209
FIRST_MMSI = 366000001
FAR_MMSI = 366090001
HOURS_PER_WEEK = 168
NOAA_2018_HEADER = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,"
    "Length,Width,Draft,Cargo,TransceiverClass"
)
SILVER = tuple(sorted(name for name in all_tables() if name.startswith("silver.")))
GOLD = tuple(sorted({name for name in all_tables() if name.startswith("gold.")} - {"gold.releases"}))
FIGURES = weekly_order()[-3].name
"""The last task before the release check."""

FOLD_QUARANTINE = "quarantine.messages"
NAMES_OF_FILES = {"input_fingerprint", "history_fingerprint", "file_sha256"}
"""Columns that tell which files the rows came from, so they differ where the files do."""


# --- in ---------------------------------------------------------------------------------------------------


def mmsi_numbers(count: int, beside: int | None = None) -> list[int]:
    """Returns MMSIs that fill few ship buckets, so that a small lake has few files and few parts to fold.

    Args:
        count: How many.
        beside: An MMSI in whose bucket all of them lie; without it they lie in two, the first two in different ones.
    """
    numbers = np.arange(FIRST_MMSI, FIRST_MMSI + 20 * count)
    first = numbers[:2] if beside is None else np.array([beside])
    count_of_buckets = load_contract("bronze.ais_messages").ship_buckets or 1
    chosen = np.isin(ship_bucket(numbers, count_of_buckets), ship_bucket(first, count_of_buckets))
    found: list[int] = numbers[chosen][:count].tolist()
    assert len(found) == count
    return found


def position(
    at: str | datetime = "2020-01-01T10:00:00",
    mmsi: int | str = SHIP,
    latitude: float | str = 50.0,
    longitude: float | str = 1.0,
    sog_knots: float | str = 0.0,
    ship_type: int | str = 70,
    **fields: Any,
) -> Row:
    """Builds one message in NOAA's layout of 2018; `fields` are further ones under NOAA's own names."""
    when = at if isinstance(at, str) else at.strftime("%Y-%m-%dT%H:%M:%S")
    row: Row = dict.fromkeys(NOAA_2018_HEADER.split(","), "")
    return (
        row
        | {
            "MMSI": mmsi,
            "BaseDateTime": when,
            "LAT": latitude,
            "LON": longitude,
            "SOG": sog_knots,
            "COG": 90.0,
            "Heading": 511,
            "VesselType": ship_type,
            "TransceiverClass": "A",
        }
        | fields
    )


def stay(first: str, last: str, every_minutes: float = 60, **keywords: Any) -> list[Row]:
    """Builds a ship's messages at one place from the first moment to the last, both included."""
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    step = timedelta(minutes=every_minutes)
    moments = [start + n * step for n in range(int((end - start) / step) + 1)]
    return [position(at, **keywords) for at in sorted({*moments, end})]


def every_hour(*weeks: Week) -> list[Row]:
    """Builds the messages of a fishing vessel far from all places, so that no hour of the weeks is an outage hour."""
    moments = [
        week.start + timedelta(hours=hour, minutes=30) for week in weeks for hour in range(HOURS_PER_WEEK)
    ]
    return [position(at, FAR_MMSI, -45.0, -20.0, ship_type=30) for at in moments]


def write_noaa(path: Path, rows: Iterable[Row]) -> Path:
    """Writes messages as a CSV file of NOAA's layout of 2018."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, NOAA_2018_HEADER.split(","), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def by_day(rows: Iterable[Row]) -> dict[date, list[Row]]:
    """Sorts messages into the days in which they were sent, the oldest day first."""
    days: dict[date, list[Row]] = {}
    for row in sorted(rows, key=lambda row: str(row["BaseDateTime"])):
        days.setdefault(date.fromisoformat(row["BaseDateTime"][:10]), []).append(row)
    return days


def write_days(folder: Path, rows: Iterable[Row]) -> list[Path]:
    """Writes one file a day, named as NOAA names them."""
    return [write_noaa(folder / f"AIS_{day:%Y_%m_%d}.csv", part) for day, part in by_day(rows).items()]


def rectangle_port(
    locode: str,
    west: float,
    south: float,
    east: float,
    north: float,
    kind: str = "port",
    **properties: Any,
) -> Feature:
    """Builds one area as GeoJSON; further properties are such as `valid_from` and `valid_to`."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    named = {
        "port_locode": locode,
        "port_name": f"Port of {locode}",
        "country_iso3": "NLD",
        "area_kind": kind,
    }
    return {
        "type": "Feature",
        "properties": named | properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def write_ports(path: Path, areas: Sequence[Feature]) -> Path:
    """Writes areas as a port file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(areas)}), encoding="utf-8")
    return path


# --- out --------------------------------------------------------------------------------------------------


def table(settings: Settings, name: str, **equal: Any) -> pl.DataFrame:
    """Reads a table in the order of its key; `equal` keeps the rows in which columns have these values."""
    frame = pl.from_arrow(read_rows(settings, name))
    assert isinstance(frame, pl.DataFrame)
    kept = frame.filter(**equal) if equal else frame
    return kept.sort(list(load_contract(name).key) or kept.columns)


def content(settings: Settings, names: Sequence[str] = (*SILVER, *GOLD)) -> dict[str, pl.DataFrame]:
    """Reads tables, and what the fold rejected, without the columns that name source files."""
    read = {name: table(settings, name) for name in names} | {
        FOLD_QUARANTINE: table(settings, FOLD_QUARANTINE, stage="fold")
    }
    return {
        name: frame.drop(NAMES_OF_FILES & set(frame.columns)).sort(
            list(load_contract(name).key) or frame.drop(NAMES_OF_FILES & set(frame.columns)).columns
        )
        for name, frame in read.items()
    }


def assert_same_content(found: Mapping[str, pl.DataFrame], wanted: Mapping[str, pl.DataFrame]) -> None:
    """Sees that two lakes hold the same rows, to the last bit, in tables of the same names."""
    assert found.keys() == wanted.keys()
    for name, frame in wanted.items():
        try:
            assert_frame_equal(found[name], frame, check_exact=True)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
