"""Inland vessels: who they are, and that no total over classes has them."""

from typing import Any

import polars as pl
import pytest

from ais_indicators.disclosure.tables import cells_of
from ais_indicators.periods import Week
from ais_indicators.transforms.contributors import port_contributors
from ais_indicators.transforms.coverage_status import covered_port_activity
from ais_indicators.transforms.inland import (
    INLAND,
    NO_INLAND_TRAFFIC,
    VISIT_COLUMNS,
    InlandTraffic,
    find_inland_traffic,
)
from ais_indicators.transforms.port_activity import daily_port_activity, weekly_port_activity, with_idle_ports
from tests.builders import Row, calls_frame, frame, port_call, utc, waiting_frame, waiting_vessel
from tests.subject_rules import SHIP_RULES

W47 = Week.parse("2026-W47")
RIVER, SEA, TOTAL = "DEDUI", "NLRTM", "_T"
BARGE: Row = {"track": 1, "port": RIVER, "vessel_class": "cargo_unspecified"}
COASTER: Row = {"track": 2, "port": RIVER, "vessel_class": "cargo_unspecified", "vessel_id": "imo-9134270"}
NOBODY: list[str] = []


def traffic(calls: list[Row], registered: list[str] = NOBODY, *weeks: Week) -> InlandTraffic:
    visits = frame("silver.port_calls", calls).select(VISIT_COLUMNS)
    return find_inland_traffic(
        visits, [RIVER], pl.Series("vessel_id", registered, pl.String), weeks or (W47,), SHIP_RULES
    )


def arrivals(rows: pl.DataFrame, **at: str) -> dict[tuple[Any, ...], float]:
    found = rows.filter(indicator="arrivals", **at).select("port_locode", "vessel_class", "value").rows()
    return {(port, vessel_class): value for port, vessel_class, value in found}


def observed(
    calls: list[Row], registered: list[str] = NOBODY, waiting: list[Row] | None = None
) -> pl.DataFrame:
    lying = waiting_frame(waiting or [])
    return weekly_port_activity(
        calls_frame(calls), lying, [W47], W47, traffic(calls, registered), rules=SHIP_RULES
    )


def test_an_inland_vessel_has_a_class_of_its_own_and_is_in_no_total() -> None:
    rows = observed([port_call(**BARGE), port_call(**COASTER)])
    assert arrivals(rows) == {
        (RIVER, INLAND): 1, (RIVER, "cargo_unspecified"): 1, (RIVER, TOTAL): 1,
        (TOTAL, INLAND): 1, (TOTAL, "cargo_unspecified"): 1, (TOTAL, TOTAL): 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("call", "registered"),
    [(COASTER, []), (BARGE, ["mmsi-244000001"]), (BARGE | {"port": SEA}, [])],
    ids=["imo number", "in the register", "at a port of the sea"],
)
def test_vessels_that_are_not_inland(call: dict[str, Any], registered: list[str]) -> None:
    rows = observed([port_call(**call)], registered)
    assert set(rows["vessel_class"]) == {"cargo_unspecified", TOTAL}


def test_a_call_at_a_port_of_the_sea_counts_for_a_year() -> None:
    weeks = SHIP_RULES.inland_sea_call_weeks
    oldest = W47.plus(-weeks).start
    for departed, is_inland in ((oldest, False), (oldest.replace(year=oldest.year - 1), True)):
        at_sea = port_call(port=SEA, track=1, arrived="2024-01-01 00:00") | {
            "departed_at_utc": departed, "last_seen_at_utc": departed,
        }  # fmt: skip
        rows = observed([port_call(**BARGE), at_sea])
        assert (INLAND in set(rows["vessel_class"])) == is_inland
    just_before = oldest.fromtimestamp(oldest.timestamp() - 1, oldest.tzinfo)
    at_sea = port_call(port=SEA, track=1, arrived="2024-01-01 00:00") | {"last_seen_at_utc": just_before}
    assert traffic([at_sea]).seagoing.is_empty()


def test_a_call_after_the_week_and_a_passage_do_not_count() -> None:
    later = port_call(f"{W47.plus(1).monday} 00:00", f"{W47.plus(1).monday} 09:00", port=SEA, track=1)
    passage = port_call("2026-11-16 00:00", "2026-11-16 01:00", port=SEA, track=1, event_type="passage")
    assert traffic([later, passage]).seagoing.is_empty()
    last = port_call("2026-11-22 23:59:59", f"{W47.plus(1).monday} 09:00", port=SEA, track=1)
    assert traffic([last]).seagoing.height == 1


def test_days_and_anchorages_follow_the_week() -> None:
    calls = [port_call(**BARGE), port_call(**COASTER)]
    by_day = daily_port_activity(calls_frame(calls), [W47], W47, traffic(calls), rules=SHIP_RULES)
    assert arrivals(by_day.filter(pl.col("observed_on") == utc("2026-11-17").date()), port_locode=RIVER) == {
        (RIVER, INLAND): 1, (RIVER, "cargo_unspecified"): 1, (RIVER, TOTAL): 1,
    }  # fmt: skip
    rows = observed([], waiting=[waiting_vessel(1, RIVER), waiting_vessel(3, SEA)])
    lying = rows.filter(indicator="vessels_waiting").select("port_locode", "vessel_class", "value").rows()
    assert set(lying) == {
        (RIVER, INLAND, 1.0), (SEA, "tanker", 1.0), (SEA, TOTAL, 1.0),
        (TOTAL, INLAND, 1.0), (TOTAL, "tanker", 1.0), (TOTAL, TOTAL, 1.0),
    }  # fmt: skip


def test_without_ports_on_inland_waters_nothing_changes() -> None:
    calls = calls_frame([port_call(**BARGE), port_call(**COASTER)])
    plain = weekly_port_activity(calls, waiting_frame([]), [W47], W47, rules=SHIP_RULES)
    same = weekly_port_activity(calls, waiting_frame([]), [W47], W47, NO_INLAND_TRAFFIC, rules=SHIP_RULES)
    assert plain.sort(plain.columns).equals(same.sort(plain.columns))
    assert INLAND not in set(plain["vessel_class"])


def test_cells_and_contributors_keep_inland_vessels_out_of_totals() -> None:
    calls = [port_call(**BARGE), port_call(**COASTER)]
    ships = pl.DataFrame(
        schema={"vessel_id": pl.String, "register_class": pl.String, "gross_tonnage": pl.Float64,
                "deadweight_t": pl.Float64, "operator": pl.String}
    )  # fmt: skip
    behind = port_contributors(
        calls_frame(calls).drop("gross_tonnage"), waiting_frame([]).drop("gross_tonnage"), ships,
        W47.start, W47.end, traffic(calls),
     rules=SHIP_RULES,)  # fmt: skip
    of_port = behind.filter(port_locode=RIVER).select("vessel_class", "ships").sort("vessel_class").rows()
    assert of_port == [(TOTAL, 1), ("cargo_unspecified", 1), (INLAND, 1)]
    rows = observed(calls).with_columns(adjustment=pl.lit("N"))
    cells = cells_of("gold.port_activity_weekly", rows, {}, SHIP_RULES)
    inland = cells.rows.filter(vessel_class=INLAND)["cell"].unique().to_list()
    by_class = cells.links.filter(kind="vessel_class")
    assert not set(by_class["child"]) & set(inland)


def test_an_outage_leaves_the_total_missing_where_inland_vessels_alone_were_heard() -> None:
    coverage = pl.DataFrame(
        {"week": [W47.name], "place_kind": ["port"], "place_code": [RIVER], "coverage_index": [0.2],
         "usual_arrivals": [5.0]}
    )  # fmt: skip
    heard = pl.DataFrame({"week": [W47.name], "place_code": [RIVER], "cell_messages": [9]})
    calls_of_barge = [port_call(**BARGE)]
    calls = calls_frame(calls_of_barge)
    rows = with_idle_ports(
        observed([port_call(**BARGE)]), calls, heard, [W47], W47, traffic(calls_of_barge), rules=SHIP_RULES
    )
    rows = covered_port_activity(rows, coverage, frame("gold.coverage_daily", []), SHIP_RULES)
    total = rows.filter(port_locode=RIVER, vessel_class=TOTAL, indicator="arrivals")
    assert total.select("value", "obs_status").rows() == [(None, "O")]
