"""Released tables that contain the number of vessels behind a row, or follow from another table.

`gold.interference_weekly` and `gold.dark_vessels_weekly` count vessels, so they need no `gold.contributors_weekly`.
`gold.chokepoint_status_weekly` repeats the transits of `gold.chokepoint_transits_weekly` and is suppressed with them.
"""

from typing import Final

import polars as pl

from ais_indicators.disclosure.tables import DARK, INTERFERENCE, TOTAL
from ais_indicators.periods import DAYS_PER_WEEK
from ais_indicators.units import HOURS_PER_DAY

COUNTED: Final = (INTERFERENCE, DARK)
_HOURS_PER_WEEK: Final = DAYS_PER_WEEK * HOURS_PER_DAY
_FREE: Final = "F"


def counted_vessels(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Counts the vessels behind each row of a table that counts them, in columns of `gold.contributors_weekly`.

    The row does not contain the share of its largest vessel; equal shares are the minimum, and contributions
    (`disclosure.insiders`) are more exact. The vessels behind heard vessel-hours are not counted: no vessel has more
    hours than a week, so there are at least that many.

    Args:
        table: One of `COUNTED`.
        rows: Its rows of a week.
    """
    vessels = pl.when(pl.col("vessels") > 0).then("vessels") if table == INTERFERENCE else pl.lit(None)
    if table == DARK:
        dark, heard = pl.col("dark_vessels"), pl.col("heard_vessel_hours")
        least_heard = (heard / _HOURS_PER_WEEK).ceil().cast(pl.Int64)
        vessels = pl.min_horizontal(pl.when(dark > 0).then(dark), pl.when(heard > 0).then(least_heard))
    key = [name for name in ("area_code", "kind", "region_code") if name in rows.columns]
    return rows.select(
        *key,
        table_name=pl.lit(table),
        ships=vessels,
        largest_share=1.0 / vessels,
        sea_distance_nm=pl.lit(None, pl.Float64),
    )


def suppressed_statuses(status: pl.DataFrame, straits: pl.DataFrame, least_ships: float) -> pl.DataFrame:
    """Lists the chokepoints whose transits must not be shown in their status, with `conf_status`.

    Args:
        status: Rows of `gold.chokepoint_status_weekly` of a week.
        straits: Rows of `gold.chokepoint_transits_weekly` of the week as they are to be published.
        least_ships: A usual week of fewer transits, but not of none, is of fewer vessels.

    Returns:
        `gate_code` and `conf_status`: that of the chokepoint's transits in both directions of all classes, or `A` if a
        usual week has too few.
    """
    hidden = straits.filter(pl.col("conf_status") != _FREE, direction=TOTAL, vessel_class=TOTAL)
    reasons = hidden.select("gate_code", reason="conf_status").unique("gate_code", keep="first")
    is_rare = pl.col("usual_transits").is_between(0, least_ships, closed="none")
    return (
        status.select("gate_code", is_rare=is_rare.fill_null(False))
        .join(reasons, on="gate_code", how="left")
        .with_columns(conf_status=pl.coalesce("reason", pl.when("is_rare").then(pl.lit("A"))))
        .drop_nulls("conf_status")
        .select("gate_code", "conf_status")
        .sort("gate_code")
    )
