"""Distances and conversions: the golden values of the method's section 1."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators import units
from ais_indicators.geo.distance import great_circle_km, wrap_degrees

PHOENIX = (33.4484, -112.0740)
NEW_YORK = (40.7128, -74.0059)
KM_PER_DEGREE = math.pi * units.EARTH_RADIUS_KM / 180

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def test_the_great_circle_golden() -> None:
    assert great_circle_km(*PHOENIX, *NEW_YORK) == pytest.approx(3443.706085594739, rel=1e-13)
    assert great_circle_km(*NEW_YORK, *PHOENIX) == pytest.approx(3443.706085594739, rel=1e-13)


@pytest.mark.parametrize(
    ("start", "end", "step"),
    [
        (179.9, -179.9, 0.2),
        (-179.9, 179.9, -0.2),
        (179.9, 180.0, 0.1),
        (10.0, 10.2, 0.2),
        (-180.0, 180.0, 0.0),
    ],
)
def test_a_step_over_the_antimeridian_is_short(start: float, end: float, step: float) -> None:
    assert wrap_degrees(end - start) % 360 == pytest.approx(step % 360, abs=1e-9)
    assert great_circle_km(0, start, 0, end) == pytest.approx(abs(step) * KM_PER_DEGREE, abs=1e-9)


@pytest.mark.parametrize("longitude", [0.0, 90.0, 180.0, -179.9])
def test_at_a_pole_every_longitude_is_one_place(longitude: float) -> None:
    assert great_circle_km(90.0, longitude, 90.0, 0.0) == pytest.approx(0, abs=1e-9)
    assert great_circle_km(89.9, longitude, 90.0, 0.0) == pytest.approx(0.1 * KM_PER_DEGREE)


def test_the_other_side_of_the_earth_is_half_its_girth_away() -> None:
    assert great_circle_km(0, 0, 0, 180) == pytest.approx(math.pi * units.EARTH_RADIUS_KM)
    assert great_circle_km(50, 1, -50, -179) == pytest.approx(math.pi * units.EARTH_RADIUS_KM)


@given(latitudes, longitudes, latitudes, longitudes)
def test_the_way_there_is_as_long_as_the_way_back(a: float, b: float, c: float, d: float) -> None:
    there = great_circle_km(a, b, c, d)
    assert 0 <= there <= math.pi * units.EARTH_RADIUS_KM
    assert there == pytest.approx(great_circle_km(c, d, a, b), abs=1e-9)


def test_conversions_are_exact() -> None:
    assert units.EARTH_RADIUS_KM == 6371.0
    assert units.KM_PER_NAUTICAL_MILE == 1.852
    assert units.SECONDS_PER_DAY == 24 * units.SECONDS_PER_HOUR == 24 * 60 * units.SECONDS_PER_MINUTE
