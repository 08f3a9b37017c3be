"""One feature of a file of areas: its texts, its days and its shape, or why it cannot be used."""

from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from ais_indicators.errors import BadInputError
from ais_indicators.units import HALF_TURN_DEGREES

MAX_LATITUDE = 90.0


class ShapeError(Exception):
    """One area cannot be used; the text says why."""


def features_of(document: Any, name: str) -> list[Any]:
    """Returns the features of a GeoJSON document.

    Args:
        document: What JSON gave.
        name: What to call the file in messages, such as `the port file x.geojson`.

    Raises:
        BadInputError: There are none.
    """
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise BadInputError(f"{name} is not a GeoJSON FeatureCollection: it has no features")
    return features


def required_text(properties: dict[str, Any], key: str) -> str:
    """Returns the text of a property.

    Raises:
        ShapeError: It is missing.
    """
    text = str(properties.get(key) or "").strip()
    if not text:
        raise ShapeError(f"its property {key} is missing")
    return text


def day_of(properties: dict[str, Any], key: str) -> date | None:
    """Returns the day that a property names, None without it.

    Raises:
        ShapeError: It is no date.
    """
    text = properties.get(key)
    try:
        return date.fromisoformat(text) if text else None
    except (ValueError, TypeError) as error:
        raise ShapeError(f"its {key} {text!r} is no date like 2026-01-31") from error


def flag_of(properties: dict[str, Any], key: str) -> bool:
    """Returns whether a property is true, False without it.

    Raises:
        ShapeError: It is neither true nor false.
    """
    value = properties.get(key)
    if value is not None and not isinstance(value, bool):
        raise ShapeError(f"its {key} {value!r} is neither true nor false")
    return bool(value)


def area_or_point(given: Any) -> BaseGeometry:
    """Returns the shape of a feature, a point or polygons within range.

    Raises:
        ShapeError: It is none.
    """
    try:
        with np.errstate(invalid="ignore"):  # a coordinate that is no number is out of range below
            geometry = shapely.force_2d(shape_of(given))
    except (shapely.errors.ShapelyError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ShapeError(f"its coordinates form no shape ({error})") from error
    if geometry.is_empty:
        raise ShapeError("its shape is empty")
    if geometry.geom_type not in ("Point", "Polygon", "MultiPolygon"):
        raise ShapeError(f"a {geometry.geom_type} is neither an area nor a point")
    limits = np.array([HALF_TURN_DEGREES, MAX_LATITUDE])
    if not (np.abs(shapely.get_coordinates(geometry)) <= limits).all():
        raise ShapeError("its coordinates are out of range (longitude -180 to 180, then latitude -90 to 90)")
    return geometry


def repaired_polygon(geometry: BaseGeometry, label: str, problems: list[str]) -> BaseGeometry:
    """Returns the polygon, repaired if it is invalid, and adds the fault to the problems.

    Raises:
        ShapeError: It encloses no area.
    """
    if geometry.is_valid:
        return geometry
    reason = shapely.is_valid_reason(geometry)
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometry)))
    repaired = shapely.union_all(parts[shapely.area(parts) > 0])
    if repaired.is_empty:
        raise ShapeError(f"it encloses no area ({reason})")
    problems.append(f"{label}: repaired ({reason})")
    return repaired
