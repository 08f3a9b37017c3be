"""Published values and their changes: a missing value is never zero, and intervals equal those computed by hand."""

import math

import polars as pl
import pytest

from ais_indicators.publish.pages.catalogue import open_catalogue
from ais_indicators.publish.pages.figures import Figure, change_between, compared, worst
from ais_indicators.publish.pages.tables import change_cell, figure_cell
from tests.released_weeks import activity
from tests.subject_rules import SHIP_RULES

WORDS = open_catalogue("en", SHIP_RULES)


def figure(value: float | None, status: str = "P", unit: str = "calls", error: float | None = None) -> Figure:
    return Figure(value, unit, status, error=error)


@pytest.mark.parametrize(
    ("now", "before", "difference", "share"),
    [(110.0, 100.0, 10.0, 0.1), (0.0, 4.0, -4.0, -1.0), (4.0, 0.0, 4.0, None), (0.0, 0.0, 0.0, None)],
)
def test_a_change_is_a_difference_and_a_share_of_what_was(
    now: float, before: float, difference: float, share: float | None
) -> None:
    change = change_between(figure(now), figure(before), SHIP_RULES)
    assert change is not None
    assert (change.difference, change.share) == (difference, share)


@pytest.mark.parametrize("status", ["Q", "O"])
def test_nothing_is_computed_from_a_value_without_a_value(status: str) -> None:
    assert change_between(figure(None, status), figure(5.0), SHIP_RULES) is None
    assert change_between(figure(5.0), figure(None, status), SHIP_RULES) is None
    assert change_between(figure(5.0), None, SHIP_RULES) is None


def test_the_interval_of_a_relative_change_is_that_of_a_ratio() -> None:
    change = change_between(figure(90.0, error=3.0), figure(100.0, error=4.0), SHIP_RULES)
    assert change is not None
    assert change.low is not None
    assert change.high is not None
    error = math.sqrt((3.0 / 100) ** 2 + (90.0 * 4.0 / 100**2) ** 2)
    assert (change.low, change.high) == pytest.approx((-0.1 - 1.6448536 * error, -0.1 + 1.6448536 * error))
    assert change_between(figure(90.0), figure(100.0, error=4.0), SHIP_RULES) == change_between(
        figure(90.0), figure(100.0), SHIP_RULES
    )


def test_a_change_has_the_worse_status_of_the_two() -> None:
    change = change_between(figure(5.0, "P"), figure(4.0, "U"), SHIP_RULES)
    assert change is not None
    assert change.status == "U"
    assert worst(["P", "A"]) == "P"
    assert worst([]) == "A"


@pytest.mark.parametrize(
    ("shown", "text", "flag", "meaning"),
    [
        (figure(12.0), "12", "", ""),
        (figure(0.0), "0", "", ""),
        (figure(12.0, "A"), "12", "", ""),
        (figure(12.0, "U"), "12", "u", "low reliability"),
        (figure(None, "Q"), "c", "", "confidential"),
        (figure(None, "O"), ":", "", "not available"),
        (None, "\u2013", "", "nothing to measure"),
    ],
)
def test_a_cell_shows_a_value_or_a_mark_and_says_what_it_means(
    shown: Figure | None, text: str, flag: str, meaning: str
) -> None:
    cell = figure_cell(WORDS, shown, usual="P")
    assert (cell.text, cell.flag, cell.meaning) == (text, flag, meaning)
    assert (cell.order is None) == (shown is None or shown.value is None)


def test_a_change_that_cannot_be_reported_is_a_mark() -> None:
    assert change_cell(WORDS, None).text == ":"
    assert change_cell(WORDS, change_between(figure(5.0), figure(7.0), SHIP_RULES)).text == "\u22122"


def test_weeks_are_held_against_each_other_by_the_adjusted_value() -> None:
    rows = pl.DataFrame(
        [
            {"week": "2026-W07"} | activity("XXAAA", 8.0, obs_status="U"),
            {"week": "2026-W07"} | activity("XXAAA", 10.0, obs_status="E", adjustment="COVERAGE"),
            {"week": "2026-W06"} | activity("XXAAA", 9.0),
        ]
    )
    assert compared(rows).select("week", "value").rows() == [("2026-W06", 9.0), ("2026-W07", 10.0)]
