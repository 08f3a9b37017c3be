"""Results derived from a version of a table, kept until the process reads a newer one.

A version never changes, and one command requests the same lists of files several times; after three years of weeks each
reading takes a second.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeVar

from deltalake import DeltaTable

Found = TypeVar("Found")
_Key = tuple[str, str]
_Version = tuple[str, int]
_KEPT: Final[OrderedDict[_Key, tuple[_Version, Any]]] = OrderedDict()
_MOST: Final = 8


def once_a_version(delta: DeltaTable, name: str, work_out: Callable[[], Found]) -> Found:
    """Returns what `work_out` finds, from memory if it was requested for the same version before.

    Args:
        delta: The table.
        name: Name of the result.
        work_out: Derives it from the table; the caller must not change the result.
    """
    key, version = (delta.table_uri, name), (str(delta.metadata().id), int(delta.version()))
    known = _KEPT.pop(key, None)
    if known is None or known[0] != version:
        known = (version, work_out())
    _KEPT[key] = known
    while len(_KEPT) > _MOST:
        _KEPT.popitem(last=False)
    found: Found = known[1]
    return found
