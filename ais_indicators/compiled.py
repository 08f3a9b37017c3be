"""Numba's `njit` with a cache that cannot be stale.

Numba looks at the file of a compiled function only, not at those of the functions it calls, so a changed callee would
be missed. Here the cache lies under a hash of all sources that are compiled.
"""

import hashlib
from pathlib import Path

from numba import config, njit

__all__ = ["njit"]

COMPILED_FOLDERS = ("geo", "fold", "sources/nmea", "simulate/radio", "simulate/radio/formats")
PACKAGE = Path(__file__).parent


def _sources_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(p for folder in COMPILED_FOLDERS for p in (PACKAGE / folder).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Beside the package's byte code; in the user's cache where that may not be written."""
    beside = PACKAGE / "__pycache__"
    try:
        beside.mkdir(exist_ok=True)
        probe = beside / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError:
        beside = Path.home() / ".cache" / "ais-indicators"
    return beside / f"compiled-{_sources_hash()}"


config.CACHE_DIR = str(_cache_folder())  # type: ignore[attr-defined]
