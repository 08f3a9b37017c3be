"""Runs the product's fold on rows of `second_reading`, so that both can be held against each other.

Days and weeks follow each other as in production; `split_days` lets a test fold day by day or all at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl
from shapely.geometry import Polygon

from ais_indicators.fold.classes import EVIDENCE_SCHEMA
from ais_indicators.fold.day import FoldedDay, fold_day, fold_week_end, visits_of_full_tracks
from ais_indicators.fold.events import OPEN, port_call_rows
from ais_indicators.fold.identities import REPORT_SCHEMA
from ais_indicators.fold.kernel import Fixes
from ais_indicators.fold.order import method_order
from ais_indicators.fold.records import NOWHERE, REJECT_REASONS, Carried, Thresholds
from ais_indicators.fold.state import from_bytes, to_bytes
from ais_indicators.fold.strait_rows import open_transits, transit_rows, waiting_rows
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.outlines import polygon_km2
from ais_indicators.geo.port_files import PortArea
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.strait_ways import StraitWays
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.periods import Week
from ais_indicators.tracking.bucket_messages import RESTING_STATUSES
from tests.second_reading import Area, Fix
from tests.subject_rules import SHIP_RULES

SECONDS_PER_DAY = 86400
NO_CLASSES, NO_REPORTS = pl.DataFrame(schema=EVIDENCE_SCHEMA), pl.DataFrame(schema=REPORT_SCHEMA)


def evidence_of(classes: Mapping[int, str]) -> pl.DataFrame:
    """Messages of each MMSI that name its class in every week from 1970 on, as far as the method looks back."""
    rows = [(week, mmsi, 0, name, 1, 0) for mmsi, name in classes.items() for week in range(0, 3000, 40)]
    return pl.DataFrame(rows, EVIDENCE_SCHEMA, orient="row")


def port_index(areas: Sequence[Area]) -> PortIndex:
    """The product's look-up of the second reading's areas."""
    made = []
    for number, area in enumerate(areas):
        polygon = Polygon(area.rings[0], area.rings[1:]) if area.rings else None
        radius = SHIP_RULES.point_port_entry_km
        inside = polygon.representative_point() if polygon else None
        made.append(
            PortArea(
                area_id=number,
                port_locode=area.port_locode,
                port_name=area.port_locode,
                country_iso3=None,
                area_kind=area.area_kind,
                geometry=polygon,
                centre_latitude=inside.y if inside else area.centre[0],  # type: ignore[index]
                centre_longitude=inside.x if inside else area.centre[1],  # type: ignore[index]
                area_km2=polygon_km2(polygon) if polygon else np.pi * radius**2,
                valid_from=None,
                valid_to=None,
            )
        )
    return PortIndex.build(
        made, cover_with_cells(made, SHIP_RULES.port_cell_resolution, rules=SHIP_RULES), SHIP_RULES
    )


def arrays(fixes: Sequence[Fix], index: PortIndex, gates: GateIndex | None = None) -> Fixes:
    """The fixes of one day in the method's order, matched with ports and gates."""
    columns = {
        name: np.array([np.nan if getattr(f, name) is None else getattr(f, name) for f in fixes], float)
        for name in Fix._fields
    }
    mmsi, second = (columns[name].astype(np.int64) for name in ("mmsi", "second"))
    ties = [columns[n] for n in Fix._fields if n not in ("mmsi", "second")]
    order = method_order(mmsi, second, ties)
    latitude, longitude = columns["latitude"][order], columns["longitude"][order]
    port, anchorage = index.match(latitude, longitude)
    day = datetime.fromtimestamp(int(second[0]), UTC).date()
    gate = (gates or GateIndex.empty()).match(day, latitude, longitude, SHIP_RULES)
    return Fixes(
        mmsi[order],
        second[order],
        latitude,
        longitude,
        columns["sog_knots"][order],
        np.isin(columns["navigational_status"][order], RESTING_STATUSES),
        port,
        anchorage,
        gate,
    )


class ProductReading:
    """What the product's fold gives: events as rows of `silver.port_calls`, rejected rows, tracks, transits."""

    def __init__(
        self,
        fixes: Iterable[Fix],
        index: PortIndex,
        gates: GateIndex | None = None,
        *,
        repack_state: bool = False,
        ways: StraitWays | None = None,
        classes: Mapping[int, str] | None = None,
    ) -> None:
        self.index = index
        self.classes = NO_CLASSES if classes is None else evidence_of(classes)
        self.ways = ways or StraitWays.empty()
        self.gates = gates or GateIndex.empty()
        self.waiting: list[pl.DataFrame] = []
        self._transits: list[pl.DataFrame] = []
        self.thresholds = Thresholds.from_rules(SHIP_RULES)
        self.carried = Carried.empty()
        self.rejected: dict[str, int] = {}
        self.tracks = 0
        self.stubs = 0
        self._rows: list[pl.DataFrame] = []
        self._fold(sorted(fixes, key=lambda f: f.second), repack_state)

    @property
    def frame(self) -> pl.DataFrame:
        """Rows of `silver.port_calls`, in the order of track and time."""
        return pl.concat(self._rows).sort("mmsi", "first_seen_at_utc", "port_locode")

    @property
    def events(self) -> list[dict[str, Any]]:
        """The same as plain rows, their times as epoch seconds."""
        return [{k: _epoch(v) for k, v in row.items()} for row in self.frame.to_dicts()]

    @property
    def transits(self) -> pl.DataFrame:
        """Rows of `silver.chokepoint_transits`, in the order of ship and time."""
        return pl.concat(self._transits).sort("mmsi", "entered_at_utc", "gate_code")

    def _fold(self, fixes: list[Fix], repack_state: bool) -> None:
        by_week = groupby(fixes, key=lambda f: Week.of_second(f.second))
        for week, of_week in by_week:
            for _, of_day in groupby(of_week, key=lambda f: f.second // SECONDS_PER_DAY):
                self._take_day(
                    fold_day(
                        arrays(list(of_day), self.index, self.gates),
                        self.carried,
                        self.index.outlines,
                        self.ways,
                        self.thresholds,
                    )
                )
                if repack_state:
                    names = self.index.port_locodes, self.gates.gate_codes
                    self.carried, _, _ = from_bytes(to_bytes(self.carried, *names), *names)
            self.carried, settled = fold_week_end(self.carried, week.end_second, self.thresholds)
            self._take_settled(settled.tracks, settled.visits, week.name)
            self._take_transits(settled.transits, week.name)
            self._take_waiting(week)
        self._take_settled(self.carried.tracks, visits_of_full_tracks(self.carried, self.thresholds), OPEN)
        self._take_transits(open_transits(self.carried, self.thresholds), OPEN)

    def _take_day(self, day: FoldedDay) -> None:
        self.carried = day.carried
        for code, reason in REJECT_REASONS.items():
            if count := int((day.verdicts.code == code).sum()):
                self.rejected[reason] = self.rejected.get(reason, 0) + count
        self._take_settled(day.settled.tracks, day.settled.visits, "2020-W01")
        self._take_transits(day.settled.transits, "2020-W01")

    def _take_transits(self, transits: Any, week: str) -> None:
        if transits.size or not self._transits:
            self._transits.append(
                transit_rows(transits, self.gates.gate_codes, NO_CLASSES, NO_REPORTS, week, SHIP_RULES)
            )

    def _take_waiting(self, week: Week) -> None:
        if self.carried.straits.size == 0 and (self.carried.tracks["anchorage_port"] == NOWHERE).all():
            return
        names = self.index.port_locodes, self.gates.gate_codes
        rows = waiting_rows(self.carried, week.end_second, *names, NO_CLASSES, NO_REPORTS, SHIP_RULES)
        self.waiting.append(rows.with_columns(week=pl.lit(week.name)))

    def _take_settled(self, tracks: Any, visits: Any, week: str) -> None:
        self.tracks += tracks.size
        self.stubs += int((tracks["fixes"] < self.thresholds.min_track_fixes).sum())
        rows = port_call_rows(visits, self.index.port_locodes, self.classes, NO_REPORTS, week, SHIP_RULES)
        self._rows.append(rows)


def _epoch(value: Any) -> Any:
    return int(value.replace(tzinfo=UTC).timestamp()) if isinstance(value, datetime) else value
