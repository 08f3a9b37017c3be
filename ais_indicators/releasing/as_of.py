"""The lake as of a release, in a separate folder: its tables at the versions that the release names.

Data files are linked if the disk supports it, else copied, and no table of the current lake is touched.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from ais_indicators.contracts.model import all_tables
from ais_indicators.errors import BadInputError
from ais_indicators.io.delta import active_files, commit, create_tables, open_delta
from ais_indicators.io.staging import TableFile
from ais_indicators.io.store import Folder, table_folder
from ais_indicators.releasing.record import Release
from ais_indicators.settings import Settings

FOLDER: Final = "as_of"


def as_of_folder(settings: Settings, release: Release) -> Path:
    """Returns the data folder of the lake as of a release."""
    return settings.data_dir / FOLDER / release.release_id


def lake_as_of(settings: Settings, release: Release) -> Settings:
    """Makes the lake that a release was computed from, or returns the one that was made before.

    Args:
        settings: The current lake.
        release: The release.

    Returns:
        Settings of a data folder `as_of/<release>` that holds every table at the release's version.

    Raises:
        BadInputError: Files that the release is based on are missing.
    """
    made = settings.at(as_of_folder(settings, release))
    if made.lake.is_dir():
        return made
    versions = release.table_versions
    scratch = settings.at(made.data_dir.with_name(f".{made.data_dir.name}"))
    shutil.rmtree(scratch.data_dir, ignore_errors=True)
    create_tables(scratch)
    for table in all_tables():
        if table in versions:
            _link_table(settings, scratch, table, versions[table])
    scratch.data_dir.rename(made.data_dir)
    return made


def _link_table(settings: Settings, made: Settings, table: str, version: int) -> None:
    files = active_files(open_delta(settings, table, version))
    for file in files:
        link_file(settings, made, table, file)
    commit(made, table, files)


def link_file(settings: Settings, made: Settings, table: str, file: TableFile) -> None:
    """Links a file of a table into another lake.

    Raises:
        BadInputError: The file is missing.
    """
    target = made.table_path(table) / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        return
    try:
        _link_or_copy(table_folder(settings, table), table_folder(made, table), file.path)
    except FileNotFoundError as error:
        raise BadInputError(
            f"{table} no longer has all files of that time: its messages have expired, or the table "
            "was vacuumed; `ais-indicators reproduce` needs only messages and references"
        ) from error


def _link_or_copy(living: Folder, made: Folder, path: str) -> None:
    """Links a file, or copies it if its store has no links."""
    try:
        os.link(living.location(path), made.location(path))
    except OSError:
        living.copy_to(made, path)
