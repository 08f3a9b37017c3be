"""Scratch folders of a run: in memory where there is room, and gone after it."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import scratch
from tests.examples import is_full

pytestmark = pytest.mark.skipif(is_full(), reason="`make test-all` uses the disk")


class Run:
    """What a scratch folder is chosen for."""

    def __init__(self, basetemp: Path | None = None) -> None:
        self.option = SimpleNamespace(basetemp=basetemp)
        self.cleanups: list[Any] = []

    def add_cleanup(self, what: Any) -> None:
        self.cleanups.append(what)


@pytest.fixture(autouse=True)
def _large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "memory_bytes", lambda: scratch.LEAST_MEMORY_BYTES)
    monkeypatch.setattr(scratch, "LEAST_FREE_BYTES", 1)


def test_a_run_has_a_folder_of_its_own_that_goes_with_it(tmp_path: Path) -> None:
    killed, other = (tmp_path / f"{scratch.PREFIX}{pid}" for pid in (2**22 + 1, os.getppid()))
    killed.mkdir()
    other.mkdir()
    run: Any = Run()
    scratch.choose(run, tmp_path)
    assert run.option.basetemp.parent.is_dir()
    assert (killed.exists(), other.exists()) == (False, True)
    run.cleanups[0]()
    assert list(tmp_path.iterdir()) == [other]


def test_a_chosen_place_stays(tmp_path: Path) -> None:
    run: Any = Run(tmp_path / "mine")
    scratch.choose(run, tmp_path)
    assert (run.option.basetemp, run.cleanups) == (tmp_path / "mine", [])


@pytest.mark.parametrize(
    ("name", "value"),
    [("memory_bytes", lambda: scratch.LEAST_MEMORY_BYTES - 1), ("LEAST_FREE_BYTES", 2**62)],
)
def test_without_room_the_disk_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    monkeypatch.setattr(scratch, name, value)
    run: Any = Run()
    for folder in (tmp_path, tmp_path / "absent"):
        scratch.choose(run, folder)
        assert run.option.basetemp is None
