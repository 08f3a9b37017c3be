"""Exact input files of a release: bronze as each of its weeks was folded, references as they were."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby, product
from typing import Final

from ais_indicators.errors import BadInputError
from ais_indicators.io.delta_log import FileLife, file_lives, files_at
from ais_indicators.io.expired import expired_through
from ais_indicators.io.staging import TableFile
from ais_indicators.io.weeks import BASE_STATIONS, LOSSES, MESSAGES, STATE, STATICS, read_folded_weeks
from ais_indicators.periods import Period, Week
from ais_indicators.releasing.basis import FINGERPRINT_DIGITS
from ais_indicators.releasing.record import ReleaseRecord
from ais_indicators.settings import Settings

REFERENCES: Final = ("reference.gates", "reference.port_cells", "reference.ports", "reference.vessels")


BRONZE: Final = (MESSAGES, STATICS, BASE_STATIONS, LOSSES)
"""Tables of bronze that a fold reads. Releases from before one of them existed use none of its files."""


@dataclass(frozen=True)
class FoldedAs:
    """How a week was folded.

    Attributes:
        fingerprint: First digits of the hash over the names of its files of bronze.
        port_version: Version of the ports.
        gate_version: Version of the gates.
    """

    fingerprint: str
    port_version: str
    gate_version: str


@dataclass(frozen=True)
class ReleaseInputs:
    """Inputs of a release.

    Attributes:
        release: Its record.
        files: Files of bronze and of the references, by table.
        folded: The weeks that were folded, and how.
        newest: The newest week that held messages.
    """

    release: ReleaseRecord
    files: dict[str, list[TableFile]]
    folded: dict[Week, FoldedAs]
    newest: Week

    def segments(self, first: Week) -> list[tuple[Period, FoldedAs]]:
        """Returns the folded weeks from one on, as periods of one version of ports and gates."""
        weeks = sorted(week for week in self.folded if week >= first)
        runs = groupby(weeks, key=lambda w: (self.folded[w].port_version, self.folded[w].gate_version))
        periods = [list(of_run) for _, of_run in runs]
        return [(Period(of_run[0], of_run[-1]), self.folded[of_run[0]]) for of_run in periods]


@dataclass(frozen=True)
class InputFinder:
    """Finds the inputs of releases; reads each table's log once for all of them.

    Attributes:
        settings: Settings of the lake.
    """

    settings: Settings

    @cached_property
    def _lives(self) -> dict[str, list[FileLife]]:
        return {table: file_lives(self.settings, table) for table in (*BRONZE, *REFERENCES)}

    @cached_property
    def _lives_by_week(self) -> dict[str, dict[Week, list[FileLife]]]:
        found: dict[str, dict[Week, list[FileLife]]] = {table: {} for table in BRONZE}
        for table, weeks in found.items():
            for life in self._lives[table]:
                weeks.setdefault(_week(life.file), []).append(life)
        return found

    def inputs_of(self, release: ReleaseRecord) -> ReleaseInputs:
        """Returns the inputs of a release.

        Args:
            release: Its record.

        Raises:
            BadInputError: Its raw messages have expired, or bronze never held what was folded.
        """
        expired = expired_through(self.settings)
        if expired is not None and release.week <= expired.name:
            raise BadInputError(
                f"{release.release_id} can no longer be recomputed: the raw messages of {expired} and before "
                "have expired"
            )
        versions = release.table_versions
        folded = self._folded(release, versions)
        newest = Week.parse(release.newest_week) if release.newest_week else None
        first = min(folded) if expired is None else max(min(folded), expired.plus(1))
        files = {table: files_at(self._lives[table], versions[table]) for table in REFERENCES}
        files |= self._bronze(release, versions, {w: f for w, f in folded.items() if w >= first}, newest)
        held = max((_week(file) for file in files[MESSAGES]), default=max(folded))
        return ReleaseInputs(release, files, folded, newest or held)

    def _folded(self, release: ReleaseRecord, versions: Mapping[str, int]) -> dict[Week, FoldedAs]:
        """Returns how each week was folded: by the record, else by the state of that time."""
        if release.folded_weeks is None:
            states = read_folded_weeks(self.settings, versions[STATE])
            return {
                week: FoldedAs(one.fingerprint[:FINGERPRINT_DIGITS], one.port_version, one.gate_version)
                for week, one in states.items()
            }
        return {
            Week.parse(name): FoldedAs(fingerprint, run.port_version, run.gate_version)
            for run in release.folded_weeks
            for name, fingerprint in run.fingerprints.items()
        }

    def _bronze(
        self,
        release: ReleaseRecord,
        versions: Mapping[str, int],
        folded: Mapping[Week, FoldedAs],
        newest: Week | None,
    ) -> dict[str, list[TableFile]]:
        """Returns files of each folded week as it was folded, and of weeks after them as they were."""
        found: dict[str, list[TableFile]] = {table: [] for table in BRONZE}
        for week, one in folded.items():
            for table, files in self._as_folded(release, versions, week, one.fingerprint).items():
                found[table] += files
        for table, weeks in self._lives_by_week.items():
            for week, lives in weeks.items():
                if week > max(folded) and (newest is None or week <= newest):
                    found[table] += files_at(lives, versions.get(table, 0))
        return found

    def _as_folded(
        self, release: ReleaseRecord, versions: Mapping[str, int], week: Week, fingerprint: str
    ) -> dict[str, list[TableFile]]:
        """Returns files of a week with a fingerprint: as at the release or, if messages came too late, before."""
        sets = [
            _sets_of_files(self._lives_by_week[table].get(week, []), versions.get(table, 0))
            for table in BRONZE
        ]
        for chosen in product(*sets):
            if _fingerprint([file for files in chosen for file in files]).startswith(fingerprint):
                return dict(zip(BRONZE, chosen, strict=True))
        raise BadInputError(
            f"{release.release_id} cannot be recomputed: the lake does not have its messages of {week}"
        )


def _sets_of_files(lives: Sequence[FileLife], until: int) -> list[list[TableFile]]:
    """Yields the sets of some files at each version up to one at which they changed, newest first."""
    changes = {life.added for life in lives} | {life.removed for life in lives if life.removed is not None}
    versions = {until, *(at for at in changes if at <= until), *(at - 1 for at in changes if 0 < at <= until)}
    return [files_at(lives, version) for version in sorted(versions, reverse=True)]


def _fingerprint(files: Iterable[TableFile]) -> str:
    """Computes the same hash as `fold_plan.Bronze.fingerprint`."""
    return hashlib.sha256("\n".join(sorted(file.path for file in files)).encode()).hexdigest()


def _week(file: TableFile) -> Week:
    return Week.of(date.fromisoformat(str(file.partition["observed_on"])))
