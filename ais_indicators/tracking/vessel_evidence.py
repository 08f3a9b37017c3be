"""Static data of ships, as one bucket's fold goes from week to week: their class and their identity."""

from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.fold.classes import EVIDENCE_SCHEMA, add_up, class_codes, collect_evidence
from ais_indicators.fold.draughts import collect_draughts, join_runs
from ais_indicators.fold.events import week_index
from ais_indicators.fold.identities import (
    NO_TRACK,
    NOTHING,
    REPORT_SCHEMA,
    Said,
    add_up_reports,
    collect_reports,
    identify,
)
from ais_indicators.fold.runs import run_ends, run_starts
from ais_indicators.fold.shared_numbers import TrackPoints, assign_tracks
from ais_indicators.io.store import read_parquet
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.tracking.bucket_messages import StaticReports
from ais_indicators.units import MICROSECONDS_PER_SECOND

CLASSES: Final = "silver.vessel_classes"
REPORTS: Final = "silver.vessel_reports"
DRAUGHTS: Final = "silver.draught_reports"
TABLES: Final = (CLASSES, REPORTS)
"""Evidence of earlier weeks that the fold itself looks back to."""

EvidenceFiles = tuple[tuple[str, str, str], ...]
"""Table, week and path of each file of `TABLES` of earlier weeks."""


class Evidence:
    """What the tracks and MMSIs of one bucket said in the weeks that still count.

    Attributes:
        classes: Columns of `fold.classes.EVIDENCE_SCHEMA`.
        reports: Columns of `fold.identities.REPORT_SCHEMA`.
    """

    def __init__(self, files: EvidenceFiles, rules: Rules) -> None:
        self._rules = rules
        self.classes = _loaded(files, CLASSES, EVIDENCE_SCHEMA)
        self.reports = _loaded(files, REPORTS, REPORT_SCHEMA)
        self._classes_of_week: list[pl.DataFrame] = []
        self._reports_of_week: list[pl.DataFrame] = []
        self._draughts_of_week: list[pl.DataFrame] = []

    def has_rows(self) -> bool:
        """Returns whether anything was said in the weeks that still count."""
        return bool(self.classes.height or self.reports.height)

    def take_fixes(
        self,
        week: Week,
        mmsi: NDArray[np.int64],
        track_id: NDArray[np.int64],
        second: NDArray[np.int64],
        said: Said,
    ) -> None:
        """Takes what the accepted fixes of a day said, one element per fix."""
        number = index_of(week)
        types, length_m = said.codes["ais_ship_type"], said.codes["length_m"]
        starts = run_starts(mmsi, track_id, types, length_m)
        ends = run_ends(starts, mmsi.size)
        codes = class_codes(
            np.where(types[starts] == NOTHING, np.nan, types[starts]), length_m[starts], self._rules
        )
        self._classes_of_week.append(
            collect_evidence(
                number, mmsi[starts], track_id[starts], second[ends - 1], codes, ends - starts, self._rules
            )
        )
        self._reports_of_week.append(collect_reports(number, mmsi, track_id, second, said))

    def take_statics(self, week: Week, reports: StaticReports, points: TrackPoints) -> None:
        """Takes the static reports of a day; their draughts belong to an MMSI and to none of its tracks.

        Args:
            week: Week of the day.
            reports: What was reported.
            points: Times at which the tracks were heard up to the day's end.
        """
        no_track = np.full(reports.mmsi.size, NO_TRACK, np.int64)
        mmsi, second, said = reports.mmsi, reports.second, reports.said
        track_id = assign_tracks(
            index_of(week), mmsi, second, said, points, self.reports_so_far(), self._rules
        )
        self.take_fixes(week, mmsi, track_id, second, said)
        self.take_draughts(reports.mmsi, no_track, reports.second, reports.said, reports.draught_m)

    def take_draughts(
        self,
        mmsi: NDArray[np.int64],
        track_id: NDArray[np.int64],
        second: NDArray[np.int64],
        said: Said,
        draught_m: NDArray[np.float64],
    ) -> None:
        """Takes the draughts that messages of a day reported, one element per message."""
        imo_number = said.codes["imo_number"]
        self._draughts_of_week.append(collect_draughts(mmsi, track_id, second, imo_number, draught_m))

    def vessel_ids(
        self, week: Week, mmsi: NDArray[np.int64], track_id: NDArray[np.int64], second: NDArray[np.int64]
    ) -> pa.Array:
        """Names the vessel of each fix: that of its track at the day's last fix."""
        edges = np.flatnonzero(np.diff(track_id)) + 1
        ends = np.append(edges, track_id.size) - 1 if track_id.size else edges
        lengths = np.diff(np.append(-1, ends))
        runs = pl.DataFrame({"mmsi": mmsi[ends], "track_id": track_id[ends], "second": second[ends]})
        tracks = runs.group_by("mmsi", "track_id").agg(pl.col("second").max()).sort("mmsi", "track_id")
        events = tracks.with_columns(week_index=pl.lit(index_of(week), pl.Int64))
        named = tracks.with_columns(
            identify(events, self.reports_so_far(), self._rules),
            number=pl.int_range(pl.len(), dtype=pl.Int32),
        )
        codes = runs.join(named, on=["mmsi", "track_id"], how="left", maintain_order="left")[
            "number"
        ].to_numpy()
        return pa.DictionaryArray.from_arrays(
            pa.array(np.repeat(codes, lengths)), pa.array(named["vessel_id"].to_list(), pa.string())
        )

    def reports_so_far(self) -> pl.DataFrame:
        """Reports of the weeks before and of this week's days up to now."""
        return pl.concat([self.reports, *self._reports_of_week])

    def close_week(
        self, week: Week, write: Callable[[str, pl.DataFrame, Week], None], oldest_second: int
    ) -> None:
        """Writes the week's evidence, and forgets what no event that can still come looks back to.

        Args:
            week: The week that ends.
            write: Takes a table's name, its rows and the week.
            oldest_second: First second of the oldest event that is not settled.
        """
        if self._classes_of_week:
            classes = add_up(pl.concat(self._classes_of_week))
            reports = add_up_reports(pl.concat(self._reports_of_week))
            write(CLASSES, _with_times(classes), week)
            write(REPORTS, _with_times(reports), week)
            self.classes = pl.concat([self.classes, classes])
            self.reports = pl.concat([self.reports, reports])
        if self._draughts_of_week:
            write(DRAUGHTS, _with_times(join_runs(pl.concat(self._draughts_of_week))), week)
        self._draughts_of_week = []
        oldest = min(index_of(week), int(week_index(np.array([oldest_second]))[0])) - int(
            self._rules.class_mode_weeks
        )
        self.classes = self.classes.filter(pl.col("week_index") > oldest)
        self.reports = self.reports.filter(pl.col("week_index") > oldest)
        self._classes_of_week, self._reports_of_week = [], []


def index_of(week: Week) -> int:
    """Returns the number of a week, so that weeks subtract."""
    return int(week_index(np.array([week.start_second]))[0])


def _with_times(rows: pl.DataFrame) -> pl.DataFrame:
    """Returns seconds as the tables have them."""
    times = {
        f"{name.removesuffix('_second')}_seen_at_utc": (pl.col(name) * MICROSECONDS_PER_SECOND).cast(
            pl.Datetime("us", "UTC")
        )
        for name in ("first_second", "last_second")
        if name in rows.columns
    }
    return rows.with_columns(**times).drop("week_index", "first_second", "last_second", strict=False)


def _loaded(files: EvidenceFiles, table: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Returns the rows of one table's files, in the columns of the fold."""
    frames = [pl.DataFrame(schema=schema)]
    for name, week, location in files:
        if name == table:
            frames.append(_from_table(location, index_of(Week.parse(week)), schema))
    return pl.concat(frames)


def _from_table(location: str, number: int, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    read = pl.DataFrame(read_parquet(location))
    seconds = {
        name: pl.col(f"{name.removesuffix('_second')}_seen_at_utc").dt.epoch("s")
        for name in ("first_second", "last_second")
        if name in schema
    }
    columns = read.with_columns(week_index=pl.lit(number, pl.Int64), **seconds)
    return columns.select(pl.col(name).cast(kind) for name, kind in schema.items())
