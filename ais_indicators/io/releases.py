"""The releases on record and their folders."""

from pathlib import Path
from typing import Any

from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import read_rows
from ais_indicators.settings import Settings

RELEASES = "gold.releases"
LATEST = "latest"


def read_releases(settings: Settings) -> list[dict[str, Any]]:
    """Every release ever published, the newest last."""
    return sorted(read_rows(settings, RELEASES).to_pylist(), key=lambda row: row["release_sequence"])


def served_release(settings: Settings, week: str) -> dict[str, Any] | None:
    """The release that readers of a week are given."""
    return next((r for r in read_releases(settings) if r["week"] == week and r["is_served"]), None)


def find_release(settings: Settings, release_id: str) -> dict[str, Any]:
    """Looks a release up by its identifier, or the newest one that is served as `latest`.

    Raises:
        WrongUseError: There is none.
    """
    releases = read_releases(settings)
    if release_id == LATEST:
        found = [r for r in releases if r["is_served"]][-1:]
    else:
        found = [r for r in releases if r["release_id"] == release_id]
    if not found:
        wanted = "release" if release_id == LATEST else f"release '{release_id}'"
        raise WrongUseError(f"there is no {wanted}; `ais-indicators release list` names those that there are")
    return found[0]


def release_folder(settings: Settings, release_id: str) -> Path:
    """Folder of a release's files."""
    return settings.releases / release_id
