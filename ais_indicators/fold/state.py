"""The carried state as bytes, for the week's start in `silver.fold_state`.

Ports are numbered by their place in a version of the port file, so the names stand beside the arrays and the
numbers are given anew when the state is read with another version.
"""

import io
import json
from collections.abc import Mapping

import numpy as np
import zstandard
from numpy.typing import NDArray

from ais_indicators.fold.records import NOWHERE, Carried


def to_bytes(carried: Carried, port_locodes: tuple[str, ...]) -> bytes:
    """Packs the state; the same state gives the same bytes, whatever version numbers its ports."""
    used = np.unique(np.concatenate([n[n != NOWHERE] for n in _port_numbers(carried)])).tolist()
    names = sorted(port_locodes[number] for number in used)
    packed = Carried(*(array.copy() for array in carried))
    _renumber(packed, {number: names.index(port_locodes[number]) for number in used})
    buffer = io.BytesIO()
    np.save(buffer, np.frombuffer(json.dumps(names).encode(), np.uint8), allow_pickle=False)
    for array in packed:
        np.save(buffer, array, allow_pickle=False)
    return zstandard.compress(buffer.getvalue())


def from_bytes(packed: bytes, port_locodes: tuple[str, ...]) -> tuple[Carried, tuple[str, ...]]:
    """Unpacks a state for a version of the port file.

    Args:
        packed: What `to_bytes` gave.
        port_locodes: Names of the version's ports in their order.

    Returns:
        The state, and the names of its ports: those given, then the ones that only the state knows, which have
        no area any more.
    """
    buffer = io.BytesIO(zstandard.decompress(packed))
    names: list[str] = json.loads(np.load(buffer, allow_pickle=False).tobytes())
    carried = Carried(*(np.load(buffer, allow_pickle=False) for _ in Carried._fields))
    all_names = (*port_locodes, *sorted(set(names) - set(port_locodes)))
    numbers = {name: number for number, name in enumerate(all_names)}
    _renumber(carried, {place: numbers[name] for place, name in enumerate(names)})
    return carried, all_names


def _renumber(carried: Carried, numbers: Mapping[int, int]) -> None:
    for column in _port_numbers(carried):
        column[:] = [numbers.get(number, NOWHERE) for number in column.tolist()]


def _port_numbers(carried: Carried) -> list[NDArray[np.int64]]:
    return [carried.tracks["anchorage_port"], carried.visits["port"], carried.waits["port"]]
