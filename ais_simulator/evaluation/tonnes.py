"""Accuracy of the tonnes that voyages put ashore.

Net tonnes are compared: the true payload at a call's arrival minus the one at its departure, if positive. Container,
ro-ro and general cargo ships put ashore and take on board in one call; a draught does not show how much of each, so the
true gross tonnes are only reported (`true_gross`).

The evaluated true calls began and ended inside the evaluated weeks and end a voyage that began in the simulated weeks,
since the draught of a ship from an unobserved port is not known. The evaluated voyages start in a known port and end
with a call that counts towards trade and whose arrival was seen. `all_calls` adds those of unknown origin. Classes with
few calls in a week are summed over the weeks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import t as student_t

from ais_indicators.periods import Period
from ais_simulator.evaluation.truth import Truth

FEWEST_CALLS: Final = 30
"""Classes of a week with fewer true calls are evaluated over all weeks together."""

LARGEST_FLOWS: Final = 10
TRADING: Final = ("container", "dry_bulk", "general_cargo", "roro", "tanker", "cargo_unspecified")
_MANY: Final = 1e9


@dataclass(frozen=True)
class _Compared:
    """True and found calls, whose tonnes are compared by groups.

    Attributes:
        true: True calls.
        found: Found voyages.
        draws: `silver.voyage_draws`.
        number: Draws of each voyage whose draughts are not all known.
        share: How often intervals are meant to hold the truth.
    """

    true: pl.DataFrame
    found: pl.DataFrame
    draws: pl.DataFrame
    number: int
    share: float

    def all(self) -> pl.DataFrame:
        """Compares the total; its key is the column `every`."""
        every = pl.lit("all").alias("every")
        return replace(self, true=self.true.with_columns(every), found=self.found.with_columns(every)).by(
            "every"
        )

    def by(self, *keys: str) -> pl.DataFrame:
        """Compares each group: relative error, and whether the interval contains the truth."""
        joined = self.true.group_by(keys).agg(calls=pl.len(), true=pl.col("tonnes").sum())
        for part in (
            _totals(self.found, keys),
            _between(self.found, self.draws, keys),
            _support(self.found, keys),
        ):
            joined = joined.join(part, on=keys, how="left")
        joined = joined.fill_null(0.0).with_columns(within=pl.col("within") + pl.col("support_variance"))
        extra = (1.0 + 1.0 / self.number) * joined["between"].to_numpy()
        within, unknown = joined["within"].to_numpy(), joined["unknown_variance"].to_numpy()
        below, above = (_reach(of, extra, self.number, self.share) for of in (within, within + unknown))
        error = pl.col("true") - pl.col("found")
        return (
            joined.with_columns(
                relative_error=pl.when(pl.col("true") > 0).then(pl.col("found") / pl.col("true") - 1.0),
                is_covered=(-error <= pl.Series(below)) & (error - pl.col("unknown") <= pl.Series(above)),
            )
            .filter(pl.col("true") > 0)
            .sort(keys)
        )


def assess_tonnes(
    truth: Truth,
    voyages: pl.DataFrame,
    draws: pl.DataFrame,
    number_of_draws: int,
    interval_share: float,
    weeks: Period | None = None,
) -> dict[str, Any]:
    """Compares tonnes put ashore with the ground truth.

    Args:
        truth: The truth.
        voyages: `silver.voyages` with `guess_unloaded_t` and `guess_unloaded_sd_t`: what those without tonnes may have
            carried, for which intervals leave room; and `support_sd_t`: what few reports leave open.
        draws: `silver.voyage_draws`.
        number_of_draws: Draws of each voyage whose draughts are not all known.
        interval_share: How often intervals are meant to hold the truth.
        weeks: Evaluate calls that began in these; default: all simulated weeks.

    Returns:
        `relative_error` of all, `by_class`, `by_week`, `by_class_and_week` and `small_classes` (true, found, relative
        error, calls, whether the interval holds the truth), `by_port`, `country_pairs`, `interval_coverage` with
        `coverage_by_kind`, `missing_share` of the voyages without tonnes, and `all_calls`: the same total with the
        calls of unknown origin.
    """
    every_call = _Compared(
        *_assessed_calls(truth, voyages, weeks or truth.weeks), draws, number_of_draws, interval_share
    )
    true = every_call.true.filter(pl.col("origin_locode").is_not_null())
    assessed = every_call.found.filter(pl.col("origin_call_id").is_not_null())
    compared = replace(every_call, true=true, found=assessed)
    return {
        "relative_error": next(iter(compared.all()["relative_error"]), None),
        "true": float(true["tonnes"].sum()),
        "true_gross": float(true["gross"].sum()),
        "found": float(assessed["tonnes_unloaded"].sum()),
        **_compare_groups(compared),
        "missing_share": assessed["tonnes_unloaded"].is_null().mean() if assessed.height else None,
        "all_calls": _plain(every_call.all(), ["every"]).get("all"),
    }


def _compare_groups(compared: _Compared) -> dict[str, Any]:
    """Compares classes, weeks, ports and pairs of countries, and counts how many intervals contain the truth."""
    cells, by_class = compared.by("vessel_class", "week"), compared.by("vessel_class")
    ports, pairs = compared.by("destination_locode"), _pairs(compared)
    return {
        "by_class": _plain(by_class, ["vessel_class"]),
        "by_week": _plain(compared.by("week"), ["week"]),
        "by_class_and_week": _plain(cells.filter(pl.col("calls") >= FEWEST_CALLS), ["vessel_class", "week"]),
        "small_classes": _plain(by_class.filter(~_all_large(cells, by_class)), ["vessel_class"]),
        "by_port": _plain(ports, ["destination_locode"]),
        "country_pairs": _plain(pairs.head(LARGEST_FLOWS), ["origin", "destination"]),
        **_interval_coverage({"class_and_week": cells, "port": ports, "country_pair": pairs}),
    }


def _assessed_calls(truth: Truth, voyages: pl.DataFrame, weeks: Period) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns the true calls that began in the weeks, and the voyages found to such calls, of any origin."""
    is_assessed = _is_in(weeks)
    found = voyages.filter(
        "counts_for_trade", pl.col("destination_arrived_at_utc").is_not_null(), is_assessed
    )
    return _true(truth).filter(is_assessed), _same_calls(found, truth)


def _interval_coverage(kinds: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Returns how many intervals contain the truth, over all kinds of groups and by kind."""
    covered = pl.concat([rows["is_covered"] for rows in kinds.values()])
    return {
        "interval_coverage": covered.mean() if covered.len() else None,
        "intervals": covered.len(),
        "coverage_by_kind": {
            kind: {"share": rows["is_covered"].mean(), "intervals": rows.height}
            for kind, rows in kinds.items()
        },
    }


def _is_in(weeks: Period) -> pl.Expr:
    return pl.col("week").is_between(pl.lit(weeks.first.name), pl.lit(weeks.last.name))


def _true(truth: Truth) -> pl.DataFrame:
    """Returns true calls with cargo inside the weeks: net tonnes put ashore; without origin if that is not known."""
    net = pl.col("payload_arrival_t") - pl.col("payload_departure_t")
    sailed = truth.voyages.select(
        "imo", "origin_locode", port_locode="destination_locode", began="arrived_at_utc"
    )
    return truth.calls.join(sailed, on=["imo", "port_locode", "began"], how="left").filter(
        pl.col("began").is_not_null(), pl.col("ended").is_not_null(), net.is_not_null(),
        pl.col("vessel_class").is_in(TRADING),
    ).select(
        "imo", "vessel_class", "origin_locode", destination_locode="port_locode",
        week=pl.col("began").dt.strftime("%G-W%V"),
        began="began", tonnes=net.clip(lower_bound=0.0), gross="tonnes_unloaded",
    )  # fmt: skip


def _same_calls(found: pl.DataFrame, truth: Truth) -> pl.DataFrame:
    """Returns voyages except those to calls that continue beyond the weeks, for which there are no true tonnes."""
    beyond = truth.calls.filter(pl.col("ended").is_null() | pl.col("payload_departure_t").is_null()).select(
        vessel_id=pl.format("imo-{}", "imo"),
        destination_locode="port_locode",
        since=pl.coalesce("began", pl.lit(truth.span[0])),
    )
    last = beyond.group_by("vessel_id", "destination_locode").agg(pl.col("since").max())
    joined = found.join(last, on=["vessel_id", "destination_locode"], how="left")
    goes_on = pl.col("since").is_not_null() & (
        pl.col("destination_arrived_at_utc") >= pl.col("since") - pl.duration(hours=1)
    )
    return joined.filter(~goes_on.fill_null(False)).drop("since")


def _totals(found: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Sums the tonnes found, those that may be missing, and the variances of both."""
    ashore = pl.when(pl.col("tonnes_unloaded") > 0).then(pl.col("measurement_sd_t") ** 2).otherwise(0.0)
    return found.group_by(keys).agg(
        found=pl.col("tonnes_unloaded").sum(),
        within=ashore.sum(),
        unknown=pl.col("guess_unloaded_t").sum(),
        unknown_variance=(pl.col("guess_unloaded_sd_t") ** 2).sum(),
    )


def _between(found: pl.DataFrame, draws: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Computes the variance of the tonnes between draws."""
    drawn = found.select("voyage_id", *keys).join(draws, on="voyage_id", suffix="_of_draw")
    return (
        drawn.group_by(*keys, "draw")
        .agg(tonnes=(-pl.col("net_load_t")).clip(lower_bound=0.0).sum())
        .group_by(keys)
        .agg(between=pl.col("tonnes").var())
    )


def _support(found: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Computes the variance from few reports; the voyages of one vessel depend on the same reports."""
    return (
        found.filter(pl.col("tonnes_unloaded") > 0)
        .group_by(*keys, "vessel_id")
        .agg(pl.col("support_sd_t").sum())
        .group_by(keys)
        .agg(support_variance=(pl.col("support_sd_t") ** 2).sum())
    )


def _reach(
    within: NDArray[np.float64], between: NDArray[np.float64], number: int, share: float
) -> NDArray[np.float64]:
    """Computes the half width of an interval from Rubin's total variance and degrees of freedom."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        freedom = np.where(between > 0, (number - 1) * (1.0 + within / between) ** 2, _MANY)
    quantile = student_t.ppf(0.5 + share / 2.0, np.minimum(freedom, _MANY))
    return np.asarray(np.sqrt(within + between) * quantile)


def _pairs(compared: _Compared) -> pl.DataFrame:
    """Compares flows between ports' countries, largest first; a country is the first two letters of a port's code."""
    ends = {
        "origin": pl.col("origin_locode").str.head(2),
        "destination": pl.col("destination_locode").str.head(2),
    }
    with_ends = replace(
        compared, true=compared.true.with_columns(**ends), found=compared.found.with_columns(**ends)
    )
    pairs = with_ends.by("origin", "destination")
    return pairs.sort("true", "origin", "destination", descending=[True, False, False])


def _all_large(cells: pl.DataFrame, by_class: pl.DataFrame) -> pl.Series:
    """Returns whether each class has enough calls in every week."""
    fewest = cells.group_by("vessel_class").agg(fewest=pl.col("calls").min())
    joined = by_class.join(fewest, on="vessel_class", how="left", maintain_order="left")
    return joined["fewest"] >= FEWEST_CALLS


def _plain(rows: pl.DataFrame, keys: list[str]) -> dict[str, Any]:
    """Returns rows by their keys, joined by a blank."""
    names = ("true", "found", "relative_error", "calls", "is_covered")
    return {
        " ".join(row[key] for key in keys): {name: row[name] for name in names} for row in rows.to_dicts()
    }
