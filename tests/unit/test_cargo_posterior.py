"""The oracle of tonnes, against cargoes that are known and against ones that are drawn."""

import numpy as np
import pytest

from ais_simulator.ocean.calls import GOAL_FILL, GOAL_FILL_SPREAD, LEAST_FILL, MOST_FILL
from ais_simulator.ocean.fleet import Trade, build_trade
from ais_simulator.scenario import Faults
from studies.cargo_posterior import Call, Knows, Ship, expected_ashore, work_hours

SEED = 7


def trade_of(kind: str) -> Trade:
    return next(trade for number in range(200) if (trade := build_trade(number, SEED)).kind == kind)


LINER = Ship("container", trade_of("liner"), 200.0, 32.0, 40_000.0, 12.0, 55_000.0)


def calls_of(shares: list[float | None]) -> list[Call]:
    """Calls after which the ship had so much on board; None where nobody typed the draught in."""
    draughts = [
        None if share is None else float(LINER.draughts(np.array([share]))[0].round(1)) for share in shares
    ]
    ports = LINER.trade.ports
    return [
        Call(ports[n % len(ports)], None, draught, None, draught, draught is not None, None)
        for n, draught in enumerate(draughts)
    ]


def test_cargoes_that_are_known_come_out_as_they_are() -> None:
    came = float(LINER.draughts(np.array([0.8]))[0].round(1))
    ashore, variance, _ = expected_ashore(LINER, came, calls_of([0.5, 0.7, 0.4]), Knows.NEIGHBOURS, Faults())
    a_tenth_of_a_metre = 600.0  # tonnes on this ship, and each end is rounded
    assert ashore == pytest.approx([12_000.0, 0.0, 12_000.0], abs=a_tenth_of_a_metre)
    assert np.sqrt(variance).max() < a_tenth_of_a_metre


def test_one_that_is_not_known_is_the_mean_of_what_can_be() -> None:
    came = float(LINER.draughts(np.array([0.8]))[0].round(1))
    ashore, variance, _ = expected_ashore(LINER, came, calls_of([None]), Knows.CLASS, Faults())
    drawn = np.random.default_rng(1).normal(GOAL_FILL, GOAL_FILL_SPREAD, 100_000).clip(LEAST_FILL, MOST_FILL)
    assert ashore[0] == pytest.approx(np.maximum(0.8 - drawn, 0.0).mean() * LINER.deadweight_t, rel=0.05)
    assert np.sqrt(variance[0]) == pytest.approx(
        np.maximum(0.8 - drawn, 0.0).std() * LINER.deadweight_t, rel=0.05
    )


def test_hours_of_work_are_no_more_than_the_time_at_the_berth() -> None:
    port = LINER.trade.ports[0]
    begin = 1_767_600_000.0
    assert 0.0 < work_hours(begin, begin + 36_000.0, port) <= 10.0
