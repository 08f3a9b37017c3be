"""Zero is a value: rows of observed ports and chokepoints without an event, on both sides of each boundary."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from ais_indicators.contracts.model import load_contract
from ais_indicators.operations.heard_week import HeardWeek
from ais_indicators.periods import Week
from ais_indicators.publish.places import Places
from ais_indicators.publish.portwatch.identities import broken_identities
from ais_indicators.publish.portwatch.layout import CHOKEPOINTS_WEEKLY
from ais_indicators.publish.portwatch.tables import laid_out, strait_rows
from ais_indicators.publish.publication import read_publication
from ais_indicators.publish.sdmx.files import SdmxExport, export_sdmx
from ais_indicators.transforms.chokepoint_activity import (
    RATIOS as GATE_RATIOS,
)
from ais_indicators.transforms.chokepoint_activity import (
    UNITS as GATE_UNITS,
)
from ais_indicators.transforms.chokepoint_activity import (
    weekly_chokepoint_activity,
    with_empty_gates,
)
from ais_indicators.transforms.coverage_status import covered_port_activity
from ais_indicators.transforms.port_activity import (
    RATIOS,
    UNITS,
    weekly_port_activity,
    with_idle_ports,
)
from ais_indicators.week_windows import trailing_weeks
from tests.builders import Row, calls_frame, frame, port_call, transit, waiting_frame
from tests.subject_rules import SHIP_RULES

NOW = Week.parse("2026-W47")
TOTAL = "_T"
GATE_TABLE = "gold.chokepoint_transits_weekly"
PLACES = Places({}, {}, {"suez": "Suez Canal"})
EVERY_WAY = {"side_a_to_side_b", "side_b_to_side_a", TOTAL}


def heard(*rows: tuple[str, int, int]) -> pl.DataFrame:
    """Places of references: code, weeks before now, messages in the place's cell."""
    found = [(NOW.plus(-back).name, code, messages) for code, back, messages in rows]
    schema = {"week": pl.String, "place_code": pl.String, "cell_messages": pl.Int64}
    return pl.DataFrame(found, schema=schema, orient="row")


def call_in(weeks_back: int, port: str = "NLRTM", vessel_class: str = "tanker") -> Row:
    monday = NOW.plus(-weeks_back).monday
    return port_call(f"{monday} 08:00", f"{monday} 20:00", port=port, vessel_class=vessel_class)


def ports(calls: Sequence[Row], places: pl.DataFrame, weeks: Sequence[Week] = (NOW,)) -> pl.DataFrame:
    seen = calls_frame(calls)
    rows = weekly_port_activity(seen, waiting_frame([]), weeks, NOW, rules=SHIP_RULES)
    return with_idle_ports(rows, seen, places, weeks, NOW, rules=SHIP_RULES)


def cells(rows: pl.DataFrame) -> set[tuple[str, str]]:
    return set(rows.select("port_locode", "vessel_class").rows())


def test_a_port_without_a_call_has_zeros_over_all_classes_and_those_seen() -> None:
    rows = ports([call_in(1, vessel_class="roro")], heard(("NLRTM", 0, 5)))
    assert cells(rows) == {(port, of) for port in ("NLRTM", TOTAL) for of in ("roro", TOTAL)}
    assert rows.height == 4 * len(UNITS)
    by_name = {row["indicator"]: (row["value"], row["obs_status"]) for row in rows.to_dicts()}
    assert by_name == {name: (None, "M") if name in RATIOS else (0.0, "P") for name in UNITS}


@pytest.mark.parametrize(("weeks_back", "classes"), [(51, {"roro", TOTAL}), (52, {TOTAL})])
def test_a_class_has_a_row_for_52_weeks(weeks_back: int, classes: set[str]) -> None:
    rows = ports([call_in(weeks_back, vessel_class="roro")], heard(("NLRTM", 0, 5)))
    assert {of for port, of in cells(rows) if port == "NLRTM"} == classes


@pytest.mark.parametrize(("weeks_back", "is_observed"), [(51, True), (52, False)])
def test_a_port_is_observed_for_52_weeks_after_the_last_message(weeks_back: int, is_observed: bool) -> None:
    rows = ports([], heard(("NLRTM", weeks_back, 1), ("NLRTM", 0, 0)))
    assert (("NLRTM", TOTAL) in cells(rows)) == is_observed


def test_a_port_that_the_feed_never_reached_has_no_rows() -> None:
    rows = ports([], heard(("NLRTM", 0, 1), ("FJSUV", 0, 0)))
    assert cells(rows) == {("NLRTM", TOTAL), (TOTAL, TOTAL)}


def test_a_port_has_no_rows_before_it_is_in_the_references() -> None:
    weeks = [NOW.plus(-1), NOW]
    rows = ports([], heard(("NLRTM", 0, 9), ("BEANR", 0, 9), ("BEANR", 1, 9)), weeks)
    assert set(rows.filter(port_locode="NLRTM")["week"]) == {NOW.name}
    assert set(rows.filter(port_locode="BEANR")["week"]) == {week.name for week in weeks}


def test_rows_with_a_call_stay_as_they_are() -> None:
    calls = [call_in(0), call_in(1, vessel_class="roro")]
    plain = weekly_port_activity(calls_frame(calls), waiting_frame([]), [NOW], NOW, rules=SHIP_RULES)
    rows = ports(calls, heard(("NLRTM", 0, 5)))
    key = ["week", "port_locode", "vessel_class", "indicator"]
    assert rows.join(plain, on=plain.columns, how="semi", nulls_equal=True).height == plain.height
    assert rows.select(key).is_unique().all()
    assert cells(rows) - cells(plain) == {("NLRTM", "roro"), (TOTAL, "roro")}


def test_weeks_together_give_the_zeros_that_each_gives_alone() -> None:
    weeks = [NOW.plus(-n) for n in (2, 1, 0)]
    calls = [call_in(2), call_in(53, vessel_class="roro")]
    places = heard(*((code, back, 5) for code in ("NLRTM", "BEANR") for back in (2, 1, 0)))
    alone = pl.concat(ports(calls, places, [week]) for week in weeks)
    together = ports(calls[::-1], places.reverse(), weeks)
    key = ["week", "port_locode", "vessel_class", "indicator"]
    assert together.sort(key).equals(alone.sort(key))


@pytest.mark.parametrize(
    ("index", "arrivals", "median"),
    [
        (1.0, (0.0, "P"), (None, "M")),
        (0.9, (0.0, "P"), (None, "M")),
        (0.89, (None, "O"), (None, "O")),
        (0.49, (None, "O"), (None, "O")),
    ],
)
def test_a_zero_of_an_outage_is_missing(
    index: float, arrivals: tuple[float | None, str], median: tuple[float | None, str]
) -> None:
    coverage = pl.DataFrame(
        {"week": NOW.name, "place_kind": ["port"], "place_code": ["NLRTM"], "coverage_index": [index]}
    )
    rows = covered_port_activity(
        ports([], heard(("NLRTM", 0, 1))), coverage, frame("gold.coverage_daily", []), SHIP_RULES
    )
    rows = rows.filter(port_locode="NLRTM")
    found = {row["indicator"]: (row["value"], row["obs_status"]) for row in rows.to_dicts()}
    assert (found["arrivals"], found["median_hours_in_port"]) == (arrivals, median)
    assert rows["adjustment"].unique().to_list() == ["N"]


def closed_canal() -> pl.DataFrame:
    """Rows of a week without a transit of a canal through which a tanker passed in the week before."""
    before = NOW.plus(-1).monday
    seen = frame("silver.chokepoint_transits", [transit(f"{before} 08:00", hours=2)])
    ships = pl.DataFrame(
        schema={"vessel_id": pl.String, "register_class": pl.String, "deadweight_t": pl.Float64}
    )
    payloads = pl.DataFrame(schema={"transit_id": pl.Int64, "payload_t": pl.Float64})
    waiting = frame("silver.waiting_vessels", [])
    plain = weekly_chokepoint_activity(seen, waiting, ships, payloads, [NOW], NOW, SHIP_RULES)
    assert plain.is_empty()
    rows = with_empty_gates(
        plain, seen, ships, heard(("suez", 0, 7), ("panama", 0, 0)), [NOW], NOW, SHIP_RULES
    )
    return rows.with_columns(status_reason=pl.lit(None, pl.String))


def test_a_closed_canal_reads_0_in_every_direction() -> None:
    rows = closed_canal()
    assert tuple(rows.columns) == load_contract(GATE_TABLE).column_names
    assert set(rows["gate_code"]) == {"suez"}
    assert set(rows["direction"]) == EVERY_WAY
    assert set(rows["vessel_class"]) == {"tanker", TOTAL}
    inside = {"vessels_inside", "vessels_waiting"}
    assert set(rows.filter(pl.col("indicator").is_in(list(inside)))["direction"]) == {TOTAL}
    by_name = {row["indicator"]: (row["value"], row["obs_status"]) for row in rows.to_dicts()}
    assert by_name == {name: (None, "M") if name in GATE_RATIOS else (0.0, "P") for name in GATE_UNITS}


def test_a_closed_canal_is_0_in_portwatchs_file() -> None:
    rows = laid_out(strait_rows(closed_canal()), CHOKEPOINTS_WEEKLY, PLACES)
    found = rows.select("portid", "n_tanker", "n_total", "capacity_tanker", "capacity").rows()
    assert found == [("chokepoint1", 0, 0, 0.0, 0.0)]
    assert broken_identities(rows, CHOKEPOINTS_WEEKLY) == []


def test_a_closed_canal_is_0_in_sdmx_and_its_median_not_applicable(tmp_path: Path) -> None:
    prepared = datetime(2026, 11, 30, tzinfo=UTC)
    asked = SdmxExport("sdmx-csv", "3.0", read_publication(), PLACES, ["Office of Coasts"], [], prepared)
    export_sdmx([(GATE_TABLE, closed_canal())], asked, tmp_path)
    with next(tmp_path.glob("*.sdmx.csv")).open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    found = {(one["INDICATOR"], one["OBS_VALUE"], one["OBS_STATUS"]) for one in lines}
    assert ("transits", "0", "P") in {(name, value.removesuffix(".0"), code) for name, value, code in found}
    assert ("median_hours", "", "M") in found


def test_weeks_that_count_are_52_with_the_week_itself() -> None:
    weeks = trailing_weeks(NOW, SHIP_RULES)
    assert (len(weeks), weeks[0], weeks[-1]) == (52, NOW.plus(-51), NOW)


@pytest.mark.parametrize(
    ("hours", "days", "words"),
    [
        (24, 1, "1 of 7 days (24 of 168 hours) is not a week: the table shows what was counted, and the"),
        (83, 4, "the release marks its values as missing (O); ingest the other days of 2026-W47"),
        (
            84,
            4,
            "4 of 7 days (84 of 168 hours) are not a week: the release marks its values of low reliability",
        ),
        (151, 7, "low reliability (U)"),
    ],
)
def test_a_part_of_a_week_is_said_with_what_to_ingest(hours: int, days: int, words: str) -> None:
    heard = HeardWeek(NOW, hours, days, SHIP_RULES)
    assert words in heard.sentence
    assert heard.has_values == (hours >= 84)


def test_a_week_that_was_heard_needs_no_sentence() -> None:
    assert HeardWeek(NOW, 152, 7, SHIP_RULES).sentence == ""
