"""`python -m benchmarks.integrity`: false positions, jamming, dark vessels, a closed strait and an outage.

For each seed a simulated data set is computed without a shock, and its last week again with each case. Found and lost
vessel-hours, false calls and marks are scored against the truth, values against the run without the shock. Name cases
to run only these; `spoof_point` means all its numbers of vessels. All cases together write the page.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from ais_indicators import runner
from ais_indicators.io.delta import read_rows
from ais_indicators.job import Job
from ais_indicators.operations.evaluate_integrity import lake_rows
from ais_indicators.periods import Period, Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_simulator import SimulatedSea, Simulation, simulate_weeks
from ais_simulator.evaluation.integrity import (
    LEAST_EVENTS,
    LEAST_LOST,
    MARKED,
    SPOOFING,
    VESSEL_HOUR,
    score_integrity,
)
from ais_simulator.evaluation.truth import Truth, read_truth
from ais_simulator.sphere import Point, distances_km
from benchmarks.integrity_cases import (
    CASES,
    FALSE_PLACES,
    FIRST,
    LAST,
    NEAR_KM,
    NO_SHOCK,
    OTHER_WEEKS,
    STRAIT,
    WEEKS,
    chosen_cases,
)
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import table

SHIPS, THIN_S = 300, 300
SKIPPED: Final = ("compute_series", "check_release", "publish_release")
"""Weekly tasks that change no value."""

LEAST_FOUND, MOST_LOST, MOST_CHANGE = 0.95, 0.01, 0.1
FULL_COVERAGE: Final = 1.0
TOTAL: Final = "_T"

HEAD: Final = """# Integrity

Simulated data sets of {ships} ships over {weeks} weeks (scenario `standard` without outages), each with one
case in its last week; outages are in all weeks. Spoofing: for 36 hours, 5, 25 or 50 vessels of Europe are shown
at a point in the port of Frederikshavn, on a circle through Piraeus, at berths of Gdynia, or on an airport.
Jamming: 36 hours in the Gulf. `dark_half`: half of all vessels send nothing in the last week. `strait_closed`:
no vessel enters the Strait of Hormuz in the last week.

Targets: at least {found:.0%} of all affected vessel-hours found (those in which the vessel truly is within
{near:g} km of the false place are in this share, and in a column of their own); at most {lost:.0%} of the
others rejected; no call or transit where the vessel was not; no published value that differs by more than
{change:.0%} from the run without the case, unless it is marked (status U or O); no fall under dark vessels
without a mark; a closed strait published as 0, closed, with coverage 1. Values are weekly arrivals, departures,
vessels and calls in progress of ports, and transits of straits: {least} events or more in one of the two runs,
and a difference of {events} or more.
"""


@dataclass(frozen=True)
class Score:
    """What came out of one case; None where it is not measured.

    Attributes:
        case: Name of the case.
        seed: Seed of the data set.
        hours: Affected vessel-hours.
        found_share: Those found.
        near_hours: Affected vessel-hours that the vessel begins within `NEAR_KM` of the false place.
        near_found: How many of those were found.
        clean_hours: Other vessel-hours.
        lost_share: Those of which a position was rejected as false.
        false_calls: Port calls where the vessel was not.
        false_transits: Transits where the vessel was not.
        largest_unmarked: Largest change of a value that has no mark, as a share.
        largest_place: Week, place, indicator and both values of it.
        falls: Falls under dark vessels.
        unmarked_falls: Those without a mark.
        strait: Status, transits, their status and coverage of the closed strait.
        not_scored: What could not be scored.
    """

    case: str
    seed: int
    hours: int | None
    found_share: float | None
    near_hours: int | None
    near_found: int | None
    clean_hours: int
    lost_share: float | None
    false_calls: int | None
    false_transits: int | None
    largest_unmarked: float | None
    largest_place: str
    falls: int | None
    unmarked_falls: int | None
    strait: dict[str, Any] | None
    not_scored: list[str]

    @property
    def is_closed(self) -> bool | None:
        """Whether the closed strait was published as such; None in other cases."""
        if self.strait is None:
            return None
        return self.strait == {
            "status": "closed",
            "transits": 0,
            "obs_status": "P",
            "coverage": FULL_COVERAGE,
        }

    @property
    def reaches_target(self) -> bool:
        """Whether all that was asked for was reached; what a case affects must have been scored."""
        return (
            (self.hours is None or (self.found_share or 0) >= LEAST_FOUND)
            and (self.lost_share or 0) <= MOST_LOST
            and not self.false_calls
            and not self.false_transits
            and (self.largest_unmarked or 0) <= MOST_CHANGE
            and not self.unmarked_falls
            and self.is_closed is not False
        )


def run_base(seed: int, ships: int, folder: Path) -> Settings:
    """Computes all weeks but the last without a shock; the cases whose shock lies in the last week start from it."""
    lake = Settings(folder / "data")
    sea = _simulate(NO_SHOCK, seed, ships, folder)
    _take_in(lake, sea, sea.message_files[: -len(LAST.days)])
    _compute(lake, Period(FIRST, LAST.plus(-1)))
    return lake


def run_case(name: str, seed: int, ships: int, folder: Path, base: Settings) -> Settings:
    """Simulates a case, computes its weeks and returns its lake, next to which the truth is.

    Args:
        name: One of `CASES`, or `none` for the data set without a shock.
        seed: Seed of the data set.
        ships: Number of ships.
        folder: Gets `sea` and `data`.
        base: The lake of `run_base`; cases of `OTHER_WEEKS` do not use it.
    """
    lake = Settings(folder / "data")
    if name in OTHER_WEEKS:
        sea = _simulate(name, seed, ships, folder)
        _take_in(lake, sea, sea.message_files)
        _compute(lake, Period(FIRST, LAST))
        return lake
    sea = _simulate(name, seed, ships, folder, LAST)
    shutil.copytree(base.data_dir, lake.data_dir)
    runner.run_task("ingest_messages", Job(lake, paths=sea.message_files))
    shutil.rmtree(sea.folder / "messages")
    _compute(lake, Period(LAST, LAST))
    return lake


def _simulate(
    name: str, seed: int, ships: int, folder: Path, messages_from: Week | None = None
) -> SimulatedSea:
    folder.mkdir(parents=True)
    scenario = folder / "scenario.yaml"
    content = {"upon": "standard", "faults": {"outages_per_station_year": 0}} | CASES.get(name, {})
    scenario.write_text(yaml.safe_dump(content), encoding="utf-8")
    wanted = Simulation(FIRST.name, WEEKS, ships, seed, scenario=str(scenario), thin_s=THIN_S)
    return simulate_weeks(wanted, folder / "sea", messages_from=messages_from)


def _take_in(lake: Settings, sea: SimulatedSea, files: Sequence[Path]) -> None:
    runner.run_task("load_ports", Job(lake, paths=(sea.ports_file,)))
    runner.run_task("load_vessels", Job(lake, paths=(sea.register_file,)))
    runner.run_task("ingest_messages", Job(lake, paths=tuple(files)))
    shutil.rmtree(sea.folder / "messages")


def _compute(lake: Settings, weeks: Period) -> None:
    tasks = [one for one in runner.choose_tasks("ships") if one.name not in SKIPPED]
    runner.run_tasks(Job(lake, weeks), tasks)


def score(name: str, seed: int, settings: Settings, sea: Path, without: pl.DataFrame) -> Score:
    """Scores a case against its truth, and its values against those of the run without a shock.

    Args:
        name: Name of the case.
        seed: Seed of the data set.
        settings: Its lake.
        sea: What was simulated.
        without: `published_values` of the run without a shock.
    """
    truth, lake = read_truth(sea), lake_rows(settings)
    found = score_integrity(truth, lake)
    affected = found.get("spoofing") or found.get("jamming")
    spoofing, dark = found.get("spoofing", {}), found.get("dark", {})
    near = near_hours(name, truth)
    change, where = None, ""
    if name != "strait_closed":
        change, where = largest_unmarked(without, published_values(settings))
    return Score(
        case=name,
        seed=seed,
        hours=affected["hours"] if affected else None,
        found_share=affected["found_share"] if affected else None,
        near_hours=None if near is None else near.height,
        near_found=None if near is None else near.join(lake.rejected, on=VESSEL_HOUR, how="semi").height,
        clean_hours=found["clean"]["hours"],
        lost_share=found["clean"]["rejected_share"],
        false_calls=spoofing.get("false_calls"),
        false_transits=spoofing.get("false_transits"),
        largest_unmarked=change,
        largest_place=where,
        falls=dark.get("falls"),
        unmarked_falls=len(dark["unmarked"]) if dark else None,
        strait=_strait(settings, found) if name == "strait_closed" else None,
        not_scored=found["not_scored"],
    )


def near_hours(name: str, truth: Truth) -> pl.DataFrame | None:
    """Returns the affected vessel-hours in which the vessel truly is near the false place; None without spoofing."""
    word, *shape = name.split("_")
    if word != "spoof" or truth.interfered is None:
        return None
    hours = truth.interfered.filter(pl.col("messages") > 0, kind=SPOOFING)
    km = distances_km(
        Point(*FALSE_PLACES[shape[0]]), *(hours[axis].to_numpy() for axis in ("latitude", "longitude"))
    )
    return hours.filter(pl.Series(km <= NEAR_KM)).select(VESSEL_HOUR).unique()


def published_values(settings: Settings) -> pl.DataFrame:
    """Returns weekly values that are published: `week, place, indicator, value, obs_status`."""
    ports = pl.DataFrame(read_rows(settings, "gold.port_activity_weekly"))
    straits = pl.DataFrame(read_rows(settings, "gold.chokepoint_transits_weekly"))
    counts = ("arrivals", "departures", "unique_vessels", "calls_in_progress")
    columns = ["indicator", "value", "obs_status"]
    return pl.concat(
        [
            ports.filter(pl.col("indicator").is_in(counts), vessel_class=TOTAL, adjustment="N").select(
                "week", pl.col("port_locode").alias("place"), *columns
            ),
            straits.filter(indicator="transits", vessel_class=TOTAL, direction=TOTAL).select(
                "week", pl.col("gate_code").alias("place"), *columns
            ),
        ]
    )


def largest_unmarked(without: pl.DataFrame, values: pl.DataFrame) -> tuple[float, str]:
    """Returns the largest change of a value that no status marks, as a share, and which value it is.

    Weeks before the first baseline are left out, and so are values of few events or changes of one.

    >>> rows = [("2026-W07", "XX", "arrivals", 10.0, "P")]
    >>> before = pl.DataFrame(rows, schema=["week", "place", "indicator", "value", "obs_status"], orient="row")
    >>> largest_unmarked(before, before.with_columns(value=7.0))
    (0.3, '2026-W07 XX arrivals: 10 became 7')
    >>> largest_unmarked(before, before.with_columns(value=7.0, obs_status=pl.lit("U")))
    (0.0, '')
    """
    key = ["week", "place", "indicator"]
    first = FIRST.plus(Rules.for_subject("ships").min_baseline_weeks).name
    both = without.select(*key, before="value").join(values, on=key, how="full", coalesce=True)
    before, after = (pl.col(name).fill_null(0) for name in ("before", "value"))
    is_marked = pl.col("obs_status").is_in(MARKED).fill_null(False)
    changed = (
        both.filter(~is_marked, pl.col("week") >= first)
        .filter(pl.max_horizontal(before, after) >= LEAST_EVENTS, (before - after).abs() >= LEAST_LOST)
        .with_columns(change=(before - after).abs() / pl.max_horizontal(before, 1.0))
        .sort("change", *key, descending=[True, False, False, False])
    )
    if changed.is_empty():
        return 0.0, ""
    row = changed.row(0, named=True)
    text = f"{row['before'] or 0:g} became {row['value'] or 0:g}"
    return round(row["change"], 4), f"{row['week']} {row['place']} {row['indicator']}: {text}"


def _strait(settings: Settings, found: dict[str, Any]) -> dict[str, Any]:
    """Returns how the closed strait is published in its first closed week."""
    key = {"week": LAST.name, "gate_code": STRAIT}
    values = lake_rows(settings).gate_transits.filter(**key).rows(named=True)
    coverage = pl.DataFrame(read_rows(settings, "gold.coverage_weekly")).filter(
        week=LAST.name, place_kind="gate", place_code=STRAIT
    )
    return {
        "status": (found["status"] or {"by_week": {}})["by_week"].get(f"{STRAIT} {LAST.name}"),
        "transits": values[0]["value"] if values else None,
        "obs_status": values[0]["obs_status"] if values else None,
        "coverage": coverage["coverage_index"][0] if coverage.height else None,
    }


def scores_table(scores: Sequence[Score]) -> str:
    """Returns the cases as a table of the page."""
    rows = [
        (
            one.case, str(one.seed), _text(one.hours), _percent(one.found_share), _near_text(one),
            f"{one.clean_hours:,}", _percent(one.lost_share), _text(one.false_calls), _text(one.false_transits),
            _percent(one.largest_unmarked), one.largest_place, _text(one.unmarked_falls), _strait_text(one.strait),
            "yes" if one.reaches_target else "no",
        )
        for one in scores
    ]  # fmt: skip
    head = (
        "case", "seed", "affected hours", "found", "of those near, found", "other hours", "lost",
        "false calls", "false transits",
        "largest unmarked change", "of", "unmarked falls", "closed strait", "target reached",
    )  # fmt: skip
    return table(head, rows)


def _text(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _near_text(score: Score) -> str:
    return "" if score.near_hours is None else f"{score.near_found} of {score.near_hours}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _strait_text(strait: dict[str, Any] | None) -> str:
    if strait is None:
        return ""
    return f"{strait['status']}, {strait['transits']} ({strait['obs_status']}), coverage {strait['coverage']}"


def run_cases(names: Sequence[str], seed: int, ships: int) -> list[Score]:
    """Runs cases of one seed, one after the other, each in a folder of its own that goes afterwards."""
    scores = []
    folder = Path(tempfile.mkdtemp(prefix="ais-integrity-"))
    try:
        base = run_base(seed, ships, folder / "base")
        without = published_values(run_case(NO_SHOCK, seed, ships, folder / NO_SHOCK, base))
        shutil.rmtree(folder / NO_SHOCK)
        for name in names:
            settings = run_case(name, seed, ships, folder / name, base)
            scores.append(score(name, seed, settings, folder / name / "sea", without))
            print(json.dumps(asdict(scores[-1])), flush=True)
            shutil.rmtree(folder / name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return scores


def main(arguments: list[str] | None = None) -> int:
    """Runs cases and prints them; with all cases writes `integrity.md`; returns 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.integrity", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="case", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument(
        "--seed", dest="seeds", type=int, nargs="+", default=[31, 32, 33], help="default: 31 32 33"
    )
    parser.add_argument("--ships", type=int, default=SHIPS)
    add_options(parser)
    chosen = parser.parse_args(arguments)
    try:
        names = chosen_cases(chosen.cases)
    except ValueError as error:
        parser.error(str(error))
    is_page = not chosen.cases
    records = begin("integrity", chosen) if is_page else ()
    scores = [one for seed in chosen.seeds for one in run_cases(names, seed, chosen.ships)]
    print(scores_table(scores))
    if is_page:
        head = HEAD.format(
            ships=chosen.ships, weeks=WEEKS, found=LEAST_FOUND, lost=MOST_LOST, change=MOST_CHANGE,
            least=LEAST_EVENTS, events=LEAST_LOST, near=NEAR_KM,
        )  # fmt: skip
        values = {"ships": chosen.ships, "weeks": WEEKS, "cases": [asdict(one) for one in scores]}
        write_page("integrity", chosen.out, values, f"{head}\n{scores_table(scores)}\n", records)
    return 0 if all(one.reaches_target for one in scores) else 1


if __name__ == "__main__":
    raise SystemExit(main())
