"""Daily values of released weeks in PortWatch's columns, if they may be shown.

Days are not part of a release. They are given if the releases suppress nothing, and if they add up to the released
weeks: so they reveal nothing that the releases do not, and contradict nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import read_rows
from ais_indicators.io.freshness import TRANSITS as EVENTS
from ais_indicators.io.freshness import VOYAGES, weeks_of_voyages
from ais_indicators.io.vessel_registers import known_ships
from ais_indicators.periods import Week
from ais_indicators.publish.portwatch.days import (
    all_days,
    calls_by_day,
    tonnes_by_day,
    transits_by_day,
    weeks_that_differ,
)
from ais_indicators.publish.portwatch.layout import CALLS, CAPACITY, EXPORT, IMPORT, TRANSITS, Measure
from ais_indicators.publish.portwatch.tables import PLACE, Rows
from ais_indicators.releasing.history import read_history
from ais_indicators.releasing.known_then import Known
from ais_indicators.rules import Rules
from ais_indicators.settings import DEFAULT_DISCLOSURE, Settings
from ais_indicators.transforms.coverage_status import INDEX, REASON, covered
from ais_indicators.transforms.transit_payloads import VOYAGE_COLUMNS, transit_payloads

DAILY: Final = "gold.port_activity_daily"
COVERAGE_DAILY: Final = "gold.coverage_daily"
Found = Mapping[Measure, pl.DataFrame]
"""Sums by day, place and class, in the columns of `publish.portwatch.days.FOUND`."""
_LEAVE_OUT: Final = "omit --daily"


def see_that_nothing_is_held_back(settings: Settings, known: Known) -> None:
    """Raises an error if a release is protected: its days would reveal what it suppresses.

    Raises:
        WrongUseError: A release is protected.
    """
    history = read_history(settings)
    for one in known.vintages:
        profile = history.find(one.release_id).disclosure_profile
        if profile != DEFAULT_DISCLOSURE:
            raise WrongUseError(
                f"the release of {one.week} is protected by the disclosure profile {profile}, and days would "
                f"reveal what it suppresses; {_LEAVE_OUT}"
            )


def calls_and_tonnes(settings: Settings, known: Known) -> Found:
    """Reads daily values of ports in the weeks of some releases."""
    voyages = _of_weeks(settings, VOYAGES, known.weeks)
    return {
        CALLS: calls_by_day(_of_weeks(settings, DAILY, known.weeks)),
        IMPORT: tonnes_by_day(voyages, "tonnes_unloaded"),
        EXPORT: tonnes_by_day(voyages, "tonnes_loaded"),
    }


def transits_and_payloads(settings: Settings, known: Known, rules: Rules) -> Found:
    """Reads daily values of chokepoints in the weeks of some releases."""
    transits = _of_weeks(settings, EVENTS, known.weeks, "arrival_week")
    around = weeks_of_voyages([Week.parse(week) for week in known.weeks], rules)
    voyages = _of_weeks(settings, VOYAGES, [week.name for week in around])
    ships = known_ships(settings).ships.select("vessel_id", "register_class")
    transits = (
        transits.join(transit_payloads(transits, voyages.select(VOYAGE_COLUMNS)), on="transit_id", how="left")
        .join(ships, on="vessel_id", how="left")
        .with_columns(vessel_class=pl.coalesce("register_class", "vessel_class"))
    )
    return {TRANSITS: transits_by_day(transits), CAPACITY: transits_by_day(transits, "payload_t")}


def assessed_days(settings: Settings, known: Known, found: Found, weekly: Rows, rules: Rules) -> Rows:
    """Returns all days of each measure, without the values of days with low coverage.

    Args:
        settings: Settings of the lake.
        known: The releases.
        found: Daily values of the lake.
        weekly: Weekly values of the releases.
        rules: Rules of the lake's subject.

    Raises:
        WrongUseError: The days in the lake are not those of the releases.
    """
    days = {measure: all_days(rows, weekly[measure]) for measure, rows in found.items()}
    if other := sorted({week for one, rows in days.items() for week in weeks_that_differ(rows, weekly[one])}):
        raise WrongUseError(
            f"the days of {other[0]} in the lake do not add up to its release ({len(other)} such weeks); "
            f"`ais-indicators publish --week {other[0]}` publishes the current values, or {_LEAVE_OUT}"
        )
    coverage = _of_weeks(settings, COVERAGE_DAILY, known.weeks).select("observed_on", "place_code", INDEX)
    return {
        measure: covered(rows, coverage, PLACE, ("observed_on", "place_code"), rules).drop(REASON)
        for measure, rows in days.items()
    }


def _of_weeks(settings: Settings, table: str, weeks: Iterable[str], column: str = "week") -> pl.DataFrame:
    """Reads rows of a table of some weeks."""
    filters: list[Any] = [(column, "in", sorted(weeks))]
    return pl.DataFrame(read_rows(settings, table, filters=filters).cast(arrow_schema(table)))
