"""Voyages: one row from the departure of a call to the ship's next arrival, with the tonnes unloaded there.

Each call of a ship is the destination of one row: its origin is unknown where the ship was not seen in a port within
the days that a voyage may last. A ship's last departure gives a row without a destination, `open` while it may still
arrive. Tonnes are those of the call that ends the voyage: its net load, since a draught shows no more.
"""

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.rules import Rules
from ais_indicators.transforms.bounded import bounded_mean
from ais_indicators.transforms.hull_draws import ESTIMATED, design_draught_factors
from ais_indicators.transforms.imputation_support import support_sd_t
from ais_indicators.transforms.missing_draughts import EVEN, Draughts
from ais_indicators.transforms.part_cargo import PartCargoes, hulls_of_calls
from ais_indicators.transforms.payload import (
    Hulls,
    is_in_ballast,
    linear_payload_t,
    read_payload,
    tonnes_per_coefficient,
    tonnes_per_metre,
)
from ais_indicators.transforms.stand_ins import NONE, Filled
from ais_indicators.units import FIRST_MONDAY_SECOND, SECONDS_PER_DAY, SECONDS_PER_WEEK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENDED, OPEN, LOST = "ended", "open", "lost"
Reading = tuple[Filled, NDArray[np.bool_]]
"""Draughts at one end of a call, and whether the ship is known to have cargo."""

UNKNOWN_CALL: Final = 0
_CALL: Final = (
    "port_call_id", "mmsi", "port_locode", "entered_at_utc", "arrived_at_utc", "left_at_utc", "departed_at_utc",
    "confidence",
)  # fmt: skip
_SHIP: Final = ("vessel_id", "vessel_class", "deadweight_t", "hull_source", "register_match")


def voyages_of(
    calls: pl.DataFrame, first_week: int, last_week: int, seen_until_s: int, rules: Rules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns voyages that end in some weeks, and those that began in them and have not ended.

    Args:
        calls: Calls by ship and time, of these weeks and of those that they look back and ahead to: the columns of
            `call_draughts.reported_draughts` with those of `hulls.hulls_of`, `register_match` and `week_index`.
        first_week: Number of the first of the weeks.
        last_week: Number of the last.
        seen_until_s: End of the newest week with data, in epoch seconds.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `silver.voyages` without countries and distances, and rows of `silver.voyage_draws`.
    """
    draughts = Draughts(calls, rules)
    wanted = calls.select(
        ends=pl.col("week_index").is_between(first_week, last_week),
        begins=pl.col("next_call_id").is_null()
        & pl.col("departed_at_utc").is_not_null()
        & week_number("left_at_utc").is_between(first_week, last_week),
    )
    part = PartCargoes(calls, draughts, seen_until_s, rules)
    ended, draws = _ended(calls, draughts, part, np.flatnonzero(wanted["ends"].to_numpy()), rules)
    unended = _unended(calls, draughts, np.flatnonzero(wanted["begins"].to_numpy()), seen_until_s, rules)
    rows = pl.concat([ended, unended], how="diagonal_relaxed").with_columns(
        confidence=pl.coalesce("destination_confidence", "origin_confidence")
    )
    return rows.sort("voyage_id"), draws.sort("voyage_id", "draw")


def week_number(name: str) -> pl.Expr:
    """Returns the number of the ISO week that holds a moment, counted from 1970-01-05."""
    return (pl.col(name).dt.epoch("s") - FIRST_MONDAY_SECOND) // SECONDS_PER_WEEK


def _ended(
    calls: pl.DataFrame, draughts: Draughts, part: PartCargoes, rows: Ints, rules: Rules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    here = calls[rows]
    has_origin = here["previous_call_id"].is_not_null()
    origin = _named(calls[np.maximum(rows - 1, 0)], "origin").with_columns(
        pl.when(has_origin).then(pl.all()).name.keep()
    )
    began, came, left = (
        draughts.leaving(np.maximum(rows - 1, 0)),
        draughts.entering(rows),
        draughts.leaving(rows),
    )
    hulls = hulls_of_calls(here, rules)
    brings, takes = part.brought(rows, came, left), part.taken(rows)
    factors = design_draught_factors(here, rules)
    columns, net = _cargo(hulls, (came, brings), (left, takes), here, factors, rules)
    table = pl.concat(
        [here.select(_SHIP), origin, _named(here, "destination")], how="horizontal"
    ).with_columns(
        voyage_status=pl.lit(ENDED),
        departure_draught_m=_values(began, has_origin.to_numpy()),
        departure_draught_code=pl.when(has_origin)
        .then(pl.Series(began.code, dtype=pl.String))
        .otherwise(pl.lit(NONE)),
        payload_departure_t=_series(
            np.where(has_origin.to_numpy(), _payload(began, hulls, factors, brings, rules=rules), np.nan)
        ),
        is_part_cargo=pl.Series(_mostly(brings) & is_in_ballast(came.value_m, hulls, rules)),
        stay_hours=here["stay_hours"],
        sailed_distance_nm=pl.when(has_origin).then(here["sailed_distance_nm"]),
        arrival_draught_age_days=here["arrival_draught_age_days"],
        week_index=here["week_index"],
        **columns,
    )
    table = _with_identifier(table).with_columns(**_trade_flags(here["is_short_stay"], rules))
    is_drawn = (came.is_imputed | left.is_imputed | _differ(net)) & ~np.isnan(net).any(axis=1)
    return table, _long(table["voyage_id"], net, is_drawn, table["week_index"])


def _unended(
    calls: pl.DataFrame, draughts: Draughts, rows: Ints, seen_until_s: int, rules: Rules
) -> pl.DataFrame:
    here = calls[rows]
    began = draughts.leaving(rows)
    hulls = hulls_of_calls(here, rules)
    lost = pl.col("origin_left_at_utc").dt.epoch("s") < seen_until_s - rules.max_voyage_days * SECONDS_PER_DAY
    table = pl.concat([here.select(_SHIP), _named(here, "origin")], how="horizontal").with_columns(
        voyage_status=pl.when(lost).then(pl.lit(LOST)).otherwise(pl.lit(OPEN)),
        departure_draught_m=_values(began),
        departure_draught_code=pl.Series(began.code, dtype=pl.String),
        payload_departure_t=_series(_payload(began, hulls, design_draught_factors(here, rules), rules=rules)),
        week_index=week_number("origin_left_at_utc"),
        destination_call_id=pl.lit(None, pl.Int64),
        counts_for_trade=pl.lit(False),
        is_long_stay=pl.lit(False),
        is_clipped=pl.lit(False),
        is_ballast=pl.lit(False),
        is_part_cargo=pl.lit(False),
        is_imputed=pl.Series(began.is_imputed),
    )
    return _with_identifier(table)


def _cargo(
    hulls: Hulls, entering: Reading, leaving: Reading, here: pl.DataFrame, factors: Floats, rules: Rules
) -> tuple[dict[str, Any], Floats]:
    """Returns columns of the cargo carried and handled, and the net load of each draw."""
    (came, brings), (left, takes) = entering, leaving
    columns_of = hulls.of((slice(None), None))
    before = read_payload(came.draws_m, columns_of, brings, factors, rules=rules)
    after = read_payload(left.draws_m, columns_of, takes, factors, rules=rules)
    net = after.tonnes - before.tonnes
    linear = linear_payload_t(left.draws_m, columns_of, rules) - linear_payload_t(
        came.draws_m, columns_of, rules
    )
    with np.errstate(invalid="ignore"):
        unloaded, loaded = np.maximum(-net, 0.0).mean(axis=1), np.maximum(net, 0.0).mean(axis=1)
        spread = net.std(axis=1, ddof=1)
    is_clipped = (before.is_clipped | after.is_clipped).any(axis=1)
    return {
        "arrival_draught_m": _values(came),
        "arrival_draught_code": pl.Series(came.code, dtype=pl.String),
        "onward_draught_m": _values(left),
        "onward_draught_code": pl.Series(left.code, dtype=pl.String),
        "payload_arrival_t": _series(bounded_mean(before.tonnes, hulls.deadweight_t)),
        "payload_onward_t": _series(bounded_mean(after.tonnes, hulls.deadweight_t)),
        "net_load_t": _series(net.mean(axis=1)),
        "tonnes_unloaded": _series(unloaded),
        "tonnes_loaded": _series(loaded),
        "linear_tonnes_unloaded": _series(np.maximum(-linear, 0.0).mean(axis=1)),
        "measurement_sd_t": _series(_measurement_sd_t(hulls, entering, leaving, here, rules)),
        "imputation_sd_t": _series(np.hypot(spread, support_sd_t((came, left), hulls, rules))),
        "is_imputed": pl.Series(came.is_imputed | left.is_imputed),
        "is_clipped": pl.Series(is_clipped),
        "is_ballast": pl.Series(read_payload(came.value_m, hulls, _mostly(brings), rules=rules).is_ballast),
    }, net


def _measurement_sd_t(
    hulls: Hulls, entering: Reading, leaving: Reading, here: pl.DataFrame, rules: Rules
) -> Floats:
    """Returns the standard deviation of the net load due to rounded and old draughts and inexact hulls.

    Where the payload is clipped or that of ballast, it does not move with the draught. The block coefficient errs alike
    at both ends, so that only the difference counts. Draughts that were filled in have their error in the draws.
    """
    rounding = rules.draught_step_m**2 / 12.0
    age = here["arrival_draught_age_days"].fill_null(0.0).to_numpy()
    variance = np.zeros(len(age))
    per_coefficient = np.zeros(len(age))
    tonnes = np.zeros(len(age))
    drifts = rules.draught_drift_m_per_day * age, np.zeros(len(age))
    for (filled, has_cargo), drift, sign in zip((entering, leaving), drifts, (-1.0, 1.0), strict=True):
        draught = filled.value_m
        reading = read_payload(draught, hulls, _mostly(has_cargo), rules=rules)
        moves = ~reading.is_clipped & ~reading.is_ballast
        slope = np.where(moves & ~filled.is_imputed, tonnes_per_metre(draught, hulls, rules), 0.0)
        variance += slope**2 * (rounding + drift**2)
        per_coefficient += sign * np.where(moves, tonnes_per_coefficient(draught, hulls, rules), 0.0)
        tonnes += sign * reading.tonnes
    spread = here["block_coefficient_sd"].fill_null(np.nan).to_numpy()
    is_estimated = here["hull_source"].is_in(ESTIMATED).to_numpy()
    estimate = np.where(is_estimated, rules.estimated_hull_sd_share, 0.0) * tonnes
    return np.asarray(np.sqrt(variance + (per_coefficient * spread) ** 2 + estimate**2))


def _trade_flags(is_short_stay: pl.Series, rules: Rules) -> dict[str, pl.Expr]:
    """Returns whether the call that ends the voyage counts towards trade, and whether it was suspiciously long."""
    has_changed = pl.col("arrival_draught_m") != pl.col("onward_draught_m")
    is_trader = pl.col("vessel_class").is_in(rules.trade_classes)
    return {
        "counts_for_trade": is_trader & (pl.lit(~is_short_stay) | has_changed).fill_null(False),
        "is_long_stay": (pl.col("stay_hours") > rules.long_trade_stay_hours).fill_null(False),
    }


def _payload(
    filled: Filled, hulls: Hulls, factors: Floats, has_cargo: NDArray[np.bool_] | None = None, *, rules: Rules
) -> Floats:
    known = False if has_cargo is None else has_cargo
    draws = read_payload(filled.draws_m, hulls.of((slice(None), None)), known, factors, rules=rules).tonnes
    return bounded_mean(draws, hulls.deadweight_t)


def _mostly(draws: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Returns whether it holds in most of the draws."""
    return np.asarray(draws.mean(axis=1) > EVEN)


def _differ(draws: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.any(draws != draws[:, :1], axis=1))


def _values(filled: Filled, keep: NDArray[np.bool_] | None = None) -> pl.Series:
    return _series(filled.value_m if keep is None else np.where(keep, filled.value_m, np.nan))


def _series(values: Floats) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64).fill_nan(None)


def _named(calls: pl.DataFrame, end: str) -> pl.DataFrame:
    """Returns columns of a call under the names of one end of a voyage."""
    return calls.select(pl.col(name).alias(f"{end}_{name.removeprefix('port_')}") for name in _CALL)


def _with_identifier(voyages: pl.DataFrame) -> pl.DataFrame:
    ends = (pl.col(f"{end}_call_id").fill_null(UNKNOWN_CALL) for end in ("origin", "destination"))
    return voyages.with_columns(voyage_id=pl.format("{}-{}", *ends))


def _long(identifiers: pl.Series, net: Floats, is_drawn: NDArray[np.bool_], weeks: pl.Series) -> pl.DataFrame:
    """Returns one row per voyage and draw, of voyages whose draws differ."""
    rows = np.flatnonzero(is_drawn)
    draws = net.shape[1]
    return pl.DataFrame(
        {
            "voyage_id": identifiers.gather(np.repeat(rows, draws)),
            "draw": np.tile(np.arange(1, draws + 1, dtype=np.int32), rows.size),
            "net_load_t": net[rows].ravel(),
            "week_index": weeks.gather(np.repeat(rows, draws)),
        }
    )
