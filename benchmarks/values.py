"""`python -m benchmarks.values`: puts the values of the benchmark pages into README.md and docs/.

A document marks a value that was measured, and a calculation with one, by comments that no reader sees:

    <!-- value: job.rows_per_second -->458,884<!-- /value -->
    <!-- sum: 1,814,400 / job.rows_per_second -->`1,814,400 / 458,884 = 4`<!-- /sum -->

`--write` replaces what is between them by what the pages' JSON says today; `--check` (part of `make check-docs`) fails
where a document says something else. A value of a page that was never made keeps its text.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.code_hash import ROOT
from benchmarks.pages import page
from benchmarks.tables import GB

MARK: Final = re.compile(r"<!-- (value|sum): ([^<>]+?) -->(.*?)<!-- /\1 -->", re.DOTALL)
NAME: Final = re.compile(r"[a-z_]+\.[a-z_0-9]+")
COUNTRY_WEEK, WORLD_WEEK, REGION_WEEK = 33_784_044, 2_520_000_000, 337_840_440
"""Messages of the examples in docs/costs.md."""
WEEKS_OF_A_YEAR: Final = 52
Json = Any
Read = Callable[[Json], str]


def integer(value: float) -> str:
    """Formats a number without decimals."""
    return f"{value:,.0f}"


def duration(seconds: float) -> str:
    """Formats seconds in the unit that people use."""
    for limit, size, unit in ((90, 1, "seconds"), (90 * 60, 60, "minutes")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 3600:,.0f} hours"


def spread(values: Sequence[float], digits: int) -> str:
    """Formats the least and the greatest value, or one where both look the same."""
    least, most = (f"{value:.{digits}f}" for value in (min(values), max(values)))
    return least if least == most else f"{least} to {most}"


def _week_seconds(messages: int) -> Read:
    return lambda job: integer(messages / round(_rate_of_4_days(job)))


def _year(messages: int) -> Read:
    return lambda job: duration(WEEKS_OF_A_YEAR * round(messages / round(_rate_of_4_days(job))))


def _week(messages: int) -> Read:
    return lambda job: duration(round(messages / round(_rate_of_4_days(job))))


def _rate_of_4_days(job: Json) -> float:
    return float(job["rows_per_second"]["product"]["4"])


def _of_standard(accuracy: Json, kind: str) -> str:
    oceans = [one for one in accuracy["oceans"] if one["scenario"] == "standard"]
    return spread([100 * one["port_calls"][kind] for one in oceans], 1)


def _arrival_error(accuracy: Json) -> str:
    oceans = [one for one in accuracy["oceans"] if one["scenario"] == "standard"]
    return f"{median(one['arrival_error_minutes']['median'] for one in oceans):.1f}"


def _bytes_a_message(part: str) -> Read:
    return lambda office: f"{office['bytes_on_disk'][part] / office['messages']:.2f}"


def _largest_worker(job: Json) -> float:
    return float(
        max(
            run["peak_bytes_by_kind"].get("largest worker", 0)
            for run in job["runs"]
            if run["contestant"] == "product" and run["section"] == "main"
        )
    )


def _calls(who: str, vessel_class: str) -> Read:
    return lambda bound: integer(bound["calls_for_95_percent"][who][vessel_class])


VALUES: Final[Mapping[str, Read]] = {
    "job.rows": lambda job: integer(job["rows_in_by_days"]["1"]),
    "job.rows_per_second": lambda job: integer(job["main_rows_per_second"]["product"]),
    "job.rows_per_second_4_days": lambda job: integer(_rate_of_4_days(job)),
    "job.share_of_duckdb": lambda job: f"{job['measured']['share_of_duckdb']:.2f}",
    "job.time_of_4_days": lambda job: f"{job['measured']['time_of_4_days']:.2f}",
    "job.release_s": lambda job: integer(job["measured"]["release_s"]),
    "job.peak_gb": lambda job: f"{job['measured']['peak_gb']:.2f}",
    "job.worker_gb": lambda job: f"{_largest_worker(job) / GB:.1f}",
    "job.country_week_s": _week_seconds(COUNTRY_WEEK),
    "job.world_week_s": _week_seconds(WORLD_WEEK),
    "job.country_week": _week(COUNTRY_WEEK),
    "job.region_week": _week(REGION_WEEK),
    "job.world_week": _week(WORLD_WEEK),
    "job.country_year": _year(COUNTRY_WEEK),
    "job.region_year": _year(REGION_WEEK),
    "job.world_year": _year(WORLD_WEEK),
    "decoding.messages_per_second": lambda decoding: integer(decoding["messages_per_second"]["product"]),
    "small_office.messages": lambda office: integer(office["messages"]),
    "small_office.peak_gb": lambda office: f"{max(one['peak_bytes'] for one in office['steps']) / GB:.2f}",
    "small_office.ingest_and_run": lambda office: duration(
        sum(one["seconds"] for one in office["steps"] if one["command"] in ("ingest", "run"))
    ),
    "small_office.lake_bytes": _bytes_a_message("lake"),
    "small_office.bronze_bytes": _bytes_a_message("bronze.ais_messages"),
    "small_office.positions_bytes": _bytes_a_message("silver.positions"),
    "long_backfill.memory_of_longest": lambda long: (
        f"{long['backfills'][-1]['peak_bytes'] / long['backfills'][0]['peak_bytes']:.2f}"
    ),
    "long_backfill.longest_weeks": lambda long: integer(long["backfills"][-1]["weeks"]),
    "long_backfill.shortest_weeks": lambda long: integer(long["backfills"][0]["weeks"]),
    "cluster.store_to_cluster": lambda cluster: (
        f"{cluster['seconds']['store']['backfill'] / cluster['seconds']['cluster']['backfill']:.1f}"
    ),
    "commands.demo": lambda commands: duration(median(commands["demo_s"])),
    "coverage.found": lambda coverage: spread(
        [100 * one["cells"]["found_share"] for one in coverage["outages"]], 1
    ),
    "coverage.false": lambda coverage: spread(
        [100 * one["cells"]["false_share"] for one in coverage["outages"]], 1
    ),
    "accuracy.precision": lambda accuracy: _of_standard(accuracy, "precision"),
    "accuracy.recall": lambda accuracy: _of_standard(accuracy, "recall"),
    "accuracy.arrival_minutes": _arrival_error,
    "accuracy.ships": lambda accuracy: integer(accuracy["ships"]),
    "tonnage_bound.container": _calls("ours", "container"),
    "tonnage_bound.general_cargo": _calls("ours", "general_cargo"),
    "tonnage_bound.container_at_best": _calls("typed", "container"),
    "tonnage_bound.general_cargo_at_best": _calls("typed", "general_cargo"),
}
"""The text of each value, by its name: that of a page, a point, and what it is."""


def read_values(folder: Path | None = None) -> dict[str, str]:
    """Returns the text of each value whose page was made."""
    found, pages = {}, {}
    for name, read in VALUES.items():
        source = name.partition(".")[0]
        file = page(source).json_in(folder)
        if source not in pages:
            pages[source] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
        if pages[source] is not None:
            found[name] = read(pages[source])
    return found


def fill(text: str, values: Mapping[str, str]) -> str:
    """Returns a document with the values of today between its marks.

    Raises:
        ValueError: A mark names a value that does not exist, or a calculation that cannot be done.
    """
    return MARK.sub(lambda mark: _filled(mark, values), text)


def _filled(mark: re.Match[str], values: Mapping[str, str]) -> str:
    kind, asked, old = mark.groups()
    names = NAME.findall(asked)
    unknown = [name for name in names if name not in VALUES]
    if unknown or (kind == "value" and names != [asked]):
        raise ValueError(f"unknown value: {', '.join(unknown) or asked}")
    if any(name not in values for name in names):
        return mark[0]
    new = values[asked] if kind == "value" else calculate(NAME.sub(lambda name: values[name[0]], asked))
    return mark[0] if new == old else f"<!-- {kind}: {asked} -->{new}<!-- /{kind} -->"


def calculate(formula: str) -> str:
    """Returns a product or quotient with its result, such as `` `6 / 4 x 3 = 4` ``; it is done from left to right.

    Raises:
        ValueError: It has something else in it.
    """
    first, *rest = formula.split()
    result = _number(first)
    if len(rest) % 2:
        raise ValueError(f"incomplete calculation: {formula}")
    for operator, right in zip(rest[::2], rest[1::2], strict=True):
        if operator not in ("x", "/"):
            raise ValueError(f"unknown operator {operator} in: {formula}")
        result = result * _number(right) if operator == "x" else result / _number(right)
    return f"`{formula} = {integer(result)}`"


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def documents(root: Path = ROOT) -> list[Path]:
    """Returns the documents that may hold values."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def stale_documents(root: Path = ROOT, folder: Path | None = None) -> dict[Path, str]:
    """Returns the documents that say something else than the pages, with the text that they should have."""
    values = read_values(folder)
    texts = {path: path.read_text(encoding="utf-8") for path in documents(root)}
    filled = {path: fill(text, values) for path, text in texts.items()}
    return {path: text for path, text in filled.items() if text != texts[path]}


def main(arguments: Sequence[str] | None = None, root: Path = ROOT, folder: Path | None = None) -> int:
    """Lists the values, or writes or checks the documents; returns 1 where `--check` finds a stale one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.values", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--write", action="store_true", help="bring the documents up to date")
    how.add_argument("--check", action="store_true", help="write nothing; return 1 where a document is stale")
    chosen = parser.parse_args(arguments)
    if not (chosen.write or chosen.check):
        print("\n".join(f"{name}: {text}" for name, text in read_values(folder).items()))
        return 0
    stale = stale_documents(root, folder)
    for path, text in stale.items():
        name = path.relative_to(root).as_posix()
        if chosen.check:
            print(f"{name} has values that the benchmark pages do not: run `make docs`", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return 1 if chosen.check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
