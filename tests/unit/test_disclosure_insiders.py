"""Disclosure control against contributors who know their own part.

The outside tool is the solver HiGHS (`scipy.optimize.linprog`), as an independent attacker: it gets what is published
and what one insider knows, and no code of the product. tau-argus and sdcTable need Windows and R, which are not here:
`test_the_example_of_the_tau_argus_manual` takes the example of the manual of tau-argus 4.1, *The Modular approach*.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from ais_indicators.contracts.profiles import find_profile
from ais_indicators.disclosure import protect as protection
from ais_indicators.disclosure.coverage import Coverage, fits_published, open_needs
from ais_indicators.disclosure.insiders import Protection, find_contributions, find_dominance
from ais_indicators.disclosure.losses import losses
from ais_indicators.disclosure.protect import Plan, plan_table, stop_on_leak
from ais_indicators.disclosure.published import Published
from ais_indicators.disclosure.tables import LAYOUTS, cells_of
from ais_indicators.errors import BadInputError, ReleaseStoppedError
from ais_indicators.transforms.contributions import FLOW_VALUES, PORT_VALUES, STRAIT_VALUES
from tests.disclosure_world import COUNTRIES, PORTS, Call, contributions, contributors, port_table
from tests.examples import examples
from tests.subject_rules import SHIP_RULES

CONFIDENTIAL = find_profile("confidential")
LEAST, MOST = (
    CONFIDENTIAL.threshold("least_protection_share", SHIP_RULES),
    CONFIDENTIAL.threshold("max_share", SHIP_RULES),
)
NOBODY = pl.DataFrame(schema={"table_name": pl.String})
GT = "arrivals_gross_tonnage"


@cache
def _plan(calls: tuple[Call, ...], with_insiders: bool) -> Plan:
    own = contributions(calls)[PORTS] if with_insiders else None
    frame = pl.DataFrame(port_table(calls))
    return plan_table(
        PORTS, frame, contributors(calls), own, CONFIDENTIAL, COUNTRIES, Published(), SHIP_RULES
    )


def plan(calls: Sequence[Call], *, with_insiders: bool = True) -> Plan:
    return _plan(tuple(calls), with_insiders)


def hidden_cells(of: Plan) -> set[tuple[str, str]]:
    rows = of.cells.rows.with_columns(status=of.status.gather(of.cells.rows["cell"]))
    return set(rows.filter(pl.col("status") != "F").select("port_locode", "vessel_class").iter_rows())


def in_classes(port: str, **tonnages: Sequence[float]) -> list[Call]:
    """Calls of ships at one port, a tonnage for each ship of a class."""
    return [
        Call(f"{port} {kind} {number}", port, kind, tonnage=tonnage)
        for kind, of in tonnages.items()
        for number, tonnage in enumerate(of)
    ]


ONE_PORT = in_classes("AAONE", tanker=[4321.0], roro=[9876.0], container=[2000.0] * 3, dry_bulk=[5000.0] * 6)
"""Two cells of one ship each in a row; the others have enough ships. A second port has other classes."""

ELSEWHERE = in_classes("BBONE", general_cargo=[3000.0] * 5, passenger=[3000.0] * 5)


def insider_bounds(
    calls: Sequence[Call],
    hidden: set[tuple[str, str]],
    knows: Sequence[str],
    name: str,
    wanted: set[tuple[str, str]] | None = None,
) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Bounds by HiGHS of what others have in each suppressed cell, with what they have, for who knows some units.

    Ports, classes and both totals; sums over published rows are taken from the calls themselves.
    """
    parts: dict[tuple[str, str], float] = defaultdict(float)
    own: dict[tuple[str, str], float] = defaultdict(float)
    others: dict[tuple[str, str], int] = defaultdict(int)
    for call in calls:
        value = {"arrivals": call.arrivals, "departures": call.departures, GT: call.tonnage * call.arrivals}[
            name
        ]
        for cell in {(p, k) for p in (call.port, "_T") for k in (call.vessel_class, "_T")}:
            parts[cell] += value
            own[cell] += value if (call.operator or call.ship) in knows else 0.0
            others[cell] += (call.operator or call.ship) not in knows
    cells = sorted(parts)
    matrix = sum_matrix(cells)
    limits = [
        (own[cell], None) if cell in hidden and others[cell] else (parts[cell], parts[cell]) for cell in cells
    ]
    found = {}
    for cell in sorted(hidden if wanted is None else wanted):
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(cells))
            goal[cells.index(cell)] = sign
            answer = linprog(goal, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=limits, method="highs")
            assert answer.status in (0, 3), answer.message
            ends.append(np.inf if answer.status == 3 else sign * float(answer.fun) - own[cell])
        found[cell] = (ends[0], ends[1], parts[cell] - own[cell])
    return found


def sum_matrix(cells: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """One row per sum over ports or classes: 1 for its members, less 1 for the total."""
    sums = [
        ((port, "_T"), [c for c in cells if c[0] == port and c[1] != "_T"]) for port in {p for p, _ in cells}
    ] + [
        (("_T", kind), [c for c in cells if c[1] == kind and c[0] != "_T"]) for kind in {k for _, k in cells}
    ]
    matrix = np.zeros((len(sums), len(cells)))
    for row, (total, members) in enumerate(sums):
        matrix[row, [cells.index(cell) for cell in members]] = 1.0
        matrix[row, cells.index(total)] -= 1.0
    return matrix


def shown(calls: Sequence[Call], hidden: set[tuple[str, str]]) -> pl.DataFrame:
    """Rows as they would be published with some cells suppressed."""
    of = pl.DataFrame(sorted(hidden), schema=["port_locode", "vessel_class"], orient="row")
    return protection.blank(PORTS, pl.DataFrame(port_table(calls)), of.with_columns(conf_status=pl.lit("D")))


ROW = {("AAONE", "tanker"), ("AAONE", "roro")}


def test_the_owner_of_one_lone_ship_reads_the_other_from_a_published_total() -> None:
    """Total 20,197 GT, 6,000 published, own 4,321: the other has 9,876. HiGHS finds it."""
    calls = [c for c in ONE_PORT if c.vessel_class != "dry_bulk"]
    total = sum(c.tonnage for c in calls)
    assert total == 20_197
    bounds = insider_bounds(calls, ROW | {("_T", k) for _, k in ROW}, ["AAONE tanker 0"], GT)
    assert bounds["AAONE", "roro"] == pytest.approx((9_876, 9_876, 9_876))


def test_the_attack_before_publication_finds_what_the_owner_reads() -> None:
    """The same cells as before, which outsiders learn nothing from, do not pass any more."""
    calls = [*ONE_PORT, *ELSEWHERE]
    before = plan(calls, with_insiders=False)
    hidden = hidden_cells(before)
    assert {kind for port, kind in hidden if port == "AAONE"} == {"tanker", "roro"}
    stop_on_leak(before, shown(calls, hidden))
    now = plan(calls)
    with pytest.raises(ReleaseStoppedError, match=r"tanker \(between 4321 and 4321 for AAONE roro 0, who"):
        stop_on_leak(now, shown(calls, hidden))
    bare = now.cells.values.select(pl.struct("port_locode", "vessel_class").is_in(
        [{"port_locode": port, "vessel_class": kind} for port, kind in sorted(hidden)]
    )).to_series().to_numpy()  # fmt: skip
    owner = now.insiders.names.index("AAONE tanker 0")
    found = open_needs(now.system, now.insider_needs, now.insiders, bare, ())
    learned = [unknown for insider, unknown in found if insider == owner]
    assert 9_876.0 in now.system.value[learned]


def test_a_third_cell_is_suppressed_and_the_owner_learns_nothing() -> None:
    calls = [*ONE_PORT, *ELSEWHERE]
    hidden = hidden_cells(plan(calls))
    more = hidden - hidden_cells(plan(calls, with_insiders=False))
    assert {kind for port, kind in more if port == "AAONE"} == {"container"}, "the cheapest"
    for owner, cell in (("AAONE tanker 0", ("AAONE", "roro")), ("AAONE roro 0", ("AAONE", "tanker"))):
        low, high, rest = insider_bounds(calls, hidden, [owner], GT)[cell]
        assert low <= rest * 2 / 3
        assert high >= rest * 4 / 3


def test_the_example_of_the_tau_argus_manual() -> None:
    """A: 52, 15, 62, 17; B: 24, 18, 31, 8. (A, X2) is a singleton, (A, X4) unsafe, and nobody may know their sum of 32.

    tau-argus adds a virtual cell of 32 with a small interval, which forces a third suppression in the row.
    """
    row_a, row_b = (52, 15, 62, 17), (24, 18, 31, 8)
    kinds = ("tanker", "roro", "container", "dry_bulk")
    ships = {"roro": [15.0], "dry_bulk": [16.0, 1.0]}
    calls = in_classes("AAONE", **{k: ships.get(k, [v / 4] * 4) for k, v in zip(kinds, row_a, strict=True)})
    calls += in_classes("BBONE", **{k: [v / 4] * 4 for k, v in zip(kinds, row_b, strict=True)})
    hidden = hidden_cells(plan(calls))
    assert (
        len({kind for port, kind in hidden if port == "AAONE" and kind != "_T"}) >= 3
        or (
            "AAONE",
            "_T",
        )
        in hidden
    )
    low, high, rest = insider_bounds(calls, hidden, ["AAONE roro 0"], GT)["AAONE", "dry_bulk"]
    assert low < rest < high


@pytest.mark.parametrize(("rest", "expected"), [(99.0, "O"), (101.0, "F")])
def test_the_second_largest_must_not_estimate_the_largest(rest: float, expected: str) -> None:
    """Shares of 0.5: no one dominates. What is left for the second largest is 1,000 and the rest: 10 % is the limit."""
    calls = in_classes("AAONE", tanker=[1000.0, 1000.0, rest], roro=[3000.0] * 5, container=[3000.0] * 5)
    calls += in_classes("BBONE", tanker=[3000.0] * 5, roro=[3000.0] * 5, container=[3000.0] * 5)
    of = plan(calls)
    rows = of.cells.rows.with_columns(status=of.status.gather(of.cells.rows["cell"]))
    assert rows.filter(port_locode="AAONE", vessel_class="tanker")["status"].to_list() == [expected]


def test_two_of_a_dominated_cell_together_do_not_learn_the_third() -> None:
    """A pair takes both own parts off. The pair attacks by HiGHS; the cells of before would not withstand it."""
    calls = in_classes("AAONE", tanker=[8000.0, 1000.0, 900.0], roro=[3000.0] * 5, container=[3000.0] * 5)
    calls += in_classes("BBONE", tanker=[3000.0] * 5, roro=[3000.0] * 5, container=[3000.0] * 5)
    of = plan(calls)
    pair = ["AAONE tanker 1", "AAONE tanker 2"]
    assert " and ".join(pair) in of.insiders.names
    low, high, rest = insider_bounds(calls, hidden_cells(of), pair, GT)["AAONE", "tanker"]
    assert rest == 8000
    assert low <= rest * 2 / 3
    assert high >= rest * 4 / 3


@pytest.mark.parametrize(("operator", "hidden"), [(None, False), ("a line", True)])
def test_an_operator_knows_all_its_ships(operator: str | None, hidden: bool) -> None:
    """Of three ships two are of one operator, which reads the third."""
    lines = [Call(f"r{n}", "AAONE", "roro", operator=operator if n else None) for n in range(3)]
    calls = [*lines, *ONE_PORT[2:], *ELSEWHERE, *in_classes("BBONE", roro=[3000.0] * 5)]
    of = plan(calls)
    assert (("AAONE", "roro") in hidden_cells(of)) is hidden
    assert ("a line" in of.insiders.names) is hidden


KINDS = ("tanker", "container", "roro")
SOME_CALLS = st.lists(
    st.builds(
        Call,
        ship=st.integers(1, 9).map("ship {}".format),
        port=st.sampled_from(["AAONE", "BBONE", "CCONE"]),
        arrivals=st.integers(1, 2),
        tonnage=st.sampled_from([500.0, 2000.0, 9000.0]),
        operator=st.sampled_from([None, None, "line"]),
    ),
    min_size=4,
    max_size=20,
).map(
    lambda calls: [
        replace(
            c,
            vessel_class=KINDS[int(c.ship.split()[1]) % 3],
            operator=("line" if c.ship == "ship 4" else None),
        )
        for c in {(c.ship, c.port): c for c in calls}.values()
    ]
)


def room(calls: Sequence[Call], cell: tuple[str, str], knows: str) -> float:
    """Share by which what others have in a cell must stay uncertain for one who knows a unit."""
    sums: dict[str, float] = defaultdict(float)
    for call in calls:
        if call.port in (cell[0], cell[0] if cell[0] != "_T" else call.port):
            here = cell[0] in ("_T", call.port) and cell[1] in ("_T", call.vessel_class)
            if here and (call.operator or call.ship) != knows:
                sums[call.operator or call.ship] += call.tonnage * call.arrivals
    return max(LEAST, max(sums.values()) / sum(sums.values()) / MOST - 1) if sums else 0.0


@settings(max_examples=examples(4, is_costly=True))
@given(SOME_CALLS)
def test_no_contributor_works_out_what_others_have(calls: list[Call]) -> None:
    """Random small tables; HiGHS attacks each cell of few ships or dominated by one as every single contributor."""
    of = plan(calls)
    stop_on_leak(of, shown(calls, hidden_cells(of)))
    hidden = hidden_cells(of)
    rows = of.cells.rows.with_columns(status=of.status.gather(of.cells.rows["cell"]))
    secret = set(
        rows.filter(pl.col("status").is_in(["A", "O"])).select("port_locode", "vessel_class").iter_rows()
    )
    for unit in sorted({c.operator or c.ship for c in calls}):
        for name in (GT, "arrivals"):
            for cell, (low, high, rest) in insider_bounds(calls, hidden, [unit], name, secret).items():
                if rest > 0:
                    least = max(room(calls, cell, unit) * rest, 1.0 if name == "arrivals" else 0.0)
                    slack = 1e-4 * max(rest, 1.0)
                    assert low <= max(rest - least, 0.0) + slack, (unit, name, cell)
                    assert high >= rest + least - slack, (unit, name, cell)


def test_the_order_of_contributions_changes_nothing() -> None:
    calls = [*ONE_PORT, *ELSEWHERE]
    own = contributions(calls)[PORTS].sample(fraction=1.0, shuffle=True, seed=3)
    frame = pl.DataFrame(port_table(calls))
    shuffled = plan_table(
        PORTS, frame, contributors(calls), own, CONFIDENTIAL, COUNTRIES, Published(), SHIP_RULES
    )
    assert shuffled.status.equals(plan(calls).status)


def test_a_table_of_vessels_without_contributions_is_refused() -> None:
    frame, none = pl.DataFrame(port_table(ONE_PORT)), contributions()[PORTS]
    with pytest.raises(BadInputError, match="run the week again"):
        plan_table(
            PORTS, frame, contributors(ONE_PORT), none, CONFIDENTIAL, COUNTRIES, Published(), SHIP_RULES
        )


def test_a_table_that_does_not_fit_what_is_published_proves_nothing() -> None:
    calls = [*ONE_PORT, *ELSEWHERE]
    of = plan(calls)
    hidden = (of.status != "F").to_numpy()
    assert all(fits_published(of.system, hidden, change) for change in of.tables)
    (first, *_) = of.tables
    moved = int(np.flatnonzero(first)[0])
    assert not fits_published(of.system, np.zeros_like(hidden), first), "a published cell changes"
    assert not fits_published(of.system, hidden, first + np.eye(of.system.size)[moved]), "sums do not hold"
    assert not fits_published(of.system, hidden, -1e9 * np.abs(first)), "below zero"
    bare = hidden & (of.status != "D").to_numpy()
    assert open_needs(of.system, of.insider_needs, of.insiders, bare, of.tables)
    assert Coverage(of.system, of.insider_needs, of.insiders).insiders_open.size


def test_what_insiders_cost_is_counted() -> None:
    calls = [*ONE_PORT, *ELSEWHERE]
    gold = pl.DataFrame(port_table(calls))
    with_them, without = (shown_by(plan(calls, with_insiders=wanted), gold) for wanted in (True, False))
    lost = losses({PORTS: gold}, {PORTS: with_them}, {PORTS: without})[PORTS]
    more = hidden_cells(plan(calls)) - hidden_cells(plan(calls, with_insiders=False))
    assert lost["insiders"] == len(more) > 0
    assert lost["arrivals_lost_to_insiders"] == sum((c.port, c.vessel_class) in more for c in calls) > 0
    assert lost["arrivals_lost"] > lost["arrivals_lost_to_insiders"]


def shown_by(of: Plan, gold: pl.DataFrame) -> pl.DataFrame:
    return protection.blank(PORTS, gold, protection.suppressed_cells(of))


def test_contributions_have_the_values_of_the_layouts() -> None:
    for table, values in ((PORTS, PORT_VALUES), ("gold.chokepoint_transits_weekly", STRAIT_VALUES)):
        assert set(values) == set(LAYOUTS[table].families)
    assert set(FLOW_VALUES) == set(LAYOUTS["gold.trade_flows_weekly"].families)


def test_a_cell_of_counts_alone_is_dominated_by_nobody() -> None:
    calls = in_classes("AAONE", tanker=[0.0] * 3)
    cells = cells_of(PORTS, pl.DataFrame(port_table(calls)), COUNTRIES, SHIP_RULES)
    own = find_contributions(cells, contributions(calls)[PORTS])
    dominance = find_dominance(own, LAYOUTS[PORTS], cells.values.height, LEAST)
    assert not dominance.pair.any()
    assert dominance.largest.max() == pytest.approx(1 / 3)
    assert Protection(MOST, LEAST).share(1.0) == pytest.approx(1 / 3)
