"""Places that a Parquet file keeps as geometries, after the specification of GeoParquet, instead of in two columns."""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely

from ais_indicators.errors import BadInputError

GEOMETRY: Final = "geometry"
METADATA: Final = b"geo"
_ENCODING: Final = "WKB"
_DATUMS: Final = frozenset({("OGC", "CRS84"), ("EPSG", "4326"), ("EPSG", "4269")})
"""WGS 84, the default where none is named, and NAD 83, which differs from it by less than the precision of AIS."""


def places_of(geometries: pa.Array) -> dict[str, pa.Array]:
    """Returns latitudes and longitudes of points.

    Args:
        geometries: Well-known binary, shape (n,).

    Returns:
        `latitude` and `longitude` in degrees; null if there is no point.

    Raises:
        TypeError: The column holds no binary values.
    """
    if not (pa.types.is_binary(geometries.type) or pa.types.is_large_binary(geometries.type)):
        raise TypeError(f"{geometries.type} holds no geometries in {_ENCODING}")
    shapes = shapely.from_wkb(geometries.to_numpy(zero_copy_only=False), on_invalid="ignore")
    shapes[shapely.is_empty(shapes)] = None
    ordinates = {"latitude": shapely.get_y(shapes), "longitude": shapely.get_x(shapes)}
    return {name: pa.array(values, mask=np.isnan(values)) for name, values in ordinates.items()}


def refuse_other_geometries(file_name: str, metadata: Mapping[bytes, bytes] | None) -> None:
    """Raises an error unless a file's geometries are in a supported encoding.

    Args:
        file_name: Name of the file, for messages.
        metadata: Of the Parquet schema.

    Raises:
        BadInputError: They are in another encoding or another coordinate system.
    """
    column = _described(metadata)
    encoding, system = column.get("encoding", _ENCODING), column.get("crs")
    if encoding != _ENCODING:
        raise BadInputError(f"{file_name}: its geometries are in {encoding}; write them in {_ENCODING}")
    if system is not None and _name_of(system) not in _DATUMS:
        said = " ".join(_name_of(system)) if _name_of(system) != ("", "") else "one that is not named"
        raise BadInputError(f"{file_name}: its coordinate system is {said}; write it in WGS 84 (EPSG 4326)")


def _described(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """Returns what the file says of its geometries; nothing if it says nothing that can be read."""
    try:
        column = json.loads((metadata or {})[METADATA])["columns"][GEOMETRY]
    except (KeyError, ValueError, TypeError):
        return {}
    return column if isinstance(column, dict) else {}


def _name_of(system: Any) -> tuple[str, str]:
    """Returns the authority and code of a coordinate system in PROJJSON."""
    name = system.get("id", {}) if isinstance(system, dict) else {}
    return str(name.get("authority", "")), str(name.get("code", ""))
