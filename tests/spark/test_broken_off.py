"""Runs that are broken off between two commits, and repeated, end in the same tables.

For the weekly tasks, one undisturbed run copies the lake before each commit: what a power cut at that moment leaves.
A run on such a copy must end in the tables of the undisturbed one. `make test` goes on from every fifth copy of the
fold, from the first and from the last; `make test-all` from all of them.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from ais_indicators import runner
from ais_indicators.ingestion import file_commit as ingest_commit
from ais_indicators.io import week_rows as gold
from ais_indicators.job import Job
from ais_indicators.periods import Period
from ais_indicators.pipelines import publish_release, track_vessels
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from ais_indicators.tracking.replaced_files import COMMIT_ORDER
from tests.examples import is_full
from tests.messages import SILVER, assert_same_content, content, table, write_noaa
from tests.small_lake import CORRECTED, FIRST_DELIVERY, W01, W52, W53, WORLD, copied, files_of, ingest, run

FOLD, FIGURES = track_vessels.__name__, gold.__name__
FOLD_COMMITS = len(COMMIT_ORDER)
FOLD_CHOSEN = tuple(range(FOLD_COMMITS)) if is_full() else (*range(0, FOLD_COMMITS - 1, 5), FOLD_COMMITS - 1)
INGESTED = ("bronze.ais_messages", "bronze.ais_static_messages", "quarantine.messages", "ops.ingested_files")


class BrokenOffError(Exception):
    """Simulates a power cut."""


@contextmanager
def broken_off(module: ModuleType, nth: int, name: str = "commit") -> Iterator[None]:
    """Ends what runs within it before commit number `nth` of a module, counted from 0, or before another write."""
    made, write = 0, getattr(module, name)

    def write_or_end(*arguments: Any, **keywords: Any) -> Any:
        nonlocal made
        if made == nth:
            raise BrokenOffError
        made += 1
        return write(*arguments, **keywords)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, write_or_end)
        with pytest.raises(BrokenOffError):
            yield


@dataclass(frozen=True)
class Moments:
    """An undisturbed run of a week, and the lake as it was before its commits.

    Attributes:
        before: Copies of the lake, by module and number of the commit.
        tables: Rows after the fold and after the values, by module.
        commits: Number of the fold's commits.
    """

    before: dict[tuple[str, int], Settings]
    tables: dict[str, dict[str, pl.DataFrame]]
    commits: int


@pytest.fixture(scope="module")
def moments(lake_with_ports: Settings, tmp_path_factory: pytest.TempPathFactory) -> Moments:
    """The second week of a lake that holds all files, and the first week with its values."""
    folder = tmp_path_factory.mktemp("moments")
    lake = copied(lake_with_ports, folder / "undisturbed")
    ingest(lake, *files_of(lake, WORLD))
    run(lake, W52)
    before: dict[tuple[str, int], Settings] = {}
    with _kept(lake, folder, track_vessels, FOLD_CHOSEN, before) as fold_commits:
        run(lake, W53, until="track_vessels")
    tables = {FOLD: content(lake, SILVER)}
    with _kept(lake, folder, gold, range(2), before):
        run(lake, W53)
    return Moments(before, tables | {FIGURES: content(lake)}, len(fold_commits))


@contextmanager
def _kept(
    lake: Settings,
    folder: Path,
    module: ModuleType,
    chosen: Collection[int],
    before: dict[tuple[str, int], Settings],
) -> Iterator[list[str]]:
    """Copies the lake before the chosen commits of a module, and lists the tables of all of them."""
    commit, tables = module.commit, list[str]()

    def keep(settings: Settings, name: str, *rest: Any, **keywords: Any) -> Any:
        nth = len(tables)
        if nth in chosen:
            before[module.__name__, nth] = copied(lake, folder / f"{module.__name__}-{nth}")
        tables.append(name)
        return commit(settings, name, *rest, **keywords)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "commit", keep)
        yield tables


def test_the_fold_makes_its_commits_in_their_order(moments: Moments) -> None:
    assert moments.commits == FOLD_COMMITS
    assert {0, FOLD_COMMITS - 1} <= set(FOLD_CHOSEN)


@pytest.mark.parametrize("nth", FOLD_CHOSEN, ids=lambda nth: COMMIT_ORDER[nth])
def test_a_fold_broken_off_between_commits_ends_in_the_same_tables(moments: Moments, nth: int) -> None:
    lake = moments.before[FOLD, nth]
    run(lake, W53, until="track_vessels")
    assert_same_content(content(lake, SILVER), moments.tables[FOLD])


@pytest.mark.parametrize("nth", [0, 1])
def test_figures_broken_off_between_commits_end_in_the_same_tables(moments: Moments, nth: int) -> None:
    lake = moments.before[FIGURES, nth]
    run(lake, W53)
    assert_same_content(content(lake), moments.tables[FIGURES])


def taken_in(lake: Settings) -> dict[str, pl.DataFrame]:
    """What ingest has written, without the time of delivery."""
    frames = {name: table(lake, name) for name in INGESTED}
    return {name: f.drop("delivered_at_utc", strict=False).sort(pl.all()) for name, f in frames.items()}


@pytest.mark.parametrize(
    "nth", range(4), ids=["before quarantine", "before statics", "before bronze", "before the record"]
)
def test_a_delivery_broken_off_between_commits_ends_in_the_same_tables(
    lake: Settings, tmp_path: Path, nth: int
) -> None:
    """The corrected file of a name is broken off and delivered again."""
    first, corrected = (
        write_noaa(tmp_path / name / "day.csv", rows)
        for name, rows in (("first", FIRST_DELIVERY), ("corrected", CORRECTED))
    )
    ingest(lake, first)
    undisturbed = copied(lake, tmp_path / "undisturbed")
    ingest(undisturbed, corrected)
    with broken_off(ingest_commit, nth):
        ingest(lake, corrected)
    ingest(lake, corrected)
    frames = taken_in(undisturbed)
    for name, frame in taken_in(lake).items():
        assert frame.equals(frames[name]), name


def test_a_delivery_broken_off_and_corrected_before_it_comes_again_leaves_no_rows_behind(
    lake: Settings, tmp_path: Path
) -> None:
    """Bronze held the first content when the run was broken off; its name then comes with another one."""
    with broken_off(ingest_commit, 2):
        ingest(lake, write_noaa(tmp_path / "day.csv", FIRST_DELIVERY))
    ingest(lake, write_noaa(tmp_path / "day.csv", CORRECTED))
    recorded = table(lake, "ops.ingested_files", is_current=True)
    assert table(lake, "bronze.ais_messages").height == recorded["rows_accepted"].sum()
    assert table(lake, "quarantine.messages").height == recorded["rows_quarantined"].sum()


def test_a_publication_broken_off_before_its_record_ends_in_the_same_release(
    backfilled: Settings, tmp_path: Path
) -> None:
    def publish(lake: Settings) -> str:
        release: str = runner.run_task("publish_release", Job(lake, Period(W01, W01)))[0].release_id
        return release

    undisturbed, lake = copied(backfilled, tmp_path / "undisturbed"), copied(backfilled, tmp_path / "broken")
    wanted = publish(undisturbed)
    with broken_off(publish_release, 0, "append_release"):
        publish(lake)
    assert read_releases(lake) == ()
    assert publish(lake) == wanted
    files = {path.name: path.read_bytes() for path in (undisturbed.releases / wanted).iterdir()}
    assert {path.name: path.read_bytes() for path in (lake.releases / wanted).iterdir()} == files
    assert [path.name for path in lake.releases.iterdir()] == [wanted]
