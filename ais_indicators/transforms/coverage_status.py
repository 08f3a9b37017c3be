"""What an outage does to figures: low reliability, an adjusted figure beside the plain one, or none at all.

Source: methodology 9. Arrivals and departures that were seen are divided by the share of hours that were heard, as if
ships came as often in the others. A nought under an outage is no figure.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ais_indicators.rules import rule
from ais_indicators.transforms.zeros import NOT_APPLICABLE

INDEX: Final = "coverage_index"
PLAIN, ADJUSTED = "N", "C"
"""Codes of the column `adjustment`: not adjusted, and adjusted for coverage."""

ADJUSTED_INDICATORS: Final = ("arrivals", "departures")
_OUTRANKING: Final = ("Q", "O", "B", "E")
"""Statuses that stay though the reliability is low (methodology 13)."""


def judged_by_coverage(rows: pl.DataFrame) -> pl.DataFrame:
    """Sets value and status of figures by the coverage of the place that they are about.

    Args:
        rows: Columns `value`, `obs_status` and `coverage_index`, the last null where nothing could be assessed.

    Returns:
        The same rows and columns.
    """
    index = pl.col(INDEX)
    is_low = (index < float(rule("coverage_low_index"))).fill_null(False)
    is_gone = (index < float(rule("coverage_no_figure_index"))).fill_null(False)
    is_nought = is_low & (pl.col("value") == 0).fill_null(False)
    value = pl.when(~is_gone & ~is_nought).then("value")
    status = (
        pl.when(value.is_null() & (pl.col("obs_status") == NOT_APPLICABLE) & ~is_low)
        .then(pl.lit(NOT_APPLICABLE))
        .when(value.is_null() & ~pl.col("obs_status").is_in(["Q"]))
        .then(pl.lit("O"))
        .when(is_low & ~pl.col("obs_status").is_in(_OUTRANKING))
        .then(pl.lit("U"))
        .otherwise("obs_status")
    )
    return rows.with_columns(value=value, obs_status=status)


def covered_port_activity(rows: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    """Sets values and statuses of weekly port activity by coverage, and adds adjusted values.

    Args:
        rows: `gold.port_activity_weekly` without `adjustment`, zeros of observed ports among them.
        coverage: Rows of `gold.coverage_weekly` of the same weeks.

    Returns:
        Rows of `gold.port_activity_weekly`. The zeros of a port of which an outage left no call are missing.
    """
    ports = coverage.filter(pl.col("place_kind").is_in(["port", "all"])).rename({"place_code": "port_locode"})
    index = ports.select("week", "port_locode", INDEX)
    plain = judged_by_coverage(rows.join(index, on=["week", "port_locode"], how="left")).with_columns(
        adjustment=pl.lit(PLAIN)
    )
    is_adjusted = pl.col("indicator").is_in(ADJUSTED_INDICATORS) & (pl.col("obs_status") == "U")
    adjusted = plain.filter(is_adjusted).with_columns(
        value=pl.col("value") / pl.col(INDEX), obs_status=pl.lit("E"), adjustment=pl.lit(ADJUSTED)
    )
    return pl.concat([plain, adjusted]).drop(INDEX)


def covered(
    rows: pl.DataFrame, coverage: pl.DataFrame, on: Sequence[str], place: Sequence[str]
) -> pl.DataFrame:
    """Judges figures by the coverage of the places that they are about.

    Args:
        rows: Figures.
        coverage: Columns named as in `place`, and `coverage_index`.
        on: Columns of the figures that name the place.
        place: The same of the coverage.
    """
    joined = rows.join(coverage.select(*place, INDEX), left_on=on, right_on=place, how="left")
    return judged_by_coverage(joined).drop(INDEX).select(rows.columns)
