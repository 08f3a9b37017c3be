"""Small seas by hand for tests of the radio: a fleet, its legs, its static data, whole from a few keywords."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from ais_simulator.model import DayAtSea, Fleet, Motion, Outages, StaticData, Stations

DAY = date(2026, 1, 5)
START = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
DAY_S = 86_400
Place = tuple[float, float]
ROTTERDAM: Place = (51.95, 4.05)
HARWICH: Place = (51.95, 1.3)


@dataclass(frozen=True)
class Sailing:
    """One leg: seconds from the day's start, two places, a status."""

    begin_s: float = 0.0
    end_s: float = DAY_S
    start: Place = ROTTERDAM
    end: Place = ROTTERDAM
    status: int = 5


def lying(status: int = 5, at: Place = ROTTERDAM) -> list[Sailing]:
    return [Sailing(start=at, end=at, status=status)]


def fleet(ships: int, class_b: Sequence[int] = (), **columns: Any) -> Fleet:
    """Ships that differ in their numbers; `columns` replace some of the fleet's."""
    number = np.arange(ships)
    usual: dict[str, Any] = {
        "imo_number": 9_000_000 + number,
        "mmsi": 244_000_001 + number,
        "vessel_name": np.array([f"SHIP {n}" for n in number], object),
        "call_sign": np.array([f"PD{n:04d}" for n in number], object),
        "vessel_class": np.array(["container"] * ships, object),
        "ais_ship_type": 70 + number % 10,
        "is_class_b": np.isin(number, class_b),
        "length_m": 80.0 + number % 300,
        "width_m": 12.0 + number % 40,
        "bow_share": np.full(ships, 0.8),
        **{
            name: np.full(ships, 10.0)
            for name in ("deadweight_t", "gross_tonnage", "design_draught_m", "displacement_t")
        },
        "service_knots": np.full(ships, 14.0),
    }
    return Fleet(**(usual | columns))


def sea(
    legs: Sequence[Sequence[Sailing]],
    day: date = DAY,
    class_b: Sequence[int] = (),
    changes: Sequence[tuple[int, float, dict[str, Any]]] = (),
    stations: Sequence[tuple[float, float, float]] = (),
    outages: Sequence[tuple[int, float, float]] = (),
    **columns: Any,
) -> DayAtSea:
    """A day: legs of each ship, changes of static data (ship, second of the day, columns), stations, outages."""
    ships, begin = fleet(len(legs), class_b, **columns), START + (day - DAY).days * DAY_S
    rows = [
        (ship, begin + leg.begin_s, begin + leg.end_s, *leg.start, *leg.end, leg.status)
        for ship, own in enumerate(legs)
        for leg in own
    ]
    kinds = [np.int64, *[np.float64] * 6, np.int64]
    columns_of_legs = list(zip(*rows, strict=True)) or [()] * len(kinds)
    arrays: list[Any] = [np.array(c, kind) for c, kind in zip(columns_of_legs, kinds, strict=True)]
    motion = Motion(*arrays)
    places = [np.array(column, np.float64) for column in zip(*stations, strict=True)] or [np.zeros(0)] * 3
    silent = list(zip(*outages, strict=True)) or [()] * 3
    return DayAtSea(
        day=day,
        fleet=ships,
        motion=motion,
        statics=_statics(ships, begin, changes),
        stations=Stations(2_440_001 + np.arange(len(stations)), *places),
        outages=Outages(
            np.array(silent[0], np.int64),
            np.array(silent[1], np.float64) + begin,
            np.array(silent[2], np.float64) + begin,
        ),
    )


def _statics(ships: Fleet, begin: float, changes: Sequence[tuple[int, float, dict[str, Any]]]) -> StaticData:
    rows: list[dict[str, Any]] = []
    for ship in range(len(ships)):
        row: dict[str, Any] = {
            "ship": ship,
            "since_s": begin - 1000.0,
            "mmsi": ships.mmsi[ship],
            "imo_number": 0 if ships.is_class_b[ship] else ships.imo_number[ship],
            "vessel_name": ships.vessel_name[ship],
            "call_sign": ships.call_sign[ship],
            "draught_m": 0.0 if ships.is_class_b[ship] else 5.0 + ship % 100 / 10.0,
            "destination": "" if ships.is_class_b[ship] else "NLRTM",
            "eta_s": 0.0
            if ships.is_class_b[ship]
            else begin + DAY_S * (1 + ship % 20) + 3600.0 * (ship % 24),
        }
        rows.append(row)
        for one, second, columns in changes:
            if one == ship:
                row = row | {"since_s": begin + second} | columns
                rows.append(row)
    texts = {"vessel_name", "call_sign", "destination"}
    whole = {"ship", "mmsi", "imo_number"}
    kinds = {
        f.name: object if f.name in texts else np.int64 if f.name in whole else np.float64
        for f in fields(StaticData)
    }
    return StaticData(**{name: np.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


def busy_sea(ships: int, day: date = DAY) -> DayAtSea:
    """A fleet that does everything: lies in ports, lies at anchor, sails at many speeds, all day long."""
    rng = np.random.default_rng(7)
    legs: list[list[Sailing]] = []
    for ship in range(ships):
        at = (float(rng.uniform(45, 60)), float(rng.uniform(-10, 25)))
        knots = float(rng.uniform(1, 27))
        degrees = knots * 24 / 60
        there = (at[0] + degrees / 2, at[1] + degrees)
        if ship % 3 == 0:
            legs.append(lying(5 if ship % 2 else 1, at))
        elif ship % 3 == 1:
            legs.append([Sailing(start=at, end=there, status=0)])
        else:
            middle = ((at[0] + there[0]) / 2, (at[1] + there[1]) / 2)
            legs.append(
                [
                    Sailing(0, 30_000, at, middle, 0),
                    Sailing(30_000, 50_000.5, middle, middle, 1),
                    Sailing(50_000.5, DAY_S, middle, middle, 5),
                ]
            )
    stations = [(lat, lon, 80.0) for lat in range(46, 62, 1) for lon in range(-10, 28, 2)]
    return sea(legs, day, class_b=range(5, ships, 10), stations=stations)
