"""Messages without a position are counted and placed; areas of interference are reported by week."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import h3
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.fold.whereabouts import WHEREABOUTS
from ais_indicators.geo.cells import h3_cells
from ais_indicators.ingestion.position_losses import add_up_losses, count_losses
from ais_indicators.sources.blocks import raw_schema
from ais_indicators.tracking.bucket_messages import Messages
from ais_indicators.tracking.position_losses import locate_losses
from ais_indicators.transforms.interference import interference_by_vessel, weekly_interference
from ais_indicators.transforms.jamming import jammed_hours, losses_by_hour, usual_loss_rates
from tests.builders import frame
from tests.subject_rules import SHIP_RULES

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
SHIP = 244_000_001
SEA, PORT = (50.0, 4.0), (52.0, 4.0)


def cell(place: tuple[float, float], resolution: int) -> int:
    return int(h3.str_to_int(h3.latlng_to_cell(*place, resolution)))


# --- counted when taken in -----------------------------------------------------------------------


def losses_of(*reports: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Counts of reports that the rules of bronze reject: MMSI, hour, not available, invalid."""
    rows = [
        {"mmsi": SHIP, "observed_at_utc": MONDAY, "latitude": 50.0, "longitude": 4.0} | report
        for report in reports
    ]
    columns = {field.name: [row.get(field.name) for row in rows] for field in raw_schema()}
    split = apply_row_rules(pa.table(columns, schema=raw_schema()), "bronze.ais_messages", MONDAY, SHIP_RULES)
    counted = add_up_losses(count_losses(split.rejected))
    return [(mmsi, at.hour, *counts) for mmsi, at, *counts in (row.values() for row in counted.to_pylist())]


@pytest.mark.parametrize(
    ("report", "counts"),
    [
        ({"latitude": 91.0, "longitude": 181.0}, (1, 0)),
        ({"latitude": 91.0}, (1, 0)),
        ({"latitude": 91.0, "longitude": 190.0}, (1, 0)),
        ({"latitude": 90.5}, (0, 1)),
        ({"longitude": -180.5}, (0, 1)),
        ({"latitude": 0.0, "longitude": 0.0}, (0, 1)),
    ],
)
def test_report_without_a_usable_position_counts(report: dict[str, Any], counts: tuple[int, int]) -> None:
    assert losses_of(report, {}) == [(SHIP, 0, *counts)]


@pytest.mark.parametrize(
    "report",
    [{}, {"mmsi": 0}, {"observed_at_utc": datetime(1970, 1, 1, tzinfo=UTC)}, {"observed_at_utc": None}],
    ids=["good", "no ship", "before AIS", "no time"],
)
def test_other_reports_do_not_count(report: dict[str, Any]) -> None:
    lost = report | ({"latitude": 91.0} if report else {})
    assert losses_of(lost) == []


def test_reports_of_an_hour_are_added_up() -> None:
    lost = {"latitude": 91.0}
    later = lost | {"observed_at_utc": MONDAY - timedelta(hours=3)}
    assert losses_of(lost, lost, {"longitude": 200.0}, later) == [(SHIP, 21, 1, 0), (SHIP, 0, 2, 1)]


# --- placed where the vessel was -----------------------------------------------------------------


def located(hour: int, heard: list[tuple[int, tuple[float, float]]], home: tuple[float, float] | None) -> Any:
    """Cell of one loss in an hour of a day, after fixes at some seconds of the day and a position of days before."""
    start = int(MONDAY.timestamp())
    memory = np.zeros(0 if home is None else 1, WHEREABOUTS)
    if home is not None:
        memory["mmsi"], memory["home_fixes"] = SHIP, 3
        memory["home_latitude"], memory["home_longitude"] = home
    losses = pl.DataFrame(
        {
            "mmsi": [SHIP],
            "hour_utc": [MONDAY + timedelta(hours=hour)],
            "not_available_messages": [4],
            "invalid_messages": [0],
        },
        schema_overrides={"hour_utc": pl.Datetime("us", "UTC")},
    )
    second = np.array([start + at for at, _ in heard], np.int64)
    latitude, longitude = (np.array([place[n] for _, place in heard], float) for n in (0, 1))
    mmsi = np.full(second.size, SHIP, np.int64)
    messages = Messages(
        pa.table({"mmsi": mmsi}), mmsi, second, {"latitude": latitude, "longitude": longitude}
    )
    return locate_losses(losses, messages, memory, SHIP_RULES)["h3_res3"].item()


def test_loss_lies_where_the_vessel_was_last_before_the_hour_ended() -> None:
    heard = [(3600, SEA), (3 * 3600 - 1, PORT), (3 * 3600, SEA)]
    assert located(2, heard, None) == cell(PORT, 3)
    assert located(1, heard, None) == cell(SEA, 3)


def test_loss_before_the_days_first_fix_lies_at_home_or_nowhere() -> None:
    assert located(0, [(7200, SEA)], PORT) == cell(PORT, 3)
    assert located(0, [(7200, SEA)], None) is None


# --- jamming -------------------------------------------------------------------------------------


def hours(lost: int, heard: int, vessels: int = 5, hour: datetime = MONDAY) -> pl.DataFrame:
    """A cell's hour with some messages, of which some of several vessels lack a position."""
    losses = [
        {"mmsi": SHIP + n, "hour_utc": hour, "h3_res3": 1, "not_available_messages": lost if n == 0 else 0,
         "invalid_messages": 0, "week": "2026-W02", "ship_bucket": 0}
        for n in range(vessels)
    ]  # fmt: skip
    messages = [
        {
            "h3_res3": 1,
            "hour_utc": hour,
            "messages": heard,
            "vessels": 9,
            "week": "2026-W02",
            "ship_bucket": b,
        }
        for b in (0, 1)
    ]
    return losses_by_hour(frame("silver.position_losses", losses), frame("silver.message_hours", messages))


def test_messages_with_and_without_position_add_up() -> None:
    [row] = hours(20, 40).to_dicts()
    assert (row["lost"], row["messages"], row["vessels"]) == (20, 100, 5)


@pytest.mark.parametrize(
    ("lost", "usually_lost", "vessels", "found"),
    [(20, 0, 5, 1), (19, 0, 5, 0), (20, 0, 4, 0), (20, 4, 5, 1), (20, 5, 5, 0), (80, 50, 5, 0)],
    ids=["least rate", "below", "four vessels", "five times", "less than five times", "always broken"],
)
def test_jammed_hour_is_far_above_the_cells_own_history(
    lost: int, usually_lost: int, vessels: int, found: int
) -> None:
    usual = usual_loss_rates(hours(usually_lost, (100 - usually_lost) // 2 if usually_lost != 5 else 45))
    by_hour = hours(lost, (100 - lost) // 2 if lost != 19 else 41, vessels)
    assert jammed_hours(by_hour, usual, SHIP_RULES).height == found


# --- areas of a week -----------------------------------------------------------------------------


def displaced(
    n: int, place: tuple[float, float] = PORT, kind: str | None = "area", day: int = 5
) -> dict[str, Any]:
    at = datetime(2026, 1, day, 6, tzinfo=UTC)
    return {
        "mmsi": SHIP + n, "vessel_id": f"mmsi-{SHIP + n}", "stretch_began_at_utc": at, "day": date(2026, 1, day),
        "first_at_utc": at, "last_at_utc": at + timedelta(hours=5), "fixes": 60, "hours": 6,
        "from_h3_res3": cell(SEA, 3), "to_h3_res4": cell(place, 4), "latitude": place[0], "longitude": place[1],
        "spread_km": 0.0, "jump_km": 222.0, "false_position_kind": kind, "week": "2026-W02", "ship_bucket": 0,
    }  # fmt: skip


def areas(
    rows: Sequence[dict[str, Any]], losses: Sequence[dict[str, Any]] = (), jammed: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    found = weekly_interference(
        frame("silver.displacements", rows),
        frame("silver.position_losses", losses),
        pl.DataFrame(list(jammed), {"h3_res3": pl.Int64, "hour_utc": pl.Datetime("us", "UTC")}, orient="row"),
    )
    return found.to_dicts()


def test_neighbouring_cells_of_one_kind_are_one_area() -> None:
    beside = h3.cell_to_latlng(sorted(h3.grid_ring(h3.latlng_to_cell(*PORT, 4), 1))[0])
    rows = [
        *(displaced(n) for n in range(4)),
        displaced(4, beside),
        displaced(0, day=6),
        displaced(9, kind=None),
    ]
    [area] = areas(rows)
    assert area["area_code"] == h3.latlng_to_cell(*PORT, 4)
    assert (area["kind"], area["vessels"], area["vessel_hours"], area["days"]) == ("area", 5, 36, 2)


def test_an_hour_in_which_two_stretches_meet_counts_once_and_one_without_a_fix_not_at_all() -> None:
    early = displaced(0)
    at = early["first_at_utc"]
    meets = early | {"last_at_utc": at + timedelta(minutes=90), "hours": 2}
    goes_on = early | {
        "first_at_utc": at + timedelta(minutes=100),
        "last_at_utc": at + timedelta(minutes=130),
        "hours": 2,
    }
    few_fixes = displaced(1) | {"hours": 2}
    [area] = areas([meets, goes_on, few_fixes])
    assert (area["vessels"], area["vessel_hours"]) == (2, 3 + 2)


def test_far_areas_and_kinds_are_apart() -> None:
    rows = [displaced(0), displaced(1, kind="point"), displaced(2, (10.0, 10.0))]
    assert sorted(area["kind"] for area in areas(rows)) == ["area", "area", "point"]


def test_jamming_counts_vessels_in_jammed_hours_only() -> None:
    of = {"not_available_messages": 3, "invalid_messages": 0, "week": "2026-W02", "ship_bucket": 0}
    place = cell(SEA, 3)
    losses = [
        of | {"mmsi": SHIP + n, "hour_utc": MONDAY + timedelta(hours=hour), "h3_res3": place}
        for n in range(5)
        for hour in (1, 2, 3)
    ]
    jammed = [(place, MONDAY + timedelta(hours=hour)) for hour in (1, 2)]
    [area] = areas([], losses, jammed)
    assert (area["kind"], area["vessels"], area["vessel_hours"], area["days"]) == ("jamming", 5, 10, 1)
    assert area["area_code"] == h3.latlng_to_cell(*SEA, 3)


def test_the_hours_of_vessels_add_up_to_those_of_their_areas() -> None:
    rows = [
        displaced(0),
        displaced(0, day=6),
        displaced(1),
        displaced(2, kind="point"),
        displaced(9, kind=None),
    ]
    of = {"not_available_messages": 3, "invalid_messages": 0, "week": "2026-W02", "ship_bucket": 0}
    losses = [of | {"mmsi": SHIP + n, "hour_utc": MONDAY, "h3_res3": cell(SEA, 3)} for n in range(5)]
    jammed = pl.DataFrame(
        [(cell(SEA, 3), MONDAY)], {"h3_res3": pl.Int64, "hour_utc": pl.Datetime("us", "UTC")}, orient="row"
    )
    given = frame("silver.displacements", rows), frame("silver.position_losses", losses), jammed
    key = ["area_code", "kind"]
    sums = interference_by_vessel(*given).group_by(key).agg(pl.col("vessels", "vessel_hours").sum()).sort(key)
    wanted = weekly_interference(*given).select(*key, "vessels", "vessel_hours")
    assert sums.rows() == wanted.rows()
    assert wanted["vessel_hours"].to_list() != []


def test_rule_of_cells_is_that_of_the_column() -> None:
    place = (np.array([52.0]), np.array([4.0]))
    assert h3_cells(*place, SHIP_RULES.interference_cell_resolution)[0] == cell(PORT, 4)
