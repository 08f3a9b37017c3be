"""What low coverage does to published figures: marked, taken away, adjusted, missing."""

from typing import Any

import polars as pl
import pytest

from ais_indicators.periods import Week
from ais_indicators.transforms.coverage_status import covered, covered_port_activity
from ais_indicators.transforms.trade_flows import covered_flows

W09 = Week.parse("2026-W09")


def figure(value: float | None, index: float | None, status: str = "P") -> tuple[float | None, str]:
    rows = pl.DataFrame(
        {"place": ["x"], "value": [value], "obs_status": [status]}, schema_overrides={"value": pl.Float64}
    )
    coverage = pl.DataFrame(
        {"place": ["x"], "coverage_index": [index]}, schema_overrides={"coverage_index": pl.Float64}
    )
    out = covered(rows, coverage, ["place"], ["place"]).row(0, named=True)
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
def test_low_coverage_marks_a_figure_or_takes_it_away(
    value: float | None, index: float | None, status: str, then: tuple[float | None, str]
) -> None:
    assert figure(value, index, status) == then


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


def test_arrivals_and_departures_are_adjusted_beside_the_plain_figure() -> None:
    rows = pl.DataFrame([activity("arrivals", 12), activity("median_hours_in_port", 20)])
    out = covered_port_activity(rows, of_ports(NLRTM=0.8)).sort("indicator", "adjustment")
    found = out.select("indicator", "adjustment", "value", "obs_status").rows()
    assert found == [
        ("arrivals", "C", pytest.approx(15.0), "E"),
        ("arrivals", "N", 12.0, "U"),
        ("median_hours_in_port", "N", 20.0, "U"),
    ]


def test_a_port_of_which_an_outage_left_nothing_is_missing_and_not_0() -> None:
    rows = pl.DataFrame([activity("arrivals", 0, port) for port in ("BEANR", "FJSUV", "NLRTM")])
    out = covered_port_activity(rows, of_ports(NLRTM=0.2, BEANR=0.9, FJSUV=0.89)).sort("port_locode")
    found = out.select("port_locode", "value", "obs_status", "adjustment").rows()
    assert found == [("BEANR", 0.0, "P", "N"), ("FJSUV", None, "O", "N"), ("NLRTM", None, "O", "N")]


def test_a_flow_is_judged_where_it_ended_on_both_sides_alike() -> None:
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
    out = covered_flows(flows, coverage)
    assert out.select("value", "obs_status", "interval_high").rows() == [
        (None, "O", None),
        (None, "O", None),
        (90.0, "U", 105.0),
    ]
