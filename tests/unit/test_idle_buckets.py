"""A vessel bucket that never had a message is not folded: its state alone is written, the same as a fold gives."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.io.store import Folder
from ais_indicators.periods import Week
from ais_indicators.tasks import task
from ais_indicators.tracking.bucket import BucketFold
from ais_indicators.tracking.bucket_plans import BucketPlan, BucketResult, WeekPlan
from tests.fold_harness import port_index
from tests.second_reading import Area
from tests.subject_rules import SHIP_RULES

STATE = "silver.fold_state"
WEEKS = (Week.parse("2020-W52"), Week.parse("2020-W53"))
ANY_FILE = {date(2020, 12, 22): ("a.parquet",)}


@pytest.fixture
def plan(tmp_path: Path) -> BucketPlan:
    """Two weeks of a bucket without any file."""
    weeks = tuple(WeekPlan(week, "first", "none", "print", "history", {}, {}) for week in WEEKS)
    folders = {name: Folder(str(tmp_path / name)) for name in task("track_vessels").writes}
    return BucketPlan(3, weeks, (), (), folders)


def fold_of(plan: BucketPlan) -> BucketFold:
    square = ((9.0, 9.0), (9.1, 9.0), (9.1, 9.1), (9.0, 9.1))
    return BucketFold(
        plan,
        {"first": port_index([Area("XXAAA", "port", (square,))])},
        {"none": GateIndex.empty()},
        SHIP_RULES,
    )


def written(plan: BucketPlan, result: BucketResult) -> list[tuple[str, str | None, pa.Table]]:
    return [
        (name, file.partition.get("week"), plan.folders[name].read(file.path)) for name, file in result.files
    ]


def test_a_bucket_without_files_and_state_writes_the_state_that_a_fold_gives(
    plan: BucketPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = written(plan, fold_of(plan).run())
    assert [(name, week) for name, week, _ in quick] == [(STATE, week.plus(1).name) for week in WEEKS]
    monkeypatch.setattr(BucketFold, "_has_nothing_to_fold", lambda *_: False)
    assert written(plan, fold_of(plan).run()) == quick


@pytest.mark.parametrize("kind", ["files", "static_files", "loss_files"])
def test_a_bucket_with_any_file_is_folded(plan: BucketPlan, kind: str) -> None:
    week = plan.weeks[0]
    assert fold_of(plan)._has_nothing_to_fold(week)
    given: dict[str, Any] = {kind: ANY_FILE}
    assert not fold_of(plan)._has_nothing_to_fold(replace(week, **given))


def test_a_bucket_finds_its_own_state_among_those_of_others(plan: BucketPlan) -> None:
    """Each bucket's state lies in a file of its own, or upkeep has joined those of several."""
    states = {
        number: fold_of(replace(plan, bucket=number, weeks=plan.weeks[:1])).run().files[0][1]
        for number in (2, 3)
    }
    folder = plan.folders[STATE]
    rows = [folder.read(file.path) for file in states.values()]
    folder.write("joined.parquet", pa.concat_tables(rows))
    later = replace(plan, weeks=plan.weeks[1:])
    for names in ([file.path for file in states.values()], ["joined.parquet"]):
        after = fold_of(replace(later, state_files=tuple(folder.location(name) for name in names)))
        assert after.run().files[0][1].rows == 1
        assert after.port_locodes == ("XXAAA",)
