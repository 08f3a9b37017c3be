"""The handbook's tutorial, done from first line to last in a fresh folder: the lake of exercises and notebooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ais_indicators.checks.weeks import WeekChecks
from ais_indicators.periods import Week
from ais_indicators.pipelines import check_release, publish_release
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import DATA_DIR_VARIABLE
from tests.handbook_pages import DOCS, Reader

GATED = ("2026-W05", "2026-W06")
"""Weeks whose gate is run, once each; that of the others is let be, for it takes seconds and has tests of its own."""


@dataclass(frozen=True)
class Tutorial:
    """What the tutorial leaves.

    Attributes:
        folder: Where its reader works.
        reader: Who did it, and can go on.
    """

    folder: Path
    reader: Reader

    @property
    def data_dir(self) -> Path:
        """The lake's folder."""
        return self.folder / "data"

    @contextmanager
    def at_work(self) -> Iterator[Reader]:
        """The reader in the folder, with no lake named by the environment."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            patch.delenv(DATA_DIR_VARIABLE, raising=False)
            yield self.reader


def follow_tutorial(folder: Path) -> Tutorial:
    """Does what `docs/tutorial.md` says."""
    done = Tutorial(folder, Reader(folder))
    with done.at_work() as reader, pytest.MonkeyPatch.context() as patch:
        _gate_some_weeks(patch)
        reader.follow(DOCS / "tutorial.md")
    return done


def _gate_some_weeks(patch: pytest.MonkeyPatch) -> None:
    whole, waiting = check_release.check_week, set(GATED)

    def check_week(job: Job, week: Week) -> WeekChecks:
        if week.name not in waiting:
            return WeekChecks(week, ())
        waiting.remove(week.name)
        return whole(job, week)

    patch.setattr(publish_release, "check_week", check_week)
