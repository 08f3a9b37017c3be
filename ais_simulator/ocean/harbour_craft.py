"""The lives of those that do not trade: tugs, pilot boats and fishing boats, each about its own port."""

from typing import Final

import numpy as np

from ais_indicators.units import KM_PER_DEGREE
from ais_simulator.ocean.harbours import BASIN_KM, BY_LOCODE, HARBOURS, Harbour, Place
from ais_simulator.ocean.lives import (
    BERTHING_KNOTS,
    Life,
    World,
    enter_port,
    is_closed_to,
    leave_port,
    wait_until_open,
)
from ais_simulator.ocean.routes import Way, cut, way_between
from ais_simulator.ocean.vessel import AT_ANCHOR, FISHING, MOORED, UNDER_WAY, Vessel

SERVICE: Final = "service"
TUG_REST_HOURS: Final = (0.4, 9.0)
TUG_REACH_KM: Final = (2.5, 6.4)  # seaward, within the port
TUG_SIDE_KM: Final = 1.0
ASSIST_KNOTS: Final = (2.5, 5.0)
ASSIST_HOURS: Final = (0.1, 1.0)  # it keeps its place next to a ship
ESCORT_SHARE: Final = 0.25  # of a tug's jobs: it leaves the port for them
ESCORT_REACH_KM: Final = (11.0, 17.0)
ESCORT_HOURS: Final = (0.3, 2.5)
ESCORT_KNOTS: Final = 7.0
PILOT_REST_HOURS: Final = (0.8, 6.0)
PILOT_GROUND_KM: Final = 16.0
PILOT_WAIT_HOURS: Final = (0.2, 3.0)  # for one ship or several
FISHING_REST_HOURS: Final = (9.0, 48.0)
GROUND_KM: Final = (12.0, 70.0)  # beyond the sea buoy
HAULS: Final = (4, 12)
HAUL_KM: Final = 5.0
HAUL_KNOTS: Final = (2.0, 4.5)
DRIFT_SHARE: Final = 0.5
DRIFT_KM: Final = 1.5
DRIFT_KNOTS: Final = (0.3, 0.9)


def craft_life(vessel: Vessel, world: World) -> Life:
    """Rests at the service quay, works and returns, again and again."""
    harbour = BY_LOCODE[vessel.port]
    slots = world.quays[vessel.port, SERVICE].slots
    vessel.place = harbour.berth(SERVICE, vessel.ship % slots, slots)
    vessel.sent_draught_m = 0.0 if vessel.kind == "fishing" else vessel.draught_m
    vessel.type_in(vessel.now_s, "", 0.0)
    work = {"tug": _assist, "pilot": _bring_pilot, "fishing": _fish}[vessel.kind]
    rest = {"tug": TUG_REST_HOURS, "pilot": PILOT_REST_HOURS, "fishing": FISHING_REST_HOURS}[vessel.kind]
    while True:
        yield from _rest(vessel, world, rest)
        yield from work(vessel, world, harbour, slots)


def _rest(vessel: Vessel, world: World, hours: tuple[float, float]) -> Life:
    begin_s, end_s = vessel.now_s, vessel.now_s + vessel.hours(*hours)
    yield begin_s
    for change in world.identities.at_berth(vessel, begin_s, end_s):
        vessel.log.changes.append(change)
        vessel.type_in(change.at_s, vessel.destination, vessel.eta_s)
    vessel.stay_until(end_s, MOORED)
    yield end_s


def _assist(vessel: Vessel, world: World, harbour: Harbour, slots: int) -> Life:
    """Meets a ship in the fairway, or escorts one at sea; goes to the basin, keeps its place while the ship moors."""
    side_km = float(vessel.rng.uniform(-TUG_SIDE_KM, TUG_SIDE_KM))
    if vessel.chance(ESCORT_SHARE):
        yield from _escort(vessel, world, harbour, side_km)
    else:
        vessel.sail([harbour.at(float(vessel.rng.uniform(*TUG_REACH_KM)), side_km)], vessel.knots)
        vessel.stay_until(vessel.now_s + vessel.hours(*ASSIST_HOURS), UNDER_WAY)
    knots = float(vessel.rng.uniform(*ASSIST_KNOTS))
    vessel.sail([harbour.at(BASIN_KM, side_km / 2), harbour.at(BASIN_KM / 2, side_km / 2)], knots)
    vessel.stay_until(vessel.now_s + vessel.hours(*ASSIST_HOURS), UNDER_WAY)
    vessel.sail([harbour.berth(SERVICE, vessel.ship % slots, slots)], BERTHING_KNOTS)
    yield vessel.now_s


def _escort(vessel: Vessel, world: World, harbour: Harbour, side_km: float) -> Life:
    """Sails to the sea buoy, stands by for a ship, and returns to the port's edge."""
    vessel.sail([harbour.at(float(vessel.rng.uniform(*ESCORT_REACH_KM)), side_km)], vessel.knots)
    vessel.stay_until(vessel.now_s + vessel.hours(*ESCORT_HOURS), UNDER_WAY)
    yield vessel.now_s
    yield from wait_until_open(vessel, world, vessel.port, UNDER_WAY)
    vessel.sail([harbour.at(TUG_REACH_KM[1], side_km)], ESCORT_KNOTS)


def _bring_pilot(vessel: Vessel, world: World, harbour: Harbour, slots: int) -> Life:
    """Sails to the pilot ground and back."""
    yield from wait_until_open(vessel, world, vessel.port, MOORED)
    vessel.sail([harbour.at(BASIN_KM)], BERTHING_KNOTS)
    vessel.sail([harbour.at(PILOT_GROUND_KM, float(vessel.rng.uniform(-1, 1)))], vessel.knots)
    vessel.stay_until(vessel.now_s + vessel.hours(*PILOT_WAIT_HOURS), UNDER_WAY)
    vessel.sail([harbour.at(BASIN_KM)], vessel.knots)
    vessel.sail([harbour.berth(SERVICE, vessel.ship % slots, slots)], BERTHING_KNOTS)
    yield vessel.now_s


def _fish(vessel: Vessel, world: World, harbour: Harbour, slots: int) -> Life:
    """Sails to a fishing ground next to a lane, hauls and drifts there, and returns."""
    out = _lane_from(vessel, harbour)
    leave_port(vessel, harbour)
    vessel.follow(out, vessel.knots)
    ground = vessel.place
    for _ in range(int(vessel.rng.integers(*HAULS))):
        knots = float(vessel.rng.uniform(*HAUL_KNOTS))
        vessel.sail([_near(ground, HAUL_KM, vessel)], knots, FISHING)
        if vessel.chance(DRIFT_SHARE):
            knots = float(vessel.rng.uniform(*DRIFT_KNOTS))
            vessel.sail([_near(vessel.place, DRIFT_KM, vessel)], knots, FISHING)
    vessel.sail([ground], vessel.knots)
    vessel.follow(Way(out.latitude[::-1], out.longitude[::-1], out.leg_km[::-1]), vessel.knots)
    yield vessel.now_s
    if is_closed_to(vessel, world):
        vessel.sail([harbour.anchor_place(*vessel.rng.random(2).tolist())], vessel.knots)
        yield vessel.now_s
        yield from wait_until_open(vessel, world, vessel.port, AT_ANCHOR)
    enter_port(vessel, harbour, SERVICE, vessel.ship % slots, slots)
    yield vessel.now_s


def _lane_from(vessel: Vessel, harbour: Harbour) -> Way:
    """Returns the first part of the way to another port of the region."""
    others = [h.locode for h in HARBOURS if h.locode != harbour.locode and h.cluster == harbour.cluster]
    others = others or [h.locode for h in HARBOURS if h.locode != harbour.locode]
    way = way_between(harbour.locode, others[int(vessel.rng.integers(len(others)))])
    if way is None:
        raise ValueError(f"no way leads from {harbour.locode}")
    return cut(way, min(float(vessel.rng.uniform(*GROUND_KM)), way.km / 2))[0]


def _near(place: Place, reach_km: float, vessel: Vessel) -> Place:
    north_km, east_km = vessel.rng.uniform(-reach_km, reach_km, 2)
    width = KM_PER_DEGREE * float(np.cos(np.radians(place[0])))
    return place[0] + float(north_km) / KM_PER_DEGREE, place[1] + float(east_km) / width
