"""Numba's `njit` with a cache that cannot be stale and moves with the package.

Numba looks at the file of a compiled function only, not at those of the functions it calls, so a changed callee would
be missed. Here the cache lies under a hash of all sources that are compiled. Inside it a file's place follows from its
place in the package, so that a package that is sent to the workers of a cluster takes its compiled code along.
"""

from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import UserProvidedCacheLocator

from ais_indicators.compiled_cache import PACKAGE, cache_folder

__all__ = ["njit"]


class PackageCacheLocator(UserProvidedCacheLocator):
    """Numba's look-up of a function's cache, by its file's place in the package; none for functions of others."""

    def __init__(self, py_func: Any, py_file: str) -> None:
        super().__init__(py_func, py_file)  # type: ignore[no-untyped-call]
        self._cache_path = str(cache_folder() / Path(py_file).resolve().parent.relative_to(PACKAGE))

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Any:
        """Gives the look-up, or None."""
        is_ours = Path(py_file).resolve().is_relative_to(PACKAGE)
        return super().from_function(py_func, py_file) if is_ours else None  # type: ignore[no-untyped-call]


config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
config.CACHE_LOCATOR_CLASSES = ",".join(  # type: ignore[attr-defined]
    (
        f"{__name__}.PackageCacheLocator",
        "UserProvidedCacheLocator",
        "InTreeCacheLocator",
        "UserWideCacheLocator",
    )
)
