"""Open, restricted, closed or not known: both sides of each threshold, long closures, and a row for every gate."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
import pytest

from ais_indicators.contracts.model import load_contract
from ais_indicators.geo.gates import read_gates
from ais_indicators.periods import Week
from ais_indicators.transforms.chokepoint_status import chokepoint_status
from tests.subject_rules import SHIP_RULES

W09: Final = Week.parse("2026-W09")
GATE: Final = "hormuz"
HEARD: Final = {"coverage_index": 1.0, "sender_index": 1.0}


def transits(value: float | None, status: str = "P", reason: str | None = None) -> pl.DataFrame:
    """One gate's transits of a week, with rows that the status does not look at."""
    row: dict[str, Any] = {
        "gate_code": GATE, "direction": "_T", "vessel_class": "_T", "indicator": "transits",
    }  # fmt: skip
    row |= {"value": value, "obs_status": status, "status_reason": reason}
    others = [row | {"direction": "side_a_to_side_b", "value": 1.0}, row | {"vessel_class": "tanker"}]
    schema = {"value": pl.Float64, "status_reason": pl.String}
    return pl.DataFrame([*others, row | {"indicator": "vessels_waiting"}, row], schema_overrides=schema)


def coverage(**of: float | None) -> pl.DataFrame:
    row = {"place_kind": "gate", "place_code": GATE} | HEARD | of
    return pl.DataFrame([row], schema_overrides=dict.fromkeys(HEARD, pl.Float64))


def weeks(counts: Sequence[float | dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Rows of consecutive weeks: a number is what was observed, a mapping the frames' arguments."""
    names = ["week", *[n for n in load_contract("gold.chokepoint_status_weekly").column_names if n != "week"]]
    rows: list[dict[str, Any]] = []
    empty = pl.DataFrame(
        schema={
            "week": pl.String,
            "gate_code": pl.String,
            "observed_transits": pl.Float64,
            "chokepoint_status": pl.String,
            "obs_status": pl.String,
            "status_reason": pl.String,
        }
    )
    for number, count in enumerate(counts):
        given: dict[str, Any] = count if isinstance(count, dict) else {"value": count}
        heard = coverage(**{name: given[name] for name in HEARD if name in given})
        seen = transits(given["value"], given.get("status", "P"), given.get("reason"))
        look_back = SHIP_RULES.chokepoint_look_back_weeks
        before = pl.DataFrame(rows[-look_back:], schema_overrides=dict(empty.schema)) if rows else empty
        (row,) = chokepoint_status([GATE], seen, heard, before, "P", SHIP_RULES).to_dicts()
        rows.append({"week": W09.plus(number).name, **row})
        assert list(rows[-1]) == names
    return rows


def last(counts: Sequence[float | dict[str, Any] | None]) -> tuple[str, str | None]:
    row = weeks(counts)[-1]
    return row["chokepoint_status"], row["status_reason"]


USUAL: Final = [100.0] * 8


def test_a_closed_strait_is_0_and_closed_in_the_week_in_which_it_closes() -> None:
    row = weeks([*USUAL, 0.0])[-1]
    assert (row["chokepoint_status"], row["observed_transits"], row["coverage_index"]) == ("closed", 0, 1)
    assert (row["usual_transits"], row["baseline_weeks"], row["obs_status"]) == (100, 8, "P")
    assert (row["usual_transits_low"], row["usual_transits_high"]) == (81, 120), "Poisson, 95 %"


@pytest.mark.parametrize(
    ("observed", "status"),
    [(10, "closed"), (11, "restricted"), (70, "restricted"), (71, "open"), (80, "open"), (300, "open")],
)
def test_the_share_of_usual_transits_decides(observed: float, status: str) -> None:
    assert last([*USUAL, observed]) == (status, None)


@pytest.mark.parametrize(("observed", "status"), [(4, "open"), (3, "restricted")])
def test_a_fall_that_a_usual_week_can_have_is_none(observed: float, status: str) -> None:
    """Poisson of mean 10 has 3 or fewer in 1 % of the weeks, 4 or fewer in 3 %; both are under half of the usual."""
    assert last([*[10.0] * 8, observed]) == (status, None)


def test_weeks_that_vary_more_than_chance_have_a_wider_interval() -> None:
    varying = [40.0, 160.0] * 4
    assert last([*varying, 40.0]) == ("open", None)
    assert last([*USUAL, 40.0]) == ("restricted", None)


@pytest.mark.parametrize(("number", "reason"), [(3, "too_few_weeks"), (4, None)])
def test_first_weeks_have_no_usual_week(number: int, reason: str | None) -> None:
    assert last([*[100.0] * number, 0.0])[1] == reason


@pytest.mark.parametrize(("usual", "reason"), [(3.6, "too_few_transits"), (4.0, None)])
def test_where_none_may_be_chance_nothing_is_known(usual: float, reason: str | None) -> None:
    assert last([*[usual] * 8, 0.0])[1] == reason


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ({"value": 0.0, "status": "U", "reason": "vessels_dark"}, "vessels_dark"),
        ({"value": 50.0, "status": "U", "reason": "outage"}, "outage"),
        ({"value": None, "status": "O", "reason": "outage"}, "outage"),
        ({"value": None, "status": "O"}, "outage"),
        ({"value": 0.0, "status": "U", "reason": "interference"}, "interference"),
        ({"value": 0.0, "status": "U", "reason": "jamming"}, "interference"),
        ({"value": 0.0, "coverage_index": None}, "outage"),
    ],
)
def test_what_was_not_heard_is_not_closed(now: dict[str, Any], reason: str) -> None:
    assert last([*USUAL, now]) == ("not_known", reason)


def test_transits_that_were_seen_need_no_coverage() -> None:
    assert last([*USUAL, {"value": 100.0, "coverage_index": None}]) == ("open", None)


def test_a_long_closure_does_not_become_usual_until_a_year_is_over() -> None:
    rows = weeks([*USUAL, *[0.0] * 60])
    look_back = SHIP_RULES.chokepoint_look_back_weeks
    closed = [row["chokepoint_status"] for row in rows[8:]]
    known = look_back - SHIP_RULES.min_baseline_weeks + 1
    assert closed[:known] == ["closed"] * known
    assert set(closed[known:]) == {"not_known"}
    assert rows[8 + known]["status_reason"] == "too_few_weeks"
    assert {row["usual_transits"] for row in rows[8 : 8 + known]} == {100}


def test_a_strait_that_opens_again_is_open() -> None:
    assert last([*USUAL, *[0.0] * 20, 95.0]) == ("open", None)


def test_marked_weeks_are_not_usual_ones() -> None:
    dark = {"value": 40.0, "status": "U", "reason": "vessels_dark"}
    rows = weeks([*USUAL, *[dark] * 6, 60.0])
    assert (rows[-1]["usual_transits"], rows[-1]["baseline_weeks"]) == (100, 8)
    assert rows[-1]["chokepoint_status"] == "restricted"


def test_usual_weeks_are_the_newest() -> None:
    newest = SHIP_RULES.chokepoint_baseline_weeks
    row = weeks([*[500.0] * 9, *[450.0] * newest, 450.0])[-1]
    assert (row["usual_transits"], row["baseline_weeks"]) == (450, newest)


def test_every_gate_has_a_row_whether_or_not_the_feed_reaches_it() -> None:
    gates = [gate.code for gate in read_gates()]
    assert len(gates) == 28
    before = pl.DataFrame(weeks(USUAL), schema_overrides={"status_reason": pl.String})
    rows = chokepoint_status(gates, transits(0.0), coverage(), before, "A", SHIP_RULES)
    assert rows["gate_code"].to_list() == sorted(gates)
    assert rows.filter(gate_code=GATE).select("chokepoint_status", "obs_status").rows() == [("closed", "A")]
    others = rows.filter(pl.col("gate_code") != GATE)
    assert set(others.select("chokepoint_status", "status_reason", "obs_status").rows()) == {
        ("not_known", "not_in_feed", "O")
    }
    assert rows.columns == [
        name for name in load_contract("gold.chokepoint_status_weekly").column_names if name != "week"
    ]
