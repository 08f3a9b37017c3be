"""Intervals of tonnes that were filled in from few reports: they are as wide as those reports allow."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from ais_indicators.transforms.donors import Donors
from ais_indicators.transforms.imputation_support import support_sd_t, support_variance, with_support
from ais_indicators.transforms.payload import Hulls, tonnes_per_metre
from ais_indicators.transforms.stand_ins import CLASS_MEAN, Filled
from tests.subject_rules import SHIP_RULES
from tests.unit.test_voyages import call, flows, report

DRAWS = 20
VOYAGES = 32
DESIGN_M = 10.0


def _other(number: int) -> dict[str, Any]:
    return {"vessel_id": f"imo-{number}", "mmsi": 366000100 + number, "track_id": number}


def _said(draught_m: float, begin: float, end: float, number: int) -> dict[str, Any]:
    return report(draught_m, begin, end, mmsi=366000100 + number, track_id=number)


def silent_ship(reporting: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A ship that never says with what it left AAAAA, after 32 departures of some ships that all left with 8.9 m."""
    calls, reports = [], []
    for voyage in range(VOYAGES):
        number, begin = voyage % reporting + 1, 200.0 * (voyage // reporting)
        first, who = 1000 + 10 * voyage, _other(number)
        calls += [
            call("AAAAA", begin, begin + 20, first, **who),
            call("BBBBB", begin + 100, begin + 120, first + 1, **who),
        ]
        reports += [
            _said(6.4, begin - 10, begin + 19, number),
            _said(8.9, begin + 20, begin + 119, number),
            _said(6.4, begin + 120, begin + 130, number),
        ]
    last, begin, who = VOYAGES + 1, 200.0 * VOYAGES / reporting, _other(VOYAGES + 1)
    calls += [
        call("AAAAA", begin, begin + 20, 9000, **who),
        call("CCCCC", begin + 100, begin + 120, 9001, **who),
    ]
    reports += [_said(6.4, begin - 50, begin + 119, last), _said(6.0, begin + 121, begin + 200, last)]
    return calls, reports


def half_width(reporting: int) -> tuple[float, float]:
    """Imputed share of the tonnes that AAAAA sent to CCCCC, and half the width of their interval as a share of them."""
    found = flows(*silent_ship(reporting)).filter(
        reporter="AAAAA", partner="CCCCC", vessel_class="_T", indicator="tonnes", reporter_level="port"
    )
    row = found.to_dicts()[0]
    return row["imputed_share"], (row["interval_high"] - row["value"]) / row["value"]


def test_an_export_that_is_imputed_from_one_ship_is_not_known_to_a_few_percent() -> None:
    imputed_share, width = half_width(reporting=1)
    assert imputed_share == 1.0
    assert width > 0.2


def test_more_ships_that_say_the_same_make_the_interval_shorter() -> None:
    one, four, many = (half_width(reporting)[1] for reporting in (1, 4, 32))
    assert one > 1.8 * four > 1.8 * 1.8 * many
    assert 0.03 < many < 0.1


def _hulls(number: int) -> Hulls:
    sizes = {"length_m": 150.0, "width_m": 25.0, "deadweight_t": 20_000.0, "design_draught_m": DESIGN_M}
    arrays = {name: np.full(number, size) for name, size in sizes.items()}
    return Hulls(
        **arrays, block_coefficient=np.full(number, 0.8), has_ballast_rule=np.zeros(number, np.bool_)
    )


def _filled(spread_m: float, support: float, code: str = CLASS_MEAN) -> Filled:
    """One call whose draws have exactly a standard deviation about 8 m."""
    steps = np.linspace(-1.0, 1.0, DRAWS)
    draws = 8.0 + steps / steps.std(ddof=1) * spread_m
    return Filled(draws[None, :], np.array([8.0]), np.array([code], object), np.array([support]))


REPORTED = _filled(0.0, np.inf, "reported")
LEAST_M = SHIP_RULES.imputed_draught_sd_share * DESIGN_M
SLOPE = float(tonnes_per_metre(np.array([8.0]), _hulls(1), SHIP_RULES)[0])


@pytest.mark.parametrize(
    ("spread_m", "support", "lacks_m"),
    [
        (0.0, 1.0, LEAST_M),
        (0.0, 4.0, LEAST_M / 2),
        (LEAST_M * 0.6, 1.0, LEAST_M * 0.8),
        (LEAST_M * 1.001, 1.0, 0.0),
        (LEAST_M * 0.501, 4.0, 0.0),
    ],
)
def test_draws_are_topped_up_to_what_the_reports_allow(
    spread_m: float, support: float, lacks_m: float
) -> None:
    found = support_sd_t((REPORTED, _filled(spread_m, support)), _hulls(1), SHIP_RULES)
    assert found == pytest.approx([SLOPE * lacks_m])


def test_two_ends_add_in_squares_and_reported_draughts_lack_nothing() -> None:
    both = support_sd_t((_filled(0.0, 1.0), _filled(0.0, 1.0)), _hulls(1), SHIP_RULES)
    assert both == pytest.approx([SLOPE * LEAST_M * 2**0.5])
    assert support_sd_t((REPORTED, REPORTED), _hulls(1), SHIP_RULES).tolist() == [0.0]


def test_voyages_of_one_vessel_err_alike() -> None:
    rows = pl.DataFrame(
        {
            "flow": ["one", "one", "two", "two", "none"],
            "vessel_id": ["a", "a", "a", "b", "a"],
            "voyage_id": ["1", "2", "3", "4", "5"],
            "support_sd_t": [3.0, 4.0, 3.0, 4.0, 0.0],
        }
    )
    assert dict(support_variance(rows, ["flow"]).iter_rows()) == {"one": 49.0, "two": 25.0}


def test_what_the_draws_show_is_not_counted_twice() -> None:
    voyages = pl.DataFrame({"voyage_id": ["a", "b", "c"], "imputation_sd_t": [5.0, 3.0, None]})
    shown = [3.0 * step for step in (-1.0, 0.0, 1.0)]
    draws = pl.DataFrame({"voyage_id": ["a"] * 3 + ["b"] * 3, "draw": [1, 2, 3] * 2, "net_load_t": shown * 2})
    assert with_support(voyages, draws)["support_sd_t"].to_list() == pytest.approx([4.0, 0.0, 0.0])


def test_ships_behind_a_window_are_counted_once() -> None:
    rows = pl.DataFrame(
        {
            "vessel_class": ["x"] * 6,
            "vessel_id": ["a", "a", "b", "c", "c", "c"],
            "week_index": [1, 2, 3, 4, 5, 6],
            "port_call_id": [1, 2, 3, 4, 5, 6],
            "value": [0.5] * 6,
        }
    )
    found = Donors(rows, ["vessel_class"], SHIP_RULES).ships(np.array([0, 0, 2, 6]), np.array([2, 6, 4, 6]))
    assert found.tolist() == [1.0, 3.0, 2.0, 0.0]
