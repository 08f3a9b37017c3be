"""Scores false positions, lost positions, dark vessels and closed chokepoints against the ground truth.

A score that needs a table which the lake does not have is None, and `not_scored` has the reason.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from ais_simulator.evaluation.matching import SLACK
from ais_simulator.evaluation.truth import Truth

LOSSES: Final = "silver.position_losses"
INTERFERENCE: Final = "gold.interference_weekly"
DARK_VESSELS: Final = "gold.dark_vessels_weekly"
STATUS: Final = "gold.chokepoint_status_weekly"
SPOOFING, JAMMING = "spoofing", "jamming"
VESSEL_HOUR: Final = ["mmsi", "hour_utc"]
HOUR: Final = timedelta(hours=1)
PORT, GATE = "port_locode", "gate_code"
MARKED: Final = ("U", "O")
"""Statuses that mark a value: low reliability, or no value."""

LEAST_EVENTS, LEAST_LOST, LEAST_FALL = 5, 2, 0.1
"""A fall: at least this number of at least this number of true events, and this share of them, are missing in the
value.
"""

LEAST_DARK_HOURS: Final = 12
"""A vessel that sends nothing for this number of hours is dark (method, section 9)."""

CLOSED: Final = "closed"


@dataclass(frozen=True)
class LakeRows:
    """Rows of a lake that integrity scores use; tables that it does not have are None.

    Attributes:
        calls: `silver.port_calls` that are port calls: `mmsi, port_locode, began, ended`.
        transits: `silver.chokepoint_transits` that count: `mmsi, gate_code, began, ended`.
        heard: `mmsi, hour_utc` with an accepted position.
        rejected: `mmsi, hour_utc` with a position that the fold rejected as false.
        arrivals: Weekly values: `week, port_locode, value, obs_status`.
        gate_transits: Weekly values: `week, gate_code, value, obs_status`.
        losses: `mmsi, hour_utc` of `silver.position_losses`.
        interference: `week, kind` of `gold.interference_weekly`.
        dark_vessels: `week, dark_vessels` of `gold.dark_vessels_weekly`, all regions together.
        status: `week, gate_code, chokepoint_status` of `gold.chokepoint_status_weekly`.
    """

    calls: pl.DataFrame
    transits: pl.DataFrame
    heard: pl.DataFrame
    rejected: pl.DataFrame
    arrivals: pl.DataFrame
    gate_transits: pl.DataFrame
    losses: pl.DataFrame | None = None
    interference: pl.DataFrame | None = None
    dark_vessels: pl.DataFrame | None = None
    status: pl.DataFrame | None = None

    @property
    def missing(self) -> list[str]:
        """Returns the names of the tables that it does not have."""
        tables = {
            LOSSES: self.losses,
            INTERFERENCE: self.interference,
            DARK_VESSELS: self.dark_vessels,
            STATUS: self.status,
        }
        return [name for name, rows in tables.items() if rows is None]


def score_integrity(truth: Truth, lake: LakeRows) -> dict[str, Any]:
    """Returns all scores as JSON types.

    Args:
        truth: The truth.
        lake: What the lake holds.
    """
    parts: dict[str, Any] = {"clean": _clean(truth, lake)}
    if truth.interfered is not None:
        kinds = set(truth.interfered["kind"].to_list())
        scores = {SPOOFING: _spoofing, JAMMING: _jamming}
        parts |= {kind: score(truth, lake) for kind, score in scores.items() if kind in kinds}
    if truth.dark is not None:
        parts["dark"] = _dark(truth, truth.dark, lake)
    if truth.blocked.height:
        parts["status"] = _status(truth, lake)
    return parts | {"not_scored": [f"the lake has no {table}" for table in lake.missing]}


def true_hours(truth: Truth, kind: str) -> pl.DataFrame:
    """Returns the vessel-hours in which a receiver took a message that a kind of shock had changed."""
    if truth.interfered is None:
        return pl.DataFrame(schema={"mmsi": pl.Int64(), "hour_utc": pl.Datetime("us", "UTC")})
    return truth.interfered.filter(pl.col("messages") > 0, kind=kind).select(VESSEL_HOUR).unique()


def _clean(truth: Truth, lake: LakeRows) -> dict[str, Any]:
    """Counts vessel-hours without a false position, and those of them with a rejected position."""
    hours = pl.concat([lake.heard, lake.rejected]).unique()
    clean = hours.join(true_hours(truth, SPOOFING), on=VESSEL_HOUR, how="anti")
    lost = clean.join(lake.rejected, on=VESSEL_HOUR, how="semi")
    return _share_of(clean.height, "rejected", lost.height)


def _spoofing(truth: Truth, lake: LakeRows) -> dict[str, Any]:
    """Scores vessel-hours with a false position, and events at places where the vessels were not."""
    hours = true_hours(truth, SPOOFING)
    found = hours.join(lake.rejected, on=VESSEL_HOUR, how="semi")
    at_ports = pl.concat(of.select("mmsi", PORT, "began", "ended") for of in (truth.calls, truth.passages))
    calls = _elsewhere(lake.calls, at_ports, hours, PORT, truth.span)
    transits = _elsewhere(lake.transits, truth.transits, hours, GATE, truth.span)
    return (
        _share_of(hours.height, "found", found.height)
        | {"false_calls": len(calls), "false_transits": len(transits)}
        | {"false_places": sorted(set(calls + transits))}
        | _named_weeks(lake, hours, pl.col("kind") != JAMMING)
    )


def _jamming(truth: Truth, lake: LakeRows) -> dict[str, Any]:
    """Scores vessel-hours without a position."""
    hours = true_hours(truth, JAMMING)
    found = None if lake.losses is None else hours.join(lake.losses, on=VESSEL_HOUR, how="semi").height
    return _share_of(hours.height, "found", found) | _named_weeks(lake, hours, pl.col("kind") == JAMMING)


def _named_weeks(lake: LakeRows, hours: pl.DataFrame, is_kind: pl.Expr) -> dict[str, Any]:
    """Scores weeks with interference: those that the lake names, and weeks that it names wrongly."""
    true = set(hours.select(_week("hour_utc")).to_series().to_list())
    if lake.interference is None:
        return {"weeks": len(true), "weeks_named": None, "weeks_named_wrongly": None}
    named = set(lake.interference.filter(is_kind)["week"].to_list())
    return {"weeks": len(true), "weeks_named": len(true & named), "weeks_named_wrongly": len(named - true)}


def _elsewhere(
    found: pl.DataFrame, true: pl.DataFrame, hours: pl.DataFrame, place: str, span: tuple[datetime, datetime]
) -> list[str]:
    """Returns places of found events during hours of false positions without a true event of the vessel there."""
    events = found.select("mmsi", place, "began", "ended").with_row_index("event")
    touched = events.join(hours, on="mmsi").filter(
        pl.col("began") < pl.col("hour_utc") + HOUR, pl.col("ended") >= pl.col("hour_utc")
    )
    first, end = (pl.lit(moment).dt.cast_time_unit("us") for moment in span)
    there = true.select(
        "mmsi", place, from_=pl.coalesce("began", first) - SLACK, to=pl.coalesce("ended", end) + SLACK
    )
    right = events.join(there, on=["mmsi", place]).filter(
        pl.col("began") <= pl.col("to"), pl.col("ended") >= pl.col("from_")
    )
    false = events.join(touched, on="event", how="semi").join(right, on="event", how="anti")
    places: list[str] = false.sort("event")[place].to_list()
    return places


def _dark(truth: Truth, hours: pl.DataFrame, lake: LakeRows) -> dict[str, Any]:
    """Scores falls of published values in weeks with dark vessels and their marks; dark vessels by week."""
    calls = truth.calls.select(PORT, week=_week("began"))
    transits = truth.transits.filter("is_counted").select(GATE, week=_week("began"))
    weeks = hours.select(_week("hour_utc")).unique()
    falls = pl.concat(
        [
            _falls(calls, lake.arrivals, PORT, weeks),
            _falls(transits, lake.gate_transits, GATE, weeks),
        ]
    ).sort("week", "place")
    unmarked = falls.filter(~pl.col("is_marked"))
    return {
        "hours": hours.height,
        "falls": falls.height,
        "marked": falls.height - unmarked.height,
        "unmarked": unmarked.drop("is_marked").to_dicts(),
        "vessels_by_week": _dark_by_week(hours, lake),
    }


def _falls(true: pl.DataFrame, found: pl.DataFrame, place: str, weeks: pl.DataFrame) -> pl.DataFrame:
    """Lists places and weeks whose value lacks many of the true events."""
    counted = true.drop_nulls().group_by("week", place).agg(true=pl.len())
    lost = pl.col("true") - pl.col("value").fill_null(0)
    return (
        counted.join(weeks, on="week", how="semi")
        .join(found.select("week").unique(), on="week", how="semi")
        .join(found, on=["week", place], how="left")
        .filter(pl.col("true") >= LEAST_EVENTS, lost >= LEAST_LOST, lost >= LEAST_FALL * pl.col("true"))
        .select(
            "week",
            "true",
            "value",
            "obs_status",
            place=pl.col(place),
            is_marked=pl.col("obs_status").is_in(MARKED).fill_null(False),
        )
    )


def _dark_by_week(hours: pl.DataFrame, lake: LakeRows) -> dict[str, dict[str, int | None]]:
    """Counts vessels that were dark for long, true and found."""
    silent = hours.group_by("vessel", week=_week("hour_utc")).agg(hours=pl.col("hour_utc").n_unique())
    true = silent.filter(pl.col("hours") >= LEAST_DARK_HOURS).group_by("week").agg(true=pl.len()).sort("week")
    found = {} if lake.dark_vessels is None else dict(lake.dark_vessels.rows())
    return {week: {"true": count, "found": found.get(week)} for week, count in true.rows()}


def _status(truth: Truth, lake: LakeRows) -> dict[str, Any] | None:
    """Scores statuses of chokepoints in weeks without passage, and those wrongly classified as closed."""
    if lake.status is None:
        return None
    closed = [
        (gate, week.name)
        for gate, begin, end in truth.blocked.rows()
        for week in truth.weeks
        if begin <= week.start and week.end <= end
    ]
    touched = {
        (gate, week.name)
        for gate, begin, end in truth.blocked.rows()
        for week in truth.weeks
        if begin < week.end and week.start < end
    }
    said = {(gate, week): status for week, gate, status in lake.status.rows()}
    wrong = [key for key, status in said.items() if status == CLOSED and key not in touched]
    return {
        "closed": len(closed),
        "called_closed": sum(said.get(key) == CLOSED for key in closed),
        "by_week": {" ".join(key): said.get(key) for key in sorted(touched)},
        "called_closed_wrongly": sorted(" ".join(key) for key in wrong),
    }


def _week(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%G-W%V").alias("week")


def _share_of(hours: int, name: str, count: int | None) -> dict[str, Any]:
    share = count / hours if hours and count is not None else None
    return {"hours": hours, name: count, f"{name}_share": share}
