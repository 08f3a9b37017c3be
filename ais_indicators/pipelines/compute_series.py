"""Task `compute_series`: weekly indicators to indexes, changes, means and adjusted series, and a nowcast."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from ais_indicators.io.delta import read_rows
from ais_indicators.io.freshness import MESSAGE_HOURS
from ais_indicators.io.references import port_areas
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.io.weeks import FoldedWeek
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.coverage_status import ADJUSTED
from ais_indicators.transforms.nowcast import nowcast
from ais_indicators.transforms.series import FIGURE_SCHEMA, KEY, series_of_week
from ais_indicators.units import HOURS_PER_DAY, SECONDS_PER_HOUR
from ais_indicators.week_windows import trailing
from ais_indicators.weekly_table import Computed, FoldedLake, WeeklyTable, by_week

SERIES: Final = "gold.series_weekly"
ACTIVITY: Final = "gold.port_activity_weekly"
DAILY: Final = "gold.port_activity_daily"
STRAITS: Final = "gold.chokepoint_transits_weekly"
FLOWS: Final = "gold.trade_flows_weekly"
SOURCES: Final = (ACTIVITY, STRAITS, FLOWS, DAILY)
_TOTAL: Final = "_T"


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    settings, folded = lake.settings, lake.folded
    figures = read_figures(settings)
    for week in stale:
        days = whole_days(settings, week, lake.rules) if week == lake.newest else DAYS_PER_WEEK
        if days < DAYS_PER_WEEK:
            rows = _nowcast(settings, week, trailing(week, folded, lake.rules), days, lake.rules)
        else:
            rows = series_of_week(figures, week, changed_ports(settings, folded, week), lake.rules)
        yield [week], {SERIES: rows}


def _references(lake: FoldedLake) -> dict[Week, list[str]]:
    return {week: [of.port_version] for week, of in lake.folded.items()}


def _is_newest(lake: FoldedLake, week: Week) -> str:
    return str(week == max(lake.folded))


def read_figures(settings: Settings) -> pl.DataFrame:
    """Reads the weekly values from which series are made, columns of `FIGURE_SCHEMA`."""
    return pl.concat([_port_figures(settings), _strait_figures(settings), _flow_figures(settings)]).cast(
        FIGURE_SCHEMA  # type: ignore[arg-type]
    )


def whole_days(settings: Settings, week: Week, rules: Rules) -> int:
    """Returns the days of a week that have passed by its newest message."""
    last = read_weeks(settings, MESSAGE_HOURS, [week])["hour_utc"].max()
    return days_passed(last, week, rules) if isinstance(last, datetime) else 0


def days_passed(last_hour_utc: datetime, week: Week, rules: Rules) -> int:
    """Counts the complete days of a week at the end of an hour, if the last ones can be without a message."""
    hours = (last_hour_utc - week.start).total_seconds() / SECONDS_PER_HOUR + 1
    return int((hours + rules.last_message_tolerance_hours) // HOURS_PER_DAY)


def changed_ports(settings: Settings, folded: Mapping[Week, FoldedWeek], week: Week) -> set[str]:
    """Returns ports that joined, left or have other areas than in the week before; none in the first week."""
    if week.plus(-1) not in folded:
        return set()
    before, now = (_areas(settings, folded[at].port_version, at) for at in (week.plus(-1), week))
    return {code for code in before.keys() | now.keys() if before.get(code) != now.get(code)}


def _areas(settings: Settings, version: str, week: Week) -> dict[str, str]:
    """Hashes the areas of each port that are valid when a week begins."""
    day = pl.lit(week.monday)
    from_then = pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)
    until_then = pl.col("valid_to").is_null() | (pl.col("valid_to") > day)
    columns = ["port_locode", "area_kind", "geometry_wkb", "centre_latitude", "centre_longitude"]
    valid = pl.DataFrame(port_areas(settings, version)).filter(from_then & until_then).select(columns)
    hashes: dict[str, list[str]] = {}
    for code, *area in valid.iter_rows():
        hashes.setdefault(code, []).append(hashlib.sha256(repr(area).encode()).hexdigest())
    return {code: " ".join(sorted(of)) for code, of in hashes.items()}


def _port_figures(settings: Settings) -> pl.DataFrame:
    """Returns arrivals and departures, adjusted for coverage if necessary."""
    columns = [
        "week",
        "port_locode",
        "vessel_class",
        "indicator",
        "adjustment",
        "value",
        "unit",
        "obs_status",
    ]
    wanted = [("indicator", "in", ["arrivals", "departures"])]
    rows = pl.DataFrame(read_rows(settings, ACTIVITY, columns, wanted))
    key = ["week", "port_locode", "vessel_class", "indicator"]
    one = rows.sort(*key, pl.col("adjustment") != ADJUSTED).group_by(key, maintain_order=True).first()
    is_all = pl.col("port_locode") == _TOTAL
    return one.select(
        "week",
        source=pl.lit("port_activity"),
        place_level=pl.when(is_all).then(pl.lit("world")).otherwise(pl.lit("port")),
        place_code="port_locode",
        direction=pl.lit(_TOTAL),
        vessel_class="vessel_class",
        indicator="indicator",
        value="value",
        unit="unit",
        obs_status="obs_status",
    )


def _strait_figures(settings: Settings) -> pl.DataFrame:
    columns = ["week", "gate_code", "direction", "vessel_class", "indicator", "value", "unit", "obs_status"]
    rows = pl.DataFrame(read_rows(settings, STRAITS, columns, [("indicator", "=", "transits")]))
    return rows.select(
        "week",
        pl.lit("chokepoint_transits").alias("source"),
        pl.lit("gate").alias("place_level"),
        pl.col("gate_code").alias("place_code"),
        *columns[2:],
    )


def _flow_figures(settings: Settings) -> pl.DataFrame:
    columns = [
        "week", "reporter_level", "reporter", "direction", "vessel_class", "indicator", "value", "unit", "obs_status",
    ]  # fmt: skip
    wanted = [("indicator", "=", "tonnes"), ("partner", "=", _TOTAL)]
    rows = pl.DataFrame(read_rows(settings, FLOWS, columns, wanted))
    return rows.select(
        "week",
        pl.lit("trade_flows").alias("source"),
        pl.col("reporter_level").alias("place_level"),
        pl.col("reporter").alias("place_code"),
        *columns[3:],
    )


def _nowcast(settings: Settings, week: Week, before: list[Week], days: int, rules: Rules) -> pl.DataFrame:
    """Returns rows of `gold.series_weekly` of the running week, without the week."""
    daily = read_weeks(settings, DAILY, [*before, week])
    found = nowcast(daily, week.name, [w.name for w in before], days, rules) if days else pl.DataFrame()
    if found.is_empty():
        return read_weeks(settings, SERIES, []).drop("week")
    is_all = pl.col("port_locode") == _TOTAL
    return found.select(
        source=pl.lit("port_activity"),
        place_level=pl.when(is_all).then(pl.lit("world")).otherwise(pl.lit("port")),
        place_code="port_locode",
        direction=pl.lit(_TOTAL),
        vessel_class="vessel_class",
        indicator="indicator",
        transformation=pl.lit("nowcast"),
        value="value",
        interval_low="interval_low",
        interval_high="interval_high",
        unit="unit",
        obs_status=pl.lit("E"),
        obs_comment=pl.lit(f"from {days} days"),
    ).sort(*KEY, "transformation")


WEEKLY_TABLES: Final = (
    WeeklyTable((SERIES,), by_week(SOURCES), _compute, _references, _is_newest, rests_on_earlier=True),
)
run = WEEKLY_TABLES[0].run
