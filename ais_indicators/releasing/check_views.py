"""Small tables that the release check reads in addition to the values: the inputs of a week, and earlier weeks.

They are made for the check and not stored. Counts of wide tables come from the Delta logs, not from their rows.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ais_indicators.io.delta import read_files
from ais_indicators.io.expired import expired_through
from ais_indicators.io.freshness import CALLS, COVERAGE, MESSAGE_HOURS, files_of_events
from ais_indicators.io.log_counts import POSITIONS, QUARANTINE, rows_by_day, rows_by_week
from ais_indicators.io.vessel_registers import register_versions
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.io.weeks import read_folded_weeks
from ais_indicators.periods import Week
from ais_indicators.releasing.differences import release_differences
from ais_indicators.releasing.integrity_views import (
    DARK,
    INTERFERENCE,
    STATUS,
    interfered_hours,
    published_places,
)
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.zeros import NOT_APPLICABLE
from ais_indicators.week_windows import trailing

MATCHES: Final = "silver.register_matches"
ACTIVITY: Final = "gold.port_activity_weekly"
CELLS: Final = "gold.cell_activity_weekly"
FIGURES: Final = (
    ACTIVITY,
    CELLS,
    "gold.chokepoint_transits_weekly",
    "gold.trade_flows_weekly",
    COVERAGE,
    "gold.quality_weekly",
    INTERFERENCE,
    DARK,
    STATUS,
)
CALL_COLUMNS: Final = (
    "port_call_id",
    "track_id",
    "port_locode",
    "first_seen_at_utc",
    "arrived_at_utc",
    "departed_at_utc",
    "last_seen_at_utc",
    "stay_hours",
    "stop_hours",
    "waiting_hours",
)

Views = Mapping[str, pl.DataFrame]
"""Tables by the name under which a check reads them."""


def check_views(settings: Settings, week: Week, rules: Rules) -> Views:
    """Makes the views of one week.

    Returns:
        `weeks`: one row, the week's counts by stage. `days`: one row per UTC day. `hours`: one row per hour. `ports`:
        one row a port where ships usually arrive. `calls`: the visits that touch the week. `tables`: one row per table
        of values and week. `revisions`: one row per headline value that was published before. `places`: one row per
        port or chokepoint with values.
    """
    known = trailing(week, read_folded_weeks(settings), rules)
    heard = read_weeks(settings, MESSAGE_HOURS, [week])
    return {
        "weeks": _weeks(settings, week, known),
        "days": _days(settings, week, known, heard),
        "hours": _hours(heard),
        "ports": _ports(settings, week),
        "calls": _calls(settings, week),
        "tables": _tables(settings),
        "revisions": _revisions(settings, week, rules),
        "places": published_places(settings, week),
    }


def _weeks(settings: Settings, week: Week, known: list[Week]) -> pl.DataFrame:
    """Returns folded messages by result, cells, and how ships were found in the register."""
    folded = read_folded_weeks(settings)
    positions, rejected = rows_by_day(settings, POSITIONS), rows_by_day(settings, QUARANTINE)
    cells = read_weeks(settings, CELLS, [week])
    shares = _match_shares(settings, [*known, week])
    usual = pl.Series([shares.get(w.name) for w in known], dtype=pl.Float64).drop_nulls()
    loaded, gone = register_versions(settings), expired_through(settings)
    used = read_weeks(settings, MATCHES, [week])["register_version"]
    return pl.DataFrame(
        {
            "week": [week.name],
            "is_expired": [gone is not None and week <= gone],
            "messages": [folded[week].messages if week in folded else 0],
            "positions": [sum(positions[day] for day in week.days)],
            "rejected": [sum(rejected[day] for day in week.days)],
            "cell_messages": [int(cells["messages"].sum())],
            "weeks_before": [len(known)],
            "register_loaded": [loaded[-1].version if loaded else None],
            "register_used": [used[0] if used.len() else None],
            "register_match_share": [shares.get(week.name)],
            "usual_register_match_share": [usual.median()],
            "register_weeks": [usual.len()],
            **{name: [value] for name, value in interfered_hours(settings, week).items()},
        },
        schema_overrides={
            "register_loaded": pl.String,
            "register_used": pl.String,
            "register_match_share": pl.Float64,
            "usual_register_match_share": pl.Float64,
            "interfered_share": pl.Float64,
        },
    )


def _match_shares(settings: Settings, weeks: list[Week]) -> dict[str, float]:
    """Returns the share of the ships of each week that are in the register."""
    matches = read_weeks(settings, MATCHES, weeks)
    found = matches.filter(pl.col("register_match") != "none").group_by("week").agg(pl.col("share").sum())
    return dict(zip(found["week"].to_list(), found["share"].to_list(), strict=True))


def _days(settings: Settings, week: Week, known: list[Week], heard: pl.DataFrame) -> pl.DataFrame:
    """Returns messages of each day, the usual number, and the share from cells in which ships were heard before."""
    positions = rows_by_day(settings, POSITIONS)
    cells = read_weeks(settings, COVERAGE, known).filter(place_kind="cell")["place_code"].unique()
    before = pl.Series([int(cell, 16) for cell in cells], dtype=pl.Int64)
    by_day = heard.group_by(observed_on=pl.col("hour_utc").dt.date()).agg(
        heard=pl.col("messages").sum(),
        known=pl.col("messages").filter(pl.col("h3_res3").is_in(before.implode())).sum(),
    )
    rows = [
        (
            day,
            positions[day],
            pl.Series([positions[w.days[number]] for w in known], dtype=pl.Float64).median(),
            len(known),
        )
        for number, day in enumerate(week.days)
    ]
    schema = {
        "observed_on": pl.Date,
        "messages": pl.Int64,
        "usual_messages": pl.Float64,
        "weeks_before": pl.Int64,
    }
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .join(by_day, on="observed_on", how="left", maintain_order="left")
        .select(*schema, known_cell_share=pl.col("known") / pl.col("heard"))
    )


def _hours(heard: pl.DataFrame) -> pl.DataFrame:
    """Counts for how many hours in a row each cell sent as many messages of as many ships as before."""
    state = (
        heard.group_by("hour_utc", "h3_res3")
        .agg(pl.col("messages", "vessels").sum())
        .sort("hour_utc", "h3_res3")
        .group_by("hour_utc", maintain_order=True)
        .agg(
            vessels=pl.col("vessels").sum(),
            messages=pl.col("messages").sum(),
            picture=pl.struct("h3_res3", "messages", "vessels").hash(seed=0).implode(),
        )
        .with_columns(picture=pl.col("picture").list.eval(pl.element().cast(pl.String)).list.join(" "))
        .sort("hour_utc")
    )
    is_new = (pl.col("picture") != pl.col("picture").shift()).fill_null(True)
    return (
        state.with_columns(run=is_new.cum_sum())
        .with_columns(equal_hours=pl.int_range(1, pl.len() + 1).over("run"))
        .select("hour_utc", "messages", "vessels", "equal_hours")
    )


def _ports(settings: Settings, week: Week) -> pl.DataFrame:
    """Lists the ports where ships usually arrive, and whether the week has a value of them that is not 0."""
    coverage = read_weeks(settings, COVERAGE, [week]).filter(place_kind="port")
    with_figures = ports_with_ships(read_weeks(settings, ACTIVITY, [week]))
    return coverage.filter(pl.col("usual_arrivals") > 0).select(
        port_locode="place_code",
        usual_arrivals="usual_arrivals",
        coverage_index="coverage_index",
        has_figures=pl.col("place_code").is_in(with_figures.implode()),
    )


def ports_with_ships(activity: pl.DataFrame) -> pl.Series:
    """Lists the ports with a value that is not 0; a missing value counts, because it is not known to be 0.

    Args:
        activity: Rows of `gold.port_activity_weekly` of one week. An observed port without a ship has rows of 0.
    """
    is_none = (pl.col("value") == 0).fill_null(False) | (pl.col("obs_status") == NOT_APPLICABLE)
    return activity.filter(~is_none)["port_locode"].unique().sort()


def _calls(settings: Settings, week: Week) -> pl.DataFrame:
    """Returns the visits that touch the week."""
    files = files_of_events(settings, CALLS, week, week)
    calls = pl.DataFrame(read_files(settings, CALLS, files, CALL_COLUMNS))
    return calls.filter(pl.col("first_seen_at_utc") < week.end, pl.col("last_seen_at_utc") >= week.start)


def _tables(settings: Settings) -> pl.DataFrame:
    """Returns weeks of each table of values, and whether messages of the week were folded."""
    folded = {week.name for week in read_folded_weeks(settings)}
    rows = [
        (table, name, rows, name in folded)
        for table in FIGURES
        for name, rows in sorted(rows_by_week(settings, table).items())
    ]
    schema = {"table_name": pl.String, "week": pl.String, "rows": pl.Int64, "is_folded": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _revisions(settings: Settings, week: Week, rules: Rules) -> pl.DataFrame:
    """Returns headline values as published and as they are now."""
    rows = [
        (name, then, now)
        for difference in release_differences(settings, [week], rules)
        if difference.release_id
        for name, (then, now) in sorted(difference.headlines.items())
    ]
    schema = {"indicator": pl.String, "published": pl.Float64, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
