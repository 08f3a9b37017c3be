"""Ships that lie still or swing, and the areas that are derived from them."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import shapely

from ais_indicators.geo.port_derivation import Derivation, derive_areas
from ais_indicators.geo.port_files import PortArea, read_port_file
from ais_indicators.geo.port_geojson import feature_of, geojson_text
from ais_indicators.geo.stays import FIX_COLUMNS, cell_ships
from ais_indicators.units import EARTH_RADIUS_KM
from tests.subject_rules import SHIP_RULES

Fix = tuple[int, int, datetime, float, float, float | None]
Place = tuple[float, float]

DEGREES_PER_KM = math.degrees(1.0 / EARTH_RADIUS_KM)
QUAY, ROADS = (51.95, 4.10), (52.00, 3.95)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
ENOUGH = SHIP_RULES.derive_min_ships
HOURS = 3.0 * SHIP_RULES.derive_min_stay_hours
STILL_KM, SWINGING_KM = 0.004, 0.2


def off(place: Place, north_km: float = 0.0, east_km: float = 0.0) -> Place:
    """A place some way off another, beyond the pole or the antimeridian too."""
    latitude, longitude = place
    shrink = max(math.cos(math.radians(latitude)), 1e-12)
    return latitude + north_km * DEGREES_PER_KM, longitude + east_km * DEGREES_PER_KM / shrink


def lies(
    ship: int,
    place: Place,
    spread_km: float = STILL_KM,
    hours: float = HOURS,
    sog_knots: float | None = 0.1,
    start: datetime = MONDAY,
    fixes: int = 13,
) -> list[Fix]:
    """A ship goes round a place at a distance, which is the spread of its fixes, in steps of 90 degrees."""
    found: list[Fix] = []
    for n in range(fixes):
        turn = math.radians(90.0 * n)
        at = start + timedelta(hours=hours * n / (fixes - 1))
        latitude, longitude = off(place, spread_km * math.cos(turn), spread_km * math.sin(turn))
        longitude = (longitude + 180.0) % 360.0 - 180.0
        found.append((244_000_000 + ship, ship, at, latitude, longitude, sog_knots))
    return found


def ships(count: int, place: Place, first: int = 1, **keywords: float | None) -> list[Fix]:
    """Some ships, one after the other along a line of 100 m to the east."""
    return [
        fix
        for n in range(count)
        for fix in lies(first + n, off(place, east_km=0.1 * n / count), **keywords)  # type: ignore[arg-type]
    ]


def table(fixes: Iterable[Fix]) -> pa.Table:
    """Fixes as a table."""
    types = [pa.int64(), pa.int64(), pa.timestamp("us", "UTC"), pa.float64(), pa.float64(), pa.float64()]
    rows = [dict(zip(FIX_COLUMNS, fix, strict=True)) for fix in fixes]
    return pa.Table.from_pylist(rows, schema=pa.schema(list(zip(FIX_COLUMNS, types, strict=True))))


def port(
    place: Place = QUAY, locode: str = "NLRTM", kind: str = "port", polygon: shapely.Polygon | None = None
) -> PortArea:
    """A port or one of its areas."""
    size = polygon.area if polygon else 28.0
    return PortArea(0, locode, f"Port {locode}", "NLD", kind, polygon, *place, size)


def derived(fixes: Iterable[Fix], known: Sequence[PortArea] = (port(),)) -> Derivation:
    """Areas derived from fixes, with these ports known."""
    return derive_areas(cell_ships(table(fixes), SHIP_RULES), known, SHIP_RULES)


def kinds(found: Derivation) -> list[str]:
    """The kinds of the areas."""
    return [one.area.area_kind for one in found.areas]


def read_back(folder: Path, areas: Iterable[PortArea], **informative: object) -> list[PortArea]:
    """Writes areas with their port and reads the file, which must have no problems; gives the areas."""
    path = folder / "derived.geojson"
    features = [feature_of(port()), *(feature_of(area, **informative) for area in areas)]
    path.write_text(geojson_text(features), encoding="utf-8")
    file = read_port_file(path, SHIP_RULES)
    assert file.problems == ()
    return [area for area in file.areas if area.area_kind != "port"]


SCENE = (
    ships(ENOUGH, QUAY)
    + ships(ENOUGH, ROADS, first=100, spread_km=SWINGING_KM)
    + lies(200, off(ROADS, 5.0))
    + lies(200, off(ROADS, 5.0), SWINGING_KM, start=MONDAY + timedelta(days=1))
)
"""Ships that make several areas."""
