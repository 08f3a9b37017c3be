"""Marks of low reliability in `benchmarks.real_year` are listed with what is known of each."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from ais_indicators.periods import Week
from benchmarks.real_year_marks import longest_gap, text_of_marks

W12 = Week.parse("2009-W12")


def hour(hours: float | None) -> datetime | None:
    return None if hours is None else datetime(2009, 3, 16, tzinfo=UTC) + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("spells", "last", "again"),
    [
        ([(0, 10), (60, 100), (130, 168)], 10, 60),
        ([(-50, -40), (20, 50)], 50, None),
        ([(-900, -800), (168, 200)], -800, 168),
        ([(-90, -80), (60, 100), (158, 170)], -80, 60),
    ],
    ids=["the longer one", "not again", "all week", "by what lies in the week"],
)
def test_the_longest_silence_in_the_week_counts(
    spells: list[tuple[int, int]], last: int, again: int | None
) -> None:
    heard = pl.DataFrame(
        [(hour(begin), hour(end)) for begin, end in spells],
        schema={"heard_from_utc": pl.Datetime("us", "UTC"), "heard_until_utc": pl.Datetime("us", "UTC")},
        orient="row",
    )
    assert longest_gap(heard, W12) == (hour(last), hour(again))


def test_each_outage_and_each_dark_vessel_is_a_row() -> None:
    outage = {"week": "2009-W11", "port": "PRGUY", "hours": 20, "feed_hours": 18, "days": [("2009-03-10", 2)]}
    vessel = {"week": "2009-W12", "mmsi": 240787000, "port": None, "last": "2009-03-17 21:11", "hours": 20}
    found = {"jumps": 10, "clusters": 0, "outages": [outage], "dark": [vessel | {"again": "not again"}]}
    text = text_of_marks(found)
    assert "| 2009-W11 | PRGUY | 20 | 18 | 2009-03-10 (2) |" in text
    assert "| 2009-W12 | 240787000 | at sea | 2009-03-17 21:11 | not again | 20 |" in text
    assert "MMSI" not in text_of_marks(found | {"dark": []})


@pytest.mark.parametrize(
    ("clusters", "said"), [(0, "none of them in a cluster"), (3, "3 of them in clusters")]
)
def test_jumps_are_counted(clusters: int, said: str) -> None:
    assert said in text_of_marks({"jumps": 10, "clusters": clusters, "outages": [], "dark": []})
