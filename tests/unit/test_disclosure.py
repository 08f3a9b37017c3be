"""Disclosure control on small worlds: who is suppressed, what else goes with it, and that nothing can be worked out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.profiles import Profile, ProfilesFile, find_profile, load_profiles
from ais_indicators.disclosure import protect as protection
from ais_indicators.disclosure.protect import protect
from ais_indicators.disclosure.published import Published
from ais_indicators.errors import BadInputError, ReleaseStoppedError, WrongUseError
from ais_indicators.transforms.contributors import flow_contributors
from tests.disclosure_world import (
    COUNTRIES,
    FLOWS,
    PORTS,
    Call,
    Voyage,
    contributions,
    contributors,
    distance,
    flow_table,
    port_table,
    voyage_rows,
)
from tests.examples import examples, is_full
from tests.protected_calls import BUSY, many, of_calls, released, status
from tests.second_attack import attack_flows, attack_ports, too_narrow
from tests.subject_rules import SHIP_RULES

LEAST, MOST = 0.1, 0.75
COUNTS = ("arrivals", "departures", "calls_in_progress", "unique_vessels", "ships", "voyages")
WAYS = {(a, b): distance(a, b) or 0.0 for a, b in product(COUNTRIES, COUNTRIES)}


@pytest.mark.parametrize(("ships", "expected"), [(1, "A"), (2, "A"), (3, "F")])
def test_fewer_ships_than_the_minimum_are_suppressed(ships: int, expected: str) -> None:
    rows = of_calls(
        [*BUSY, *many("AAONE", "roro", ships), *many("BBONE", "roro", 4), *many("CCONE", "roro", 4)]
    )
    assert status(rows, port_locode="AAONE", vessel_class="roro") == expected


@pytest.mark.parametrize(("largest", "expected"), [(7500.0, "F"), (7501.0, "O")])
def test_a_share_over_the_threshold_is_suppressed_and_one_at_it_is_not(largest: float, expected: str) -> None:
    shares = [
        Call(f"r{n}", "AAONE", "roro", tonnage=t)
        for n, t in enumerate((largest, 1250.0, 10000 - largest - 1250))
    ]
    rows = of_calls([*BUSY, *shares, *many("BBONE", "roro", 4), *many("CCONE", "roro", 4)])
    assert status(rows, port_locode="AAONE", vessel_class="roro") == expected


@pytest.mark.parametrize(("operator", "expected"), [(None, "F"), ("one line", "O")])
def test_ships_of_one_operator_are_one_contributor(operator: str | None, expected: str) -> None:
    lines = [Call(f"r{n}", "AAONE", "roro", operator=operator) for n in range(4)]
    rows = of_calls([*BUSY, *lines, *many("BBONE", "roro", 4), *many("CCONE", "roro", 4)])
    assert status(rows, port_locode="AAONE", vessel_class="roro") == expected


def test_a_lone_ship_takes_other_cells_with_it_and_the_grand_total_stays() -> None:
    rows = of_calls([*BUSY, *many("AAONE", "roro", 1), *many("BBONE", "roro", 4), *many("CCONE", "roro", 4)])
    of_class, of_port = (
        rows.filter(pl.col("conf_status") != "F", **key).select("port_locode", "vessel_class").unique().height
        for key in ({"vessel_class": "roro"}, {"port_locode": "AAONE"})
    )
    assert min(of_class, of_port) >= 2
    assert status(rows, port_locode="_T", vessel_class="_T") == "F"


def test_a_suppressed_cell_has_no_value_at_all_and_no_zero() -> None:
    gold = port_table([*BUSY, *many("AAONE", "roro", 1)])
    rows = of_calls([*BUSY, *many("AAONE", "roro", 1)])
    hidden = rows.filter(port_locode="AAONE", vessel_class="roro")
    assert hidden["value"].null_count() == hidden.height == 8
    assert set(hidden["obs_status"].to_list()) == {"Q"}
    assert rows.height == gold.num_rows
    kept = rows.filter(conf_status="F")
    assert kept.equals(
        pl.DataFrame(gold).join(kept, on=load_contract(PORTS).key, how="semi", maintain_order="left")
    )


def idle(*cells: tuple[str, str]) -> pa.Table:
    """Rows of ports and classes without a call: sums of 0, and a median that is not applicable."""
    rows = pl.DataFrame(port_table(BUSY[:1])).filter(port_locode="AAONE", vessel_class="tanker")
    is_sum = pl.col("value").is_not_null() & (pl.col("unit") != "h")
    none = rows.with_columns(
        value=pl.when(is_sum).then(0.0), obs_status=pl.when(is_sum).then(pl.lit("P")).otherwise(pl.lit("M"))
    )
    found = [none.with_columns(port_locode=pl.lit(port), vessel_class=pl.lit(of)) for port, of in cells]
    return pl.concat(found).to_arrow().cast(port_table(BUSY).schema)


NONE = idle(
    ("DDONE", "tanker"),
    ("DDONE", "_T"),
    ("AAONE", "lpg"),
    ("CCONE", "roro"),
    ("BBONE", "roro"),
    ("_T", "lpg"),
)


def test_a_cell_without_a_vessel_needs_no_contributors_and_is_published() -> None:
    rows = released(PORTS, pa.concat_tables([port_table(BUSY), NONE]), contributors(BUSY))
    assert set(rows.filter(port_locode="DDONE")["conf_status"]) == {"F"}
    assert set(rows["obs_status"]) == {"P", "O", "M"}
    medians = rows.filter(port_locode="DDONE", indicator="median_hours_in_port")
    assert medians.select("value", "obs_status").unique().rows() == [(None, "M")]


def test_a_cell_without_a_vessel_is_not_suppressed_to_protect_another() -> None:
    calls = [*BUSY, *many("AAONE", "roro", 1)]
    gold, behind = pa.concat_tables([port_table(calls), NONE]), contributors(calls)
    rows = released(PORTS, gold, behind)
    assert status(rows, port_locode="AAONE", vessel_class="roro") == "A"
    for port, of in (("AAONE", "lpg"), ("BBONE", "roro"), ("CCONE", "roro")):
        assert status(rows, port_locode=port, vessel_class=of) == "F"
    assert narrow_ports(pl.DataFrame(gold), rows, behind) == []


def test_rows_of_0_change_nothing_of_what_else_is_suppressed() -> None:
    calls = [*BUSY, *many("AAONE", "roro", 1), *many("EEONE", "tanker", 2)]
    zeros = pa.concat_tables([NONE, idle(("EEONE", "roro"))])
    plain, behind = port_table(calls), contributors(calls)
    rows = released(PORTS, pa.concat_tables([plain, zeros]), behind)
    key = load_contract(PORTS).key
    without = rows.join(pl.DataFrame(zeros), on=key, how="anti")
    assert without.sort(key).equals(released(PORTS, plain, behind).sort(key))


def test_the_profile_open_changes_nothing() -> None:
    tables = {PORTS: port_table(BUSY[:3])}
    assert (
        protect(tables, pl.DataFrame(), {}, find_profile("open"), {}, Published(), SHIP_RULES)[PORTS]
        is tables[PORTS]
    )


def test_a_cell_without_contributors_is_refused() -> None:
    with pytest.raises(BadInputError, match="compute_contributors"):
        released(PORTS, port_table(BUSY), contributors(BUSY[1:6]))


def test_no_profile_of_that_name() -> None:
    with pytest.raises(WrongUseError, match="choose open or confidential"):
        find_profile("secret")


def test_a_profile_must_be_whole() -> None:
    with pytest.raises(ValueError, match="lacks min_ships"):
        Profile(name="half", text="", is_protected=True)
    with pytest.raises(ValueError, match="repeated"):
        ProfilesFile(profiles=(*load_profiles(), load_profiles()[0]))


CLASSES = ("tanker", "container", "roro")


def class_of(ship: str) -> str:
    """A ship has one class."""
    return CLASSES[int(ship.split()[1]) % len(CLASSES)]


SOME_CALLS = st.lists(
    st.builds(
        Call,
        ship=st.integers(1, 8).map("ship {}".format),
        port=st.sampled_from(["AAONE", "BBONE", "CCONE", "AATWO"]),
        arrivals=st.integers(0, 3),
        departures=st.integers(0, 3),
        in_progress=st.integers(0, 1),
        tonnage=st.sampled_from([500.0, 2000.0, 9000.0]),
        operator=st.sampled_from([None, None, "line"]),
    ),
    min_size=1,
    max_size=20,
).map(
    lambda calls: [
        replace(c, vessel_class=class_of(c.ship)) for c in {(c.ship, c.port): c for c in calls}.values()
    ]
)
SOME_VOYAGES = st.lists(
    st.builds(
        Voyage,
        ship=st.integers(1, 9).map("ship {}".format),
        origin=st.sampled_from([*COUNTRIES, None]),
        destination=st.sampled_from(list(COUNTRIES)),
        tonnes=st.sampled_from([0.0, 300.0, 1000.0, 5000.0]),
        loaded=st.sampled_from([0.0, 700.0]),
    ),
    min_size=1,
    max_size=10,
).map(lambda voyages: [replace(v, vessel_class=class_of(v.ship)) for v in voyages])


def narrow_ports(gold: pl.DataFrame, rows: pl.DataFrame, behind: pl.DataFrame) -> list[Any]:
    mind = attack_ports(rows)
    secret = (
        rows.filter(pl.col("conf_status").is_in(["A", "O"])).select("port_locode", "vessel_class").unique()
    )
    true = gold.join(secret, on=["port_locode", "vessel_class"]).join(
        behind, on=["port_locode", "vessel_class"]
    )
    found = []
    for row in true.iter_rows(named=True):
        name = (row["port_locode"], row["vessel_class"], row["indicator"])
        if name in mind.names and row["value"]:
            share = max(LEAST, row["largest_share"] / MOST - 1)
            narrow = too_narrow(mind, name, row["value"], share, row["indicator"] in COUNTS)
            found += [(name, row["value"], narrow)] if narrow else []
    return found


@settings(max_examples=examples(10, is_costly=True))
@given(SOME_CALLS)
def test_no_value_of_a_port_can_be_worked_out(calls: list[Call]) -> None:
    gold, behind = port_table(calls), contributors(calls)
    assert (
        narrow_ports(pl.DataFrame(gold), released(PORTS, gold, behind, None, contributions(calls)), behind)
        == []
    )


@settings(max_examples=5 if is_full() else 2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(SOME_VOYAGES)
def test_no_flow_can_be_worked_out(voyages: list[Voyage]) -> None:
    gold, behind = flow_table(voyages), contributors(voyages=voyages)
    rows, true = released(FLOWS, gold, behind, None, contributions(voyages=voyages)), pl.DataFrame(gold)
    mirrors(rows)
    mind = attack_flows(rows, true, COUNTRIES, WAYS)
    key = ["reporter_level", "reporter", "partner", "direction", "vessel_class"]
    secret = rows.filter(pl.col("conf_status").is_in(["A", "O"])).select(key).unique()
    seen: set[Any] = set()
    for row in true.join(secret, on=key).join(behind, on=key).iter_rows(named=True):
        cell = tuple(row[name] for name in key)
        share = max(LEAST, row["largest_share"] / MOST - 1)
        for name, value in ((row["indicator"], row["value"]), ("voyages", row["voyages"])):
            name_of = (*cell, name)
            if name_of in mind.names and value and name_of not in seen:
                seen.add(name_of)
                assert too_narrow(mind, (*cell, name), value, share, name in COUNTS) is None, (cell, name)


def mirrors(rows: pl.DataFrame) -> None:
    """What A exports to B has the status of what B imports from A."""
    lanes = rows.filter(pl.col("partner") != "_T")
    swapped = lanes.with_columns(
        reporter="partner",
        partner="reporter",
        direction=pl.when(pl.col("direction") == "import").then(pl.lit("export")).otherwise(pl.lit("import")),
    )
    key = ["reporter_level", "reporter", "partner", "direction", "vessel_class", "indicator"]
    both = lanes.join(swapped, on=key)
    assert both.height == lanes.height
    assert both.filter((pl.col("conf_status") == "F") != (pl.col("conf_status_right") == "F")).is_empty()


@settings(max_examples=examples(6, is_costly=True))
@given(SOME_CALLS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(calls: list[Call], random: Any) -> None:
    gold, behind = port_table(calls), contributors(calls)
    order = list(range(gold.num_rows))
    random.shuffle(order)
    shuffled = released(PORTS, gold.take(order), behind.sample(fraction=1.0, shuffle=True, seed=7))
    key = shuffled.columns[:4]
    assert shuffled.sort(key).equals(released(PORTS, gold, behind).sort(key))


@settings(max_examples=examples(6, is_costly=True))
@given(SOME_VOYAGES)
def test_contributors_are_those_of_a_second_reading(voyages: list[Voyage]) -> None:
    ships = pl.DataFrame(schema={"vessel_id": pl.String, "operator": pl.String})
    found = flow_contributors(voyage_rows(voyages), ships, SHIP_RULES)
    wanted = contributors(voyages=voyages).select(found.columns)
    key = found.columns[:8]
    pairs = found.join(wanted, on=key, how="full", suffix="_wanted")
    assert pairs.height == found.height == wanted.height
    assert (pairs["ships"] == pairs["ships_wanted"]).all()
    assert np.allclose(pairs["largest_share"], pairs["largest_share_wanted"])


def tables_with(
    margins: np.ndarray[Any, Any], known: Mapping[tuple[int, int], int]
) -> Iterator[np.ndarray[Any, Any]]:
    """Every table of whole numbers with the sums of rows and columns, and with the known cells."""
    rows, columns = margins
    free = [place for place in product(range(len(rows)), range(len(columns))) if place not in known]
    most = [min(rows[r], columns[c]) for r, c in free]
    for values in product(*(range(top + 1) for top in most)):
        table = np.zeros((len(rows), len(columns)), int)
        for place, value in [*known.items(), *zip(free, values, strict=True)]:
            table[place] = value
        if (table.sum(axis=1) == rows).all() and (table.sum(axis=0) == columns).all():
            yield table


@settings(max_examples=examples(10, is_costly=True))
@given(st.lists(st.integers(0, 4), min_size=6, max_size=6).filter(any))
def test_whole_numbers_reports_no_more_than_the_programme_says(arrivals: list[int]) -> None:
    """All tables of two ports and three classes that fit what is published: no count of few ships is in all of them."""
    places = list(product(("AAONE", "BBONE"), CLASSES))
    calls = [
        Call(f"{port} {kind} {n}", port, kind, departures=0)
        for (port, kind), number in zip(places, arrivals, strict=True)
        for n in range(number)
    ]
    rows = of_calls(calls).filter(indicator="arrivals")
    shown = {(r["port_locode"], r["vessel_class"]): r for r in rows.iter_rows(named=True)}
    totals = [shown.get((p, "_T")) for p in ("AAONE", "BBONE")] + [shown.get(("_T", k)) for k in CLASSES]
    if any(one and one["obs_status"] == "Q" for one in totals):
        return
    margins = [int(one["value"]) if one else 0 for one in totals]
    known = {
        (n // 3, n % 3): int(shown[place]["value"]) if place in shown else 0
        for n, place in enumerate(places)
        if place not in shown or shown[place]["obs_status"] != "Q"
    }
    fitting = list(tables_with((margins[:2], margins[2:]), known))  # type: ignore[arg-type]
    for number, place in enumerate(places):
        if place in shown and shown[place]["conf_status"] == "A":
            could_be = {int(t[number // 3, number % 3]) for t in fitting}
            assert {arrivals[number] - 1, arrivals[number] + 1} <= could_be


def test_a_leak_stops_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(*given: Any) -> Any:
        return given[1]

    monkeypatch.setattr(protection, "suppress_further", careless)
    calls = [*BUSY, *many("AAONE", "roro", 1), *many("BBONE", "roro", 4)]
    with pytest.raises(ReleaseStoppedError, match=r"arrivals of AAONE roro \(between 1 and 1\)"):
        released(PORTS, port_table(calls), contributors(calls))
