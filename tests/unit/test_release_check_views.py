"""Checks of the release check that compare a week with other stages, weeks and releases."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from ais_indicators.checks.engine import DuckDbEngine, connect
from ais_indicators.checks.model import VIEWS_TABLE, load_checks
from ais_indicators.checks.overrides import Override, let_pass
from ais_indicators.checks.release_check import register_views, run_release_check
from ais_indicators.checks.weeks import WeekChecks, stop_on_failure
from ais_indicators.periods import Week
from ais_indicators.releasing.check_views import ports_with_ships
from tests.gate_rows import (
    ENOUGH,
    WEEK,
    Row,
    cell,
    frames,
    good_ports,
    good_views,
)
from tests.subject_rules import SHIP_RULES

LATE, EVEN = datetime(2026, 11, 16, 7), datetime(2026, 11, 16, 8)
NEAR: Mapping[str, tuple[str, Row, Row]] = {
    "every_message_accounted_for": ("weeks", {"rejected": 99}, {"rejected": 100}),
    "cells_add_up_to_positions": ("weeks", {"cell_messages": 6_999}, {"cell_messages": 7_000}),
    "day_volume_as_usual": ("days", {"usual_messages": 1_667.0}, {"usual_messages": 1_666.0}),
    "ships_where_ships_were": ("days", {"known_cell_share": 0.69}, {"known_cell_share": 0.7}),
    "feed_not_frozen": ("hours", {"equal_hours": 3}, {"equal_hours": 2}),
    "every_day_heard": ("days", {"messages": 0}, {"messages": 1}),
    "usual_ports_present": ("ports", {"has_figures": False}, {"has_figures": False, "usual_arrivals": 6.9}),
    "departure_after_arrival": ("calls", {"departed_at_utc": LATE}, {"departed_at_utc": EVEN}),
    "stay_not_negative": ("calls", {"stay_hours": -0.1}, {"stay_hours": 0.0}),
    "no_week_without_messages": ("tables", {"is_folded": False}, {"rows": 0, "is_folded": False}),
    "register_in_use_is_the_newest": ("weeks", {"register_used": "first"}, {"register_used": None}),
    "register_match_as_usual": ("weeks", {"register_match_share": 0.719}, {"register_match_share": 0.721}),
    "interference": ("places", {"interfered_vessel_hours": 1.0}, {"interfered_vessel_hours": 0.0}),
    "interference_not_widespread": ("weeks", {"interfered_share": 0.101}, {"interfered_share": 0.1}),
    "revision_within_history": ("revisions", {"value": 110.1}, {"value": 110.0}),
}
"""For each check of the views: the view, what just breaks it, and what just does not."""


def test_each_check_of_the_views_has_a_case() -> None:
    assert set(NEAR) == {check.name for check in load_checks() if check.table == VIEWS_TABLE}


@pytest.mark.parametrize(("side", "failed"), [("beyond", True), ("within", False)])
def test_checks_of_the_views_hold_on_one_side_of_their_threshold(side: str, failed: bool) -> None:
    for check in load_checks():
        if check.table == VIEWS_TABLE:
            view, beyond, within = NEAR[check.name]
            with closing(connect()) as connection:
                views = good_views(**{view: beyond if side == "beyond" else within})
                register_views(connection, views)
                engine = DuckDbEngine(connection, views["weeks"])
                broken = engine.count(check.failing_query({}, SHIP_RULES))
            assert (broken > 0) == failed, check.name


def test_a_marked_place_is_warned_of_and_the_warning_says_what_to_do(tmp_path: Path) -> None:
    views = good_views(places={"marked_values": 1})
    results = run_release_check(frames(good_ports(), [cell()]), tmp_path, ENOUGH, views, SHIP_RULES)
    (found,) = (result for result in results if result.check_name == "interference")
    assert (found.passed, found.severity, found.failed_rows) == (False, "warning", 1)
    assert found.detail.startswith("1 of 1 rows, such as place_kind port, place_code NLRTM")
    assert "docs/integrity.md has the sentences" in found.detail


def test_widespread_interference_stops_a_release_until_a_person_lets_it_pass(tmp_path: Path) -> None:
    views = good_views(weeks={"interfered_share": 0.2})
    checks = WeekChecks(
        Week.parse(WEEK),
        run_release_check(frames(good_ports(), [cell()]), tmp_path, ENOUGH, views, SHIP_RULES),
    )
    (failed,) = checks.failed_critical
    assert failed.check_name == "interference_not_widespread"
    assert "--override interference_not_widespread" in failed.detail
    override = Override((failed.check_name,), "A. Person", "a drill of the coast guard")
    remaining, overridden = let_pass([checks], override)
    stop_on_failure(remaining)
    assert [one.check for one in overridden[checks.week]] == [failed.check_name]


@pytest.mark.parametrize(
    ("value", "status", "has_ships"),
    [(0.0, "P", False), (None, "M", False), (1.0, "P", True), (None, "O", True)],
)
def test_rows_of_0_do_not_make_a_port_present(value: float | None, status: str, has_ships: bool) -> None:
    rows = pl.DataFrame(
        {"port_locode": ["NLRTM"], "value": [value], "obs_status": [status]},
        schema_overrides={"value": pl.Float64},
    )
    assert ports_with_ships(rows).to_list() == (["NLRTM"] if has_ships else [])
