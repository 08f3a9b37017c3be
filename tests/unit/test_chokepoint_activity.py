"""Weekly indicators of straits: transits and ships waiting in, observations out."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from ais_indicators.contracts.model import load_contract
from ais_indicators.periods import Week
from ais_indicators.transforms.chokepoint_activity import TABLE, weekly_chokepoint_activity
from tests.builders import Row, frame, transit, waiting_vessel
from tests.subject_rules import SHIP_RULES

W46, W47 = Week.parse("2026-W46"), Week.parse("2026-W47")
EAST, WEST, TOTAL = "side_a_to_side_b", "side_b_to_side_a", "_T"
BY_DIRECTION = {
    "transits", "incomplete_transits", "unique_vessels", "deadweight_t", "payload_t", "share_known_payload",
    "share_inferred", "median_hours",
}  # fmt: skip
SHIPS = {"vessel_id": pl.String, "register_class": pl.String, "deadweight_t": pl.Float64}
OVER_BOTH = {"vessels_inside", "vessels_waiting"}

Figures = dict[tuple[str, str, str], dict[str, Any]]


def observe(
    transits: Sequence[Row],
    waiting: Sequence[Row] = (),
    register: Sequence[tuple[str, str | None, float | None]] = (),
    payloads: Sequence[tuple[int, float]] = (),
    weeks: Sequence[Week] = (W47,),
    newest: Week = W47,
) -> list[Row]:
    rows = weekly_chokepoint_activity(
        frame("silver.chokepoint_transits", transits),
        frame("silver.waiting_vessels", waiting),
        pl.DataFrame(list(register), schema=SHIPS, orient="row"),
        pl.DataFrame(list(payloads), schema={"transit_id": pl.Int64, "payload_t": pl.Float64}, orient="row"),
        weeks,
        newest,
        SHIP_RULES,
    )
    assert (*rows.columns, "status_reason") == load_contract(TABLE).column_names
    return rows.to_dicts()


def figures(rows: list[Row]) -> Figures:
    """Returns indicators by week, direction and class."""
    found: Figures = {}
    for row in rows:
        found.setdefault((row["week"], row["direction"], row["vessel_class"]), {})[row["indicator"]] = row[
            "value"
        ]
    return found


def test_transits_count_by_direction_and_class_and_ships_once() -> None:
    transits = [
        transit("2026-11-16 00:00", hours=2, track=1),
        transit("2026-11-19 00:00", hours=4, track=1, direction=WEST),
        transit("2026-11-17 00:00", hours=6, track=2, vessel_class="other"),
        transit("2026-11-15 23:59", hours=2, track=3),
        transit("2026-11-18 00:00", hours=2, track=4, is_counted=False),
    ]
    register = [("mmsi-244000001", "dry_bulk", 50_000.0)]
    payloads = [(transits[0]["transit_id"], 30_000.0)]
    found = figures(observe(transits, register=register, payloads=payloads))
    both = found["2026-W47", TOTAL, TOTAL]
    assert both == {
        "transits": 3,
        "incomplete_transits": 0,
        "unique_vessels": 2,
        "deadweight_t": 100_000,
        "payload_t": 30_000,
        "share_known_payload": pytest.approx(1 / 3),
        "share_inferred": 0,
        "median_hours": 4,
        "vessels_inside": 0,
        "vessels_waiting": 0,
    }
    assert found["2026-W47", EAST, TOTAL] == {
        "transits": 2, "incomplete_transits": 0, "unique_vessels": 2, "deadweight_t": 50_000, "payload_t": 30_000,
        "share_known_payload": 0.5, "share_inferred": 0,
        "median_hours": 4,
    }  # fmt: skip
    assert set(found) == {
        ("2026-W47", TOTAL, TOTAL),
        ("2026-W47", TOTAL, "dry_bulk"),
        ("2026-W47", TOTAL, "other"),
        ("2026-W47", EAST, TOTAL),
        ("2026-W47", EAST, "dry_bulk"),
        ("2026-W47", EAST, "other"),
        ("2026-W47", WEST, TOTAL),
        ("2026-W47", WEST, "dry_bulk"),
    }


def test_ships_that_wait_have_no_direction_and_make_rows_of_their_own() -> None:
    waiting = [
        waiting_vessel(1, "suez", place_kind="gate"),
        waiting_vessel(2, "suez", place_kind="gate", is_inside=True, is_still=False),
        waiting_vessel(3, "suez", place_kind="gate", is_inside=True),
        waiting_vessel(4, "EGSUZ"),
        waiting_vessel(5, "suez", place_kind="gate", week="2026-W46"),
    ]
    found = figures(observe([], waiting))
    assert set(found) == {("2026-W47", TOTAL, TOTAL), ("2026-W47", TOTAL, "tanker")}
    seen = found["2026-W47", TOTAL, TOTAL]
    assert (seen["vessels_inside"], seen["vessels_waiting"], seen["transits"]) == (2, 2, 0)
    assert (seen["median_hours"], seen["deadweight_t"], seen["payload_t"]) == (None, 0, 0)


def test_medians_and_shares_without_a_transit_are_not_applicable() -> None:
    rows = observe([], [waiting_vessel(1, "suez", place_kind="gate")])
    status = {row["indicator"]: row["obs_status"] for row in rows}
    void = {"median_hours", "share_known_payload", "share_inferred"}
    assert {name for name, code in status.items() if code == "M"} == void
    assert {code for name, code in status.items() if name not in void} == {"P"}


@pytest.mark.parametrize(("weeks_later", "status"), [(0, "P"), (8, "P"), (9, "A")])
def test_figures_are_final_after_the_revision_weeks(weeks_later: int, status: str) -> None:
    rows = observe([transit()], newest=W47.plus(weeks_later))
    of = {row["indicator"]: row["obs_status"] for row in rows}
    assert of == dict.fromkeys(BY_DIRECTION | OVER_BOTH, status) | {"deadweight_t": "O", "payload_t": "O"}


def test_weeks_together_are_the_weeks_alone() -> None:
    transits = [transit("2026-11-12 00:00", track=1), transit("2026-11-17 00:00", track=2)]
    waiting = [waiting_vessel(3, "suez", place_kind="gate", week=week.name) for week in (W46, W47)]
    alone = [row for week in (W46, W47) for row in observe(transits, waiting, weeks=[week])]
    together = observe(transits[::-1], waiting[::-1], weeks=[W46, W47])
    assert sorted(map(str, alone)) == sorted(map(str, together))


def test_a_transit_of_which_one_side_was_not_seen_is_distinguished_and_counts_nowhere_else() -> None:
    half = transit(track=1, is_complete=False, is_counted=False, left_at_utc=None, transit_hours=None)
    too_soon = transit(track=2, is_complete=True, is_counted=False)
    found = figures(observe([half, too_soon, transit(track=3)], payloads=[(half["transit_id"], 5.0)]))
    both = found["2026-W47", TOTAL, TOTAL]
    assert (both["transits"], both["incomplete_transits"], both["unique_vessels"]) == (1, 1, 1)
    assert (both["payload_t"], both["share_known_payload"], both["median_hours"]) == (None, 0, 2)


def test_inferred_transits_count_and_their_share_is_reported() -> None:
    unheard: dict[str, Any] = {"is_complete": False, "is_inferred": True, "transit_hours": None}
    counted = transit(track=1, **unheard)
    too_soon = transit(track=2, is_counted=False, **unheard)
    seen = [transit(track=track, hours=2) for track in (3, 4, 5)]
    both = figures(observe([counted, too_soon, *seen]))["2026-W47", TOTAL, TOTAL]
    assert (both["transits"], both["share_inferred"], both["incomplete_transits"]) == (4, 0.25, 0)
    assert both["median_hours"] == 2
