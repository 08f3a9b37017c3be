"""H3 cells of many points at once: the library's own answer, at several times its speed.

H3 finds a cell in two steps: the point is projected on one of the 20 faces of an icosahedron, and the nearest
centre of a hexagonal lattice on that face gives the index. So all points with the same (face, lattice centre)
have the same index. The first step is compiled here and names the lattice centre by an integer key; the index
of each distinct key is then asked of the library for one of its points. A point so near to the border of two
lattice hexagons or of two faces that rounding might decide is computed by the library separately, hence the
result is the library's for every point.
"""

import math
from collections.abc import Iterable
from itertools import combinations

import h3
import numpy as np
import pyarrow as pa
from h3ronpy.vector import coordinates_to_cells
from numpy.typing import NDArray

from ais_indicators.compiled import njit

FIRST_LATTICE_UNIT = 0.381966011250105
"""Distance of two lattice centres at resolution 0, projected on a face of the unit sphere (H3's constant)."""

ODD_LATTICE_TURN = math.asin(math.sqrt(3.0 / 28.0))
"""Angle in radians by which the lattices of odd resolutions are turned against the face."""

FARTHEST_CORNER = 1.5
"""No corner of a cell is farther from its centre than this many average edges of the resolution."""

FACES = 20
KEY_BITS = 26
"""Bits of one lattice coordinate in a key: at resolution 15 the coordinates stay below 2**25."""

SLOT_BITS = 16
SLOTS = 1 << SLOT_BITS
"""Keys remembered at a time; a forgotten one only means that the library is asked once more."""

SLOT_MULTIPLIER = -7046029254386353131
"""2**64 divided by the golden ratio, as a signed number: its product spreads keys over the slots."""

BASE_TOLERANCE = 1e-7
ROUNDING = 4e-16
FACE_TOLERANCE = 1e-9
LARGEST_STRETCH = 1.7
"""The projection stretches no short way on a face by more: at its corners, 37.4 degrees off, by 1.6."""

SHORT_WAY = 0.005
"""Radians; a way as short leads from no point well inside a face out of it (from 19.9 to 20.9 degrees: 0.017)."""

WELL_INSIDE_FACE = 0.94
"""A point whose cosine to a face's centre exceeds this lies in the circle that the three sides enclose."""


def _face_frames() -> NDArray[np.float64]:
    """Returns the 20 faces' frames, shape (20, 9): centre, x axis and y axis as unit vectors.

    The corners of the icosahedron are the centres of H3's twelve pentagons of resolution 0. The x axis points
    to a corner; which one does not matter, since the lattice looks the same from all three.
    """
    degrees = np.array([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)])
    latitude, longitude = np.radians(degrees).T
    corners = np.column_stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
    is_near = corners @ corners.T > 0.0
    frames = []
    for one, two, three in combinations(range(len(corners)), 3):
        if is_near[one, two] and is_near[two, three] and is_near[three, one]:
            centre = corners[one] + corners[two] + corners[three]
            centre /= np.linalg.norm(centre)
            x_axis = corners[one] - centre * (corners[one] @ centre)
            x_axis /= np.linalg.norm(x_axis)
            frames.append(np.concatenate([centre, x_axis, np.cross(centre, x_axis)]))
    return np.array(frames)


FRAMES = _face_frames()


@njit(cache=True)
def _nearest_face(frames: NDArray[np.float64], x: float, y: float, z: float, guess: int) -> tuple[int, float]:
    """Returns the face nearest to a unit vector, and by how much it beats the next one (in cosines)."""
    if frames[guess, 0] * x + frames[guess, 1] * y + frames[guess, 2] * z > WELL_INSIDE_FACE:
        return guess, 1.0
    best, first, second = 0, -2.0, -2.0
    for face in range(FACES):
        cosine = frames[face, 0] * x + frames[face, 1] * y + frames[face, 2] * z
        if cosine > first:
            best, first, second = face, cosine, first
        elif cosine > second:
            second = cosine
    return best, first - second


@njit(cache=True)
def _lattice_key(face: int, x: float, y: float) -> tuple[int, float]:
    """Returns the key of the lattice hexagon that holds a point of a face, and the point's distance from its border.

    Args:
        face: Number of the face.
        x: First coordinate in lattice units.
        y: Second coordinate in lattice units.
    """
    second = y * (2.0 / math.sqrt(3.0))
    first = x - 0.5 * second
    third = -first - second
    i, j, k = round(first), round(second), round(third)
    di, dj, dk = abs(i - first), abs(j - second), abs(k - third)
    if di > dj and di > dk:
        i = -j - k
    elif dj > dk:
        j = -i - k
    a, b = first - i, second - j
    border = 0.5 - max(abs(a + 0.5 * b), abs(0.5 * a + b), 0.5 * abs(b - a))
    offset = 1 << (KEY_BITS - 1)
    return (((face << KEY_BITS) | (int(i) + offset)) << KEY_BITS) | (int(j) + offset), border


@njit(cache=True)
def _on_face(
    frames: NDArray[np.float64], latitude: float, longitude: float, guess: int
) -> tuple[int, float, float, float]:
    """Projects a point on its nearest face: face, the lead over the next face, coordinates on the face."""
    phi, lam = math.radians(latitude), math.radians(longitude)
    x, y, z = math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)
    face, lead = _nearest_face(frames, x, y, z, guess)
    frame = frames[face]
    depth = frame[0] * x + frame[1] * y + frame[2] * z
    u = (frame[3] * x + frame[4] * y + frame[5] * z) / depth
    v = (frame[6] * x + frame[7] * y + frame[8] * z) / depth
    return face, lead, u, v


@njit(cache=True)
def _lattice(resolution: int) -> tuple[float, float, float]:
    """Returns cosine and sine of the lattice's turn, its scale, and the distance from a border that leaves no doubt."""
    scale = math.sqrt(7.0) ** resolution / FIRST_LATTICE_UNIT
    turn = ODD_LATTICE_TURN if resolution % 2 else 0.0
    return math.cos(turn) * scale, math.sin(turn) * scale, BASE_TOLERANCE + ROUNDING * scale * scale


@njit(cache=True, forceinline=True)
def _join_group(
    point: int,
    key: int,
    is_sure: bool,
    slot_key: NDArray[np.int64],
    slot_group: NDArray[np.int32],
    groups: NDArray[np.int32],
    members: NDArray[np.int64],
    count: int,
) -> int:
    """Puts a point into the group of its key, or opens one for it; returns the number of groups."""
    slot = ((key * SLOT_MULTIPLIER) >> (64 - SLOT_BITS)) & (SLOTS - 1)
    if is_sure and slot_key[slot] == key:
        groups[point] = slot_group[slot]
        return count
    if is_sure:
        slot_key[slot], slot_group[slot] = key, count
    groups[point], members[count] = count, point
    return count + 1


@njit(cache=True)
def _group(
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    frames: NDArray[np.float64],
    resolution: int,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Assigns each point to a numbered group, and to each group one of its points; see `group_points`."""
    cosine, sine, tolerance = _lattice(resolution)
    groups, members = np.empty(latitude.size, np.int32), np.empty(latitude.size, np.int64)
    slot_key, slot_group = np.full(SLOTS, -1, np.int64), np.zeros(SLOTS, np.int32)
    count, face, last, reach = 0, 0, 0, 0.0
    for n in range(latitude.size):
        degrees = abs(latitude[n] - latitude[last]) + abs(longitude[n] - longitude[last])
        if degrees < reach or (n > 0 and degrees == 0.0):
            groups[n] = groups[last]
            continue
        face, lead, u, v = _on_face(frames, latitude[n], longitude[n], face)
        key, border = _lattice_key(face, u * cosine + v * sine, v * cosine - u * sine)
        is_sure = border > tolerance and lead > FACE_TOLERANCE
        count = _join_group(n, key, is_sure, slot_key, slot_group, groups, members, count)
        last, reach = n, _reach_degrees(border - tolerance, lead - FACE_TOLERANCE, math.hypot(cosine, sine))
    return groups, members[:count].copy()


@njit(cache=True)
def _reach_degrees(border: float, lead: float, scale: float) -> float:
    """Returns how far north and east together a point may move and surely stays in its lattice hexagon and on its face.

    Args:
        border: Distance from the hexagon's border in lattice units, less the tolerance.
        lead: Lead over the next face, less the tolerance; either cosine changes by no more than the way in radians.
        scale: Lattice units in a radian at the face's centre.
    """
    return math.degrees(min(SHORT_WAY, border / (LARGEST_STRETCH * scale), 0.5 * lead))


@njit(cache=True)
def _project(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], frames: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Returns each point's face; and its lead over the next face and coordinates on the face, shape (n, 3)."""
    faces, projected = np.empty(latitude.size, np.int64), np.empty((latitude.size, 3))
    face = 0
    for n in range(latitude.size):
        face, lead, u, v = _on_face(frames, latitude[n], longitude[n], face)
        faces[n] = face
        projected[n, 0], projected[n, 1], projected[n, 2] = lead, u, v
    return faces, projected


@njit(cache=True)
def _group_projected(
    faces: NDArray[np.int64], projected: NDArray[np.float64], resolution: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Groups points like `_group`, after they are projected."""
    cosine, sine, tolerance = _lattice(resolution)
    groups, members = np.empty(faces.size, np.int32), np.empty(faces.size, np.int64)
    slot_key, slot_group = np.full(SLOTS, -1, np.int64), np.zeros(SLOTS, np.int32)
    count = 0
    for n in range(faces.size):
        lead, u, v = projected[n, 0], projected[n, 1], projected[n, 2]
        key, border = _lattice_key(faces[n], u * cosine + v * sine, v * cosine - u * sine)
        is_sure = border > tolerance and lead > FACE_TOLERANCE
        count = _join_group(n, key, is_sure, slot_key, slot_group, groups, members, count)
    return groups, members[:count].copy()


def h3_cells_at(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], resolutions: Iterable[int]
) -> list[NDArray[np.int64]]:
    """Returns H3 cells of points at several resolutions, as `h3_cells` gives them; each point is projected once.

    Args:
        latitude: Degrees north, shape (n,), finite.
        longitude: Degrees east, shape (n,), finite.
        resolutions: H3 resolutions, 0 to 15.
    """
    faces, projected = _project(latitude, longitude, FRAMES)
    cells = []
    for resolution in resolutions:
        groups, members = _group_projected(faces, projected, resolution)
        cells.append(library_cells(latitude[members], longitude[members], resolution)[groups])
    return cells


def group_points(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], resolution: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Groups points so that all points of a group lie in one H3 cell (a cell may have several groups).

    Args:
        latitude: Degrees north, shape (n,), finite.
        longitude: Degrees east, shape (n,), finite.
        resolution: H3 resolution, 0 to 15.

    Returns:
        The group of each point, shape (n,), and the cell of each group, shape (groups,).
    """
    groups, members = _group(latitude, longitude, FRAMES, resolution)
    return groups, library_cells(latitude[members], longitude[members], resolution)


def library_cells(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], resolution: int
) -> NDArray[np.int64]:
    """Returns H3 cells as the library computes them, point by point."""
    cells = coordinates_to_cells(pa.array(latitude), pa.array(longitude), resolution)
    numbers: NDArray[np.int64] = pa.array(cells).to_numpy(zero_copy_only=False).view(np.int64)
    return numbers


def h3_cells(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], resolution: int
) -> NDArray[np.int64]:
    """Returns H3 cell of each point, as a 64-bit integer.

    Args:
        latitude: Degrees north, shape (n,).
        longitude: Degrees east, shape (n,).
        resolution: H3 resolution, 0 to 15.

    Raises:
        ValueError: A coordinate is not a finite number.

    >>> h3_cells(np.array([-17.6027666667]), np.array([177.43845]), 8).tolist()
    [615221609893986303]
    """
    latitude, longitude = np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)
    if not (np.isfinite(latitude).all() and np.isfinite(longitude).all()):
        raise ValueError("a point without finite coordinates lies in no H3 cell")
    groups, cells = group_points(latitude, longitude, resolution)
    return cells[groups]
