"""Vessels that a scenario adds to the ocean: ferries, visitors, passing and river vessels, each with a simple plan.

They take no berth from others, are not affected by shocks and draw from random streams of their own, so the other ships
behave as they do without them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from ais_indicators.units import KM_PER_NAUTICAL_MILE, SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from ais_simulator.model import Fleet
from ais_simulator.ocean.fleet import (
    FORMS,
    HOME_CALL_SIGN,
    MID_FACTOR,
    ClassForm,
    Trade,
    draw_dimensions,
    fleet_of_rows,
    imo_number,
)
from ais_simulator.ocean.harbours import BY_LOCODE
from ais_simulator.ocean.lives import Life, enter_port, leave_port
from ais_simulator.ocean.records import Log
from ais_simulator.ocean.routes import Way, way_between, way_past
from ais_simulator.ocean.small_ports import FERRY_LANES, RIVER, Lane, SmallPort
from ais_simulator.ocean.vessel import MOORED, Vessel
from ais_simulator.scenario import Ferries, InlandTraffic, Passing, Scenario, Visitors

ADDED_STREAM: Final = 6
FORM_STREAM, LIFE_STREAM = 0, 1
MMSI_FIRST: Final = 900_000  # beyond the numbers that other ships have or get
IMO_FIRST: Final = 400_000  # with check digit they begin with 4, where we know of no issued number
WARM_UP_DAYS: Final = (2.0, 6.0)
VISITOR_KINDS: Final = ("general_cargo", "container", "tanker", "dry_bulk")
FERRY_FORMS: Final = (FORMS["ferry"], FORMS["roro"]._replace(ais_types=(60, 69)))
"""Ferries that also carry vehicles send the types of passenger ships; only a register calls them ro-ro."""
QUAY, SLOTS = "dry", 12
HARBOUR_KM, HARBOUR_KNOTS = 0.5, 8.0  # a ferry's first and last part of a crossing
RIVER_KNOTS: Final = (5.0, 9.0)
RIVER_HOURS: Final = (4.0, 30.0)
INLAND: Final = "inland"
RIVER_FORM: Final = ClassForm(
    "general_cargo", (70, 79, 80, 89), (80, 135), (80, 135), 9.0, 0.22, 0.75, 0.6, 7.0, has_imo=False
)
"""Proportions of usual motor vessels on the Rhine."""
COASTER_FORM: Final = FORMS["general_cargo"]._replace(short_m=(80, 90), knots=9.0)


class AddedVessel(NamedTuple):
    """One added vessel.

    Attributes:
        group: `ferry`, `visitor`, `passing` or `inland`.
        number: Its number in the group.
        form: What it looks like.
        vessel_class: Its class in the truth.
        mid: Country of its MMSI.
        knots: Least and greatest service speed.
        begin: Makes its life.
    """

    group: str
    number: int
    form: ClassForm
    vessel_class: str
    mid: int
    knots: tuple[float, float]
    begin: Callable[[Vessel, int], Life]


def added_vessels(scenario: Scenario) -> list[AddedVessel]:
    """Lists the vessels that a scenario adds, in the order in which it names them."""
    vessels: list[AddedVessel] = []
    for part in scenario.traffic or ():
        first = len(vessels)
        if isinstance(part, Ferries):
            vessels.extend(_ferry(part, number) for number in range(first, first + part.vessels))
        else:
            vessels.extend(_voyager(part, number) for number in range(first, first + part.vessels))
    river = scenario.faults.inland_traffic
    if river is not None:
        count = river.vessels + river.seagoing_vessels
        vessels.extend(_river_vessel(river, number) for number in range(count))
    return vessels


def small_ports(scenario: Scenario) -> tuple[SmallPort, ...]:
    """Lists the ports that only these vessels use."""
    lanes: tuple[Lane, ...] = ()
    if any(isinstance(part, Ferries) for part in scenario.traffic or ()):
        lanes = FERRY_LANES
    if scenario.faults.inland_traffic is not None:
        lanes = (*lanes, RIVER)
    return tuple(port for lane in lanes for port in lane.ends)


def build_added_fleet(vessels: Iterable[AddedVessel], seed: int) -> Fleet:
    """Makes the fleet of added vessels, each from a generator of its own."""
    rows = []
    for serial, one in enumerate(vessels):
        rng = np.random.default_rng([seed, ADDED_STREAM, FORM_STREAM, serial])
        size = draw_dimensions(one.form, False, rng)
        rows.append(
            size
            | {
                "imo_number": imo_number(IMO_FIRST + serial) if one.form.has_imo else 0,
                "mmsi": one.mid * MID_FACTOR + MMSI_FIRST + serial,
                "vessel_name": f"{one.group.upper()} {one.number + 1}",
                "call_sign": f"{HOME_CALL_SIGN}A{serial:04d}",
                "vessel_class": one.vessel_class,
                "ais_ship_type": int(rng.choice(one.form.ais_types)),
                "is_class_b": False,
                "bow_share": round(float(rng.uniform(0.1, 0.9)), 2),
                "service_knots": round(float(rng.uniform(*one.knots)), 1),
            }
        )
    return fleet_of_rows(rows)


def joined_fleet(fleet: Fleet, added: Fleet) -> Fleet:
    """Puts added vessels behind the others."""
    names = Fleet.__dataclass_fields__
    return Fleet(**{name: np.concatenate([getattr(fleet, name), getattr(added, name)]) for name in names})


def begin_added_life(
    ship: int, one: AddedVessel, fleet: Fleet, log: Log, seed: int, first_s: float
) -> tuple[float, Life]:
    """Begins a vessel's life some days before the simulation's first second; returns when, and the life."""
    trade = Trade(one.group, ("",))
    vessel = Vessel(ship, fleet, trade, log, [seed, ADDED_STREAM, LIFE_STREAM], kind=one.group)
    days = float(vessel.rng.uniform(*WARM_UP_DAYS))
    vessel.now_s = vessel.last_identity_s = float(np.floor(first_s - days * SECONDS_PER_DAY))
    vessel.sent_draught_m = vessel.draught_m
    return vessel.now_s, one.begin(vessel, one.number)


def _ferry(part: Ferries, number: int) -> AddedVessel:
    form, lane = FERRY_FORMS[number // len(FERRY_LANES) % 2], FERRY_LANES[number % len(FERRY_LANES)]

    def begin(vessel: Vessel, berth: int) -> Life:
        crossing = part.crossing_minutes or lane.minutes
        return _crossings(vessel, lane, berth, part.quay_minutes, crossing)

    mid = lane.ends[0].mid
    return AddedVessel("ferry", number, form, form.vessel_class, mid, (form.knots, form.knots), begin)


def _voyager(part: Visitors | Passing, number: int) -> AddedVessel:
    form = FORMS[VISITOR_KINDS[number % len(VISITOR_KINDS)]]
    mid = BY_LOCODE[part.ports[0]].mid

    def begin(vessel: Vessel, berth: int) -> Life:
        if isinstance(part, Visitors):
            return _visits(vessel, part, berth)
        return _passes(vessel, part)

    group = "visitor" if isinstance(part, Visitors) else "passing"
    return AddedVessel(group, number, form, form.vessel_class, mid, part.knots, begin)


def _river_vessel(part: InlandTraffic, number: int) -> AddedVessel:
    is_seagoing = number >= part.vessels
    form = COASTER_FORM if is_seagoing else RIVER_FORM
    vessel_class = form.vessel_class if is_seagoing else INLAND

    def begin(vessel: Vessel, berth: int) -> Life:
        return _river_trips(vessel, berth)

    return AddedVessel("inland", number, form, vessel_class, RIVER.ends[0].mid, RIVER_KNOTS, begin)


def _turns(ends: tuple[SmallPort, SmallPort], rng: Generator) -> Iterator[SmallPort]:
    """Yields the ends in turn, the first by chance."""
    here = int(rng.integers(len(ends)))
    while True:
        yield ends[here]
        here = (here + 1) % len(ends)


def _crossings(
    vessel: Vessel, lane: Lane, berth: int, quay_minutes: tuple[float, float], minutes: tuple[float, float]
) -> Life:
    """Sails from quay to quay: slowly in the ports, and between them as fast as the scheduled time requires."""
    for port in _turns(lane.ends, vessel.rng):
        vessel.place = port.berth(berth)
        stay_s, crossing_s = (
            float(vessel.rng.uniform(*span)) * SECONDS_PER_MINUTE for span in (quay_minutes, minutes)
        )
        vessel.stay_until(vessel.now_s + stay_s, MOORED)
        other = lane.ends[port == lane.ends[0]]
        vessel.type_in(vessel.now_s, other.locode, vessel.now_s + crossing_s)
        yield vessel.now_s
        (goal,) = lane.way(port, berth)
        share = HARBOUR_KM / lane.km(port, berth)
        first, last = (_between(vessel.place, goal, part) for part in (share, 1.0 - share))
        slow_s = 2 * HARBOUR_KM / KM_PER_NAUTICAL_MILE / HARBOUR_KNOTS * SECONDS_PER_HOUR
        fast_km = lane.km(port, berth) - 2 * HARBOUR_KM
        knots = fast_km / KM_PER_NAUTICAL_MILE / (crossing_s - slow_s) * SECONDS_PER_HOUR
        vessel.sail([first], HARBOUR_KNOTS)
        vessel.sail([last], knots)
        vessel.sail([goal], HARBOUR_KNOTS)
        yield vessel.now_s


def _between(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    """Returns a place on a line so short that degrees are a plane."""
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _visits(vessel: Vessel, part: Visitors, berth: int) -> Life:
    """Sails from berth to berth through the fairways, and stays at each."""
    place = int(vessel.rng.integers(len(part.ports)))
    vessel.place = BY_LOCODE[part.ports[place]].berth(QUAY, berth % SLOTS, SLOTS)
    while True:
        vessel.stay_until(vessel.now_s + vessel.hours(*part.stay_hours), MOORED)
        here, place = part.ports[place], (place + 1) % len(part.ports)
        goal = part.ports[place]
        way = _known(way_between(here, goal), here, goal)
        hours = way.km / KM_PER_NAUTICAL_MILE / vessel.knots
        vessel.type_in(vessel.now_s, goal, vessel.now_s + hours * SECONDS_PER_HOUR)
        yield vessel.now_s
        leave_port(vessel, BY_LOCODE[here])
        vessel.follow(way, vessel.knots)
        enter_port(vessel, BY_LOCODE[goal], QUAY, berth % SLOTS, SLOTS)
        yield vessel.now_s


def _passes(vessel: Vessel, part: Passing) -> Life:
    """Sails from sea buoy to sea buoy, each time through the waters of the port between them."""
    ports, place = part.ports, int(vessel.rng.integers(len(part.ports)))
    vessel.place = BY_LOCODE[ports[place]].sea_buoy
    vessel.type_in(vessel.now_s, "FOR ORDERS", 0.0)
    while True:
        here, passed, goal = (ports[(place + step) % len(ports)] for step in range(3))
        yield vessel.now_s
        vessel.follow(_known(way_past(here, passed, goal), here, goal), vessel.knots)
        place = (place + 2) % len(ports)
        yield vessel.now_s


def _known(way: Way | None, start: str, goal: str) -> Way:
    if way is None:
        raise ValueError(f"no way leads from {start} to {goal}")
    return way


def _river_trips(vessel: Vessel, berth: int) -> Life:
    """Sails from one river port to the other, and stays long at each."""
    for port in _turns(RIVER.ends, vessel.rng):
        vessel.place = port.berth(berth)
        vessel.stay_until(vessel.now_s + vessel.hours(*RIVER_HOURS), MOORED)
        vessel.type_in(vessel.now_s, RIVER.ends[port == RIVER.ends[0]].name.upper(), 0.0)
        yield vessel.now_s
        vessel.sail(RIVER.way(port, berth), vessel.knots)
        yield vessel.now_s
