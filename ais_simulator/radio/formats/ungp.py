"""Exports of the UN Global Platform in their newer columns: Parquet, one row per position, with its cells of H3."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from ais_indicators.geo.cells import h3_cells_at
from ais_indicators.units import MICROSECONDS_PER_SECOND
from ais_simulator.model import Ints
from ais_simulator.radio.formats.dma import degrees_a_minute
from ais_simulator.radio.formats.names import FLAG, UNGP_SHIP_GROUP, UNGP_SHIP_TYPE, UNGP_STATUS, of_type
from ais_simulator.radio.records import NO_ROT, SATELLITE, STEPS_PER_DEGREE, DayMessages, Records, Sets

ROW_GROUP_ROWS: Final = 1 << 17
RESOLUTIONS: Final = range(16)
NO_ETA: Final = 2460  # month and day 0, hour 24, minute 60
_DECIMALS: Final = 6
_MID_PLACES: Final = 1_000_000
_MOST_STATUS: Final = 15
_INSERTED_AFTER_S: Final = 3600
"""The platform takes a message in about an hour after it was sent."""

_TIME: Final = pa.timestamp("us", "UTC")
_TEXT: Final = pa.dictionary(pa.int32(), pa.string())


def write(messages: DayMessages, path: Path) -> None:
    """Writes the file."""
    schema, statics = _schema(), _static_columns(messages.sets)
    with parquet.ParquetWriter(path, schema, compression="snappy", use_dictionary=_coded(schema)) as target:
        for rows in _parts(messages.positions):
            columns = _columns(rows, messages, statics)
            target.write_table(pa.table([columns[field.name] for field in schema], schema=schema))


def _parts(positions: Records) -> Iterator[Records]:
    """Yields rows of one row group at a time; a day without messages has an empty one."""
    for start in range(0, max(positions.size, 1), ROW_GROUP_ROWS):
        yield positions[start : start + ROW_GROUP_ROWS]


def _schema() -> pa.Schema:
    whole, number = pa.int32(), pa.float64()
    kinds: dict[str, pa.DataType] = {
        "mmsi": whole, "imo": whole, "vessel_name": _TEXT, "callsign": _TEXT, "vessel_type": _TEXT,
        "vessel_type_code": whole, "vessel_type_cargo": _TEXT, "vessel_class": _TEXT, "length": number,
        "width": number, "flag_country": _TEXT, "flag_code": whole, "destination": _TEXT, "eta": whole,
        "draught": number, "longitude": number, "latitude": number, "sog": number, "cog": number,
        "rot": number, "heading": number, "nav_status": _TEXT, "nav_status_code": whole, "source": _TEXT,
        "message_type": whole, "dt_insert_utc": _TIME, "dt_pos_utc": _TIME, "dt_static_utc": _TIME,
    }  # fmt: skip
    cells = {f"H3_int_index_{resolution}": pa.int64() for resolution in RESOLUTIONS}
    return pa.schema(list((kinds | cells).items()))


def _coded(schema: pa.Schema) -> list[str]:
    """Returns columns of few distinct values; coding the others would only cost."""
    many = {"longitude", "latitude", "dt_pos_utc"} | {f"H3_int_index_{n}" for n in RESOLUTIONS[10:]}
    return [name for name in schema.names if name not in many]


def _static_columns(sets: Sets) -> dict[str, pa.Array]:
    """Returns the columns that follow from a version; one element per version."""
    has_voyage = ~sets.is_class_b
    mid = sets.mmsi // _MID_PLACES
    codes = sets.ais_ship_type.tolist()
    return {
        "imo": pa.array(np.where(has_voyage, sets.imo_number, 0), pa.int32()),
        "vessel_name": pa.array(sets.vessel_name.tolist(), pa.string()),
        "callsign": pa.array(sets.call_sign.tolist(), pa.string()),
        "vessel_type": pa.array(
            [of_type(code, UNGP_SHIP_TYPE, UNGP_SHIP_GROUP, "Unspecified") for code in codes]
        ),
        "vessel_type_code": pa.array(sets.ais_ship_type, pa.int32()),
        "vessel_type_cargo": pa.array([""] * len(sets)),
        "vessel_class": pa.array(np.where(has_voyage, "A", "B")),
        "length": pa.array(sets.length_m.astype(np.float64)),
        "width": pa.array(sets.width_m.astype(np.float64)),
        "flag_country": pa.array([FLAG.get(one, "Unknown") for one in mid.tolist()]),
        "flag_code": pa.array(mid, pa.int32()),
        "destination": pa.array(np.where(has_voyage, sets.destination, "").tolist(), pa.string()),
        "eta": pa.array(np.where(has_voyage, _eta_codes(sets.eta_s), NO_ETA), pa.int32()),
        "draught": pa.array(np.where(has_voyage, sets.draught_tenths, 0) / 10.0),
    }


def _eta_codes(eta_s: Ints) -> Ints:
    """Returns arrivals as numbers MMDDHHmm."""
    times = [datetime.fromtimestamp(second, UTC) for second in eta_s.tolist()]
    codes = np.array([int(f"{time:%m%d%H%M}") for time in times], np.int64)
    return np.where(eta_s == 0, NO_ETA, codes)


def _columns(rows: Records, messages: DayMessages, statics: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Returns all columns of some rows."""
    version = pa.array(rows["known_version"])
    latitude, longitude = (_degrees(rows[f"{name}_steps"]) for name in ("latitude", "longitude"))
    rot, statuses = _rot_by_code(), _statuses()
    code = rows["navigational_status"]
    columns = {
        "mmsi": pa.array(rows["mmsi"]),
        "latitude": pa.array(latitude),
        "longitude": pa.array(longitude),
        "sog": pa.array(rows["sog_tenths"] / 10.0),
        "cog": pa.array(rows["cog_tenths"] / 10.0),
        "heading": pa.array(rows["heading_degrees"].astype(np.float64)),
        "rot": pa.array(rot[rows["rot"].astype(np.int64) - NO_ROT]),
        "nav_status": _coded_texts(pa.array(code.astype(np.int32)), statuses),
        "nav_status_code": pa.array(code.astype(np.int32)),
        "source": _sources(rows),
        "message_type": pa.array(rows["message_type"].astype(np.int32)),
        "dt_insert_utc": _times(rows["sent_s"] + _INSERTED_AFTER_S, messages),
        "dt_pos_utc": _times(rows["stamped_s"], messages),
        "dt_static_utc": _times(rows["known_since_s"], messages),
    }
    for name, values in statics.items():
        is_text = pa.types.is_string(values.type)
        columns[name] = _coded_texts(version, values) if is_text else values.take(version)
    return columns | _cells(latitude, longitude)


def _degrees(steps: Any) -> NDArray[np.float64]:
    degrees: NDArray[np.float64] = np.round(steps / STEPS_PER_DEGREE, _DECIMALS)
    return degrees


def _coded_texts(places: pa.Array, texts: pa.Array) -> pa.Array:
    """Returns texts by their places, in a dictionary without repeats, which make Parquet slow and not reproducible."""
    distinct = texts.dictionary_encode()
    return pa.DictionaryArray.from_arrays(distinct.indices.take(places), distinct.dictionary)


def _rot_by_code() -> NDArray[np.float64]:
    """Returns degrees a minute by code; -128, "not available", stays as it is."""
    return np.array([float(NO_ROT), *(degrees_a_minute(code) for code in range(NO_ROT + 1, -NO_ROT))])


def _statuses() -> pa.Array:
    return pa.array([UNGP_STATUS.get(code, "Reserved") for code in range(_MOST_STATUS + 1)])


def _sources(rows: Records) -> pa.Array:
    is_satellite = (rows["station"] == SATELLITE).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(is_satellite), pa.array(["T-AIS", "S-AIS"]))


def _times(second: Any, messages: DayMessages) -> pa.Array:
    micros = (second.astype(np.int64) + messages.start_s) * MICROSECONDS_PER_SECOND
    return pa.array(micros).cast(_TIME)


def _cells(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> dict[str, pa.Array]:
    """Returns H3 cells, each from the place, as parents do not contain their children exactly; null for no place."""
    is_place = (np.abs(latitude) <= 90.0) & (np.abs(longitude) <= 180.0)  # noqa: PLR2004 - degrees on the globe
    north, east = np.where(is_place, latitude, 0.0), np.where(is_place, longitude, 0.0)
    cells = h3_cells_at(north, east, RESOLUTIONS)
    return {
        f"H3_int_index_{n}": pa.array(own, mask=~is_place) for n, own in zip(RESOLUTIONS, cells, strict=True)
    }
