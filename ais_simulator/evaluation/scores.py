"""Accuracy of port calls and passages, and errors by cause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import polars as pl

from ais_indicators.periods import Week
from ais_simulator.evaluation.matching import Matched, match
from ais_simulator.evaluation.transits import TransitScores, assess_transits, scores
from ais_simulator.evaluation.truth import Truth

PORT_CALL: Final = "port_call"
PASSAGE: Final = "passage"
CLASS: Final = "vessel_class"
UNKNOWN: Final = "unknown"
TAIL: Final = 0.95
IDENTITY_REACH: Final = timedelta(days=1)
"""A change of number this near to an event may have split or hidden it."""


@dataclass(frozen=True)
class Evaluation:
    """Result of an evaluation.

    Attributes:
        calls: Port calls, found and true.
        passages: Passages, found and true.
        causes: Number of missed and false events by cause, by kind of event and cause.
        port_arrivals: Columns `week`, `port_locode`, `true`, `found`: arrivals of each port with any.
        transits: Transits of straits; None if they were not looked for.
        tonnes: How right the tonnes put ashore are, as `evaluation.tonnes.assess_tonnes` says it; None without voyages.
        calls_by_class: Port calls by the vessels' true class; `unknown` for found ones of no simulated number.
        integrity: Scores of `evaluation.integrity.score_integrity`; None without such shocks, and of a release.
    """

    calls: Matched
    passages: Matched
    causes: Mapping[str, Mapping[str, int]]
    port_arrivals: pl.DataFrame
    transits: TransitScores | None = None
    tonnes: Mapping[str, Any] | None = None
    calls_by_class: Mapping[str, Matched] = field(default_factory=dict)
    integrity: Mapping[str, Any] | None = None

    @property
    def arrivals(self) -> pl.DataFrame:
        """Returns columns `week`, `true`, `found`: arrivals over all ports."""
        return self.port_arrivals.group_by("week").agg(pl.col("true", "found").sum()).sort("week")

    @property
    def arrival_errors_minutes(self) -> pl.Series:
        """Returns found minus true time of arrival, one per call whose entry was seen."""
        return _minutes(self.calls.pairs, "arrived_at_utc", "began")

    @property
    def departure_errors_minutes(self) -> pl.Series:
        """Returns found minus true time of departure, one per call whose exit was seen."""
        return _minutes(self.calls.pairs, "departed_at_utc", "ended")

    def plain(self) -> dict[str, Any]:
        """Returns all of it as JSON types; null for what the method does not provide."""
        return {
            "port_calls": scores(self.calls),
            "passages": scores(self.passages),
            "port_calls_by_class": {name: scores(of) for name, of in self.calls_by_class.items()},
            "transits": self.transits.plain() if self.transits else None,
            "arrival_error_minutes": _errors(self.arrival_errors_minutes),
            "departure_error_minutes": _errors(self.departure_errors_minutes),
            "arrivals_by_week": {
                week: {"true": true, "found": found} for week, true, found in self.arrivals.iter_rows()
            },
            "tonnes": None if self.tonnes is None else dict(self.tonnes),
            "integrity": None if self.integrity is None else dict(self.integrity),
            "outage_hours": None,
            "causes": {kind: dict(of_kind) for kind, of_kind in self.causes.items()},
        }


def evaluate(
    truth: Truth, found: pl.DataFrame, week: Week | None = None, transits: pl.DataFrame | None = None
) -> Evaluation:
    """Compares found port calls and passages with the ground truth.

    Args:
        truth: The truth.
        found: `silver.port_calls`.
        week: Evaluate only events that began in it; without it those that lie completely inside the simulated weeks.
        transits: `silver.chokepoint_transits`; None if they are not evaluated.
    """
    span = truth.span
    assessed = pl.col("began").is_not_null() & pl.col("ended").is_not_null()
    seen = found.with_columns(
        began=pl.col("first_seen_at_utc"), ended=pl.coalesce("departed_at_utc", "last_seen_at_utc")
    )
    if week is not None:
        assessed = pl.col("began").is_between(pl.lit(week.start), pl.lit(week.end), closed="left")
        seen = seen.filter(pl.col("began").is_between(pl.lit(week.start), pl.lit(week.end), closed="left"))
    by_kind = {kind: seen.filter(event_type=kind) for kind in (PORT_CALL, PASSAGE)}
    calls = match(truth.calls, by_kind[PORT_CALL], assessed, span)
    passages = match(truth.passages, by_kind[PASSAGE], assessed, span)
    causes: dict[str, Mapping[str, int]] = {
        "port_calls_missed": _why_missed(calls.missed, by_kind[PASSAGE], by_kind[PORT_CALL], truth),
        "port_calls_false": _why_false(calls.false, truth.passages, truth.calls, truth),
        "passages_missed": _why_missed(passages.missed, by_kind[PORT_CALL], by_kind[PASSAGE], truth),
        "passages_false": _why_false(passages.false, truth.calls, truth.passages, truth),
    }
    assessed_transits = None if transits is None else assess_transits(truth, transits, week)
    if assessed_transits:
        causes |= {f"transits_{kind}": of for kind, of in assessed_transits.causes.items()}
    return Evaluation(
        calls,
        passages,
        causes,
        _arrivals(truth, found, week),
        assessed_transits,
        calls_by_class=_by_class(calls, truth),
    )


def _by_class(calls: Matched, truth: Truth) -> dict[str, Matched]:
    """Splits port calls by the true class of their number, whatever class was found."""
    if CLASS not in truth.calls.columns:
        return {}
    named = [events.select("mmsi", CLASS) for events in (truth.calls, truth.passages)]
    classes = pl.concat(named).unique("mmsi", keep="first", maintain_order=True)
    false = calls.false.drop(CLASS, strict=False).join(classes, on="mmsi", how="left", maintain_order="left")
    parts = (calls.pairs, calls.missed, false.with_columns(pl.col(CLASS).fill_null(UNKNOWN)))
    names = sorted({name for part in parts for name in part[CLASS].unique().to_list()})
    return {name: Matched(*(part.filter(pl.col(CLASS) == name) for part in parts)) for name in names}


def _minutes(pairs: pl.DataFrame, found: str, true: str) -> pl.Series:
    seconds = (pl.col(found) - pl.col(true)).dt.total_seconds()
    return pairs.select((seconds / 60).alias("minutes")).to_series().drop_nulls()


def _errors(minutes: pl.Series) -> dict[str, float | None]:
    """Computes median and 95th percentile of the absolute error."""
    absolute = minutes.abs()
    return {
        "median": float(str(absolute.median())) if minutes.len() else None,
        "p95": absolute.quantile(TAIL, interpolation="linear"),
    }


def _why_missed(
    missed: pl.DataFrame, other_kind: pl.DataFrame, same_kind: pl.DataFrame, truth: Truth
) -> dict[str, int]:
    """Counts causes of misses: each event counts for the first that fits."""
    columns = missed.select("mmsi", "port_locode", began=pl.col("from_"), ended=pl.col("to"))
    return _count(
        columns,
        {
            "classified as the other kind": other_kind,
            "merged with the event before or after": same_kind,
            "number changed or shared": _changes(truth),
        },
        "not seen",
    )


def _why_false(
    false: pl.DataFrame, other_kind: pl.DataFrame, same_kind: pl.DataFrame, truth: Truth
) -> dict[str, int]:
    """Counts causes of false events: each event counts for the first that fits."""
    columns = false.select("mmsi", "port_locode", "began", "ended")
    span = truth.span
    ends = {"began": pl.coalesce("began", pl.lit(span[0])), "ended": pl.coalesce("ended", pl.lit(span[1]))}
    return _count(
        columns,
        {
            "number changed or shared": _changes(truth),
            "true event of the other kind": other_kind.with_columns(**ends),
            "one event split in two": same_kind.with_columns(**ends),
        },
        "no ship was there",
    )


def _count(events: pl.DataFrame, causes: Mapping[str, pl.DataFrame], rest: str) -> dict[str, int]:
    """Removes from the events those that each cause explains, one cause after the other."""
    counts = {}
    left = events.with_row_index("event")
    for cause, explaining in causes.items():
        keys = ["mmsi", "port_locode"] if "port_locode" in explaining.columns else ["mmsi"]
        other = explaining.select(*keys, other_began=pl.col("began"), other_ended=pl.col("ended"))
        explained = left.join(other, on=keys).filter(
            (pl.col("other_began") <= pl.col("ended")) & (pl.col("other_ended") >= pl.col("began"))
        )
        counts[cause] = explained["event"].n_unique()
        left = left.join(explained, on="event", how="anti")
    counts[rest] = left.height
    return {cause: count for cause, count in counts.items() if count}


def _changes(truth: Truth) -> pl.DataFrame:
    """Returns times around which a number does not identify its ship."""
    both = pl.concat(
        truth.changes.select("kind", pl.col(name).alias("mmsi"), "at_utc")
        for name in ("mmsi_before", "mmsi_after")
    ).drop_nulls("mmsi")
    first, end = truth.span
    is_shared = pl.col("kind") == "shared"
    return both.select(
        "mmsi",
        began=pl.when(is_shared).then(pl.lit(first)).otherwise(pl.col("at_utc") - IDENTITY_REACH),
        ended=pl.when(is_shared).then(pl.lit(end)).otherwise(pl.col("at_utc") + IDENTITY_REACH),
    )


def _arrivals(truth: Truth, found: pl.DataFrame, week: Week | None) -> pl.DataFrame:
    """Counts arrivals of each week and port, true and found; a week without any has a row without a port."""
    names = [week.name] if week else [one.name for one in truth.weeks]
    keys = ["week", "port_locode"]
    true = truth.calls.group_by(pl.col("began").dt.strftime("%G-W%V").alias("week"), "port_locode")
    seen = found.filter(event_type=PORT_CALL).rename({"arrival_week": "week"}).group_by(keys)
    both = true.agg(true=pl.len()).join(seen.agg(found=pl.len()), on=keys, how="full", coalesce=True)
    return (
        pl.DataFrame({"week": names})
        .join(both, on="week", how="left")
        .with_columns(pl.col("true", "found").fill_null(0))
        .sort(keys)
    )
