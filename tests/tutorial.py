"""The handbook's tutorial, done from first line to last in a fresh folder: the lake of exercises and notebooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ais_indicators.settings import DATA_DIR_VARIABLE
from tests.few_buckets import few_buckets
from tests.handbook_pages import DOCS, Reader
from tests.release_checks import checking, once_each

GATED = ("2026-W05", "2026-W06")
"""Weeks whose release is checked, once each."""


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
        with pytest.MonkeyPatch.context() as patch, few_buckets():
            patch.chdir(self.folder)
            patch.delenv(DATA_DIR_VARIABLE, raising=False)
            yield self.reader


def do_tutorial(folder: Path) -> str:
    """Does what `docs/tutorial.md` says; gives what was printed last."""
    done = Tutorial(folder, Reader(folder))
    with done.at_work() as reader, checking(once_each(*GATED)):
        reader.follow(DOCS / "tutorial.md")
    return done.reader.printed
