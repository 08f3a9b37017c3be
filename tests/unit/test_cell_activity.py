"""Weekly traffic by cell: tracks in cells in, messages, ships and hours out."""

from typing import Any

import polars as pl

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.periods import Week
from ais_indicators.transforms.cell_activity import weekly_cell_activity
from tests.builders import Row, frame

CELL, NEXT_CELL = 604_189_641_121_202_175, 604_189_641_255_419_903
W46, W47 = Week.parse("2026-W46"), Week.parse("2026-W47")


def cell_week(
    track: int = 1, *, cell: int = CELL, week: Week = W47, vessel_class: str = "tanker", **more: Any
) -> Row:
    row = {"track_id": track, "mmsi": 244_000_000 + track, "h3_res6": cell, "vessel_class": vessel_class}
    row["vessel_id"] = f"mmsi-{244_000_000 + track}"
    return row | {"messages": 1, "seconds": 0, "week": week.name, "ship_bucket": 0} | more


def activity(rows: list[Row]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    table = weekly_cell_activity(frame("silver.cell_weeks", rows)).to_dicts()
    keys, values = ("week", "h3_res6", "vessel_class"), ("messages", "unique_vessels", "hours")
    return {tuple(r[k] for k in keys): tuple(r[v] for v in values) for r in table}


def test_messages_and_hours_are_summed_and_ships_counted() -> None:
    rows = [cell_week(1, messages=10, seconds=1800), cell_week(2, messages=5, seconds=3600)]
    assert activity(rows) == {("2026-W47", CELL, "tanker"): (15, 2, 1.5)}


def test_vessel_under_two_mmsis_in_a_cell_is_one_ship() -> None:
    rows = [cell_week(1, vessel_id="imo-9134270"), cell_week(2, vessel_id="imo-9134270"), cell_week(3)]
    assert activity(rows) == {("2026-W47", CELL, "tanker"): (3, 2, 0.0)}


def test_cells_classes_and_weeks_are_apart() -> None:
    rows = [
        cell_week(1),
        cell_week(1, cell=NEXT_CELL),
        cell_week(2, vessel_class="other"),
        cell_week(1, week=W46),
    ]
    assert activity(rows) == {
        ("2026-W47", CELL, "tanker"): (1, 1, 0.0),
        ("2026-W47", NEXT_CELL, "tanker"): (1, 1, 0.0),
        ("2026-W47", CELL, "other"): (1, 1, 0.0),
        ("2026-W46", CELL, "tanker"): (1, 1, 0.0),
    }


def test_cells_keep_all_64_bits() -> None:
    golden = 638_331_674_478_446_847
    assert [key[1] for key in activity([cell_week(cell=golden)])] == [golden]


def test_no_messages_give_no_rows_in_the_contracts_columns() -> None:
    table = weekly_cell_activity(frame("silver.cell_weeks", []))
    contract = pl.DataFrame(arrow_schema("gold.cell_activity_weekly").empty_table())
    assert table.schema == contract.schema
    assert table.height == 0
