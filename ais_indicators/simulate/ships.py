"""The simulated ships: invented names and numbers of the right form.

IMO numbers begin with 2 or 3, where we know of no issued number, so that no register match is likely. MMSIs
have real countries' prefixes: by chance one may be a real ship's.
"""

from itertools import combinations
from typing import Final, NamedTuple

from numpy.random import Generator

from ais_indicators.geo.distance import great_circle_km
from ais_indicators.simulate.ports import PORTS, Port

MID_FACTOR: Final = 1_000_000
SERIALS: Final = (200_000, 400_000)  # six digits: the tail of an MMSI, the head of an IMO number
CALL_SIGN_SERIALS: Final = 10_000
IMO_WEIGHTS: Final = (7, 6, 5, 4, 3, 2)
DECIMAL_BASE: Final = 10
TRADE_FLAGS: Final = (
    (351, "3F"),
    (636, "D5"),
    (538, "V7"),
    (311, "C6"),
    (248, "9H"),
    (563, "9V"),
    (477, "VR"),
)
"""MID and call sign of Panama, Liberia, Marshall Islands, Bahamas, Malta, Singapore, Hong Kong."""
HOME_FLAGS: Final = {"USA": (367, "WD"), "MEX": (345, "XC")}
FIRST_NAMES: Final = (
    "GULF",
    "CORAL",
    "AMBER",
    "NORTHERN",
    "SILVER",
    "ORIENT",
    "ATLAS",
    "BLUE",
    "CALM",
    "EASTERN",
)
SECOND_NAMES: Final = (
    "TRADER",
    "STAR",
    "HERON",
    "SPIRIT",
    "PEARL",
    "WAVE",
    "CREST",
    "LARK",
    "DAWN",
    "VOYAGER",
    "SUN",
)


class ShipClass(NamedTuple):
    """What ships of one AIS type have in common; those that do not trade stay around a home port."""

    ais_type: int
    speed_knots: float
    length_m: tuple[int, int]
    width_share: float  # of the length
    draught_share: float  # of the length; 0: not reported
    berth_hours: tuple[float, float]
    trades: bool = True
    transceiver: str = "A"


GENERAL: Final = ShipClass(70, 13.0, (100, 225), 0.155, 0.055, (10.0, 40.0))
CONTAINER: Final = ShipClass(71, 17.0, (140, 300), 0.14, 0.045, (6.0, 24.0))
OTHER_CARGO: Final = ShipClass(79, 12.5, (90, 190), 0.16, 0.055, (10.0, 40.0))
TANKER: Final = ShipClass(80, 12.5, (110, 250), 0.17, 0.055, (12.0, 40.0))
PASSENGER: Final = ShipClass(60, 18.0, (180, 320), 0.125, 0.028, (6.0, 14.0))
TUG: Final = ShipClass(52, 8.0, (22, 36), 0.34, 0.14, (1.0, 7.0), trades=False)
FISHING: Final = ShipClass(30, 9.0, (12, 26), 0.3, 0.0, (6.0, 20.0), trades=False, transceiver="B")
FIRST_TEN: Final = (
    GENERAL,
    TANKER,
    CONTAINER,
    TUG,
    GENERAL,
    FISHING,
    OTHER_CARGO,
    TANKER,
    GENERAL,
    PASSENGER,
)
CLASS_PATTERN: Final = (*FIRST_TEN, *FIRST_TEN[:-1], CONTAINER)
"""Repeated to fill the fleet: 60 ships have 18 of type 70, 12 of 80, 9 of 71 and some of every other."""
FEWEST_SHIPS: Final = len(FIRST_TEN)
SPEED_SPREAD_KNOTS: Final = 1.0


class Ship(NamedTuple):
    """One ship, begun at `home`; `static` holds its columns of static data as text."""

    ship_class: ShipClass
    home: Port
    speed_knots: float
    mmsi: int
    static: dict[str, str]


def imo_number(serial: int) -> str:
    """A six-digit serial with its check digit: digits times 7 to 2, last digit of the sum.

    >>> imo_number(907472)
    'IMO9074729'
    """
    total = sum(int(digit) * weight for digit, weight in zip(str(serial), IMO_WEIGHTS, strict=True))
    return f"IMO{serial}{total % DECIMAL_BASE}"


def build_fleet(ships: int, rng: Generator) -> list[Ship]:
    """Makes the fleet; the two home-bound ships that are farthest apart share one MMSI."""
    serials = rng.choice(range(*SERIALS), size=ships, replace=False)
    fleet = [_build_ship(number, int(serial), rng) for number, serial in enumerate(serials)]
    home_bound = [number for number, ship in enumerate(fleet) if not ship.ship_class.trades]
    one, other = max(
        combinations(home_bound, 2),
        key=lambda pair: great_circle_km(*fleet[pair[0]].home.point, *fleet[pair[1]].home.point),
    )
    fleet[other] = fleet[other]._replace(mmsi=fleet[one].mmsi)
    return fleet


def _build_ship(number: int, serial: int, rng: Generator) -> Ship:
    kind, home = CLASS_PATTERN[number % len(CLASS_PATTERN)], PORTS[number % len(PORTS)]
    mid, prefix = (
        TRADE_FLAGS[rng.integers(len(TRADE_FLAGS))] if kind.trades else HOME_FLAGS[home.country_iso3]
    )
    length_m = int(rng.integers(*kind.length_m))
    static = {
        "VesselName": f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {SECOND_NAMES[number % len(SECOND_NAMES)]}",
        "IMO": imo_number(serial) if kind.trades else "",
        "CallSign": f"{prefix}{serial % CALL_SIGN_SERIALS:04d}",
        "VesselType": str(kind.ais_type),
        "Length": str(length_m),
        "Width": str(round(length_m * kind.width_share)),
        "Draft": str(round(length_m * kind.draught_share, 1)) if kind.draught_share else "",
        "Cargo": str(kind.ais_type) if kind.trades else "",
        "TransceiverClass": kind.transceiver,
    }
    speed_knots = kind.speed_knots + rng.uniform(-SPEED_SPREAD_KNOTS, SPEED_SPREAD_KNOTS)
    return Ship(kind, home, speed_knots, mid * MID_FACTOR + serial, static)
