"""Small lakes to disturb, and how they are held against an undisturbed one."""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from ais_indicators import runner
from ais_indicators.io.store import lake_folder
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.publish.files import RELEASED_TABLES, data_file_name
from ais_indicators.releasing.history import read_history, release_folder
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from tests.messages import (
    assert_same_content,
    content,
    position,
    rectangle_port,
    stay,
    table,
    write_noaa,
    write_ports,
)

FIRST, LAST = Week.parse("2020-W52"), Week.parse("2020-W53")
BOTH = Period(FIRST, LAST)
DAYS = ("2020-12-22", "2020-12-23", "2020-12-24", "2020-12-28", "2020-12-29", "2020-12-30")
SHIPS = 12
MMSI_NUMBERS = range(366000001, 366000001 + SHIPS)
BRONZE = ("bronze.ais_messages", "bronze.ais_static_messages", "quarantine.messages", "ops.ingested_files")
MANIFEST = "manifest.json"
RELEASE_FILES = {
    MANIFEST,
    "rules.json",
    *(data_file_name(name, suffix) for name in RELEASED_TABLES for suffix in ("csv", "parquet")),
}
Content = Mapping[str, pl.DataFrame]


class DiffersError(Exception):
    """A lake does not hold what an undisturbed one holds."""


def write_deliveries(folder: Path, mmsi_numbers: Iterable[int] = MMSI_NUMBERS) -> list[Path]:
    """Writes a file a day: vessels that call at a port, and a message that no vessel sent."""
    numbers = tuple(mmsi_numbers)
    return [write_noaa(folder / f"AIS_{day.replace('-', '_')}.csv", _rows_of(day, numbers)) for day in DAYS]


def _rows_of(day: str, mmsi_numbers: Iterable[int]) -> list[dict[str, Any]]:
    rows = [position(f"{day}T10:00:00", 123456789)]
    for mmsi in mmsi_numbers:
        rows.append(position(f"{day}T00:00:00", mmsi, latitude=50.3, sog_knots=12.0))
        rows += stay(f"{day}T02:00:00", f"{day}T20:00:00", 30, mmsi=mmsi)
        rows.append(position(f"{day}T22:00:00", mmsi, latitude=50.3, sog_knots=12.0))
    return rows


def with_ports(folder: Path) -> Settings:
    """A lake that holds a port and the gates, and no message."""
    made = lake_in(folder)
    ports = write_ports(folder / "ports.geojson", [rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1)])
    runner.run_task("load_ports", Job(made, paths=(ports,)))
    runner.run_task("load_gates", Job(made))
    return made


def lake_in(folder: Path) -> Settings:
    """The lake of a folder."""
    return Settings(folder / "data", shuffle_partitions=1)


def copied(lake: Settings, folder: Path) -> Settings:
    """A copy of a lake, to go on from there."""
    shutil.copytree(lake.data_dir, folder / "data")
    return lake_in(folder)


def in_store(lake: Settings, url: str) -> Settings:
    """Moves a lake's tables to an address in an object store."""
    stored = replace(lake, lake_url=url)
    here = lake_folder(lake)
    for file in here.files():
        here.copy_to(lake_folder(stored), file.path)
    shutil.rmtree(lake.lake)
    return stored


def holds(lake: Settings) -> Content:
    """All rows that must neither be lost nor doubled, and the releases, without what names files or moments."""
    found = content(lake)
    for name in BRONZE:
        frame = table(lake, name)
        found[f"taken in: {name}"] = frame.drop("delivered_at_utc", strict=False).sort(pl.all())
    return found | {"releases": _releases(lake)}


def _releases(lake: Settings) -> pl.DataFrame:
    history = read_history(lake)
    rows = [
        {
            "week": release.week,
            "release_id": release.release_id,
            "content_sha256": release.content_sha256,
            "observations": release.observations,
            "is_served": history.is_served(release),
            "status": history.status(release),
        }
        for release in history.releases
    ]
    return pl.DataFrame(rows, schema_overrides={"observations": pl.Int64}).sort(pl.all())


def compare(lake: Settings, wanted: Content) -> None:
    """Compares a lake with the content after an undisturbed run.

    Raises:
        DiffersError: A table or a release differs; the message says which and how.
    """
    try:
        assert_same_content(holds(lake), wanted)
    except AssertionError as error:
        raise DiffersError(" ".join(str(error).split())) from error
    _compare_folders(lake)
    if any(lake.staging.glob("unpacked*")):
        raise DiffersError("unpacked files were left behind")


def _compare_folders(lake: Settings) -> None:
    """Every release has its folder with all files and a manifest that names it, and there is no other folder."""
    recorded = {row.release_id for row in read_releases(lake)}
    folders = {path.name for path in lake.releases.iterdir()} if lake.releases.is_dir() else set()
    if recorded != folders:
        raise DiffersError(f"releases on record {sorted(recorded)}, folders {sorted(folders)}")
    for name in recorded:
        folder = release_folder(lake, name)
        files = {path.name for path in folder.iterdir()}
        if files != RELEASE_FILES:
            raise DiffersError(f"release {name} holds {sorted(files)}")
        if json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["release_id"] != name:
            raise DiffersError(f"the manifest of {name} names another release")
