"""Coverage of a week by the feed, and the counted values of a week that low coverage suppresses."""

from dataclasses import dataclass

import polars as pl

from ais_indicators.evidence.inland_waters import read_inland_traffic
from ais_indicators.io.freshness import COVERAGE_HOURS, WAITING
from ais_indicators.io.vessel_registers import known_ships
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.io.weeks import newest_week
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.pipelines.compute_port_activity import SHIP_COLUMNS, read_calls
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.coverage import HOURS, silent_hours
from ais_indicators.transforms.port_activity import weekly_port_activity, with_register
from ais_indicators.units import HOURS_PER_DAY


@dataclass(frozen=True)
class HeardWeek:
    """Part of a week for which the feed has messages.

    Attributes:
        week: The week.
        hours: Hours with a message.
        days: UTC days with a message.
        rules: Rules of the lake's subject.
    """

    week: Week
    hours: int
    days: int
    rules: Rules

    @property
    def has_values(self) -> bool:
        """Returns whether the feed covers enough of the week for values."""
        return self.hours / HOURS >= self.rules.coverage_no_figure_index

    @property
    def sentence(self) -> str:
        """Describes what the release marks and what to ingest; empty if the feed covers enough of the week."""
        if self.hours / HOURS >= self.rules.coverage_low_index:
            return ""
        is_day = "is" if self.days == 1 else "are"
        marks = "of low reliability (U)" if self.has_values else "as missing (O)"
        counted = "" if self.has_values else "the table shows what was counted, and "
        return (
            f"{self.days} of {DAYS_PER_WEEK} days ({self.hours} of {HOURS} hours) {is_day} not a week: {counted}"
            f"the release marks its values {marks}; ingest the other days of {self.week}, then "
            f"`ais-indicators run --week {self.week}`"
        )


def heard_week(settings: Settings, week: Week, rules: Rules) -> HeardWeek:
    """Reads how many hours and days of a week the feed covers."""
    silent = silent_hours(read_weeks(settings, COVERAGE_HOURS, [week]))
    heard = pl.int_range(HOURS, dtype=pl.Int32, eager=True)
    heard = heard.filter(~heard.is_in(silent.implode()))
    return HeardWeek(week, heard.len(), (heard // HOURS_PER_DAY).n_unique(), rules)


def counted_activity(settings: Settings, week: Week, rules: Rules) -> pl.DataFrame:
    """Computes the port activity of a week as counted, without coverage.

    Returns:
        Rows of `gold.port_activity_weekly` without `adjustment`.
    """
    ships = known_ships(settings).ships.select(SHIP_COLUMNS)
    calls = with_register(read_calls(settings, [week], rules), ships)
    waiting = with_register(read_weeks(settings, WAITING, [week]), ships)
    inland = read_inland_traffic(settings, [week], ships, rules)
    return weekly_port_activity(calls, waiting, [week], newest_week(settings), inland, rules=rules)
