"""`python -m benchmarks.long_history`: three years of weekly releases, and how long it takes to read them.

Values, states and messages are made up and small in bytes, but there are as many tables, files, weeks, commits and
releases as three years of weekly runs leave; they are published by the task itself. The release check is left out.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa

from ais_indicators import runner
from ais_indicators.checks.weeks import WeekChecks
from ais_indicators.contracts.measures import measures
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import commit, create_tables
from ais_indicators.io.staging import TableFile, stage, stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.io.week_rows import replace_rows
from ais_indicators.io.weeks import read_bronze
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines import publish_release
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.releasing.record import Release, read_releases
from ais_indicators.settings import Settings
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import table

COMMAND = Path(sys.executable).parent / "ais-indicators"
FIRST_WEEK = Week.parse("2024-W01")
BUCKETS = 8
REVISED = 3
PORTS = 60
SEED = 11
ENDS = 10
PUBLISHED = "published.json"
DEFAULTS: dict[str, Any] = {
    "string": "x",
    "int64": 1,
    "int32": 1,
    "double": 1.0,
    "bool": True,
    "binary": b"x",
}
HEAD = """# A long history

{weeks} weeks are published one by one, each with new values of the {revised} weeks before it: {releases} releases of
{rows:,} observations in all, {bronze:,} files of messages.
Values are made up; the tables, files and commits are as many as weekly runs leave. Seconds of a command from its start
to its end, and those that it computed (of a machine that others use too), before and after `maintain --vacuum 0`.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `long_history.md` and `long_history.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_history", description=__doc__)
    parser.add_argument("--weeks", type=int, default=156)
    parser.add_argument(
        "--lake", type=Path, help="data folder of such a lake that an earlier run kept with --keep"
    )
    parser.add_argument("--keep", type=Path, help="leave a copy of the published lake there")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("long_history", chosen)
    folder = Path(tempfile.mkdtemp(prefix="ais-long-history-"))
    try:
        if chosen.lake is None:
            publish_weeks(Settings(folder / "data"), chosen.weeks)
        else:
            shutil.copytree(chosen.lake, folder / "data")
        if chosen.keep is not None:
            shutil.copytree(folder / "data", chosen.keep)
        said = measure(Settings(folder / "data"))
        said |= {"published_before": chosen.lake is not None}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_page("long_history", chosen.out, said, text_of(said), records)
    return 0


def publish_weeks(settings: Settings, weeks: int) -> None:
    """Publishes the weeks, and leaves in the lake how long it took."""
    create_tables(settings)
    with patch.object(publish_release, "check_week", lambda _job, week: WeekChecks(week, ())):
        seconds = [publish_week(settings, FIRST_WEEK.plus(number), number) for number in range(weeks)]
    ends = {
        "weeks": weeks,
        "publish_first_s": float(np.median(seconds[:ENDS])),
        "publish_last_s": float(np.median(seconds[-ENDS:])),
    }
    (settings.data_dir / PUBLISHED).write_text(json.dumps(ends), encoding="utf-8")


def measure(settings: Settings) -> dict[str, Any]:
    """Times commands on the published lake, before and after its maintenance."""
    published: dict[str, Any] = json.loads((settings.data_dir / PUBLISHED).read_text(encoding="utf-8"))
    releases = read_releases(settings)
    before = time_commands(settings, releases)
    maintained = run(settings, "maintain", "--vacuum", "0")
    return published | {
        "releases": len(releases),
        "observations": sum(row.observations for row in releases),
        "bronze_files": sum(
            len(files)
            for days in read_bronze(settings).files.values()
            for of in days.values()
            for files in of.values()
        ),
        "before": before,
        "maintain_s": maintained,
        "after": time_commands(settings, releases),
    }


def publish_week(settings: Settings, week: Week, number: int) -> float:
    """Puts one more week into the lake and publishes it with the weeks that it revises; gives the task's seconds."""
    deliver(settings, week)
    chance = np.random.default_rng((SEED, number))
    weeks = [week.plus(-n) for n in range(min(REVISED, number) + 1)]
    for name in (one for one in RELEASED_TABLES if not measures(one)):
        rows = pa.concat_tables(figures(name, one, chance) for one in weeks)
        replace_rows(settings, name, rows, weeks, dict.fromkeys(weeks, f"made-up-{number}"))
    started = time.perf_counter()
    runner.run_task("publish_release", Job(settings, Period(week, week)))
    return time.perf_counter() - started


def deliver(settings: Settings, week: Week) -> None:
    """A file a day and bucket in bronze, one a bucket in the state, and a record of each day's source file."""
    bronze, state, files = "bronze.ais_messages", "silver.fold_state", "ops.ingested_files"
    staged: list[TableFile] = [
        made_up(settings, bronze, {"observed_on": day, "ship_bucket": bucket}, f"day{bucket}")
        for day in week.days
        for bucket in range(BUCKETS)
    ]
    commit(settings, bronze, staged)
    print_of_week = read_bronze(settings).fingerprint(week)
    states = [
        made_up(
            settings,
            state,
            {"week": week.plus(1).name},
            f"bucket{b}",
            ship_bucket=b,
            input_fingerprint=print_of_week,
        )
        for b in range(BUCKETS)
    ]
    commit(settings, state, states)
    records = [
        template(
            files,
            file_sha256=f"{day}".encode().hex().ljust(64, "0"),
            file_name=f"{day}.csv",
            layout="noaa_2018",
            reasons="{}",
            set_aside="{}",
            first_observed_at_utc=week.start + timedelta(days=n),
            last_observed_at_utc=week.start + timedelta(days=n + 1),
        )
        for n, day in enumerate(week.days)
    ]
    rows = pa.Table.from_pylist(records, schema=arrow_schema(files))
    commit(settings, files, stage_by_partition(table_folder(settings, files), files, rows, "files"))


def template(name: str, **values: Any) -> dict[str, Any]:
    """A row with something in every column that may not be null."""
    row = {
        field.name: None if field.nullable else DEFAULTS.get(str(field.type), FIRST_WEEK.start)
        for field in arrow_schema(name)
    }
    return row | values


def made_up(settings: Settings, name: str, partition: dict[str, Any], key: str, **values: Any) -> TableFile:
    """Stages a file of one row."""
    row = template(name, **values)
    rows = pa.Table.from_pylist([row], schema=arrow_schema(name)).drop_columns(list(partition))
    return stage(table_folder(settings, name), name, rows, partition, key)


def figures(name: str, week: Week, chance: np.random.Generator) -> pa.Table:
    """Returns made-up values: each indicator of each place, once if there are no places."""
    contract = load_contract(name)
    row = template(name, week=week.name, obs_status="P")
    for column in contract.columns:
        if column.one_of and column.name not in ("obs_status", "indicator"):
            row[column.name] = "_T" if "_T" in column.one_of else column.one_of[0]
    place = next((c for c in contract.key if c in ("port_locode", "gate_code", "reporter")), None)
    places = [{place: f"P{number:04}" if number else "_T"} for number in range(PORTS)] if place else [{}]
    rows = [
        row | at | {"indicator": indicator, "value": float(chance.integers(1, 99))}
        for at in places
        for indicator in contract.column("indicator").one_of
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(name))


def time_commands(settings: Settings, releases: Sequence[Release]) -> dict[str, tuple[float, float]]:
    """Seconds of each command, and those that it computed."""
    middle, last = releases[len(releases) // 2], releases[-1]
    pair = [row.release_id for row in releases if row.week == middle.week][:2]
    out = str(settings.data_dir.parent / "out")
    day = middle.published_at_utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    commands: dict[str, tuple[str, ...]] = {
        "status": ("status",),
        "release list": ("release", "list"),
        "release show": ("release", "show", last.release_id),
        "release diff": ("release", "diff", *pair),
        "release revisions": ("release", "revisions"),
        "export --release latest": ("export", "--release", "latest", "--out", out),
        "export --as-of TIME, all weeks": ("export", "--as-of", day, "--out", out),
        "export --as-of RELEASE --week": (
            "export",
            "--as-of",
            last.release_id,
            "--week",
            last.week,
            "--out",
            out,
        ),
    }
    return {name: run(settings, *arguments) for name, arguments in commands.items()}


def run(settings: Settings, *arguments: str) -> tuple[float, float]:
    """Runs the installed command; gives its seconds, and how many of them it computed, on a machine that others use."""
    command = [str(COMMAND), "--data-dir", str(settings.data_dir), *arguments]
    started, used = time.perf_counter(), _used()
    subprocess.run(command, check=True, capture_output=True, env=dict(os.environ))
    return time.perf_counter() - started, _used() - used


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def text_of(said: dict[str, Any]) -> str:
    """The page."""
    head = HEAD.format(
        weeks=said["weeks"],
        revised=REVISED,
        releases=said["releases"],
        rows=said["observations"],
        bronze=said["bronze_files"],
    )
    rows = [
        [f"`{name}`", *(f"{seconds:.1f}" for seconds in (*found, *said["after"][name]))]
        for name, found in said["before"].items()
    ]
    maintained = [f"{seconds:.1f}" for seconds in said["maintain_s"]]
    rows.append(["`maintain --vacuum 0`", *maintained, "", ""])
    lines = (
        f"Publishing a week with those that it revises, without the gate: {said['publish_first_s']:.1f} s for the "
        f"first ten weeks, {said['publish_last_s']:.1f} s for the last ten (medians)."
    )
    if said["published_before"]:
        lines += (
            " They were published in an earlier go, under another load; the commands were timed on that lake."
        )
    return "\n".join(
        [
            head,
            table(["command", "s before", "computing", "s after", "computing"], rows),
            "",
            lines,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
