"""The main job as plain Spark DataFrames: window functions, broadcast joins and an Arrow function for H3.

All windows over a ship's fixes share one partitioning and one order, so Spark shuffles and sorts once.
"""

from collections.abc import Callable
from functools import reduce
from typing import Final

import numpy as np
import pyarrow as pa
from h3ronpy.vector import coordinates_to_cells
from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.functions import ArrowUDFType, arrow_udf
from pyspark.sql.types import LongType

from ais_indicators.rules import SHIPS, Rules
from ais_indicators.units import EARTH_RADIUS_KM, KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR
from benchmarks.ports import TILES_PER_DEGREE

CSV_SCHEMA: Final = (
    "MMSI BIGINT, BaseDateTime TIMESTAMP, LAT DOUBLE, LON DOUBLE, SOG DOUBLE, COG DOUBLE, Heading DOUBLE, "
    "VesselName STRING, IMO STRING, CallSign STRING, VesselType INT, Status INT, Length DOUBLE, "
    "Width DOUBLE, Draft DOUBLE, Cargo INT, TransceiverClass STRING"
)
_CARRIED: Final = (
    "mmsi",
    "observed_at_utc",
    "latitude",
    "longitude",
    "sog_knots",
    "cog_degrees",
    "heading_degrees",
    "observed_on",
)
"""What the fold needs of a message: every further column would be shuffled, sorted and cached with it."""
_ROUNDS_UP: Final = 0.005
_IN_ORDER: Final = ("second", "latitude", "longitude", "sog_knots", "cog_degrees", "heading_degrees")


def bronze(raw: DataFrame) -> DataFrame:
    """Types the raw rows, takes "not available" as missing and gives each the reason against it, or none."""
    return raw.select(
        F.col("MMSI").alias("mmsi"),
        F.col("BaseDateTime").alias("observed_at_utc"),
        F.nullif("LAT", F.lit(91.0)).alias("latitude"),
        F.nullif("LON", F.lit(181.0)).alias("longitude"),
        _kept("SOG", lambda c: (c >= 0) & (c < Rules.for_subject(SHIPS).sog_censored_from_knots)).alias(
            "sog_knots"
        ),
        _kept("COG", lambda c: (c >= 0) & (c < 360)).alias("cog_degrees"),
        _kept("Heading", lambda c: (c >= 0) & (c < 360)).alias("heading_degrees"),
        _kept("Status", lambda c: c.between(0, 14)).alias("navigational_status"),
        F.nullif(F.expr("try_cast(substr(IMO, 4) AS BIGINT)"), F.lit(0)).alias("imo_number"),
        F.col("VesselName").alias("vessel_name"),
        F.col("CallSign").alias("call_sign"),
        _kept("VesselType", lambda c: c.between(1, 99)).alias("ais_ship_type"),
        F.nullif("Length", F.lit(0.0)).alias("length_m"),
        F.nullif("Width", F.lit(0.0)).alias("width_m"),
        _kept("Draft", lambda c: (c > 0) & (c < Rules.for_subject(SHIPS).draught_censored_from_m)).alias(
            "draught_m"
        ),
        F.col("TransceiverClass").alias("transceiver_class"),
        F.to_date("BaseDateTime").alias("observed_on"),
    ).withColumn("reject_reason", _reject_reason())


def placed(messages: DataFrame, ports: DataFrame, port_cells: DataFrame, port_tiles: DataFrame) -> DataFrame:
    """Gives each accepted row its H3 cell of resolution 6 and the port whose circle holds it."""
    candidate = F.struct("port", "is_inner", "port_latitude", "port_longitude")
    cells = port_cells.groupBy("cell").agg(F.sort_array(F.collect_list(candidate)).alias("candidates"))
    codes = ports.select("port", "port_locode")
    return (
        messages.where("reject_reason IS NULL")
        .select(*_CARRIED)
        .withColumn("second", F.unix_seconds("observed_at_utc"))
        .withColumn("tile", _tile())
        .join(F.broadcast(port_tiles.withColumn("is_near_port", F.lit(True))), "tile", "left")
        .withColumn("is_near_port", F.col("is_near_port").isNotNull())
        .withColumn("h3_res6", _cells_at(6)("latitude", "longitude", F.lit(True)))
        .withColumn("cell", _cells_at(8)("latitude", "longitude", "is_near_port"))
        .join(F.broadcast(cells), "cell", "left")
        .withColumn("port", F.get(F.filter("candidates", _holds), F.lit(0))["port"])
        .join(F.broadcast(codes), "port", "left")
        .drop("cell", "candidates", "tile")
    )


def fixes(rows: DataFrame) -> DataFrame:
    """Cuts each ship's path into tracks where it would have needed more than the greatest implied speed.

    Repeated rows and other places of the same second within `same_place_km` are left out. (The product keeps
    several tracks open and puts each fix on the nearest, which windows cannot say.)
    """
    seconds, km = F.col("seconds"), F.col("km")
    limit = (
        (Rules.for_subject(SHIPS).max_implied_speed_knots + _ROUNDS_UP)
        * KM_PER_NAUTICAL_MILE
        / SECONDS_PER_HOUR
    )
    is_same_place = km <= Rules.for_subject(SHIPS).same_place_km
    return (
        rows.withColumn("seconds", F.col("second") - F.lag("second").over(_by_ship()))
        .withColumn(
            "km",
            _great_circle_km(
                *_here(), F.lag("latitude").over(_by_ship()), F.lag("longitude").over(_by_ship())
            ),
        )
        .where(~F.coalesce((seconds == 0) & is_same_place, F.lit(False)))
        .withColumn("is_cut", F.coalesce(~is_same_place & (km >= limit * seconds), F.lit(True)))
        .withColumn("seconds_since_previous", F.when(~F.col("is_cut"), seconds))
        .withColumn("km_from_previous", F.when(~F.col("is_cut"), km))
        .withColumn("track_id", F.col("mmsi") * 65536 + F.count_if("is_cut").over(_so_far()))
        .withColumn("is_after_port", F.lag("is_near_port", 1, False).over(_by_ship()))
        .drop("seconds", "km", "is_cut")
    )


def visits(tracked: DataFrame, ports: DataFrame) -> DataFrame:
    """Finds visits and stops as gaps and islands among the fixes near ports.

    A visit begins inside a port and lasts until a fix beyond the exit radius or inside another port; in it a
    stop begins under one speed and ends above another. Their numbers are those of their first fixes.
    """
    anchor = F.when(F.col("port").isNotNull(), F.struct("fix", "track_id", "port"))
    entry = F.last(anchor, ignorenulls=True).over(_so_far())
    speed = (
        F.col("km_from_previous")
        / KM_PER_NAUTICAL_MILE
        / (F.col("seconds_since_previous") / SECONDS_PER_HOUR)
    )
    near = (
        tracked.where("is_near_port OR is_after_port")
        .withColumn("fix", F.row_number().over(_by_ship()))
        .withColumn("speed_knots", F.coalesce("sog_knots", speed))
        .withColumn("anchor", entry)
        .withColumn(
            "anchor_port", F.when(F.col("anchor.track_id") == F.col("track_id"), F.col("anchor.port"))
        )
        .withColumn("is_inside", F.col("port").isNotNull())
        .drop("port", "port_locode")
    )
    return near.transform(_within, ports).transform(_numbered).transform(_stopping).transform(_grouped)


def port_calls(visited: DataFrame, tracked: DataFrame, messages: DataFrame, ports: DataFrame) -> DataFrame:
    """Merges visits that are close in time and distinguishes port calls from passages."""
    by_port = Window.partitionBy("track_id", "port").orderBy("first_second")
    since_exit = F.col("first_second") - F.lag("exit_second").over(by_port)
    long_tracks = (
        tracked.groupBy("track_id").count().where(F.col("count") >= Rules.for_subject(SHIPS).min_track_fixes)
    )
    is_new = F.coalesce(
        since_exit >= Rules.for_subject(SHIPS).merge_visits_hours * SECONDS_PER_HOUR, F.lit(True)
    )
    return (
        visited.join(long_tracks, "track_id", "left_semi")
        .withColumn("is_new", is_new)
        .withColumn("number", F.count_if("is_new").over(by_port))
        .groupBy("mmsi", "track_id", "port", "number")
        .agg(*_merged())
        .join(F.broadcast(ports.select("port", "port_locode")), "port")
        .join(_classes(messages), "mmsi", "left")
        .select(*_call_columns())
    )


def _by_ship() -> WindowSpec:
    """A ship's fixes in the method's order."""
    return Window.partitionBy("mmsi").orderBy(*_IN_ORDER)


def _so_far() -> WindowSpec:
    """A ship's fixes up to this one."""
    return _by_ship().rowsBetween(Window.unboundedPreceding, Window.currentRow)


def _kept(column: str, is_value: Callable[[Column], Column]) -> Column:
    """The column where it holds a value, else null."""
    return F.when(is_value(F.col(column)), F.col(column))


def _reject_reason() -> Column:
    mmsi, latitude, longitude = F.col("mmsi"), F.col("latitude"), F.col("longitude")
    is_ship = mmsi.between(
        Rules.for_subject(SHIPS).ship_mmsi_minimum, Rules.for_subject(SHIPS).ship_mmsi_maximum
    )
    is_ship &= ~mmsi.isin(*Rules.for_subject(SHIPS).shared_mmsi_numbers)
    return (
        F.when(~F.coalesce(is_ship, F.lit(False)), "mmsi_not_a_ship")
        .when(latitude.isNull(), "latitude_not_available")
        .when(F.abs(latitude) > 90, "latitude_out_of_range")
        .when(longitude.isNull(), "longitude_not_available")
        .when(F.abs(longitude) > 180, "longitude_out_of_range")
        .when((latitude == 0) & (longitude == 0), "null_island")
        .when(F.col("observed_at_utc").isNull(), "timestamp_missing")
    )


def _tile() -> Column:
    """Number of the coarse tile that holds a row; see `benchmarks.ports`."""
    row = F.floor((F.col("latitude") + 90) * TILES_PER_DEGREE)
    return row * (360 * TILES_PER_DEGREE) + F.floor((F.col("longitude") + 180) * TILES_PER_DEGREE)


def _cells_at(resolution: int) -> Callable[..., Column]:
    """The Arrow function that gives H3 cells of the rows where they are wanted, else null."""

    def cells(latitude: pa.Array, longitude: pa.Array, wanted: pa.Array) -> pa.Array:
        mask = wanted.to_numpy(zero_copy_only=False).astype(bool)
        found = np.zeros(len(mask), dtype=np.int64)
        chosen = (c.to_numpy(zero_copy_only=False)[mask] for c in (latitude, longitude))
        found[mask] = np.asarray(coordinates_to_cells(*chosen, resolution)).view(np.int64)
        return pa.array(found, mask=~mask)

    decorated: Callable[..., Column] = arrow_udf(returnType=LongType(), functionType=ArrowUDFType.SCALAR)(
        cells
    )
    return decorated


def _here() -> tuple[Column, Column]:
    return F.col("latitude"), F.col("longitude")


def _holds(candidate: Column) -> Column:
    """Whether a candidate's circle holds the row: by its cell, else by distance."""
    km = _great_circle_km(*_here(), candidate["port_latitude"], candidate["port_longitude"])
    radius_km: float = Rules.for_subject(SHIPS).point_port_entry_km
    return candidate["is_inner"] | (km <= radius_km)


def _great_circle_km(
    latitude_a: Column, longitude_a: Column, latitude_b: Column, longitude_b: Column
) -> Column:
    half = F.pow(F.sin(F.radians(latitude_b - latitude_a) / 2), F.lit(2))
    across = F.pow(F.sin(F.radians(longitude_b - longitude_a) / 2), F.lit(2))
    half += F.cos(F.radians(latitude_a)) * F.cos(F.radians(latitude_b)) * across
    return 2 * EARTH_RADIUS_KM * F.asin(F.least(F.lit(1.0), F.sqrt(half)))


def _within(near: DataFrame, ports: DataFrame) -> DataFrame:
    """Says whether a fix still belongs, by distance alone, to the visit of the port it was last inside."""
    circles = ports.drop("port_locode").withColumnRenamed("port", "anchor_port")
    km = (_great_circle_km(*_here(), F.col(f"latitude_{n}"), F.col(f"longitude_{n}")) for n in (1, 2))
    is_within = F.col("is_inside") | (F.least(*km) <= Rules.for_subject(SHIPS).point_port_exit_km)
    return near.join(F.broadcast(circles), "anchor_port", "left").withColumn(
        "is_within", F.coalesce(is_within, F.lit(False))
    )


def _latest_fix(condition: Column) -> Column:
    """The last fix so far, of the ship, that meets a condition."""
    return F.max(F.when(condition, F.col("fix"))).over(_so_far())


def _numbered(near: DataFrame) -> DataFrame:
    """Numbers the visits by their first fixes; null outside any."""
    visited = F.struct("track_id", "port")
    is_start = F.col("port").isNotNull() & ~F.coalesce(
        F.lag(visited).over(_by_ship()) == visited, F.lit(False)
    )
    out = F.coalesce(_latest_fix(~F.col("is_within")), F.lit(0))
    return (
        near.withColumn("port", F.when(F.col("anchor.fix") > out, F.col("anchor_port")))
        .withColumn("is_start", is_start)
        .withColumn("visit", F.when(F.col("port").isNotNull(), _latest_fix(F.col("is_start"))))
    )


def _stopping(near: DataFrame) -> DataFrame:
    """Numbers the stops of each visit, and says which visit of the same track a fix ends."""
    slow = _latest_fix(F.col("speed_knots") < Rules.for_subject(SHIPS).stop_below_knots)
    fast = F.coalesce(
        _latest_fix(F.col("speed_knots") > Rules.for_subject(SHIPS).stop_ends_above_knots), F.lit(0)
    )
    before = F.lag(F.struct("track_id", "visit", "is_stopped")).over(_by_ship())
    was_stopped = F.coalesce(
        F.col("before.is_stopped") & (F.col("before.visit") == F.col("visit")), F.lit(False)
    )
    is_ended = (F.col("before.track_id") == F.col("track_id")) & ~F.col("before.visit").eqNullSafe(
        F.col("visit")
    )
    return (
        near.withColumn("slow", slow)
        .withColumn(
            "is_stopped", F.coalesce((F.col("slow") >= F.col("visit")) & (F.col("slow") > fast), F.lit(False))
        )
        .withColumn("before", before)
        .withColumn("was_stopped", was_stopped)
        .withColumn("stop", _latest_fix(F.col("is_stopped") & ~F.col("was_stopped")))
        .withColumn("ended_visit", F.when(is_ended, F.col("before.visit")))
    )


def _grouped(near: DataFrame) -> DataFrame:
    """One row a visit, with the lengths of its stops and gaps and the fix that ended it."""
    in_stop = F.col("is_stopped") | F.col("was_stopped")
    silence, second = F.col("seconds_since_previous"), F.col("second")
    is_gap = silence >= Rules.for_subject(SHIPS).gap_hours * SECONDS_PER_HOUR
    stops = (
        near.where("visit IS NOT NULL")
        .withColumn("stop", F.when(in_stop, F.col("stop")))
        .groupBy("mmsi", "visit", "stop")
        .agg(
            F.first("track_id").alias("track_id"),
            F.first("port").alias("port"),
            F.min(second).alias("first_second"),
            F.max(second).alias("last_second"),
            F.when(F.col("stop").isNotNull(), F.max(second) - F.min(second)).alias("stop_seconds"),
            F.sum(F.when(is_gap & (F.col("fix") > F.col("visit")), silence)).alias("gap_seconds"),
            F.bool_or((F.col("fix") == F.col("visit")) & silence.isNotNull()).alias("is_entry_seen"),
        )
    )
    grouped = stops.groupBy("mmsi", "visit").agg(
        F.first("track_id").alias("track_id"),
        F.first("port").alias("port"),
        F.min("first_second").alias("first_second"),
        F.max("last_second").alias("last_second"),
        F.coalesce(F.sum("stop_seconds"), F.lit(0)).alias("stop_seconds"),
        F.coalesce(F.max("stop_seconds"), F.lit(0)).alias("longest_stop_seconds"),
        F.coalesce(F.sum("gap_seconds"), F.lit(0)).alias("gap_seconds"),
        F.bool_or("is_entry_seen").alias("is_entry_seen"),
    )
    exits = near.where("ended_visit IS NOT NULL").select(
        "mmsi",
        F.col("ended_visit").alias("visit"),
        second.alias("exit_second"),
        is_gap.alias("exit_after_gap"),
    )
    return grouped.join(exits, ["mmsi", "visit"], "left")


def _merged() -> list[Column]:
    return [
        F.min("first_second").alias("first_second"),
        F.max("last_second").alias("last_second"),
        F.bool_or(F.col("is_entry_seen") & F.col("is_new")).alias("is_entry_seen"),
        F.max_by(F.struct("exit_second", "exit_after_gap"), "first_second").alias("exit"),
        F.sum("stop_seconds").alias("stop_seconds"),
        F.max("longest_stop_seconds").alias("longest_stop_seconds"),
        F.sum("gap_seconds").alias("gap_seconds"),
    ]


def _classes(messages: DataFrame) -> DataFrame:
    """The class that most of a ship's messages name."""
    tens = F.floor(F.col("ais_ship_type") / 10)
    by_tens = Rules.for_subject(SHIPS).vessel_class_by_ais_type.items()
    start = F.when(F.lit(False), F.lit(None).cast("string"))
    vessel_class: Column = reduce(lambda case, item: case.when(tens == item[0], item[1]), by_tens, start)
    return (
        messages.where("ais_ship_type IS NOT NULL")
        .groupBy("mmsi", vessel_class.otherwise("other").alias("vessel_class"))
        .count()
        .groupBy("mmsi")
        .agg(F.max_by("vessel_class", "count").alias("vessel_class"))
    )


def _call_columns() -> list[Column]:
    is_call = (F.col("longest_stop_seconds") >= Rules.for_subject(SHIPS).min_stop_minutes * 60) | (
        F.col("gap_seconds") > 0
    )
    exit_second, is_entry_seen = F.col("exit.exit_second"), F.col("is_entry_seen")
    after_gap = F.coalesce("exit.exit_after_gap", F.lit(False))
    is_exit_seen = exit_second.isNotNull() & ~after_gap
    stay = F.when(after_gap, F.col("last_second")).otherwise(exit_second) - F.col("first_second")
    return [
        F.col("mmsi"),
        F.col("track_id"),
        F.col("port_locode"),
        F.when(is_call, "port_call").otherwise("passage").alias("event_type"),
        F.timestamp_seconds("first_second").alias("first_seen_at_utc"),
        F.when(is_entry_seen, F.timestamp_seconds("first_second")).alias("arrived_at_utc"),
        F.timestamp_seconds(exit_second).alias("departed_at_utc"),
        F.timestamp_seconds("last_second").alias("last_seen_at_utc"),
        after_gap.alias("exit_after_gap"),
        F.when(is_entry_seen & exit_second.isNotNull(), stay / SECONDS_PER_HOUR).alias("stay_hours"),
        (F.col("stop_seconds") / SECONDS_PER_HOUR).alias("stop_hours"),
        (F.col("gap_seconds") / SECONDS_PER_HOUR).alias("gap_hours"),
        F.when(is_call, 2 + is_entry_seen.cast("int") + is_exit_seen.cast("int"))
        .otherwise(1)
        .alias("confidence"),
        F.coalesce("vessel_class", F.lit("other")).alias("vessel_class"),
    ]
