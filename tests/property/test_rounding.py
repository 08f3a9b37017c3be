"""Rounding of values on pages: it never moves a value by more than the stated share of its interval's half width."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.publish.pages.catalogue import open_catalogue
from ais_indicators.publish.pages.figures import Figure
from ais_indicators.publish.pages.rounding import decimals_of, round_to, supported_step
from ais_indicators.publish.pages.tables import figure_cell
from tests.subject_rules import SHIP_RULES

SHARE = SHIP_RULES.rounding_half_width_share
FINEST = st.sampled_from([1.0, 0.1, 0.01, 0.001])
VALUES = st.floats(0.0, 1e12, allow_nan=False)
REACHES = st.floats(1e-6, 1e12, allow_nan=False)


@given(VALUES, REACHES, REACHES, FINEST)
def test_rounding_moves_a_value_by_a_share_of_the_half_width_at_most(
    value: float, below: float, above: float, finest: float
) -> None:
    low, high = value - below, value + above
    step = supported_step(low, high, finest, SHIP_RULES)
    moved = abs(round_to(value, step) - value)
    most = max(SHARE * (high - low) / 2.0, finest / 2.0)
    assert moved <= most + 1e-9 * max(1.0, value)


@given(VALUES, REACHES, FINEST)
def test_the_step_is_the_largest_that_the_interval_supports(
    value: float, reach: float, finest: float
) -> None:
    step = supported_step(value - reach, value + reach, finest, SHIP_RULES)
    half = ((value + reach) - (value - reach)) / 2.0
    assert step == finest or step / 2.0 <= SHARE * half * (1 + 1e-9)
    assert step * 10.0 / 2.0 > SHARE * half * (1 - 1e-9)
    assert math.isclose(math.log10(step), round(math.log10(step)), abs_tol=1e-9)


@given(VALUES, REACHES, REACHES, FINEST)
def test_ends_stay_on_their_sides_of_the_value(
    value: float, below: float, above: float, finest: float
) -> None:
    step = supported_step(value - below, value + above, finest, SHIP_RULES)
    low, middle, high = (round_to(one, step) for one in (value - below, value, value + above))
    assert low <= middle <= high


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [
        (106_710.0, 113_290.0, 1000.0),
        (0.0, 4000.0, 1000.0),  # half a step is 500: a quarter of the half width, and no more
        (0.0, 3999.0, 100.0),
        (0.0, 0.4, 1.0),  # never finer than the unit
        (5.0, 5.0, 1.0),
        (None, 10.0, 1.0),
    ],
)
def test_steps_on_both_sides_of_a_change(low: float | None, high: float | None, step: float) -> None:
    assert supported_step(low, high, 1.0, SHIP_RULES) == step


def test_pages_write_a_value_and_its_ends_with_one_step() -> None:
    words = open_catalogue("en", SHIP_RULES)
    assert words.amount(109_501.0, "t", 106_710.0, 113_290.0) == "110,000"
    assert words.interval(106_710.0, 113_290.0, "t") == "107,000\u00a0\u2013 113,000"
    assert words.amount(0.1234, "share", 0.10, 0.15) == "12%"
    assert words.amount(0.1234, "share") == "12.3%"
    assert words.amount(12.34, "h", 10.0, 15.0) == "12"
    assert open_catalogue("fr", SHIP_RULES).measure(109_501.0, "t", 106_710.0, 113_290.0).endswith("\u00a0t")


@pytest.mark.parametrize(("status", "mark"), [("Q", "c"), ("O", ":"), ("M", "\u2013")])
def test_marks_are_not_rounded(status: str, mark: str) -> None:
    figure = Figure(None, "t", status, 106_710.0, 113_290.0)
    assert figure_cell(open_catalogue("en", SHIP_RULES), figure).text == mark


def test_tables_sort_by_the_value_and_not_by_what_is_written() -> None:
    cell = figure_cell(
        open_catalogue("en", SHIP_RULES), Figure(109_501.0, "t", "P", 106_710.0, 113_290.0), "P"
    )
    assert (cell.text, cell.order) == ("110,000", 109_501.0)


@pytest.mark.parametrize(("step", "decimals"), [(1000.0, 0), (1.0, 0), (0.1, 1), (0.001, 3)])
def test_a_step_needs_so_many_decimals(step: float, decimals: int) -> None:
    assert decimals_of(step) == decimals
