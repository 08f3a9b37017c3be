"""What the release check sees of interference: the published places that it touched, and its share of the week."""

import polars as pl

from ais_indicators.releasing.integrity_views import interfered_share, touched_places
from tests.gate_rows import DARK, INTERFERENCE, PORTS, STRAITS, Row
from tests.release_lake import ACTIVITY, TRANSITS, arrivals, dark, interference, tables, transits


def port_rows(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(tables({ACTIVITY: list(rows)})[ACTIVITY])


def test_touched_places_are_the_published_ones_with_what_touched_them() -> None:
    marked = {"obs_status": "U", "status_reason": "vessels_dark"}
    figures = {
        PORTS: port_rows(
            arrivals("_T", "_T", 20.0, **marked),
            arrivals("AAA", "_T", 9.0, **marked),
            arrivals("AAA", "tanker", 5.0, **marked),
            arrivals("AAA", "other", 4.0, obs_status="U", status_reason="interference"),
            arrivals("BBB", "_T", 4.0, obs_status="U", status_reason="outage"),
        ),
        STRAITS: pl.DataFrame(tables({TRANSITS: [transits("suez", "_T", 5.0)]})[TRANSITS]),
    }
    coverage = pl.DataFrame(
        {
            "place_kind": ["port", "gate", "port"],
            "place_code": ["BBB", "suez", "ZZZ"],
            "interfered_vessel_hours": [None, 3.0, 8.0],
        }
    )
    assert touched_places(figures, coverage).rows() == [
        ("gate", "suez", None, 0, 3.0),
        ("port", "AAA", "vessels_dark", 3, 0.0),
        ("port", "BBB", None, 0, 0.0),
    ]


def test_the_interfered_share_is_of_heard_and_interfered_hours_together() -> None:
    areas = tables({INTERFERENCE: [interference("a", "area", 10), interference("b", "jamming", 5)]})
    seas = tables({DARK: [dark("_T", 3, heard_vessel_hours=810.0), dark("r", 3, heard_vessel_hours=810.0)]})
    some, none = pl.DataFrame(areas[INTERFERENCE]), pl.DataFrame(areas[INTERFERENCE]).clear()
    heard = pl.DataFrame(seas[DARK])
    assert interfered_share(some, heard) == {"interfered_vessel_hours": 90.0, "interfered_share": 0.1}
    assert interfered_share(none, heard) == {"interfered_vessel_hours": 0.0, "interfered_share": 0.0}
    assert interfered_share(none, heard.clear())["interfered_share"] is None
