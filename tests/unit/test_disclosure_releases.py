"""Disclosure control of a week that was released before, of adjacent weeks, and what a release lost."""

import polars as pl

from ais_indicators.disclosure import protect as protection
from ais_indicators.disclosure.losses import losses
from ais_indicators.disclosure.protect import blank, suppressed_cells
from ais_indicators.disclosure.published import Published
from tests.disclosure_world import (
    COUNTRIES,
    PORTS,
    Call,
    contributors,
    port_table,
)
from tests.protected_calls import BUSY, CONFIDENTIAL, many, of_calls, released, status
from tests.subject_rules import SHIP_RULES

WEEK_CALLS = [*BUSY, *many("AAONE", "roro", 1), *many("BBONE", "roro", 4), *many("CCONE", "roro", 4)]


def test_the_same_values_again_are_the_same_release() -> None:
    first = of_calls(WEEK_CALLS)
    assert of_calls(WEEK_CALLS, Published(vintages=[{PORTS: first}])).equals(first)


def test_a_cell_that_was_suppressed_stays_so_when_ships_are_added() -> None:
    first = of_calls(WEEK_CALLS)
    later = of_calls(
        [*WEEK_CALLS, *[Call(f"late {n}", "AAONE", "roro") for n in range(3)]], Published([{PORTS: first}])
    )
    hidden = first.filter(pl.col("conf_status") != "F").select("port_locode", "vessel_class").unique()
    still = later.join(hidden, on=["port_locode", "vessel_class"])
    assert set(still["conf_status"].to_list()) == {"D"} | set(still["conf_status"].to_list()) - {"F"}
    assert status(later, port_locode="AAONE", vessel_class="roro") == "D"


def test_a_value_that_was_published_protects_nothing() -> None:
    """A lone ship comes late: cells that are as they were published cannot hide it, those that changed must."""
    before = [*BUSY, *many("BBONE", "roro", 4), *many("CCONE", "roro", 4)]
    first = of_calls(before)
    assert set(first["conf_status"].to_list()) == {"F"}
    later = of_calls([*before, *many("AAONE", "roro", 1)], Published([{PORTS: first}]))
    hidden = set(later.filter(pl.col("conf_status") != "F").select("port_locode", "vessel_class").iter_rows())
    assert {("AAONE", "roro"), ("AAONE", "_T"), ("_T", "roro"), ("_T", "_T")} <= hidden


def test_calls_in_progress_are_not_reported_by_the_week_after() -> None:
    staying = [*BUSY, *many("BBONE", "roro", 4), *many("CCONE", "roro", 4)]
    week = [*staying, Call("guest", "AAONE", "roro", arrivals=1, departures=0, in_progress=1)]
    first = of_calls(week)
    others = [Call(f"next {n}", "AAONE", "roro", arrivals=1, departures=1) for n in range(4)]
    after = [*staying, Call("guest", "AAONE", "roro", arrivals=0, departures=1), *others]
    assert status(of_calls(after), port_locode="AAONE", vessel_class="roro") == "F"
    before = Published(week_before=first, week_before_true=pl.DataFrame(port_table(week)))
    assert status(of_calls(after, before), port_locode="AAONE", vessel_class="roro") == "D"


def test_what_a_release_lost_is_reported() -> None:
    gold = port_table(WEEK_CALLS)
    rows = of_calls(WEEK_CALLS)
    plain = released(PORTS, gold, contributors(WEEK_CALLS))
    lost = losses({PORTS: pl.DataFrame(gold)}, {PORTS: rows}, {PORTS: plain})[PORTS]
    hidden = (
        rows.filter(pl.col("conf_status") != "F")
        .select("port_locode", "vessel_class", "conf_status")
        .unique()
    )
    assert lost["primary"] == 1
    assert lost["secondary"] == hidden.height - 1
    assert lost["observations"] == 8 * hidden.height
    assert lost["arrivals"] == len(WEEK_CALLS)
    assert 1 <= lost["arrivals_lost"] < lost["arrivals"]


def test_an_adjusted_row_goes_with_its_plain_one() -> None:
    plain = pl.DataFrame(port_table(WEEK_CALLS)).with_columns(adjustment=pl.lit("N"))
    both = pl.concat(
        [
            plain,
            plain.filter(indicator="arrivals").with_columns(
                adjustment=pl.lit("COVERAGE"), value=pl.col("value") / 0.8
            ),
        ]
    )
    plan = protection.plan_table(
        PORTS, both, contributors(WEEK_CALLS), None, CONFIDENTIAL, COUNTRIES, Published(), SHIP_RULES
    )
    rows = blank(PORTS, both, suppressed_cells(plan)).filter(indicator="arrivals")
    wide = rows.pivot(on="adjustment", index=["port_locode", "vessel_class"], values="value")
    assert (wide["N"].is_null() == wide["COVERAGE"].is_null()).all()
    assert wide["N"].null_count() > 0
