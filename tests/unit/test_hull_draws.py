"""Errors of estimated hulls in the draws: who has them, and what they do to draughts near the ballast limit."""

import numpy as np
import polars as pl
import pytest

from ais_indicators.transforms.hull_draws import design_draught_factors
from ais_indicators.transforms.payload import Hulls, read_payload
from tests.subject_rules import SHIP_RULES

LIMIT_SHARE = 0.677
"""Of this tanker's design draught; deeper, it has cargo."""
TANKER = Hulls(
    length_m=np.array([[183.0]]),
    width_m=np.array([[32.2]]),
    deadweight_t=np.array([[50_000.0]]),
    design_draught_m=np.array([[12.2]]),
    block_coefficient=np.array([[0.8]]),
    has_ballast_rule=np.array([[True]]),
)


def factors_of(*ships: tuple[str, str | None]) -> np.ndarray:
    calls = pl.DataFrame(ships, schema={"vessel_id": pl.String, "hull_source": pl.String}, orient="row")
    return design_draught_factors(calls, SHIP_RULES)


@pytest.mark.parametrize("source", ["register", None])
def test_a_known_hull_has_no_error(source: str | None) -> None:
    assert factors_of(("imo-1", source)).tolist() == [[1.0]]


@pytest.mark.parametrize("source", ["class_mean", "ratio"])
def test_an_estimated_hull_has_another_error_in_each_draw(source: str) -> None:
    factors = factors_of(("imo-1", source), ("imo-2", "register"))
    assert factors.shape == (2, SHIP_RULES.imputation_draws)
    assert np.unique(factors[0]).size == SHIP_RULES.imputation_draws
    assert (factors[1] == 1.0).all()


def test_a_vessel_errs_alike_in_all_its_calls_and_beside_any_others() -> None:
    one, other, again = factors_of(("imo-1", "ratio"), ("mmsi-2", "ratio"), ("imo-1", "ratio"))
    assert (one == again).all()
    assert (one != other).all()
    assert (factors_of(("imo-1", "ratio"))[0] == one).all()


def test_errors_spread_as_the_rule_says() -> None:
    factors = factors_of(*((f"imo-{number}", "ratio") for number in range(500)))
    assert factors.mean() == pytest.approx(1.0, abs=0.005)
    assert factors.std() == pytest.approx(SHIP_RULES.estimated_design_draught_sd_share, rel=0.05)


@pytest.mark.parametrize(
    ("draught_share", "least", "most"),
    [(0.50, 1.0, 1.0), (LIMIT_SHARE - 0.01, 0.5, 0.9), (LIMIT_SHARE + 0.02, 0.1, 0.5), (0.85, 0.0, 0.0)],
)
def test_only_draughts_near_the_limit_are_ballast_in_some_draws(
    draught_share: float, least: float, most: float
) -> None:
    factors = factors_of(*((f"imo-{number}", "ratio") for number in range(50)))
    draught_m = np.full(factors.shape, draught_share * 12.2)
    in_ballast = read_payload(draught_m, TANKER, design_factor=factors, rules=SHIP_RULES).is_ballast.mean()
    assert least <= in_ballast <= most
