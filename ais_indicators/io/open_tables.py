"""Delta tables that this process keeps open between tasks, with the lists of their files.

Opening a table costs about as much as reading a small one, and each task of a run opens the same ones. An open table is
reused only while its log is unchanged: the record of its version is the same file as before, and the next version has
none. Tables in an object store are not kept, since each check there is a request.
"""

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from ais_indicators.io.staging import TableFile

LOG: Final = "_delta_log"
"""Folder of a table with the records of its versions."""

_MOST_TABLES: Final = 64
_Mark = tuple[int, int, int]
_OPEN: Final[OrderedDict[str, "OpenTable"]] = OrderedDict()
_APPENDED: Final[OrderedDict[str, "OpenTable"]] = OrderedDict()


@dataclass
class OpenTable:
    """One open table at one version.

    Attributes:
        delta: The table; the caller must not load another version into it.
        version: Its version when it was opened.
        mark: Inode, time and size of the record of its version; None where there is none on a disk.
    """

    delta: DeltaTable
    version: int
    mark: _Mark | None
    _files: list[TableFile] | None = None

    def files(self, list_files: Callable[[DeltaTable], list[TableFile]]) -> list[TableFile]:
        """Returns a new list of the table's files, which are listed once."""
        if int(self.delta.version()) != self.version:
            return list_files(self.delta)
        if self._files is None:
            self._files = list_files(self.delta)
        return list(self._files)


def keep_open(location: str, delta: DeltaTable) -> OpenTable:
    """Keeps a table open in place of the one that was kept of that location."""
    version = int(delta.version())
    opened = OpenTable(delta, version, _mark(location, version))
    _OPEN.pop(location, None)
    _OPEN[location] = opened
    while len(_OPEN) > _MOST_TABLES:
        _OPEN.popitem(last=False)
    return opened


def still_open(location: str) -> OpenTable | None:
    """Returns the table that was kept open, or None where there is none or its log has changed since."""
    kept = _OPEN.get(location)
    if kept is None or kept.mark is None or int(kept.delta.version()) != kept.version:
        return None
    if _mark(location, kept.version) != kept.mark or os.path.exists(_record(location, kept.version + 1)):
        return None
    _OPEN.move_to_end(location)
    return kept


def open_to_append(location: str, open_table: Callable[[], DeltaTable]) -> DeltaTable:
    """Returns the newest version of a table for a commit that rests on no other.

    A table that gets a row from every task has a long log. One that was opened here before reads only what is new in
    it, so the caller must not keep it.

    Args:
        location: Where the table lies.
        open_table: Opens it from the beginning of its log.
    """
    delta = _brought_up_to_date(location) or open_table()
    version = int(delta.version())
    _APPENDED[location] = OpenTable(delta, version, _mark(location, version))
    while len(_APPENDED) > _MOST_TABLES:
        _APPENDED.popitem(last=False)
    return delta


def _brought_up_to_date(location: str) -> DeltaTable | None:
    """Reads what is new in the log of a table, or returns None where its log is not that of before."""
    kept = _APPENDED.pop(location, None)
    if kept is None or kept.mark is None or _mark(location, kept.version) != kept.mark:
        return None
    try:
        kept.delta.update_incremental()
    except DeltaError:
        return None
    return kept.delta


def open_table_of(delta: DeltaTable) -> OpenTable | None:
    """Returns the kept table that an opened one is, or None where it is not kept."""
    return next((kept for kept in _OPEN.values() if kept.delta is delta), None)


def has_first_record(location: str) -> bool:
    """Returns whether a table on a disk still has the record of its first version."""
    return os.path.exists(_record(location, 0))


def _mark(location: str, version: int) -> _Mark | None:
    try:
        found = os.stat(_record(location, version))
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _record(location: str, version: int) -> str:
    return f"{location}/{LOG}/{version:020d}.json"
