"""Which draughts stand in for a forgotten one, and how sure that is."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from ais_indicators.transforms.donors import Donors, masses_of, uniform
from ais_indicators.transforms.missing_draughts import drawn_shares, forgotten_shares
from tests.subject_rules import SHIP_RULES

DRAWS = SHIP_RULES.imputation_draws


def reported(rows: list[tuple[str, str, float]], week: int = 0) -> pl.DataFrame:
    """Reported draughts of ships at ports, in their order."""
    return pl.DataFrame(
        [
            {"port_call_id": number, "vessel_id": ship, "port_locode": port, "value": value}
            for number, (ship, port, value) in enumerate(rows)
        ]
    ).with_columns(
        vessel_class=pl.lit("container"),
        week_index=pl.lit(week, pl.Int64),
        arrival_state=pl.lit("any"),
        length_band=pl.lit(-1),
    )


CALLS = pl.DataFrame({"vessel_class": ["container"], "week_index": [0]})


def masses(rows: list[tuple[str, str, float]], calls: pl.DataFrame = CALLS) -> tuple[float, float]:
    found = masses_of(calls, reported(rows), SHIP_RULES)
    return float(found.of_class[0]), float(found.of_anywhere[0])


def test_ships_that_are_like_themselves_and_unlike_each_other_stand_for_themselves() -> None:
    rows = [(f"ship{n % 4}", "A", 0.6 + 0.1 * (n % 4) + 0.001 * (n % 3)) for n in range(80)]
    assert masses(rows)[0] < 0.01


def test_ships_that_differ_from_themselves_as_from_others_are_of_their_class() -> None:
    value = np.random.default_rng(1).normal(0.8, 0.1, 400)
    rows = [(f"ship{n % 4}", "A", float(value[n])) for n in range(400)]
    assert masses(rows)[0] > 3


@pytest.mark.parametrize(("pairs", "mass"), [(29, 1.0), (30, 0.0)])
def test_with_few_pairs_the_class_counts_as_one_draught(pairs: int, mass: float) -> None:
    rows = [(f"ship{n % 2}", "A", 0.6 + 0.2 * (n % 2)) for n in range(pairs + 2)]
    assert masses(rows)[0] == mass


def test_masses_look_neither_ahead_nor_beyond_the_weeks() -> None:
    rows = [(f"ship{n % 2}", "A", 0.6 + 0.2 * (n % 2)) for n in range(60)]
    for week, mass in ((-1, 1.0), (0, 0.0), (51, 0.0), (52, 1.0)):
        assert masses(rows, CALLS.with_columns(week_index=pl.lit(week, pl.Int64)))[0] == mass


def test_a_draw_picks_from_one_resample_for_all_calls() -> None:
    donors = Donors(
        reported([("ship", "A", float(n)) for n in range(5)]), ["vessel_id", "port_locode"], SHIP_RULES
    )
    chance = uniform(np.arange(2000), DRAWS, 1)
    low, high = np.zeros(2000, np.int64), np.full(2000, 5, np.int64)
    picked = donors.pick(low, high, chance)
    different = [len(set(picked[:, draw])) for draw in range(DRAWS)]
    assert max(different) <= 5
    assert min(different) < 5
    assert set(picked.ravel()) == {0.0, 1.0, 2.0, 3.0, 4.0}


def calls_with_changes(unchanged: int, by_steps: dict[int, int], **other: Any) -> pl.DataFrame:
    """Calls of ten hours, so many unchanged and so many with a change of so many steps."""
    steps = [0] * unchanged + [step for step, number in by_steps.items() for _ in range(number)]
    return pl.DataFrame(
        {
            "arrival_draught_m": [8.0] * len(steps),
            "departure_draught_m": [None if step == 0 else 8.0 + step / 10 for step in steps],
            "is_unchanged": [step == 0 for step in steps],
        }
    ).with_columns(
        vessel_class=pl.lit("container"), week_index=pl.lit(0, pl.Int64), is_short_stay=pl.lit(False),
        design_draught_m=pl.lit(other.get("design_draught_m", 10.0)),
    )  # fmt: skip


def test_unchanged_draughts_beyond_what_small_changes_lead_to_expect_are_forgotten() -> None:
    shares = forgotten_shares(calls_with_changes(50, {1: 20, 2: 20, 9: 60}), SHIP_RULES)
    assert shares["unchanged_is_forgotten"].unique().to_list() == [pytest.approx((50 - 10) / 50)]


def test_a_deep_ships_unchanged_draught_is_the_more_likely_forgotten() -> None:
    calls = calls_with_changes(50, {1: 20, 2: 20, 9: 60}).with_row_index()
    sized = calls.with_columns(design_draught_m=pl.when(pl.col("index") % 2 == 0).then(5.0).otherwise(15.0))
    small, deep = forgotten_shares(sized, SHIP_RULES)["unchanged_is_forgotten"].to_list()[:2]
    assert small < 0.8 < deep


def test_the_share_is_drawn_alike_for_all_calls_of_a_class_and_wider_the_fewer_tell() -> None:
    classes = pl.Series(["container", "container", "roro"])
    few, many = (
        drawn_shares(
            pl.DataFrame({"share": [0.8] * 3, "share_sd": [spread] * 3, "relative": [1.0] * 3}),
            classes,
            DRAWS,
        )
        for spread in (0.1, 0.01)
    )
    assert (few[0] == few[1]).all()
    assert (few[0] != few[2]).any()
    assert few.std() > many.std() > 0
    assert (few <= 1.0).all()
