"""The tables of the truth: their columns, and a writer that adds what has become final, a row group at a time."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from ais_indicators.units import MICROSECONDS_PER_SECOND

UTC_TIME: Final = pa.timestamp("us", tz="UTC")
_TIME, _TEXT, _WHOLE, _REAL = UTC_TIME, pa.string(), pa.int64(), pa.float64()

TABLES: Final[Mapping[str, Mapping[str, pa.DataType]]] = {
    "port_calls": {
        "mmsi": _WHOLE, "imo": _WHOLE, "port_locode": _TEXT, "arrived_at_utc": _TIME, "departed_at_utc": _TIME,
        "vessel_class": _TEXT, "tonnes_loaded": _REAL, "tonnes_unloaded": _REAL, "anchored_at_utc": _TIME,
        "aweigh_at_utc": _TIME, "berthed_at_utc": _TIME, "unberthed_at_utc": _TIME, "draught_arrival_m": _REAL,
        "draught_departure_m": _REAL, "payload_arrival_t": _REAL, "payload_departure_t": _REAL,
    },
    "passages": {
        "mmsi": _WHOLE, "imo": _WHOLE, "port_locode": _TEXT, "entered_at_utc": _TIME, "left_at_utc": _TIME,
        "vessel_class": _TEXT,
    },
    "voyages": {
        "mmsi": _WHOLE, "imo": _WHOLE, "origin_locode": _TEXT, "destination_locode": _TEXT, "departed_at_utc": _TIME,
        "arrived_at_utc": _TIME, "vessel_class": _TEXT, "tonnes_on_board": _REAL, "distance_nm": _REAL,
    },
    "chokepoint_transits": {
        "mmsi": _WHOLE, "imo": _WHOLE, "gate_code": _TEXT, "direction": _TEXT, "entered_at_utc": _TIME,
        "left_at_utc": _TIME, "vessel_class": _TEXT, "payload_t": _REAL, "is_counted": pa.bool_(),
    },
    "outages": {"station_mmsi": _WHOLE, "begins_at_utc": _TIME, "ends_at_utc": _TIME},
    "identity_changes": {
        "kind": _TEXT, "imo": _WHOLE, "mmsi_before": _WHOLE, "mmsi_after": _WHOLE, "at_utc": _TIME,
    },
}  # fmt: skip
"""Columns by table; `imo` is null for ships without one."""

Row = dict[str, Any]
Key = tuple[float, ...]
"""What rows of a table are put in order by."""


class TableFiles:
    """One Parquet file a table; rows wait in memory until they are flushed, in the order of their keys."""

    def __init__(self, folder: Path, tables: Mapping[str, Mapping[str, pa.DataType]] = TABLES) -> None:
        """Opens a file for each table in a folder that is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        self._tables = tables
        self._rows: dict[str, list[tuple[Key, Row]]] = {name: [] for name in tables}
        self._writers = {
            name: pq.ParquetWriter(
                folder / f"{name}.parquet", pa.schema(list(columns.items())), compression="zstd"
            )
            for name, columns in tables.items()
        }

    def add(self, table: str, key: Key, row: Row) -> None:
        """Keeps a row, whose times are epoch seconds or None."""
        self._rows[table].append((key, row))

    def flush(self) -> None:
        """Writes the rows kept as a row group a table."""
        for name, rows in self._rows.items():
            if rows:
                self._writers[name].write_table(
                    _table(self._tables[name], (row for _, row in sorted(rows, key=_key)))
                )
                rows.clear()

    def close(self) -> None:
        """Writes what is left and closes the files."""
        self.flush()
        for writer in self._writers.values():
            writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _key(item: tuple[Key, Row]) -> Key:
    return item[0]


def _table(columns: Mapping[str, pa.DataType], rows: Iterable[Row]) -> pa.Table:
    filled = list(rows)
    arrays = []
    for column, kind in columns.items():
        values = [row.get(column) for row in filled]
        if kind == UTC_TIME:
            values = [None if v is None else round(v) * MICROSECONDS_PER_SECOND for v in values]
        arrays.append(pa.array(values, kind))
    return pa.table(arrays, schema=pa.schema(list(columns.items())))
