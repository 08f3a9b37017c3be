"""The memory of echoes as bytes, for the week's start in `silver.fold_state`."""

import io
from typing import Final

import numpy as np
import zstandard

from ais_indicators.fold.echoes import EchoMemory

_PACKED_LEVEL: Final = 1
"""Hashes do not get smaller by more work."""


def memory_to_bytes(memory: EchoMemory) -> bytes:
    """Packs the memory; the same memory gives the same bytes."""
    buffer = io.BytesIO()
    for array in memory:
        np.save(buffer, array, allow_pickle=False)
    return zstandard.compress(buffer.getvalue(), _PACKED_LEVEL)


def memory_from_bytes(packed: bytes) -> EchoMemory:
    """Unpacks what `memory_to_bytes` gave."""
    buffer = io.BytesIO(zstandard.decompress(packed))
    return EchoMemory(*(np.load(buffer, allow_pickle=False) for _ in EchoMemory._fields))
