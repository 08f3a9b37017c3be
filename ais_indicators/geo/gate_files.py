"""Gate files: the straits in which transits are counted, read from GeoJSON or from the packaged list.

A file that cannot be used at all raises one error. A single bad shape is repaired or left out, and named in the
problems; a gate that then lacks its box or one of its two sides is left out completely.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError
from ais_indicators.geo.gates import AREA_KINDS, gates_geojson
from ais_indicators.geo.outlines import polygon_km2, shifted, unwrapped
from ais_indicators.geo.shapes import (
    ShapeError,
    area_or_point,
    day_of,
    features_of,
    repaired_polygon,
    required_text,
)

GATES: Final = "reference.gates"
PACKAGED: Final = "packaged gates"
CODE: Final = re.compile(r"[a-z][a-z0-9_]*")
NAMED_PROBLEMS: Final = 5


@dataclass(frozen=True)
class GateArea:
    """One area of one gate.

    Attributes:
        area_id: Number of the area within its file.
        gate_code: Name of the gate in tables.
        gate_name: Its name to people.
        area_kind: `gate`, `side_a` or `side_b`.
        side_name: What lies on that side, if the file says so; None for the gate itself.
        geometry: Polygon in degrees, whose longitudes run on past 180 at the antimeridian.
        area_km2: Size.
        valid_from: First day of validity; None: always.
        valid_to: First day on which it is no longer valid; None: for ever.
    """

    area_id: int
    gate_code: str
    gate_name: str
    area_kind: str
    side_name: str | None
    geometry: BaseGeometry
    area_km2: float
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Returns whether the area is valid on a day."""
        return (self.valid_from or date.min) <= day < (self.valid_to or date.max)


@dataclass(frozen=True)
class GateFile:
    """A gate file as read: its areas, what was wrong in it, and which content it was."""

    areas: tuple[GateArea, ...]
    problems: tuple[str, ...]
    source_name: str
    sha256: str


def read_gate_file(path: Path | None) -> GateFile:
    """Reads GeoJSON as `gates_geojson` gives it or, without a path, the packaged gates.

    Args:
        path: The file, or None.

    Returns:
        The areas, numbered from 0 in the order of gate, kind and days, and the problems found.

    Raises:
        BadInputError: The file as a whole cannot be used.
    """
    name = path.name if path else PACKAGED
    try:
        content = path.read_bytes() if path else json.dumps(gates_geojson(), sort_keys=True).encode()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise BadInputError(f"the gate file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"the gate file {name} is not text in UTF-8") from error
    problems: list[str] = []
    areas = _whole_gates(_read_features(_features(text, name), problems), problems)
    if not areas:
        raise BadInputError(
            f"the gate file {name} has no usable gate; {'; '.join(problems[:NAMED_PROBLEMS])}"
        )
    problems.extend(_overlaps(areas))
    return GateFile(areas, tuple(problems), name, hashlib.sha256(content).hexdigest())


def _features(text: str, name: str) -> list[Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"the gate file {name} is not JSON") from error
    return features_of(document, f"the gate file {name}")


def _read_features(features: Sequence[Any], problems: list[str]) -> Iterator[GateArea]:
    for number, feature in enumerate(features):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        named = [str(properties[key]) for key in ("gate_code", "area_kind") if properties.get(key)]
        label = " ".join(named) or f"feature {number}"
        try:
            yield _area_of_feature(feature, properties, label, problems)
        except ShapeError as error:
            problems.append(f"{label}: left out, {error}")


def _area_of_feature(feature: Any, properties: dict[str, Any], label: str, problems: list[str]) -> GateArea:
    code, name, kind = (required_text(properties, key) for key in ("gate_code", "gate_name", "area_kind"))
    if not CODE.fullmatch(code):
        raise ShapeError(f"its gate_code {code!r} is not small letters, digits and underscores")
    if kind not in AREA_KINDS:
        raise ShapeError(f"its area_kind {kind!r} is none of {', '.join(AREA_KINDS)}")
    start, end = (day_of(properties, key) for key in ("valid_from", "valid_to"))
    if start and end and start >= end:
        raise ShapeError("its valid_to is not after its valid_from")
    geometry = area_or_point(feature.get("geometry"))
    if geometry.geom_type == "Point":
        raise ShapeError("a Point is no area")
    polygon = repaired_polygon(unwrapped(geometry), label, problems)
    side = str(properties.get("side_name") or "").strip() or None
    return GateArea(
        -1, code, name, kind, None if kind == "gate" else side, polygon, polygon_km2(polygon), start, end
    )


def _whole_gates(areas: Iterable[GateArea], problems: list[str]) -> tuple[GateArea, ...]:
    """Returns the areas of the gates that have all three kinds, numbered in an order that is not the file's."""
    ordered = sorted(areas, key=_order)
    kinds: dict[str, set[str]] = {}
    for area in ordered:
        kinds.setdefault(area.gate_code, set()).add(area.area_kind)
    lacking = {code: [kind for kind in AREA_KINDS if kind not in has] for code, has in kinds.items()}
    problems.extend(
        f"{code}: left out, it has no {' and no '.join(of)}" for code, of in lacking.items() if of
    )
    whole = (area for area in ordered if not lacking[area.gate_code])
    return tuple(replace(area, area_id=number) for number, area in enumerate(whole))


def _order(area: GateArea) -> tuple[Any, ...]:
    validity = (area.valid_from or date.min, area.valid_to or date.max)
    return (area.gate_code, AREA_KINDS.index(area.area_kind), *validity, shapely.to_wkb(area.geometry))


def _overlaps(areas: Sequence[GateArea]) -> list[str]:
    """Names the pairs of gates that share some ground: a fix there counts for the smaller area."""
    shapes = [area.geometry for area in areas]
    all_shapes = np.array([*shapes, *(shifted(shape) for shape in shapes)])
    one, other = shapely.STRtree(all_shapes).query(shapes)  # pairs whose bounding boxes meet
    overlap = shapely.area(shapely.intersection(all_shapes[one], all_shapes[other])) > 0
    codes = [area.gate_code for area in areas] * 2
    pairs = {tuple(sorted((codes[a], codes[b]))) for a, b in zip(one[overlap], other[overlap], strict=True)}
    return [
        f"{first} and {second} overlap: where they do, the smaller area wins"
        for first, second in sorted(pairs)
        if first != second
    ]


def gates_to_arrow(areas: Sequence[GateArea], gate_version: str, version_sequence: int) -> pa.Table:
    """Lays areas out as rows of `reference.gates`."""
    rows = [
        {
            **{name: getattr(area, name) for name in GateArea.__dataclass_fields__ if name != "geometry"},
            "geometry_wkb": shapely.to_wkb(area.geometry),
            "gate_version": gate_version,
            "version_sequence": version_sequence,
        }
        for area in areas
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(GATES))


def gates_from_arrow(table: pa.Table) -> tuple[GateArea, ...]:
    """Reads the areas of one version back from rows of `reference.gates`, in the order of their numbers."""
    names = [name for name in GateArea.__dataclass_fields__ if name != "geometry"]
    return tuple(
        GateArea(**{name: row[name] for name in names}, geometry=shapely.from_wkb(row["geometry_wkb"]))
        for row in table.sort_by("area_id").to_pylist()
    )
