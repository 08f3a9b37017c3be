"""Golden values and invariants of methodology 9: what a ship carries, read from its draught."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.transforms.payload import (
    Hulls,
    block_coefficient,
    block_coefficient_at,
    linear_payload_t,
    read_payload,
    tonnes_per_coefficient,
    tonnes_per_metre,
    utilisation,
)
from tests.subject_rules import SHIP_RULES

ARRIVING_M, LEAVING_M = np.array([8.9]), np.array([6.4])
SHIP = Hulls(
    length_m=np.array([151.0]),
    width_m=np.array([24.0]),
    deadweight_t=np.array([13623.0]),
    design_draught_m=np.array([8.9]),
    block_coefficient=np.array([0.73]),
    has_ballast_rule=np.array([False]),
)
TANKER = replace(SHIP, has_ballast_rule=np.array([True]))


def unloaded_t(hulls: Hulls = SHIP) -> float:
    return float(
        (
            read_payload(ARRIVING_M, hulls, rules=SHIP_RULES).tonnes
            - read_payload(LEAVING_M, hulls, rules=SHIP_RULES).tonnes
        )[0]
    )


def test_the_block_coefficient_shrinks_with_the_draught() -> None:
    assert block_coefficient_at(LEAVING_M, SHIP.design_draught_m, SHIP.block_coefficient)[0] == pytest.approx(
        0.6986297060, abs=5e-11
    )


@pytest.mark.parametrize(
    ("coefficient", "draught_m", "design_m", "expected"),
    [(0.82, 12.48, 13.57, 0.8149051824), (0.66, 11.09, 11.49, 0.6559604181)],
)
def test_other_block_coefficients(
    coefficient: float, draught_m: float, design_m: float, expected: float
) -> None:
    at = block_coefficient_at(np.array(draught_m), np.array(design_m), np.array(coefficient))
    assert float(at) == pytest.approx(expected, abs=5e-11)


def test_the_block_coefficient_of_a_volume_knows_no_density() -> None:
    sizes = (np.array(80097.0), np.array(218.75), np.array(32.25), np.array(13.6))
    assert float(block_coefficient(*sizes)) == pytest.approx(0.8348329099, abs=5e-11)


def test_the_utilisation_of_the_leaving_ship() -> None:
    assert utilisation(LEAVING_M, SHIP, SHIP_RULES)[0] == pytest.approx(0.4476308595, abs=5e-11)


def test_the_tonnes_unloaded_are_those_of_the_right_ratio() -> None:
    assert unloaded_t() == pytest.approx(7524.9248, abs=5e-5)


def test_the_inverted_ratio_gives_the_known_mistake_and_not_ours() -> None:
    wrong_cb = 1.0 - (1.0 - 0.73) * (6.4 / 8.9) ** (1.0 / 3.0)
    wrong = (0.73 * 8.9 - wrong_cb * 6.4) * 151.0 * 24.0 * 1.025
    assert wrong == pytest.approx(6110.9951, abs=5e-5)
    assert abs(unloaded_t() - 6110.9951) > 1000.0


def test_the_linear_method() -> None:
    change = linear_payload_t(ARRIVING_M, SHIP, SHIP_RULES) - linear_payload_t(LEAVING_M, SHIP, SHIP_RULES)
    assert change[0] == pytest.approx(8503.745, abs=5e-4)


def test_at_the_design_draught_a_ship_is_full() -> None:
    assert utilisation(SHIP.design_draught_m, SHIP, SHIP_RULES)[0] == pytest.approx(1.0, abs=1e-15)
    assert not read_payload(SHIP.design_draught_m, SHIP, rules=SHIP_RULES).is_clipped[0]


@pytest.mark.parametrize(("draught_m", "tonnes"), [(9.2, 13623.0), (2.0, 0.0)])
def test_what_is_clipped_is_flagged(draught_m: float, tonnes: float) -> None:
    payload = read_payload(np.array([draught_m]), SHIP, rules=SHIP_RULES)
    assert (payload.tonnes[0], payload.is_clipped[0], payload.is_ballast[0]) == (tonnes, True, False)


def test_in_ballast_a_tanker_carries_nothing_up_to_the_margin_and_not_beyond() -> None:
    limit = utilisation(TANKER.ballast_draught_m(SHIP_RULES), TANKER, SHIP_RULES)[0] + 0.15
    draughts = np.linspace(4.0, 8.9, 491)
    for draught in draughts:
        payload = read_payload(np.array([draught]), TANKER, rules=SHIP_RULES)
        is_ballast = utilisation(np.array([draught]), TANKER, SHIP_RULES)[0] <= limit
        assert payload.is_ballast[0] == is_ballast
        assert (payload.tonnes[0] == 0.0) == is_ballast
    assert not read_payload(TANKER.ballast_draught_m(SHIP_RULES), SHIP, rules=SHIP_RULES).is_ballast[0]


def test_without_a_draught_or_a_deadweight_there_is_no_payload() -> None:
    assert np.isnan(read_payload(np.array([np.nan]), SHIP, rules=SHIP_RULES).tonnes[0])
    assert np.isnan(
        read_payload(LEAVING_M, replace(SHIP, deadweight_t=np.array([np.nan])), rules=SHIP_RULES).tonnes[0]
    )


SHARES = st.floats(0.3, 1.0)


@given(SHARES, SHARES, st.floats(0.55, 0.88), st.booleans())
def test_the_payload_never_falls_with_the_draught(
    one: float, other: float, coefficient: float, is_tanker: bool
) -> None:
    hulls = replace(SHIP, block_coefficient=np.array([coefficient]), has_ballast_rule=np.array([is_tanker]))
    low, high = sorted((one * 8.9, other * 8.9))
    assert (
        utilisation(np.array([low]), hulls, SHIP_RULES)[0]
        <= utilisation(np.array([high]), hulls, SHIP_RULES)[0]
    )
    assert (
        read_payload(np.array([low]), hulls, rules=SHIP_RULES).tonnes[0]
        <= read_payload(np.array([high]), hulls, rules=SHIP_RULES).tonnes[0]
    )


@given(st.floats(4.0, 8.8))
def test_slopes_are_those_of_the_payload(draught_m: float) -> None:
    step = 1e-5
    draught = np.array([draught_m])
    by_draught = (
        (utilisation(draught + step, SHIP, SHIP_RULES) - utilisation(draught, SHIP, SHIP_RULES))
        * SHIP.deadweight_t
        / step
    )
    assert by_draught[0] == pytest.approx(tonnes_per_metre(draught, SHIP, SHIP_RULES)[0], rel=1e-4)
    fuller = replace(SHIP, block_coefficient=SHIP.block_coefficient + step)
    by_block = (
        (utilisation(draught, fuller, SHIP_RULES) - utilisation(draught, SHIP, SHIP_RULES))
        * SHIP.deadweight_t
        / step
    )
    assert by_block[0] == pytest.approx(tonnes_per_coefficient(draught, SHIP, SHIP_RULES)[0], rel=1e-4)
