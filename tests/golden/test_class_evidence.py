"""AIS ship types that are evidence of a vessel's class, and those that are not."""

import numpy as np
import pytest

from ais_indicators.fold.classes import DEFAULT_CLASS, NO_CLASS, class_codes, class_names
from tests.subject_rules import SHIP_RULES

NO_LENGTH = -1.0


def named(ais_ship_type: float, length_m: float) -> str | None:
    """The class that one message names."""
    code = int(class_codes(np.array([ais_ship_type]), np.array([length_m]), SHIP_RULES)[0])
    return None if code == NO_CLASS else class_names(SHIP_RULES)[code]


@pytest.mark.parametrize(
    ("ais_ship_type", "longest_m"),
    [
        (20, 100), (22, 100), (29, 100), (30, 230), (31, 250), (32, 250), (33, 230), (34, 230), (36, 170), (37, 190),
        (40, 150), (49, 150), (50, 150), (52, 150), (54, 150),
    ],
)  # fmt: skip
def test_a_type_is_no_evidence_of_a_vessel_longer_than_any_of_it(ais_ship_type: int, longest_m: int) -> None:
    assert named(ais_ship_type, longest_m) == DEFAULT_CLASS
    assert named(ais_ship_type, longest_m + 1) is None
    assert named(ais_ship_type, NO_LENGTH) == named(ais_ship_type, np.nan) == DEFAULT_CLASS


def test_type_22_on_a_cruise_ship_is_no_evidence() -> None:
    assert named(22, 311) is None
    assert named(60, 311) == "passenger"


@pytest.mark.parametrize("ais_ship_type", [35, 55, 58, 59, 90, 99])
def test_types_without_a_limit_name_their_class_at_any_length(ais_ship_type: int) -> None:
    assert named(ais_ship_type, 477) == DEFAULT_CLASS


@pytest.mark.parametrize(
    ("ais_ship_type", "vessel_class"), [(60, "passenger"), (79, "cargo_unspecified"), (89, "tanker")]
)
@pytest.mark.parametrize("length_m", [NO_LENGTH, 12.0, 459.0])
def test_classes_of_their_own_hold_at_any_length(
    ais_ship_type: int, vessel_class: str, length_m: float
) -> None:
    assert named(ais_ship_type, length_m) == vessel_class


def test_types_that_are_not_defined_are_no_evidence() -> None:
    assert [named(kind, NO_LENGTH) for kind in (np.nan, 0, 1, 19)] == [None] * 4
    assert named(20, NO_LENGTH) == DEFAULT_CLASS
