"""Transits that nobody heard, on a simulated ocean of which satellites hear the open sea in passing only."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from ais_indicators.geo.gates import read_gates
from tests.second_reading_unseen import Sea, kilometres
from tests.simulated import Reading, read_ocean

KM_PER_NAUTICAL_MILE = 1.852
AROUND_DEGREES = (
    14.0  # ships sail at most 1,000 km in the silences that are assessed here: no way leads outside
)
LONGEST_KM = 1000.0
NEAR_KM = 60.0
"""By how much ways may differ: lanes have a mark each 40 km in the one reading and each 20 km in the other."""

ASSESSED = 8


@pytest.fixture(scope="module")
def ocean(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return read_ocean(tmp_path_factory.mktemp("satellites"), ships=300, thin_s=300, upon="standard")


def test_all_transits_that_can_be_known_are_known_and_none_is_made_up(ocean: Reading) -> None:
    transits = ocean.evaluation.transits
    assert transits is not None
    matched = transits.matched
    assert matched.precision == 1
    known, missed = (heard_around(ocean.messages, of) for of in (matched.pairs, matched.missed))
    assert known > 100
    assert known / (known + missed) >= 0.99
    seen = ocean.transits.filter("is_complete").height
    assert seen < 0.95 * known, "else the ocean has no strait that only satellites hear"


def heard_around(messages: pl.DataFrame, transits: pl.DataFrame) -> int:
    """How many of the transits were of ships that were heard in the day before and in the day after."""
    heard = messages.select("mmsi", at="observed_at_utc").sort("at")
    day, count = timedelta(days=1), 0
    for row in transits.iter_rows(named=True):
        at = heard.filter(pl.col("mmsi") == row["mmsi"])["at"]
        before = at.is_between(row["began"] - day, row["began"]).sum()
        after = at.is_between(row["ended"], row["ended"] + day).sum()
        count += before > 1 and after > 0
    return count


def test_no_other_way_was_short_enough_by_the_second_reading(ocean: Reading) -> None:
    unheard = ocean.transits.filter("is_inferred", "is_jumped").sort("transit_id")
    gates = {gate.code: gate for gate in read_gates()}
    assessed = 0
    for row in unheard.iter_rows(named=True):
        before, after = (
            fix_at(ocean.messages, row["mmsi"], row[name]) for name in ("entered_at_utc", "left_at_utc")
        )
        most = most_km(before, after, row["left_at_utc"] - row["entered_at_utc"])
        if most > LONGEST_KM or assessed == ASSESSED:
            continue
        assessed += 1
        gate = gates[row["gate_code"]]
        sea = Sea(
            gate.longitude - AROUND_DEGREES, gate.latitude - AROUND_DEGREES,
            gate.longitude + AROUND_DEGREES, gate.latitude + AROUND_DEGREES,
        )  # fmt: skip
        ends = before[:2], after[:2]
        assert sea.shortest_km(*ends) <= most + NEAR_KM
        assert sea.shortest_km(*ends, shut=gate.areas["gate"]) > most - NEAR_KM
        assert kilometres(*ends) < most
    assert assessed >= 5


def fix_at(messages: pl.DataFrame, mmsi: int, at: datetime) -> tuple[float, float, float]:
    """Longitude, latitude and speed of a ship's fix at a moment."""
    [row] = messages.filter(pl.col("mmsi") == mmsi, pl.col("observed_at_utc") == at).head(1).to_dicts()
    return row["longitude"], row["latitude"], row["sog_knots"] or 0.0


def most_km(before: tuple[float, ...], after: tuple[float, ...], silence: timedelta) -> float:
    """What the ship can have sailed: a quarter faster than it sent, at most 25 kn."""
    knots = max(before[2], after[2])
    knots = 25.0 if knots < 5.0 else min(25.0, 1.25 * knots)
    hours = silence.total_seconds() / 3600
    return knots * KM_PER_NAUTICAL_MILE * hours
