"""`python -m benchmarks.coverage`: are outages found, and is none of them published as a fall in trade?

One ocean is sailed several times: with coast stations that never fail, and with some that fall silent for six hours, a
day and a week. What the first heard and the others did not is an outage; what the first counted is the truth.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.notebook import open_table
from ais_indicators.periods import Period, Week
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.coverage_status import ADJUSTED
from ais_simulator import Simulation, simulate_weeks
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import table

FIRST: Final = Week.parse("2026-W01")
OUTAGES_A_YEAR: Final = {6: 26, 24: 8, 168: 3}
"""How often a station falls silent, by hours of silence: about as many outages that the twelve weeks have enough."""

UNTIL: Final = "compute_port_activity"
THIN_S: Final = 120
"""One fix a vessel in so many seconds: 30 an hour, so that an hour of a cell with one vessel can be assessed
(`coverage_min_expected_messages`), in half of the time that the default rate takes."""

CLEAN_SHARE: Final = 0.85
LEAST_FOUND, MOST_FALSE = 0.95, 0.02
LEAST_ARRIVALS, LEAST_FALL, LEAST_LOST = 5, 0.1, 2
HEAD: Final = """# Outages

An ocean of {ships} ships over {weeks} weeks (scenario `standard`, seed {seed}, one fix a vessel in {thin} s), with
stations that never fail, and with some that fall silent for so many hours at random; {baseline} weeks give the first
baseline and are not scored. An hour of an H3 cell of resolution 3 is a true outage where under a fifth of at least 20
messages came in that came in without failures; it is clean where at least {clean} did. Hours that the index does not
assess (fewer than 20 expected, or few ships of which none fell silent) count as neither.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `coverage.md` and `coverage.json`; ends with 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--ships", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--hours", type=int, nargs="+", default=list(OUTAGES_A_YEAR), choices=OUTAGES_A_YEAR)
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("coverage", chosen)
    folder = Path(tempfile.mkdtemp(prefix="ais-coverage-"))
    try:
        clear = sail(folder / "none", 0, chosen.ships, chosen.weeks, chosen.seed)
        found = []
        for hours in chosen.hours:
            failing = sail(folder / str(hours), hours, chosen.ships, chosen.weeks, chosen.seed)
            found.append({"hours": hours, **assess(clear, failing, chosen.weeks)})
            print(json.dumps(found[-1]), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = text_of(found, chosen.ships, chosen.weeks, chosen.seed)
    write_page("coverage", chosen.out, {"outages": found}, text, records)
    return 0 if all(reaches(one) for one in found) else 1


def sail(folder: Path, hours: int, ships: int, weeks: int, seed: int) -> Settings:
    """A lake of the ocean whose stations fall silent for so many hours; 0: never."""
    folder.mkdir(parents=True)
    faults = {
        "outages_per_station_year": OUTAGES_A_YEAR.get(hours, 0),
        "outage_hours": [hours or 1, hours or 1],
    }
    scenario = folder / "scenario.yaml"
    scenario.write_text(yaml.safe_dump({"upon": "standard", "faults": faults}), encoding="utf-8")
    wanted = Simulation(FIRST.name, weeks, ships, seed, scenario=str(scenario), thin_s=THIN_S)
    sea = simulate_weeks(wanted, folder / "sea")
    lake = Settings(folder / "data")
    runner.run_task("load_ports", Job(lake, paths=(sea.ports_file,)))
    runner.run_task("ingest_messages", Job(lake, paths=sea.message_files))
    shutil.rmtree(folder / "sea" / "messages")
    runner.run_weekly(Job(lake, Period(FIRST, FIRST.plus(weeks - 1))), until=UNTIL)
    return lake


def assess(clear: Settings, failing: Settings, weeks: int) -> dict[str, Any]:
    """Scores found outages, and the values under them."""
    assessed = [FIRST.plus(n).name for n in range(Rules.for_subject(SHIPS).min_baseline_weeks, weeks)]
    return {"cells": _cells(clear, failing, assessed), "figures": _figures(clear, failing, assessed)}


def _cells(clear: Settings, failing: Settings, weeks: Sequence[str]) -> dict[str, Any]:
    """Hours of cells, by what was heard and what was said of them."""
    key = ["week", "area", "hour_of_week"]
    heard = _hours(clear, weeks).select(*key, without="messages")
    both = _hours(failing, weeks).join(heard, on=key, how="inner")
    expected = float(Rules.for_subject(SHIPS).coverage_min_expected_messages)
    lost = Rules.for_subject(SHIPS).coverage_outage_share
    is_out = (pl.col("without") >= expected) & (pl.col("messages") < lost * pl.col("without"))
    is_clean = pl.col("messages") >= CLEAN_SHARE * pl.col("without")
    status = pl.col("hour_status")
    is_assessed = status.is_in(["heard", "outage"])
    counts = both.select(
        outages=is_out.sum(),
        assessed=(is_out & is_assessed).sum(),
        unclear=(is_out & (status == "unclear")).sum(),
        found=(is_out & (status == "outage")).sum(),
        clean=(is_clean & is_assessed).sum(),
        false=(is_clean & (status == "outage")).sum(),
    ).row(0, named=True)
    shares = {
        "found_share": counts["found"] / counts["assessed"],
        "false_share": counts["false"] / counts["clean"],
    }
    return counts | shares


def _hours(lake: Settings, weeks: Sequence[str]) -> pl.DataFrame:
    rows = open_table("silver.coverage_hours", data_dir=lake.data_dir).collect()
    cells = open_table("silver.message_hours", data_dir=lake.data_dir).collect()["h3_res3"].unique()
    return rows.filter(pl.col("week").is_in(list(weeks)), pl.col("area").is_in(cells.implode()))


def _figures(clear: Settings, failing: Settings, weeks: Sequence[str]) -> dict[str, Any]:
    """Weekly arrivals of ports that an outage cut, and how they were published."""
    key = ["week", "port_locode"]
    truth = _arrivals(clear, weeks, "N").select(*key, true="value")
    plain = _arrivals(failing, weeks, "N").select(*key, "value", "obs_status")
    adjusted = _arrivals(failing, weeks, ADJUSTED).select(*key, adjusted="value")
    rows = truth.join(plain, on=key, how="left").join(adjusted, on=key, how="left")
    usual = rows.filter(pl.col("true") >= LEAST_ARRIVALS)
    lost = pl.col("true") - pl.col("value").fill_null(0)
    fallen = usual.filter(lost >= LEAST_LOST, lost >= LEAST_FALL * pl.col("true"))
    is_marked = pl.col("obs_status").is_in(["U", "O"]).fill_null(False)
    both = usual.drop_nulls(["value", "adjusted"])
    return {
        "port_weeks": usual.height,
        "fallen": fallen.height,
        "marked": fallen.filter(is_marked).height,
        "largest_unmarked_fall": fallen.filter(~is_marked).select((lost / pl.col("true")).max()).item(),
        "marked_without_fall": usual.filter(is_marked).height - fallen.filter(is_marked).height,
        "adjusted": both.height,
        "plain_to_true": both.select(pl.col("value").sum() / pl.col("true").sum()).item(),
        "adjusted_to_true": both.select(pl.col("adjusted").sum() / pl.col("true").sum()).item(),
    }


def _arrivals(lake: Settings, weeks: Sequence[str], adjustment: str) -> pl.DataFrame:
    rows = open_table("gold.port_activity_weekly", data_dir=lake.data_dir).collect()
    wanted = rows.filter(indicator="arrivals", vessel_class="_T", adjustment=adjustment)
    return wanted.filter(pl.col("port_locode") != "_T", pl.col("week").is_in(list(weeks)))


def reaches(one: dict[str, Any]) -> bool:
    """Whether as much is found, and as little false, as is asked for."""
    cells = one["cells"]
    return bool(cells["found_share"] >= LEAST_FOUND and cells["false_share"] <= MOST_FALSE)


def text_of(found: list[dict[str, Any]], ships: int, weeks: int, seed: int) -> str:
    """The page."""
    head = HEAD.format(
        ships=ships, weeks=weeks, seed=seed, thin=THIN_S, clean=f"{CLEAN_SHARE:.0%}",
        baseline=Rules.for_subject(SHIPS).min_baseline_weeks,
    )  # fmt: skip
    cells = [
        (
            f"{one['hours']} h", f"{c['outages']:,}", f"{c['assessed']:,}", f"{c['unclear']:,}",
            f"**{100 * c['found_share']:.1f} %**", f"{c['clean']:,}", f"**{100 * c['false_share']:.2f} %**",
        )
        for one in found
        for c in [one["cells"]]
    ]  # fmt: skip
    return "\n".join(
        [
            head,
            "## Hours\n",
            f"Asked for: {LEAST_FOUND:.0%} of the assessed outage hours found, at most {MOST_FALSE:.0%} of the clean"
            " ones false.\n",
            table(("silence", "outage hours", "assessed", "unclear", "found", "clean hours", "false"), cells),
            "\n## Weekly arrivals\n",
            f"Ports and weeks with {LEAST_ARRIVALS} arrivals or more, over all classes. Fallen: by {LEAST_FALL:.0%} and"
            f" {LEAST_LOST} arrivals at least against the same ocean without failures, losses by chance among them."
            " Marked: of those the ones published as of low reliability (U) or missing (O).\n",
            _arrivals_table(found),
            "",
        ]
    )


def _arrivals_table(found: list[dict[str, Any]]) -> str:
    """Weekly arrivals by length of the silence: how many fell, were marked and were adjusted."""
    rows = [
        (
            f"{one['hours']} h", f"{f['port_weeks']:,}", f"{f['fallen']:,}", f"{f['marked']:,}",
            _share(f["largest_unmarked_fall"]), f"{f['marked_without_fall']:,}", f"{f['adjusted']:,}",
            _share(f["plain_to_true"]), _share(f["adjusted_to_true"]),
        )
        for one in found
        for f in [one["figures"]]
    ]  # fmt: skip
    return table(
        (
            "silence", "port-weeks", "fallen", "marked", "largest fall unmarked", "marked without a fall",
            "adjusted", "plain to true", "adjusted to true",
        ),
        rows,
    )  # fmt: skip


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


if __name__ == "__main__":
    raise SystemExit(main())
