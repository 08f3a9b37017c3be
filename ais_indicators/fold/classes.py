"""Which vessel class a track has, from what its static messages said (methodology 2)."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.rules import Rules

NO_CLASS: Final = -1
"""Code of a fix that carries no ship type."""
DEFAULT_CLASS: Final = "other"
TYPES_PER_GROUP: Final = 10
EVIDENCE_SCHEMA: Final = {
    "week_index": pl.Int64,
    "mmsi": pl.Int64,
    "track_id": pl.Int64,
    "vessel_class": pl.String,
    "messages": pl.Int64,
    "last_second": pl.Int64,
}
"""One row: one track's messages of one class in one week; `week_index` counts weeks, so that they subtract."""


def class_names(rules: Rules) -> tuple[str, ...]:
    """Returns the classes that AIS ship types can name, in the order of their codes."""
    return (*sorted(set(rules.vessel_class_by_ais_type.values())), DEFAULT_CLASS)


def class_codes(
    ais_ship_type: NDArray[np.float64], length_m: NDArray[np.float64], rules: Rules
) -> NDArray[np.int64]:
    """Returns the code of the class that each message names, NO_CLASS where it is no evidence.

    Args:
        ais_ship_type: AIS ship types (0 to 99), NaN for none; those that are not defined name no class.
        length_m: Lengths that the same messages report, NaN or under 0 for none; a length that no vessel of the type
            has makes the type no evidence.
        rules: Rules of the lake's subject.
    """
    names = class_names(rules)
    by_tens = {tens: names.index(name) for tens, name in rules.vessel_class_by_ais_type.items()}
    table = np.array([by_tens.get(tens, names.index(DEFAULT_CLASS)) for tens in range(TYPES_PER_GROUP)])
    known = (ais_ship_type > rules.undefined_ais_types_to) & ~_is_contradicted(ais_ship_type, length_m, rules)
    tens = np.where(known, ais_ship_type, 0).astype(np.int64) // TYPES_PER_GROUP
    return np.where(known, table[np.clip(tens, 0, TYPES_PER_GROUP - 1)], NO_CLASS)


def _is_contradicted(
    ais_ship_type: NDArray[np.float64], length_m: NDArray[np.float64], rules: Rules
) -> NDArray[np.bool_]:
    """Returns where a vessel is longer than any of its AIS ship type."""
    too_long = np.zeros(ais_ship_type.size, np.bool_)
    for first, last, longest_m in rules.ais_type_max_length_m:
        too_long |= (ais_ship_type >= first) & (ais_ship_type <= last) & (length_m > longest_m)
    return too_long


def collect_evidence(
    week_index: int,
    mmsi: NDArray[np.int64],
    track_id: NDArray[np.int64],
    second: NDArray[np.int64],
    codes: NDArray[np.int64],
    messages: NDArray[np.int64],
    rules: Rules,
) -> pl.DataFrame:
    """Counts the messages of each class by track, in columns of `EVIDENCE_SCHEMA`.

    Args:
        week_index: Week of the messages.
        mmsi: MMSI of each run of messages that say the same, shape (runs,), as the other arrays.
        track_id: Its track.
        second: Time of its last message in epoch seconds.
        codes: Code of the class that it says, NO_CLASS for none.
        messages: How many messages it has.
        rules: Rules of the lake's subject.
    """
    has_class = codes != NO_CLASS
    columns = {"mmsi": mmsi, "track_id": track_id, "code": codes, "messages": messages, "second": second}
    frame = pl.DataFrame({name: values[has_class] for name, values in columns.items()})
    counted = frame.group_by("mmsi", "track_id", "code").agg(
        pl.col("messages").sum(), last_second=pl.col("second").max()
    )
    return _with_columns(counted, week_index, rules)


def add_up(evidence: pl.DataFrame) -> pl.DataFrame:
    """Brings rows of the same week, track and class together; total order."""
    keys = ["week_index", "mmsi", "track_id", "vessel_class"]
    added = evidence.group_by(keys).agg(pl.col("messages").sum(), pl.col("last_second").max())
    return added.select(list(EVIDENCE_SCHEMA)).sort(keys)


def classify(events: pl.DataFrame, evidence: pl.DataFrame, rules: Rules) -> pl.Series:
    """Returns the class of each event: the mode over the rule's weeks up to the event's week, ties by the latest.

    A track that said nothing takes what its MMSI said, and `other` when that said nothing either.

    Args:
        events: Columns `mmsi, track_id, week_index`, one row per event.
        evidence: Columns of `EVIDENCE_SCHEMA`.
        rules: Rules of the lake's subject.

    Returns:
        Names of classes in the events' order.
    """
    if events.is_empty() or evidence.is_empty():
        return pl.repeat(DEFAULT_CLASS, events.height, dtype=pl.String, eager=True).alias("vessel_class")
    numbered = events.select("mmsi", "track_id", "week_index").with_row_index("event")
    own = _mode(numbered, evidence, "track_id", rules)
    if own.height == numbered.height:
        return own["vessel_class"]
    number = _mode(numbered, evidence, "mmsi", rules)
    return (
        numbered.join(own, on="event", how="left")
        .join(number, on="event", how="left", suffix="_of_mmsi")
        .sort("event")
        .select(vessel_class=pl.coalesce("vessel_class", "vessel_class_of_mmsi", pl.lit(DEFAULT_CLASS)))
        .to_series()
    )


def _mode(events: pl.DataFrame, evidence: pl.DataFrame, key: str, rules: Rules) -> pl.DataFrame:
    said = evidence.select(key, "vessel_class", "messages", "last_second", said_in="week_index")
    age = pl.col("week_index") - pl.col("said_in")
    return (
        events.select("event", key, "week_index")
        .join(said, on=key)
        .filter(age >= 0, age < rules.class_mode_weeks)
        .group_by("event", "vessel_class")
        .agg(pl.col("messages").sum(), pl.col("last_second").max())
        .sort("event", "messages", "last_second", "vessel_class", descending=[False, True, True, False])
        .unique("event", keep="first", maintain_order=True)
        .select("event", "vessel_class")
    )


def _with_columns(counted: pl.DataFrame, week_index: int, rules: Rules) -> pl.DataFrame:
    names = dict(enumerate(class_names(rules)))
    return counted.select(
        pl.lit(week_index, pl.Int64).alias("week_index"),
        "mmsi",
        "track_id",
        pl.col("code").replace_strict(names, return_dtype=pl.String).alias("vessel_class"),
        "messages",
        "last_second",
    )
