"""A second attacker on released tables: its own implementation, one linear programme per bound.

It knows the published rows, that nothing is below zero, and how totals are made; of whether a reporter's partners
are all known it makes the guess that is right. It shares no code with the product.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import linprog

Key = tuple[str, ...]
PORT_SUMS = ("arrivals", "departures", "calls_in_progress", "arrivals_gross_tonnage")
STRAIT_SUMS = ("transits", "incomplete_transits", "deadweight_t", "payload_t")
FLOW_SUMS = ("voyages", "deadweight", "tonnes", "tonne_miles")


class Attacker:
    """Equations over named unknowns."""

    def __init__(self) -> None:
        self.fixed: dict[Key, float] = {}
        self.least: dict[Key, float] = {}
        self.names: dict[Key, int] = {}
        self.equal: list[dict[Key, float]] = []
        self.at_most: list[dict[Key, float]] = []

    def know(self, name: Key, value: float | None) -> None:
        self.names.setdefault(name, len(self.names))
        if value is not None:
            self.fixed[name] = value

    def bounds(self, name: Key) -> tuple[float, float]:
        """Least and most that an unknown can be."""
        wide = [(self.fixed.get(n, self.least.get(n, 0.0)), self.fixed.get(n)) for n in self.names]
        wide = [
            (low - 1e-6 * max(low, 1.0), None if high is None else high + 1e-6 * max(high, 1.0))
            for low, high in wide
        ]
        wide = [(max(low, 0.0), high) for low, high in wide]
        rows = {}
        for kind, found in (("eq", self.equal), ("ub", self.at_most)):
            matrix = np.zeros((len(found), len(self.names)))
            for number, row in enumerate(found):
                for one, coefficient in row.items():
                    matrix[number, self.names[one]] += coefficient
            rows[kind] = matrix
        answers = []
        for sign in (1.0, -1.0):
            objective = np.zeros(len(self.names))
            objective[self.names[name]] = sign
            found = linprog(
                objective,
                A_eq=rows["eq"] if len(rows["eq"]) else None,
                b_eq=np.zeros(len(rows["eq"])) if len(rows["eq"]) else None,
                A_ub=rows["ub"] if len(rows["ub"]) else None,
                b_ub=np.zeros(len(rows["ub"])) if len(rows["ub"]) else None,
                bounds=wide,
                method="highs",
            )
            assert found.status in (0, 3), found.message
            answers.append(sign * np.inf * -1 if found.status == 3 else sign * float(found.fun))
        return answers[0], answers[1]


def attack_ports(released: pl.DataFrame) -> Attacker:
    """Attacks port activity."""
    mind, cells = Attacker(), set()
    for row in released.iter_rows(named=True):
        if row["indicator"] in (*PORT_SUMS, "unique_vessels"):
            known = None if row["obs_status"] == "Q" else row["value"] or 0.0
            mind.know((row["port_locode"], row["vessel_class"], row["indicator"]), known)
            cells.add((row["port_locode"], row["vessel_class"]))
    ports, kinds = sorted({p for p, _ in cells}), sorted({k for _, k in cells})
    for port, name in product(ports, (*PORT_SUMS, "unique_vessels")):
        parts: dict[Key, float] = {
            (port, kind, name): 1.0 for kind in kinds if kind != "_T" and (port, kind) in cells
        }
        mind.equal.append({**parts, (port, "_T", name): -1.0})
    for kind, name in product(kinds, PORT_SUMS):
        of_kind: dict[Key, float] = {
            (port, kind, name): 1.0 for port in ports if port != "_T" and (port, kind) in cells
        }
        mind.equal.append({**of_kind, ("_T", kind, name): -1.0})
    return mind


def attack_straits(released: pl.DataFrame) -> Attacker:
    """Attacks the values of chokepoints."""
    mind, cells = Attacker(), set()
    for row in released.iter_rows(named=True):
        if row["indicator"] in (*STRAIT_SUMS, "unique_vessels"):
            known = None if row["obs_status"] == "Q" else row["value"] or 0.0
            cell = (row["gate_code"], row["direction"], row["vessel_class"])
            mind.know((*cell, row["indicator"]), known)
            cells.add(cell)
    for (gate, way, kind), name in product(sorted(cells), (*STRAIT_SUMS, "unique_vessels")):
        if (gate, way, kind, name) not in mind.names:
            continue
        for place, is_total in ((2, kind == "_T"), (1, way == "_T" and name != "unique_vessels")):
            parts = [
                cell
                for cell in cells
                if is_total and cell[place] != "_T" and _with(cell, place, "_T") == (gate, way, kind)
            ]
            terms: dict[Key, float] = {(*part, name): 1.0 for part in parts if (*part, name) in mind.names}
            if terms:
                mind.equal.append({**terms, (gate, way, kind, name): -1.0})
    return mind


def _with(cell: Key, place: int, value: str) -> Key:
    return (*cell[:place], value, *cell[place + 1 :])


def attack_flows(
    released: pl.DataFrame,
    gold: pl.DataFrame,
    countries: Mapping[str, str],
    ways: Mapping[tuple[str, str], float],
) -> Attacker:
    """What trade flows tell; gold says only of which reporters all partners are known."""
    mind = Attacker()
    cells: dict[Key, dict[str, Any]] = {}
    for row in released.iter_rows(named=True):
        level, one, other, way = row["reporter_level"], row["reporter"], row["partner"], row["direction"]
        if other != "_T" and way == "export":
            one, other, way = other, one, "import"  # the same voyages
        cell: Key = (level, one, other, way, row["vessel_class"])
        cells.setdefault(cell, {})
        is_secret = row["obs_status"] == "Q"
        if row["indicator"] in (*FLOW_SUMS, "ships"):
            mind.know((*cell, row["indicator"]), None if is_secret else row["value"] or 0.0)
        mind.know((*cell, "voyages"), None if is_secret else float(row["voyages"]))
    _flow_equations(mind, list(cells), gold, countries)
    for cell in cells:
        level, one, other = cell[:3]
        if level == "port" and other != "_T" and (*cell, "tonne_miles") in mind.names:
            mind.equal.append({(*cell, "tonne_miles"): -1.0, (*cell, "tonnes"): ways[other, one]})
        if (*cell, "tonnes") in mind.names and (*cell, "deadweight") in mind.names:
            mind.at_most.append({(*cell, "tonnes"): 1.0, (*cell, "deadweight"): -1.0})
    return mind


def _flow_equations(
    mind: Attacker, cells: Sequence[Key], gold: pl.DataFrame, countries: Mapping[str, str]
) -> None:
    parts: dict[tuple[str, Key], list[Key]] = defaultdict(list)
    for level, one, other, way, kind in cells:
        cell = (level, one, other, way, kind)
        if kind != "_T":
            parts["class", (level, one, other, way, "_T")].append(cell)
        if other != "_T":
            parts["partner", (level, one, "_T", way, kind)].append(cell)
        if level == "port":
            there = "_T" if other == "_T" else countries[other]
            parts["country", ("country", countries[one], there, way, kind)].append(cell)
        if level == "country" and other == "_T":
            parts["world", ("world", "_T", "_T", way, kind)].append(cell)
    complete = _complete_reporters(gold)
    for (kind_of, total), found in parts.items():
        for name in FLOW_SUMS + (("ships",) if kind_of == "class" else ()):
            here = {(*cell, name): 1.0 for cell in found if (*cell, name) in mind.names}
            if (*total, name) not in mind.names:
                continue
            row = {**here, (*total, name): -1.0}
            is_sum = kind_of != "partner" or (total[0], total[1], total[4]) in complete
            (mind.equal if is_sum else mind.at_most).append(row)


def _complete_reporters(gold: pl.DataFrame) -> set[Key]:
    imports = gold.filter((pl.col("direction") == "import") & (pl.col("indicator") == "tonnes"))
    is_total = pl.col("partner") == "_T"
    sums = imports.group_by("reporter_level", "reporter", "vessel_class").agg(
        whole=pl.col("voyages").filter(is_total).sum(), parts=pl.col("voyages").filter(~is_total).sum()
    )
    return set(sums.filter(pl.col("whole") == pl.col("parts")).drop("whole", "parts").iter_rows())


def too_narrow(
    mind: Attacker, name: Key, true: float, share: float, is_count: bool
) -> tuple[float, float] | None:
    """The bounds of a value if they are narrower than the rule's interval, else None."""
    room = max(share * true, 1.0 if is_count else 0.0)
    low, high = mind.bounds(name)
    slack = 1e-4 * max(true, 1.0)
    wide_enough = low <= max(true - room, 0.0) + slack and high >= true + room - slack
    return None if wide_enough else (low, high)
