"""Revision tables: a small triangle whose summary can be worked out by hand."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.publish.revisions import TRIANGLE, revision_table, revision_triangle

Vintage = tuple[str, int, float | None]
"""Week, weeks of data since it was first published, and value."""


def triangle(vintages: list[Vintage], reached: dict[str, int], lags: int = 3) -> pl.DataFrame:
    rows = pl.DataFrame(
        [("arrivals", week, lag, number, value) for number, (week, lag, value) in enumerate(vintages)],
        {
            "indicator": pl.String,
            "week": pl.String,
            "lag_weeks": pl.Int64,
            "release_sequence": pl.Int64,
            "value": pl.Float64,
        },
        orient="row",
    )
    ends = pl.DataFrame(
        list(reached.items()), {"week": pl.String, "reached_lag_weeks": pl.Int64}, orient="row"
    )
    return revision_triangle(rows, ends, lags)


TWO_WEEKS: list[Vintage] = [("W1", 0, 100.0), ("W2", 0, 50.0), ("W1", 2, 110.0), ("W2", 1, 45.0)]
REACHED = {"W1": 3, "W2": 2}


def test_a_week_has_the_value_served_last_by_each_lag_that_it_has_reached() -> None:
    found = triangle(TWO_WEEKS, REACHED)
    assert tuple(found.columns) == TRIANGLE
    assert found.select("week", "lag_weeks", "value", "revision").rows() == [
        ("W1", 1, 100.0, 0.0),
        ("W1", 2, 110.0, 10.0),
        ("W1", 3, 110.0, 10.0),
        ("W2", 1, 45.0, -5.0),
        ("W2", 2, 45.0, -5.0),
    ]


def test_the_table_is_what_can_be_worked_out_by_hand() -> None:
    rows = {row["lag_weeks"]: row for row in revision_table(triangle(TWO_WEEKS, REACHED)).to_dicts()}
    assert rows[1] == {
        "indicator": "arrivals",
        "lag_weeks": 1,
        "weeks": 2,
        "mean_revision": -2.5,
        "mean_absolute_revision": 2.5,
        "relative_mean_absolute_revision": 5 / 145,
        "share_revised": 0.5,
    }
    assert (rows[2]["mean_revision"], rows[2]["mean_absolute_revision"]) == (2.5, 7.5)
    assert (rows[3]["weeks"], rows[3]["share_revised"]) == (1, 1.0)


def test_a_second_vintage_within_a_lag_counts_by_the_later_one() -> None:
    found = triangle([("W1", 0, 1.0), ("W1", 0, 2.0), ("W1", 1, 5.0), ("W1", 1, 4.0)], {"W1": 1})
    assert found.select("lag_weeks", "first_value", "value").rows() == [(1, 1.0, 4.0)]


def test_missing_values_are_no_revision_and_zero_has_no_relative_one() -> None:
    assert revision_table(triangle([("W1", 0, None), ("W1", 1, 4.0)], {"W1": 1})).height == 0
    (row,) = revision_table(triangle([("W1", 0, 1.0), ("W1", 1, 0.0)], {"W1": 1})).to_dicts()
    assert (row["mean_revision"], row["relative_mean_absolute_revision"]) == (-1.0, None)


def test_without_releases_there_is_an_empty_table() -> None:
    assert revision_table(triangle([], {})).height == 0


@given(
    st.lists(
        st.tuples(st.sampled_from(["W1", "W2"]), st.integers(0, 4), st.floats(-1e6, 1e6, allow_nan=False)),
        max_size=12,
    )
)
def test_the_mean_is_within_the_mean_of_sizes(steps: list[tuple[str, int, float]]) -> None:
    firsts: list[Vintage] = [("W1", 0, 1.0), ("W2", 0, 2.0)]
    later: list[Vintage] = sorted(steps, key=lambda step: step[1])
    for row in revision_table(triangle([*firsts, *later], {"W1": 4, "W2": 4}, 4)).to_dicts():
        assert abs(row["mean_revision"]) <= row["mean_absolute_revision"] * (1 + 1e-12)
        assert 0 <= row["share_revised"] <= 1
        assert (row["mean_absolute_revision"] == 0) == (row["share_revised"] == 0)
        assert row["weeks"] == pytest.approx(2)
