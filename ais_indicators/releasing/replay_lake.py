"""Lake that is brought, release by release, to the inputs of each, and recomputes it.

It starts empty: no state, calls or values of the current lake are used. From one release to the next only what differs
is folded, from the first week whose messages, ports or gates differ; its content then is the same as that of a fold
from the first week, as for any weekly run.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ais_indicators.errors import BadInputError
from ais_indicators.io.delta import active_files, commit, create_tables, open_delta
from ais_indicators.io.expired import EXPIRED, expired_through
from ais_indicators.io.spread import Advance
from ais_indicators.io.staging import TableFile
from ais_indicators.io.weeks import read_folded_weeks
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.releasing.as_of import FOLDER, link_file
from ais_indicators.releasing.basis import FINGERPRINT_DIGITS
from ais_indicators.releasing.inputs import FoldedAs, ReleaseInputs
from ais_indicators.releasing.record import copy_releases_before
from ais_indicators.settings import Settings
from ais_indicators.tracking.replaced_files import COMMIT_ORDER, is_replaced

PREFIX: Final = "reproduce-"
RunTask = Callable[[str, Job], Any]


@dataclass
class ReplayLake:
    """The temporary lake.

    Attributes:
        living: Settings of the lake that published.
        settings: Settings of this lake.
        tasks: Names of the tasks that compute values after the fold, in order.
        run_task: Runs a task.
    """

    living: Settings
    settings: Settings
    tasks: tuple[str, ...]
    run_task: RunTask
    _folded: dict[Week, FoldedAs] = field(default_factory=dict)

    @classmethod
    def make(cls, living: Settings, tasks: tuple[str, ...], run_task: RunTask) -> "ReplayLake":
        """Creates an empty one next to the current lake; the caller removes it."""
        root = living.data_dir / FOLDER
        root.mkdir(parents=True, exist_ok=True)
        made = cls(living, living.at(Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))), tasks, run_task)
        made._begin()
        return made

    def remove(self) -> None:
        """Removes the lake."""
        shutil.rmtree(self.settings.data_dir, ignore_errors=True)

    def compute(self, inputs: ReleaseInputs, advance: Advance | None = None) -> None:
        """Computes the values from a release's inputs."""
        if not self._folded.keys() <= inputs.folded.keys():  # folded weeks no longer count as folded
            self._begin()
        self._take_over(inputs)
        for period, one in self._to_fold(inputs):
            job = Job(
                self.settings,
                period,
                port_version=one.port_version,
                gate_version=one.gate_version,
                advance=advance,
            )
            self.run_task("track_vessels", job)
        self._folded = dict(inputs.folded)
        week = Week.parse(inputs.release.week)
        for name in self.tasks:
            self.run_task(name, Job(self.settings, Period(week, week)))

    def _begin(self) -> None:
        """Creates the tables again; weeks whose messages have expired come with their state, which cannot change."""
        shutil.rmtree(self.settings.lake, ignore_errors=True)
        self.settings.lake.mkdir(parents=True)
        create_tables(self.settings)
        _link_settings(self.living, self.settings)
        self._folded = {}
        expired = expired_through(self.living)
        if expired is None:
            return
        after = Period(expired.plus(1), expired.plus(1))
        for table in (*COMMIT_ORDER, EXPIRED):
            files = active_files(open_delta(self.living, table))
            self._put(
                table, [file for file in files if table == EXPIRED or not is_replaced(table, file, after)]
            )
        for week, one in read_folded_weeks(self.settings).items():
            known = FoldedAs(one.fingerprint[:FINGERPRINT_DIGITS], one.port_version, one.gate_version)
            self._folded[week] = known

    def _take_over(self, inputs: ReleaseInputs) -> None:
        """Brings bronze and references to the release's, and the releases to those before it."""
        expired = expired_through(self.living)
        for week, one in self._folded.items():
            if expired is not None and week <= expired and inputs.folded.get(week) != one:
                raise BadInputError(
                    f"{inputs.release.release_id} cannot be recomputed: {week} was folded again since, and its "
                    f"raw messages have expired"
                )
        for table, files in inputs.files.items():
            self._put(table, files)
        copy_releases_before(self.living, inputs.release, self.settings)

    def _put(self, table: str, files: list[TableFile]) -> None:
        """Makes a table hold exactly these files of the current lake."""
        stand = {file.path: file for file in active_files(open_delta(self.settings, table))}
        wanted = {file.path: file for file in files}
        added = [file for path, file in wanted.items() if path not in stand]
        for file in added:
            link_file(self.living, self.settings, table, file)
        commit(self.settings, table, added, [file for path, file in stand.items() if path not in wanted])

    def _to_fold(self, inputs: ReleaseInputs) -> list[tuple[Period, FoldedAs]]:
        """Returns the weeks from the first that differs, in periods of one version of ports and gates."""
        asked = inputs.folded
        first = next((week for week in sorted(asked) if self._folded.get(week) != asked[week]), None)
        return inputs.segments(first) if first else []


def _link_settings(living: Settings, made: Settings) -> None:
    """Links the settings of sources, and the releases, of the current lake's data folder."""
    for name in ("sources", "sources.yaml", living.releases.name):
        source, target = living.data_dir / name, made.data_dir / name
        if source.exists() and not target.is_symlink():
            os.symlink(source, target)
