"""Turns the fold's records into rows of `silver.port_calls` and `silver.tracks`."""

import hashlib
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.fold.calls import Ends, decide_calls, read_visits
from ais_indicators.fold.classes import classify
from ais_indicators.fold.identities import identify
from ais_indicators.fold.records import ENDED_UNSEEN, EXITED, NEVER, Records, Thresholds
from ais_indicators.hashing import FIRST_MULTIPLIER, SECOND_MULTIPLIER
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.units import (
    FIRST_MONDAY_SECOND,
    KM_PER_NAUTICAL_MILE,
    MICROSECONDS_PER_SECOND,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
    SECONDS_PER_WEEK,
)

OPEN: Final = "open"
"""`settled_week` of what may still change; it sorts after every week."""
PASSAGE_CONFIDENCE: Final = 1
UNSEEN_CONFIDENCE: Final = 2


def week_index(second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the number of the ISO week that holds an epoch second, counted from 1970-01-05."""
    return (second - FIRST_MONDAY_SECOND) // SECONDS_PER_WEEK


def week_name(index: int) -> str:
    """Returns the name of the week with that number.

    >>> week_name(0)
    '1970-W02'
    """
    return Week.of_second(index * SECONDS_PER_WEEK + FIRST_MONDAY_SECOND).name


def port_call_rows(
    visits: Records,
    port_locodes: tuple[str, ...],
    evidence: pl.DataFrame,
    reports: pl.DataFrame,
    settled_week: str,
    rules: Rules,
) -> pl.DataFrame:
    """Returns rows of `silver.port_calls`, one per visit, in the order of their identifiers.

    Args:
        visits: Elements of `VISIT`.
        port_locodes: Name of each port number.
        evidence: What the tracks said of their class, columns of `fold.classes.EVIDENCE_SCHEMA`.
        reports: What they said of their ship, columns of `fold.identities.REPORT_SCHEMA`.
        settled_week: Week in which they settled, or `open`.
        rules: Rules of the lake's subject.
    """
    readings = read_visits(visits)
    week = week_index(_event_second(readings.visits))
    named = pl.DataFrame(
        {"mmsi": readings.visits["mmsi"], "track_id": readings.visits["track_id"], "week_index": week}
    )
    vessel_class = classify(named, evidence, rules)
    chosen = readings.of(vessel_class.to_numpy(), rules)
    rows = _call_rows(readings.visits[chosen], vessel_class.filter(pl.Series(chosen)), port_locodes, rules)
    return (
        rows.with_columns(identify(rows, reports, rules), pl.lit(settled_week).alias("settled_week"))
        .drop("week_index", "second")
        .sort("port_call_id")
    )


def _event_second(visits: Records) -> NDArray[np.int64]:
    """Returns the time of each visit's arrival, or of its first fix where that was not seen."""
    return np.where(visits["arrived_second"] != NEVER, visits["arrived_second"], visits["first_second"])


def _call_rows(
    visits: Records, vessel_class: pl.Series, port_locodes: tuple[str, ...], rules: Rules
) -> pl.DataFrame:
    """Returns rows of visits that are events, with the week and second by which vessels are identified."""
    ends = decide_calls(visits, vessel_class.to_numpy(), rules)
    arrived = visits["arrived_second"] != NEVER
    event_week = week_index(_event_second(visits))
    is_rival = visits["rival_still"] > visits["own_still"]
    return pl.DataFrame(
        {
            "port_call_id": event_ids(visits, visits["port"], port_locodes, visits["first_second"]),
            "mmsi": visits["mmsi"],
            "track_id": visits["track_id"],
            "port_locode": pick(port_locodes, np.where(is_rival, visits["rival_port"], visits["port"])),
            "event_type": pick(("passage", "port_call"), ends.is_call),
            "first_seen_at_utc": timestamps(visits["first_second"]),
            "arrived_at_utc": timestamps(visits["arrived_second"]),
            "last_seen_at_utc": timestamps(visits["last_second"]),
            "call_status": _statuses(visits["phase"]),
            **_end_columns(visits, ends, Thresholds.from_rules(rules)),
            "stop_hours": visits["stop_seconds"] / SECONDS_PER_HOUR,
            "at_rest_when_last_seen": visits["rests_last"] == 1,
            "longest_stop_minutes": visits["longest_stop_seconds"] / SECONDS_PER_MINUTE,
            "gap_hours": visits["gap_seconds"] / SECONDS_PER_HOUR,
            "waiting_hours": visits["waiting_seconds"] / SECONDS_PER_HOUR,
            "sailed_at_entry_nm": where(arrived, visits["sailed_at_entry_km"] / KM_PER_NAUTICAL_MILE),
            "vessel_class": vessel_class,
            "arrival_week": where(arrived, week_names(event_week)),
            "week_index": event_week,
            "second": visits["first_second"],
        }
    )


def _end_columns(visits: Records, ends: Ends, thresholds: Thresholds) -> dict[str, Any]:
    """Returns columns that depend on whether the ends of the visits were seen or are estimated."""
    arrived, departed = visits["arrived_second"] != NEVER, visits["departed_second"] != NEVER
    left = np.where(ends.departure_is_estimated, visits["last_second"], visits["departed_second"])
    sailed = np.where(ends.departure_is_estimated, visits["sailed_at_last_km"], visits["sailed_at_exit_km"])
    stay = left - visits["arrived_second"]
    seen = (arrived & ~ends.arrival_is_estimated, departed & ~ends.departure_is_estimated)
    confidence = UNSEEN_CONFIDENCE + seen[0].astype(np.int32) + seen[1].astype(np.int32)
    return {
        "departed_at_utc": timestamps(left),
        "entry_after_gap": visits["entry_silence_seconds"] >= thresholds.gap_seconds,
        "exit_after_gap": departed & (visits["exit_silence_seconds"] >= thresholds.gap_seconds),
        "arrival_is_estimated": ends.arrival_is_estimated,
        "departure_is_estimated": ends.departure_is_estimated,
        "arrival_half_width_hours": _known(ends.arrival_half_width_hours),
        "departure_half_width_hours": _known(ends.departure_half_width_hours),
        "stay_hours": where(arrived & departed, stay / SECONDS_PER_HOUR + ends.unseen_hours),
        "sailed_at_exit_nm": where(departed, sailed / KM_PER_NAUTICAL_MILE),
        "confidence": np.where(ends.is_call, confidence, PASSAGE_CONFIDENCE).astype(np.int32),
    }


def _known(values: NDArray[np.float64]) -> pl.Series:
    """Returns the values, null for NaN."""
    return pl.Series(values).fill_nan(None)


def track_rows(tracks: Records, settled_week: str, thresholds: Thresholds) -> pl.DataFrame:
    """Returns rows of `silver.tracks`, one per track, in the order of their identifiers."""
    return pl.DataFrame(
        {
            "track_id": tracks["track_id"],
            "mmsi": tracks["mmsi"],
            "first_seen_at_utc": timestamps(tracks["first_second"]),
            "last_seen_at_utc": timestamps(tracks["last_second"]),
            "fixes": tracks["fixes"],
            "gaps": tracks["gaps"],
            "is_stub": tracks["fixes"] < thresholds.min_track_fixes,
            "is_open": np.full(tracks.size, settled_week == OPEN),
            "settled_week": [settled_week] * tracks.size,
        },
        schema_overrides={"settled_week": pl.String},
    ).sort("track_id")


def event_ids(
    events: Records, places: NDArray[np.int64], names: tuple[str, ...], second: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Returns a 63-bit hash of each event's track, place and first fix."""
    digests = {p: hashlib.sha256(names[p].encode()).digest()[:8] for p in np.unique(places)}
    place_keys = {p: np.frombuffer(digest, np.uint64)[0] for p, digest in digests.items()}
    keys = np.array([place_keys[p] for p in places], np.uint64)
    mixed = events["track_id"].astype(np.uint64) ^ keys
    for part in (second.astype(np.uint64), keys):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * FIRST_MULTIPLIER + part
        mixed = (mixed ^ (mixed >> np.uint64(27))) * SECOND_MULTIPLIER
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)


def timestamps(seconds: NDArray[np.int64]) -> pl.Series:
    """Returns epoch seconds as times, null for NEVER."""
    times = where(seconds != NEVER, np.where(seconds == NEVER, 0, seconds))
    return (times.cast(pl.Int64) * MICROSECONDS_PER_SECOND).cast(pl.Datetime("us", "UTC"))


def where(keep: NDArray[np.bool_], values: NDArray[np.generic] | pl.Series) -> pl.Series:
    """Returns the values that are to be kept, null for the others."""
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    return pl.select(pl.when(pl.Series(keep)).then(series)).to_series()


def pick(names: tuple[str, ...], numbers: NDArray[np.generic]) -> pl.Series:
    """Returns the names with those numbers."""
    return pl.Series(names, dtype=pl.String).gather(pl.Series(numbers.astype(np.uint32)))


def _statuses(phase: NDArray[np.int64]) -> pl.Series:
    return pick(("open", "closed", "unseen"), np.select([phase == EXITED, phase == ENDED_UNSEEN], [1, 2], 0))


def week_names(indexes: NDArray[np.int64]) -> pl.Series:
    """Returns the names of the weeks with those numbers."""
    names = {int(index): week_name(int(index)) for index in np.unique(indexes)}
    return pl.Series([names[int(index)] for index in indexes], dtype=pl.String)
