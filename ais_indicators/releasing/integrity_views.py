"""Views for the release check on interference and dark vessels: which published places they touched, and how much."""

from typing import Final

import polars as pl

from ais_indicators.io.freshness import COVERAGE
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import Week
from ais_indicators.settings import Settings

INTERFERENCE: Final = "gold.interference_weekly"
DARK: Final = "gold.dark_vessels_weekly"
STATUS: Final = "gold.chokepoint_status_weekly"
ALL: Final = "_T"
REASONS: Final = ("vessels_dark", "interference", "jamming")
"""Reasons of a status that are due to senders, not to receivers."""

_PLACES: Final = (
    ("port", "gold.port_activity_weekly", "port_locode"),
    ("gate", "gold.chokepoint_transits_weekly", "gate_code"),
)


def published_places(settings: Settings, week: Week) -> pl.DataFrame:
    """Reads the ports and chokepoints with values in a week, and what touched them.

    Returns:
        Columns of `touched_places`.
    """
    figures = {table: read_weeks(settings, table, [week]) for _, table, _ in _PLACES}
    return touched_places(figures, read_weeks(settings, COVERAGE, [week]))


def touched_places(figures: dict[str, pl.DataFrame], coverage: pl.DataFrame) -> pl.DataFrame:
    """Lists the published places of a week with what dark vessels and false positions did to them.

    Args:
        figures: Rows of port activity and of chokepoint transits.
        coverage: Rows of `gold.coverage_weekly`.

    Returns:
        `place_kind`, `place_code`; `status_reason`, the reason of most of its marked values, null without any;
        `marked_values`, how many there are; `interfered_vessel_hours`.
    """
    parts = [
        figures[table]
        .filter(pl.col(column) != ALL)
        .select(
            place_kind=pl.lit(kind),
            place_code=column,
            status_reason=pl.when(pl.col("status_reason").is_in(REASONS)).then("status_reason"),
        )
        for kind, table, column in _PLACES
    ]
    key = ["place_kind", "place_code"]
    marked = (
        pl.concat(parts)
        .group_by(key)
        .agg(
            status_reason=pl.col("status_reason").drop_nulls().mode().sort().first(),
            marked_values=pl.col("status_reason").count().cast(pl.Int64),
        )
    )
    hours = coverage.select(*key, pl.col("interfered_vessel_hours").fill_null(0.0))
    return (
        marked.join(hours, on=key, how="left")
        .with_columns(pl.col("interfered_vessel_hours").fill_null(0.0))
        .sort(key)
    )


def interfered_hours(settings: Settings, week: Week) -> dict[str, float | None]:
    """Reads how many vessel-hours of a week were interfered with, and which share of all that is.

    Returns:
        Values of `interfered_share`.
    """
    return interfered_share(read_weeks(settings, INTERFERENCE, [week]), read_weeks(settings, DARK, [week]))


def interfered_share(interference: pl.DataFrame, dark: pl.DataFrame) -> dict[str, float | None]:
    """Adds up the vessel-hours with false or lost positions, and their share of these and the heard ones together.

    Args:
        interference: Rows of `gold.interference_weekly` of a week.
        dark: Rows of `gold.dark_vessels_weekly` of the week; the one of all regions has the heard vessel-hours.

    Returns:
        `interfered_vessel_hours` and `interfered_share`; the share is None if nothing was heard or interfered with.
    """
    hours = float(interference["vessel_hours"].sum())
    heard = float(dark.filter(region_code=ALL)["heard_vessel_hours"].sum())
    total = hours + heard
    return {"interfered_vessel_hours": hours, "interfered_share": hours / total if total else None}
