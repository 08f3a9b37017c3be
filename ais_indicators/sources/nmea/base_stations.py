"""Reads the UTC time in reports of base stations (message type 4) and compares it with the time of reception."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.sources.blocks import BASE_STATION_SCHEMA
from ais_indicators.sources.nmea.payloads import Payloads, field
from ais_indicators.sources.nmea.timestamps import NO_TIME, microseconds_of
from ais_indicators.units import MICROSECONDS_PER_SECOND

BASE_STATION: Final = 4
FEWEST_BITS: Final = 78
"""Bits up to the end of the time."""


def clock_offsets(payloads: Payloads, micros: NDArray[np.int64], stations: pa.Array) -> pa.Table:
    """Returns one row of `BASE_STATION_SCHEMA` for each report whose time and station are known.

    Args:
        payloads: Messages of type 4 with at least the fewest bits.
        micros: Time of reception of each, or `NO_TIME`.
        stations: Station that heard it, null if it is not known.
    """
    mmsi, reported = np.empty(micros.size, np.int64), np.empty(micros.size, np.int64)
    _read(payloads.text, payloads.start, mmsi, reported)
    is_known = (
        (micros != NO_TIME) & (reported != NO_TIME) & stations.is_valid().to_numpy(zero_copy_only=False)
    )
    offset = np.round((reported[is_known] - micros[is_known]) / MICROSECONDS_PER_SECOND).astype(np.int64)
    columns = [
        pa.array(mmsi[is_known]),
        stations.filter(pa.array(is_known)),
        pa.array(micros[is_known]).cast(pa.timestamp("us", "UTC")),
        pa.array(offset),
    ]
    return pa.table(columns, schema=BASE_STATION_SCHEMA)


@njit(cache=True)
def _read(text: Any, starts: Any, mmsi: Any, reported: Any) -> None:
    for n in range(starts.size):
        payload = starts[n]
        mmsi[n] = field(text, payload, 8, 30)
        reported[n] = microseconds_of(
            field(text, payload, 38, 14),
            field(text, payload, 52, 4),
            field(text, payload, 56, 5),
            field(text, payload, 61, 5),
            field(text, payload, 66, 6),
            field(text, payload, 72, 6),
        )
