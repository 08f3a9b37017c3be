"""Task `assess_coverage`: what was heard where and when, so that an outage is not taken for a fall in trade."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import shapely

from ais_indicators.evidence.port_receivers import read_port_outages
from ais_indicators.evidence.senders import (
    DARK,
    SENDER_SOURCES,
    SENDERS,
    assessed_senders,
    read_displaced,
    read_interference,
)
from ais_indicators.evidence.stations import assessed_by_stations, heartbeat_marks, read_heartbeats
from ais_indicators.geo.cells import h3_cells
from ais_indicators.geo.port_files import ENTRY_KINDS
from ais_indicators.io.delta import active_files, open_delta, read_files
from ais_indicators.io.freshness import (
    CALLS,
    COVERAGE_HOURS,
    MESSAGE_HOURS,
    SILENCES,
    STATION_HOURS,
    STATIONARY,
    baseline,
    chunks,
    files_of_events,
)
from ais_indicators.io.gate_references import gate_areas
from ais_indicators.io.references import port_areas
from ais_indicators.io.week_rows import WEEKS_AT_ONCE, read_weeks
from ais_indicators.io.weeks import FoldedWeek
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.coverage import coverage_hours, heard_by_area
from ais_indicators.transforms.coverage_places import (
    PLACE_SCHEMA,
    cell_coverage,
    daily_coverage,
    place_hours,
    weekly_coverage,
)
from ais_indicators.transforms.missed_calls import further_missed_calls
from ais_indicators.transforms.sender_places import cell_places, dark_vessels, place_senders
from ais_indicators.units import FULL_TURN_DEGREES, HALF_TURN_DEGREES
from ais_indicators.week_windows import trailing
from ais_indicators.weekly_table import Computed, FoldedLake, Input, WeeklyTable, by_week, finality

WEEKLY: Final = "gold.coverage_weekly"
DAILY: Final = "gold.coverage_daily"
_COUNTS: Final = ("vessels_by_calls", "vessels_stationary")


def run(job: Job) -> list[Week]:
    """Assesses every folded week whose messages, calls or places changed since; returns those weeks."""
    return {of: of.run(job) for of in WEEKLY_TABLES}[_PLACES]


def _compute_hours(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    before: dict[Week, pl.DataFrame] = {}
    for week in stale:
        yield [week], {COVERAGE_HOURS: _assessed(lake.settings, week, before, lake.rules)}
        before.pop(week, None)


def _compute_senders(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    for week in stale:
        yield (
            [week],
            {
                SENDERS: assessed_senders(
                    lake.settings, week, trailing(week, lake.folded, lake.rules), lake.rules
                )
            },
        )


def _compute_places(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        calls = _calls(lake.settings, weeks, lake.rules)
        for week in weeks:
            weekly, daily = _of_places(lake.settings, week, lake.folded, calls, lake.rules)
            counts = vessels_in_ports(calls, read_weeks(lake.settings, STATIONARY, [week]), week)
            yield [week], {WEEKLY: with_counts(weekly, counts), DAILY: daily}


def _compute_dark(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    for week in stale:
        status = pl.lit(lake.obs_status(week))
        yield [week], {DARK: dark_vessels(read_weeks(lake.settings, SENDERS, [week]), status, lake.rules)}


def usual_arrivals(
    arrivals: pl.DataFrame, weeks: Sequence[Week], ports: pl.Series, rules: Rules
) -> pl.DataFrame:
    """Computes the median weekly arrivals of each port.

    Args:
        arrivals: Columns `place_code`, `week` and `calls`, one row per port and week with any.
        weeks: The weeks of the median.
        ports: Codes of all ports; a week without arrivals counts as zero.
        rules: Rules of the lake's subject.

    Returns:
        Columns `place_code` and `usual_arrivals`, one row per port; no row where the weeks are too few.
    """
    names = pl.DataFrame({"week": [w.name for w in weeks]}, schema={"week": pl.String})
    every = pl.DataFrame({"place_code": ports}).join(names, how="cross")
    filled = every.join(arrivals, on=["place_code", "week"], how="left").with_columns(
        pl.col("calls").fill_null(0)
    )
    usual = filled.group_by("place_code").agg(usual_arrivals=pl.col("calls").median()).sort("place_code")
    return usual if len(weeks) >= rules.min_baseline_weeks else usual.clear()


def _assessed(settings: Settings, week: Week, before: dict[Week, pl.DataFrame], rules: Rules) -> pl.DataFrame:
    """Returns rows of `silver.coverage_hours` of a week, the weeks before it standing.

    Args:
        settings: Whose lake.
        week: The week.
        before: Rows of weeks that were read for the last one; those that this one needs besides are put in.
        rules: Rules of the lake's subject.
    """
    messages = read_weeks(settings, MESSAGE_HOURS, [week])
    silences = read_weeks(settings, SILENCES, [week.plus(-1), week])
    known = {Week.parse(str(f.partition["week"])) for f in active_files(open_delta(settings, COVERAGE_HOURS))}
    wanted = trailing(week, known, rules)
    for earlier in before.keys() - set(wanted):
        del before[earlier]
    for earlier in set(wanted) - before.keys():
        before[earlier] = read_weeks(settings, COVERAGE_HOURS, [earlier])
    hours = coverage_hours(
        heard_by_area(messages, week, rules), [before[one] for one in wanted], silences, week, rules
    )
    return assessed_by_stations(settings, hours, week, wanted, rules)


def _of_places(
    settings: Settings, week: Week, folded: dict[Week, FoldedWeek], calls: pl.DataFrame, rules: Rules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns rows of both gold tables of a week."""
    hours = read_weeks(settings, COVERAGE_HOURS, [week])
    ports = _ports(port_areas(settings, folded[week].port_version), rules)
    places = pl.concat([ports, _gates(gate_areas(settings, folded[week].gate_version), rules)])
    before = trailing(week, folded, rules)
    usual = usual_arrivals(_arrivals(calls), before, ports["place_code"], rules)
    senders = read_weeks(settings, SENDERS, [week])
    by_hour = place_hours(
        hours,
        places,
        read_port_outages(settings, week, before, calls, ports, senders, rules),
        rules=rules,
    )
    heard = read_weeks(settings, MESSAGE_HOURS, [week]).group_by("h3_res3").agg(pl.col("messages").sum())
    of_places = with_cell_messages(weekly_coverage(by_hour, places, usual, rules), places, heard)
    displaced = read_displaced(settings, week)
    interference = read_interference(settings, week, before, displaced, rules)
    missed = further_missed_calls(displaced, calls, ports, before)
    of_ports = place_senders(senders, interference, places, usual, missed, rules=rules)
    of_week = pl.concat([of_places, cell_coverage(hours, heard["h3_res3"])], how="diagonal").join(
        pl.concat([of_ports, cell_places(senders, interference, rules)]),
        on=["place_kind", "place_code"],
        how="left",
    )
    name = pl.lit(week.name).alias("week")
    return of_week.with_columns(name), daily_coverage(by_hour, usual, week, rules).with_columns(name)


def _ports(areas: pa.Table, rules: Rules) -> pl.DataFrame:
    """Returns columns of `PLACE_SCHEMA`: a port lies where the middle of its largest area of kind `port` does."""
    rows = pl.DataFrame(areas).with_columns(is_other=~pl.col("area_kind").is_in(ENTRY_KINDS))
    one = (
        rows.sort("port_locode", "is_other", -pl.col("area_km2"), "area_id")
        .group_by("port_locode", maintain_order=True)
        .first()
    )
    return one.select(
        place_kind=pl.lit("port"),
        place_code=pl.col("port_locode"),
        country_iso3=pl.col("country_iso3"),
        h3_res3=_cells(one["centre_latitude"].to_numpy(), one["centre_longitude"].to_numpy(), rules),
    ).cast(PLACE_SCHEMA)  # type: ignore[arg-type]


def _gates(areas: pa.Table, rules: Rules) -> pl.DataFrame:
    """Returns columns of `PLACE_SCHEMA`: a strait lies where the middle of its gate does."""
    rows = pl.DataFrame(areas).filter(area_kind="gate").sort("gate_code", "area_id")
    one = rows.group_by("gate_code", maintain_order=True).last()
    middle = shapely.centroid(shapely.from_wkb(one["geometry_wkb"].to_numpy()))
    longitude = (shapely.get_x(middle) + HALF_TURN_DEGREES) % FULL_TURN_DEGREES - HALF_TURN_DEGREES
    return one.select(
        place_kind=pl.lit("gate"),
        place_code=pl.col("gate_code"),
        country_iso3=pl.lit(None, pl.String),
        h3_res3=_cells(shapely.get_y(middle), longitude, rules),
    ).cast(PLACE_SCHEMA)  # type: ignore[arg-type]


def _cells(latitude: np.ndarray, longitude: np.ndarray, rules: Rules) -> pl.Series:
    return pl.Series(h3_cells(latitude, longitude, rules.coverage_cell_resolution), dtype=pl.Int64)


def vessels_in_ports(calls: pl.DataFrame, stationary: pl.DataFrame, week: Week) -> pl.DataFrame:
    """Counts the ships in each port in two ways: by their port calls, and by what they sent while they lay still.

    Args:
        calls: Columns `port_locode`, `vessel_id`, `first_seen_at_utc` and `last_seen_at_utc` of port calls.
        stationary: Rows of `silver.stationary_vessels` of the week.
        week: The week.

    Returns:
        Columns `place_kind`, `place_code`, `vessels_by_calls` and `vessels_stationary`, one row per port with any.
    """
    of_week = calls.filter(pl.col("first_seen_at_utc") < week.end, pl.col("last_seen_at_utc") >= week.start)
    counts = [
        rows.group_by("port_locode").agg(pl.col("vessel_id").n_unique().cast(pl.Int64).alias(name))
        for name, rows in (("vessels_by_calls", of_week), ("vessels_stationary", stationary))
    ]
    both = counts[0].join(counts[1], on="port_locode", how="full", coalesce=True).fill_null(0)
    return both.select(
        pl.lit("port").alias("place_kind"), pl.col("port_locode").alias("place_code"), *_COUNTS
    )


def with_cell_messages(coverage: pl.DataFrame, places: pl.DataFrame, heard: pl.DataFrame) -> pl.DataFrame:
    """Joins to ports and gates the messages of the cell in which they lie: whether the feed reaches them.

    Args:
        coverage: What `weekly_coverage` returns.
        places: Columns of `PLACE_SCHEMA`.
        heard: Columns `h3_res3` and `messages`, one row per cell with any.
    """
    key = ["place_kind", "place_code"]
    messages = places.join(heard, on="h3_res3", how="left").select(
        *key, cell_messages=pl.col("messages").fill_null(0).cast(pl.Int64)
    )
    return coverage.join(messages, on=key, how="left", maintain_order="left")


def with_counts(coverage: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """Joins the counts of ships to the rows of ports: zero without ships; other places have no count."""
    joined = coverage.join(counts, on=["place_kind", "place_code"], how="left", maintain_order="left")
    is_port = pl.col("place_kind") == "port"
    return joined.with_columns(pl.when(is_port).then(pl.col(*_COUNTS).fill_null(0)))


def _calls(settings: Settings, weeks: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Returns the port calls that touch the weeks or the baseline before them."""
    files = files_of_events(settings, CALLS, weeks[0].plus(-rules.baseline_weeks), weeks[-1])
    columns = (
        "mmsi",
        "track_id",
        "port_locode",
        "vessel_id",
        "event_type",
        "entry_after_gap",
        "first_seen_at_utc",
        "last_seen_at_utc",
        "arrival_week",
    )
    return pl.DataFrame(read_files(settings, CALLS, files, columns)).filter(event_type="port_call")


def _arrivals(calls: pl.DataFrame) -> pl.DataFrame:
    """Returns arrivals by port and week."""
    return (
        calls.drop_nulls("arrival_week")
        .group_by(place_code="port_locode", week="arrival_week")
        .agg(calls=pl.len())
        .sort("place_code", "week")
    )


def _marks_of_heartbeats(lake: FoldedLake) -> dict[Week, list[str]]:
    marks = heartbeat_marks(read_heartbeats(lake.settings))
    return {week: [mark] for week, mark in marks.items()}


def _references(lake: FoldedLake) -> dict[Week, list[str]]:
    return {week: [of.port_version, of.gate_version] for week, of in lake.folded.items()}


# A baseline leaves out the outages of its own weeks, which rest on baselines of their own.
_HOURS: Final = WeeklyTable(
    (COVERAGE_HOURS,),
    by_week((MESSAGE_HOURS, SILENCES, STATION_HOURS)),
    _compute_hours,
    _marks_of_heartbeats,
    rests_on_earlier=True,
)
_SENDERS: Final = WeeklyTable(
    (SENDERS,), by_week(SENDER_SOURCES), _compute_senders, after=_HOURS, rests_on_earlier=True
)
_PLACES: Final = WeeklyTable(
    (WEEKLY, DAILY), (Input(STATIONARY), Input(CALLS, baseline)), _compute_places, _references, after=_SENDERS
)
_DARK: Final = WeeklyTable((DARK,), (), _compute_dark, mark=finality, after=_SENDERS)
WEEKLY_TABLES: Final = (_HOURS, _SENDERS, _PLACES, _DARK)
