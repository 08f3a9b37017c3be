"""Which tonnes are held against the truth: of which weeks, and of which calls."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from ais_indicators.periods import Period, Week
from ais_simulator.evaluation.tonnes import assess_tonnes
from ais_simulator.evaluation.truth import Truth
from tests.builders import utc

WEEKS = Period(Week.parse("2026-W02"), Week.parse("2026-W04"))
SECOND = Period(Week.parse("2026-W03"), Week.parse("2026-W03"))


def calls(*rows: tuple[str, str | None, float, float]) -> tuple[Truth, pl.DataFrame]:
    """Calls of tankers at BBBBB: day, port before, true and found tonnes put ashore; all of 10 h."""
    truth, sailed, found = [], [], []
    for number, (day, origin, true_t, found_t) in enumerate(rows):
        began: datetime = utc(f"2026-01-{day} 00:00")
        who = {"imo": number + 1, "port_locode": "BBBBB", "began": began}
        truth.append(
            who | {"ended": utc(f"2026-01-{day} 10:00"), "vessel_class": "tanker", "payload_arrival_t": true_t,
                   "payload_departure_t": 0.0, "tonnes_unloaded": true_t}
        )  # fmt: skip
        if origin:
            sailed.append(
                {
                    "imo": number + 1,
                    "origin_locode": origin,
                    "destination_locode": "BBBBB",
                    "arrived_at_utc": began,
                }
            )
        found.append(
            {"voyage_id": str(number), "vessel_id": f"imo-{number + 1}", "vessel_class": "tanker",
             "origin_call_id": number if origin else None, "origin_locode": origin, "destination_locode": "BBBBB",
             "destination_arrived_at_utc": began, "week": began.strftime("%G-W%V"), "counts_for_trade": True,
             "tonnes_unloaded": found_t, "measurement_sd_t": 1.0, "support_sd_t": 0.0, "guess_unloaded_t": 0.0,
             "guess_unloaded_sd_t": 0.0}
        )  # fmt: skip
    none = pl.DataFrame()
    return Truth(WEEKS, pl.DataFrame(truth), none, none, none, none, pl.DataFrame(sailed)), pl.DataFrame(
        found
    )


def assessed(weeks: Period | None, *rows: tuple[str, str | None, float, float]) -> dict[str, Any]:
    draws = pl.DataFrame(schema={"voyage_id": pl.String, "draw": pl.Int32, "net_load_t": pl.Float64})
    return assess_tonnes(*calls(*rows), draws, 20, 0.9, weeks)


EACH_WEEK = (("06", "AAAAA", 100.0, 100.0), ("13", "AAAAA", 100.0, 110.0), ("20", "AAAAA", 100.0, 130.0))


@pytest.mark.parametrize(("weeks", "true", "found"), [(None, 300.0, 340.0), (SECOND, 100.0, 110.0)])
def test_only_the_given_weeks_are_assessed(weeks: Period | None, true: float, found: float) -> None:
    result = assessed(weeks, *EACH_WEEK)
    assert (result["true"], result["found"]) == (true, found)
    assert result["relative_error"] == pytest.approx(found / true - 1)


def test_calls_of_unknown_origin_are_assessed_too() -> None:
    result = assessed(None, *EACH_WEEK, ("07", None, 50.0, 40.0))
    assert (result["true"], result["found"]) == (300.0, 340.0)
    assert (result["all_calls"]["true"], result["all_calls"]["found"]) == (350.0, 380.0)


def test_coverage_is_reported_by_kind_of_interval() -> None:
    kinds = assessed(None, *EACH_WEEK)["coverage_by_kind"]
    assert kinds["class_and_week"] == {"share": pytest.approx(1 / 3), "intervals": 3}
    assert kinds["port"] == {"share": 0.0, "intervals": 1}
    assert kinds["country_pair"] == {"share": 0.0, "intervals": 1}
