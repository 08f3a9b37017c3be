"""Marks of low reliability in `benchmarks.real_year`, one by one: outages of ports, dark vessels, false positions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from ais_indicators.evidence.senders import read_dark_by_vessel
from ais_indicators.io.delta import read_rows
from ais_indicators.notebook import open_table
from ais_indicators.periods import Week
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.settings import Settings
from ais_indicators.week_windows import trailing_weeks
from benchmarks.tables import table

FEED: Final = "_T"
OUTAGE_COLUMNS: Final = ("week", "port", "outage, h", "of these no message of the feed, h", "other days (h)")
DARK_COLUMNS: Final = ("week", "MMSI", "last heard in", "last heard", "heard again", "silent in the week, h")
HEAD: Final = """## Marks of low reliability, one by one

{jumps} jumps to where a vessel cannot have been, {clusters}.

Weeks in which a port was heard for less than {index:g} of its hours. Where the whole feed has no message, the source
has a gap; in the other hours the port's cell, or its own vessels, fell silent together.

"""
DARK: Final = """
Weeks in which vessels that should be heard were not (sender index below {index:g}), and the vessels that fell silent
where vessels are rarely lost. None of them is known to have switched off: those that nobody heard again for weeks
sailed out of range unheard, or on one of the voyages that the source left out; those at berth sent nothing there. Where
some ten vessels are heard, so few are enough for the mark.

"""


def marks(lake: Path) -> dict[str, Any]:
    """Returns the outages of ports by week, the vessels of dark weeks, and the number of jumps."""
    jumps = open_table("silver.displacements", data_dir=lake).collect()
    return {
        "jumps": jumps.height,
        "clusters": jumps.drop_nulls("false_position_kind").height,
        "outages": outages(lake),
        "dark": dark(lake),
    }


def outages(lake: Path) -> list[dict[str, Any]]:
    """Returns the weeks of ports with a low coverage index."""
    coverage = open_table("gold.coverage_weekly", data_dir=lake)
    low = coverage.filter(
        pl.col("place_kind") == "port", pl.col("coverage_index") < Rules.for_subject(SHIPS).coverage_low_index
    )
    days = open_table("gold.coverage_daily", data_dir=lake).filter(pl.col("outage_hours") > 0).collect()
    heard = open_table("silver.message_hours", data_dir=lake).select("hour_utc").unique().collect()
    hours_heard = heard.group_by(observed_on=pl.col("hour_utc").dt.date()).agg(heard=pl.len())
    found = []
    for row in low.sort("week", "place_code").collect().iter_rows(named=True):
        of_port = days.filter(week=row["week"], place_code=row["place_code"]).sort("observed_on")
        silent = of_port.join(hours_heard, on="observed_on", how="left").with_columns(
            feed=pl.min_horizontal("outage_hours", 24 - pl.col("heard").fill_null(0))
        )
        others = silent.filter(pl.col("outage_hours") > pl.col("feed"))
        found.append(
            {
                "week": row["week"],
                "port": row["place_code"],
                "hours": row["outage_hours"],
                "feed_hours": int(silent["feed"].sum()),
                "days": [(day.isoformat(), hours) for day, hours in others.select(
                    "observed_on", pl.col("outage_hours") - pl.col("feed")).iter_rows()],
            }
        )  # fmt: skip
    return found


def dark(lake: Path) -> list[dict[str, Any]]:
    """Returns the vessels that were silent in weeks in which the feed's sender index is low."""
    settings = Settings(lake)
    rows = pl.DataFrame(read_rows(settings, "gold.coverage_weekly")).filter(place_kind="all")
    known = {Week.parse(name) for name in rows["week"]}
    low = rows.filter(pl.col("sender_index") < Rules.for_subject(SHIPS).sender_low_index)
    spells = pl.DataFrame(read_rows(settings, "silver.heard_spells"))
    calls = pl.DataFrame(read_rows(settings, "silver.port_calls"))
    found = []
    for week in sorted(map(Week.parse, low["week"])):
        before = [
            one for one in trailing_weeks(week, Rules.for_subject(SHIPS)) if one in known and one < week
        ]
        vessels = read_dark_by_vessel(settings, week, before, Rules.for_subject(SHIPS)).filter(
            region_code=FEED
        )
        for number, hours in vessels.select("vessel_id", "silent_vessel_hours").iter_rows():
            last, again = longest_gap(spells.filter(mmsi=int(number)), week)
            found.append(
                {
                    "week": week.name,
                    "mmsi": int(number),
                    "port": _port_at(calls.filter(mmsi=int(number)), last),
                    "last": f"{last:%Y-%m-%d %H:%M}",
                    "again": f"{again:%Y-%m-%d %H:%M}" if again else "not again",
                    "hours": hours,
                }
            )
    return found


def longest_gap(spells: pl.DataFrame, week: Week) -> tuple[datetime, datetime | None]:
    """Returns when the longest silence of a vessel in a week began, and when it ended; None if it did not.

    Args:
        spells: Columns `heard_from_utc` and `heard_until_utc` of the vessel.
        week: The week, in part of which it must be silent.
    """
    gaps = spells.sort("heard_from_utc").select(
        last="heard_until_utc", again=pl.col("heard_from_utc").shift(-1)
    )
    end = pl.min_horizontal(pl.col("again").fill_null(pl.lit(week.end)), pl.lit(week.end))
    inside = gaps.with_columns(length=end - pl.max_horizontal("last", pl.lit(week.start))).filter(
        pl.col("last") < week.end
    )
    last, again, _ = inside.sort("length", "last").row(-1)
    return last, again


def _port_at(calls: pl.DataFrame, moment: datetime) -> str | None:
    """Returns the port in which a vessel was at a moment; None at sea."""
    here = calls.filter(pl.col("first_seen_at_utc") <= moment, pl.col("last_seen_at_utc") >= moment)
    return str(here["port_locode"][0]) if here.height else None


def text_of_marks(found: Mapping[str, Any]) -> str:
    """Returns the section of the page."""
    several = f"{found['clusters']} of them in clusters, which are published as interference"
    clusters = (
        several if found["clusters"] else "none of them in a cluster, so that no interference is published"
    )
    head = HEAD.format(
        jumps=found["jumps"], clusters=clusters, index=Rules.for_subject(SHIPS).coverage_low_index
    )
    text = head + table(OUTAGE_COLUMNS, [_outage(row) for row in found["outages"]])
    if not found["dark"]:
        return text
    dark_head = DARK.format(index=Rules.for_subject(SHIPS).sender_low_index)
    return text + dark_head + table(DARK_COLUMNS, [_dark(row) for row in found["dark"]])


def _outage(row: Mapping[str, Any]) -> Sequence[str]:
    days = ", ".join(f"{day} ({hours})" for day, hours in row["days"]) or "none"
    return row["week"], row["port"], str(row["hours"]), str(row["feed_hours"]), days


def _dark(row: Mapping[str, Any]) -> Sequence[str]:
    return (
        row["week"],
        str(row["mmsi"]),
        row["port"] or "at sea",
        row["last"],
        row["again"],
        str(row["hours"]),
    )
