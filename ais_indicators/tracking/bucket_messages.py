"""Reads bronze messages of one ship bucket and day, in the method's order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.fold.identities import IDENTITY, NOTHING, Said
from ais_indicators.fold.order import order_by_time, order_of_ties
from ais_indicators.io.store import read_parquet
from ais_indicators.rules import PLANES, SHIPS, Rules, Subject
from ais_indicators.units import MICROSECONDS_PER_SECOND

GROUND_FLAG: Final = "ground_flag"
ALTITUDE: Final = "altitude_m"

MESSAGE_COLUMNS: Final = (
    "mmsi",
    "observed_at_utc",
    "latitude",
    "longitude",
    "sog_knots",
    "cog_degrees",
    "heading_degrees",
    "message_type",
    "navigational_status",
    "ais_ship_type",
)
TIE_COLUMNS: Final = MESSAGE_COLUMNS[2:]
"""Columns that order messages of one MMSI and second: the method's columns, then the rest, so that the order of the
input is irrelevant.
"""

PLACE_COLUMNS: Final = ("latitude", "longitude", "sog_knots")
"""Columns that give where a message's sender is and whether it moves."""

SUBJECT_COLUMNS: Final[dict[Subject, tuple[str, ...]]] = {SHIPS: (), PLANES: (GROUND_FLAG, ALTITUDE)}
"""Further columns of a subject that show where it is; they decide among equal messages after the others."""

SAID_COLUMNS: Final = tuple(name for name in IDENTITY if name != "ais_ship_type")
"""What messages say about the ship itself, except its type."""

RESTING_STATUSES: Final = (1.0, 5.0)
"""Navigational statuses of ITU-R M.1371 that say `at anchor` and `moored`."""

DRAUGHT: Final = "draught_m"

STATION: Final = "station"

TEXT_COLUMNS: Final = ["vessel_name", "call_sign", STATION]


@dataclass(frozen=True)
class Messages:
    """One bucket-day of bronze in the method's order.

    Attributes:
        rows: Columns of `MESSAGE_COLUMNS` and `SAID_COLUMNS`, the draught and the station.
        mmsi: MMSI of the rows.
        second: Epoch seconds of the rows.
        numbers: The columns of `PLACE_COLUMNS` and the subject's as doubles, NaN if null.
    """

    rows: pa.Table
    mmsi: NDArray[np.int64]
    second: NDArray[np.int64]
    numbers: dict[str, NDArray[np.float64]]

    def says_rest(self) -> NDArray[np.bool_]:
        """Returns which of the messages have a navigational status of a vessel at anchor or moored."""
        status = self.rows["navigational_status"]
        if status.null_count == len(status):
            return np.zeros(len(status), np.bool_)
        return np.isin(doubles_of(status), RESTING_STATUSES)

    @property
    def has_stations(self) -> bool:
        """Returns whether some message names the station that heard it."""
        return bool(self.rows[STATION].null_count < len(self.rows))

    def of(self, kept: NDArray[np.bool_]) -> "Messages":
        """Returns some of the messages."""
        numbers = {name: values[kept] for name, values in self.numbers.items()}
        return Messages(self.rows.filter(pa.array(kept)), self.mmsi[kept], self.second[kept], numbers)

    def said(self, kept: NDArray[np.bool_]) -> Said:
        """Returns what some of the messages say of the ship."""
        said = _said(self.rows)
        return said if kept.all() else said.of(kept)

    def draughts(self, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Returns draughts that some of the messages report, NaN if none."""
        return doubles_of(self.rows[DRAUGHT])[kept]


@dataclass(frozen=True)
class StaticReports:
    """Static reports of one bucket-day, by MMSI and time.

    Attributes:
        mmsi: MMSI of the reports.
        second: Epoch seconds.
        said: What they say.
        draught_m: Draughts that they report, NaN if none.
    """

    mmsi: NDArray[np.int64]
    second: NDArray[np.int64]
    said: Said
    draught_m: NDArray[np.float64]


def read_messages(locations: tuple[str, ...], rules: Rules) -> Messages:
    """Reads the bronze files of one bucket-day and sorts their rows in the method's order.

    Rows that are equal in all of it are sorted by what else they say and then by the station's name, so that the
    input's order is irrelevant: of a message that several stations received, the one of the first station by name is
    kept.
    """
    subject = SUBJECT_COLUMNS[rules.subject]
    ties = (*TIE_COLUMNS, *subject)
    rows = _read(locations, [*dict.fromkeys((*MESSAGE_COLUMNS, *ties)), *SAID_COLUMNS, DRAUGHT, STATION])
    mmsi = own_array(rows["mmsi"].to_numpy())
    second = _seconds(rows)
    order, tied = order_by_time(mmsi, second)
    if tied.size:
        order[tied] = order[tied][_order_of_ties(rows.take(pa.array(order[tied])), ties)]
    numbers = {name: doubles_of(rows[name]) for name in (*PLACE_COLUMNS, *subject)}
    if np.array_equal(order, np.arange(order.size)):
        return Messages(rows, mmsi, second, numbers)
    ordered = {name: values[order] for name, values in numbers.items()}
    return Messages(rows.take(pa.array(order)), mmsi[order], second[order], ordered)


def read_statics(locations: tuple[str, ...]) -> StaticReports:
    """Reads the static reports of one bucket-day."""
    rows = _read(locations, ["mmsi", "observed_at_utc", *IDENTITY, DRAUGHT])
    mmsi, second = rows["mmsi"].to_numpy(), _seconds(rows)
    order = np.lexsort((second, mmsi))
    return StaticReports(mmsi[order], second[order], _said(rows).of(order), doubles_of(rows[DRAUGHT])[order])


def own_array(values: Any) -> Any:
    """Copies the values: Arrow's memory is read-only, which is another type to the compiler."""
    return np.require(values, requirements=["C", "W"])


def _read(locations: tuple[str, ...], columns: list[str]) -> pa.Table:
    """Returns columns of some files; texts as codes of their few distinct values."""
    parts = [_read_file(location, columns) for location in locations]
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _read_file(location: str, columns: list[str]) -> pa.Table:
    """Reads columns of one file; in files from before bronze had stations, no message names one."""
    options = {"use_threads": False, "read_dictionary": TEXT_COLUMNS}
    try:
        return read_parquet(location, columns=columns, **options)
    except pa.ArrowInvalid:
        if STATION not in columns:
            raise
    rows = read_parquet(location, columns=[name for name in columns if name != STATION], **options)
    stations = pa.nulls(rows.num_rows, pa.dictionary(pa.int32(), pa.string()))
    return rows.append_column(STATION, stations).select(columns)


def _said(rows: pa.Table) -> Said:
    """Returns columns of `IDENTITY` as codes."""
    codes, words = {}, {}
    for name in IDENTITY:
        column = rows[name].combine_chunks()
        if name in TEXT_COLUMNS:
            words[name] = pl.Series(name, column.dictionary)
            column = column.indices
        codes[name] = (column.fill_null(NOTHING) if column.null_count else column).to_numpy()
    return Said(codes, words)


def _order_of_ties(rows: pa.Table, ties: Sequence[str]) -> NDArray[np.int64]:
    """Returns the order of rows that have the MMSI and second of another; those with equal numbers by what they say."""
    mmsi, second = rows["mmsi"].to_numpy(), _seconds(rows)
    numbers = [doubles_of(rows[name]) for name in ties]
    order = order_of_ties(mmsi, second, numbers)
    one, other = order[:-1], order[1:]
    is_same = (mmsi[one] == mmsi[other]) & (second[one] == second[other])
    for values in numbers:
        is_same &= (values[one] == values[other]) | (np.isnan(values[one]) & np.isnan(values[other]))
    same = np.flatnonzero(is_same)
    if same.size == 0:
        return order
    said = rows.select([*SAID_COLUMNS, DRAUGHT, STATION]).to_pylist()
    words = [[str(value) for value in row.values()] for row in said]
    for run in np.split(same, np.flatnonzero(np.diff(same) != 1) + 1):
        places = order[run[0] : run[-1] + 2]
        order[run[0] : run[-1] + 2] = sorted(places.tolist(), key=words.__getitem__)
    return order


def _seconds(rows: pa.Table) -> NDArray[np.int64]:
    seconds: NDArray[np.int64] = own_array(
        rows["observed_at_utc"].cast(pa.int64()).to_numpy() // MICROSECONDS_PER_SECOND
    )
    return seconds


def doubles_of(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Returns values of a column of numbers, NaN if null."""
    if column.null_count == len(column):
        return np.full(len(column), np.nan)
    values: NDArray[np.float64] = own_array(column.cast(pa.float64()).to_numpy())
    return values
