"""Disclosure control of interference, dark vessels and chokepoint status: no single vessel can be found in them."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest

from ais_indicators.contracts.measures import measures, to_observed
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.profiles import find_profile
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.disclosure.counted import counted_vessels, suppressed_statuses
from ais_indicators.disclosure.losses import losses
from ais_indicators.disclosure.protect import HARMLESS, protect
from ais_indicators.disclosure.published import Published
from tests.release_lake import (
    DARK,
    INTERFERENCE,
    NO_USUAL,
    STATUS,
    TRANSITS,
    Row,
    chokepoint,
    dark,
    interference,
    tables,
)
from tests.subject_rules import SHIP_RULES

CONFIDENTIAL, OPEN = find_profile("confidential"), find_profile("open")
LEAST = int(CONFIDENTIAL.threshold("min_ships", SHIP_RULES))
NOBODY = pl.DataFrame(schema={"table_name": pl.String})
HOURS_PER_WEEK = 168


def released(table: str, rows: list[Row], published: Published | None = None) -> dict[str, Row]:
    """Protects rows of one table; gives them by their code."""
    found = protect(tables({table: rows}), NOBODY, {}, CONFIDENTIAL, {}, published or Published(), SHIP_RULES)
    code = "region_code" if table == DARK else "area_code"
    return {row[code]: row for row in found[table].to_pylist()}


def test_areas_of_fewer_vessels_than_the_least_are_suppressed_with_hours_and_days() -> None:
    found = released(
        INTERFERENCE, [interference("few", "area", LEAST - 1), interference("many", "area", LEAST)]
    )
    few, many = found["few"], found["many"]
    assert [few[name] for name in ("vessels", "vessel_hours", "days")] == [None] * 3
    assert (few["obs_status"], few["conf_status"], few["latitude"]) == ("Q", "A", 26.5)
    assert (many["vessels"], many["obs_status"], many["conf_status"]) == (LEAST, "P", "F")


def test_an_area_suppressed_once_stays_so_in_later_releases_of_the_week() -> None:
    before = protect(
        tables({INTERFERENCE: [interference("a", "area", LEAST - 1)]}),
        NOBODY,
        {},
        CONFIDENTIAL,
        {},
        Published(),
        SHIP_RULES,
    )
    published = Published(
        vintages=({INTERFERENCE: to_observed(pl.DataFrame(before[INTERFERENCE]), INTERFERENCE)},)
    )
    rows = [interference("a", "area", LEAST), interference("b", "area", LEAST)]
    found = released(INTERFERENCE, rows, published)
    assert [found[code]["vessels"] for code in ("a", "b")] == [None, LEAST]


def world(**vessels: int) -> list[Row]:
    """Dark vessels by region, a day each, in seas where hundreds were heard, and all together."""
    heard = 400.0 * HOURS_PER_WEEK
    rows = [dark(name, number, heard_vessel_hours=heard) for name, number in vessels.items()]
    total = dark("_T", sum(vessels.values()), heard_vessel_hours=heard * len(vessels))
    return [total, *rows]


def test_a_lone_dark_vessel_is_not_found_by_taking_regions_off_the_total() -> None:
    found = released(DARK, world(a=1, b=9, c=12, d=20))
    assert (found["a"]["dark_vessels"], found["a"]["conf_status"]) == (None, "A")
    hidden = [name for name, row in found.items() if row["conf_status"] != "F"]
    assert len(hidden) >= 2
    assert {found[name]["conf_status"] for name in hidden if name != "a"} == {"D"}
    for name in hidden:
        measures = ("dark_vessels", "silent_vessel_hours", "heard_vessel_hours", "sender_index")
        assert [found[name][of] for of in measures] == [None] * len(measures)
    assert found["_T"]["dark_vessels"] == 42, "the total stays, since that is what readers ask for"


@pytest.mark.parametrize(("least", "hidden"), [(LEAST - 1, True), (LEAST, False)])
def test_regions_with_enough_dark_vessels_are_published(least: int, hidden: bool) -> None:
    found = released(DARK, world(a=least, b=9, c=12))
    assert (found["a"]["dark_vessels"] is None) is hidden
    assert (found["b"]["obs_status"] == "Q" or found["c"]["obs_status"] == "Q") is hidden


@pytest.mark.parametrize(
    ("hours", "status"), [((LEAST - 1.0) * HOURS_PER_WEEK, "A"), ((LEAST - 1.0) * HOURS_PER_WEEK + 1, "F")]
)
def test_a_region_in_which_few_were_heard_is_suppressed_too(hours: float, status: str) -> None:
    rows = [
        dark("_T", 20, heard_vessel_hours=hours + 2e6),
        dark("a", 0, heard_vessel_hours=hours),
        dark("b", 9, heard_vessel_hours=1e6),
        dark("c", 11, heard_vessel_hours=1e6),
    ]
    assert released(DARK, rows)["a"]["conf_status"] == status


def test_a_region_without_anyone_is_no_secret() -> None:
    rows = [*world(b=9, c=12), dark("empty", 0, heard_vessel_hours=0.0)]
    assert released(DARK, rows)["empty"]["dark_vessels"] == 0
    none = counted_vessels(DARK, pl.DataFrame(tables({DARK: [dark("e", 0, heard_vessel_hours=0.0)]})[DARK]))
    assert none["ships"].to_list() == [None]


def transit_row(gate: str, value: float | None, conf: str, **columns: Any) -> Row:
    row = dict.fromkeys(load_contract(TRANSITS).column_names)
    row |= {
        "week": "2020-W53",
        "gate_code": gate,
        "direction": "_T",
        "vessel_class": "_T",
        "indicator": "transits",
        "value": value,
        "unit": "transits",
        "obs_status": "P" if conf == "F" else "Q",
        "conf_status": conf,
    }
    return row | columns


def test_a_status_hides_its_transits_where_the_strait_does() -> None:
    status = pl.DataFrame(
        tables(
            {
                STATUS: [
                    chokepoint("open", "open", 30.0),
                    chokepoint("hidden", "open", 30.0),
                    chokepoint("by_class", "open", 30.0),
                    chokepoint("unheard", "not_known", None, status_reason="not_in_feed", **NO_USUAL),
                    chokepoint("rare", "open", 3.0, usual_transits=LEAST - 0.5),
                    chokepoint("seldom", "open", 3.0, usual_transits=float(LEAST)),
                    chokepoint("never", "not_known", 0.0, usual_transits=0.0),
                ]
            }
        )[STATUS]
    )
    straits = pl.DataFrame(
        [
            transit_row("open", 30.0, "F"),
            transit_row("hidden", None, "D"),
            transit_row("by_class", 30.0, "F"),
            transit_row("by_class", None, "A", vessel_class="tanker"),
        ],
        schema=pl.DataFrame(arrow_schema(TRANSITS).empty_table()).schema,
    )
    found = suppressed_statuses(status, straits, LEAST)
    assert dict(found.iter_rows()) == {"hidden": "D", "rare": "A"}


def test_a_suppressed_status_keeps_the_word_and_loses_the_numbers() -> None:
    rows = tables({STATUS: [chokepoint("suez", "closed", 1.0, usual_transits=1.5)]})
    (row,) = protect(rows, NOBODY, {}, CONFIDENTIAL, {}, Published(), SHIP_RULES)[STATUS].to_pylist()
    assert (row["chokepoint_status"], row["obs_status"], row["conf_status"]) == ("closed", "Q", "A")
    assert {row[name] for name in ("observed_transits", "usual_transits", "usual_transits_low")} == {None}
    (open_row,) = protect(rows, NOBODY, {}, OPEN, {}, Published(), SHIP_RULES)[STATUS].to_pylist()
    assert open_row["observed_transits"] == 1.0


@pytest.mark.parametrize("table", [INTERFERENCE, DARK, STATUS])
def test_what_is_suppressed_can_be_null_and_have_the_status_of_it(table: str) -> None:
    contract = load_contract(table)
    suppressed = [contract.column(name) for name in measures(table) if name not in HARMLESS]
    assert [column.name for column in suppressed if not column.nullable] == []
    assert "Q" in contract.column("obs_status").one_of


def test_what_is_lost_is_counted_in_cells_and_observations() -> None:
    gold = tables({INTERFERENCE: [interference("few", "area", 1), interference("many", "area", 9)]})
    kept = protect(gold, NOBODY, {}, CONFIDENTIAL, {}, Published(), SHIP_RULES)
    frames = ({name: pl.DataFrame(rows) for name, rows in of.items()} for of in (gold, kept))
    true, published = frames
    assert losses(true, published, published) == {
        INTERFERENCE: {
            "cells": 2,
            "primary": 1,
            "secondary": 0,
            "insiders": 0,
            "observations": 3,
            "vessels": 10.0,
            "vessels_lost": 1.0,
            "vessels_lost_to_insiders": 0.0,
        }
    }


# --- owners of vessels, who know their own part


@pytest.mark.parametrize(
    ("hours", "expected"),
    [((10, 10, 10), "F"), ((80, 10, 10), "O"), ((50, 48, 2), "O"), ((45, 45, 10), "F")],
)
def test_an_area_of_interference_that_one_vessel_dominates_is_suppressed(
    hours: tuple[int, ...], expected: str
) -> None:
    rows = tables({INTERFERENCE: [interference("a", "area", 3, vessel_hours=sum(hours))]})
    own = pl.DataFrame(
        {
            "area_code": "a",
            "kind": "area",
            "vessel_id": [str(n) for n in range(3)],
            "contributor": [str(n) for n in range(3)],
            "vessels": 1.0,
            "vessel_hours": [float(n) for n in hours],
        }
    )
    (row,) = protect(rows, NOBODY, {INTERFERENCE: own}, CONFIDENTIAL, {}, Published(), SHIP_RULES)[
        INTERFERENCE
    ].to_pylist()
    assert row["conf_status"] == expected
    assert (row["vessel_hours"] is None) is (expected != "F")


def dark_world(own: Mapping[str, Sequence[float]]) -> tuple[Any, pl.DataFrame]:
    """Silent hours of dark vessels by region, and who has them."""
    heard = 400.0 * 168
    rows = [dark(r, len(h), silent_vessel_hours=sum(h), heard_vessel_hours=heard) for r, h in own.items()]
    everything = [hours for of in own.values() for hours in of]
    total = dark(
        "_T", len(everything), silent_vessel_hours=sum(everything), heard_vessel_hours=heard * len(own)
    )
    entries = [
        (region, f"{name} {n}", hours)
        for name, of in own.items()
        for n, hours in enumerate(of)
        for region in (name, "_T")
    ]
    vessels = [name for _, name, _ in entries]
    frame = pl.DataFrame(
        {
            "region_code": [region for region, *_ in entries],
            "vessel_id": vessels,
            "contributor": vessels,
            "dark_vessels": 1.0,
            "silent_vessel_hours": [hours for *_, hours in entries],
            "heard_vessel_hours": 0.0,
        }
    )
    return tables({DARK: [total, *rows]}), frame


def dark_statuses(own: Mapping[str, Sequence[float]], *, with_insiders: bool = True) -> dict[str, str]:
    rows, frame = dark_world(own)
    known = {DARK: frame} if with_insiders else {}
    found = protect(rows, NOBODY, known, CONFIDENTIAL, {}, Published(), SHIP_RULES)[DARK].to_pylist()
    return {row["region_code"]: row["conf_status"] for row in found}


def test_the_owner_of_one_dark_vessel_does_not_find_another() -> None:
    """Two regions of one dark vessel each protect each other for outsiders, and not for their owners."""
    own = {"a": [30.0], "b": [40.0], "c": [20.0] * 9, "d": [20.0] * 20}
    before = {region for region, status in dark_statuses(own, with_insiders=False).items() if status != "F"}
    now = {region for region, status in dark_statuses(own).items() if status != "F"}
    assert before == {"a", "b"}
    assert {"a", "b", "c"} <= now


def test_a_region_of_which_one_vessel_has_most_silent_hours_is_suppressed() -> None:
    own = {"a": [100.0, 5.0, 5.0, 5.0], "c": [20.0] * 9, "d": [20.0] * 20}
    assert dark_statuses(own, with_insiders=False)["a"] == "F"
    assert dark_statuses(own)["a"] == "O"
