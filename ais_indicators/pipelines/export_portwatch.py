"""The rows of releases in PortWatch's columns, with the days of gold where these are wanted and may be shown.

Days are no part of a release. They are given where the releases hold nothing back, and where they add up to the
released weeks: so nothing is told that the releases do not tell, and nothing that contradicts them.
"""

import json
from typing import Final

import polars as pl

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import read_rows
from ais_indicators.io.releases import RELEASES
from ais_indicators.pipelines.known_places import known_places
from ais_indicators.pipelines.known_then import Known
from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.headlines import FLOWS
from ais_indicators.publish.places import Places
from ais_indicators.publish.portwatch.layout import CHOKEPOINTS_WEEKLY, PORTS_DAILY, PORTS_WEEKLY, Layout
from ais_indicators.publish.portwatch.tables import (
    PLACE,
    chokepoints_weekly,
    daily_arrivals,
    ports_daily,
    ports_weekly,
    weeks_that_differ,
)
from ais_indicators.publish.vintages import contract_rows
from ais_indicators.settings import DEFAULT_DISCLOSURE, Settings
from ais_indicators.transforms.coverage_status import INDEX, covered

CHOKEPOINTS: Final = "gold.chokepoint_transits_weekly"
DAILY: Final = "gold.port_activity_daily"
COVERAGE_DAILY: Final = "gold.coverage_daily"
_LEAVE_OUT: Final = "leave --daily out"


def portwatch_tables(settings: Settings, known: Known, is_daily: bool) -> dict[Layout, pl.DataFrame]:
    """The rows of each file.

    Raises:
        WrongUseError: Days are wanted that cannot be given.
    """
    places = known_places(settings)
    activity = contract_rows(known.vintages, PORT_ACTIVITY)
    tables = {
        PORTS_WEEKLY: ports_weekly(activity, contract_rows(known.vintages, FLOWS), places),
        CHOKEPOINTS_WEEKLY: chokepoints_weekly(contract_rows(known.vintages, CHOKEPOINTS), places),
    }
    if is_daily:
        tables[PORTS_DAILY] = _days(settings, known, activity, places)
    return tables


def _days(settings: Settings, known: Known, activity: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Port calls by day.

    Raises:
        WrongUseError: A release is protected, or the days in gold are not those of the releases.
    """
    _see_that_nothing_is_held_back(settings, known)
    arrivals = daily_arrivals(_of_weeks(settings, DAILY, known), activity)
    if other := weeks_that_differ(arrivals, activity):
        raise WrongUseError(
            f"the days of {other[0]} in the lake do not add up to its release ({len(other)} such weeks); "
            f"`ais-indicators publish --week {other[0]}` makes a release of what stands there now, or {_LEAVE_OUT}"
        )
    coverage = _of_weeks(settings, COVERAGE_DAILY, known).select("observed_on", "place_code", INDEX)
    return ports_daily(covered(arrivals, coverage, PLACE, ("observed_on", "place_code")), places)


def _see_that_nothing_is_held_back(settings: Settings, known: Known) -> None:
    """Days of a protected release would tell what it suppresses.

    Raises:
        WrongUseError: A release is protected.
    """
    rows = read_rows(settings, RELEASES, ["release_id", "disclosure"]).to_pylist()
    records = {row["release_id"]: json.loads(row["disclosure"] or "{}") for row in rows}
    for one in known.vintages:
        profile = records[one.release_id].get("profile", DEFAULT_DISCLOSURE)
        if profile != DEFAULT_DISCLOSURE:
            raise WrongUseError(
                f"the release of {one.week} is protected by the disclosure profile {profile}, and days would tell "
                f"what it suppresses; {_LEAVE_OUT}"
            )


def _of_weeks(settings: Settings, table: str, known: Known) -> pl.DataFrame:
    """Rows of a table of gold of the weeks of some releases."""
    weeks = sorted(known.weeks)
    rows = read_rows(settings, table, filters=[("week", "in", weeks)])
    return pl.DataFrame(rows.cast(arrow_schema(table)))
