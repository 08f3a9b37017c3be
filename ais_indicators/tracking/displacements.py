"""Finds a bucket's displaced stretches before its messages are folded, and removes those that are false."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.fold.displacement_state import memory_from_bytes, memory_to_bytes
from ais_indicators.fold.displacements import DisplacedDay, find_displacements
from ais_indicators.fold.records import NEVER
from ais_indicators.fold.whereabouts import (
    STRETCH,
    WHEREABOUTS,
    DisplacementLimits,
    Records,
    forget_silent_numbers,
)
from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.geo.cells import h3_cells
from ais_indicators.geo.distance import great_circle_km
from ais_indicators.periods import Week
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.tracking.bucket_messages import Messages
from ais_indicators.tracking.echoes import Sifted
from ais_indicators.tracking.position_losses import locate_losses
from ais_indicators.tracking.silences import time_of
from ais_indicators.transforms.interference import BELIEVED, STRETCH_SCHEMA, FalsePositions
from ais_indicators.transforms.shapes import KINDS
from ais_indicators.transforms.shown_vessels import FalseRun
from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

ROW_SCHEMA: Final[dict[str, Any]] = {
    **STRETCH_SCHEMA,
    "hours": pl.Int64,
    "from_h3_res3": pl.Int64,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "spread_km": pl.Float64,
}
"""Columns of a stretch's day: what clusters rest on, and the rest of `silver.displacements`."""


class DisplacementFilter:
    """Displaced stretches of one bucket: what is carried from day to day, and the stretches of a run.

    Args:
        false_positions: All false positions of the run; None if only those carried from earlier weeks are known.
        rules: Rules of the lake's subject.

    Attributes:
        rows: Every stretch that counts, one row per UTC day, with the columns of `ROW_SCHEMA`.
    """

    def __init__(self, false_positions: FalsePositions | None, rules: Rules) -> None:
        self.rows = pl.DataFrame(schema=ROW_SCHEMA)
        self._rules = rules
        self._limits = DisplacementLimits.from_rules(rules)
        self._memory = np.empty(0, WHEREABOUTS)
        self._known = false_positions
        self._week: Week | None = None
        self._of_week: list[pl.DataFrame] = []
        self._losses: list[pl.DataFrame] = []

    def load(self, packed: bytes | None) -> None:
        """Loads the memory of a state."""
        self._memory = memory_from_bytes(packed)

    def has_memory(self) -> bool:
        """Returns whether anything is carried on."""
        return bool(self._memory.size)

    def packed(self, second: int) -> bytes:
        """Packs the memory for a state at a moment."""
        return memory_to_bytes(forget_silent_numbers(self._memory, second, self._limits))

    def begin_week(self, week: Week) -> None:
        """Starts a week."""
        self._week = week
        self._of_week, self._losses = [], []

    def sift(self, sifted: Sifted, losses: pl.DataFrame) -> Sifted:
        """Removes the fixes of false stretches from a day's messages. Planes are not checked.

        Args:
            sifted: The day's messages without echoes.
            losses: Counts of the day's messages without a usable position, as `read_losses` gives them.
        """
        if self._rules.subject != SHIPS:
            return sifted
        before = self._memory
        result = self._without_false(sifted)
        self._take_losses(losses, result.messages, before)
        return result

    def take_silent_day(self, losses: pl.DataFrame) -> None:
        """Processes a day on which no message has a usable position."""
        if self._rules.subject == SHIPS:
            self._take_losses(losses, None, self._memory)

    def _take_losses(self, losses: pl.DataFrame, messages: Messages | None, memory: Records) -> None:
        if losses.height:
            self._losses.append(locate_losses(losses, messages, memory, self._rules))

    def _without_false(self, sifted: Sifted) -> Sifted:
        messages = sifted.messages
        if messages.mmsi.size == 0:
            return sifted
        latitude, longitude = messages.numbers["latitude"], messages.numbers["longitude"]
        found = find_displacements(
            messages.mmsi, messages.second, latitude, longitude, self._memory, self._limits
        )
        self._memory = found.memory
        is_false = np.zeros(messages.mmsi.size, np.bool_)
        if found.rows.size:
            kinds = self._kinds(found)
            self._of_week.append(_rows_of_day(messages, found, kinds, self._rules))
            is_false[found.places[kinds[found.row_of_place] > 0]] = True
        for run in self._runs():
            every = _places_of_run(messages, run)
            places = every[~is_false[every]]
            if places.size:
                is_new = places.size < every.size
                began = int(messages.second[places[0]]) if is_new else run.began
                self._of_week.append(_row_of_run(messages, run._replace(began=began), places, self._rules))
                is_false[places] = True
        if not is_false.any():
            return sifted
        return replace(
            sifted, messages=messages.of(~is_false), false_positions=messages.rows.filter(pa.array(is_false))
        )

    def losses(self) -> pl.DataFrame:
        """Returns columns of `silver.position_losses` of the week."""
        return pl.concat(self._losses).sort("mmsi", "hour_utc") if self._losses else pl.DataFrame()

    def displacements(self) -> pl.DataFrame:
        """Returns the week's columns of `silver.displacements` without the vessel; call once a week.

        Stretches that are too short to be evidence are left out unless they are false.
        """
        if not self._of_week:
            return pl.DataFrame()
        rows = pl.concat(self._of_week).sort("mmsi", "began", "day")
        self.rows = pl.concat([self.rows, rows])
        lasted = pl.col("last_second") - pl.col("first_second")
        is_evidence = (pl.col("fixes") >= self._rules.interference_min_fixes) & (
            lasted >= float(self._rules.interference_min_minutes) * SECONDS_PER_MINUTE
        )
        is_listed = (is_evidence & (pl.col("false_kind") != BELIEVED)) | (pl.col("false_kind") > 0)
        return rows.filter(is_listed).select(
            "mmsi",
            "last_second",
            time_of(pl.col("began")).alias("stretch_began_at_utc"),
            pl.col("day").cast(pl.Int32).cast(pl.Date),
            time_of(pl.col("first_second")).alias("first_at_utc"),
            time_of(pl.col("last_second")).alias("last_at_utc"),
            "fixes", "hours", "from_h3_res3", "to_h3_res4", "latitude", "longitude", "spread_km", "jump_km",
            pl.col("false_kind")
            .replace_strict(dict(enumerate(KINDS)), return_dtype=pl.String)
            .alias("false_position_kind"),
        )  # fmt: skip

    def _runs(self) -> tuple[FalseRun, ...]:
        """Returns the false runs of the week."""
        return () if self._known is None or self._week is None else self._known.runs.get(self._week, ())

    def _kinds(self, found: DisplacedDay) -> NDArray[np.int64]:
        """Returns the kind of each row, 0 if it is not false, and notes it for the days after."""
        if self._known is None or self._week is None:
            return np.array(found.rows["false_kind"])
        keys = zip(found.rows["mmsi"].tolist(), found.rows["began"].tolist(), strict=True)
        kinds = np.array([self._known.stretches.get((self._week, *key), 0) for key in keys], np.int64)
        places = np.searchsorted(self._memory["mmsi"], found.rows["mmsi"])
        goes_on = self._memory["began"][places] == found.rows["began"]
        self._memory["false_kind"][places[goes_on]] = kinds[goes_on]
        return kinds


def _rows_of_day(
    messages: Messages, found: DisplacedDay, kinds: NDArray[np.int64], rules: Rules
) -> pl.DataFrame:
    """Returns the columns of `ROW_SCHEMA` of one day."""
    rows = found.rows
    samples = _samples(messages, found, rules)
    has_run = rows["link_second"] != NEVER
    shown_in = rules.interference_cell_resolution
    run_cells = h3_cells(rows["link_latitude"], rows["link_longitude"], shown_in)
    columns: dict[str, Any] = {name: rows[name] for name in ROW_SCHEMA if name in (STRETCH.names or ())}
    columns |= {
        "day": rows["first_second"] // SECONDS_PER_DAY,
        "sailed_off": rows["sailed_off"] == 1,
        "false_kind": kinds,
        "run_began": _where(has_run, rows["link_second"]),
        "run_until": _where(has_run, rows["link_until"]),
        "run_h3_res4": _where(has_run, run_cells),
        "to_h3_res4": h3_cells(rows["to_latitude"], rows["to_longitude"], shown_in),
        "from_h3_res3": h3_cells(
            rows["from_latitude"], rows["from_longitude"], rules.coverage_cell_resolution
        ),
        "sample_latitude": [messages.numbers["latitude"][places].tolist() for places in samples],
        "sample_longitude": [messages.numbers["longitude"][places].tolist() for places in samples],
        "sample_second": [messages.second[places].tolist() for places in samples],
    }
    return pl.DataFrame(columns, schema=ROW_SCHEMA)


def _where(has: NDArray[np.bool_], values: NDArray[np.int64]) -> pl.Series:
    """Returns whole numbers, null if there is none."""
    found: pl.Series = pl.Series(values.astype(np.int64)).set(pl.Series(~has), None)
    return found


def _samples(messages: Messages, found: DisplacedDay, rules: Rules) -> list[NDArray[np.int64]]:
    """Returns the places of some fixes of each row: the first in each of the rule's times."""
    step = rules.interference_sample_minutes * SECONDS_PER_MINUTE
    order = np.argsort(found.row_of_place, kind="stable")
    places, row = found.places[order], found.row_of_place[order]
    slot = messages.second[places] // step
    is_first = np.append(True, (row[1:] != row[:-1]) | (slot[1:] != slot[:-1]))[: row.size]
    return np.split(places[is_first], np.searchsorted(row[is_first], np.arange(1, found.rows.size)))


def _places_of_run(messages: Messages, run: FalseRun) -> NDArray[np.int64]:
    """Returns the places of a run's fixes among a day's messages."""
    first, last = np.searchsorted(messages.mmsi, [run.mmsi, run.mmsi + 1])
    begin, end = np.searchsorted(messages.second[first:last], [run.began, run.until])
    return np.arange(first + begin, first + end)


def _row_of_run(messages: Messages, run: FalseRun, places: NDArray[np.int64], rules: Rules) -> pl.DataFrame:
    """Returns the columns of `ROW_SCHEMA` of a false run on one day."""
    second = messages.second[places]
    latitude, longitude = (messages.numbers[name][places] for name in ("latitude", "longitude"))
    km = [great_circle_km(latitude[0], longitude[0], *at) for at in zip(latitude, longitude, strict=True)]
    believed = parent_cells(np.array([run.believed_cell]), rules.coverage_cell_resolution)
    row: dict[str, Any] = dict.fromkeys(ROW_SCHEMA) | {
        "mmsi": run.mmsi,
        "began": run.began,
        "day": int(second[0]) // SECONDS_PER_DAY,
        "first_second": int(second[0]),
        "last_second": int(second[-1]),
        "fixes": np.unique(second).size,
        "hours": np.unique(second // SECONDS_PER_HOUR).size,
        "sailed_off": False,
        "false_kind": run.kind,
        "to_h3_res4": run.cell,
        "from_h3_res3": int(believed[0]),
        "latitude": float(latitude[0]),
        "longitude": float(longitude[0]),
        "spread_km": float(max(km)),
        "jump_km": run.jump_km,
    }
    return pl.DataFrame([row], schema=ROW_SCHEMA)
