"""Carried state as bytes, for the week's start in `silver.fold_state`.

Ports and gates are numbered by their place in a version of their file, so the names are stored with the arrays and the
numbers are assigned again when the state is read with another version.
"""

import io
import json
from collections.abc import Mapping

import numpy as np
import zstandard
from numpy.typing import NDArray

from ais_indicators.errors import BadInputError
from ais_indicators.fold.records import NOWHERE, Carried, Records

Names = tuple[str, ...]
Columns = list[NDArray[np.int64]]


def to_bytes(carried: Carried, port_locodes: Names, gate_codes: Names = ()) -> bytes:
    """Packs the state; the same state gives the same bytes, whatever versions number its ports and gates."""
    packed = Carried(*(array.copy() for array in carried))
    known = [
        _by_own_numbers(columns, names)
        for columns, names in zip(_numbers(packed), (port_locodes, gate_codes), strict=True)
    ]
    buffer = io.BytesIO()
    np.save(buffer, np.frombuffer(json.dumps(known).encode(), np.uint8), allow_pickle=False)
    for array in packed:
        np.save(buffer, array, allow_pickle=False)
    return zstandard.compress(buffer.getvalue())


def from_bytes(packed: bytes, port_locodes: Names, gate_codes: Names = ()) -> tuple[Carried, Names, Names]:
    """Unpacks a state for a version of the port file and one of the gates.

    Args:
        packed: What `to_bytes` gave.
        port_locodes: Names of the version's ports in their order.
        gate_codes: Names of the version's gates in their order.

    Returns:
        The state, and the names of its ports and gates: those given, then the ones that only the state knows, which
        have no area any more.

    Raises:
        BadInputError: Another version of this software wrote the state.
    """
    buffer = io.BytesIO(zstandard.decompress(packed))
    known: list[list[str]] = json.loads(np.load(buffer, allow_pickle=False).tobytes())
    carried = Carried(*(_read_array(buffer, wanted.dtype) for wanted in Carried.empty()))
    given = zip(_numbers(carried), known, (port_locodes, gate_codes), strict=True)
    ports, gates = (_by_names_given(columns, names, asked) for columns, names, asked in given)
    return carried, ports, gates


def _read_array(buffer: io.BytesIO, wanted: np.dtype[np.void]) -> Records:
    """Returns one array of the state.

    Raises:
        BadInputError: A version of this software wrote it that carried other things.
    """
    found: Records = np.load(buffer, allow_pickle=False)
    if found.dtype != wanted:
        raise BadInputError(
            "the carried state is of another version of this software; backfill from the first week that holds messages"
        )
    return found


def _by_own_numbers(columns: Columns, names: Names) -> list[str]:
    """Numbers what the state names by its place among those names, which are given."""
    used = np.unique(np.concatenate([column[column != NOWHERE] for column in columns])).tolist()
    own = sorted(names[number] for number in used)
    _renumber(columns, {number: own.index(names[number]) for number in used})
    return own


def _by_names_given(columns: Columns, own: list[str], names: Names) -> Names:
    """Numbers what the state names by its place among the names given and those that only the state knows."""
    every = (*names, *sorted(set(own) - set(names)))
    _renumber(columns, {place: every.index(name) for place, name in enumerate(own)})
    return every


def _renumber(columns: Columns, numbers: Mapping[int, int]) -> None:
    for column in columns:
        column[:] = [numbers.get(number, NOWHERE) for number in column.tolist()]


def _numbers(carried: Carried) -> tuple[Columns, Columns]:
    """Returns the columns that hold numbers of ports, and of gates."""
    of_visits = [carried.visits[name] for name in ("port", "rival_port", "chain_rival_port")]
    ports = [carried.tracks["anchorage_port"], carried.waits["port"], *of_visits]
    return ports, [carried.straits["gate"]]
