"""The simulated ships and the trades they ply: invented names and numbers of the right form, plausible dimensions.

IMO numbers begin with 2 or 3, for which no issued number is known, so that matches with a register are unlikely. MMSIs
have the prefixes of real countries: by chance, one may belong to a real ship. Ship i is the same for any size of the
fleet.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from ais_simulator.model import Fleet
from ais_simulator.ocean.cargo import BLOCK_COEFFICIENT, SEA_WATER_T_PER_M3
from ais_simulator.ocean.harbours import BULK_EXPORTERS, BY_LOCODE, FERRY_LANES, HARBOURS, OIL_EXPORTERS

FLEET_STREAM: Final = 1
MID_FACTOR: Final = 1_000_000
SERIALS: Final = 199_999
"""A prime, so that steps of any size through it meet each serial once."""
IMO_FIRST, IMO_STEP = 200_000, 71_993
MMSI_FIRST, MMSI_STEP = 100_000, 83_231
NEW_MMSI_FIRST: Final = 400_000  # numbers that ships get later
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
HOME_CALL_SIGN: Final = "XA"
FIRST_NAMES: Final = (
    "CORAL", "AMBER", "NORTHERN", "SILVER", "ORIENT", "ATLAS", "BLUE", "CALM", "EASTERN", "GOLDEN", "IVORY",
    "JADE", "LOTUS", "MAPLE", "NOBLE", "OPAL", "PRIME", "QUIET", "ROYAL", "SOLAR", "TIDAL", "URBAN", "VIVID",
)  # fmt: skip
SECOND_NAMES: Final = (
    "TRADER", "STAR", "HERON", "SPIRIT", "PEARL", "WAVE", "CREST", "LARK", "DAWN", "VOYAGER", "SUN", "BRIDGE",
    "CEDAR", "DELTA", "EAGLE", "FALCON", "GLORY", "HARMONY", "ISLE",
)  # fmt: skip


class ClassForm(NamedTuple):
    """What ships of one kind have in common; pairs are least and greatest."""

    vessel_class: str
    ais_types: tuple[int, ...]
    short_m: tuple[float, float]  # lengths of those in regional trades
    long_m: tuple[float, float]  # of those that cross oceans
    length_per_width: float
    draught_per_width: float
    deadweight_share: float  # of the displacement
    gross_per_deadweight: float
    knots: float
    long_haul_share: float = 0.0
    has_imo: bool = True


FORMS: Final = {
    "container": ClassForm("container", (70, 71, 72, 74, 79), (120, 210), (240, 366), 6.6, 0.34, 0.70, 0.95, 17.0, 0.3),
    "dry_bulk": ClassForm("dry_bulk", (70, 79), (110, 190), (180, 292), 6.2, 0.40, 0.84, 0.56, 12.5, 0.45),
    "general_cargo": ClassForm("general_cargo", (70, 79), (80, 140), (130, 190), 6.4, 0.38, 0.72, 0.72, 12.0, 0.1),
    "roro": ClassForm("roro", (70, 79), (120, 190), (180, 230), 6.6, 0.27, 0.45, 2.6, 17.0, 0.4),
    "tanker": ClassForm("tanker", (80, 81, 82, 84, 89), (90, 185), (180, 333), 5.9, 0.35, 0.84, 0.56, 12.8, 0.35),
    "cruise": ClassForm("passenger", (60, 69), (180, 330), (180, 330), 7.6, 0.22, 0.15, 9.0, 18.5),
    "ferry": ClassForm("passenger", (60, 69), (90, 200), (90, 200), 6.4, 0.22, 0.20, 4.5, 19.0),
    "tug": ClassForm("other", (52,), (22, 36), (22, 36), 2.8, 0.42, 0.15, 3.0, 10.0),
    "fishing": ClassForm("other", (30,), (12, 38), (12, 38), 3.6, 0.42, 0.25, 1.6, 9.5, has_imo=False),
    "pilot": ClassForm("other", (50,), (14, 24), (14, 24), 3.2, 0.28, 0.10, 3.0, 18.0, has_imo=False),
}  # fmt: skip
"""Proportions: ours, after usual designs; AIS types: ITU-R M.1371."""
PATTERN: Final = (
    "container", "dry_bulk", "tug", "tanker", "general_cargo", "fishing", "container", "passenger", "roro",
    "fishing", "dry_bulk", "tanker", "pilot", "container", "general_cargo", "fishing", "tanker", "dry_bulk", "tug",
    "container",
)  # fmt: skip
"""The kinds of ships in their order, repeated: 70 % trade or carry passengers."""
SPREAD: Final = 0.05  # relative standard deviation of a design's proportions
BLOCK_SPREAD: Final = 0.03
SERVICE_SPREAD: Final = 0.07
CLASS_B_LENGTH_M: Final = 20.0  # fishing boats under it have a set of class B
TUG_IMO_LENGTH_M: Final = 28.0  # about 300 GT: smaller tugs have no IMO number
LONGEST_TRADE: Final = 5
NEIGHBOURS: Final = {"americas_west": "americas", "south_africa": "south_atlantic"}
"""Regions of one port, and the one that a short trade from there goes to."""


@dataclass(frozen=True)
class Trade:
    """What one ship does.

    Attributes:
        kind: `liner`, `tramp`, `shuttle`, `cruise`, `tug`, `fishing` or `pilot`.
        ports: LOCODEs it serves; the first is its home.
        exporters: Those at which it loads; empty for a liner, which works both ways at each port.
        is_long_haul: Whether it crosses oceans.
    """

    kind: str
    ports: tuple[str, ...]
    exporters: tuple[str, ...] = ()
    is_long_haul: bool = False


def imo_number(serial: int) -> int:
    """Returns a six-digit serial with its check digit: digits times 7 to 2, last digit of the sum.

    >>> imo_number(907472)
    9074729
    """
    total = sum(int(digit) * weight for digit, weight in zip(str(serial), IMO_WEIGHTS, strict=True))
    return serial * DECIMAL_BASE + total % DECIMAL_BASE


def kind_of(ship: int) -> str:
    """Returns the kind of a ship, a key of `FORMS`."""
    kind = PATTERN[ship % len(PATTERN)]
    turn = ship // len(PATTERN)
    if kind == "passenger":
        return "cruise" if turn % 2 else "ferry"
    return kind


def build_trade(ship: int, seed: int) -> Trade:
    """Returns the trade of a ship."""
    rng = np.random.default_rng([seed, FLEET_STREAM, ship, 1])
    kind = kind_of(ship)
    turn = ship // len(PATTERN)
    is_short_roro = kind == "roro" and turn % 2 == 0
    if kind == "ferry" or is_short_roro:
        return Trade("shuttle", FERRY_LANES[(turn // 2 + is_short_roro) % len(FERRY_LANES)])
    if kind in ("tug", "fishing", "pilot"):
        return Trade(kind, (_some(HARBOURS_BY_SIZE, 1, rng)[0],))
    is_long = bool(rng.random() < FORMS[kind].long_haul_share)
    clusters = _clusters(is_long, rng)
    ports = [h.locode for h in HARBOURS if h.cluster in clusters]
    if kind in ("dry_bulk", "tanker"):
        return _tramp_trade(ports, BULK_EXPORTERS if kind == "dry_bulk" else OIL_EXPORTERS, is_long, rng)
    count = int(rng.integers(2, min(len(ports), LONGEST_TRADE) + 1))
    order = _some([port for port in ports for _ in range(_weight(port))], count, rng)
    if is_long and len({BY_LOCODE[port].cluster for port in order}) == 1:
        far = [port for port in ports if BY_LOCODE[port].cluster != BY_LOCODE[order[0]].cluster]
        order = (*order[:-1], far[int(rng.integers(len(far)))])
    return Trade("cruise" if kind == "cruise" else "liner", order, (), is_long)


def _clusters(is_long: bool, rng: Generator) -> tuple[str, ...]:
    """Returns two far clusters, or one that has ports enough; by their number of ports."""
    by_port = [harbour.cluster for harbour in HARBOURS]
    first = by_port[int(rng.integers(len(by_port)))]
    if is_long:
        others = [cluster for cluster in by_port if cluster != first]
        return first, others[int(rng.integers(len(others)))]
    return first, NEIGHBOURS.get(first, first)


def _tramp_trade(ports: list[str], exporters: tuple[str, ...], is_long: bool, rng: Generator) -> Trade:
    loading = [port for port in ports if port in exporters]
    unloading = [port for port in ports if port not in exporters]
    load = _some(loading, min(2, len(loading)), rng)
    unload = _some(unloading, min(3, len(unloading)), rng)
    return Trade("tramp", (*load, *unload), load, is_long)


def _some(ports: list[str], count: int, rng: Generator) -> tuple[str, ...]:
    """Draws different ports from a list that holds busy ports more than once."""
    order = [ports[i] for i in rng.permutation(len(ports))]
    return tuple(dict.fromkeys(order))[:count]


def _weight(locode: str) -> int:
    return round(4 * BY_LOCODE[locode].size)


HARBOURS_BY_SIZE: Final = [h.locode for h in HARBOURS for _ in range(_weight(h.locode))]


def build_fleet(ships: int, seed: int) -> Fleet:
    """Makes the fleet: each ship from a generator of its own."""
    return fleet_of_rows([_build_ship(ship, seed) for ship in range(ships)])


def fleet_of_rows(rows: Sequence[Mapping[str, object]]) -> Fleet:
    """Puts ships, each with the attributes of a fleet, into columns."""
    columns = {name: [row[name] for row in rows] for name in Fleet.__dataclass_fields__}
    types = {"vessel_name": object, "call_sign": object, "vessel_class": object, "is_class_b": bool}
    whole = ("imo_number", "mmsi", "ais_ship_type")
    return Fleet(
        **{
            name: np.array(values, dtype=types.get(name, np.int64 if name in whole else np.float64))
            for name, values in columns.items()
        }
    )


def _build_ship(ship: int, seed: int) -> dict[str, object]:
    rng = np.random.default_rng([seed, FLEET_STREAM, ship, 0])
    kind, trade = kind_of(ship), build_trade(ship, seed)
    form, home = FORMS[kind], BY_LOCODE[trade.ports[0]]
    mid, prefix = TRADE_FLAGS[int(rng.integers(len(TRADE_FLAGS)))]
    if trade.kind in ("tug", "fishing", "pilot", "shuttle"):
        mid, prefix = home.mid, HOME_CALL_SIGN
    start = int(np.random.default_rng([seed, FLEET_STREAM]).integers(SERIALS))
    serial = (start + ship * IMO_STEP) % SERIALS
    number = MMSI_FIRST + (start + ship * MMSI_STEP) % SERIALS
    size = draw_dimensions(form, trade.is_long_haul, rng)
    has_imo = form.has_imo and (kind != "tug" or size["length_m"] >= TUG_IMO_LENGTH_M)
    return size | {
        "imo_number": imo_number(IMO_FIRST + serial) if has_imo else 0,
        "mmsi": mid * MID_FACTOR + number,
        "vessel_name": _name(ship),
        "call_sign": f"{prefix}{ship % CALL_SIGN_SERIALS:04d}",
        "vessel_class": form.vessel_class,
        "ais_ship_type": int(rng.choice(form.ais_types)),
        "is_class_b": kind == "fishing" and size["length_m"] < CLASS_B_LENGTH_M,
        "bow_share": round(float(rng.uniform(0.1, 0.9)), 2),
        "service_knots": round(float(form.knots * rng.normal(1.0, SERVICE_SPREAD)), 1),
    }


def draw_dimensions(form: ClassForm, is_long_haul: bool, rng: Generator) -> dict[str, float]:
    """Draws length, width and draught, then displacement by a block coefficient and deadweight as a share of it."""
    shortest, longest = form.long_m if is_long_haul else form.short_m
    length = round(shortest + (longest - shortest) * float(rng.beta(2, 2)))
    width_rate, draught_rate, share, gross_rate, block = (
        float(rng.normal(1.0, spread)) for spread in (SPREAD, SPREAD, SPREAD / 2, 2 * SPREAD, BLOCK_SPREAD)
    )
    width = round(length / form.length_per_width * width_rate)
    draught = round(width * form.draught_per_width * draught_rate, 1)
    coefficient = BLOCK_COEFFICIENT[form.vessel_class] * min(max(block, 0.92), 1.08)
    displacement = float(round(coefficient * length * width * draught * SEA_WATER_T_PER_M3))
    deadweight = float(round(displacement * form.deadweight_share * min(share, 1.08)))
    carries = form.vessel_class != "other"
    return {
        "length_m": float(length),
        "width_m": float(width),
        "design_draught_m": draught,
        "displacement_t": displacement,
        "deadweight_t": deadweight if carries else 0.0,
        "gross_tonnage": float(round(deadweight * form.gross_per_deadweight * gross_rate)),
    }


def _name(ship: int) -> str:
    second, first = divmod(ship, len(FIRST_NAMES))
    again, second = divmod(second, len(SECOND_NAMES))
    name = f"{FIRST_NAMES[first]} {SECOND_NAMES[second]}"
    return f"{name} {again + 1}" if again else name


def write_register(fleet: Fleet, path: Path) -> Path:
    """Writes the ships that have an IMO number as the register that an office would hold."""
    header = [
        "imo",
        "mmsi",
        "name",
        "class",
        "dwt",
        "gt",
        "length",
        "width",
        "design_draught",
        "displacement",
    ]
    columns = (
        fleet.imo_number, fleet.mmsi, fleet.vessel_name, fleet.vessel_class, fleet.deadweight_t, fleet.gross_tonnage,
        fleet.length_m, fleet.width_m, fleet.design_draught_m, fleet.displacement_t,
    )  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        writer.writerows(row for row in rows if row[0])
    return path
