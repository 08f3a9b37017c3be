"""Releases in PortWatch's columns: the columns, what adds up, and what is omitted rather than wrong."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.geo.gate_files import read_gate_file
from ais_indicators.publish.places import Places
from ais_indicators.publish.portwatch.days import (
    all_days,
    calls_by_day,
    tonnes_by_day,
    transits_by_day,
    weeks_that_differ,
)
from ais_indicators.publish.portwatch.files import export_portwatch
from ais_indicators.publish.portwatch.identities import broken_identities
from ais_indicators.publish.portwatch.layout import (
    CALLS,
    CAPACITY,
    CHOKEPOINTS_DAILY,
    CHOKEPOINTS_WEEKLY,
    EXPORT,
    IMPORT,
    PORTS_DAILY,
    PORTS_WEEKLY,
    STRAITS,
    Measure,
    strait_ids,
)
from ais_indicators.publish.portwatch.layout import TRANSITS as PASSED
from ais_indicators.publish.portwatch.tables import laid_out, port_rows, strait_rows
from tests.release_lake import (
    ACTIVITY,
    DAILY,
    DAYS,
    ENDED_VOYAGES,
    ENTERED_TRANSITS,
    EVENTS,
    FIRST_ROWS,
    FLOWS,
    SECOND_ROWS,
    TRANSITS,
    VOYAGES,
    Row,
    arrivals,
    tables,
    tonnes,
    transits,
)

PLACES = Places(
    {"NLRTM": "Rotterdam", "WPI10": "Tiny"}, {"NLRTM": "NLD"}, {"suez": "Suez Canal", "own_gate": "Ours"}
)
ROTTERDAM = "port1114"
CLASSES = ("container", "dry_bulk", "general_cargo", "roro", "tanker", "cargo")
DATES = ["date", "year", "month", "day"]
PORT_COLUMNS = [
    *DATES,
    *("portid", "portname", "country", "ISO3"),
    *(f"portcalls_{one}" for one in CLASSES),
    "portcalls",
    *(f"import_{one}" for one in CLASSES),
    "import",
    *(f"export_{one}" for one in CLASSES),
    "export",
    "ObjectId",
]
"""Columns of PortWatch's `Daily_Ports_Data`."""

STRAIT_COLUMNS = [
    *DATES,
    *("portid", "portname"),
    *(f"n_{one}" for one in CLASSES),
    "n_total",
    *(f"capacity_{one}" for one in CLASSES),
    "capacity",
    "ObjectId",
]
"""Columns of PortWatch's `Daily_Chokepoints_Data`."""


def frame(table: str, rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(tables({table: rows})[table])


def weekly(activity: list[Row], flows: list[Row] | None = None) -> pl.DataFrame:
    return laid_out(port_rows(frame(ACTIVITY, activity), frame(FLOWS, flows or [])), PORTS_WEEKLY, PLACES)


def straits(rows: list[Row]) -> pl.DataFrame:
    return laid_out(strait_rows(frame(TRANSITS, rows)), CHOKEPOINTS_WEEKLY, PLACES)


def calls(rows: pl.DataFrame) -> list[Any]:
    """Container, dry bulk, general cargo, ro-ro, tanker, cargo, all, unspecified of the only row."""
    names = [f"portcalls_{name}" for name in CLASSES]
    return list(rows.select(*names, "portcalls", "portcalls_cargo_unspecified").row(0))


def values(rows: pl.DataFrame, port: str, prefix: str) -> list[Any]:
    names = [f"{prefix}_{name}" for name in CLASSES]
    return list(rows.filter(portid=port).select(*names, prefix, f"{prefix}_cargo_unspecified").row(0))


def test_the_columns_are_portwatchs_and_after_them_one_a_measure_of_our_own() -> None:
    assert list(PORTS_WEEKLY.columns) == list(PORTS_DAILY.columns)
    assert list(PORTS_WEEKLY.columns[: len(PORT_COLUMNS)]) == PORT_COLUMNS
    assert list(CHOKEPOINTS_DAILY.columns) == list(CHOKEPOINTS_WEEKLY.columns)
    assert list(CHOKEPOINTS_WEEKLY.columns[: len(STRAIT_COLUMNS)]) == STRAIT_COLUMNS
    own = [*PORTS_WEEKLY.columns[len(PORT_COLUMNS) :], *CHOKEPOINTS_WEEKLY.columns[len(STRAIT_COLUMNS) :]]
    assert [name.endswith("_cargo_unspecified") for name in own] == [True] * 5


def test_every_packaged_gate_has_portwatchs_number() -> None:
    assert {area.gate_code for area in read_gate_file(None).areas} == STRAITS.keys()
    assert len(STRAITS) == len(strait_ids()) == 28
    assert [strait_ids()[code] for code in ("suez", "bab_el_mandeb", "good_hope", "kerch")] == [
        "chokepoint1",
        "chokepoint4",
        "chokepoint7",
        "chokepoint28",
    ]


def test_a_port_and_week_is_a_row_of_sums() -> None:
    rows = weekly(FIRST_ROWS[ACTIVITY], FIRST_ROWS[FLOWS])
    assert rows.select(PORT_COLUMNS[:8]).rows() == [
        (date(2020, 12, 28), 2020, 12, 28, ROTTERDAM, "Rotterdam", "Netherlands", "NLD"),
        (date(2020, 12, 28), 2020, 12, 28, "WPI10", "Tiny", None, None),
    ]
    assert values(rows, ROTTERDAM, "portcalls") == [4, 1, 0, 0, 1, 7, 8, 2]
    assert values(rows, ROTTERDAM, "import") == [60.25, 0.0, 0.0, 0.0, 40.25, 60.25, 100.5, 0.0]
    assert broken_identities(rows, PORTS_WEEKLY) == []


def test_a_suppressed_class_leaves_out_all_sums_that_it_is_part_of() -> None:
    rows = weekly(FIRST_ROWS[ACTIVITY], FIRST_ROWS[FLOWS])
    assert values(rows, "WPI10", "portcalls") == [None, 0, 0, 0, 2, None, None, 0]


def test_tonnes_over_all_are_the_released_ones_where_a_class_is_missing() -> None:
    rows = weekly(FIRST_ROWS[ACTIVITY], FIRST_ROWS[FLOWS])
    assert values(rows, ROTTERDAM, "export") == [None, 0.0, 0.0, 0.0, 10.0, None, 10.0, 0.0]


def test_a_port_without_a_voyage_that_counts_has_zero_tonnes_where_the_week_has_flows() -> None:
    activity = [arrivals("NLRTM", "_T", 1.0), arrivals("WPI10", "_T", 1.0)]
    flows = [tonnes("NLRTM", one, "_T", 5.0) for one in ("import", "export")]
    assert values(weekly(activity, flows), "WPI10", "import") == [0.0] * 8
    assert values(weekly(activity), "WPI10", "import") == [None] * 8


@pytest.mark.parametrize(
    ("status", "value", "of_class"),
    [("P", 3.0, 0), ("A", 3.0, 0), ("U", 3.0, None), ("O", None, None), ("Q", None, None)],
)
def test_a_class_without_a_row_is_zero_only_where_all_that_came_was_heard(
    status: str, value: float | None, of_class: int | None
) -> None:
    rows = weekly(
        [
            arrivals("NLRTM", "_T", value, obs_status=status),
            arrivals("WPI10", "_T", 1.0),
            arrivals("WPI10", "roro", 1.0),
        ]
    )
    assert values(rows, ROTTERDAM, "portcalls")[0] == of_class


def test_without_a_register_the_kinds_are_left_out_and_cargo_is_that_of_unknown_kind() -> None:
    rows = weekly(
        [
            arrivals("NLRTM", "_T", 5.0),
            arrivals("NLRTM", "cargo_unspecified", 3.0),
            arrivals("NLRTM", "tanker", 2.0),
        ]
    )
    assert calls(rows) == [None, None, None, None, 2, 3, 5, 3]
    assert broken_identities(rows, PORTS_WEEKLY) == []


def test_one_known_kind_anywhere_in_the_week_makes_the_others_zero() -> None:
    rows = weekly(
        [
            arrivals("NLRTM", "_T", 3.0),
            arrivals("NLRTM", "cargo_unspecified", 3.0),
            arrivals("WPI10", "_T", 1.0),
            arrivals("WPI10", "roro", 1.0),
        ]
    )
    assert calls(rows.filter(portid=ROTTERDAM)) == [0, 0, 0, 0, 0, 3, 3, 3]


def test_adjusted_values_all_ports_and_other_indicators_have_no_part() -> None:
    rows = weekly(
        [
            arrivals("NLRTM", "_T", 4.0, obs_status="U"),
            arrivals("NLRTM", "tanker", 4.0, obs_status="U"),
            arrivals("NLRTM", "tanker", 5.5, adjustment="COVERAGE", obs_status="E"),
            arrivals("NLRTM", "tanker", 9.0, indicator="departures"),
            arrivals("_T", "tanker", 40.0),
        ]
    )
    assert rows["portid"].to_list() == [ROTTERDAM]
    assert rows["portcalls_tanker"].to_list() == [4]


def test_straits_have_portwatchs_numbers_and_both_directions() -> None:
    rows = straits(FIRST_ROWS[TRANSITS])
    assert rows.select("portid", "portname", "n_container", "n_tanker", "n_cargo", "n_total").rows() == [
        ("own_gate", "Ours", 0, 0, 0, 0),
        ("chokepoint1", "Suez Canal", 2, 3, 2, 5),
    ]
    assert rows.filter(portid="chokepoint1").select(
        "capacity_container", "capacity_tanker", "capacity"
    ).rows() == [(1000.25, None, None)]
    assert broken_identities(rows, CHOKEPOINTS_WEEKLY) == []


def released() -> dict[Measure, pl.DataFrame]:
    """The second week of the lake, by measure."""
    activity, flows, transits_ = (frame(one, SECOND_ROWS[one]) for one in (ACTIVITY, FLOWS, TRANSITS))
    return {**port_rows(activity, flows), **strait_rows(transits_)}


def days() -> dict[Measure, pl.DataFrame]:
    """Its days."""
    voyages, passed = frame(VOYAGES, ENDED_VOYAGES), frame(EVENTS, ENTERED_TRANSITS)
    payload = pl.col("transit_id").replace_strict({1: 1000.25, 2: 234.25}, default=None)
    found = {
        CALLS: calls_by_day(frame("gold.port_activity_daily", DAILY)),
        IMPORT: tonnes_by_day(voyages, "tonnes_unloaded"),
        EXPORT: tonnes_by_day(voyages, "tonnes_loaded"),
        PASSED: transits_by_day(passed),
        CAPACITY: transits_by_day(passed.with_columns(payload_t=payload), "payload_t"),
    }
    return {measure: all_days(rows, released()[measure]) for measure, rows in found.items()}


def test_days_fill_the_week_and_add_up_to_it() -> None:
    assert all(weeks_that_differ(rows, released()[measure]) == [] for measure, rows in days().items())
    rows = laid_out(days(), PORTS_DAILY, PLACES)
    assert rows.height == 14
    at_rotterdam = rows.filter(portid=ROTTERDAM)
    assert at_rotterdam["date"].to_list() == list(DAYS)
    assert at_rotterdam["portcalls"].to_list() == [5, 0, 0, 0, 0, 0, 3]
    assert at_rotterdam["import"].to_list() == [60.25, 0, 0, 0, 0, 0, 40.25]
    assert at_rotterdam["import_tanker"].to_list() == [0, 0, 0, 0, 0, 0, 40.25]
    assert at_rotterdam["export"].to_list() == [0, 0, 0, 0, 0, 0, 10.0]
    assert rows.filter(portid="WPI10")["import"].to_list() == [0.0] * 7
    assert broken_identities(rows, PORTS_DAILY) == []


def test_a_transit_is_reported_on_the_day_of_its_entry_and_a_day_of_unknown_payload_has_none() -> None:
    rows = laid_out(days(), CHOKEPOINTS_DAILY, PLACES)
    assert rows["portid"].unique().sort().to_list() == ["chokepoint1", "own_gate"]
    at_suez = rows.filter(portid="chokepoint1")
    assert at_suez["date"].to_list() == list(DAYS)
    assert at_suez["n_total"].to_list() == [0, 2, 1, 0, 1, 1, 0]
    assert at_suez["n_container"].to_list() == [0, 1, 0, 0, 1, 0, 0]
    assert at_suez["capacity_container"].to_list() == [0.0, None, None, 0.0, 1000.25, 0.0, 0.0]
    assert at_suez["capacity_tanker"].to_list() == [0.0, None, None, 0.0, 0.0, 234.25, 0.0]
    assert rows.filter(portid="own_gate")["n_total"].to_list() == [0] * 7
    assert broken_identities(rows, CHOKEPOINTS_DAILY) == []


@pytest.mark.parametrize("change", [("NLRTM", "tanker", 2.0), ("WPI10", "roro", 1.0)], ids=["more", "new"])
def test_days_of_other_values_than_the_released_ones_are_found(change: tuple[str, str, float]) -> None:
    port, vessel_class, value = change
    rest = [row for row in DAILY if (row["port_locode"], row["vessel_class"]) != (port, vessel_class)]
    daily = [*rest, DAILY[0] | {"port_locode": port, "vessel_class": vessel_class, "value": value}]
    weekly_calls = released()[CALLS]
    found = all_days(calls_by_day(frame("gold.port_activity_daily", daily)), weekly_calls)
    assert weeks_that_differ(found, weekly_calls) == ["2021-W01"]


@pytest.mark.parametrize(("factor", "weeks"), [(1 + 1e-12, []), (1 + 1e-6, ["2021-W01"])])
def test_sums_in_another_order_are_the_same_and_other_sums_are_not(factor: float, weeks: list[str]) -> None:
    found = days()[IMPORT].with_columns(pl.col("value") * factor)
    assert weeks_that_differ(found, released()[IMPORT]) == weeks


def test_a_port_whose_week_has_no_value_has_no_days() -> None:
    weekly_calls = port_rows(
        frame(ACTIVITY, [arrivals("NLRTM", "_T", None, week="2021-W01")]), frame(FLOWS, [])
    )[CALLS]
    assert all_days(calls_by_day(frame("gold.port_activity_daily", DAILY)), weekly_calls).is_empty()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"portcalls_cargo": 8}, "portcalls_cargo 8 is not"),
        ({"portcalls": 7}, "portcalls 7 is not portcalls_cargo 7 + portcalls_tanker 1"),
        ({"import_tanker": 40.26}, "import 100.5 is not"),
        ({"year": 2021}, "year 2021 is another"),
        ({"day": 29}, "day 29 is another"),
        ({"portid": "WPI10"}, "more than one row"),
        ({"ObjectId": 2}, "ObjectId 2 is not the number of the row"),
    ],
    ids=str,
)
def test_what_does_not_add_up_is_found_and_never_written(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    rows = weekly(FIRST_ROWS[ACTIVITY], FIRST_ROWS[FLOWS])
    is_changed = pl.col("portid") == ROTTERDAM
    broken = rows.with_columns(
        pl.when(is_changed).then(pl.lit(value, rows.schema[name])).otherwise(name).alias(name)
        for name, value in change.items()
    )
    assert any(sentence in said for said in broken_identities(broken, PORTS_WEEKLY))
    with pytest.raises(BadInputError, match="does not add up"):
        export_portwatch({PORTS_WEEKLY: broken}, tmp_path / "out", [], [])
    assert not (tmp_path / "out").exists()


def test_other_columns_are_found() -> None:
    rows = straits([transits("suez", "_T", 1.0)])
    assert broken_identities(rows.drop("n_roro"), CHOKEPOINTS_WEEKLY)[0].startswith(
        "portwatch_chokepoints_weekly"
    )


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = weekly(FIRST_ROWS[ACTIVITY], FIRST_ROWS[FLOWS])
    data, columns, sources, notes = export_portwatch(
        {PORTS_WEEKLY: rows}, tmp_path / "out", ["Office"], ["Mind"]
    )
    read = pl.read_csv(data, schema=rows.schema)
    assert read.equals(rows)
    assert pl.read_csv(columns)["column"].to_list() == list(PORTS_WEEKLY.columns)
    assert [path.name for path in (sources, notes)] == [
        "portwatch_ports_weekly.sources.csv",
        "portwatch_ports_weekly.notes.csv",
    ]


def test_a_file_without_rows_holds_nothing_that_does_not_add_up(tmp_path: Path) -> None:
    rows = straits([])
    data, *_ = export_portwatch({CHOKEPOINTS_WEEKLY: rows}, tmp_path / "out", [], [])
    read = pl.read_csv(data, try_parse_dates=True)
    assert read.is_empty()
    assert broken_identities(read, CHOKEPOINTS_WEEKLY) == []
