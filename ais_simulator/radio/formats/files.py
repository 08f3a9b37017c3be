"""Writing of a day's file: complete or not at all, with the end of the day as its modification time."""

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.radio.records import Cuts, DayMessages, Records

BLOCK_ROWS: Final = 1 << 16
"""Rows that are put into text at a time: some megabytes."""

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Blobs:
    """Texts in one array, in order.

    Attributes:
        text: Their bytes.
        first: First byte of each, and at the end the number of all.
    """

    text: Bytes
    first: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Blobs":
        """Puts texts together."""
        encoded = [text.encode() for text in texts]
        first = np.cumsum([0, *map(len, encoded)])
        return cls(np.frombuffer(b"".join(encoded) or b"\0", np.uint8), first)

    @property
    def longest(self) -> int:
        """Returns bytes of the longest."""
        return int(np.diff(self.first).max(initial=0))


def csv_field(text: str) -> str:
    """Formats a text for a line of CSV: in quotes if it contains a comma or a quote.

    >>> csv_field("SEA, SUN")
    '"SEA, SUN"'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text, ""])
    return line.getvalue()[:-1]


def days_around(day: date, pattern: str) -> Blobs:
    """Returns the day before, the day, and the day after, as text: no wrong clock differs by more than a day."""
    return Blobs.of((day + timedelta(days=n)).strftime(pattern) for n in (-1, 0, 1))


def csv_blocks(
    messages: DayMessages, header: str, longest_line: int, write: Callable[[Records, Cuts, Bytes], int]
) -> Iterator[Any]:
    """Yields the bytes of a CSV file of positions, a block at a time.

    Args:
        messages: The day.
        header: First line.
        longest_line: Bytes of the longest possible line.
        write: Puts rows into a buffer, and gives how many bytes they take.
    """
    yield f"{header}\n".encode()
    out = np.empty(BLOCK_ROWS * longest_line, np.uint8)
    rows, cuts = messages.positions, messages.position_cuts
    for start in range(0, rows.size, BLOCK_ROWS):
        end = min(start + BLOCK_ROWS, rows.size)
        yield out[: write(rows[start:end], part_of_cuts(cuts, start, end), out)]


def part_of_cuts(cuts: Cuts, start: int, end: int) -> Cuts:
    """Returns the cuts of some rows, counted from the first of them."""
    first, last = np.searchsorted(cuts.row, (start, end))
    return Cuts(cuts.row[first:last] - start, cuts.share[first:last])


def put_in_place(path: Path, messages: DayMessages, write: Callable[[Path], None]) -> Path:
    """Has a file written under another name, and then renames it; its time is the day's end.

    It is the earliest time at which the file can be delivered, and a file under its name is complete.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(partial)
        delivered_s = messages.start_s + SECONDS_PER_DAY
        os.utime(partial, (delivered_s, delivered_s))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def write_blocks(path: Path, blocks: Iterable[Any]) -> None:
    """Writes blocks of bytes."""
    with path.open("wb") as target:
        for block in blocks:
            target.write(block)


def texts_of(values: Sequence[Any] | NDArray[Any], unknown: str = "", zero: Any = 0) -> list[str]:
    """Numbers as text, those that say "none" as `unknown`."""
    return [unknown if value == zero else str(value) for value in np.asarray(values).tolist()]
