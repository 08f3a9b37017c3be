"""Why crude landed at Portland is less than draughts show: each call with what was reported of it, and sums by reason.

Two things make a call land less than its reported draught says: the arrival draught is in doubt, or cargo is read as
still on board at departure. The reasons add up to the difference.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from ais_indicators.io.vessel_registers import known_hulls
from ais_indicators.notebook import open_table
from ais_indicators.periods import Week
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.hulls import SIZES, hulls_of
from ais_indicators.transforms.part_cargo import hulls_of_calls
from ais_indicators.transforms.payload import read_payload
from benchmarks.real_year_shipments import CRUDE_BARRELS_PER_TONNE, SAME_DRAUGHT_M
from benchmarks.tables import table

REPORTED: Final = "reported"
LATE_REPORT: Final = timedelta(hours=36)
"""A source with one draught a day shows that of the arrival up to the midnight after it, and the stay's next one."""
SAME_SIZE_SHARE: Final = 0.01
"""A deadweight from the newest sizes within this of the voyage's is of the same sizes."""
DOUBT: Final = (
    "arrival draught in doubt: first call, or back after a silence, with a draught that may be an old one"
)
ON_BOARD: Final = {
    "short": "stop of less than 5 h without a new draught: not counted for trade",
    "deeper": "the crew typed a draught as deep as on arrival, or deeper, during the stay",
    "silent": "no departure draught: not heard after the first midnight at sea; filled in from like calls",
    "old": "no departure draught: still sends that of the arrival at sea; filled in from like calls",
    "part": "left in ballast, next call not known yet: some of the draws have the rest of a cargo on board",
    "kept": "the reported departure leaves cargo, or ballast water, on board",
    "landed": "landed what it carried",
}
CALL_COLUMNS: Final = (
    "arrived", "vessel", "deadweight, kt", "draught in, m", "last changed, days before", "draught out, m",
    "method of draught out", "heard after leaving, h", "gap in the call, h", "begin seen", "kt by draught in",
    "carried, kt", "landed, kt", "reason",
)  # fmt: skip


def portland_calls(lake: Path, large: pl.DataFrame) -> list[dict[str, Any]]:
    """Lists calls of crude tankers in order of arrival, with what was reported and why they landed what they did.

    Args:
        lake: Root directory of the lake.
        large: Voyages that end with these calls, with `length_m` and `vessel_name`.
    """
    calls = open_table("silver.port_calls", data_dir=lake).select(
        destination_call_id="port_call_id", begin="arrived_at_utc", gap_h="gap_hours",
        left=pl.coalesce("departed_at_utc", "last_seen_at_utc"),
    ).collect()  # fmt: skip
    reports = open_table("silver.draught_reports", data_dir=lake).collect()
    part = large.join(calls, on="destination_call_id", how="left").sort(
        "destination_entered_at_utc", "voyage_id"
    )
    by_draught = tonnes_at_reported(lake, part)
    rows = []
    for row, tonnes in zip(part.to_dicts(), by_draught, strict=True):
        own = reports.filter(mmsi=row["destination_mmsi"])
        rows.append(_call_of(row, tonnes, _changed_days(own, row), _heard_after_h(own, row)))
    return rows


def tonnes_at_reported(lake: Path, part: pl.DataFrame) -> list[float]:
    """Returns what vessels carried if the arrival draught that they reported is right; else what is published."""
    known = known_hulls(Settings(lake))
    sizes = known.said.group_by("vessel_id").agg(pl.col("said_length_m", "said_width_m").last())
    sized = part.select("voyage_id", "vessel_id", "vessel_class", voyage_t="deadweight_t").join(
        sizes, on="vessel_id", how="left"
    )
    empty = {name: pl.lit(None, pl.Float64) for name in SIZES}
    asked = sized.with_columns(
        **empty | {"length_m": pl.col("said_length_m"), "width_m": pl.col("said_width_m")}
    )
    hulls = part.select("voyage_id", "arrival_draught_m", "arrival_draught_code", "payload_arrival_t").join(
        hulls_of(asked, known.register, Rules.for_subject(SHIPS)),
        on="voyage_id",
        how="left",
        maintain_order="left",
    )
    draught = hulls["arrival_draught_m"].fill_null(np.nan).to_numpy()
    tonnes = read_payload(
        draught, hulls_of_calls(hulls, Rules.for_subject(SHIPS)), rules=Rules.for_subject(SHIPS)
    ).tonnes
    is_same = ((hulls["deadweight_t"] / hulls["voyage_t"] - 1.0).abs() <= SAME_SIZE_SHARE).fill_null(False)
    is_usable = (hulls["arrival_draught_code"] == REPORTED) & is_same & pl.Series(tonnes > 0)
    published = hulls["payload_arrival_t"].fill_null(0.0).to_numpy()
    return [float(one) for one in np.where(is_usable.to_numpy(), tonnes, published)]


def _call_of(
    row: Mapping[str, Any], by_draught: float, changed: float | None, heard: float
) -> dict[str, Any]:
    carried, landed = (float(row[name] or 0.0) for name in ("payload_arrival_t", "tonnes_unloaded"))
    counts = bool(row["counts_for_trade"])
    names = ("deadweight_t", "arrival_draught_m", "onward_draught_m", "onward_draught_code", "gap_h")
    found = {name: row[name] for name in names} | {
        "arrived": row["destination_entered_at_utc"].strftime("%Y-%m-%d"),
        "vessel": row["vessel_name"] or row["vessel_id"], "changed_days": changed, "heard_h": heard,
        "is_begin_seen": row["begin"] is not None, "by_draught_t": by_draught, "carried_t": carried,
        "landed_t": landed if counts else 0.0,
    }  # fmt: skip
    return found | {"on_board": _on_board(found, counts)}


def _on_board(call: Mapping[str, Any], counts: bool) -> str:
    """Returns the key in `ON_BOARD` of why a call landed less than it carried."""
    came, left, code = (
        call[name] for name in ("arrival_draught_m", "onward_draught_m", "onward_draught_code")
    )
    if not counts:
        return "short"
    if call["landed_t"] >= call["carried_t"] * 0.999:
        return "landed"
    if code != REPORTED:
        return "old" if code == "unchanged" or call["heard_h"] > 0 else "silent"
    if came is None or left > came - SAME_DRAUGHT_M:
        return "deeper"
    return "part" if call["landed_t"] >= call["carried_t"] / 2.0 else "kept"


def _changed_days(own: pl.DataFrame, row: Mapping[str, Any]) -> float | None:
    """Returns how many days before the entry a vessel first sent its arrival draught in that run; None if it did not.

    Below 0, the draught appeared in port.
    """
    entry, draught = row["destination_entered_at_utc"], row["arrival_draught_m"]
    runs = own.sort("first_seen_at_utc").filter(pl.col("first_seen_at_utc") <= entry + LATE_REPORT)
    runs = runs.with_columns(run=pl.col("draught_m").rle_id()).filter(pl.col("draught_m") == draught)
    if runs.is_empty() or row["arrival_draught_code"] != REPORTED:
        return None
    first = runs.filter(pl.col("run") == runs["run"].max())["first_seen_at_utc"].min()
    return float((entry - first) / timedelta(days=1))


def _heard_after_h(own: pl.DataFrame, row: Mapping[str, Any]) -> float:
    """Returns for how many hours after it left a vessel sent the draught of its arrival beyond the first midnight."""
    left, draught = row["left"], row["arrival_draught_m"]
    midnight = left.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    later = own.filter(pl.col("draught_m") == draught, pl.col("last_seen_at_utc") > midnight,
                       pl.col("first_seen_at_utc") <= left + timedelta(days=2))  # fmt: skip
    return 0.0 if later.is_empty() else float((later["last_seen_at_utc"].max() - left) / timedelta(hours=1))


def summary_of(calls: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, float]]:
    """Sums by reason what calls did not land of the cargo that their reported draughts show, the largest first.

    Returns:
        Reason, calls and tonnes. The tonnes add up to the cargo by draught less what was landed.
    """
    doubtful = [one for one in calls if abs(one["by_draught_t"] - one["carried_t"]) >= 1.0]
    rows = [(DOUBT, len(doubtful), sum(one["by_draught_t"] - one["carried_t"] for one in doubtful))]
    for key, reason in ON_BOARD.items():
        part = [one for one in calls if one["on_board"] == key]
        if part:
            rows.append((reason, len(part), sum(one["carried_t"] - one["landed_t"] for one in part)))
    return sorted(rows, key=lambda row: -row[2])


def text_of_portland(calls: Sequence[Mapping[str, Any]], days: int) -> str:
    """Writes what each reason takes from the cargo by draught, and the calls one by one."""
    daily = CRUDE_BARRELS_PER_TONNE / days / 1000.0
    rows = [(reason, str(number), f"{tonnes / 1e3:,.0f}", f"{tonnes * daily:.1f}")
            for reason, number, tonnes in summary_of(calls)]  # fmt: skip
    by_draught, landed = (sum(one[name] for one in calls) for name in ("by_draught_t", "landed_t"))
    return "\n".join(
        [
            f"By the draughts that they reported, these vessels brought {by_draught / 1e3:,.0f} kt, "
            f"{by_draught * daily:.0f} thousand barrels a day; {landed / 1e3:,.0f} kt, {landed * daily:.0f} thousand "
            "barrels a day, are counted as landed. The reasons add up to the difference.\n",
            table(("reason", "calls", "kt not landed", "thousand barrels a day"), rows),
            "\nEach call. `last changed`: days from the first message with the arrival draught to the arrival; below "
            "0, it appeared in port. `heard after leaving`: for how long the vessel still sent that draught, past the "
            "first midnight. `kt by draught in`: the cargo if that draught is right.\n",
            table(CALL_COLUMNS, [_row(one) for one in calls]),
            "",
        ]
    )


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = ("arrival_draught_m", "changed_days", "onward_draught_m")
    came, changed, left = ("" if one[name] is None else f"{one[name]:.1f}" for name in numbers)
    doubt = "; arrival draught in doubt" if abs(one["by_draught_t"] - one["carried_t"]) >= 1.0 else ""
    tonnes = (f"{one[name] / 1e3:,.0f}" for name in ("by_draught_t", "carried_t", "landed_t"))
    return (
        one["arrived"], one["vessel"].replace("|", "/"), f"{one['deadweight_t'] / 1e3:,.0f}", came, changed, left,
        one["onward_draught_code"], f"{one['heard_h']:.0f}" if one["heard_h"] else "",
        f"{one['gap_h']:.0f}" if one["gap_h"] else "", "yes" if one["is_begin_seen"] else "no", *tonnes,
        ON_BOARD[one["on_board"]].split(":")[0] + doubt,
    )  # fmt: skip


def unseen_at_portland(lake: Path, unclassed: int, usual_stay_h: object, described: Sequence[Week]) -> str:
    """Writes what may be missing from the calls themselves.

    Args:
        lake: Root directory of the lake.
        unclassed: Calls of vessels without a class in the weeks.
        usual_stay_h: Median stay of the tankers; None without any.
        described: The weeks that count.
    """
    days = open_table("gold.coverage_daily", data_dir=lake).filter(
        pl.col("week").is_in([week.name for week in described]), place_code="USPWM"
    ).select("assessed_hours", "outage_hours").sum().collect()  # fmt: skip
    assessed, outage = days.row(0)
    stay = f"; a call lasts {usual_stay_h:.0f} h in the median" if isinstance(usual_stay_h, float) else ""
    return (
        f"What is not in the calls: 3 to 8 % of the voyages, which the source left out; {unclassed} calls of vessels "
        f"without a class in these weeks. Receivers had an outage at Portland in {outage} of {assessed} assessed "
        f"hours{stay}.\n"
    )
