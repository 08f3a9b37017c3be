"""Ways to break a lake or its machine for a while; each repairs what it broke when its block ends."""

import json
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from ais_indicators import runner
from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.spread import open_executor
from ais_indicators.job import Job
from ais_indicators.settings import Settings
from ais_indicators.tracking.bucket import fold_buckets
from benchmarks.reliability.lakes import BOTH
from setup.object_store import ObjectStore

PAGE_BYTES = 4096
AMPLE = "256m"
AHEAD_SECONDS = 400 * 86400
CLOCKS_OF_A_LOG = ("timestamp", "modificationTime", "deletionTimestamp", "createdTime", "inCommitTimestamp")


@contextmanager
def full_disk(lake: Settings, free_pages: int) -> Iterator[None]:
    """Puts the lake on a small disk of its own; after the body the disk is ample."""
    place, kept = lake.data_dir, lake.data_dir.with_name("kept")
    shutil.move(place, kept)
    place.mkdir()
    mount("-t", "tmpfs", "-o", f"size={AMPLE}", "tmpfs", str(place))
    shutil.copytree(kept, place, dirs_exist_ok=True)
    mount("-o", f"remount,size={PAGE_BYTES * (used_pages(place) + free_pages)}", str(place))
    try:
        yield
    finally:
        mount("-o", f"remount,size={AMPLE}", str(place))


def used_pages(place: Path) -> int:
    """Pages that the files of a disk take."""
    usage = os.statvfs(place)
    return (usage.f_blocks - usage.f_bfree) * usage.f_frsize // PAGE_BYTES


@contextmanager
def read_only(lake: Settings) -> Iterator[None]:
    """Takes the right to write the lake away: root needs a disk that is mounted so, others need no more than modes."""
    if os.geteuid():
        paths = [lake.data_dir, *lake.data_dir.rglob("*")]
        modes = {path: path.stat().st_mode for path in paths}
        for path, mode in modes.items():
            path.chmod(mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
        try:
            yield
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        return
    mount("--bind", str(lake.data_dir), str(lake.data_dir))
    mount("-o", "remount,bind,ro", str(lake.data_dir))
    try:
        yield
    finally:
        unmount(lake.data_dir)


@contextmanager
def truncated_file(lake: Settings, table: str) -> Iterator[None]:
    """Cuts a file of a table in half."""
    path = _first_file(lake, table)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    try:
        yield
    finally:
        path.write_bytes(whole)


@contextmanager
def missing_file(lake: Settings, table: str) -> Iterator[None]:
    """Takes a file of a table away."""
    path = _first_file(lake, table)
    aside = lake.data_dir.with_name("aside")
    shutil.move(path, aside)
    try:
        yield
    finally:
        shutil.move(aside, path)


@contextmanager
def half_a_log_line(lake: Settings, table: str) -> Iterator[None]:
    """Cuts the newest entry of a table's log in the middle of a line."""
    path = max((lake.table_path(table) / "_delta_log").glob("*.json"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    try:
        yield
    finally:
        path.write_bytes(whole)


@contextmanager
def around_workers(
    lake: Settings,
    before: Callable[[], Any] = lambda: None,
    after: Callable[[list[Any]], Any] = lambda _: None,
) -> Iterator[None]:
    """Interferes before the next work of the fold's workers, and with its results before they are committed."""
    executor = type(open_executor(lake))
    run, pending = executor.run, [True]

    def interfering(*given: Any, **named: Any) -> list[Any]:
        if fold_buckets not in given or not pending:
            return run(*given, **named)
        pending.clear()
        before()
        results: list[Any] = run(*given, **named)
        after(results)
        return results

    with mock.patch.object(executor, "run", interfering):
        yield


@contextmanager
def vanishing_staged_file(lake: Settings) -> Iterator[None]:
    """Removes a file that a worker of the fold has just written, before its commit."""

    def remove_first(results: list[Any]) -> None:
        table, file = next(named for result in results for named in result.files)
        (lake.table_path(table) / file.path).unlink()

    with around_workers(lake, after=remove_first):
        yield


@contextmanager
def lost_store(_lake: Settings, store: ObjectStore) -> Iterator[None]:
    """Lets the object store answer no more."""
    store.stop()
    try:
        yield
    finally:
        store.go_on()


@contextmanager
def store_lost_meanwhile(lake: Settings, store: ObjectStore) -> Iterator[None]:
    """Does so after the fold's workers have written to it, before the commit."""
    with around_workers(lake, after=lambda _: store.stop()):
        yield
    store.go_on()


@contextmanager
def company(lake: Settings) -> Iterator[None]:
    """Lets another run, which shares nothing but the object store, fold the same weeks while the first does."""
    elsewhere = replace(lake, data_dir=lake.data_dir.with_name("elsewhere"))
    with around_workers(lake, before=lambda: runner.run_task("track_vessels", Job(elsewhere, BOTH))):
        yield


@contextmanager
def clock_set_back(lake: Settings) -> Iterator[None]:
    """Lets all files and log entries of the lake lie in the future, as after a clock was set back."""
    for log in lake.lake.rglob("_delta_log/*.json"):
        lines = [_ahead(json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]
        log.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    moment = time.time() + AHEAD_SECONDS
    for path in lake.data_dir.rglob("*"):
        os.utime(path, (moment, moment))
    yield


def _ahead(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: part + 1000 * AHEAD_SECONDS
            if key in CLOCKS_OF_A_LOG and isinstance(part, int)
            else _ahead(part)
            for key, part in value.items()
        }
    return [_ahead(part) for part in value] if isinstance(value, list) else value


@contextmanager
def nothing(_lake: Settings) -> Iterator[None]:
    """Breaks nothing."""
    yield


def _first_file(lake: Settings, table: str) -> Path:
    return lake.table_path(table) / active_files(open_delta(lake, table))[0].path


def may_mount(folder: Path) -> bool:
    """Whether this user may mount a disk here."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError):
        return False
    unmount(folder)
    return True


def mount(*arguments: str) -> None:
    """Mounts."""
    _call(["mount", *arguments])


def unmount(folder: Path) -> None:
    """Unmounts, at the latest when nobody uses it any more."""
    _call(["umount", "--lazy", str(folder)])


def unmount_all(folder: Path) -> None:
    """Unmounts whatever is mounted below a folder, before it is removed."""
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    for place in (line.split()[1] for line in reversed(lines)):
        if Path(place).is_relative_to(folder):
            unmount(Path(place))


def _call(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
