"""The memory of displaced stretches as bytes, for the week's start in `silver.fold_state`."""

import io

import numpy as np
import zstandard

from ais_indicators.errors import BadInputError
from ais_indicators.fold.whereabouts import WHEREABOUTS, Records


def memory_to_bytes(memory: Records) -> bytes:
    """Packs the memory; the same memory gives the same bytes."""
    buffer = io.BytesIO()
    np.save(buffer, memory, allow_pickle=False)
    return zstandard.compress(buffer.getvalue())


def memory_from_bytes(packed: bytes | None) -> Records:
    """Unpacks what `memory_to_bytes` gave; states of earlier versions remember nothing.

    Raises:
        BadInputError: Another version of this software wrote the memory.
    """
    if packed is None:
        return np.empty(0, WHEREABOUTS)
    memory: Records = np.load(io.BytesIO(zstandard.decompress(packed)), allow_pickle=False)
    if memory.dtype != WHEREABOUTS:
        raise BadInputError(
            "the carried state is of another version of this software; backfill from the first week that holds messages"
        )
    return memory
