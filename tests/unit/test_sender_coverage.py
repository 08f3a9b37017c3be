"""Vessels that should be heard and are not: silences, usual ones, areas, places, and both sides of each threshold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import h3.api.numpy_int as h3
import polars as pl
import pytest

from ais_indicators.contracts.model import load_contract
from ais_indicators.geo.cell_parents import cell_resolutions
from ais_indicators.periods import Week
from ais_indicators.transforms.coverage import EVERYWHERE, areas_of
from ais_indicators.transforms.coverage_places import PLACE_SCHEMA
from ais_indicators.transforms.missed_calls import further_missed_calls
from ais_indicators.transforms.sender_coverage import (
    cell_senders,
    sender_weeks,
    silence_weeks,
    silent_by_vessel,
    vessel_silences,
    without_interfered,
)
from ais_indicators.transforms.sender_places import (
    INTERFERENCE_SCHEMA,
    cell_interference,
    cell_places,
    dark_by_vessel,
    dark_vessels,
    place_senders,
)
from tests.subject_rules import SHIP_RULES

W09: Final = Week.parse("2026-W09")
HOUR: Final = timedelta(hours=1)
PORT, SEA = (int(h3.latlng_to_cell(*at, 3)) for at in ((51.95, 4.1), (51.0, 1.4)))
SUVA: Final = int(h3.latlng_to_cell(-18.1, 178.4, 3))
ALL_WEEK: Final = 168
NO_INTERFERENCE: Final = pl.DataFrame(schema=INTERFERENCE_SCHEMA)
TIME: Final = pl.Datetime("us", "UTC")

Spell = tuple[int, float, float]
"""MMSI, and the hours since the week's begin between which it was heard."""


def at(hours: float) -> datetime:
    return W09.start + hours * HOUR


def spells(*rows: Spell, cell: int = PORT) -> pl.DataFrame:
    return pl.DataFrame(
        [(mmsi, at(first), at(last), cell) for mmsi, first, last in rows],
        schema={"mmsi": pl.Int64, "heard_from_utc": TIME, "heard_until_utc": TIME, "h3_res3": pl.Int64},
        orient="row",
    )


def hours(
    *outage: int, cell: int = PORT, assessed: str = "heard", week_hours: int = ALL_WEEK
) -> pl.DataFrame:
    """Rows of `silver.coverage_hours`: the cell is out in some hours, the feed never."""
    areas = sorted({EVERYWHERE, cell})
    rows = [
        (area, hour, 1, "outage" if area == cell and hour in outage else assessed)
        for area in areas
        for hour in range(week_hours)
    ]
    schema = {"area": pl.Int64, "hour_of_week": pl.Int32, "messages": pl.Int64, "hour_status": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


NO_MESSAGES: Final = pl.DataFrame(schema={"h3_res3": pl.Int64, "vessels": pl.Int64})
NO_HOURS: Final = hours(week_hours=0)


def silent(*rows: Spell, before: pl.DataFrame = NO_HOURS, now: pl.DataFrame | None = None) -> int:
    """Silent vessel-hours of the port's cell."""
    found = vessel_silences(spells(*rows), W09, SHIP_RULES)
    weeks = [*[NO_HOURS] * (silence_weeks(SHIP_RULES) - 1), before, hours() if now is None else now]
    cells = cell_senders(NO_MESSAGES, found, weeks, SHIP_RULES)
    return int(cells["silent_vessel_hours"].sum())


LENGTH: Final = SHIP_RULES.dark_silence_hours
LONGEST: Final = 24 * SHIP_RULES.dark_longest_days


@pytest.mark.parametrize(("length", "found"), [(LENGTH - 0.01, 0), (LENGTH, int(LENGTH))])
def test_a_silence_has_a_least_length(length: float, found: int) -> None:
    assert silent((1, 0, 20), (1, 20 + length, 168)) == found


@pytest.mark.parametrize(("last", "found"), [(168 - LENGTH + 0.01, 0), (168 - LENGTH, int(LENGTH))])
def test_a_vessel_that_is_not_heard_again_is_silent_once_it_is_for_long_enough(
    last: float, found: int
) -> None:
    assert silent((1, 0, last)) == found


def test_only_full_hours_of_a_silence_count() -> None:
    assert silent((1, 0, 20.5), (1, 40.5, 168)) == 19


def test_a_silence_goes_on_over_sunday_midnight_until_its_longest() -> None:
    assert silent((1, -40, -2), (1, 30, 168)) == 30
    assert silent((1, -700, 50 - LONGEST)) == 50
    assert silent((1, -700, -LONGEST)) == 0


def test_a_silence_over_sunday_midnight_that_is_short_is_none() -> None:
    assert silent((1, -40, -2), (1, LENGTH - 2.1, 168)) == 0


def test_a_vessel_heard_elsewhere_is_not_silent_from_then_on() -> None:
    rows = pl.concat([spells((1, 0, 20)), spells((1, 50, 168), cell=SUVA)])
    cells = cell_senders(NO_MESSAGES, vessel_silences(rows, W09, SHIP_RULES), [NO_HOURS, hours()], SHIP_RULES)
    assert cells.rows() == [(PORT, 0, 30, 1)]


def test_hours_in_which_receivers_fail_are_not_silent() -> None:
    assert silent((1, 0, 20), (1, 60, 168), now=hours(*range(30, 40))) == 30


@pytest.mark.parametrize(("outage_from", "found"), [(20, 0), (21, 0), (22, 30)])
def test_a_vessel_that_an_outage_cut_off_is_not_silent(outage_from: int, found: int) -> None:
    out = hours(*range(outage_from, outage_from + 9))
    assert silent((1, 0, 20.5), (1, 60, 168), now=out) == found


def test_an_outage_of_the_week_before_cut_off_a_vessel_too() -> None:
    assert silent((1, -40, -20.5), (1, 30, 168), before=hours(147)) == 0
    assert silent((1, -40, -20.5), (1, 30, 168), before=hours(100)) == 30


def test_an_outage_of_the_feed_is_one_of_a_cell_that_cannot_be_assessed() -> None:
    out = hours(*range(100, 168), cell=EVERYWHERE, assessed="not_assessed")
    assert silent((1, 0, 100.5), now=out) == 0


def test_a_vessel_shown_at_a_false_position_did_send() -> None:
    found = vessel_silences(spells((1, 0, 20), (2, 0, 20)), W09, SHIP_RULES)
    displaced = pl.DataFrame(
        {"mmsi": [1, 2], "last_at_utc": [at(25), at(19)]}, schema={"mmsi": pl.Int64, "last_at_utc": TIME}
    )
    assert without_interfered(found, displaced)["mmsi"].to_list() == [2]


def test_the_order_of_spells_changes_nothing() -> None:
    rows = spells((2, 0, 20), (1, 0, 20), (1, 60, 70), (2, 100, 168))
    assert vessel_silences(rows, W09, SHIP_RULES).equals(vessel_silences(rows.reverse(), W09, SHIP_RULES))


# --- areas -----------------------------------------------------------------------------------------------------


def cells(**of: tuple[int, int]) -> pl.DataFrame:
    """What `cell_senders` returns: vessel-hours heard and silent by cell."""
    names = {"port": PORT, "sea": SEA, "suva": SUVA}
    rows = sorted((names[name], heard, quiet, quiet // ALL_WEEK) for name, (heard, quiet) in of.items())
    schema = dict.fromkeys(("area", "heard_vessel_hours", "silent_vessel_hours", "silent_vessels"), pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def assessed(weeks: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """Rows of `silver.sender_weeks` of consecutive weeks."""
    found: list[pl.DataFrame] = []
    for week in weeks:
        found.append(sender_weeks(week, found[-8:], SHIP_RULES))
    return found


def of_area(rows: pl.DataFrame, area: int = PORT) -> dict[str, Any]:
    return rows.filter(area=area).row(0, named=True)


TEN: Final = 10 * ALL_WEEK
"""Vessel-hours of ten vessels that are heard all week."""


def after(now: pl.DataFrame, usual: pl.DataFrame, weeks: int = 8) -> pl.DataFrame:
    return assessed([*[usual] * weeks, now])[-1]


def test_half_of_the_vessels_dark_give_an_index_of_a_half() -> None:
    row = of_area(after(cells(port=(TEN // 2, TEN // 2)), cells(port=(TEN, 0))))
    assert (row["usual_silent_vessel_hours"], row["sender_index"], row["silent_vessels"]) == (0, 0.5, 5)


def test_vessels_that_sail_out_of_range_every_week_are_usual() -> None:
    usual = cells(port=(4 * TEN, TEN))
    assert of_area(after(usual, usual))["sender_index"] == 1
    row = of_area(after(cells(port=(3 * TEN, 2 * TEN)), usual))
    assert (row["usual_silent_vessel_hours"], row["sender_index"]) == (TEN, 0.75)


def test_fewer_silent_vessels_than_usual_do_not_raise_the_index_over_1() -> None:
    assert of_area(after(cells(port=(4 * TEN, 0)), cells(port=(4 * TEN, TEN))))["sender_index"] == 1


@pytest.mark.parametrize(("weeks", "index"), [(3, None), (4, 0.5)])
def test_first_weeks_have_no_index(weeks: int, index: float | None) -> None:
    rows = after(cells(port=(TEN // 2, TEN // 2)), cells(port=(TEN, 0)), weeks)
    assert [of_area(rows, area)["sender_index"] for area in (PORT, EVERYWHERE)] == [index, index]


EDGE: Final = SHIP_RULES.dark_usual_share


@pytest.mark.parametrize(("above", "index"), [(0, 1.0), (1, None)])
def test_cells_at_the_edge_of_reception_have_no_index(above: int, index: float | None) -> None:
    usual = cells(sea=(40 * TEN, int(EDGE * 40 * TEN) + above))
    assert of_area(after(usual, usual), SEA)["sender_index"] == index


def test_wider_areas_add_up_cells_in_which_vessels_are_rarely_lost() -> None:
    usual = cells(port=(4 * TEN, 0), sea=(TEN, 6 * TEN))
    feed = of_area(after(cells(port=(2 * TEN, 2 * TEN), sea=(TEN // 2, 3 * TEN)), usual), EVERYWHERE)
    assert (feed["heard_vessel_hours"], feed["silent_vessel_hours"]) == (2 * TEN, 2 * TEN)
    assert feed["sender_index"] == 0.5


def test_a_few_vessels_more_or_less_cannot_be_reported_from_dark_ones() -> None:
    """Two deviations of at least one vessel are 336 hours, a fifth of those due from eight vessels."""
    few = 8 * ALL_WEEK
    for heard, index in ((few, 1.0), (few - 1, None)):
        assert of_area(after(cells(port=(heard, 0)), cells(port=(heard, 0))))["sender_index"] == index


def test_a_dark_week_does_not_become_usual() -> None:
    usual, dark = cells(port=(TEN, 0)), cells(port=(TEN // 2, TEN // 2))
    weeks = assessed([*[usual] * 6, *[dark] * 4])
    assert [of_area(rows)["sender_index"] for rows in weeks[6:]] == [0.5] * 4
    assert of_area(weeks[-1])["usual_silent_vessel_hours"] == 0


def test_an_area_of_which_all_vessels_are_dark_has_an_index_of_0() -> None:
    rows = after(cells(port=(0, TEN), suva=(TEN, 0)), cells(port=(TEN, 0), suva=(TEN, 0)))
    assert [of_area(rows, area)["sender_index"] for area in (PORT, SUVA, EVERYWHERE)] == [0, 1, 0.5]


def test_cells_know_their_resolution() -> None:
    levels = [area.to_numpy() for area in areas_of(pl.Series([PORT]), SHIP_RULES)]
    assert [int(cell_resolutions(level)[0]) for level in levels] == [3, 2, 1, 0]


# --- places ----------------------------------------------------------------------------------------------------


def places(**of: int) -> pl.DataFrame:
    kinds = {"NLRTM": ("port", "NLD"), "FJSUV": ("port", "FJI"), "dover": ("gate", None)}
    return pl.DataFrame(
        [(kinds[code][0], code, kinds[code][1], cell) for code, cell in of.items()],
        schema=PLACE_SCHEMA,
        orient="row",
    )


def usually(**of: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"place_code": list(of), "usual_arrivals": list(of.values())},
        schema={"place_code": pl.String, "usual_arrivals": pl.Float64},
    )


def indexes(rows: pl.DataFrame) -> dict[str, float | None]:
    return dict(rows.select("place_code", "sender_index").rows())


def test_a_place_takes_the_lowest_index_of_its_areas() -> None:
    rows = after(cells(port=(TEN, 0), suva=(0, TEN)), cells(port=(TEN, 0), suva=(TEN, 0)))
    found = place_senders(
        rows, NO_INTERFERENCE, places(NLRTM=PORT, FJSUV=SUVA), usually(NLRTM=30, FJSUV=10), rules=SHIP_RULES
    )
    assert indexes(found) == {"NLRTM": 0.5, "FJSUV": 0.0, "NLD": 0.5, "FJI": 0.0, "_T": 0.375}
    port = found.filter(place_code="NLRTM").row(0, named=True)
    assert (port["heard_vessel_hours"], port["silent_vessel_hours"]) == (TEN, TEN), "those of the whole feed"


def test_a_place_without_an_index_has_the_hours_of_its_own_cell() -> None:
    rows = assessed([cells(port=(TEN, 5), suva=(TEN, 0))])[-1]
    found = place_senders(rows, NO_INTERFERENCE, places(NLRTM=PORT, dover=SEA), usually(), rules=SHIP_RULES)
    port, gate = (found.filter(place_code=code).row(0, named=True) for code in ("NLRTM", "dover"))
    assert (port["heard_vessel_hours"], port["silent_vessel_hours"], port["sender_index"]) == (TEN, 5, None)
    assert (gate["heard_vessel_hours"], gate["silent_vessel_hours"], gate["sender_index"]) == (0, 0, None)


def interference() -> pl.DataFrame:
    displacements = pl.DataFrame(
        {
            "mmsi": [1, 1, 2, 3],
            "from_h3_res3": [PORT, PORT, PORT, None],
            "to_h3_res4": [h3.cell_to_center_child(SUVA, 4)] * 4,
            "hours": [TEN // 2, TEN // 2, 7, 7],
            "false_position_kind": ["point", "circle", None, "point"],
        }
    )
    jammed = pl.DataFrame(
        [(PORT, at(1)), (PORT, at(2))], schema={"h3_res3": pl.Int64, "hour_utc": TIME}, orient="row"
    )
    return cell_interference(displacements, jammed, SHIP_RULES)


def test_interference_counts_where_vessels_were_believed_to_be() -> None:
    of_cells = {row[0]: row[1:] for row in interference().rows()}
    assert of_cells == {PORT: (float(TEN), 0.0, 2, 1), SUVA: (0.0, float(TEN + 7), 0, 0)}
    rows = assessed([cells(port=(3 * TEN, 0), suva=(TEN, 0))])[-1]
    found = place_senders(rows, interference(), places(NLRTM=PORT, FJSUV=SUVA), usually(), rules=SHIP_RULES)
    by_place = {row["place_code"]: row for row in found.to_dicts()}
    assert [by_place[code]["interfered_share"] for code in ("NLRTM", "NLD", "_T", "FJSUV")] == [
        0.25, 0.25, 0.2, 0.0,
    ]  # fmt: skip
    assert [by_place[code]["shown_vessel_hours"] for code in ("NLRTM", "NLD", "_T", "FJSUV")] == [
        0.0, None, None, float(TEN + 7),
    ]  # fmt: skip
    assert [by_place[code]["jammed_hours"] for code in ("NLRTM", "NLD", "_T", "FJSUV")] == [2, 2, 1, 0]


def test_interference_is_measured_in_the_own_cell_though_the_feed_has_the_lowest_index() -> None:
    now, before = cells(port=(9 * TEN, 0), suva=(TEN, 9 * TEN)), cells(port=(9 * TEN, 0), suva=(10 * TEN, 0))
    rows = after(now, before)
    found = place_senders(rows, interference(), places(NLRTM=PORT), usually(), rules=SHIP_RULES)
    port = found.filter(place_code="NLRTM").row(0, named=True)
    heard_in_cell = rows.filter(area=PORT)["heard_vessel_hours"].item()
    assert port["heard_vessel_hours"] != heard_in_cell
    assert port["interfered_share"] == TEN / (TEN + heard_in_cell)


@pytest.mark.parametrize(("usual_arrivals", "share"), [(0, 0.25), (3, 1 / 3), (5, 0.25), (0.5, 1.0)])
def test_interfered_vessels_count_against_the_usual_arrivals_of_a_port(
    usual_arrivals: float, share: float
) -> None:
    rows = assessed([cells(port=(3 * TEN, 0), suva=(TEN, 0))])[-1]
    found = place_senders(
        rows, interference(), places(NLRTM=PORT), usually(NLRTM=usual_arrivals), rules=SHIP_RULES
    )
    assert found.filter(place_code="NLRTM")["interfered_share"].item() == pytest.approx(share)


def missed(weekly: int, hours: int, cell: int | None = PORT) -> pl.DataFrame:
    """What a vessel misses that arrives so often in each of two weeks and is shown elsewhere for so many hours."""
    began = at(0)
    displacements = pl.DataFrame(
        {
            "mmsi": [1, 1, 2],
            "first_at_utc": [began, began, began],
            "last_at_utc": [began + timedelta(hours=hours - 1)] * 2 + [began],
            "hours": [hours, hours, 1],
            "from_h3_res3": [cell, cell, PORT],
            "false_position_kind": ["point", "point", None],
        },
        schema_overrides={"from_h3_res3": pl.Int64},
    )
    before = [W09.plus(-2), W09.plus(-1)]
    arrivals = [(1, "NLRTM", week.name) for week in before for _ in range(weekly)]
    others = [(2, "NLRTM", before[0].name), (1, "NLRTM", W09.name), (1, "NLRTM", None)]
    calls = pl.DataFrame(
        arrivals + others,
        schema={"mmsi": pl.Int64, "port_locode": pl.String, "arrival_week": pl.String},
        orient="row",
    )
    return further_missed_calls(displacements, calls, places(NLRTM=PORT, FJSUV=SUVA), before)


@pytest.mark.parametrize(
    ("weekly", "hours", "cell", "further"),
    [
        (42, 36, PORT, [8.0]),
        (42, 36, SUVA, [9.0]),
        (42, 4, PORT, []),
        (42, 5, PORT, [0.25]),
        (1, 168, PORT, []),
    ],
    ids=["a ferry", "believed elsewhere", "one call", "a little more", "one call a week"],
)
def test_vessels_that_call_often_miss_more_than_one_call(
    weekly: int, hours: int, cell: int, further: list[float]
) -> None:
    """Rows of the same hours count once; stretches of no cluster, and calls of other weeks, do not count."""
    assert missed(weekly, hours, cell).rows() == [("NLRTM", value) for value in further]


@pytest.mark.parametrize(("weekly", "share"), [(42, 9 / 60), (14, 0.1)], ids=["a ferry", "fewer calls"])
def test_calls_that_ferries_miss_count_against_the_usual_arrivals_of_a_port(
    weekly: int, share: float
) -> None:
    rows = assessed([cells(port=(9 * TEN, 0), suva=(TEN, 0))])[-1]
    ports, usual = places(NLRTM=PORT, FJSUV=SUVA), usually(NLRTM=60, FJSUV=1)
    found = place_senders(rows, interference(), ports, usual, missed(weekly, 36), rules=SHIP_RULES)
    by_place = dict(found.select("place_code", "interfered_share").rows())
    assert by_place["NLRTM"] == pytest.approx(share)
    assert by_place["FJSUV"] == 0.0


def test_cells_have_their_own_measures() -> None:
    rows = after(cells(port=(TEN // 2, TEN // 2), suva=(TEN, 0)), cells(port=(TEN, 0), suva=(TEN, 0)))
    found = (
        cell_places(rows, interference(), SHIP_RULES)
        .filter(place_code=h3.int_to_str(PORT))
        .row(0, named=True)
    )
    assert (found["place_kind"], found["sender_index"]) == ("cell", 0.5)
    assert found["interfered_share"] == pytest.approx(TEN / (TEN + TEN // 2))


def test_dark_vessels_are_published_by_region_and_for_the_feed() -> None:
    rows = after(cells(port=(TEN // 2, TEN // 2), suva=(TEN, 0)), cells(port=(TEN, 0), suva=(TEN, 0)))
    found = dark_vessels(rows, pl.lit("P"), SHIP_RULES)
    names = [name for name in load_contract("gold.dark_vessels_weekly").column_names if name != "week"]
    assert found.columns == names
    regions = {h3.int_to_str(int(h3.cell_to_parent(cell, 1))): n for cell, n in ((PORT, 5), (SUVA, 0))}
    assert dict(found.select("region_code", "dark_vessels").rows()) == {"_T": 5, **regions}
    assert found.filter(region_code="_T")["sender_index"].item() == 0.75


def test_what_vessels_contribute_adds_up_to_the_dark_vessels() -> None:
    """A vessel that is silent in two cells counts in both, as in the published number."""
    rows = pl.concat(
        [spells((1, 0, 20), (2, 0, 30)), spells((1, 50, 60), cell=SUVA), spells((2, 70, 168), cell=SUVA)]
    )
    weeks = [*[NO_HOURS] * silence_weeks(SHIP_RULES), hours()]
    silences = vessel_silences(rows, W09, SHIP_RULES)
    published = dark_vessels(
        sender_weeks(cell_senders(NO_MESSAGES, silences, weeks, SHIP_RULES), [], SHIP_RULES),
        pl.lit("P"),
        SHIP_RULES,
    )
    own = dark_by_vessel(silent_by_vessel(silences, weeks, [], SHIP_RULES), SHIP_RULES)
    measures = ("dark_vessels", "silent_vessel_hours")
    sums = own.group_by("region_code").agg(pl.col(measures).sum().cast(pl.Float64)).sort("region_code")
    assert sums.rows() == published.select("region_code", pl.col(measures).cast(pl.Float64)).rows()
    assert own.filter(region_code="_T").select("vessel_id", "dark_vessels").rows() == [("1", 2), ("2", 1)]
