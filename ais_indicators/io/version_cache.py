"""What was worked out of a version of a table, kept for as long as the process looks at no newer one.

A version never changes, and one command asks for the same lists of files several times; after three years of weeks each
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
    """Gives what `work_out` finds, from memory where it was asked of this very version before.

    Args:
        delta: The table.
        name: What is worked out.
        work_out: Reads it of the table; the caller must not change what it gives.
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
