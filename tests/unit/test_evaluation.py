"""Found events held against true ones: pairs, misses and falsehoods, times, and causes."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.periods import Period, Week
from ais_simulator.evaluation.plots import write_pictures
from ais_simulator.evaluation.scores import Evaluation, evaluate
from ais_simulator.evaluation.transits import TransitScores, assess_transits
from ais_simulator.evaluation.truth import Truth, read_truth
from tests.builders import utc

W02, W03 = Week.parse("2026-W02"), Week.parse("2026-W03")  # 5 to 18 January
MOMENT = pl.Datetime("us", "UTC")
EVENT = pl.Schema({"mmsi": pl.Int64(), "port_locode": pl.String(), "began": MOMENT, "ended": MOMENT})
CHANGE = pl.Schema(
    {"kind": pl.String(), "mmsi_before": pl.Int64(), "mmsi_after": pl.Int64(), "at_utc": MOMENT}
)
FOUND = pl.Schema(
    {
        "mmsi": pl.Int64(),
        "port_locode": pl.String(),
        "event_type": pl.String(),
        "first_seen_at_utc": MOMENT,
        "last_seen_at_utc": MOMENT,
        "arrived_at_utc": MOMENT,
        "departed_at_utc": MOMENT,
        "arrival_week": pl.String(),
    }
)
SHIP = 366000001


def moment(text: str | None) -> datetime | None:
    return utc(f"2026-01-{text}") if text else None


def true(began: str | None, ended: str | None, mmsi: int = SHIP, port: str = "XXAAA") -> dict[str, Any]:
    return {"mmsi": mmsi, "port_locode": port, "began": moment(began), "ended": moment(ended)}


def found(
    began: str,
    ended: str,
    kind: str = "port_call",
    mmsi: int = SHIP,
    port: str = "XXAAA",
    *,
    sees_ends: bool = True,
) -> dict[str, Any]:
    first, last = moment(began), moment(ended)
    assert first
    return {
        "mmsi": mmsi,
        "port_locode": port,
        "event_type": kind,
        "first_seen_at_utc": first,
        "last_seen_at_utc": last,
        "arrived_at_utc": first if sees_ends else None,
        "departed_at_utc": last if sees_ends else None,
        "arrival_week": Week.of(first.date()).name if sees_ends else None,
    }


def assessed(
    calls: list[dict[str, Any]],
    seen: list[dict[str, Any]],
    passages: list[dict[str, Any]] | None = None,
    changes: list[dict[str, Any]] | None = None,
    week: Week | None = None,
) -> Evaluation:
    events, passed = (pl.DataFrame(rows or [], schema=EVENT) for rows in (calls, passages))
    truth = Truth(
        Period(W02, W03),
        events,
        passed,
        pl.DataFrame(changes or [], schema=CHANGE),
        pl.DataFrame(),
        pl.DataFrame(),
    )
    return evaluate(truth, pl.DataFrame(seen, schema=FOUND), week)


def of_calls(evaluation: Evaluation) -> tuple[int, int, int]:
    """Pairs, misses and falsehoods."""
    calls = evaluation.calls
    return calls.pairs.height, calls.missed.height, calls.false.height


def test_calls_that_overlap_are_pairs_and_their_times_are_compared() -> None:
    result = assessed(
        [true("06 10:00", "07 10:00"), true("09 10:00", "10 10:00")],
        [found("06 10:02", "07 10:06"), found("09 09:58", "10 10:00")],
    )
    assert of_calls(result) == (2, 0, 0)
    assert result.arrival_errors_minutes.to_list() == [2.0, -2.0]
    assert result.departure_errors_minutes.to_list() == [6.0, 0.0]
    assert result.plain()["port_calls"] == {"precision": 1.0, "recall": 1.0, "true": 2, "found": 2}
    assert result.plain()["arrival_error_minutes"] == {"median": 2.0, "p95": 2.0}
    assert result.causes["port_calls_missed"] == {}


def test_ends_that_were_not_seen_have_no_error() -> None:
    result = assessed([true("06 10:00", "07 10:00")], [found("06 14:00", "07 02:00", sees_ends=False)])
    assert of_calls(result) == (1, 0, 0)
    assert result.plain()["arrival_error_minutes"] == {"median": None, "p95": None}


@pytest.mark.parametrize(("began", "pairs"), [("07 10:15", 1), ("07 10:16", 0)])
def test_events_within_a_quarter_of_an_hour_are_one(began: str, pairs: int) -> None:
    assert of_calls(assessed([true("06 10:00", "07 10:00")], [found(began, "07 23:00")]))[0] == pairs


@pytest.mark.parametrize(
    "seen", [found("06 10:00", "07 10:00", port="XXBBB"), found("06 10:00", "07 10:00", mmsi=2)]
)
def test_another_port_or_ship_is_no_pair(seen: dict[str, Any]) -> None:
    assert of_calls(assessed([true("06 10:00", "07 10:00")], [seen])) == (0, 1, 1)


def test_each_event_counts_once_and_the_longest_overlap_wins() -> None:
    result = assessed(
        [true("06 10:00", "07 10:00")], [found("06 10:00", "06 12:00"), found("06 13:00", "07 10:00")]
    )
    assert of_calls(result) == (1, 0, 1)
    assert result.calls.false["began"].to_list() == [moment("06 10:00")]
    assert result.causes["port_calls_false"] == {"one event split in two": 1}


@pytest.mark.parametrize("open_end", [(None, "06 10:00"), ("17 10:00", None)])
def test_what_reaches_beyond_the_weeks_is_neither_right_nor_wrong(
    open_end: tuple[str | None, str | None],
) -> None:
    calls = [true(*open_end), true("09 10:00", "10 10:00")]
    seen = [found(open_end[0] or "05 00:00", open_end[1] or "18 23:00"), found("09 10:00", "10 10:00")]
    assert of_calls(assessed(calls, seen)) == (1, 0, 0)
    assert of_calls(assessed(calls, seen[1:])) == (1, 0, 0)


def test_causes_are_distinguished() -> None:
    result = assessed(
        calls=[
            true("06 10:00", "06 20:00"),
            true("07 10:00", "07 20:00", mmsi=2),
            true("08 10:00", "08 20:00", mmsi=3),
            true("08 21:00", "08 23:00", mmsi=3),
            true("09 10:00", "09 20:00", mmsi=4),
        ],
        passages=[true("10 10:00", "10 10:20", mmsi=5)],
        seen=[
            found("06 10:00", "06 20:00", "passage"),
            found("08 10:00", "08 23:00", mmsi=3),
            found("10 10:00", "10 10:20", mmsi=5),
            found("11 10:00", "11 10:20", mmsi=6),
        ],
        changes=[{"kind": "change", "mmsi_before": 1, "mmsi_after": 4, "at_utc": moment("10 10:00")}],
    )
    assert result.causes["port_calls_missed"] == {
        "classified as the other kind": 1,
        "merged with the event before or after": 1,
        "number changed or shared": 1,
        "not seen": 1,
    }
    assert result.causes["port_calls_false"] == {"true event of the other kind": 1, "no ship was there": 1}


def test_a_release_is_assessed_by_its_week() -> None:
    calls = [true("06 10:00", "13 10:00"), true("13 11:00", None)]
    seen = [found("06 10:00", "13 10:00"), found("13 11:00", "18 10:00")]
    assert of_calls(assessed(calls, seen, week=W02)) == (1, 0, 0)
    assert of_calls(assessed(calls, seen[:1], week=W03)) == (0, 1, 0)
    assert assessed(calls, seen, week=W03).arrivals.rows() == [("2026-W03", 1, 1)]


def test_without_any_event_there_is_no_share() -> None:
    result = assessed([], [])
    assert (result.calls.precision, result.calls.recall) == (None, None)
    assert json.dumps(result.plain())


def test_pictures_are_drawn_also_of_nothing(tmp_path: Path) -> None:
    positions = pl.DataFrame(
        {
            "track_id": [1, 1, 1],
            "observed_at_utc": [moment("06 10:00"), moment("06 10:10"), moment("06 10:20")],
            "latitude": [10.0, 10.1, 10.2],
            "longitude": [179.9, -179.9, -179.8],
            "port_locode": [None, None, "XXAAA"],
        }
    )
    ring = [(179.7, 10.0), (179.95, 10.0), (179.95, 10.3), (179.7, 10.0)]
    result = assessed([true("06 10:00", "07 10:00")], [found("06 10:02", "07 10:06")])
    for given, areas in ((positions, [("port", ring)]), (positions.clear(), [])):
        paths = write_pictures(result, given, areas, tmp_path / "out")
        assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="has no ground truth"):
        read_truth(tmp_path)
    (tmp_path / "simulation.json").write_text('{"first_week": "2026-W02", "weeks": 2}')
    with pytest.raises(BadInputError, match=r"lacks port_calls\.parquet"):
        read_truth(tmp_path)


TRANSIT = pl.Schema(
    {"mmsi": pl.Int64(), "gate_code": pl.String(), "direction": pl.String(), "is_counted": pl.Boolean()}
)
WAY = {"mmsi": SHIP, "gate_code": "suez", "direction": "side_a_to_side_b", "is_counted": True}


def assessed_transits(
    true_rows: list[dict[str, Any]], found_rows: list[dict[str, Any]], week: Week | None = None
) -> TransitScores:
    """Rows are `WAY` with `began` and `ended`, found ones with `is_complete` too."""
    ends = {"began": MOMENT, "ended": MOMENT}
    transits = pl.DataFrame(true_rows, schema={**TRANSIT, **ends})
    empty = pl.DataFrame(schema=EVENT)
    truth = Truth(Period(W02, W03), empty, empty, pl.DataFrame(schema=CHANGE), pl.DataFrame(), transits)
    seen = pl.DataFrame(
        found_rows, schema={**TRANSIT, **ends, "is_complete": pl.Boolean(), "is_inferred": pl.Boolean()}
    ).with_columns(pl.col("is_inferred").fill_null(False))
    renamed = seen.rename({"began": "entered_at_utc", "ended": "left_at_utc"})
    return assess_transits(truth, renamed, week)


def test_transits_are_paired_by_ship_gate_and_direction() -> None:
    times = {"began": moment("06 10:00"), "ended": moment("09 10:00")}
    back = {"direction": "side_b_to_side_a"}
    scores = assessed_transits(
        [WAY | times, WAY | times | {"gate_code": "dover"}],
        [
            WAY | {"began": moment("06 10:05"), "ended": moment("09 10:05"), "is_complete": True},
            WAY | times | back | {"gate_code": "dover", "is_complete": True, "is_counted": False},
        ],
    )
    assert {
        code: (of.pairs.height, of.missed.height, of.false.height) for code, of in scores.by_gate.items()
    } == {
        "suez": (1, 0, 0),
        "dover": (0, 1, 1),
    }
    assert scores.causes == {
        "missed": {"taken for another": 1},
        "false": {"wrong direction, or counted twice": 1},
    }
    assert scores.plain()["by_gate"]["dover"] == {
        "precision": 0.0, "recall": 0.0, "true": 1, "found": 1, "counted_true": 1, "counted_found": 0
    }  # fmt: skip


def test_a_transit_seen_on_one_side_only_is_missed_and_says_so() -> None:
    times = {"began": moment("06 10:00"), "ended": moment("06 12:00")}
    lost = {"ended": None, "is_complete": False, "is_counted": False}
    scores = assessed_transits([WAY | times], [WAY | times | lost])
    assert (scores.matched.true, scores.matched.found) == (1, 0)
    assert scores.causes == {"missed": {"seen on one side only": 1}, "false": {}}


def test_an_inferred_transit_is_found() -> None:
    times = {"began": moment("06 10:00"), "ended": moment("06 12:00")}
    heard = {"began": moment("06 03:00"), "ended": moment("06 15:00")}
    scores = assessed_transits([WAY | times], [WAY | heard | {"is_complete": False, "is_inferred": True}])
    assert (scores.matched.pairs.height, scores.causes) == (1, {"missed": {}, "false": {}})


def test_transits_of_one_week_are_those_that_began_in_it() -> None:
    early = {"began": moment("11 23:00"), "ended": moment("12 01:00")}
    late = {"began": moment("12 00:00"), "ended": moment("12 02:00")}
    both = [WAY | early | {"mmsi": 1}, WAY | late | {"mmsi": 2}]
    scores = assessed_transits(both, [row | {"is_complete": True} for row in both], W03)
    assert (scores.matched.pairs["mmsi"].to_list(), scores.matched.found) == ([2], 1)


def test_port_calls_are_scored_by_the_true_class_and_false_ones_of_strangers_are_unknown() -> None:
    ferry, stranger = SHIP + 1, SHIP + 2
    calls = pl.DataFrame(
        [
            true("06T00:00", "06T10:00"),
            true("07T00:00", "07T01:00", ferry),
            true("08T00:00", "08T01:00", ferry),
        ],
        schema=EVENT,
    ).with_columns(
        vessel_class=pl.when(pl.col("mmsi") == ferry).then(pl.lit("passenger")).otherwise(pl.lit("tanker"))
    )
    no_events = pl.DataFrame(schema=calls.schema)
    truth = Truth(
        Period(W02, W02), calls, no_events, pl.DataFrame(schema=CHANGE), pl.DataFrame(), pl.DataFrame()
    )
    seen = pl.DataFrame(
        [
            found("06T00:00", "06T10:00"),
            found("07T00:00", "07T01:00", mmsi=ferry),
            found("09T00:00", "09T01:00", mmsi=ferry),
            found("09T00:00", "09T01:00", mmsi=stranger),
        ],
        schema=FOUND,
    )
    by_class = evaluate(truth, seen).plain()["port_calls_by_class"]
    assert {name: (of["true"], of["found"], of["recall"]) for name, of in by_class.items()} == {
        "passenger": (2, 2, 0.5),
        "tanker": (1, 1, 1.0),
        "unknown": (0, 1, None),
    }
    assert by_class["passenger"]["precision"] == 0.5
