"""Rows of tables by day and week as counted in their Delta logs; no data file is read."""

from collections import Counter
from datetime import date
from typing import Final

from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.settings import Settings

POSITIONS: Final = "silver.positions"
QUARANTINE: Final = "quarantine.messages"
_DAY_OF: Final = {POSITIONS: "observed_on", QUARANTINE: "fold_date"}


def rows_by_day(settings: Settings, table: str) -> Counter[date]:
    """Counts rows of each UTC day of positions; in quarantine those that the fold rejected."""
    counts: Counter[date] = Counter()
    for file in active_files(open_delta(settings, table)):
        day = file.partition.get(_DAY_OF[table])
        if day is not None:
            counts[date.fromisoformat(str(day))] += file.rows
    return counts


def rows_by_week(settings: Settings, table: str) -> Counter[str]:
    """Returns rows of each week of a table by week."""
    counts: Counter[str] = Counter()
    for file in active_files(open_delta(settings, table)):
        counts[str(file.partition["week"])] += file.rows
    return counts
