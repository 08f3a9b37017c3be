"""Sender part and interference of ports, straits, countries and cells, and the vessels that are dark by region.

A port or strait takes the lowest sender index of its own cell, the wider cells that hold it and the whole feed: vessels
that go dark on their way to it are lost in another cell. Source: methodology 8, points 4 and 6.
"""

from typing import Final

import polars as pl

from ais_indicators.geo.cell_parents import cell_resolutions, parent_cells
from ais_indicators.rules import Rules
from ais_indicators.transforms.coverage import EVERYWHERE, areas_of
from ais_indicators.transforms.coverage_places import TOTAL
from ais_indicators.transforms.missed_calls import FURTHER
from ais_indicators.transforms.sender_coverage import DARK, HEARD, SENDER_INDEX, SILENT, USUAL

INTERFERED, INTERFERED_SHARE, JAMMED = "interfered_vessel_hours", "interfered_share", "jammed_hours"
SHOWN: Final = "shown_vessel_hours"
_MEASURES: Final = (HEARD, SILENT, USUAL, SENDER_INDEX)
_PLACE: Final = ["place_kind", "place_code"]
_COLUMNS: Final = [*_PLACE, *_MEASURES, INTERFERED, INTERFERED_SHARE, SHOWN, JAMMED]

INTERFERED_VESSELS: Final = "interfered_vessels"
INTERFERENCE_SCHEMA: Final = {
    "h3_res3": pl.Int64,
    INTERFERED: pl.Float64,
    SHOWN: pl.Float64,
    JAMMED: pl.Int64,
    INTERFERED_VESSELS: pl.Int64,
}
"""Vessel-hours at false positions: of vessels that were believed to be in a cell, and of those that were shown in it;
hours in which it was jammed; and how many vessels were believed to be in it while they were shown elsewhere."""


def cell_interference(displacements: pl.DataFrame, jammed: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Adds up by cell what was not where it seemed to be, and the hours in which receivers of positions were jammed.

    Args:
        displacements: Columns `mmsi`, `from_h3_res3`, `to_h3_res4`, `hours` and `false_position_kind` of
            `silver.displacements` of the week.
        jammed: Columns `h3_res3` and `hour_utc`, one row per cell and hour of the week in which it was jammed.
        rules: Rules of the lake's subject.

    Returns:
        Columns of `INTERFERENCE_SCHEMA`, in the order of the cells.
    """
    false = displacements.drop_nulls("false_position_kind")
    shown_in = parent_cells(false["to_h3_res4"].to_numpy(), rules.coverage_cell_resolution)
    parts = [
        rows.drop_nulls("h3_res3").group_by("h3_res3").agg(pl.col("hours").sum().cast(pl.Float64).alias(name))
        for name, rows in (
            (INTERFERED, false.select("hours", h3_res3="from_h3_res3")),
            (SHOWN, false.select("hours", pl.Series("h3_res3", shown_in, pl.Int64))),
        )
    ]
    hours = jammed.group_by("h3_res3").agg(pl.col("hour_utc").n_unique().cast(pl.Int64).alias(JAMMED))
    both = parts[0].join(parts[1], on="h3_res3", how="full", coalesce=True)
    both = both.join(hours, on="h3_res3", how="full", coalesce=True)
    vessels = false.group_by(h3_res3="from_h3_res3").agg(
        pl.col("mmsi").n_unique().cast(pl.Int64).alias(INTERFERED_VESSELS)
    )
    both = both.join(vessels.drop_nulls(), on="h3_res3", how="left")
    return (
        both.with_columns(pl.col(INTERFERED, SHOWN, JAMMED, INTERFERED_VESSELS).fill_null(0))
        .select(*INTERFERENCE_SCHEMA)
        .sort("h3_res3")
    )


def place_senders(
    senders: pl.DataFrame,
    interference: pl.DataFrame,
    places: pl.DataFrame,
    usual: pl.DataFrame,
    missed: pl.DataFrame | None = None,
    *,
    rules: Rules,
) -> pl.DataFrame:
    """Gives each port, strait and country, and all ports together, its sender part.

    Args:
        senders: Rows of `silver.sender_weeks` of the week.
        interference: Columns of `INTERFERENCE_SCHEMA`.
        places: Columns of `PLACE_SCHEMA`.
        usual: Columns `place_code` and `usual_arrivals` of ports.
        missed: What `further_missed_calls` returns; None where nothing is known of it.
        rules: Rules of the lake's subject.

    Returns:
        The columns that `gold.coverage_weekly` has of it, by place, without cells.
    """
    with_usual = places.join(usual, on="place_code", how="left", maintain_order="left")
    if missed is not None:
        with_usual = with_usual.join(missed, on="place_code", how="left", maintain_order="left")
    own = _with_interference(_lowest(senders, places, rules), interference, with_usual, senders)
    ports = own.filter(place_kind="port").join(usual, on="place_code", how="left", maintain_order="left")
    ports = ports.join(places.select(*_PLACE, "country_iso3", "h3_res3"), on=_PLACE, how="left")
    of_country = ports.drop_nulls("country_iso3").with_columns(
        place_kind=pl.lit("country"), place_code=pl.col("country_iso3")
    )
    of_all = ports.with_columns(place_kind=pl.lit("all"), place_code=pl.lit(TOTAL))
    joined = [_joined(rows, senders, interference) for rows in (of_country, of_all)]
    return pl.concat([own.select(_COLUMNS), *joined]).sort(_PLACE)


def cell_places(senders: pl.DataFrame, interference: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Gives each cell of resolution 3 its sender part, in the columns of `place_senders`."""
    resolution = cell_resolutions(senders["area"].to_numpy())
    cells = senders.filter(resolution == rules.coverage_cell_resolution)
    rows = cells.with_columns(place_kind=pl.lit("cell"), place_code=_hexadecimal(pl.col("area")))
    places = rows.select(*_PLACE, h3_res3="area")
    usual = pl.lit(None, pl.Float64).alias("usual_arrivals")
    measures = rows.select(*_PLACE, *_MEASURES)
    return _with_interference(measures, interference, places.with_columns(usual), senders).select(_COLUMNS)


def dark_vessels(senders: pl.DataFrame, status: pl.Expr, rules: Rules) -> pl.DataFrame:
    """Gives each region and the whole feed its row of `gold.dark_vessels_weekly`, without the week.

    Args:
        senders: Rows of `silver.sender_weeks` of the week.
        status: Status of a value by its week: A or P.
        rules: Rules of the lake's subject.
    """
    return (
        senders.filter(_is_region(senders["area"], rules))
        .select(
            region_code=_region_code(),
            dark_vessels=pl.col(DARK),
            silent_vessel_hours=pl.col(SILENT).cast(pl.Float64),
            heard_vessel_hours=pl.col(HEARD).cast(pl.Float64),
            usual_silent_vessel_hours=pl.col(USUAL),
            sender_index=pl.col(SENDER_INDEX),
            obs_status=status,
            conf_status=pl.lit("F"),
        )
        .sort("region_code")
    )


def dark_by_vessel(silent: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns what each vessel contributes to each row of `gold.dark_vessels_weekly`.

    Args:
        silent: What `silent_by_vessel` returns.
        rules: Rules of the lake's subject.

    Returns:
        Columns `region_code`, `vessel_id` (the MMSI), `dark_vessels` and `silent_vessel_hours`.
    """
    return (
        silent.filter(_is_region(silent["area"], rules))
        .select(
            region_code=_region_code(),
            vessel_id=pl.col("mmsi").cast(pl.String),
            dark_vessels=pl.col(DARK),
            silent_vessel_hours=pl.col(SILENT),
        )
        .sort("region_code", "vessel_id")
    )


def _is_region(areas: pl.Series, rules: Rules) -> pl.Series:
    coarsest = min(int(resolution) for resolution in rules.coverage_wider_resolutions)
    return pl.Series(cell_resolutions(areas.to_numpy()) == coarsest) | (areas == EVERYWHERE)


def _region_code() -> pl.Expr:
    area = pl.col("area")
    return pl.when(area == EVERYWHERE).then(pl.lit(TOTAL)).otherwise(_hexadecimal(area))


def _hexadecimal(area: pl.Expr) -> pl.Expr:
    return area.map_elements(lambda cell: f"{cell:x}", return_dtype=pl.String)


def _lowest(senders: pl.DataFrame, places: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns each place with the measures of its area with the lowest index; of its own cell without any."""
    of_areas = senders.select("area", *_MEASURES)
    levels = [
        places.select(_PLACE).with_columns(area, level=pl.lit(level))
        for level, area in enumerate(areas_of(places["h3_res3"], rules))
    ]
    return (
        pl.concat(levels)
        .join(of_areas, on="area", how="left")
        .sort(*_PLACE, SENDER_INDEX, "level", nulls_last=True)
        .group_by(_PLACE, maintain_order=True)
        .agg(pl.col(_MEASURES).first())
        .with_columns(pl.col(HEARD, SILENT).fill_null(0).cast(pl.Float64))
    )


def _with_interference(
    rows: pl.DataFrame, interference: pl.DataFrame, places: pl.DataFrame, senders: pl.DataFrame
) -> pl.DataFrame:
    """Adds the interference of each place's own cell to rows that may have the measures of a wider area.

    A port's share is at least that of the calls that interfered vessels may have missed in its usual arrivals: one a
    vessel, and more of vessels that call often.
    """
    heard = senders.select(h3_res3="area", heard_in_cell=pl.col(HEARD).cast(pl.Float64))
    further = pl.col(FURTHER) if FURTHER in places.columns else pl.lit(0.0).alias(FURTHER)
    of_places = (
        places.select(*_PLACE, "h3_res3", "usual_arrivals", further)
        .join(interference, on="h3_res3", how="left")
        .join(heard, on="h3_res3", how="left")
        .drop("h3_res3")
    )
    joined = rows.join(of_places, on=_PLACE, how="left", maintain_order="left")
    filled = joined.with_columns(
        pl.col(HEARD, SILENT, INTERFERED, SHOWN, "heard_in_cell").cast(pl.Float64).fill_null(0.0),
        pl.col(JAMMED, INTERFERED_VESSELS, FURTHER).fill_null(0),
    )
    of_calls = pl.when(pl.col("usual_arrivals") > 0).then(
        (pl.col(INTERFERED_VESSELS) + pl.col(FURTHER)) / pl.col("usual_arrivals")
    )
    share = pl.max_horizontal(_share("heard_in_cell"), of_calls.clip(0.0, 1.0)).alias(INTERFERED_SHARE)
    return filled.with_columns(share).drop("heard_in_cell", "usual_arrivals", INTERFERED_VESSELS, FURTHER)


def _share(heard: str = HEARD) -> pl.Expr:
    """Returns interfered vessel-hours in those and the hours heard; 0 if there are neither."""
    of_all = pl.col(INTERFERED) + pl.col(heard)
    share = pl.when(of_all > 0).then(pl.col(INTERFERED) / of_all).otherwise(pl.lit(0.0))
    return share.alias(INTERFERED_SHARE)


def _joined(ports: pl.DataFrame, senders: pl.DataFrame, interference: pl.DataFrame) -> pl.DataFrame:
    """Returns several ports together: hours of their cells, and the mean of their indexes weighted by usual arrivals.

    Jammed hours are the mean of the ports'. Ports without usual arrivals weigh nothing, unless none has any.
    """
    index = pl.col(SENDER_INDEX)
    weight = pl.when(index.is_not_null()).then(pl.col("usual_arrivals").fill_null(0.0))
    means = ports.group_by(_PLACE).agg(
        pl.when(weight.sum() > 0)
        .then((weight * index).sum() / weight.sum())
        .otherwise(index.mean())
        .alias("mean"),
        pl.col(JAMMED).mean().floor().cast(pl.Int64),
        lowest=index.min(),
        highest=index.max(),
    )
    of_cells = senders.select("area", HEARD, SILENT, USUAL).join(
        interference.select(area="h3_res3", interfered=INTERFERED), on="area", how="full", coalesce=True
    )
    hours = (
        ports.select(*_PLACE, area="h3_res3")
        .unique()
        .join(of_cells, on="area", how="left")
        .group_by(_PLACE)
        .agg(
            pl.col(HEARD, SILENT).sum().cast(pl.Float64),
            pl.when(pl.col(USUAL).count() > 0).then(pl.col(USUAL).sum()),
            pl.col("interfered").sum().fill_null(0.0).alias(INTERFERED),
        )
    )
    return (
        means.join(hours, on=_PLACE)
        .with_columns(
            _share(),
            pl.lit(None, pl.Float64).alias(SHOWN),
            pl.col("mean").clip("lowest", "highest").alias(SENDER_INDEX),
        )
        .select(_COLUMNS)
    )
