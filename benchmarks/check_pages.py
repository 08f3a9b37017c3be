"""`python -m benchmarks.check_pages`: lists the benchmark pages whose measured code has changed since.

It is a warning of `make check`: it returns 0 unless `--strict` asks for more. Nothing is measured.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.code_hash import hash_modules
from benchmarks.pages import PAGES, Page
from benchmarks.provenance import Provenance

NO_PAGE: Final = "never made"
NO_RECORD: Final = "no record of its code"
CHANGED: Final = "its code has changed"
BUSY: Final = "made on a busy machine"
SHOWN: Final = 6
Hash = Callable[[Sequence[str]], dict[str, str]]


@dataclass(frozen=True)
class Stale:
    """A page, or a part of it, that should be made again.

    Attributes:
        page: Name of the page.
        part: Part of it; empty for all of it.
        why: The reason.
        commit: What it was made at; empty without a record.
        made_on: Date on which it was made; empty without a record.
        changed: Modules and data files that are not what they were.
        command: What makes it again.
    """

    page: str
    part: str
    why: str
    commit: str
    made_on: str
    changed: tuple[str, ...]
    command: str


def stale_pages(
    folder: Path | None = None, pages: Sequence[Page] = PAGES, hash_of: Hash = hash_modules
) -> list[Stale]:
    """Returns the pages that should be made again, in the order of the list of pages."""
    return [stale for page in pages for stale in _stale_parts(page, folder, hash_of)]


def _stale_parts(page: Page, folder: Path | None, hash_of: Hash) -> list[Stale]:
    file = page.json_in(folder)
    if not (file.is_file() and page.text_in(folder).is_file()):
        return [Stale(page.name, "", NO_PAGE, "", "", (), page.command)]
    records = Provenance.read(json.loads(file.read_text(encoding="utf-8")))
    if not records:
        return [Stale(page.name, "", NO_RECORD, "", "", (), page.command)]
    today, found = hash_of(page.roots), []
    for one in records:
        changed = tuple(
            name for name in sorted(today | one.modules) if today.get(name) != one.modules.get(name)
        )
        if changed or (one.is_busy and page.is_timed):
            why = CHANGED if changed else BUSY
            found.append(Stale(page.name, one.part, why, one.commit, one.made_on, changed, page.command))
    return found


def main(
    arguments: Sequence[str] | None = None,
    folder: Path | None = None,
    pages: Sequence[Page] = PAGES,
    hash_of: Hash = hash_modules,
) -> int:
    """Prints the stale pages; returns 1 for any with `--strict`, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check_pages", description=__doc__)
    parser.add_argument("--json", action="store_true", help="as JSON, with all changed modules")
    parser.add_argument("--strict", action="store_true", help="return 1 where a page is stale")
    chosen = parser.parse_args(arguments)
    stale = stale_pages(folder, pages, hash_of)
    if chosen.json:
        print(json.dumps([asdict(one) for one in stale], indent=1))
    else:
        print(_text(stale, len(pages)))
    return 1 if chosen.strict and stale else 0


def _text(stale: Sequence[Stale], pages: int) -> str:
    if not stale:
        return f"benchmark pages: all {pages} are of today's code"
    names = dict.fromkeys(one.page for one in stale)
    lines = [
        f'Warning: {len(names)} of {pages} benchmark pages are stale (make pages ONLY="{" ".join(names)}"):'
    ]
    for one in stale:
        title = f"{one.page} ({one.part})" if one.part else one.page
        made = f", made at {one.commit} on {one.made_on}" if one.commit else ""
        lines.append(f"  {title}: {one.why}{made}{_changed(one.changed)}")
    return "\n".join(lines)


def _changed(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"; {len(names)} changed: {', '.join(names[:SHOWN])}{more}"


if __name__ == "__main__":
    raise SystemExit(main())
