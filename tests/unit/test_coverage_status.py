"""What low coverage does to published values: marked, taken away, adjusted, missing."""

from typing import Any

import polars as pl
import pytest

from ais_indicators.periods import Week
from ais_indicators.transforms.coverage_status import covered, covered_port_activity, with_weekly_marks
from ais_indicators.transforms.trade_flows import covered_flows
from tests.builders import frame
from tests.subject_rules import SHIP_RULES

W09 = Week.parse("2026-W09")
NO_DAYS = frame("gold.coverage_daily", [])


def figure(value: float | None, index: float | None, status: str = "P") -> tuple[float | None, str]:
    rows = pl.DataFrame(
        {"place": ["x"], "value": [value], "obs_status": [status]}, schema_overrides={"value": pl.Float64}
    )
    coverage = pl.DataFrame(
        {"place": ["x"], "coverage_index": [index]}, schema_overrides={"coverage_index": pl.Float64}
    )
    out = covered(rows, coverage, ["place"], ["place"], SHIP_RULES).row(0, named=True)
    return out["value"], out["obs_status"]


@pytest.mark.parametrize(
    ("value", "index", "status", "then"),
    [
        (9.0, 0.9, "P", (9.0, "P")),
        (9.0, 0.899, "P", (9.0, "U")),
        (9.0, 0.899, "A", (9.0, "U")),
        (9.0, 0.899, "E", (9.0, "E")),
        (9.0, 0.5, "P", (9.0, "U")),
        (9.0, 0.499, "P", (None, "O")),
        (9.0, 0.499, "E", (None, "O")),
        (0.0, 0.899, "P", (None, "O")),
        (0.0, 0.9, "P", (0.0, "P")),
        (9.0, None, "P", (9.0, "P")),
        (0.0, None, "A", (0.0, "A")),
        (None, 1.0, "O", (None, "O")),
        (None, 0.3, "Q", (None, "Q")),
        (None, 0.9, "M", (None, "M")),
        (None, None, "M", (None, "M")),
        (None, 0.899, "M", (None, "O")),
    ],
)  # fmt: skip
def test_low_coverage_marks_a_value_or_takes_it_away(
    value: float | None, index: float | None, status: str, then: tuple[float | None, str]
) -> None:
    assert figure(value, index, status) == then


def marked(value: float | None = 9.0, status: str = "P", **marks: float | None) -> tuple[Any, ...]:
    """Value, status and reason of a value at a place with these marks, heard and undisturbed unless given."""
    names = ("coverage_index", "sender_index", "interfered_share", "shown_vessel_hours", "jammed_hours")
    of_place = dict(zip(names, (1.0, 1.0, 0.0, 0.0, 0.0), strict=True)) | marks
    coverage = pl.DataFrame([{"place": "x"} | of_place], schema_overrides=dict.fromkeys(names, pl.Float64))
    rows = pl.DataFrame(
        [{"place": "x", "value": value, "obs_status": status}], schema_overrides={"value": pl.Float64}
    )
    return (
        covered(rows, coverage, ["place"], ["place"], SHIP_RULES)
        .select("value", "obs_status", "status_reason")
        .row(0)
    )


@pytest.mark.parametrize(
    ("marks", "then"),
    [
        ({}, (9.0, "P", None)),
        ({"coverage_index": 0.899}, (9.0, "U", "outage")),
        ({"coverage_index": 0.499}, (None, "O", "outage")),
        ({"sender_index": 0.8}, (9.0, "P", None)),
        ({"sender_index": 0.799}, (9.0, "U", "vessels_dark")),
        ({"sender_index": 0.0}, (9.0, "U", "vessels_dark")),
        ({"sender_index": None}, (9.0, "P", None)),
        ({"interfered_share": 0.1}, (9.0, "P", None)),
        ({"interfered_share": 0.101}, (9.0, "U", "interference")),
        ({"shown_vessel_hours": 0.0}, (9.0, "P", None)),
        ({"shown_vessel_hours": 1.0}, (9.0, "U", "interference")),
        ({"jammed_hours": 16}, (9.0, "P", None)),
        ({"jammed_hours": 17}, (9.0, "U", "jamming")),
        ({"coverage_index": 0.8, "sender_index": 0.1}, (9.0, "U", "outage")),
        ({"sender_index": 0.1, "interfered_share": 0.5}, (9.0, "U", "vessels_dark")),
        ({"interfered_share": 0.5, "jammed_hours": 100}, (9.0, "U", "interference")),
    ],
)  # fmt: skip
def test_each_mark_has_its_reason(marks: dict[str, float | None], then: tuple[Any, ...]) -> None:
    assert marked(9.0, "P", **marks) == then


@pytest.mark.parametrize(
    ("value", "status", "then"),
    [
        (0.0, "A", (0.0, "U", "vessels_dark")),
        (9.0, "E", (9.0, "E", None)),
        (None, "Q", (None, "Q", None)),
        (None, "O", (None, "O", None)),
        (None, "M", (None, "M", None)),
    ],
)
def test_a_zero_while_vessels_are_dark_stays_and_other_statuses_have_no_reason(
    value: float | None, status: str, then: tuple[Any, ...]
) -> None:
    assert marked(value, status, sender_index=0.5) == then


@pytest.mark.parametrize(
    ("marks", "adjustments"), [({"coverage_index": 0.8}, ["COVERAGE", "N"]), ({"sender_index": 0.5}, ["N"])]
)
def test_only_an_outage_is_adjusted_for(marks: dict[str, float], adjustments: list[str]) -> None:
    coverage = of_ports(NLRTM=1.0).with_columns(pl.lit(value).alias(name) for name, value in marks.items())
    rows = covered_port_activity(pl.DataFrame([activity("arrivals", 9)]), coverage, NO_DAYS, SHIP_RULES).sort(
        "adjustment"
    )
    assert rows["adjustment"].to_list() == adjustments
    assert rows.filter(adjustment="N").select("value", "obs_status").row(0) == (9.0, "U")
    assert rows.filter(adjustment="COVERAGE")["status_reason"].to_list() == [None] * (len(adjustments) - 1)


def test_days_take_the_sender_part_of_their_week() -> None:
    daily = pl.DataFrame(
        {"week": [W09.name] * 2, "place_code": ["NLRTM", "BEANR"], "coverage_index": [0.8, 1.0]}
    )
    weekly = of_ports(NLRTM=1.0).with_columns(
        sender_index=0.5, interfered_share=0.0, shown_vessel_hours=0.0, jammed_hours=3
    )
    found = with_weekly_marks(daily, weekly)
    assert found.select("coverage_index", "sender_index").rows() == [(0.8, 0.5), (1.0, None)]


def activity(indicator: str, value: float, port: str = "NLRTM") -> dict[str, Any]:
    unit = "calls" if indicator in ("arrivals", "departures") else "h"
    keys = {"week": W09.name, "port_locode": port, "vessel_class": "tanker", "indicator": indicator}
    return keys | {"value": float(value), "unit": unit, "obs_status": "P", "conf_status": "F"}


def of_ports(**index: float) -> pl.DataFrame:
    rows = [
        {
            "week": W09.name,
            "place_kind": "port",
            "place_code": code,
            "coverage_index": i,
            "usual_arrivals": 5.0,
        }
        for code, i in index.items()
    ]
    return pl.DataFrame(rows)


def test_arrivals_and_departures_are_adjusted_beside_the_plain_value() -> None:
    rows = pl.DataFrame([activity("arrivals", 12), activity("median_hours_in_port", 20)])
    out = covered_port_activity(rows, of_ports(NLRTM=0.8), NO_DAYS, SHIP_RULES).sort(
        "indicator", "adjustment"
    )
    found = out.select("indicator", "adjustment", "value", "obs_status").rows()
    assert found == [
        ("arrivals", "COVERAGE", pytest.approx(15.0), "E"),
        ("arrivals", "N", 12.0, "U"),
        ("median_hours_in_port", "N", 20.0, "U"),
    ]


def test_a_port_of_which_an_outage_left_nothing_is_missing_and_not_0() -> None:
    rows = pl.DataFrame([activity("arrivals", 0, port) for port in ("BEANR", "FJSUV", "NLRTM")])
    coverage = of_ports(NLRTM=0.2, BEANR=0.9, FJSUV=0.89)
    out = covered_port_activity(rows, coverage, NO_DAYS, SHIP_RULES).sort("port_locode")
    found = out.select("port_locode", "value", "obs_status", "adjustment").rows()
    assert found == [("BEANR", 0.0, "P", "N"), ("FJSUV", None, "O", "N"), ("NLRTM", None, "O", "N")]


@pytest.mark.parametrize(
    ("weekday", "index", "value", "then"),
    [
        (6, 0.899, 9, (9.0, "U")),
        (6, 0.9, 9, (9.0, "P")),
        (5, 0.0, 9, (9.0, "P")),
        (6, 0.0, 9, (9.0, "U")),
        (6, 0.899, 0, (None, "O")),
    ],
    ids=["low", "not low", "day before", "nothing heard", "zero"],
)
def test_vessels_at_the_weeks_end_are_marked_by_its_last_day(
    weekday: int, index: float, value: float, then: tuple[float | None, str]
) -> None:
    days = {
        "week": W09.name,
        "observed_on": W09.days[weekday],
        "place_code": "NLRTM",
        "coverage_index": index,
    }
    rows = pl.DataFrame([activity("arrivals", 9), activity("calls_in_progress", value)])
    out = covered_port_activity(rows, of_ports(NLRTM=1.0), pl.DataFrame([days]), SHIP_RULES).sort("indicator")
    assert out.select("value", "obs_status").rows() == [(9.0, "P"), then]


def test_a_flow_is_assessed_where_it_ended_on_both_sides_alike() -> None:
    def flow(reporter: str, partner: str, direction: str) -> dict[str, Any]:
        keys = {"week": W09.name, "reporter_level": "country", "reporter": reporter, "partner": partner}
        numbers = {"value": 90.0, "standard_error": 9.0, "interval_low": 75.0, "interval_high": 105.0}
        return keys | {"direction": direction, "obs_status": "P"} | numbers

    flows = pl.DataFrame(
        [flow("NLD", "FJI", "export"), flow("FJI", "NLD", "import"), flow("NLD", "_T", "export")]
    )
    coverage = pl.DataFrame(
        {
            "week": [W09.name] * 2,
            "place_kind": ["country"] * 2,
            "place_code": ["FJI", "NLD"],
            "coverage_index": [0.4, 0.8],
        }
    )
    out = covered_flows(flows, coverage, SHIP_RULES)
    assert out.select("value", "obs_status", "interval_high").rows() == [
        (None, "O", None),
        (None, "O", None),
        (90.0, "U", 105.0),
    ]
