"""Versions of a reference table: each load of a file is one, and none is ever changed."""

from dataclasses import dataclass

import pyarrow as pa

from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import read_rows
from ais_indicators.settings import Settings


@dataclass(frozen=True)
class CountedVersion:
    """One loaded version.

    Attributes:
        version: Its name.
        sequence: 1 for the first that was loaded, and so on.
        places: Number of ports or gates.
        areas: Number of areas.
    """

    version: str
    sequence: int
    places: int
    areas: int


def counted_versions(settings: Settings, table: str, name: str, place: str) -> list[CountedVersion]:
    """Returns the loaded versions, oldest first.

    Args:
        settings: Settings of the lake.
        table: Table of areas.
        name: Its column with the version.
        place: Its column with the port or gate.
    """
    rows = read_rows(settings, table, [name, "version_sequence", place])
    grouped = rows.group_by([name, "version_sequence"]).aggregate(
        [(place, "count_distinct"), (place, "count")]
    )
    versions = [
        CountedVersion(
            row[name], row["version_sequence"], row[f"{place}_count_distinct"], row[f"{place}_count"]
        )
        for row in grouped.to_pylist()
    ]
    return sorted(versions, key=lambda v: v.sequence)


def areas_of_version(settings: Settings, table: str, name: str, version: str) -> pa.Table:
    """Returns the areas of one version, by area number.

    Raises:
        WrongUseError: No such version is loaded.
    """
    rows = read_rows(settings, table, filters=[(name, "=", version)]).sort_by("area_id")
    if rows.num_rows == 0:
        loaded = read_rows(settings, table, [name, "version_sequence"])
        known = {row[name]: row["version_sequence"] for row in loaded.to_pylist()}
        names = ", ".join(sorted(known, key=known.__getitem__)) or "none"
        raise WrongUseError(f"unknown {name.replace('_', ' ')} '{version}'; loaded are: {names}")
    return rows
