"""The pieces of flights: taxiing, take-off, cruise and landing, and interruptions such as a go-around."""

from typing import Final

from ais_simulator.flights.airports import Airport
from ais_simulator.flights.paths import Path, Phase, part_of_way
from ais_simulator.sphere import Point

STANDING_S: Final = 60.0
"""A transponder is on so long before a plane moves and after it has come to its stand."""
TAXI_M_PER_S: Final = 8.0
TURN_M_PER_S: Final = 4.0
LIFT_OFF_M_PER_S: Final = 75.0
CLIMB_M_PER_S: Final = 110.0
CRUISE_M_PER_S: Final = 230.0
APPROACH_M_PER_S: Final = 95.0
TOUCHDOWN_M_PER_S: Final = 70.0
TOUCH_M_PER_S: Final = 55.0
"""Slowest speed of a touch-and-go on the runway."""
RUN_OUT_M_PER_S: Final = 14.0
ROLL_KM: Final = 1.7
"""From a standing start to the air, and from touchdown to the taxiway."""
TOUCH_KM: Final = 0.9
FINAL_KM: Final = 14.0
FINAL_HEIGHT_M: Final = 750.0
CLIMB_OUT_KM: Final = 9.0
CLIMB_OUT_HEIGHT_M: Final = 900.0
CRUISE_M: Final = 10_600.0
CRUISE_CLIMB_KM: Final = 170.0
CRUISE_DESCENT_KM: Final = 200.0
CIRCUIT_HEIGHT_M: Final = 330.0
CIRCUIT_SIDE_KM: Final = 3.5
CIRCUIT_FINAL_KM: Final = 6.0
GO_AROUND_HEIGHT_M: Final = 50.0
LOW_PASS_HEIGHT_M: Final = 150.0
APRON_KM: Final = 1.2
"""Of a stand from the middle of the runway."""


def taxi_out(path: Path, airport: Airport) -> float:
    """Rolls from the stand to the runway and along it; returns the second of lift-off."""
    path.stand(STANDING_S, Phase.TAXI_OUT, airport)
    for along, across in ((airport.threshold_km, APRON_KM / 2), (airport.threshold_km + 0.1, 0.0)):
        path.go(airport.at(along, across), airport.elevation_m, TAXI_M_PER_S, Phase.TAXI_OUT, airport)
    lift_off = airport.at(airport.threshold_km + 0.1 + ROLL_KM, 0.0)
    path.go(lift_off, airport.elevation_m, LIFT_OFF_M_PER_S, Phase.TAKE_OFF, airport)
    return path.now


def climb_out(path: Path, airport: Airport) -> None:
    """Climbs straight ahead after lift-off."""
    away = airport.at(airport.runway_km / 2 + CLIMB_OUT_KM, 0.0)
    path.go(away, airport.elevation_m + CLIMB_OUT_HEIGHT_M, CLIMB_M_PER_S, Phase.CLIMB, airport)


def cruise(path: Path, to: Airport, over: Airport | None = None) -> None:
    """Flies to the point where the approach begins, directly over another airport if one is named."""
    final = to.at(to.threshold_km - FINAL_KM, 0.0)
    turn = Point(over.latitude, over.longitude) if over else None
    for target in (turn, final):
        if target is None:
            continue
        path.go(part_of_way(path.place, target, CRUISE_CLIMB_KM), CRUISE_M, CRUISE_M_PER_S, Phase.CRUISE, to)
        if target is not final:
            path.go(target, CRUISE_M, CRUISE_M_PER_S, Phase.CRUISE, to)
    path.go(part_of_way(final, path.place, CRUISE_DESCENT_KM), CRUISE_M, CRUISE_M_PER_S, Phase.CRUISE, to)
    path.go(final, to.elevation_m + FINAL_HEIGHT_M, APPROACH_M_PER_S, Phase.APPROACH, to)


def land(path: Path, airport: Airport, stand: Point) -> float:
    """Lands, leaves the runway and rolls to a stand; returns the second of touchdown."""
    _to_threshold(path, airport)
    touchdown = path.now
    roll = airport.at(airport.threshold_km + ROLL_KM, 0.0)
    path.go(roll, airport.elevation_m, RUN_OUT_M_PER_S, Phase.LANDING, airport)
    beside = airport.at(airport.threshold_km + ROLL_KM, APRON_KM / 2)
    path.go(beside, airport.elevation_m, TAXI_M_PER_S, Phase.TAXI_IN, airport)
    path.go(stand, airport.elevation_m, TURN_M_PER_S, Phase.TAXI_IN, airport)
    path.stand(STANDING_S, Phase.TAXI_IN, airport)
    return touchdown


def touch_and_go(path: Path, airport: Airport) -> float:
    """Touches the runway, takes off again and flies to the next approach; returns the second of the touch."""
    _to_threshold(path, airport)
    touched = path.now
    half = airport.at(airport.threshold_km + TOUCH_KM / 2, 0.0)
    path.go(half, airport.elevation_m, TOUCH_M_PER_S, Phase.TOUCH, airport)
    off = airport.at(airport.threshold_km + TOUCH_KM, 0.0)
    path.go(off, airport.elevation_m, TOUCHDOWN_M_PER_S, Phase.TOUCH, airport)
    circuit(path, airport)
    return touched


def go_around(path: Path, airport: Airport) -> None:
    """Descends to some height above the runway, follows it, and flies to the next approach."""
    _over_runway(path, airport, GO_AROUND_HEIGHT_M)
    circuit(path, airport)


def low_pass(path: Path, airport: Airport) -> None:
    """Flies low along the runway and away without landing."""
    _over_runway(path, airport, LOW_PASS_HEIGHT_M)
    climb_out(path, airport)


def circuit(path: Path, airport: Airport) -> None:
    """Flies a left-hand circuit from above the runway to where an approach begins."""
    height = airport.elevation_m + CIRCUIT_HEIGHT_M
    end = airport.runway_km / 2 + CIRCUIT_SIDE_KM
    final = airport.threshold_km - CIRCUIT_FINAL_KM
    for along, across in ((end, 0.0), (end, -CIRCUIT_SIDE_KM), (final, -CIRCUIT_SIDE_KM), (final, 0.0)):
        path.go(airport.at(along, across), height, TOUCHDOWN_M_PER_S, Phase.CIRCUIT, airport)


def stand_of(airport: Airport, along_km: float) -> Point:
    """Returns a stand on the apron."""
    return airport.at(along_km, APRON_KM)


def _to_threshold(path: Path, airport: Airport) -> None:
    beginning = airport.at(airport.threshold_km, 0.0)
    path.go(beginning, airport.elevation_m, TOUCHDOWN_M_PER_S, Phase.APPROACH, airport)


def _over_runway(path: Path, airport: Airport, height_m: float) -> None:
    for along in (airport.threshold_km, -airport.threshold_km):
        place = airport.at(along, 0.0)
        path.go(place, airport.elevation_m + height_m, TOUCHDOWN_M_PER_S, Phase.APPROACH, airport)
