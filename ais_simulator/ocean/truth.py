"""The truth of the simulation, written as the days go: what an ideal reading of the method would find.

Nothing is guessed: visits, stops and transits are read from the ships' own legs to the second, and cargo from the
stays at berths. Rows are written once they are final, so memory does not grow with the weeks.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from ais_indicators.geo.gates import read_gates
from ais_indicators.units import KM_PER_NAUTICAL_MILE, SECONDS_PER_DAY
from ais_simulator.model import Fleet, Motion, Outages, Stations
from ais_simulator.ocean.harbours import HARBOURS, PortSite
from ais_simulator.ocean.records import BerthStay, IdentityChange
from ais_simulator.ocean.sightings import gate_area, port_area, see
from ais_simulator.ocean.truth_tables import TableFiles
from ais_simulator.ocean.visits import MIN_FERRY_STOP_S, GateTracker, PortTracker, Stops, Transit, Visit

DAYS_PER_ROW_GROUP: Final = 7
DIRECTIONS: Final = ("side_b_to_side_a", "side_a_to_side_b")
TONNE_DECIMALS: Final = 1
DRAUGHT_DECIMALS: Final = 3


class Truth:
    """Takes the days in order and writes six Parquet tables."""

    def __init__(
        self,
        folder: Path,
        fleet: Fleet,
        first_s: int,
        ports: Sequence[PortSite] = HARBOURS,
        ferries: Iterable[int] = (),
    ) -> None:
        """Opens the tables in a folder.

        Args:
            folder: Where.
            fleet: All ships.
            first_s: The simulation's first second.
            ports: All ports.
            ferries: Ships whose stops of 5 min and more are calls.
        """
        self._files = TableFiles(folder)
        self._fleet = fleet
        self._first_s = self._now_s = first_s
        self._sites = tuple(ports)
        self._areas = [*map(port_area, ports), *map(gate_area, read_gates())]
        self._ports = PortTracker(first_s)
        self._gates = GateTracker()
        self._stops = Stops(shortest_s=dict.fromkeys(ferries, MIN_FERRY_STOP_S))
        self._stays: dict[int, list[BerthStay]] = {}
        self._numbers: dict[int, list[IdentityChange]] = {}
        self._changes: list[IdentityChange] = []
        self._last_call: dict[int, tuple[BerthStay, float | None]] = {}
        self._days = 0

    def add_day(
        self, begin_s: int, motion: Motion, stays: Sequence[BerthStay], changes: Sequence[IdentityChange]
    ) -> None:
        """Takes a day's legs, and the stays and changes of identity that came to be known with it."""
        for stay in stays:
            self._stays.setdefault(stay.ship, []).append(stay)
        for change in changes:
            self._numbers.setdefault(change.ship, []).append(change)
        self._changes.extend(changes)
        self._now_s = begin_s + SECONDS_PER_DAY
        self._stops.add_day(motion, begin_s)
        self._follow(begin_s, motion)
        for visit in self._ports.settle(self._now_s):
            self._write_visit(visit)
        self._write_changes(self._now_s)
        self._days += 1
        if self._days % DAYS_PER_ROW_GROUP == 0:
            self._files.flush()

    def _follow(self, begin_s: int, motion: Motion) -> None:
        seen = see(motion, begin_s, self._areas)
        for ship, second, area, code in zip(*(column.tolist() for column in seen), strict=True):
            if area < len(self._sites):
                for visit in self._ports.see(ship, second, area, code):
                    self._write_visit(visit)
                continue
            transit = self._gates.see(ship, second, area - len(self._sites), code)
            if transit is not None:
                self._write_transit(transit)

    def add_outages(self, stations: Stations, outages: Outages) -> None:
        """Takes outages that begin on the day."""
        rows = zip(outages.station.tolist(), outages.begins_s.tolist(), outages.ends_s.tolist(), strict=True)
        for station, begins_s, ends_s in rows:
            mmsi = int(stations.mmsi[station])
            row = {"station_mmsi": mmsi, "begins_at_utc": begins_s, "ends_at_utc": ends_s}
            self._files.add("outages", (begins_s, mmsi), row)

    def close(self) -> None:
        """Writes the visits still open with a null end, and closes the files."""
        for visit in self._ports.close():
            self._write_visit(visit)
        self._files.close()

    def _write_visit(self, visit: Visit) -> None:
        key = (float("inf") if visit.left_s is None else visit.left_s, visit.entered_s or 0, visit.ship)
        row = self._ship_columns(visit.ship, visit.entered_s or self._first_s)
        row["port_locode"] = self._sites[visit.port].locode
        if self._stops.is_call(visit, self._now_s):
            stays = self._take_stays(visit)
            row |= {"arrived_at_utc": visit.entered_s, "departed_at_utc": visit.left_s} | _cargo(stays)
            self._files.add("port_calls", key, row)
            self._write_voyage(visit, stays, key)
        else:
            row |= {"entered_at_utc": visit.entered_s, "left_at_utc": visit.left_s}
            self._files.add("passages", key, row)
        if visit.left_s is not None:
            self._stops.forget(visit.ship, visit.left_s)

    def _take_stays(self, visit: Visit) -> list[BerthStay]:
        """Returns the stays at berths that belong to a visit; older ones are forgotten, but for the last."""
        ends_s = visit.left_s or float("inf")
        known = self._stays.get(visit.ship, [])
        locode, enters_s = self._sites[visit.port].locode, visit.entered_s or float("-inf")
        mine = [s for s in known if s.port_locode == locode and enters_s <= s.berthed_s < ends_s]
        mine = mine if visit.entered_s is not None else mine[-1:]
        later = [stay for stay in known if stay.berthed_s >= ends_s]
        self._stays[visit.ship] = [*(mine[-1:] or known[:1]), *later]
        return mine

    def _write_voyage(self, visit: Visit, stays: list[BerthStay], key: tuple[float, ...]) -> None:
        if not stays:
            return
        first, last = stays[0], stays[-1]
        before = self._last_call.get(visit.ship)
        self._last_call[visit.ship] = (last, visit.left_s)
        if before is None:
            return
        origin, departed_s = before
        row = self._ship_columns(visit.ship, visit.entered_s or self._first_s) | {
            "origin_locode": origin.port_locode,
            "destination_locode": first.port_locode,
            "departed_at_utc": departed_s,
            "arrived_at_utc": visit.entered_s,
            "tonnes_on_board": first.payload_arrival_t,
            "distance_nm": round((first.sailed_km - origin.sailed_km) / KM_PER_NAUTICAL_MILE, 1),
        }
        self._files.add("voyages", key, row)

    def _write_transit(self, transit: Transit) -> None:
        row = self._ship_columns(transit.ship, transit.entered_s) | {
            "gate_code": read_gates()[transit.gate].code,
            "direction": DIRECTIONS[transit.is_forward],
            "entered_at_utc": transit.entered_s,
            "left_at_utc": transit.left_s,
            "payload_t": self._payload_t(transit.ship, transit.entered_s),
            "is_counted": transit.is_counted,
        }
        self._files.add("chokepoint_transits", (transit.left_s, transit.ship, transit.gate), row)

    def _payload_t(self, ship: int, second: int) -> float | None:
        """Returns the payload at a second at sea: that after the ship's last stay."""
        before = [stay for stay in self._stays.get(ship, []) if stay.berthed_s <= second]
        return before[-1].payload_departure_t if before else None

    def _ship_columns(self, ship: int, second: int) -> dict[str, Any]:
        """Returns the columns that identify a ship at a second, by the number it sends then."""
        mmsi = int(self._fleet.mmsi[ship])
        for change in self._numbers.get(ship, []):
            if change.kind != "shared" and change.at_s <= second:
                mmsi = change.mmsi_after
        imo = int(self._fleet.imo_number[ship]) or None
        return {"mmsi": mmsi, "imo": imo, "vessel_class": str(self._fleet.vessel_class[ship])}

    def _write_changes(self, until_s: int) -> None:
        """Writes changes that have come about; others lie ahead within a stay at a berth."""
        for change in self._changes:
            if change.at_s < until_s:
                row = {
                    "kind": change.kind,
                    "imo": int(self._fleet.imo_number[change.ship]) or None,
                    "mmsi_before": change.mmsi_before,
                    "mmsi_after": change.mmsi_after,
                    "at_utc": change.at_s,
                }
                self._files.add("identity_changes", (change.at_s, change.ship), row)
        self._changes = [change for change in self._changes if change.at_s >= until_s]


def _cargo(stays: Sequence[BerthStay]) -> dict[str, Any]:
    """Returns the berth, anchorage, cargo and draughts of a call; empty for those that have no berth in a queue."""
    if not stays:
        return {}
    first, last = stays[0], stays[-1]
    return {
        "tonnes_loaded": _total([stay.loaded_t for stay in stays]),
        "tonnes_unloaded": _total([stay.unloaded_t for stay in stays]),
        "anchored_at_utc": first.anchored_s,
        "aweigh_at_utc": first.aweigh_s,
        "berthed_at_utc": first.berthed_s,
        "unberthed_at_utc": last.unberthed_s,
        "draught_arrival_m": round(first.draught_arrival_m, DRAUGHT_DECIMALS),
        "draught_departure_m": _rounded(last.draught_departure_m),
        "payload_arrival_t": first.payload_arrival_t,
        "payload_departure_t": last.payload_departure_t,
    }


def _total(tonnes: list[float | None]) -> float | None:
    known = [t for t in tonnes if t is not None]
    return round(sum(known), TONNE_DECIMALS) if known else None


def _rounded(draught_m: float | None) -> float | None:
    return None if draught_m is None else round(draught_m, DRAUGHT_DECIMALS)
