"""The calls of each ship in their order, and the draughts that were reported before and after each (methodology 9).

One row is one call of a ship. A ship that changes its number in port is seen under two: what ends unseen in a port
where the same ship begins unseen is one call.
"""

from collections.abc import Mapping
from math import ceil
from typing import Final

import polars as pl

from ais_indicators.rules import Rules
from ais_indicators.transforms.daily_reports import find_daily_weeks, with_daily_reports
from ais_indicators.units import HOURS_PER_DAY, SECONDS_PER_DAY, SECONDS_PER_MINUTE

PORT_CALL: Final = "port_call"
Ways = Mapping[tuple[str, str], float]
"""Nautical miles by the port of departure and that of arrival."""
_TO: Final = ">"
CALL_COLUMNS: Final = (
    "port_call_id", "mmsi", "track_id", "vessel_id", "port_locode", "first_seen_at_utc", "arrived_at_utc",
    "departed_at_utc", "last_seen_at_utc", "call_status", "stay_hours", "confidence", "vessel_class",
    "sailed_at_entry_nm", "sailed_at_exit_nm",
)  # fmt: skip
"""What voyages need of `silver.port_calls`."""

_BEGINNING: Final = (
    "port_call_id", "mmsi", "track_id", "port_locode", "first_seen_at_utc", "arrived_at_utc", "entered_at_utc",
    "vessel_class",
)  # fmt: skip
"""Columns that a call has from its first part."""

_AROUND: Final = (
    "entry",
    "leave",
    "after",
    "until",
    "arrival_until",
    "arrival_until_late",
    "shown_from",
    "first_m",
    "draught_m",
    "at",
    "end_m",
    "end_at",
    "after_m",
    "first_at",
    "resumed_at",
)
_BY_SHIP: Final = ["vessel_id", "entered_at_utc", "port_call_id"]


def calls_of_ships(calls: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Puts the calls of each ship in order and makes one of those that a change of number cut.

    Args:
        calls: Columns of `CALL_COLUMNS`, port calls only.
        rules: Rules of the lake's subject.

    Returns:
        The calls by ship and time with `entered_at_utc` (arrival, or first fix where it was not seen) and
        `previous_*` and `next_*` of the neighbours that are not longer ago than a voyage may last, and
        `sailed_distance_nm` since the call before, where it was the same track and that call had ended: a short call
        elsewhere may lie inside one that goes on afterwards. `is_short_stay`: too short to count for trade, with both
        ends seen, since a stay of which one was not seen may have been longer.
    """
    ordered = calls.with_columns(entered_at_utc=pl.coalesce("arrived_at_utc", "first_seen_at_utc")).sort(
        _BY_SHIP
    )
    return _with_neighbours(_join_parts(ordered.with_columns(call=(~_continues()).cum_sum())), rules)


def _continues() -> pl.Expr:
    """Returns whether a call is the one before under another number: same ship and port, no end and no beginning."""
    before = {
        name: pl.col(name).shift(1).over("vessel_id")
        for name in ("port_locode", "departed_at_utc", "track_id")
    }
    return (
        (before["port_locode"] == pl.col("port_locode"))
        & before["departed_at_utc"].is_null()
        & pl.col("arrived_at_utc").is_null()
        & (before["track_id"] != pl.col("track_id"))
    ).fill_null(False)


def _join_parts(parts: pl.DataFrame) -> pl.DataFrame:
    """Joins the parts of each `call` of a vessel: where it begins from the first, where it ends from the last."""
    return (
        parts.group_by("vessel_id", "call", maintain_order=True)
        .agg(
            pl.col(*_BEGINNING).first(),
            pl.col("departed_at_utc", "call_status").last(),
            pl.col("last_seen_at_utc").max(),
            pl.col("sailed_at_entry_nm").first(),
            pl.col("sailed_at_exit_nm").last(),
            pl.col("stay_hours").first(),
            pl.col("confidence").min(),
            last_track_id=pl.col("track_id").last(),
            parts=pl.len(),
        )
        .drop("call")
    )


def _with_neighbours(calls: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Adds the stay and the ship's calls before and after, where a voyage may lie between."""
    left = pl.coalesce("departed_at_utc", "last_seen_at_utc")
    stay = (left - pl.col("entered_at_utc")).dt.total_seconds() / 3600.0
    longest = pl.duration(days=rules.max_voyage_days)
    full = calls.with_columns(
        left_at_utc=left, stay_hours=pl.coalesce("stay_hours", stay.clip(lower_bound=0.0))
    ).sort(_BY_SHIP)
    is_seen = pl.col("arrived_at_utc", "departed_at_utc").is_not_null()
    full = full.with_columns(
        is_short_stay=pl.all_horizontal(
            is_seen, (pl.col("stay_hours") < rules.min_trade_stay_hours).fill_null(False)
        )
    )
    near = pl.col("entered_at_utc").shift(-1).over("vessel_id") - pl.col("left_at_utc") <= longest
    return full.with_columns(
        next_call_id=pl.when(near).then(pl.col("port_call_id").shift(-1).over("vessel_id")),
        next_entered_at_utc=pl.when(near).then(pl.col("entered_at_utc").shift(-1).over("vessel_id")),
    ).with_columns(
        previous_call_id=pl.when(pl.col("next_call_id").shift(1).over("vessel_id").is_not_null()).then(
            pl.col("port_call_id").shift(1).over("vessel_id")
        ),
        sailed_distance_nm=pl.when(
            pl.col("track_id") == pl.col("last_track_id").shift(1).over("vessel_id"),
            pl.col("entered_at_utc") >= pl.col("left_at_utc").shift(1).over("vessel_id"),
        ).then(pl.col("sailed_at_entry_nm") - pl.col("sailed_at_exit_nm").shift(1).over("vessel_id")),
    )


def reports_of_ships(reports: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Assigns each run of a draught to a ship: by IMO number, otherwise by its track or the MMSI's nearest call.

    Args:
        reports: Rows of `silver.draught_reports`.
        calls: Columns of `CALL_COLUMNS`, all calls of the ships.

    Returns:
        Columns `vessel_id, first_at, last_at` (epoch seconds) and `draught_m`, by ship and time.
    """
    ids = calls["vessel_id"].unique()
    by_track = calls.select("track_id", of_track="vessel_id").unique(
        "track_id", keep="last", maintain_order=True
    )
    nearest = calls.select("mmsi", at="first_seen_at_utc", of_number="vessel_id").sort("at", "of_number")
    named = (
        reports.with_columns(of_imo=pl.format("imo-{}", "imo_number"))
        .with_columns(of_imo=pl.when(pl.col("of_imo").is_in(ids.to_list())).then("of_imo"))
        .join(by_track, on="track_id", how="left")
        .sort("first_seen_at_utc", "mmsi", "track_id", "draught_m")
        .join_asof(
            nearest,
            left_on="first_seen_at_utc",
            right_on="at",
            by="mmsi",
            strategy="nearest",
            check_sortedness=False,
        )
        .select(
            vessel_id=pl.coalesce("of_imo", "of_track", "of_number"),
            first_at=pl.col("first_seen_at_utc").dt.epoch("s"),
            last_at=pl.col("last_seen_at_utc").dt.epoch("s"),
            draught_m="draught_m",
        )
    )
    return named.drop_nulls("vessel_id").sort("vessel_id", "first_at", "last_at", "draught_m")


def reported_draughts(
    calls: pl.DataFrame, reports: pl.DataFrame, ways_nm: Ways | None = None, *, rules: Rules
) -> pl.DataFrame:
    """Adds to each call the draughts reported at its arrival and after it.

    The arrival draught is the last one reported at or before entry, the departure draught the first other value
    reported after it and before the next entry. What is first heard some minutes after an entry was reported at it:
    sets repeat their draught every six minutes, and a ship must still berth before it handles cargo. Where no other
    value came, `is_unchanged` says whether the old one went on being reported after the ship had left: then it may be
    true or forgotten. Where nothing was known at arrival, what is reported at the next entry is
    `next_arrival_draught_m`.

    Where the source has one draught a day (`daily_reports`), the arrival draught may appear at the midnight after the
    entry (`arrival_is_late`); it is no report of the departure before, for which the search ends at the entry.

    A vessel that was silent long enough to have called elsewhere (`is_unwatched`) reports afterwards the draught with
    which it comes, not the one with which it left: the search for the departure draught ends where the silence begins.

    Args:
        calls: What `calls_of_ships` gives.
        reports: What `reports_of_ships` gives.
        ways_nm: Shortest ways by sea between ports, where they are known.
        rules: Rules of the lake's subject.

    Returns:
        The calls with `arrival_draught_m`, `arrival_draught_age_days`, `departure_draught_m`, `is_unchanged`,
        `next_arrival_draught_m`, `is_unwatched` (the voyage after the call), `is_return` (the one before it),
        `arrival_is_late` and `arrival_is_new` (it is late, or differs from the last one before the silence).
    """
    return _choose_draughts(
        _with_returns(_draughts_around(calls, reports, ways_nm or {}, rules).sort(_BY_SHIP)), rules
    )


def _choose_draughts(calls: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Decides which of the draughts around each call are those of its arrival and departure."""
    age = (pl.col("entry") - pl.col("at")).clip(lower_bound=0) / SECONDS_PER_DAY
    is_fresh = age <= rules.max_draught_age_days
    comes_in_time = pl.col("first_at") <= pl.col("until")
    is_heard = pl.col("departure_draught_m").is_null() & (pl.col("end_at") > pl.col("shown_from"))
    is_known = pl.col("arrival_draught_m").is_not_null()
    return (
        calls.with_columns(
            arrival_draught_m=pl.when(is_fresh).then("draught_m"),
            arrival_draught_age_days=pl.when(is_fresh).then(age),
            departure_draught_m=pl.when(comes_in_time).then("after_m"),
        )
        .with_columns(
            is_unchanged=(is_heard & is_known).fill_null(False),
            next_arrival_draught_m=pl.when(is_heard & ~is_known).then("end_m"),
        )
        .drop(_AROUND)
        .sort(_BY_SHIP)
    )


def _with_returns(calls: pl.DataFrame) -> pl.DataFrame:
    """Adds `is_return` and `arrival_is_new` to calls by ship and time."""
    ends_apart = (pl.col("is_unwatched") & pl.col("next_call_id").is_not_null()).shift(1).over("vessel_id")
    is_new = pl.col("draught_m") != pl.col("end_m").shift(1).over("vessel_id")
    is_late = pl.col("draught_m") != pl.col("first_m")
    return calls.with_columns(
        is_return=ends_apart.fill_null(False),
        arrival_is_new=(ends_apart & is_new).fill_null(False) | is_late.fill_null(False),
        arrival_is_late=is_late.fill_null(False),
    )


def _draughts_around(calls: pl.DataFrame, reports: pl.DataFrame, ways_nm: Ways, rules: Rules) -> pl.DataFrame:
    """Adds to each call the columns of `_AROUND`: its seconds, and what was reported before, after and at the end."""
    entry, leave = (pl.col(f"{end}_at_utc").dt.epoch("s") for end in ("entered", "left"))
    grace = rules.arrival_report_minutes * SECONDS_PER_MINUTE
    timed = (
        calls.sort(_BY_SHIP)
        .with_columns(
            entry=entry,
            leave=leave,
            arrival_until=pl.max_horizontal(entry, pl.min_horizontal(entry + grace, leave)),
        )
        .pipe(with_daily_reports, find_daily_weeks(reports, rules), rules)
        .with_columns(
            after=pl.col("arrival_until_late") + 1,
            until=pl.when(pl.col("next_call_id").is_not_null())
            .then(pl.col("arrival_until").shift(-1).over("vessel_id"))
            .otherwise(pl.col("leave") + rules.max_voyage_days * SECONDS_PER_DAY),
        )
    )
    timed = _until_silent(timed, reports, ways_nm, rules)
    at_entry = _last_before(timed, reports, "arrival_until_late").select("port_call_id", "draught_m", "at")
    at_first = _last_before(timed, reports, "arrival_until").select("port_call_id", first_m="draught_m")
    at_end = _last_before(timed, reports, "until").select("port_call_id", end_m="draught_m", end_at="at")
    return (
        timed.join(at_entry, on="port_call_id", how="left")
        .join(at_first, on="port_call_id", how="left")
        .join(at_end, on="port_call_id", how="left")
        .sort("entry", "vessel_id", "port_call_id")
        .join_asof(
            _joined(reports).select("vessel_id", "first_at", after_m="draught_m").sort("first_at", "vessel_id"),
            left_on="after", right_on="first_at", by="vessel_id", strategy="forward", check_sortedness=False,
        )
    )  # fmt: skip


def _until_silent(calls: pl.DataFrame, reports: pl.DataFrame, ways_nm: Ways, rules: Rules) -> pl.DataFrame:
    """Ends `until` of a call before the first report after a silence in which the vessel may have called elsewhere.

    Only the part of a silence after the departure counts. A vessel that comes back to the same port has certainly been
    away, so a shorter silence is enough.
    """
    last_before = pl.col("last_at").cum_max().shift(1).over("vessel_id")
    gaps = reports.select("vessel_id", resumed_at="first_at", silence_s=pl.col("first_at") - last_before)
    asked = calls.with_columns(least_s=_least_silence_s(ways_nm, rules)).with_columns(
        from_s=pl.col("leave") + pl.col("least_s")
    )
    found = [
        part.sort("from_s", "port_call_id").join_asof(
            gaps.filter(pl.col("silence_s") >= least_s).drop("silence_s").sort("resumed_at", "vessel_id"),
            left_on="from_s", right_on="resumed_at", by="vessel_id", strategy="forward", check_sortedness=False,
        )
        for (least_s,), part in asked.group_by("least_s", maintain_order=True)
    ]  # fmt: skip
    joined = pl.concat(found) if found else asked.with_columns(resumed_at=pl.lit(None, pl.Int64))
    is_unwatched = (pl.col("resumed_at") <= pl.col("until")).fill_null(False)
    return joined.sort(_BY_SHIP).with_columns(
        is_unwatched=is_unwatched,
        until=pl.when(is_unwatched).then(pl.col("resumed_at") - 1).otherwise("until"),
    ).drop("least_s", "from_s")  # fmt: skip


def _least_silence_s(ways_nm: Ways, rules: Rules) -> pl.Expr:
    """Returns the silence after each call, in seconds, in which the vessel may have called elsewhere.

    For a return it is that of the rule. For another port, the time to sail there is added, at the slowest speed of a
    vessel under way, up to the rule's silence for ports whose distance is not known. Steps of half a day keep the
    number of different silences small.
    """
    returns, most = rules.silence_before_return_days, rules.silence_before_other_port_days
    step, knots = 0.5, rules.sailing_knots_least
    days = {
        ports: min(most, ceil((returns + way / knots / HOURS_PER_DAY) / step) * step)
        for ports, way in ways_nm.items()
    }
    here, following = pl.col("port_locode"), pl.col("port_locode").shift(-1).over("vessel_id")
    pair = pl.concat_str(here, following, separator=_TO)
    known = {_TO.join(ports): value for ports, value in days.items()}
    least = (
        pl.when(pl.col("next_call_id").is_null()).then(most)
        .when(here == following).then(returns)
        .otherwise(pair.replace_strict(known, default=None, return_dtype=pl.Float64).fill_null(most))
    )  # fmt: skip
    return (least * SECONDS_PER_DAY).cast(pl.Int64)


def _joined(reports: pl.DataFrame) -> pl.DataFrame:
    """Runs of one value over week ends and speakers, by ship."""
    return (
        reports.with_columns(run=pl.struct("vessel_id", "draught_m").rle_id())
        .group_by("run", maintain_order=True)
        .agg(pl.col("vessel_id", "draught_m", "first_at").first())
        .drop("run")
    )


def _last_before(calls: pl.DataFrame, reports: pl.DataFrame, moment: str) -> pl.DataFrame:
    """Returns the last report of each call's ship at or before a moment, and when it was made at the latest."""
    return (
        calls.select("port_call_id", "vessel_id", moment)
        .sort(moment, "port_call_id")
        .join_asof(
            reports.sort("first_at", "vessel_id", "last_at", "draught_m"),
            left_on=moment, right_on="first_at", by="vessel_id", strategy="backward", check_sortedness=False,
        )
        .with_columns(at=pl.min_horizontal("last_at", moment))
    )  # fmt: skip
