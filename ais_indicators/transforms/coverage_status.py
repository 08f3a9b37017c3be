"""What an outage does to figures: low reliability, an adjusted figure beside the plain one, or none at all.

Source: methodology 9. Arrivals and departures that were seen are divided by the share of hours that were heard, as if
ships came as often in the others. A nought under an outage is no figure.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from ais_indicators.rules import rule

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
        pl.when(value.is_null() & ~pl.col("obs_status").is_in(["Q"]))
        .then(pl.lit("O"))
        .when(is_low & ~pl.col("obs_status").is_in(_OUTRANKING))
        .then(pl.lit("U"))
        .otherwise("obs_status")
    )
    return rows.with_columns(value=value, obs_status=status)


def covered_port_activity(
    rows: pl.DataFrame, coverage: pl.DataFrame, units: Mapping[str, str]
) -> pl.DataFrame:
    """Judges weekly port activity by coverage, and puts adjusted figures and missing ones beside it.

    Args:
        rows: `gold.port_activity_weekly` without `adjustment`.
        coverage: Rows of `gold.coverage_weekly` of the same weeks.
        units: Unit of each indicator of the table.

    Returns:
        Rows of `gold.port_activity_weekly`. A port where ships usually arrive, and of which an outage left none, has
        its indicators as missing, over all classes.
    """
    ports = coverage.filter(pl.col("place_kind").is_in(["port", "all"])).rename({"place_code": "port_locode"})
    index = ports.select("week", "port_locode", INDEX)
    plain = judged_by_coverage(
        pl.concat([rows, _unheard(rows, ports, units)]).join(index, on=["week", "port_locode"], how="left")
    ).with_columns(adjustment=pl.lit(PLAIN))
    is_adjusted = pl.col("indicator").is_in(ADJUSTED_INDICATORS) & (pl.col("obs_status") == "U")
    adjusted = plain.filter(is_adjusted).with_columns(
        value=pl.col("value") / pl.col(INDEX), obs_status=pl.lit("E"), adjustment=pl.lit(ADJUSTED)
    )
    return pl.concat([plain, adjusted]).drop(INDEX)


def _unheard(rows: pl.DataFrame, ports: pl.DataFrame, units: Mapping[str, str]) -> pl.DataFrame:
    """Rows without value for ports of which an outage left no call."""
    low = (pl.col(INDEX) < float(rule("coverage_low_index"))) & (pl.col("usual_arrivals") > 0)
    gone = ports.filter(low, place_kind="port").join(rows, on=["week", "port_locode"], how="anti")
    indicators = pl.DataFrame({"indicator": list(units), "unit": list(units.values())})
    return (
        gone.select("week", "port_locode")
        .join(indicators, how="cross")
        .with_columns(
            vessel_class=pl.lit("_T"),
            value=pl.lit(None, pl.Float64),
            obs_status=pl.lit("O"),
            conf_status=pl.lit("F"),
        )
        .select(rows.columns)
    )


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
