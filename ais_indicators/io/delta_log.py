"""How long each file of a Delta table was part of it, read from the table's log in one pass.

Opening a table at many versions, one after the other, reads its log as many times; a release names some version of
each of thirty tables, and three years of weeks make thousands of releases.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from ais_indicators.errors import AisIndicatorsError
from ais_indicators.io.staging import TableFile
from ais_indicators.settings import Settings

LOG: Final = "_delta_log"


@dataclass(frozen=True)
class FileLife:
    """One stretch of versions in which a file was part of a table.

    Attributes:
        file: The file.
        added: Version that put it in.
        removed: Version that took it out; None where it is part of the table now.
        removed_at_ms: When, in epoch milliseconds, by the machine's clock.
    """

    file: TableFile
    added: int
    removed: int | None = None
    removed_at_ms: int | None = None

    def is_in(self, version: int) -> bool:
        """Whether the file was part of a version."""
        return self.added <= version and (self.removed is None or version < self.removed)


def file_lives(settings: Settings, table: str) -> list[FileLife]:
    """Every file that was ever part of a table, in the order in which they came.

    Raises:
        AisIndicatorsError: The log does not begin with the table's first version.
    """
    log = settings.table_path(table) / LOG
    commits = sorted(path for path in log.glob("*.json") if path.stem.isdigit())
    if not commits or int(commits[0].stem) != 0:
        raise AisIndicatorsError(
            f"the log of {table} does not go back to its first version; put it back from a copy"
        )
    alive: dict[str, FileLife] = {}
    over: list[FileLife] = []
    for path in commits:
        version = int(path.stem)
        for action in _actions(path):
            if "remove" in action:
                _end(alive, over, action["remove"], version)
            elif "add" in action:
                file = _file(action["add"])
                alive[file.path] = FileLife(file, version)
    return sorted([*over, *alive.values()], key=lambda life: (life.added, life.file.path))


def files_at(lives: Iterable[FileLife], version: int) -> list[TableFile]:
    """The files of a version, sorted by path."""
    return sorted((life.file for life in lives if life.is_in(version)), key=lambda file: file.path)


def _actions(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _end(alive: dict[str, FileLife], over: list[FileLife], remove: dict[str, Any], version: int) -> None:
    life = alive.pop(unquote(remove["path"]), None)
    if life is not None:
        over.append(FileLife(life.file, life.added, version, remove.get("deletionTimestamp")))


def _file(add: dict[str, Any]) -> TableFile:
    rows = json.loads(add["stats"]).get("numRecords", 0) if add.get("stats") else 0
    return TableFile(unquote(add["path"]), add.get("partitionValues") or {}, add["size"], rows)
