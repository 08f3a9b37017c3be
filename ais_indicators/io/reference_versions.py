"""Versions of a reference table: each load of a file is one, and none is ever changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows
from ais_indicators.io.staging import stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.settings import Settings

NAME_DIGITS: Final = 12
"""Digits of a file's hash that name its version."""


@dataclass(frozen=True)
class Reference:
    """A table of which each loaded file is a version.

    Attributes:
        table: Its name.
        version: Its column with the name of the version, by which it is partitioned.
        sequence: Its column with the place of the version in the order of loading.
        row: Its column that identifies a row within a version.
        noun: What a version is called in messages.
    """

    table: str
    version: str
    sequence: str
    row: str
    noun: str

    def count(self, settings: Settings, *counts: tuple[Any, str]) -> list[dict[str, Any]]:
        """Counts in each loaded version, the oldest first.

        Args:
            settings: Of the lake.
            counts: Columns with the way of counting in them, as Arrow takes them.
        """
        columns = [column for column, _ in counts if column]
        rows = read_rows(settings, self.table, [self.version, self.sequence, *columns])
        grouped = rows.group_by([self.version, self.sequence]).aggregate(list(counts))
        found: list[dict[str, Any]] = grouped.sort_by(self.sequence).to_pylist()
        return found

    def sequences(self, settings: Settings) -> dict[str, int]:
        """Returns the place of each loaded version in the order of loading, the oldest first."""
        return {row[self.version]: row[self.sequence] for row in self.count(settings)}

    def rows(self, settings: Settings, version: str) -> pa.Table:
        """Reads a version, in the order of its rows.

        Raises:
            WrongUseError: No such version is loaded.
        """
        rows = read_rows(settings, self.table, filters=[(self.version, "=", version)]).sort_by(self.row)
        if rows.num_rows == 0:
            names = ", ".join(self.sequences(settings)) or "none"
            raise WrongUseError(f"unknown {self.noun} '{version}'; loaded are: {names}")
        return rows

    def load(
        self,
        settings: Settings,
        version: str,
        make_rows: Callable[[int], pa.Table],
        may_replace: bool = False,
        first: Callable[[], None] = lambda: None,
    ) -> bool:
        """Adds a version; returns False where the same content is loaded already.

        Args:
            settings: Of the lake.
            version: Its name.
            make_rows: Makes its rows, given its place in the order of loading.
            may_replace: Whether another content takes the place of the one that is loaded.
            first: Writes what must be there before the version is.

        Raises:
            WrongUseError: The name is taken by another content.
        """
        known = self.sequences(settings)
        rows = make_rows(known.get(version, 1 + max(known.values(), default=0)))
        if version in known:
            stored = self.rows(settings, version).select(rows.column_names)
            if stored.cast(rows.schema).equals(rows.sort_by(self.row)):
                return False
            if not may_replace:
                raise WrongUseError(
                    f"{self.noun} '{version}' is loaded with another content; choose another --version"
                )
        first()
        replace_version(settings, self.table, self.version, version, rows)
        return True


def replace_version(settings: Settings, table: str, column: str, version: str, rows: pa.Table) -> None:
    """Puts rows in place of those that a table holds of a version."""
    staged = stage_by_partition(table_folder(settings, table), table, rows, f"version-{version}")
    gone = [f for f in active_files(open_delta(settings, table)) if f.partition[column] == version]
    commit(settings, table, staged, gone)


def sole_file(paths: Sequence[Any], noun: str) -> Any:
    """Returns the one file of which a version is made, or None for none.

    Raises:
        WrongUseError: More than one is named.
    """
    if len(paths) > 1:
        raise WrongUseError(f"one {noun} file makes one version; name one file")
    return paths[0] if paths else None
