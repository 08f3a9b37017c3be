"""Location of compiled code: under a hash of all compiled sources, so that it is never stale."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parent
COMPILED_FOLDERS: Final = (
    *(PACKAGE / name for name in ("geo", "fold", "sources/nmea")),
    *(PACKAGE.parent / "ais_simulator" / name for name in ("radio", "radio/formats")),
)


@cache
def cache_folder() -> Path:
    """Returns the folder: next to the package's byte code, or in the user's cache if that is not writable."""
    beside = PACKAGE / "__pycache__"
    try:
        beside.mkdir(exist_ok=True)
        probe = beside / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError:
        beside = Path.home() / ".cache" / "ais-indicators"
    return beside / f"compiled-{_sources_hash()}"


def _sources_hash() -> str:
    digest = hashlib.sha256()
    compiled = sorted(path for folder in COMPILED_FOLDERS for path in folder.glob("*.py"))
    for path in (PACKAGE / "hashing.py", *compiled):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
