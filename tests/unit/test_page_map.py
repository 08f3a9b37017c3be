"""The map: its window, merged cells, and hollow circles for suppressed numbers."""

import re

import h3
import numpy as np
import polars as pl
import pytest
from shapely import Point

from ais_indicators.geo.land import read_land
from ais_indicators.publish.pages.map import MOST_CELLS, WIDTH_PX, Dot, draw_map, window_around

HAVRE, FELIXSTOWE = Dot("Le Havre", 49.5, 0.1, 9.0), Dot("Felixstowe", 51.9, 1.3, None)


def cells_at(places: list[tuple[float, float]], hours: float = 5.0, resolution: int = 6) -> pl.DataFrame:
    cells = [h3.str_to_int(h3.latlng_to_cell(*place, resolution)) for place in places]
    return pl.DataFrame(
        {"cell": cells, "hours": [hours] * len(cells)}, {"cell": pl.Int64, "hours": pl.Float64}
    )


def test_the_window_holds_every_place_and_has_the_pages_shape() -> None:
    longitude, latitude = np.array([0.1, 1.3, -5.4]), np.array([49.5, 51.9, 36.1])
    window = window_around(longitude, latitude)
    paper = window.place(longitude, latitude)
    assert 300.0 - 1e-6 <= window.height_px <= 640.0 + 1e-6
    assert (paper >= 0).all()
    assert (paper <= (WIDTH_PX, window.height_px)).all()


def test_the_window_runs_over_the_antimeridian_where_places_do() -> None:
    longitude, latitude = np.array([178.0, -179.0]), np.array([-17.0, -18.0])
    window = window_around(longitude, latitude)
    assert window.degrees_wide < 20
    east = window.place(longitude, latitude)[:, 0]
    assert east[0] < east[1]


def test_a_single_place_has_a_window() -> None:
    window = window_around(np.array([0.1]), np.array([49.5]))
    assert window.degrees_wide >= 1.0


def test_a_port_whose_ships_may_not_be_reported_is_hollow_and_has_no_name() -> None:
    drawn = draw_map([HAVRE, FELIXSTOWE], None, "title", "words")
    assert drawn is not None
    assert len(re.findall(r'<circle [^>]*fill="none"', drawn.svg)) == 1
    assert ">Le Havre<" in drawn.svg
    assert "Felixstowe" not in drawn.svg
    assert (drawn.cells, drawn.resolution) == (0, None)


def test_names_and_words_are_escaped() -> None:
    drawn = draw_map([Dot("<b>", 0.0, 0.0, 3.0)], None, "a < b", 'say "c"')
    assert drawn is not None
    assert "&lt;b&gt;" in drawn.svg
    assert "<b>" not in drawn.svg
    assert "a &lt; b" in drawn.svg


def test_fine_cells_are_put_together_on_a_wide_map_and_stay_on_a_narrow_one() -> None:
    far = [Dot("East", 0.0, 100.0, 1.0), Dot("West", 0.0, -70.0, 1.0)]
    near = [HAVRE]
    cells = cells_at([(49.5, 0.1), (49.6, 0.1)])
    wide, narrow = draw_map([*far, HAVRE], cells, "t", "w"), draw_map(near, cells, "t", "w")
    assert wide is not None
    assert narrow is not None
    assert wide.resolution is not None
    assert wide.resolution < 6
    assert (narrow.resolution, narrow.cells) == (6, 2)


def test_no_map_has_more_cells_than_a_page_can_hold() -> None:
    grid = h3.grid_disk(h3.latlng_to_cell(49.5, 0.1, 6), 45)
    cells = pl.DataFrame({"cell": [h3.str_to_int(one) for one in sorted(grid)], "hours": 1.0})
    assert cells.height > MOST_CELLS
    drawn = draw_map([], cells, "t", "w")
    assert drawn is not None
    assert 0 < drawn.cells <= MOST_CELLS
    assert len(drawn.svg.encode()) < 300_000


def test_without_ports_and_cells_there_is_no_map() -> None:
    assert draw_map([], None, "t", "w") is None


@pytest.mark.parametrize(
    ("place", "is_land"),
    [((2.0, 48.0), True), ((-30.0, 40.0), False), ((50.0, 41.5), False), ((181.0, 66.5), True)],
)
def test_land_is_where_it_is(place: tuple[float, float], is_land: bool) -> None:
    """France; the Atlantic; the Caspian Sea, a hole in Eurasia; Chukotka beyond 180 degrees."""
    assert any(polygon.covers(Point(*place)) for polygon in read_land()) == is_land
