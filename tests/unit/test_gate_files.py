"""Gate files: what is read, what is left out, and how it is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box, mapping

from ais_indicators.errors import BadInputError
from ais_indicators.geo.gate_files import GateFile, gates_from_arrow, gates_to_arrow, read_gate_file
from ais_indicators.geo.gates import AREA_KINDS, gates_geojson, read_gates

BOXES = {"gate": box(0, 0, 1, 1), "side_a": box(-1, 0, 0, 1), "side_b": box(1, 0, 2, 1)}


def feature(kind: str, code: str = "narrows", geometry: Any = None, **properties: Any) -> dict[str, Any]:
    given = {
        "gate_code": code,
        "gate_name": "The Narrows",
        "area_kind": kind,
        "side_name": "Sea",
    } | properties
    return {"type": "Feature", "properties": given, "geometry": geometry or mapping(BOXES[kind])}


def read(folder: Path, *features: dict[str, Any]) -> GateFile:
    path = folder / "gates.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return read_gate_file(path)


def gate(code: str = "narrows", **properties: Any) -> list[dict[str, Any]]:
    return [feature(kind, code, **properties) for kind in AREA_KINDS]


def test_the_packaged_gates_are_the_28_straits_and_do_not_overlap() -> None:
    file = read_gate_file(None)
    assert len({area.gate_code for area in file.areas}) == 28 == len(read_gates())
    assert file.problems == ()
    assert gates_from_arrow(gates_to_arrow(file.areas, "v", 1)) == file.areas


def test_what_the_simulation_writes_is_read_as_the_packaged_gates(tmp_path: Path) -> None:
    path = tmp_path / "gates.geojson"
    path.write_text(json.dumps(gates_geojson()), encoding="utf-8")
    assert read_gate_file(path).areas == read_gate_file(None).areas


def test_the_order_of_the_features_does_not_matter(tmp_path: Path) -> None:
    assert (
        read(tmp_path, *gate("b"), *gate("a")).areas
        == read(tmp_path, *reversed([*gate("b"), *gate("a")])).areas
    )


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (feature("side_b", area_kind="middle"), "its area_kind 'middle' is none of gate, side_a, side_b"),
        (feature("side_b", gate_code="The Narrows"), "is not small letters, digits and underscores"),
        (feature("side_b", gate_name=None), "its property gate_name is missing"),
        (feature("side_b", geometry={"type": "Point", "coordinates": [0, 0]}), "a Point is no area"),
        (feature("side_b", geometry={"type": "Polygon", "coordinates": [[[0, 99], [1, 99], [1, 98], [0, 99]]]}),
         "its coordinates are out of range"),
        (feature("side_b", valid_from="2026-02-01", valid_to="2026-01-01"), "valid_to is not after its valid_from"),
        (feature("side_b", valid_from="soon"), "its valid_from 'soon' is no date like 2026-01-31"),
    ],
)  # fmt: skip
def test_a_bad_area_is_left_out_and_its_gate_with_it(
    tmp_path: Path, broken: dict[str, Any], reason: str
) -> None:
    file = read(tmp_path, *gate("other"), feature("gate"), feature("side_a"), broken)
    assert {area.gate_code for area in file.areas} == {"other"}
    assert any(reason in problem for problem in file.problems)
    assert "narrows: left out, it has no side_b" in file.problems


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no json", "is not JSON"),
        ("{}", "is not a GeoJSON FeatureCollection"),
        (
            json.dumps({"features": [feature("gate")]}),
            "has no usable gate; narrows: left out, it has no side_a",
        ),
    ],
)
def test_a_file_without_gates_is_an_error(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "gates.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=reason):
        read_gate_file(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read: No such file"):
        read_gate_file(tmp_path / "none.geojson")


def test_gates_that_overlap_are_named(tmp_path: Path) -> None:
    problems = read(tmp_path, *gate("one"), *gate("two")).problems
    assert problems == ("one and two overlap: where they do, the smaller area wins",)
