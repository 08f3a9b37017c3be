"""Sizes of vessels without a register: usual ratios, and widths that the length contradicts."""

from typing import Any

import polars as pl
import pytest

from ais_indicators.transforms.hulls import SIZES, hulls_of
from tests.subject_rules import SHIP_RULES

NO_REGISTER = pl.DataFrame(schema={"vessel_class": pl.String, **dict.fromkeys(SIZES, pl.Float64)})


def sized(
    length_m: float, width_m: float | None, vessel_class: str = "tanker", **known: float
) -> dict[str, Any]:
    """Estimates the hull of one vessel."""
    row = (
        {"vessel_class": vessel_class}
        | dict.fromkeys(SIZES)
        | {"length_m": length_m, "width_m": width_m}
        | known
    )
    ships = pl.DataFrame([row], schema_overrides=dict.fromkeys(SIZES, pl.Float64))
    return hulls_of(ships, NO_REGISTER, SHIP_RULES).row(0, named=True)


@pytest.mark.parametrize(
    ("length_m", "width_m", "least_m", "most_m"),
    [(183, 32.2, 12.2, 13.3), (228, 32.2, 13.5, 14.5), (244, 42, 14.1, 15.1), (274, 48, 16.0, 17.3)],
)
def test_design_draughts_of_tankers_are_those_of_usual_vessels(
    length_m: float, width_m: float, least_m: float, most_m: float
) -> None:
    assert least_m <= sized(length_m, width_m)["design_draught_m"] <= most_m


@pytest.mark.parametrize(("length_m", "ratio"), [(199.9, 0.067), (200.0, 0.0615)])
def test_the_ratio_changes_at_the_length_of_the_rule(length_m: float, ratio: float) -> None:
    assert sized(length_m, 32.0)["design_draught_m"] == pytest.approx(ratio * length_m)


def test_other_classes_take_the_ratio_to_the_width() -> None:
    assert sized(190, 32.0, "dry_bulk")["design_draught_m"] == pytest.approx(0.40 * 32.0)


@pytest.mark.parametrize(
    ("width_m", "used_m"),
    [(62.5, 62.5), (62.6, 250 / 5.9), (27.8, 27.8), (27.7, 250 / 5.9), (5.0, 250 / 5.9), (None, 250 / 5.9)],
)
def test_a_width_that_the_length_contradicts_counts_as_missing(width_m: float | None, used_m: float) -> None:
    found = sized(250, width_m)
    assert found["width_m"] == pytest.approx(used_m)
    assert found["design_draught_m"] == pytest.approx(0.0615 * 250)
    assert found["hull_source"] == "ratio"


def test_a_registers_width_is_not_doubted() -> None:
    known = sized(250, 20.0, deadweight_t=60_000.0, design_draught_m=12.0)
    assert (known["width_m"], known["hull_source"]) == (20.0, "register")


@pytest.mark.parametrize(
    ("sent_m", "width_m", "length_m"),
    [(460.0, 68.0, 460.0), (460.1, 68.0, 5.9 * 68.0), (695.0, 32.0, 5.9 * 32.0), (695.0, None, None)],
)
def test_a_length_that_no_vessel_has_gives_way_to_the_usual_one(
    sent_m: float, width_m: float | None, length_m: float | None
) -> None:
    found = sized(sent_m, width_m)
    assert found["length_m"] == (None if length_m is None else pytest.approx(length_m))
    assert found["width_m"] == width_m
    assert found["hull_source"] == ("none" if length_m is None else "ratio")


def test_a_registers_length_is_not_doubted() -> None:
    assert sized(500, 60.0, deadweight_t=60_000.0, design_draught_m=12.0)["length_m"] == 500.0
