"""Public interface of the simulated traffic: days in order, and the ground truth."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from ais_indicators.errors import BadInputError
from ais_indicators.geo.gates import read_gates
from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.model import DayAtSea, Fleet, Outages, StaticData
from ais_simulator.ocean.added import added_vessels, build_added_fleet, joined_fleet, small_ports
from ais_simulator.ocean.fleet import build_fleet, build_trade
from ais_simulator.ocean.harbours import BY_LOCODE, HARBOURS, PortSite
from ais_simulator.ocean.hits import Hits
from ais_simulator.ocean.identities import share_numbers
from ais_simulator.ocean.records import Typed
from ais_simulator.ocean.stations import build_stations, no_stations, outages_on
from ais_simulator.ocean.traffic import Traffic
from ais_simulator.ocean.truth import Truth
from ais_simulator.scenario import Passing, Scenario, Visitors
from ais_simulator.shocks import NewLane, PortClosed, PortTarget, Spoofing, StraitBlocked


class Ocean:
    """Ships, ports and trade from a first day on; the same arguments give the same ocean."""

    def __init__(self, first_day: date, ships: int, seed: int, scenario: Scenario) -> None:
        """Builds the fleet.

        Args:
            first_day: Its midnight (UTC) is the first second.
            ships: How many there are.
            seed: Of all random draws.
            scenario: Faults of the ships' numbers and draughts, outages and shocks.

        Raises:
            BadInputError: A shock or added traffic names a port or strait that there is not.
        """
        _check(scenario)
        self._first_day, self._seed, self._scenario = first_day, seed, scenario
        self._first_s = int(datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC).timestamp())
        self.trades = [build_trade(ship, seed) for ship in range(ships)]
        self.fleet, self._shared = share_numbers(
            build_fleet(ships, seed), self.trades, scenario.faults.shared_mmsi_share, seed, self._first_s
        )
        self._added = added_vessels(scenario)
        if self._added:
            self.fleet = joined_fleet(self.fleet, build_added_fleet(self._added, seed))
        small = small_ports(scenario)
        self.ports: tuple[PortSite, ...] = (*HARBOURS, *small)
        self.stations = no_stations() if scenario.coverage == "satellite" else build_stations(seed, small)

    def truth(self, folder: Path) -> Truth:
        """Returns a writer of the truth, for one run of `days`; close it after the last day."""
        ferries = [n for n, one in enumerate(self._added, len(self.trades)) if one.group == "ferry"]
        return Truth(folder, self.fleet, self._first_s, self.ports, ferries)

    def days(self, count: int, truth: Truth | None = None) -> Iterator[DayAtSea]:
        """Yields the days in order, each time from the first one; fills `truth` on the way."""
        shared = {change.mmsi_after for change in self._shared}
        fixed = frozenset(np.flatnonzero(np.isin(self.fleet.mmsi, list(shared))).tolist())
        traffic = Traffic(
            self.fleet, self.trades, self._scenario, self._seed, self._first_s, fixed, self._added
        )
        traffic.log.changes.extend(self._shared)
        motions, hits = traffic.motions(self._first_s), Hits(self._scenario, self.fleet, self._seed)
        for number in range(count):
            begin_s, motion = next(motions)
            day = self._first_day + timedelta(days=number)
            outages = outages_on(day, self.stations, self._scenario.faults, self._seed)
            statics = _statics(self.fleet, traffic.log.take_typed(begin_s, begin_s + SECONDS_PER_DAY))
            if truth is not None:
                truth.add_day(int(begin_s), motion, traffic.log.stays, traffic.log.changes)
                truth.add_outages(self.stations, _beginning(outages, begin_s, is_first=number == 0))
            traffic.log.stays.clear()
            traffic.log.changes.clear()
            yield DayAtSea(
                day, self.fleet, motion, statics, self.stations, outages, hits.on_day(begin_s, motion)
            )


def _check(scenario: Scenario) -> None:
    gates = {gate.code for gate in read_gates()}
    for part in scenario.traffic or ():
        for port in part.ports if isinstance(part, Visitors | Passing) else ():
            if port not in BY_LOCODE:
                raise BadInputError(
                    f"the traffic {part.kind} names {port}, which the simulated ocean has not"
                )
    for shock in scenario.shocks:
        ports: tuple[str, ...] = ()
        if isinstance(shock, PortClosed):
            ports = (shock.port_locode,)
        elif isinstance(shock, NewLane):
            ports = shock.between
        elif isinstance(shock, Spoofing) and isinstance(shock.target, PortTarget):
            ports = (shock.target.port_locode,)
        unknown = [port for port in ports if port not in BY_LOCODE]
        if isinstance(shock, StraitBlocked) and shock.gate not in gates:
            unknown = [shock.gate]
        if unknown:
            raise BadInputError(
                f"the shock {shock.kind} names {unknown[0]}, which the simulated ocean has not"
            )


def _beginning(outages: Outages, begin_s: float, is_first: bool) -> Outages:
    """Returns those of a day's outages that no earlier day had."""
    new = (outages.begins_s >= begin_s) | is_first
    return replace(
        outages, station=outages.station[new], begins_s=outages.begins_s[new], ends_s=outages.ends_s[new]
    )


def _statics(fleet: Fleet, typed: list[Typed]) -> StaticData:
    ship = np.array([row.ship for row in typed], dtype=np.int64)
    return StaticData(
        ship=ship,
        since_s=np.array([row.since_s for row in typed], dtype=np.float64),
        mmsi=np.array([row.mmsi for row in typed], dtype=np.int64),
        imo_number=fleet.imo_number[ship],
        vessel_name=fleet.vessel_name[ship],
        call_sign=fleet.call_sign[ship],
        draught_m=np.array([row.draught_m for row in typed], dtype=np.float64),
        destination=np.array([row.destination for row in typed], dtype=object),
        eta_s=np.array([row.eta_s for row in typed], dtype=np.float64),
    )
