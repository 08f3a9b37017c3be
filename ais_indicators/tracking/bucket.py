"""Folds one ship bucket over consecutive weeks; runs in a Spark worker.

Memory holds one day's messages of one bucket and the carried state, however many weeks there are.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ais_indicators.fold.classes import classify
from ais_indicators.fold.day import fold_day, fold_week_end, visits_of_full_tracks
from ais_indicators.fold.events import OPEN, port_call_rows, track_rows
from ais_indicators.fold.identities import NO_TRACK, identify
from ais_indicators.fold.kernel import Fixes, Verdicts
from ais_indicators.fold.records import (
    ACCEPTED,
    NEVER,
    NOWHERE,
    Carried,
    Records,
    Settled,
    Thresholds,
)
from ais_indicators.fold.shared_numbers import TrackPoints, join_points, last_points
from ais_indicators.fold.state import from_bytes, to_bytes
from ais_indicators.fold.strait_rows import open_transits, transit_rows, waiting_rows
from ais_indicators.geo.cells import h3_cells
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.io.freshness import DISPLACEMENTS, POSITION_LOSSES, touches_since
from ais_indicators.io.memory import give_back_memory
from ais_indicators.io.staging import stage
from ais_indicators.io.store import read_parquet
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.tracking.bucket_messages import MESSAGE_COLUMNS, Messages, read_messages, read_statics
from ais_indicators.tracking.bucket_plans import BucketPlan, BucketResult, WeekPlan
from ais_indicators.tracking.counts import CELLS, HOURS, SILENCES, SPELLS, STATIONARY, WeekCounts
from ais_indicators.tracking.displacements import DisplacementFilter
from ais_indicators.tracking.echoes import STATION_HOURS, EchoFilter, Sifted
from ais_indicators.tracking.places import places_of, ways_of
from ais_indicators.tracking.position_losses import read_losses
from ais_indicators.tracking.receiver_clocks import StationClocks, read_base_stations
from ais_indicators.tracking.rejected import rejected_rows
from ais_indicators.tracking.silences import DayOfFixes
from ais_indicators.tracking.vessel_evidence import Evidence, index_of

POSITION_COLUMNS = MESSAGE_COLUMNS[:-2]
CODED_COLUMNS = ("observed_at_utc", "sog_knots", "cog_degrees", "heading_degrees", "seconds_since_previous")
"""Columns of positions with at most a few thousand values, except times: a day has 86,400 seconds."""
STAGE = "fold"


class BucketFold:
    """The fold of one bucket: state, evidence and output between its days."""

    def __init__(
        self, plan: BucketPlan, indexes: dict[str, PortIndex], gates: dict[str, GateIndex], rules: Rules
    ) -> None:
        self.plan = plan
        self.indexes = indexes
        self.gates = gates
        self.rules = rules
        self.thresholds = Thresholds.from_rules(rules)
        self.result = BucketResult()
        self.echo_filter = EchoFilter(rules)
        self.displacement_filter = DisplacementFilter(plan.false_positions, rules)
        self.carried, self.port_locodes, self.gate_codes = self._load_state()
        self.evidence = Evidence(plan.evidence_files, rules)
        self._following: Messages | None = None
        self._messages_before = 0

    @property
    def _file_prefix(self) -> str:
        """Returns the prefix of the bucket's files; upkeep may join them with files of other buckets."""
        return f"bucket{self.plan.bucket:04d}"

    def run(self) -> BucketResult:
        """Folds every week, then writes what is still open."""
        for week_plan in self.plan.weeks:
            self._fold_week(week_plan)
        self._write_calls(visits_of_full_tracks(self.carried, self.thresholds), OPEN)
        self._write_transits(open_transits(self.carried, self.thresholds), OPEN)
        if self.carried.tracks.size:
            self._write(
                "silver.tracks", track_rows(self.carried.tracks, OPEN, self.thresholds), settled_week=OPEN
            )
        self.result.echoes = self.echo_filter.counted
        self.result.stretches = self.displacement_filter.rows
        return self.result

    def _fold_week(self, plan: WeekPlan) -> None:
        index = self._use_references(plan)
        self._messages_before = self.result.messages
        if self._has_nothing_to_fold(plan):
            self._write_state(plan)
            return
        settled_visits, settled_transits, settled_tracks = list[Records](), list[Records](), list[Records]()
        counts = WeekCounts(self.rules)
        self.echo_filter.begin_week(StationClocks(read_base_stations(plan.base_station_files), self.rules))
        self.displacement_filter.begin_week(plan.week)
        for day in plan.week.days:
            losses = read_losses(plan.loss_files.get(day, ()))
            if plan.files.get(day):
                settled, fixes = self._fold_one_day(plan, day, self._sifted(plan, day, losses), index.on(day))
                give_back_memory()
                counts.take(fixes, self.port_locodes)
                del fixes
                settled_visits.append(settled.visits)
                settled_transits.append(settled.transits)
                settled_tracks.append(settled.tracks)
                continue
            self.displacement_filter.take_silent_day(losses)
            if plan.static_files.get(day):
                self._take_statics(plan, day, last_points(self.carried.tracks, self.thresholds))
        self.carried, final = fold_week_end(self.carried, plan.week.end_second, self.thresholds)
        self.evidence.close_week(plan.week, self._write_evidence, self._oldest_second(plan.week))
        self._write_counts(plan, counts)
        self._write_displacements(plan.week)
        self._write_calls(np.concatenate([*settled_visits, final.visits]), plan.week.name)
        self._write_transits(np.concatenate([*settled_transits, final.transits]), plan.week.name)
        self._write_waiting(plan)
        tracks = np.concatenate([*settled_tracks, final.tracks])
        week = plan.week.name
        if tracks.size:
            self._write("silver.tracks", track_rows(tracks, week, self.thresholds), settled_week=week)
        self._write_state(plan)

    def _has_nothing_to_fold(self, plan: WeekPlan) -> bool:
        """Returns whether a week brings no file to a bucket that carries nothing, as many do in a small lake."""
        carried = any(array.size for array in self.carried) or self.evidence.has_rows()
        remembered = self.echo_filter.has_memory() or self.displacement_filter.has_memory()
        return not (carried or remembered or plan.files or plan.static_files or plan.loss_files)

    def _sifted(self, plan: WeekPlan, day: date, losses: pl.DataFrame) -> Sifted:
        """Reads a day's messages without echoes and false positions; nobody else holds on to them."""
        messages = self._following or read_messages(plan.files[day], self.rules)
        self._following = self._read_ahead(plan, day)
        return self.displacement_filter.sift(self.echo_filter.sift(messages, self._following), losses)

    def _read_ahead(self, plan: WeekPlan, day: date) -> Messages | None:
        """Reads the week's next day if a station's clock is behind: its echoes come before what they repeat."""
        after = day + timedelta(days=1)
        if not (self.echo_filter.clocks.some_are_behind and plan.files.get(after)):
            return None
        return read_messages(plan.files[after], self.rules)

    def _fold_one_day(
        self, plan: WeekPlan, day: date, sifted: Sifted, index: PortIndex
    ) -> tuple[Settled, DayOfFixes]:
        """Folds a day and writes its messages, so that they are gone from memory when their fixes are counted."""
        messages = sifted.messages
        places = places_of(messages, index, self.gates[plan.gate_version], day, self.rules)
        fixes = Fixes(
            messages.mmsi,
            messages.second,
            messages.numbers["latitude"],
            messages.numbers["longitude"],
            messages.numbers["sog_knots"],
            messages.says_rest(),
            places.port,
            places.anchorage,
            places.gate,
        )
        ways = ways_of(self.gates[plan.gate_version], day, self.rules)
        before = self.carried.tracks
        folded = fold_day(fixes, self.carried, index.outlines, ways, self.thresholds)
        self.carried = folded.carried
        kept = folded.verdicts.code == ACCEPTED
        track_id = folded.verdicts.track_id[kept]
        mmsi, second = fixes.mmsi[kept], fixes.second[kept]
        said = messages.said(kept)
        self.evidence.take_fixes(plan.week, mmsi, track_id, second, said)
        self.evidence.take_draughts(mmsi, track_id, second, said, messages.draughts(kept))
        if plan.static_files.get(day):
            tracks = np.concatenate([before, folded.carried.tracks, folded.settled.tracks])
            ends = last_points(tracks, self.thresholds)
            self._take_statics(plan, day, join_points(ends, TrackPoints(mmsi, track_id, second)))
        vessel_id = self.evidence.vessel_ids(plan.week, mmsi, track_id, second)
        self._write_rejected(day, messages, folded.verdicts, sifted.left_out())
        return folded.settled, self._write_positions(day, messages, fixes, folded.verdicts, vessel_id)

    def _take_statics(self, plan: WeekPlan, day: date, points: TrackPoints) -> None:
        self.evidence.take_statics(plan.week, read_statics(plan.static_files[day]), points)

    def _write_positions(
        self, day: date, messages: Messages, fixes: Fixes, verdicts: Verdicts, vessel_id: pa.Array
    ) -> DayOfFixes:
        kept = verdicts.code == ACCEPTED
        self.result.messages += kept.size
        self.result.accepted += int(kept.sum())
        cells = h3_cells(fixes.latitude[kept], fixes.longitude[kept], self.rules.activity_cell_resolution)
        since = verdicts.seconds_since_previous[kept]
        track_id = verdicts.track_id[kept]
        rows = messages.rows.select(POSITION_COLUMNS)
        rows = rows if kept.all() else rows.filter(pa.array(kept))
        for name, values in (
            ("track_id", pa.array(track_id)),
            ("vessel_id", vessel_id),
            ("seconds_since_previous", pa.array(since, mask=since == NEVER)),
            ("port_locode", self._port_names(fixes.port[kept])),
            ("h3_res6", pa.array(cells)),
        ):
            rows = rows.append_column(name, values)
        self._stage(
            "silver.positions", rows, observed_on=day, ship_bucket=self.plan.bucket, coded=CODED_COLUMNS
        )
        return DayOfFixes(
            fixes.mmsi[kept],
            track_id,
            fixes.second[kept],
            cells,
            since,
            fixes.sog_knots[kept],
            fixes.port[kept],
        )

    def _port_names(self, port: NDArray[np.int32]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(
            pa.array(port, mask=port == NOWHERE), pa.array(self.port_locodes, pa.string())
        )

    def _write_rejected(
        self, day: date, messages: Messages, verdicts: Verdicts, left_out: Sequence[tuple[str, pa.Table]]
    ) -> None:
        rows, counts = rejected_rows(messages.rows, verdicts.code, left_out, POSITION_COLUMNS)
        self.result.messages += sum(part.num_rows for _, part in left_out)
        self.result.rejected.update(counts)
        if rows.num_rows:
            self._stage("quarantine.messages", rows, stage=STAGE, fold_date=day)

    def _write_evidence(self, table: str, rows: pl.DataFrame, week: Week) -> None:
        self._write(table, rows, week=week.name, ship_bucket=self.plan.bucket)

    def _oldest_second(self, week: Week) -> int:
        """Returns the first second of the oldest visit or transit that is not settled, or of the week."""
        inside = self.carried.straits[self.carried.straits["is_inside"] == 1]
        begun = (*self.carried.visits["first_second"].tolist(), *inside["entered_second"].tolist())
        return int(min([week.start_second, *begun]))

    def _write_counts(self, plan: WeekPlan, counts: WeekCounts) -> None:
        for table, rows in (
            (HOURS, counts.hours()),
            (SILENCES, counts.silences(plan.week)),
            (SPELLS, counts.spells()),
            (STATION_HOURS, self.echo_filter.station_hours()),
        ):
            self._write(table, rows, week=plan.week.name, ship_bucket=self.plan.bucket)
        cells, stationary = counts.cells(), counts.stationary()
        if cells.is_empty():
            return
        events = (
            cells.select("mmsi", "track_id")
            .unique()
            .sort("track_id")
            .with_columns(
                week_index=pl.lit(index_of(plan.week), pl.Int64), second=pl.lit(plan.week.end_second - 1)
            )
        )
        named = events.select("track_id").with_columns(identify(events, self.evidence.reports, self.rules))
        classes = named.with_columns(vessel_class=classify(events, self.evidence.classes, self.rules))
        for table, rows, vessels in ((CELLS, cells, classes), (STATIONARY, stationary, named)):
            joined = rows.join(vessels, on="track_id", how="left", maintain_order="left")
            self._write(table, joined, week=plan.week.name, ship_bucket=self.plan.bucket)

    def _write_displacements(self, week: Week) -> None:
        rows = self.displacement_filter.displacements()
        if rows.height:
            number, track = (pl.lit(value, pl.Int64) for value in (index_of(week), NO_TRACK))
            events = rows.select("mmsi", track_id=track, second="last_second", week_index=number)
            rows = rows.with_columns(vessel_id=identify(events, self.evidence.reports, self.rules))
        for table, of_week in ((DISPLACEMENTS, rows), (POSITION_LOSSES, self.displacement_filter.losses())):
            self._write(table, of_week, week=week.name, ship_bucket=self.plan.bucket)

    def _write_calls(self, visits: Records, settled_week: str) -> None:
        if visits.size == 0:
            return
        said = self.evidence.classes, self.evidence.reports
        rows = port_call_rows(visits, self.port_locodes, *said, settled_week, self.rules)
        earliest = Week.of_second(int(visits["first_second"].min()))
        self._write("silver.port_calls", rows, touches_since(earliest), settled_week=settled_week)

    def _write_transits(self, transits: Records, settled_week: str) -> None:
        if transits.size == 0:
            return
        said = self.evidence.classes, self.evidence.reports
        rows = transit_rows(transits, self.gate_codes, *said, settled_week, self.rules)
        earliest = Week.of_second(int(transits["entered_second"].min()))
        self._write("silver.chokepoint_transits", rows, touches_since(earliest), settled_week=settled_week)

    def _write_waiting(self, plan: WeekPlan) -> None:
        if self.carried.tracks.size == 0:
            return
        names, said = (self.port_locodes, self.gate_codes), (self.evidence.classes, self.evidence.reports)
        rows = waiting_rows(self.carried, plan.week.end_second, *names, *said, self.rules)
        self._write("silver.waiting_vessels", rows, week=plan.week.name, ship_bucket=self.plan.bucket)

    def _write_state(self, plan: WeekPlan) -> None:
        following = plan.week.plus(1).name
        row = {
            "ship_bucket": self.plan.bucket,
            "port_version": plan.port_version,
            "gate_version": plan.gate_version,
            "input_fingerprint": plan.fingerprint,
            "history_fingerprint": plan.history,
            "messages": self.result.messages - self._messages_before,
            "open_tracks": self.carried.tracks.size,
            "open_visits": self.carried.visits.size,
            "state": to_bytes(self.carried, self.port_locodes, self.gate_codes),
            "echo_memory": self.echo_filter.packed(),
            "displacement_memory": self.displacement_filter.packed(plan.week.end_second),
        }
        self._stage("silver.fold_state", pa.Table.from_pylist([row]), week=following)

    def _write(self, table: str, rows: pl.DataFrame, key: str = "", **partition: Any) -> None:
        if rows.height:
            inside = [name for name in partition if name in rows.columns]
            self._stage(table, rows.to_arrow().drop_columns(inside), key, **partition)

    def _stage(
        self, table: str, rows: pa.Table, key: str = "", coded: Collection[str] = (), **partition: Any
    ) -> None:
        name = f"{self._file_prefix}{key}"
        staged = stage(self.plan.folders[table], table, rows, partition, name, coded)
        self.result.files.append((table, staged))

    def _use_references(self, plan: WeekPlan) -> PortIndex:
        """Switches to the week's versions of ports and gates; renumbers the state."""
        index, codes = self.indexes[plan.port_version], self.gates[plan.gate_version].gate_codes
        has_ports = self.port_locodes[: len(index.port_locodes)] == index.port_locodes
        if not (has_ports and self.gate_codes[: len(codes)] == codes):
            packed = to_bytes(self.carried, self.port_locodes, self.gate_codes)
            self.carried, self.port_locodes, self.gate_codes = from_bytes(packed, index.port_locodes, codes)
        return index

    def _load_state(self) -> tuple[Carried, tuple[str, ...], tuple[str, ...]]:
        first, codes = self.plan.weeks[0], self.gates[self.plan.weeks[0].gate_version].gate_codes
        locodes = self.indexes[first.port_version].port_locodes
        own_first = sorted(self.plan.state_files, key=lambda location: self._file_prefix not in location)
        for location in own_first:
            held = read_parquet(location, columns=["ship_bucket"])["ship_bucket"]
            if pc.any(pc.equal(held, self.plan.bucket)).as_py():
                filters = [("ship_bucket", "==", self.plan.bucket)] if len(held) > 1 else None
                rows = read_parquet(location, filters=filters)
                self.echo_filter.load(rows["echo_memory"][0].as_py())
                self.displacement_filter.load(rows["displacement_memory"][0].as_py())
                return from_bytes(rows["state"][0].as_py(), locodes, codes)
        return Carried.empty(), locodes, codes


def fold_buckets(
    plans: Iterable[BucketPlan], indexes: dict[str, PortIndex], gates: dict[str, GateIndex], rules: Rules
) -> Iterator[BucketResult]:
    """Folds bucket after bucket, as the work of a Spark task."""
    for plan in plans:
        yield BucketFold(plan, indexes, gates, rules).run()
