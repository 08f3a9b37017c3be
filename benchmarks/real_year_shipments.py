"""Official shipments of oil next to the calls that can have brought them, for months whose tonnes are too small."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import polars as pl

from benchmarks.tables import table

BARRELS_PER_TONNE: Final = {
    "residual": 6.62, "asphalt": 6.05, "distillate": 7.23, "jet": 7.77, "kerosene": 7.77, "propane": 11.65,
    "motor gas": 8.50, "mgbc": 8.50, "naphtha": 8.74, "ethanol": 7.95, "lubricants": 6.99,
}  # fmt: skip
"""Barrels in a tonne by product: conversion factors of the United Nations' Energy Statistics Yearbook
(unstats.un.org/unsd/energy/yearbook/conversion.htm); ethanol by its density of 0.791."""
CRUDE_BARRELS_PER_TONNE: Final = 7.32
SAME_DRAUGHT_M: Final = 0.5
"""A departure draught within this of the arrival's is taken as the old value by the report, not by the method."""
TUG_LENGTH_M: Final = 60.0
UNLOADED_SHARE: Final = 0.9
"""A call that unloaded this share of its cargo leaves nothing to explain."""
OPEN_CAUSES: Final = ("by its draught it came in ballast", "no draught is known")
"""Reasons of calls that may have carried more than their draught says: up to the deadweight."""
LEAST_UNEXPLAINED_T: Final = 1000.0
CALL_COLUMNS: Final = (
    "arrived", "vessel", "deadweight, kt", "draught in, m", "draught out, m", "carried, kt", "unloaded, kt",
    "what is known",
)  # fmt: skip
SHIPMENT_COLUMNS: Final = ("product", "shipments", "kt", "not explained, kt")


def tonnes_of(product: str, thousand_barrels: float) -> float:
    """Converts thousand barrels of a product.

    >>> tonnes_of("Residual Fuel, Over 1.00% Sulfur", 6.62)
    1000.0
    """
    name = product.lower()
    factor = next((value for key, value in BARRELS_PER_TONNE.items() if key in name), CRUDE_BARRELS_PER_TONNE)
    return 1000.0 * thousand_barrels / factor


def calls_of(part: pl.DataFrame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Lists tanker calls of a port and month in order of arrival, with what is known of their cargo."""
    kept = part.sort("destination_entered_at_utc", "voyage_id").select(
        "vessel_id", "deadweight_t", "length_m", "arrival_draught_m", "arrival_draught_code", "onward_draught_m",
        "onward_draught_code", "payload_arrival_t", "tonnes_unloaded", "is_ballast",
        arrived=pl.col("destination_entered_at_utc").dt.strftime("%Y-%m-%d"),
    )  # fmt: skip
    rows = kept.with_columns(pl.col("payload_arrival_t", "tonnes_unloaded").fill_nan(None).fill_null(0.0))
    return [
        row | {"vessel": names.get(row["vessel_id"], row["vessel_id"]), "cause": cause_of(row)}
        for row in rows.to_dicts()
    ]


def cause_of(call: Mapping[str, Any]) -> str:
    """Says why a call may have unloaded more than is counted."""
    came, left, code = call["arrival_draught_m"], call["onward_draught_m"], call["onward_draught_code"]
    if call["length_m"] is not None and call["length_m"] < TUG_LENGTH_M:
        return "a tug that pushes a barge: it sends its own size, not the barge's"
    if came is None or left is None:
        return "no draught is known"
    if call["is_ballast"]:
        return "by its draught it came in ballast"
    if call["tonnes_unloaded"] >= UNLOADED_SHARE * call["payload_arrival_t"]:
        return "unloaded what it carried"
    if code != "reported":
        return "no departure draught was reported; filled in from like calls"
    if left > came - SAME_DRAUGHT_M:
        return "the crew typed a departure draught about as deep as that of the arrival, or deeper"
    return "the reported departure leaves cargo, or ballast water, on board"


def shipments_of(imports: pl.DataFrame, calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Puts the shipments of a month, the largest first, on the calls that unloaded the most, and gives what is left.

    A product's shipments are of equal size, since only their sum is known. A shipment lies in one call.
    """
    rows = [
        {"product": product, "shipments": max(shipments, 1), "tonnes": tonnes_of(product, barrels), "rest_t": 0.0}
        for product, barrels, shipments in imports.select(
            "product", "thousand_barrels", "shipments"
        ).iter_rows()
    ]  # fmt: skip
    holds = [float(one["tonnes_unloaded"]) for one in calls]
    single = [
        (row["tonnes"] / row["shipments"], place)
        for place, row in enumerate(rows)
        for _ in range(row["shipments"])
    ]
    for size, place in sorted(single, key=lambda one: (-one[0], one[1])):
        best = max(range(len(holds)), key=holds.__getitem__, default=None)
        brought = 0.0 if best is None else min(size, holds[best])
        if best is not None:
            holds[best] -= brought
        rows[place]["rest_t"] += size - brought
    return sorted(rows, key=lambda row: (-row["tonnes"], row["product"]))


def section(months: Sequence[Mapping[str, Any]], ports: Collection[str]) -> str:
    """Writes months of missed targets: those whose interval ends below the imports, and all of some ports.

    Each has its calls, its products, what is not explained, and how much of the gap each reason explains.

    Args:
        months: Rows of `real_year.monthly`.
        ports: Ports whose correlation misses its target.
    """
    parts = [_month(row) for row in months if row["high"] < row["imports_t"] or row["port"] in ports]
    return "\n".join(parts) if parts else "None."


def _month(row: Mapping[str, Any]) -> str:
    calls, shipments = row["calls_each"], row["shipments_each"]
    return "\n".join(
        [
            f"### {row['port'].title()}, {row['month']}\n",
            table(CALL_COLUMNS, [_call(one) for one in calls]),
            "",
            table(SHIPMENT_COLUMNS, [_shipment(one) for one in shipments]),
            "",
            _sum(calls, shipments),
            "",
            text_of_gap(row),
        ]
    )


def _sum(calls: Sequence[Mapping[str, Any]], shipments: Sequence[Mapping[str, Any]]) -> str:
    """Says which shipments lack a call, and where their cargo may be."""
    rest = [one for one in shipments if one["rest_t"] >= LEAST_UNEXPLAINED_T]
    missing = sum(one["rest_t"] for one in rest)
    kept = [one for one in calls if not one["is_ballast"]]
    held = sum(max(one["payload_arrival_t"] - one["tonnes_unloaded"], 0.0) for one in kept)
    light = [one["vessel"] for one in calls if one["is_ballast"]]
    names = ", ".join(one["product"] for one in rest) or "none"
    return (
        f"{missing / 1e3:,.0f} kt lack a call that unloaded them ({names}). Of the cargo on arrival, "
        f"{held / 1e3:,.0f} kt are read as still on board at departure"
        + (f"; by their draught these came in ballast: {', '.join(light)}" if light else "")
        + ". Shipments are those of the full month."
    )


def _shipment(one: Mapping[str, Any]) -> tuple[str, ...]:
    tonnes = (f"{one[name] / 1e3:,.0f}" for name in ("tonnes", "rest_t"))
    return (one["product"].replace("|", "/"), str(one["shipments"]), *tonnes)


def _call(one: Mapping[str, Any]) -> tuple[str, ...]:
    ends = (
        "" if one[name] is None else f"{one[name]:.1f}" for name in ("arrival_draught_m", "onward_draught_m")
    )
    size = "" if one["deadweight_t"] is None else f"{one['deadweight_t'] / 1e3:,.0f}"
    cargo = (f"{one[name] / 1e3:,.0f}" for name in ("payload_arrival_t", "tonnes_unloaded"))
    return (one["arrived"], one["vessel"].replace("|", "/"), size, *ends, *cargo, one["cause"])


def gap_by_reason(row: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    """Returns for a month of a port, by reason, calls and the most tonnes that they could have landed in addition.

    That is what is read as still on board, or, where the draught shows no cargo, the rest of the deadweight.
    """
    most: dict[str, tuple[int, float]] = {}
    for call in row["calls_each"]:
        cause = cause_of(call)
        limit = call["deadweight_t"] if cause in OPEN_CAUSES else call["payload_arrival_t"]
        rest = max(float(limit or 0.0) - call["tonnes_unloaded"], 0.0)
        if rest >= (1.0 - UNLOADED_SHARE) * float(limit or 0.0):
            number, tonnes = most.get(cause, (0, 0.0))
            most[cause] = (number + 1, tonnes + rest)
    return sorted(((cause, *both) for cause, both in most.items()), key=lambda one: (-one[2], one[0]))


def text_of_gap(row: Mapping[str, Any]) -> str:
    """Writes how much of a month's gap to the imports each reason explains at most."""
    gap = row["imports_t"] - row["tonnes"]
    if gap <= 0:
        return (
            f"Unloaded is {-gap / 1e3:,.0f} kt above the imports: domestic oil counts here, and not there.\n"
        )
    rows = [
        (cause, str(number), f"{tonnes / 1e3:,.0f}", f"{min(tonnes / gap, 1.0):.0%}")
        for cause, number, tonnes in gap_by_reason(row)
    ]
    rest = max(gap - sum(tonnes for _, _, tonnes in gap_by_reason(row)), 0.0)
    rows.append(
        ("no tanker call of the month can have brought it", "", f"{rest / 1e3:,.0f}", f"{rest / gap:.0%}")
    )
    return (
        f"The imports of the days covered are {gap / 1e3:,.0f} kt above what is counted as unloaded.\n\n"
        + table(("reason", "calls", "could have landed in addition, kt", "explains at most"), rows)
        + "\n"
    )
