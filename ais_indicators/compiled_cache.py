"""Where compiled code is kept: under a hash of all sources that are compiled, so that it cannot be stale."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

COMPILED_FOLDERS: Final = ("geo", "fold", "sources/nmea", "simulate/radio", "simulate/radio/formats")
PACKAGE: Final = Path(__file__).resolve().parent


@cache
def cache_folder() -> Path:
    """The folder, beside the package's byte code; in the user's cache where that may not be written."""
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
    for path in sorted(p for folder in COMPILED_FOLDERS for p in (PACKAGE / folder).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
