"""Recomputes releases from the messages and references that they used, and compares value by value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ais_indicators.errors import BadInputError
from ais_indicators.io.spread import Advance
from ais_indicators.periods import Week
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.releasing.basis import code_sha256, package_versions
from ais_indicators.releasing.compare import Change, largest_changes, rule_changes
from ais_indicators.releasing.differences import count_differences
from ais_indicators.releasing.history import find_release, read_history, release_folder
from ais_indicators.releasing.inputs import InputFinder
from ais_indicators.releasing.observations import observations_as_of
from ais_indicators.releasing.record import ReleaseRecord
from ais_indicators.releasing.replay_lake import ReplayLake, RunTask
from ais_indicators.releasing.tables import (
    RULES,
    as_recorded,
    read_basis,
    read_release_table,
    recorded_columns,
)
from ais_indicators.rules import Rules, rule_values, rules_hash
from ais_indicators.settings import Settings

ALL = "all"
Progress = Callable[[str], Advance | None]


@dataclass(frozen=True)
class Reproduced:
    """Result of recomputing a release.

    Attributes:
        release_id: The release.
        week: Its week.
        observations: Recomputed observations.
        new: Those that the release does not have.
        changed: Those with another value or status.
        gone: Observations of the release that are missing now.
        largest: The largest change of each indicator, from the release to now.
        differs: Inputs of the release that have changed: rules by name, code, packages.
        impossible: Why it cannot be recomputed; empty if it was.
    """

    release_id: str
    week: str
    observations: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    largest: tuple[Change, ...] = ()
    differs: tuple[str, ...] = ()
    impossible: str = ""

    @property
    def is_same(self) -> bool:
        """Returns whether every value is as it was published."""
        return not (self.new or self.changed or self.gone or self.impossible)


def reproduce_releases(
    settings: Settings,
    asked: str,
    tasks: Sequence[str],
    run_task: RunTask,
    progress: Progress = lambda _: None,
    keep: bool = False,
    *,
    rules: Rules,
) -> list[Reproduced]:
    """Recomputes one release, or all one after the other.

    All of them share one lake, in which from one release to the next only the weeks that differ are folded.

    Args:
        settings: Settings of the current lake; it is only read.
        asked: A release, `latest` or `all`.
        tasks: Names of the tasks that compute values after the fold, in order.
        run_task: Runs a task.
        progress: Called when each release starts; returns a callback for weeks done.
        keep: Whether to keep the temporary lake, under `as_of/`.
        rules: Rules of the lake's subject.

    Raises:
        WrongUseError: There is no such release.
        BadInputError: The requested one cannot be recomputed.
    """
    history = read_history(settings)
    names = [row.release_id for row in history.releases]
    chosen = names if asked == ALL else [history.find(asked).release_id]
    finder, lake = InputFinder(settings), ReplayLake.make(settings, tuple(tasks), run_task)
    try:
        return [
            _reproduce(finder, lake, name, progress, must_succeed=asked != ALL, rules=rules)
            for name in chosen
        ]
    finally:
        if not keep:
            lake.remove()


def _reproduce(
    finder: InputFinder,
    lake: ReplayLake,
    release_id: str,
    progress: Progress,
    *,
    must_succeed: bool,
    rules: Rules,
) -> Reproduced:
    """Recomputes one release in a lake that others may have been recomputed in.

    Raises:
        BadInputError: It cannot be recomputed, and must be.
    """
    release = find_release(lake.living, release_id)
    try:
        lake.compute(finder.inputs_of(release), progress(release_id))
    except BadInputError as error:
        if must_succeed:
            raise
        return Reproduced(release_id, release.week, impossible=str(error))
    return _compared(lake.living, lake.settings, release, rules)


def _compared(living: Settings, computed: Settings, release: ReleaseRecord, rules: Rules) -> Reproduced:
    release_id = release.release_id
    now = {
        table: as_recorded(pl.DataFrame(rows), table, recorded_columns(living, release_id, table))
        for table, rows in observations_as_of(
            computed, Week.parse(release.week), release, living, rules
        ).items()
    }
    then = {table: read_release_table(living, release_id, table) for table in RELEASED_TABLES}
    counts = [count_differences(then[table], now[table], table) for table in RELEASED_TABLES]
    totals: dict[str, Any] = {name: sum(of[name] for of in counts) for name in counts[0]}
    differs = tuple(what_differs_now(living, release, rules))
    return Reproduced(release_id, release.week, **totals, largest=largest_changes(then, now), differs=differs)


def what_differs_now(settings: Settings, release: ReleaseRecord, rules: Rules) -> list[str]:
    """Returns the inputs of a release that have changed in the running software: rules by name, code, packages."""
    folder = release_folder(settings, release.release_id)
    values, manifest = read_basis(folder, RULES), read_basis(folder)
    found = []
    if release.rules_hash != rules_hash(rules.subject):
        found += (
            rule_changes(values, rule_values(rules.subject))
            if values
            else ["rules differ; which ones was not recorded"]
        )
    if release.code_sha256 is None:
        found.append("the hash of the software was not recorded")
    elif release.code_sha256 != code_sha256():
        found.append("the software's files, contracts or checks have changed")
    packages, running = manifest.get("packages", {}), package_versions()
    return found + [
        f"package {name} was {packages[name]}, is {running.get(name, 'not there')}"
        for name in sorted(packages)
        if packages[name] != running.get(name)
    ]
