"""The lives of ships as generators: each yields the second at which it goes on, or None to wait until it is woken."""

from collections.abc import Generator
from typing import Final, Protocol

from ais_indicators.units import KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR
from ais_simulator.ocean.berths import FIXED_SLOTS, Quay, quay_of
from ais_simulator.ocean.calls import first_payload_t, handle_cargo, type_departure, work_ends_s
from ais_simulator.ocean.fleet import Trade
from ais_simulator.ocean.harbours import BASIN_KM, BY_LOCODE, LANE_OFFSET_KM, PORT_EDGE_KM, Harbour
from ais_simulator.ocean.identities import Identities
from ais_simulator.ocean.records import BerthStay
from ais_simulator.ocean.routes import Way, cut, gate_distances, passed_ports, way_between, way_past
from ais_simulator.ocean.shocks import Shocks
from ais_simulator.ocean.vessel import AT_ANCHOR, MOORED, Vessel
from ais_simulator.scenario import Faults

Life = Generator[float | None, float, None]

APPROACH_KNOTS, HARBOUR_KNOTS, BERTHING_KNOTS = 10.0, 6.5, 3.0
ANCHORING_KNOTS: Final = 7.0
SLOW_STEAMING: Final = (0.84, 1.0)
PASSING_SHARE: Final = 0.2  # of voyages that lead by a third port: they cross its waters
PAPERS_SHARE: Final = 0.12  # of arrivals: they wait for tide, papers or orders though a berth is free
PAPERS_HOURS: Final = (1.5, 16.0)
ENTRY_HOURS: Final = 3.0  # who could come to a port's edge within these looks whether it is closed
AFTER_OPENING_HOURS: Final = (0.5, 10.0)
GATE_HOURS: Final = 4.0  # the like before a blocked strait
SAILING_HOURS: Final = 2.0  # fairways and manoeuvres, in an announced time of arrival


class World(Protocol):
    """State of the simulation that a ship's life reads."""

    shocks: Shocks
    faults: Faults
    identities: Identities
    quays: dict[tuple[str, str], Quay]

    def grant(self, port: str, quay: str, now_s: float) -> None:
        """Returns free berths to those that wait."""

    def granted_slot(self, ship: int) -> int:
        """Returns the berth that a waiting ship was given."""


def trading_life(vessel: Vessel, world: World) -> Life:
    """Sails from berth to berth, without end."""
    harbour = BY_LOCODE[vessel.port]
    quay = quay_of(vessel.kind, vessel.trade.kind)
    slots = world.quays[vessel.port, quay].slots
    vessel.place = harbour.berth(quay, vessel.ship % slots, slots)
    vessel.payload_t = first_payload_t(vessel)
    vessel.sent_draught_m = vessel.draught_m
    vessel.type_in(vessel.now_s, vessel.port, 0.0)
    stay = _berthed(vessel, None, None)
    while True:
        trade = world.shocks.trade_at(vessel.ship, vessel.trade, vessel.now_s)
        yield from _work(vessel, world, trade, stay)
        trade = world.shocks.trade_at(vessel.ship, vessel.trade, vessel.now_s)
        goal = next_port(vessel, trade)
        way = yield from _chosen_way(vessel, world, goal)
        stay.unberthed_s = vessel.now_s
        world.quays[vessel.port, quay].leave(vessel.ship)
        world.grant(vessel.port, quay, vessel.now_s)
        _sail(vessel, world, goal, way)
        yield vessel.now_s
        stay = yield from _come_in(vessel, world, BY_LOCODE[goal], quay)


def next_port(vessel: Vessel, trade: Trade) -> str:
    """Returns where a ship sails next: liners in their order, tramps with cargo to unload it, without to load."""
    if vessel.port not in trade.ports:
        return trade.ports[0]
    if trade.kind != "tramp":
        return trade.ports[(trade.ports.index(vessel.port) + 1) % len(trade.ports)]
    exporters = [port for port in trade.ports if port in trade.exporters]
    importers = [port for port in trade.ports if port not in trade.exporters]
    choice = importers if vessel.payload_t > 0 else exporters
    choice = [port for port in choice if port != vessel.port] or [p for p in trade.ports if p != vessel.port]
    return choice[int(vessel.rng.integers(len(choice)))]


def _work(vessel: Vessel, world: World, trade: Trade, stay: BerthStay) -> Life:
    """Stays moored until the cargo is handled; the ship has its new payload and number afterwards."""
    begin_s = vessel.now_s
    handled = handle_cargo(vessel, trade)
    end_s = work_ends_s(vessel, trade, handled)
    yield begin_s
    for change in world.identities.at_berth(vessel, begin_s, end_s):
        vessel.log.changes.append(change)
        vessel.type_in(change.at_s, vessel.destination, vessel.eta_s)
    vessel.stay_until(end_s, MOORED)
    yield end_s
    stay.unloaded_t, stay.loaded_t = handled
    vessel.payload_t += handled.loaded_t - handled.unloaded_t
    stay.payload_departure_t, stay.draught_departure_m = vessel.payload_t, vessel.draught_m


def _chosen_way(vessel: Vessel, world: World, goal: str) -> Generator[float | None, float, Way]:
    """Yields the way to the next port, some of it through a third port's waters; who finds none waits at the berth."""
    draws = vessel.rng.random(2)
    while True:
        shut = world.shocks.shut_gates(vessel.now_s)
        way = way_between(vessel.port, goal, shut)
        if way is not None:
            break
        opens_s = min(
            s for code in shut if (s := world.shocks.gate_opens_s(code, vessel.now_s, vessel.now_s))
        )
        vessel.stay_until(opens_s, MOORED)
        yield vessel.now_s
    if draws[0] >= PASSING_SHARE or world.shocks.blocked:
        return way
    passed = [port for port in passed_ports(vessel.port, goal) if port not in world.shocks.closed]
    past = way_past(vessel.port, passed[int(draws[1] * len(passed))], goal) if passed else None
    return past or way


def _sail(vessel: Vessel, world: World, goal: str, way: Way) -> None:
    """Sails to the sea buoy and across the sea to the next port's; waits before a blocked strait."""
    knots = vessel.knots * float(vessel.rng.uniform(*SLOW_STEAMING))
    hours = way.km / KM_PER_NAUTICAL_MILE / knots + SAILING_HOURS
    type_departure(vessel, goal, vessel.now_s + hours * SECONDS_PER_HOUR, world.faults)
    leave_port(vessel, BY_LOCODE[vessel.port])
    done_km = 0.0
    if not world.shocks.shut_gates(vessel.now_s):
        gates = [(gate_distances(vessel.port, goal, code), code) for code in world.shocks.blocked]
        for km, code in sorted((km, code) for km, code in gates if km is not None):
            before, way = cut(way, km - done_km)
            vessel.follow(before, knots)
            done_km = km
            opens_s = world.shocks.gate_opens_s(
                code, vessel.now_s, vessel.now_s + GATE_HOURS * SECONDS_PER_HOUR
            )
            if opens_s is not None:
                vessel.stay_until(opens_s + vessel.hours(*AFTER_OPENING_HOURS), AT_ANCHOR)
    vessel.follow(way, knots)


def leave_port(vessel: Vessel, harbour: Harbour) -> None:
    """Sails from the berth through the fairway to the sea buoy, on its starboard side."""
    vessel.sail([harbour.at(BASIN_KM, LANE_OFFSET_KM)], BERTHING_KNOTS)
    vessel.sail([harbour.at(PORT_EDGE_KM, LANE_OFFSET_KM)], min(HARBOUR_KNOTS, vessel.knots))
    vessel.sail([harbour.sea_buoy], min(APPROACH_KNOTS, vessel.knots))


def enter_port(vessel: Vessel, harbour: Harbour, quay: str, slot: int, slots: int) -> None:
    """Sails from the ship's place through the fairway to a berth."""
    vessel.sail([harbour.at(PORT_EDGE_KM, -LANE_OFFSET_KM)], min(APPROACH_KNOTS, vessel.knots))
    vessel.sail([harbour.at(BASIN_KM, -LANE_OFFSET_KM)], min(HARBOUR_KNOTS, vessel.knots))
    vessel.sail([harbour.berth(quay, slot, slots)], BERTHING_KNOTS)


def is_closed_to(vessel: Vessel, world: World) -> bool:
    """Returns whether a ship's own port is closed before it could be in."""
    until_s = vessel.now_s + ENTRY_HOURS * SECONDS_PER_HOUR
    return world.shocks.port_opens_s(vessel.port, vessel.now_s, until_s) is not None


def wait_until_open(vessel: Vessel, world: World, locode: str, status: int) -> Life:
    """Lies still while the port that the ship would enter is closed."""
    while True:
        until_s = vessel.now_s + ENTRY_HOURS * SECONDS_PER_HOUR
        opens_s = world.shocks.port_opens_s(locode, vessel.now_s, until_s)
        if opens_s is None:
            return
        vessel.stay_until(opens_s + vessel.hours(*AFTER_OPENING_HOURS), status)
        yield vessel.now_s


def _come_in(
    vessel: Vessel, world: World, harbour: Harbour, quay: str
) -> Generator[float | None, float, BerthStay]:
    """Sails from the sea buoy to a berth; anchors first if no berth is free or the port is closed."""
    berths = world.quays[harbour.locode, quay]
    until_s = vessel.now_s + ENTRY_HOURS * SECONDS_PER_HOUR
    is_closed = world.shocks.port_opens_s(harbour.locode, vessel.now_s, until_s) is not None
    waits = vessel.chance(PAPERS_SHARE) and quay not in FIXED_SLOTS
    papers_s, spot = vessel.hours(*PAPERS_HOURS), vessel.rng.random(2)
    slot = None if is_closed or waits else berths.take(vessel.ship)
    anchored_s = aweigh_s = None
    if slot is None:
        vessel.sail([harbour.anchor_place(*spot.tolist())], min(ANCHORING_KNOTS, vessel.knots))
        anchored_s = vessel.now_s
        yield anchored_s
        if waits:
            vessel.stay_until(anchored_s + papers_s, AT_ANCHOR)
            yield vessel.now_s
        slot = yield from _queue(vessel, world, berths)
        yield from wait_until_open(vessel, world, harbour.locode, AT_ANCHOR)
        aweigh_s = vessel.now_s
    enter_port(vessel, harbour, quay, slot, berths.slots)
    vessel.port = harbour.locode
    yield vessel.now_s
    return _berthed(vessel, anchored_s, aweigh_s)


def _queue(vessel: Vessel, world: World, berths: Quay) -> Generator[float | None, float, int]:
    """Yields a berth at once or when the ship's turn comes."""
    slot = berths.take(vessel.ship)
    if slot is not None:
        return slot
    berths.waiting.append(vessel.ship)
    vessel.log.hold(vessel.ship, vessel.now_s, vessel.place, AT_ANCHOR)
    woken_s = yield None
    vessel.log.release(vessel.ship, woken_s)
    vessel.now_s = woken_s
    return world.granted_slot(vessel.ship)


def _berthed(vessel: Vessel, anchored_s: float | None, aweigh_s: float | None) -> BerthStay:
    stay = BerthStay(
        ship=vessel.ship,
        port_locode=vessel.port,
        berthed_s=vessel.now_s,
        anchored_s=anchored_s,
        aweigh_s=aweigh_s,
        payload_arrival_t=vessel.payload_t,
        draught_arrival_m=vessel.draught_m,
        sailed_km=vessel.sailed_km,
    )
    vessel.log.stays.append(stay)
    return stay
