"""Numba's `njit` with a cache that is never stale and moves with the package.

Numba checks only the file of a compiled function, not those of the functions that it calls, so it would miss a changed
callee. Here the cache is stored under a hash of all compiled sources. The place of a file in the cache follows from its
place in the package, so that a package sent to the workers of a cluster brings its compiled code.
"""

from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import UserProvidedCacheLocator

from ais_indicators.compiled_cache import PACKAGE, cache_folder

__all__ = ["njit"]


class PackageCacheLocator(UserProvidedCacheLocator):
    """Numba's look-up of a function's cache by the place of its file in the package; None for functions of others."""

    def __init__(self, py_func: Any, py_file: str) -> None:
        super().__init__(py_func, py_file)  # type: ignore[no-untyped-call]
        self._cache_path = str(cache_folder() / Path(py_file).resolve().parent.relative_to(PACKAGE))

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Any:
        """Returns the look-up, or None."""
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
