"""Turns the fold's records into rows of `silver.chokepoint_transits` and `silver.waiting_vessels`."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.fold.classes import classify
from ais_indicators.fold.events import event_ids, pick, timestamps, week_index, week_names, where
from ais_indicators.fold.identities import identify
from ais_indicators.fold.records import (
    NEVER,
    NOWHERE,
    SIDE_A,
    SIDE_B,
    TRANSIT,
    UNSEEN_SIDE,
    Carried,
    Records,
    Thresholds,
)
from ais_indicators.rules import Rules
from ais_indicators.units import SECONDS_PER_HOUR

DIRECTIONS: Final = ("side_a_to_side_b", "side_b_to_side_a")
PLACES: Final = ("anchorage", "gate")


def transit_rows(
    transits: Records,
    gate_codes: tuple[str, ...],
    evidence: pl.DataFrame,
    reports: pl.DataFrame,
    settled_week: str,
    rules: Rules,
) -> pl.DataFrame:
    """Returns rows of `silver.chokepoint_transits`, one per transit, in the order of their identifiers.

    Args:
        transits: Elements of `TRANSIT`.
        gate_codes: Name of each gate number.
        evidence: What the tracks said of their class, columns of `fold.classes.EVIDENCE_SCHEMA`.
        reports: What they said of their ship, columns of `fold.identities.REPORT_SCHEMA`.
        settled_week: Week in which they settled, or `open`.
        rules: Rules of the lake's subject.
    """
    rows = _rows_of_records(transits, gate_codes)
    return (
        rows.with_columns(
            classify(rows, evidence, rules),
            identify(rows, reports, rules),
            pl.lit(settled_week).alias("settled_week"),
        )
        .drop("week_index", "second")
        .sort("transit_id")
    )


def _rows_of_records(transits: Records, gate_codes: tuple[str, ...]) -> pl.DataFrame:
    """Returns what the records say of each transit, with `week_index` and `second` of its begin."""
    entered, left = transits["entered_second"], transits["left_second"]
    has_from, has_to = transits["from_side"] != UNSEEN_SIDE, transits["to_side"] != UNSEEN_SIDE
    is_inferred = transits["is_inferred"] == 1
    is_forward = (transits["from_side"] == SIDE_A) | (transits["to_side"] == SIDE_B)
    arrival = week_index(entered)
    return pl.DataFrame(
        {
            "transit_id": event_ids(transits, transits["gate"], gate_codes, entered),
            "mmsi": transits["mmsi"],
            "track_id": transits["track_id"],
            "gate_code": pick(gate_codes, transits["gate"]),
            "direction": pick(DIRECTIONS, np.where(is_forward, 0, 1)),
            "entered_at_utc": timestamps(entered),
            "left_at_utc": timestamps(left),
            "transit_hours": where((left != NEVER) & ~is_inferred, (left - entered) / SECONDS_PER_HOUR),
            "is_complete": has_from & has_to & ~is_inferred,
            "is_inferred": is_inferred,
            "is_counted": transits["is_counted"] == 1,
            "is_jumped": transits["is_jumped"] == 1,
            "gap_hours": transits["gap_seconds"] / SECONDS_PER_HOUR,
            "arrival_week": week_names(arrival),
            "week_index": arrival,
            "second": entered,
        }
    )


def open_transits(carried: Carried, thresholds: Thresholds) -> Records:
    """Returns the transits of ships that are inside a gate, having come from a side: elements of `TRANSIT`."""
    owner, straits = _straits_of_full_tracks(carried, thresholds)
    inside = (
        (straits["is_inside"] == 1) & (straits["side"] != UNSEEN_SIDE) & (straits["away_second"] == NEVER)
    )
    owner, straits = owner[inside], straits[inside]
    transits = np.zeros(straits.size, TRANSIT)
    transits["track_id"], transits["mmsi"] = owner["track_id"], owner["mmsi"]
    transits["gate"], transits["from_side"] = straits["gate"], straits["side"]
    transits["entered_second"], transits["left_second"] = straits["entered_second"], NEVER
    transits["gap_seconds"] = straits["gap_seconds"]
    return transits


def waiting_rows(
    carried: Carried,
    end_second: int,
    port_locodes: tuple[str, ...],
    gate_codes: tuple[str, ...],
    evidence: pl.DataFrame,
    reports: pl.DataFrame,
    rules: Rules,
) -> pl.DataFrame:
    """Returns rows of `silver.waiting_vessels` when a week ends, one per ship and place, in a total order.

    Args:
        carried: State at the week's end.
        end_second: The first second after the week.
        port_locodes: Name of each port number.
        gate_codes: Name of each gate number.
        evidence: What the tracks said of their class.
        reports: What they said of their ship.
        rules: Rules of the lake's subject.
    """
    thresholds = Thresholds.from_rules(rules)
    found = pl.concat(
        [_at_anchorages(carried, port_locodes, thresholds), _at_gates(carried, gate_codes, thresholds)]
    ).filter(end_second - pl.col("last_second") <= thresholds.waiting_silence_seconds)
    now = int(week_index(np.array([end_second - 1]))[0])
    events = found.with_columns(week_index=pl.lit(now, pl.Int64), second=pl.col("last_second"))
    return (
        found.with_columns(
            classify(events, evidence, rules),
            identify(events, reports, rules),
            since_utc=timestamps(found["since"].to_numpy()),
            last_seen_at_utc=timestamps(found["last_second"].to_numpy()),
        )
        .drop("since", "last_second")
        .sort("track_id", "place_kind", "place_code")
    )


def _at_anchorages(carried: Carried, port_locodes: tuple[str, ...], thresholds: Thresholds) -> pl.DataFrame:
    """Returns ships that lie still at an anchorage of a port, for as long as a stop must last."""
    tracks = carried.tracks
    is_long = tracks["run_near"] - tracks["run_since"] >= thresholds.min_stop_seconds
    is_full = tracks["fixes"] >= thresholds.min_track_fixes
    tracks = tracks[(tracks["anchorage_port"] != NOWHERE) & is_long & is_full]
    names = pick(port_locodes, tracks["anchorage_port"])
    still = np.ones(tracks.size, np.bool_)
    return _places(tracks, 0, names, ~still, still, tracks["run_since"])


def _at_gates(carried: Carried, gate_codes: tuple[str, ...], thresholds: Thresholds) -> pl.DataFrame:
    """Returns ships that lie still in a gate or on its sides, and those that are inside it however fast."""
    owner, straits = _straits_of_full_tracks(carried, thresholds)
    here = straits["away_second"] == NEVER
    owner, straits = owner[here], straits[here]
    inside = straits["is_inside"] == 1
    lasts = straits["last_second"] - straits["still_since"]
    still = (straits["still_since"] != NEVER) & (lasts >= thresholds.min_stop_seconds)
    since = np.where(still, straits["still_since"], straits["entered_second"])
    rows = _places(owner, 1, pick(gate_codes, straits["gate"]), inside, still, since)
    return rows.filter(pl.col("is_inside") | pl.col("is_still"))


def _places(
    tracks: Records,
    kind: int,
    names: pl.Series,
    inside: NDArray[np.bool_],
    still: NDArray[np.bool_],
    since: NDArray[np.int64],
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "track_id": tracks["track_id"],
            "mmsi": tracks["mmsi"],
            "place_kind": pl.Series([PLACES[kind]] * tracks.size, dtype=pl.String),
            "place_code": names,
            "is_inside": inside,
            "is_still": still,
            "since": since,
            "last_second": tracks["last_second"],
        }
    )


def _straits_of_full_tracks(carried: Carried, thresholds: Thresholds) -> tuple[Records, Records]:
    """Returns straits of the tracks that are no stubs, and the track of each."""
    owner = np.repeat(carried.tracks, carried.tracks["straits"])
    full = owner["fixes"] >= thresholds.min_track_fixes
    return owner[full], carried.straits[full]
