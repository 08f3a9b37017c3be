"""Task `derive_voyages`: port calls and reported draughts to voyages with their payloads, in polars.

Calls and draughts are narrow, so no Spark is needed. Some weeks are computed at a time; they read what their voyages
can depend on: the weeks in which a voyage may have started or the next may end, and those whose draughts can replace
missing ones.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ais_indicators.geo.sea_network import sea_distances_nm
from ais_indicators.io.delta import active_files, open_delta, read_files
from ais_indicators.io.freshness import can_touch, chunks, files_of_events, voyage_window
from ais_indicators.io.vessel_registers import KnownHulls
from ais_indicators.io.week_rows import WEEKS_AT_ONCE
from ais_indicators.periods import Period, Week
from ais_indicators.rules import Rules
from ais_indicators.tracking.vessel_evidence import DRAUGHTS, index_of
from ais_indicators.transforms.call_draughts import (
    CALL_COLUMNS,
    PORT_CALL,
    calls_of_ships,
    reported_draughts,
    reports_of_ships,
)
from ais_indicators.transforms.hulls import hulls_of
from ais_indicators.transforms.voyages import voyages_of, week_number
from ais_indicators.weekly_table import Computed, FoldedLake, Input, WeeklyTable

VOYAGES = "silver.voyages"
DRAWS = "silver.voyage_draws"
CALLS = "silver.port_calls"
REPORT_COLUMNS = ("mmsi", "track_id", "imo_number", "draught_m", "first_seen_at_utc", "last_seen_at_utc")


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        voyages, draws = _voyages(lake, weeks[0], weeks[-1])
        placed = _with_places(voyages, lake.places)
        yield weeks, {name: _with_week(rows, weeks) for name, rows in ((DRAWS, draws), (VOYAGES, placed))}


def _references(lake: FoldedLake) -> dict[Week, list[str]]:
    """Hash, for each week, of ports, register, and of what ships outside it had said of their size by its end."""
    digest = hashlib.sha256("\n".join([lake.hulls.signature, *map(str, lake.places.rows())]).encode())
    said = lake.hulls.said.rows()
    found, place = {}, 0
    for week in lake.folded:
        while place < len(said) and said[place][1] < week.end:
            digest.update(str(said[place]).encode())
            place += 1
        found[week] = [digest.hexdigest()]
    return found


def _voyages(lake: FoldedLake, first: Week, last: Week) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Derives voyages and draws of some weeks, from the calls and reports that they can depend on."""
    settings = lake.settings
    begin, end = voyage_window(first, lake.rules)[0], voyage_window(last, lake.rules)[1]
    events = read_files(
        settings, CALLS, files_of_events(settings, CALLS, begin, end), (*CALL_COLUMNS, "event_type")
    )
    calls = pl.DataFrame(events).filter(event_type=PORT_CALL).drop("event_type")
    files = [f for f in active_files(open_delta(settings, DRAUGHTS)) if can_touch(f, begin, end)]
    reports = pl.DataFrame(read_files(settings, DRAUGHTS, files, REPORT_COLUMNS))
    return voyages_of_calls(
        calls, reports, lake.hulls, Period(first, last), lake.newest, lake.places, rules=lake.rules
    )


def voyages_of_calls(
    calls: pl.DataFrame,
    reports: pl.DataFrame,
    hulls: KnownHulls,
    weeks: Period,
    newest: Week,
    places: pl.DataFrame | None = None,
    *,
    rules: Rules,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Derives voyages and draws of some weeks.

    Args:
        calls: Port calls in `CALL_COLUMNS`, all that the weeks can depend on.
        reports: Reported draughts in `REPORT_COLUMNS`, all that the weeks can depend on.
        hulls: What is known of ships' sizes.
        weeks: The weeks.
        newest: Newest week with data.
        places: Places of the ports, as `port_places` gives them.
        rules: Rules of the lake's subject.
    """
    ordered = calls_of_ships(calls, rules)
    ways = {} if places is None else _ways_nm(ordered, places)
    reported = reported_draughts(ordered, reports_of_ships(reports, calls), ways, rules=rules)
    sized = hulls_of(_with_ships(reported, hulls), hulls.register, rules).sort(
        "vessel_id", "entered_at_utc", "port_call_id"
    )
    return voyages_of(sized, index_of(weeks.first), index_of(weeks.last), newest.end_second, rules)


def _with_ships(calls: pl.DataFrame, hulls: KnownHulls) -> pl.DataFrame:
    """Adds class and sizes of each call's ship: by the register, else as reported up to the week's end."""
    ends = pl.col("entered_at_utc").dt.truncate("1w") + pl.duration(weeks=1)
    known = calls.join(hulls.ships, on="vessel_id", how="left").with_columns(
        vessel_class=pl.coalesce("register_class", "vessel_class"),
        register_match=pl.col("register_match").fill_null("none"),
        week_index=week_number("entered_at_utc"),
        week_ends_at=ends,
    )
    said = known.sort("week_ends_at", "vessel_id", "port_call_id").join_asof(
        hulls.said.sort("valid_from_utc", "vessel_id", "said_length_m", "said_width_m"),
        left_on="week_ends_at", right_on="valid_from_utc", by="vessel_id", strategy="backward", check_sortedness=False,
    )  # fmt: skip
    return said.with_columns(
        length_m=pl.coalesce("length_m", "said_length_m"), width_m=pl.coalesce("width_m", "said_width_m")
    )


def _with_places(voyages: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Adds the countries of both ports and the distance by sea between them."""
    countries = places.select("port_locode", "country_iso3")
    for end in ("origin", "destination"):
        voyages = voyages.join(
            countries.rename({"port_locode": f"{end}_locode", "country_iso3": f"{end}_country_iso3"}),
            on=f"{end}_locode", how="left",
        )  # fmt: skip
    pairs = voyages.select("origin_locode", "destination_locode").drop_nulls().unique().sort(pl.all())
    distances = sea_distances_nm(_points(places), pairs.rows())
    return voyages.join(
        pairs.with_columns(sea_distance_nm=pl.Series(distances, dtype=pl.Float64)),
        on=["origin_locode", "destination_locode"], how="left",
    )  # fmt: skip


def _ways_nm(calls: pl.DataFrame, places: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Returns the shortest ways by sea between the ports of successive calls."""
    following = pl.col("port_locode").shift(-1).over("vessel_id")
    pairs = (
        calls.select("port_locode", following.alias("next_port"), "next_call_id")
        .filter(pl.col("next_call_id").is_not_null(), pl.col("next_port") != pl.col("port_locode"))
        .select("port_locode", "next_port").unique().sort(pl.all()).rows()
    )  # fmt: skip
    ways = sea_distances_nm(_points(places), pairs)
    return {pair: way for pair, way in zip(pairs, ways, strict=True) if way is not None}


def _points(places: pl.DataFrame) -> dict[str, tuple[float, float]]:
    """Returns latitude and longitude of each port."""
    rows = places.select("port_locode", "latitude", "longitude").rows()
    return {code: (latitude, longitude) for code, latitude, longitude in rows}


def _with_week(rows: pl.DataFrame, weeks: Sequence[Week]) -> pl.DataFrame:
    names = {index_of(week): week.name for week in weeks}
    return rows.with_columns(week=pl.col("week_index").replace_strict(names, return_dtype=pl.String))


def _last_week(lake: FoldedLake, week: Week) -> str:
    """Returns the last week up to which calls can end a voyage of the week."""
    return min(lake.newest, voyage_window(week, lake.rules)[1]).name


WEEKLY_TABLES: Final = (
    WeeklyTable(
        (VOYAGES, DRAWS),
        (Input(CALLS, voyage_window), Input(DRAUGHTS, voyage_window)),
        _compute,
        _references,
        _last_week,
    ),
)
run = WEEKLY_TABLES[0].run
