"""Reads evidence of whether vessels sent: when each was heard, and where positions were false or jammed."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ais_indicators.evidence.jamming import read_jammed_hours
from ais_indicators.io.freshness import COVERAGE_HOURS, DISPLACEMENTS, MESSAGE_HOURS, POSITION_LOSSES
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.sender_coverage import (
    cell_senders,
    sender_weeks,
    silence_weeks,
    silent_by_vessel,
    vessel_silences,
    without_interfered,
)
from ais_indicators.transforms.sender_places import cell_interference, dark_by_vessel

SENDERS: Final = "silver.sender_weeks"
SPELLS: Final = "silver.heard_spells"
DARK: Final = "gold.dark_vessels_weekly"
INTERFERENCE: Final = "gold.interference_weekly"
SENDER_SOURCES: Final = (SPELLS, DISPLACEMENTS, POSITION_LOSSES, INTERFERENCE)
_DISPLACED: Final = (
    "mmsi",
    "first_at_utc",
    "last_at_utc",
    "from_h3_res3",
    "to_h3_res4",
    "hours",
    "false_position_kind",
)


def assessed_senders(settings: Settings, week: Week, before: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Returns rows of `silver.sender_weeks` of a week, given those of the weeks before.

    Args:
        settings: Settings of the lake.
        week: The week.
        before: The existing trailing weeks.
        rules: Rules of the lake's subject.
    """
    silences, hours = _silences_and_hours(settings, week, rules)
    messages = read_weeks(settings, MESSAGE_HOURS, [week])
    cells = cell_senders(messages, silences, hours, rules)
    return sender_weeks(cells, [read_weeks(settings, SENDERS, [one]) for one in before], rules)


def read_dark_by_vessel(settings: Settings, week: Week, before: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Reads what each vessel contributes to `gold.dark_vessels_weekly`; arguments of `assessed_senders`."""
    silences, hours = _silences_and_hours(settings, week, rules)
    earlier = [read_weeks(settings, SENDERS, [one]) for one in before]
    return dark_by_vessel(silent_by_vessel(silences, hours, earlier, rules), rules)


def _silences_and_hours(
    settings: Settings, week: Week, rules: Rules
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Reads the silences that touch a week without those that were false positions, and the hours heard by cell."""
    near = [week.plus(-n) for n in range(silence_weeks(rules), 0, -1)]
    silences = vessel_silences(read_weeks(settings, SPELLS, [*near, week]), week, rules)
    displaced = read_weeks(settings, DISPLACEMENTS, [*near, week]).select(_DISPLACED)
    false = displaced.drop_nulls("false_position_kind")
    hours = [read_weeks(settings, COVERAGE_HOURS, [one]) for one in (*near, week)]
    return without_interfered(silences, false), hours


def read_displaced(settings: Settings, week: Week) -> pl.DataFrame:
    """Reads the displaced stretches of a week: the columns that say where, how long and of which kind."""
    return read_weeks(settings, DISPLACEMENTS, [week]).select(_DISPLACED)


def read_interference(
    settings: Settings, week: Week, before: Sequence[Week], displaced: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Reads the interfered vessel-hours and jammed hours of each cell in a week, compared with the weeks before."""
    return cell_interference(displaced, read_jammed_hours(settings, week, before, rules), rules)
