"""Task `derive_voyages`: port calls and reported draughts to voyages with their payloads, in polars.

Calls and draughts are narrow, so no Spark is needed. Some weeks are computed at a time; they read what their voyages
can depend on: the weeks in which a voyage may have started or the next may end, and those whose draughts can replace
missing ones.
"""

import hashlib

import polars as pl
import pyarrow as pa

from ais_indicators.geo.sea_network import sea_distances_nm
from ais_indicators.io.delta import active_files, open_delta, read_files
from ais_indicators.io.references import port_places
from ais_indicators.io.vessel_registers import KnownHulls, known_hulls
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.fold_evidence import DRAUGHTS, index_of
from ais_indicators.pipelines.fold_plan import newest_week, read_folded_weeks
from ais_indicators.pipelines.freshness import (
    chunks,
    files_of_events,
    stale_weeks,
    voyage_signatures,
    voyage_window,
)
from ais_indicators.pipelines.gold import WEEKS_AT_ONCE, replace_rows
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import Settings
from ais_indicators.transforms.call_draughts import (
    CALL_COLUMNS,
    PORT_CALL,
    calls_of_ships,
    reported_draughts,
    reports_of_ships,
)
from ais_indicators.transforms.hulls import hulls_of
from ais_indicators.transforms.voyages import voyages_of, week_number

VOYAGES = "silver.voyages"
DRAWS = "silver.voyage_draws"
CALLS = "silver.port_calls"
REPORT_COLUMNS = ("mmsi", "track_id", "imo_number", "draught_m", "first_seen_at_utc", "last_seen_at_utc")


def run(job: Job) -> list[Week]:
    """Derives the voyages of every folded week whose inputs changed; returns those weeks."""
    settings = job.settings
    newest, hulls, places = newest_week(settings), known_hulls(settings), port_places(settings)
    signatures = _signatures(settings, newest, hulls, places)
    stale = _stale(settings, signatures)
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        voyages, draws = _voyages(settings, weeks[0], weeks[-1], newest, hulls)
        for table, rows in ((DRAWS, draws), (VOYAGES, _with_places(voyages, places))):
            named = _with_week(rows, weeks[0], weeks[-1])
            replace_rows(settings, table, named, weeks, signatures)
    return stale


def stale_voyages(settings: Settings) -> list[Week]:
    """Finds the weeks whose voyages would be recomputed."""
    newest = newest_week(settings)
    return _stale(settings, _signatures(settings, newest, known_hulls(settings), port_places(settings)))


def _signatures(settings: Settings, newest: Week, hulls: KnownHulls, places: pl.DataFrame) -> dict[Week, str]:
    """Signs the inputs of each folded week's voyages."""
    weeks = sorted(read_folded_weeks(settings))
    return voyage_signatures(settings, weeks, newest, _references(weeks, hulls, places))


def _stale(settings: Settings, signatures: dict[Week, str]) -> list[Week]:
    return sorted({*stale_weeks(settings, VOYAGES, signatures), *stale_weeks(settings, DRAWS, signatures)})


def _references(weeks: list[Week], hulls: KnownHulls, places: pl.DataFrame) -> dict[Week, str]:
    """Hashes, for each week, ports, register, and the sizes reported by ships outside it up to the week's end."""
    digest = hashlib.sha256("\n".join([hulls.signature, *map(str, places.rows())]).encode())
    said = hulls.said.rows()
    found, place = {}, 0
    for week in weeks:
        while place < len(said) and said[place][1] < week.end:
            digest.update(str(said[place]).encode())
            place += 1
        found[week] = digest.hexdigest()
    return found


def _voyages(
    settings: Settings, first: Week, last: Week, newest: Week, hulls: KnownHulls
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Derives voyages and draws of some weeks, from the calls and reports that they can depend on."""
    begin, end = voyage_window(first)[0], voyage_window(last)[1]
    events = read_files(
        settings, CALLS, files_of_events(settings, CALLS, begin, end), (*CALL_COLUMNS, "event_type")
    )
    calls = pl.DataFrame(events).filter(event_type=PORT_CALL).drop("event_type")
    files = [
        f
        for f in active_files(open_delta(settings, DRAUGHTS))
        if begin.name <= str(f.partition["week"]) <= end.name
    ]
    reports = pl.DataFrame(read_files(settings, DRAUGHTS, files, REPORT_COLUMNS))
    return voyages_of_calls(calls, reports, hulls, Period(first, last), newest)


def voyages_of_calls(
    calls: pl.DataFrame, reports: pl.DataFrame, hulls: KnownHulls, weeks: Period, newest: Week
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Derives voyages and draws of some weeks.

    Args:
        calls: Port calls in `CALL_COLUMNS`, all that the weeks can depend on.
        reports: Reported draughts in `REPORT_COLUMNS`, all that the weeks can depend on.
        hulls: What is known of ships' sizes.
        weeks: The weeks.
        newest: Newest week with data.
    """
    reported = reported_draughts(calls_of_ships(calls), reports_of_ships(reports, calls))
    sized = hulls_of(_with_ships(reported, hulls), hulls.register).sort(
        "vessel_id", "entered_at_utc", "port_call_id"
    )
    return voyages_of(sized, index_of(weeks.first), index_of(weeks.last), newest.end_second)


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
    points = {
        code: (latitude, longitude)
        for code, latitude, longitude in places.select("port_locode", "latitude", "longitude").rows()
    }
    distances = sea_distances_nm(points, pairs.rows())
    return voyages.join(
        pairs.with_columns(sea_distance_nm=pl.Series(distances, dtype=pl.Float64)),
        on=["origin_locode", "destination_locode"], how="left",
    )  # fmt: skip


def _with_week(rows: pl.DataFrame, first: Week, last: Week) -> pa.Table:
    names = {index_of(first) + n: first.plus(n).name for n in range(last.minus(first) + 1)}
    return rows.with_columns(
        week=pl.col("week_index").replace_strict(names, return_dtype=pl.String)
    ).to_arrow()
