"""Faults of the machine and of the lake: the command meets them, says so, and after the repair all is right."""

import contextlib
import fcntl
import io
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ais_indicators import cli, runner
from ais_indicators.job import Job
from ais_indicators.settings import Settings
from benchmarks.reliability import breakage
from benchmarks.reliability.lakes import (
    BOTH,
    FIRST,
    LAST,
    Content,
    compare,
    copied,
    holds,
    in_store,
    with_ports,
    write_deliveries,
)
from benchmarks.reliability.processes import UNCLEAR, Ending, Running
from setup.object_store import ObjectStore, known_to_workers, running_store

FOLD = ("backfill", "--from", FIRST.name, "--to", LAST.name, "--only", "track_vessels")
FIGURES = ("backfill", "--from", FIRST.name, "--to", LAST.name)
PUBLISH = ("publish", "--week", LAST.name)
DONE, UNEXPECTED, WRONG_USE = 0, 1, 2
LOCK_WAIT_SECONDS = 120
Breaking = Callable[[Settings], contextlib.AbstractContextManager[None]]


@dataclass(frozen=True)
class Lakes:
    """Start and end states of the faults.

    Attributes:
        files: Files of messages.
        empty: A lake with ports.
        full: The same with the messages.
        computed: The same with the values.
        wanted: What it holds.
    """

    files: tuple[Path, ...]
    empty: Settings
    full: Settings
    computed: Settings
    wanted: Content


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: What it is.
        how: How it is made.
        start: Which lake it befalls: `empty`, `full` or `computed`.
        make: Gives how commands ended that met it.
        code: Exit code that is asked for.
        says: Words that the sentence must hold.
        mounts: Whether it needs the right to mount.
        url: Address of the object store in which the lake lies; None for a disk.
    """

    name: str
    how: str
    start: str
    make: Callable[[Settings, tuple[Path, ...]], Ending]
    code: int
    says: str = ""
    mounts: bool = False
    url: str | None = None


def call(lake: Settings, *arguments: object) -> Ending:
    """Calls the command line in this process, whose Spark is warm."""
    said, begun = io.StringIO(), time.monotonic()
    code: int | str | None = DONE
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            place = ["--lake-url", lake.lake_url] if lake.lake_url else []
            cli.main(["--data-dir", str(lake.data_dir), *place, *map(str, arguments)])
        except SystemExit as ended:
            code = ended.code
    lines = [line.strip() for line in said.getvalue().splitlines() if line.strip() and "━" not in line]
    sentence = lines[-1] if lines else ""
    return Ending(int(code or 0), sentence, said.getvalue(), time.monotonic() - begun)


def _broken(
    breaking: Breaking,
    arguments: tuple[str, ...],
    lake: Settings,
    files: tuple[Path, ...],
) -> Ending:
    """A command that meets a broken lake."""
    with breaking(lake):
        return call(lake, *arguments, *(files if arguments[0] == "ingest" else ()))


def _broken_after_fold(
    breaking: Breaking, arguments: tuple[str, ...], lake: Settings, files: tuple[Path, ...]
) -> Ending:
    """Runs a command on a lake that broke after the fold: values that are up to date would not read it."""
    call(lake, *FOLD)
    return _broken(breaking, arguments, lake, files)


def _at_once(
    first: tuple[str, ...], second: tuple[str, ...], lake: Settings, files: tuple[Path, ...]
) -> Ending:
    """A command that is started while another holds the lake; gives the end of the one that was turned away."""
    one = Running(lake, *first)
    _wait_for_lock(lake)
    other = Running(lake, *second, *(files if second[0] == "ingest" else ())).end()
    ended = one.end()
    codes = sorted((one_end.code for one_end in (ended, other)), reverse=True)
    if codes != [WRONG_USE, DONE]:
        return Ending(UNEXPECTED, f"exit codes {codes}: {ended.sentence} {other.sentence}", "Traceback", 0)
    return other if other.code else ended


def _wait_for_lock(lake: Settings) -> None:
    give_up_at = time.monotonic() + LOCK_WAIT_SECONDS
    while time.monotonic() < give_up_at:
        with (lake.lake / runner.LOCK_FILE).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
        time.sleep(0.05)


def _week(name: str) -> tuple[str, ...]:
    return ("run", "--week", name, "--until", "track_vessels")


def faults(store: ObjectStore) -> Iterator[Fault]:
    """All faults, in the order in which they are tried; those of an object store befall this one."""
    yield from _faults_of_the_disk()
    yield from _damages()
    yield from _clocks()
    yield from _meetings()
    yield from _faults_of_the_store(store)


def _faults_of_the_disk() -> Iterator[Fault]:
    small = "a tmpfs with {} pages free holds the lake"
    for pages, what, start, arguments in (
        (4, "files are taken in", "empty", ("ingest",)),
        (24, "files are taken in, some way on", "empty", ("ingest",)),
        (8, "weeks are folded", "full", FOLD),
        (40, "weeks are folded, some way on", "full", FOLD),
        (6, "a release is published", "computed", PUBLISH),
    ):
        full_disk = partial(breakage.full_disk, free_pages=pages)
        make = partial(_broken, full_disk, arguments)
        name = f"full disk while {what}"
        yield Fault(name, small.format(pages), start, make, UNEXPECTED, "no space left", mounts=True)
    yield Fault(
        "read-only lake",
        "mounted so, or without the right to write where not run by root",
        "empty",
        partial(_broken, breakage.read_only, ("ingest",)),
        UNEXPECTED,
        "may not be written",
        mounts=True,
    )


def _damages() -> Iterator[Fault]:
    def fault(name: str, how: str, start: str, breaking: Breaking, command: tuple[str, ...]) -> Fault:
        return Fault(name, how, start, partial(_broken, breaking, command), UNEXPECTED, "damaged or gone")

    again = ("backfill", "--from", LAST.name, "--to", LAST.name, "--anew")
    activity = (*FIGURES, "--only", "compute_port_activity")
    commands: dict[str, tuple[str, ...]] = {
        "bronze.ais_messages": FOLD,
        "reference.ports": FOLD,
        "silver.fold_state": again,
    }
    for table, command in commands.items():
        start = "computed" if table.startswith("silver") else "full"
        cut = partial(breakage.truncated_file, table=table)
        yield fault(f"truncated Parquet file of {table}", "half of it is left", start, cut, command)
    cut = partial(breakage.truncated_file, table="silver.port_calls")
    make = partial(_broken_after_fold, cut, activity)
    name, how = (
        "truncated Parquet file of silver.port_calls",
        "half of it is left, before the values are computed",
    )
    yield Fault(name, how, "full", make, UNEXPECTED, "damaged or gone")
    commands = {"bronze.ais_messages": FOLD, "silver.positions": again, "ops.ingested_files": ("ingest",)}
    for table, command in commands.items():
        half = partial(breakage.half_a_log_line, table=table)
        yield fault(f"log of {table} damaged", "its newest entry is cut in half", "computed", half, command)
    gone = partial(breakage.missing_file, table="bronze.ais_messages")
    yield fault("file of bronze.ais_messages gone", "removed", "full", gone, FOLD)
    yield Fault(
        "staged file gone before its commit",
        "removed after the fold's worker wrote it",
        "full",
        partial(_broken, breakage.vanishing_staged_file, FOLD),
        UNEXPECTED,
        "gone or cut short",
    )


def _clocks() -> Iterator[Fault]:
    for start, arguments in (("full", FIGURES), ("empty", ("ingest",))):
        yield Fault(
            f"clock set back before {arguments[0]}",
            "all files and log entries of the lake lie 400 days in the future",
            start,
            partial(_broken, breakage.clock_set_back, arguments),
            DONE,
        )


def _meetings() -> Iterator[Fault]:
    first, last, ingest = _week(FIRST.name), _week(LAST.name), ("ingest",)
    for name, one, other in (
        ("two runs of one week at once", first, first),
        ("runs of two weeks at once", first, last),
        ("a delivery during a run", first, ingest),
    ):
        how = "the second starts when the first holds the lake"
        yield Fault(name, how, "full", partial(_at_once, one, other), WRONG_USE, "another run is at work")


def _faults_of_the_store(store: ObjectStore) -> Iterator[Fault]:
    lost = "does not answer"
    for name, how, start, breaking, arguments in (
        ("before files are taken in", "it is stopped", "empty", breakage.lost_store, ("ingest",)),
        (
            "while weeks are folded",
            "it is stopped after the fold's workers wrote to it",
            "full",
            breakage.store_lost_meanwhile,
            FOLD,
        ),
    ):
        make = partial(_broken, partial(breaking, store=store), arguments)
        yield Fault(f"object store lost {name}", how, start, make, UNEXPECTED, lost, url=store.url)
    yield Fault(
        "two runs on one object store at once",
        "the second, of another data folder, folds the same weeks while the first does",
        "full",
        partial(_broken, breakage.company, FOLD),
        WRONG_USE,
        "another run has changed the table",
        url=store.url,
    )


def try_faults(say: Callable[[str], None]) -> dict[str, Any]:
    """Tries every fault and reports the results."""
    folder = Path(tempfile.mkdtemp(prefix="ais-faults-"))
    try:
        lakes, mounts = _make_lakes(folder), breakage.may_mount(folder / "mounts")
        found, skipped = list[dict[str, Any]](), list[str]()
        with running_store() as store, known_to_workers(store):
            for number, fault in enumerate(faults(store)):
                if fault.mounts and not mounts:
                    skipped.append(fault.name)
                    continue
                found.append(_try(fault, lakes, folder / str(number)))
                say(f"{found[-1]}")
        survived = sum(not one["problem"] for one in found)
        return {"tried": len(found), "survived": survived, "faults": found, "skipped": skipped}
    finally:
        breakage.unmount_all(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _make_lakes(folder: Path) -> Lakes:
    files = tuple(write_deliveries(folder / "deliveries"))
    empty = with_ports(folder / "empty")
    full = copied(empty, folder / "full")
    runner.run_task("ingest_messages", Job(full, paths=files))
    computed = copied(full, folder / "computed")
    runner.run_tasks(Job(computed, BOTH), runner.tasks_before_check("ships"))
    return Lakes(files, empty, full, computed, holds(computed))


def _try(fault: Fault, lakes: Lakes, place: Path) -> dict[str, Any]:
    """Causes a fault, runs a command on it, repairs it and lets the work finish."""
    lake = copied(getattr(lakes, fault.start), place)
    if fault.url:
        lake = in_store(lake, f"{fault.url}/{place.name}")
    ending = fault.make(lake, lakes.files)
    problem = _unlike(fault, ending)
    try:
        runner.run_task("ingest_messages", Job(lake, paths=lakes.files))
        runner.run_tasks(Job(lake, BOTH), runner.tasks_before_check("ships"))
        compare(lake, lakes.wanted)
    except Exception as error:  # whatever goes wrong is what is looked for
        problem = f"{type(error).__name__}: {error}"
    sentence = ending.sentence.replace(str(lake.data_dir), "DATA_DIR") if ending.code else ""
    return {
        "fault": fault.name,
        "how": fault.how,
        "code": ending.code,
        "sentence": sentence,
        "problem": problem,
    }


def _unlike(fault: Fault, ending: Ending) -> str:
    """What is wrong with how the command ended, or nothing."""
    if ending.code != fault.code:
        return f"ended with {ending.code}, not {fault.code}: {ending.sentence}"
    if any(mark in ending.said for mark in UNCLEAR):
        return f"unclear: {ending.sentence}"
    return (
        ""
        if fault.says in " ".join(ending.said.split())
        else f"does not say '{fault.says}': {ending.sentence}"
    )
