"""`python -m benchmarks.exports`: three years of weekly releases exported in every format.

Values are made up, but as many as those of the contracts' codes for some ports; releases are written by the product's
own functions, and the command is the installed one's.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from ais_indicators.contracts.measures import measures
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import create_tables
from ais_indicators.periods import Week
from ais_indicators.publish.files import RELEASED_TABLES, ReleaseFiles, write_release_files
from ais_indicators.publish.portwatch.layout import STRAITS
from ais_indicators.releasing.history import release_folder
from ais_indicators.releasing.record import ReleaseRecord, append_release
from ais_indicators.settings import Settings
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import table

RUN = "from ais_indicators.cli import command; command()"
FORMATS = ("csv", "parquet", "sdmx-csv", "sdmx-ml", "portwatch")
FIRST_WEEK = Week.parse("2023-W01")
PORTS = 40
SEED = 13
KIB_PER_MIB = 1024
BYTES_PER_MB = 1_000_000
HEAD = """# Exports

{weeks} weeks of made-up values, {rows:,} observations, by
`export --as-of` in each format: seconds of the command from its start to its end, those that it computed (of a machine
that others use too), its greatest memory, and the size of what it wrote.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `exports.md` and `exports.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--weeks", type=int, default=156)
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("exports", chosen)
    folder = Path(tempfile.mkdtemp(prefix="ais-exports-"))
    try:
        settings = Settings(folder / "data")
        said: dict[str, Any] = {"weeks": chosen.weeks, "rows": publish(settings, chosen.weeks)}
        said["formats"] = {name: measure(settings, name, folder / name) for name in FORMATS}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_page("exports", chosen.out, said, text_of(said), records)
    return 0


def publish(settings: Settings, weeks: int) -> int:
    """Publishes weeks; gives the number of observations."""
    create_tables(settings)
    chance = np.random.default_rng(SEED)
    keys = {name: pl.DataFrame(list(observations(name))) for name in RELEASED_TABLES if not measures(name)}
    count = 0
    for number in range(weeks):
        week = FIRST_WEEK.plus(number)
        rows = {name: figures(name, of, week, chance) for name, of in keys.items()}
        release_id = f"{week.name}-{number:012d}"
        written = write_release_files(rows, release_folder(settings, release_id))
        count += written.observations
        append_release(settings, record_of(number, week, release_id, written))
    return count


def record_of(number: int, week: Week, release_id: str, written: ReleaseFiles) -> ReleaseRecord:
    """Record of a release that was made from nothing."""
    return ReleaseRecord(
        release_id=release_id,
        release_sequence=number + 1,
        week=week.name,
        published_at_utc=week.end + timedelta(hours=9),
        content_sha256=written.content_sha256,
        observations=written.observations,
        figure_files={},
        table_versions={},
        port_version="",
        gate_version=None,
        newest_week=None,
        attributions=(),
        overrides=None,
        disclosure=None,
        code_version="",
        code_sha256=None,
        rules_hash="",
        register_version=None,
        input_hashes=(),
        row_counts=None,
        warnings=(),
        folded_weeks=None,
    )


def observations(name: str) -> Iterator[dict[str, str]]:
    """Keys of a table's observations of any week, with their units: the codes of the contract for each place."""
    contract = load_contract(name)
    places = {
        "port_locode": ["_T", *(f"P{number:04}" for number in range(PORTS))],
        "gate_code": list(STRAITS),
        "reporter_level": ["port"],
        "reporter": [f"P{number:04}" for number in range(PORTS)],
        "partner": ["_T", *(f"P{number:04}" for number in range(PORTS // 10))],
        "adjustment": ["N"],
    }
    key = [column for column in contract.key if column != "week"]
    for values in product(*(places.get(one) or contract.column(one).one_of for one in key)):
        yield {**dict(zip(key, values, strict=True)), "unit": contract.column("unit").one_of[0]}


def figures(name: str, keys: pl.DataFrame, week: Week, chance: np.random.Generator) -> pa.Table:
    """Returns made-up values of a week."""
    schema = arrow_schema(name)
    rows = keys.with_columns(
        week=pl.lit(week.name),
        value=pl.Series(chance.integers(0, 900, keys.height).astype(float) / 7),
        obs_status=pl.lit("A"),
        conf_status=pl.lit("F"),
    )
    missing = [pl.lit(None).alias(field.name) for field in schema if field.name not in rows.columns]
    return rows.with_columns(missing).select(schema.names).to_arrow().cast(schema)


def measure(settings: Settings, file_format: str, out: Path) -> dict[str, float]:
    """Exports all weeks once in a process of its own."""
    asked = ["export", "--as-of", "2100-01-01", "--format", file_format, "--out", str(out)]
    command = [sys.executable, "-c", RUN, "--data-dir", str(settings.data_dir), *asked]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"export in {file_format} failed")
    size = sum(path.stat().st_size for path in out.iterdir())
    shutil.rmtree(out)
    return {
        "seconds": seconds,
        "computing": used.ru_utime + used.ru_stime,
        "memory_mib": used.ru_maxrss / KIB_PER_MIB,
        "size_mb": size / BYTES_PER_MB,
    }


def text_of(said: dict[str, Any]) -> str:
    """The page."""
    rows = [
        [
            f"`{name}`",
            f"{of['seconds']:.1f}",
            f"{of['computing']:.1f}",
            f"{of['memory_mib']:.0f}",
            f"{of['size_mb']:.0f}",
        ]
        for name, of in said["formats"].items()
    ]
    return "\n".join(
        [
            HEAD.format(**said),
            table(["format", "s", "computing", "MiB", "MB written"], rows),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
