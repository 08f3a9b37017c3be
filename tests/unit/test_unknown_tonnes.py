"""Voyages without tonnes: no value of their own, but room for them above in the interval of a total."""

from typing import Any

import polars as pl
import pytest

from ais_indicators.transforms.unknown_tonnes import with_guesses

COLUMNS = {
    "vessel_class": pl.String,
    "deadweight_t": pl.Float64,
    "tonnes_unloaded": pl.Float64,
    "week": pl.String,
}


def guesses(rows: list[tuple[Any, ...]], keys: list[str]) -> list[Any]:
    """What each voyage may have put ashore, and its standard deviation."""
    voyages = pl.DataFrame(rows, schema=COLUMNS, orient="row").with_columns(tonnes_loaded="tonnes_unloaded")
    return with_guesses(voyages, keys).select("guess_unloaded_t", "guess_unloaded_sd_t").rows()


KNOWN = [("tanker", 1000.0, 200.0, "W1"), ("tanker", 1000.0, 600.0, "W1")]
SPREAD = 0.2 * 2**0.5
"""Standard deviation of the shares 0.2 and 0.6."""


def test_known_voyages_have_no_guess() -> None:
    assert guesses(KNOWN, []) == [(0.0, 0.0), (0.0, 0.0)]


def test_a_voyage_carries_what_its_class_does_for_a_tonne_of_deadweight() -> None:
    found = guesses([*KNOWN, ("tanker", 50_000.0, None, "W1"), ("container", 10.0, 10.0, "W1")], [])
    assert found[2] == (pytest.approx(20_000.0), pytest.approx(SPREAD * 50_000))


def test_without_deadweight_it_carries_what_its_class_does_on_average() -> None:
    found = guesses([*KNOWN, ("tanker", None, None, "W1")], [])
    assert found[2] == (pytest.approx(400.0), pytest.approx(SPREAD * 1000))


def test_of_a_class_of_which_nothing_is_known_all_classes_tell() -> None:
    assert guesses([*KNOWN, ("dry_bulk", 2000.0, None, "W1")], [])[2][0] == pytest.approx(800.0)


def test_a_single_known_voyage_spreads_by_its_own_size() -> None:
    assert guesses([KNOWN[0], ("tanker", 1000.0, None, "W1")], [])[1] == (200.0, 200.0)


def test_weeks_are_taken_apart_where_they_are_a_key() -> None:
    rows = [*KNOWN, ("tanker", 1000.0, 100.0, "W2"), ("tanker", 1000.0, None, "W2")]
    assert guesses(rows, ["week"])[3] == (100.0, 100.0)
    assert guesses(rows, [])[3][0] == pytest.approx(300.0)


def test_where_nothing_at_all_is_known_there_is_no_guess() -> None:
    assert guesses([("tanker", 1000.0, None, "W1")], []) == [(0.0, 0.0)]
