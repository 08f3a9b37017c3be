"""The package as an archive that a cluster's workers unpack: source code, compiled code, contracts and rules."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ais_indicators.compiled_cache import PACKAGE, cache_folder
from ais_indicators.repository import find_folder

FOLDER: Final = "shipped"
"""Name of the folder into which workers unpack it, under their working directory."""

_DATA_FOLDERS: Final = ("schemas", "quality")
_NEVER: Final = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the archive, so that the same package gives the same bytes."""


def package_archive(folder: Path) -> Path:
    """Writes the archive, named by the hash of its content, unless it exists.

    Args:
        folder: Where it is kept.
    """
    members = sorted(_members())
    digest = hashlib.sha256()
    for name, path in members:
        digest.update(name.encode() + path.read_bytes())
    archive = folder / f"ais-indicators-{digest.hexdigest()[:16]}.zip"
    if not archive.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        scratch = archive.with_suffix(".part")
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as target:
            for name, path in members:
                target.writestr(zipfile.ZipInfo(name, _NEVER), path.read_bytes(), zipfile.ZIP_DEFLATED)
        scratch.rename(archive)
    return archive


def _members() -> Iterator[tuple[str, Path]]:
    """Yields name in the archive and path of each file: sources, data, and the compiled code of these sources."""
    for path in PACKAGE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{PACKAGE.name}/{path.relative_to(PACKAGE)}", path
    compiled = cache_folder()
    if compiled.is_relative_to(PACKAGE):
        for path in compiled.rglob("*.nb[ci]"):
            yield f"{PACKAGE.name}/{path.relative_to(PACKAGE)}", path
    for name in _DATA_FOLDERS:
        for path in find_folder(name).glob("*.yaml"):
            yield f"{name}/{path.name}", path
