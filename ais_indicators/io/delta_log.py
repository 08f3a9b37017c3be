"""Versions in which each file was part of a Delta table, read from the table's log in one pass.

Opening a table at many versions one by one reads its log as many times; a release names a version of each of thirty
tables, and three years of weeks make thousands of releases.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from ais_indicators.errors import AisIndicatorsError
from ais_indicators.io.open_tables import LOG
from ais_indicators.io.staging import TableFile
from ais_indicators.io.store import Folder, table_folder
from ais_indicators.settings import Settings

RECORD: Final = ".json"


@dataclass(frozen=True)
class FileLife:
    """One range of versions in which a file was part of a table.

    Attributes:
        file: The file.
        added: Version that added it.
        removed: Version that removed it; None if it is part of the table now.
        removed_at_ms: When, in epoch milliseconds, by the machine's clock.
    """

    file: TableFile
    added: int
    removed: int | None = None
    removed_at_ms: int | None = None

    def is_in(self, version: int) -> bool:
        """Returns whether the file was part of a version."""
        return self.added <= version and (self.removed is None or version < self.removed)


def file_lives(settings: Settings, table: str) -> list[FileLife]:
    """Returns every file that was ever part of a table, in the order of addition.

    Raises:
        AisIndicatorsError: The log does not begin with the table's first version.
    """
    folder = table_folder(settings, table)
    commits = commits_of(folder)
    if min(commits, default=None) != 0:
        raise AisIndicatorsError(
            f"the log of {table} does not go back to its first version; restore it from a copy"
        )
    alive: dict[str, FileLife] = {}
    over: list[FileLife] = []
    for version in sorted(commits):
        for action in _actions(folder, commits[version]):
            if "remove" in action:
                _end(alive, over, action["remove"], version)
            elif "add" in action:
                file = _file(action["add"])
                alive[file.path] = FileLife(file, version)
    return sorted([*over, *alive.values()], key=lambda life: (life.added, life.file.path))


def files_at(lives: Iterable[FileLife], version: int) -> list[TableFile]:
    """Returns the files of a version, sorted by path."""
    return sorted((life.file for life in lives if life.is_in(version)), key=lambda file: file.path)


def commits_of(folder: Folder) -> dict[int, str]:
    """Returns the path of the record of each version of a table that still has one."""
    named = (
        (file.path.rpartition("/")[2].removesuffix(RECORD), file.path) for file in folder.files(LOG, RECORD)
    )
    return {int(name): path for name, path in named if name.isdigit()}


def _actions(folder: Folder, path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder.text(path) or "").splitlines() if line.strip()]


def _end(alive: dict[str, FileLife], over: list[FileLife], remove: dict[str, Any], version: int) -> None:
    life = alive.pop(unquote(remove["path"]), None)
    if life is not None:
        over.append(FileLife(life.file, life.added, version, remove.get("deletionTimestamp")))


def _file(add: dict[str, Any]) -> TableFile:
    rows = json.loads(add["stats"]).get("numRecords", 0) if add.get("stats") else 0
    return TableFile(unquote(add["path"]), add.get("partitionValues") or {}, add["size"], rows)
