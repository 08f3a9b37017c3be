"""H3 cells of many points are the library's, point by point, everywhere on the globe."""

import h3
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ais_indicators.geo.cells import FRAMES, h3_cells, h3_cells_at, library_cells

RESOLUTIONS = range(16)


def by_library(latitude: float, longitude: float, resolution: int) -> int:
    return int(h3.str_to_int(h3.latlng_to_cell(latitude, longitude, resolution)))


@pytest.mark.parametrize(
    ("latitude", "longitude", "resolution", "cell"),
    [
        (-28.79165088, 32.02990011, 13, 638331674478446847),
        (37.775938728915946, -122.41795063018799, 9, 0x8928308280FFFFF),
        (-17.6027666667, 177.43845, 8, 615221609893986303),
    ],
)
def test_golden_cells(latitude: float, longitude: float, resolution: int, cell: int) -> None:
    found = h3_cells(np.array([latitude]), np.array([longitude]), resolution)
    assert found.dtype == np.int64
    assert found.tolist() == [cell]


@given(
    st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=30),
    st.sampled_from(RESOLUTIONS),
)
@example([(90.0, 0.0), (90.0, 120.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0), (0.0, 0.0)], 8)
@example([(12.5, 179.9), (12.5, 179.9), (12.5, -179.9), (12.5, 179.9)], 6)
def test_cells_equal_the_library_point_by_point(points: list[tuple[float, float]], resolution: int) -> None:
    latitude, longitude = np.array(points).T
    expected = [by_library(*point, resolution) for point in points]
    assert h3_cells(latitude, longitude, resolution).tolist() == expected


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=30))
@example(
    [(90.0, 0.0), (90.0, 120.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0), (12.5, 179.9), (12.5, 179.9)]
)
def test_cells_at_several_resolutions_are_those_of_each(points: list[tuple[float, float]]) -> None:
    latitude, longitude = np.array(points).T
    for resolution, cells in zip(RESOLUTIONS, h3_cells_at(latitude, longitude, RESOLUTIONS), strict=True):
        assert cells.tolist() == [by_library(*point, resolution) for point in points]


def on_globe(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y, z = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).T
    return np.degrees(np.arcsin(z)), np.degrees(np.arctan2(y, x))


def hard_places() -> NDArray[np.float64]:
    """Centres of the icosahedron's faces, middles of its sides, its corners, the poles, the antimeridian."""
    faces = FRAMES[:, :3]
    sides = [a + b for n, a in enumerate(faces) for b in faces[:n] if a @ b > 0.7]
    pentagons = np.radians([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)])
    corners = [(np.cos(p) * np.cos(q), np.cos(p) * np.sin(q), np.sin(p)) for p, q in pentagons]
    return np.vstack([faces, sides, corners, [[0, 0, 1], [0, 0, -1], [-1, 0, 0], [-1, 0.3, 0.2]]])


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_crowded_cells_equal_the_library(resolution: int) -> None:
    """Many points in each cell, so that most answers come from the lattice and not from the library."""
    rng, spread = np.random.default_rng(resolution), 0.8 * 7.0 ** (-resolution / 2)
    for place in hard_places():
        latitude, longitude = on_globe(place / np.linalg.norm(place) + spread * rng.normal(size=(600, 3)))
        found = h3_cells(latitude, longitude, resolution)
        assert (found == library_cells(latitude, longitude, resolution)).all()


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_cells_along_a_way_equal_the_library(resolution: int) -> None:
    """Steps much shorter than a cell and longer than one: a short step from well inside a cell needs no projection."""
    rng, edge = np.random.default_rng(resolution), 7.0 ** (-resolution / 2)
    for place in hard_places():
        steps = edge * np.repeat([0.003, 0.03, 0.3, 3.0, 0.001], 120)[:, None] * rng.normal(size=(600, 3))
        latitude, longitude = on_globe(place / np.linalg.norm(place) + np.cumsum(steps, axis=0))
        found = h3_cells(latitude, longitude, resolution)
        assert (found == library_cells(latitude, longitude, resolution)).all()


def test_points_on_the_border_of_cells_equal_the_library() -> None:
    """There the packages h3 and h3ronpy can differ; h3ronpy is the one that all cells come from."""
    cells = h3.grid_disk(h3.latlng_to_cell(51.9, 4.1, 8), 20)
    corners = np.array([corner for cell in cells for corner in h3.cell_to_boundary(cell)])
    for latitude, longitude in (corners.T, (0.5 * (corners + np.roll(corners, 1, axis=0))).T):
        assert (h3_cells(latitude, longitude, 8) == library_cells(latitude, longitude, 8)).all()


def test_no_points_are_no_cells() -> None:
    assert h3_cells(np.empty(0), np.empty(0), 6).tolist() == []


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_point_without_coordinates_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        h3_cells(np.array([1.0, bad]), np.array([1.0, 1.0]), 6)
