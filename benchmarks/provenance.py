"""Records how a benchmark page was made: commit, date, load, machine and the hash of the measured code.

A benchmark calls `begin` before it measures and `write_page` afterwards. `begin` waits until the machine is quiet and
ends the program where it does not become quiet, so that no page states the times of a busy machine unmarked.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ais_indicators.errors import ExitCode
from benchmarks import machine
from benchmarks.code_hash import ROOT, hash_modules, join_hashes
from benchmarks.pages import FOLDER, Page, page
from benchmarks.tables import table

KEY: Final = "provenance"
WAIT_MINUTES: Final = 5.0
LOOK_EVERY_S: Final = 5.0
NO_COMMIT: Final = "unknown"
NOT_CODE: Final = (":!*.md", ":!benchmarks/*.json", ":!studies/*.json", ":!.venv")
"""What does not count as a change: documents, and the pages that `make pages` has just written."""


@dataclass(frozen=True)
class Provenance:
    """How a page, or a part of it, was made.

    Attributes:
        part: The part of the page; empty for all of it.
        commit: Short hash of the commit, with `+changes` where tracked code or new files were not committed.
        made_on: Date (UTC).
        load_at_start: Load average of one minute before the first measurement.
        is_busy: Whether that was above the limit, and `--busy` asked to measure nevertheless.
        machine: Machine and versions.
        code: One hash over the measured code.
        modules: Hash of each measured module and data file.
    """

    part: str
    commit: str
    made_on: str
    load_at_start: float
    is_busy: bool
    machine: dict[str, str]
    code: str
    modules: dict[str, str]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> tuple["Provenance", ...]:
        """Reads the records of a page's JSON; none for a page from before there were any."""
        return tuple(cls(**one) for one in values.get(KEY, ())) if isinstance(values, Mapping) else ()


def add_options(parser: argparse.ArgumentParser, out: Path = FOLDER) -> None:
    """Adds the options that all benchmarks share."""
    parser.add_argument("--busy", action="store_true", help="measure whatever the load; the page says so")
    parser.add_argument(
        "--wait-minutes", type=float, default=WAIT_MINUTES, help="how long to wait for a quiet machine"
    )
    parser.add_argument("--out", type=Path, default=out, help="folder of the page and its JSON")


def begin(
    name: str, chosen: argparse.Namespace, cores: int | None = None, parts: Sequence[str] = ("",)
) -> tuple[Provenance, ...]:
    """Waits for a quiet machine and records what is about to be measured, once for each part.

    Raises:
        SystemExit: The machine is busy; the exit code is that of "not yet".
    """
    try:
        load = wait_until_quiet(chosen.busy, chosen.wait_minutes, machine.load)
    except BusyMachineError as error:
        print(error, file=sys.stderr)
        raise SystemExit(int(ExitCode.NOT_YET)) from None
    modules = hash_modules(page(name).roots)
    facts = machine.facts(cores or os.cpu_count() or 1)
    is_busy, today = load > machine.BUSY_LOAD, datetime.now(UTC).date().isoformat()
    code, commit = join_hashes(modules), read_commit()
    return tuple(Provenance(part, commit, today, load, is_busy, facts, code, modules) for part in parts)


class BusyMachineError(Exception):
    """The machine did not become quiet."""


def wait_until_quiet(
    may_be_busy: bool,
    minutes: float,
    load: Callable[[], float],
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Returns the load average of one minute as soon as it is low enough.

    The load average stays high for a minute or two after the benchmark before, so waiting is the usual case.

    Raises:
        BusyMachineError: It was too high for all the minutes.
    """
    looks = 0 if may_be_busy else int(minutes * 60 / LOOK_EVERY_S)
    for look in range(looks + 1):
        found = round(load(), 2)
        if may_be_busy or found <= machine.BUSY_LOAD:
            return found
        if look < looks:
            left = (looks - look) * LOOK_EVERY_S
            print(
                f"load {found:.2f}, waiting for {machine.BUSY_LOAD} (at most {left:.0f} s more)",
                file=sys.stderr,
            )
            sleep(LOOK_EVERY_S)
    raise BusyMachineError(
        f"Not measured: the load is {found:.2f} and must be at most {machine.BUSY_LOAD} at the start. Stop other work, "
        f"wait longer (--wait-minutes 30), or measure nevertheless (--busy; the page then says so in its first line)."
    )


def read_commit(root: Path = ROOT) -> str:
    """Returns the short hash of the commit, with `+changes` where code differs from it."""
    commit = _git(root, "rev-parse", "--short", "HEAD")
    if commit is None:
        return NO_COMMIT
    return f"{commit}+changes" if _git(root, "status", "--porcelain", "--", ".", *NOT_CODE) else commit


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def write_page(
    name: str,
    folder: Path,
    values: Mapping[str, Any],
    text: str,
    records: Sequence[Provenance],
    indent: int | None = 1,
) -> None:
    """Writes a page and its JSON, both with the records of how it was made."""
    files, folder = page(name), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps({KEY: [asdict(one) for one in records], **values}, indent=indent)
    files.json_in(folder).write_text(content + "\n", encoding="utf-8")
    files.text_in(folder).write_text(page_text(files, text, records), encoding="utf-8")
    print(f"wrote {files.text_in(folder).name} and {files.json_in(folder).name}", flush=True)


def page_text(files: Page, text: str, records: Sequence[Provenance]) -> str:
    """Returns the page with how it was made; its first line says where the machine was busy."""
    title, newline, rest = text.partition("\n")
    busy = max((one.load_at_start for one in records if one.is_busy), default=None)
    if busy is not None:
        effect = "times are too long" if files.is_timed else "it has no times"
        title += f" (made on a busy machine, load {busy:.2f}: {effect})"
    return f"{title}{newline}{rest.rstrip()}\n\n{_how_made(files, records)}\n"


def _how_made(files: Page, records: Sequence[Provenance]) -> str:
    rows = [
        (one.part or "all", one.made_on, f"`{one.commit}`", f"{one.load_at_start:.2f}", f"`{one.code}`")
        for one in records
    ]
    newest = max(records, key=lambda one: one.made_on)
    return "\n".join(
        [
            "## How this page was made",
            "",
            f"By `{files.command}`, and not by hand. `make check-pages` compares the hash of the measured code with "
            "the code of today.",
            "",
            table(("part", "date", "commit", "load at start", "measured code"), rows),
            "",
            table(("machine", ""), newest.machine.items()),
        ]
    )


def merged(
    before: Sequence[Provenance], made: Sequence[Provenance], added: Sequence[str] = ()
) -> list[Provenance]:
    """Returns the records of a page of which some parts were made again.

    Args:
        before: The page's records.
        made: Those of the parts that were made again.
        added: Parts whose earlier results stay on the page, so that their records stay too.
    """
    replaced = {one.part for one in made} - set(added)
    kept = [one for one in before if one.part not in replaced and one not in made]
    return sorted([*kept, *made], key=lambda one: (one.part, one.made_on))
