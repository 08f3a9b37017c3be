"""Straits of the simulated ocean: all transits are found, and a blocked strait shows in its week and nowhere else."""

from collections import Counter

import polars as pl
import pytest

from tests.simulated import Reading, read_ocean

BLOCKED = "dover"
MOST_NM_IN_PORTS = 20.0
FROM, TO = "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z"


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return read_ocean(tmp_path_factory.mktemp("clear"))


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    shock = {"kind": "strait_blocked", "gate": BLOCKED, "from_utc": FROM, "to_utc": TO}
    return read_ocean(tmp_path_factory.mktemp("blocked"), shocks=[shock])


def passed(found: Reading) -> Counter[tuple[int, str, str]]:
    """Complete transits by ship, gate and direction."""
    rows = found.transits.filter("is_complete").select("mmsi", "gate_code", "direction").rows()
    return Counter((mmsi, gate, direction) for mmsi, gate, direction in rows)


@pytest.mark.parametrize("name", ["clear", "blocked"])
def test_all_transits_are_found_and_no_other(name: str, request: pytest.FixtureRequest) -> None:
    transits = request.getfixturevalue(name).evaluation.transits
    assert transits.matched.true > 10
    assert (transits.matched.precision, transits.matched.recall) == (1, 1)
    assert all(row["true"] == row["found"] for row in transits.counted.to_dicts())


def test_a_blocked_strait_has_no_transit_and_others_keep_theirs(clear: Reading, blocked: Reading) -> None:
    """But for the odd ship that finds another berth taken, since those that would have passed come later or not."""
    before, then = passed(clear), passed(blocked)
    hit = {ship for ship, gate, _ in before if gate == BLOCKED}
    assert hit
    assert BLOCKED not in {gate for _, gate, _ in then}
    kept = [Counter({key: n for key, n in of.items() if key[0] not in hit}) for of in (before, then)]
    assert (kept[0] & kept[1]).total() >= 0.8 * kept[0].total() > 5


def test_the_way_sailed_is_the_true_one_but_for_what_a_port_holds(clear: Reading) -> None:
    """The truth counts from berth to berth or anchorage, the fold from the port's edge to the next one's."""
    calls = clear.events.filter(event_type="port_call").sort("track_id", "first_seen_at_utc")
    legs = calls.select(
        "mmsi", "arrived_at_utc",
        nm=pl.col("sailed_at_entry_nm") - pl.col("sailed_at_exit_nm").shift(1).over("track_id"),
    ).drop_nulls().sort("arrived_at_utc")  # fmt: skip
    true = (
        clear.truth.voyages.select("mmsi", "arrived_at_utc", "distance_nm")
        .drop_nulls()
        .sort("arrived_at_utc")
    )
    pairs = legs.join_asof(
        true, on="arrived_at_utc", by="mmsi", strategy="nearest", tolerance="10m", check_sortedness=False
    ).drop_nulls()
    assert pairs.height >= 10
    inside_ports = pairs.select(pl.col("distance_nm") - pl.col("nm")).to_series()
    assert inside_ports.is_between(-2.0, MOST_NM_IN_PORTS).all(), inside_ports.sort()
