"""Trade flows: what ports, countries and the world sent each other in a week, from the voyages that ended in it.

Every total is taken over the voyages themselves. What A exported to B are the same voyages as what B imported from A.
A flow to or from a partner counts tonnes put ashore at its end; a reporter's own totals (`_T`) come from the net loads
of its calls, unloaded as imports and loaded as exports.

Each total of tonnes is taken once for every draw. Their mean is published; its variance is that of the measurement
plus (1 + 1/m) times that between the draws (Rubin's rules) and what few reports leave open
(`transforms.imputation_support`). Voyages err independently of each other, but for the two ends of one voyage, which
carry the same draw, and for the voyages of one vessel whose draughts rest on few reports. Above, intervals leave room
for voyages without tonnes (`transforms.unknown_tonnes`).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import t as student_t

from ais_indicators.rules import Rules
from ais_indicators.transforms.bounded import bounded_share
from ais_indicators.transforms.coverage_status import covered
from ais_indicators.transforms.imputation_support import SUPPORT, support_variance, with_support
from ais_indicators.transforms.unknown_tonnes import with_guesses

Floats = NDArray[np.float64]

TOTAL: Final = "_T"
FREE: Final = "F"
_KEYS: Final = ["reporter_level", "reporter", "partner", "direction", "vessel_class"]
_UNLOADED, _LOADED = "unloaded", "loaded"
_MANY: Final = 1e9
"""Degrees of freedom of a total without draws."""


def trade_flows(voyages: pl.DataFrame, draws: pl.DataFrame, is_final: bool, rules: Rules) -> pl.DataFrame:
    """Takes the flows of one week.

    Args:
        voyages: Rows of `silver.voyages` of the week.
        draws: Rows of `silver.voyage_draws` of the week.
        is_final: Whether late messages of the week are taken up no more.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.trade_flows_weekly` without the week, in the order of its key.
    """
    with_classes = flow_members(voyages, flow_kinds(), draws)
    rows = pl.concat(
        [
            _ships(with_classes),
            _deadweight(with_classes, rules),
            _tonnes(with_classes, draws, rules),
            _tonne_miles(with_classes, draws, rules),
        ],
        how="diagonal_relaxed",
    )
    is_estimated = (pl.col("imputed_share") > 0).fill_null(False)
    status = pl.when(is_estimated).then(pl.lit("E")).otherwise(pl.lit("A")) if is_final else pl.lit("P")
    return rows.with_columns(
        obs_status=pl.when(pl.col("value").is_null()).then(pl.lit("O")).otherwise(status),
        conf_status=pl.lit(FREE),
    ).sort(*_KEYS, "indicator")


def flow_members(
    voyages: pl.DataFrame, flows: Sequence[tuple[str, pl.Expr, pl.Expr, str, str]], draws: pl.DataFrame
) -> pl.DataFrame:
    """Lists every flow that a voyage belongs to, by class and over all classes, one per row.

    Args:
        voyages: Rows of `silver.voyages`.
        flows: Level, reporter, partner, direction and counted tonnes of each kind of flow.
        draws: Rows of `silver.voyage_draws`; without any, `support_sd_t` is the whole standard deviation of imputation.
    """
    counted = with_support(with_guesses(voyages.filter("counts_for_trade").sort("voyage_id"), []), draws)
    members = pl.concat([_members(counted, *flow) for flow in flows])
    return pl.concat([members, members.with_columns(vessel_class=pl.lit(TOTAL))])


def covered_flows(flows: pl.DataFrame, coverage: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Marks flows by the coverage of the place at which they ended, the same for what A sent B and B got from A.

    Args:
        flows: Rows of `gold.trade_flows_weekly` of one week.
        coverage: Rows of `gold.coverage_weekly` of the week.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.trade_flows_weekly`; a flow without a value has neither error nor interval.
    """
    kind = pl.col("reporter_level").replace("world", "all")
    is_sent_on = (pl.col("direction") == "export") & (pl.col("partner") != TOTAL)
    placed = flows.with_columns(
        place_kind=kind, place_code=pl.when(is_sent_on).then("partner").otherwise("reporter")
    )
    key = ["place_kind", "place_code"]
    assessed = covered(placed, coverage, key, key, rules).drop(key)
    of_value = ("standard_error", "interval_low", "interval_high")
    return assessed.with_columns(pl.when(pl.col("value").is_not_null()).then(pl.col(of_value)))


def flow_kinds() -> Sequence[tuple[str, pl.Expr, pl.Expr, str, str]]:
    """Lists level, reporter, partner, direction, and which tonnes count, of each kind of flow."""
    everyone = pl.lit(TOTAL)
    flows: list[tuple[str, pl.Expr, pl.Expr, str, str]] = []
    for level, name in (("port", "locode"), ("country", "country_iso3")):
        here, there = pl.col(f"destination_{name}"), pl.col(f"origin_{name}")
        flows += [
            (level, here, there, "import", _UNLOADED),
            (level, there, here, "export", _UNLOADED),
            (level, here, everyone, "import", _UNLOADED),
            (level, here, everyone, "export", _LOADED),
        ]
    return [
        *flows,
        ("world", everyone, everyone, "import", _UNLOADED),
        ("world", everyone, everyone, "export", _LOADED),
    ]


def _members(
    voyages: pl.DataFrame, level: str, reporter: pl.Expr, partner: pl.Expr, direction: str, counts: str
) -> pl.DataFrame:
    """Returns one row per flow of a kind and voyage that belongs to it."""
    return voyages.select(
        reporter_level=pl.lit(level),
        reporter=reporter,
        partner=partner,
        direction=pl.lit(direction),
        vessel_class="vessel_class",
        counts=pl.lit(counts),
        voyage_id="voyage_id",
        vessel_id="vessel_id",
        deadweight_t="deadweight_t",
        is_estimated_hull=pl.col("hull_source") != "register",
        is_imputed="is_imputed",
        tonnes=pl.col(f"tonnes_{counts}"),
        distance_nm=pl.col("sea_distance_nm"),
        variance=pl.when(pl.col(f"tonnes_{counts}") > 0).then(pl.col("measurement_sd_t") ** 2).otherwise(0.0),
        support_sd_t=pl.when(pl.col(f"tonnes_{counts}") > 0).then(SUPPORT).otherwise(0.0),
        guess=pl.col(f"guess_{counts}_t"),
        guess_variance=pl.col(f"guess_{counts}_sd_t") ** 2,
    ).filter(pl.col("reporter").is_not_null() & pl.col("partner").is_not_null())  # fmt: skip


def _ships(members: pl.DataFrame) -> pl.DataFrame:
    return members.group_by(_KEYS).agg(
        indicator=pl.lit("ships"),
        value=pl.col("vessel_id").n_unique().cast(pl.Float64),
        unit=pl.lit("ships"),
        voyages=pl.len().cast(pl.Int64),
        missing_share=pl.lit(0.0),
        imputed_share=pl.lit(0.0),
    )


def _deadweight(members: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    known = pl.col("deadweight_t").is_not_null()
    estimated = pl.col("deadweight_t").filter("is_estimated_hull").sum()
    return members.group_by(_KEYS).agg(
        indicator=pl.lit("deadweight"),
        value=pl.when(known.any()).then(pl.col("deadweight_t").sum()),
        unit=pl.lit("t"),
        voyages=pl.len().cast(pl.Int64),
        missing_share=(~known).mean(),
        imputed_share=bounded_share(estimated, pl.col("deadweight_t").sum(), rules),
    )


def _tonnes(members: pl.DataFrame, draws: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    return _estimated(members, draws, "tonnes", "t", rules)


def _tonne_miles(members: pl.DataFrame, draws: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns tonnes that came a known way; of tonnes loaded the way is not known yet."""
    miles = pl.col("distance_nm")
    came = members.filter(pl.col("counts") == _UNLOADED)
    weighed = came.with_columns(pl.col("tonnes", "guess", SUPPORT) * miles, weight=miles).with_columns(
        pl.col("variance", "guess_variance") * miles**2
    )
    return _estimated(weighed, draws, "tonne_miles", "t nmi", rules)


def _estimated(
    members: pl.DataFrame, draws: pl.DataFrame, indicator: str, unit: str, rules: Rules
) -> pl.DataFrame:
    """Returns a total of tonnes with its standard error and interval."""
    known = pl.col("tonnes").is_not_null()
    imputed = pl.col("tonnes").filter("is_imputed").sum()
    totals = members.group_by(_KEYS).agg(
        value=pl.when(known.any()).then(pl.col("tonnes").sum()),
        within=pl.col("variance").filter(known).sum(),
        unknown=pl.col("guess").sum(),
        unknown_variance=pl.col("guess_variance").sum(),
        voyages=pl.len().cast(pl.Int64),
        missing_share=(~known).mean(),
        imputed_share=bounded_share(imputed, pl.col("tonnes").sum(), rules),
    )
    between, support = _between(members, draws), support_variance(members, _KEYS)
    whole = totals.join(between, on=_KEYS, how="left").join(support, on=_KEYS, how="left")
    return _with_interval(whole, rules).with_columns(indicator=pl.lit(indicator), unit=pl.lit(unit))


def _between(members: pl.DataFrame, draws: pl.DataFrame) -> pl.DataFrame:
    """Returns the variance between the draws of each total; voyages whose draughts are known are the same in all."""
    weight = pl.col("weight") if "weight" in members.columns else pl.lit(1.0)
    sign = pl.when(pl.col("counts") == _UNLOADED).then(-1.0).otherwise(1.0)
    drawn = (
        members.join(draws.select("voyage_id", "draw", "net_load_t"), on="voyage_id")
        .with_columns(tonnes=(sign * pl.col("net_load_t")).clip(lower_bound=0.0) * weight)
        .sort(*_KEYS, "draw", "voyage_id")  # sums of doubles depend on their order in the last bit
    )
    sums = drawn.group_by(*_KEYS, "draw", maintain_order=True).agg(pl.col("tonnes").sum())
    return sums.group_by(_KEYS, maintain_order=True).agg(between=pl.col("tonnes").var())


def _with_interval(totals: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns the standard error and interval of each total; above it leaves room for the voyages without tonnes.

    The ends are the value less and plus what is not below 0: rounding keeps that order.
    """
    number = rules.imputation_draws
    between = (1.0 + 1.0 / number) * totals["between"].fill_null(0.0).to_numpy()
    within = (totals["within"] + totals["support_variance"].fill_null(0.0)).to_numpy()
    unknown = totals["unknown_variance"].to_numpy()
    error = pl.Series(np.sqrt(within + between))
    below, above = (pl.Series(_reach(of, between, number, rules)) for of in (within, within + unknown))
    is_given = totals["value"].is_not_null()
    return totals.with_columns(standard_error=error, below=below, above=above).select(
        *_KEYS,
        "value",
        "voyages",
        "missing_share",
        "imputed_share",
        standard_error=pl.when(is_given).then("standard_error"),
        interval_low=pl.when(is_given).then((pl.col("value") - pl.col("below")).clip(lower_bound=0.0)),
        interval_high=pl.when(is_given).then(pl.sum_horizontal("value", "unknown", "above")),
    )


def _reach(within: Floats, between: Floats, number: int, rules: Rules) -> Floats:
    """Returns Rubin's rules: total variance, degrees of freedom, and how far Student's interval reaches."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        freedom = np.where(between > 0, (number - 1) * (1.0 + within / between) ** 2, _MANY)
    quantile = student_t.ppf(0.5 + rules.interval_share / 2.0, np.minimum(freedom, _MANY))
    return np.asarray(np.sqrt(within + between) * quantile)
