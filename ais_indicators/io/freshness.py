"""Detects stale weeks of gold tables by the files that they were computed from.

The name of a gold file contains a signature of its sources' files. If the signature differs, or no run of ours wrote
the file, the week is recomputed.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.staging import TableFile
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import Rules, rules_hash
from ais_indicators.settings import Settings
from ais_indicators.week_windows import trailing_weeks

SIGNATURE_DIGITS = 16
CALLS = "silver.port_calls"
TRANSITS = "silver.chokepoint_transits"
WAITING = "silver.waiting_vessels"
VOYAGES = "silver.voyages"
MESSAGE_HOURS = "silver.message_hours"
SILENCES = "silver.silences"
STATIONARY = "silver.stationary_vessels"
STATION_HOURS = "silver.station_hours"
DISPLACEMENTS = "silver.displacements"
POSITION_LOSSES = "silver.position_losses"
COVERAGE_HOURS = "silver.coverage_hours"
COVERAGE = "gold.coverage_weekly"
COVERAGE_BY_DAY = "gold.coverage_daily"
_SINCE = re.compile(r"-since(\d{4}-W\d{2})-")


def touches_since(week: Week) -> str:
    """Returns the mark in the name of a file of calls or transits: none in it touches an earlier week."""
    return f"-since{week.name}"


def files_of_events(settings: Settings, table: str, first: Week, last: Week) -> list[TableFile]:
    """Returns files of calls or transits that can hold one which touches the weeks from the first to the last."""
    files = active_files(open_delta(settings, table))
    return [file for file in files if can_touch(file, first, last)]


def files_of_weeks(settings: Settings, table: str, weeks: Iterable[Week]) -> list[TableFile]:
    """Returns files of a table by week that hold the weeks."""
    names = {week.name for week in weeks}
    return [file for file in active_files(open_delta(settings, table)) if file.partition["week"] in names]


def weeks_of_voyages(weeks: Sequence[Week], rules: Rules) -> list[Week]:
    """Weeks that the voyages stand under on which a ship can be at sea in some weeks."""
    first, last = weeks_at_sea(min(weeks), rules)[0], weeks_at_sea(max(weeks), rules)[1]
    return [first.plus(n) for n in range(last.minus(first) + 1)]


def counted_weeks(week: Week, rules: Rules) -> tuple[Week, Week]:
    """First and last week within which a place or class counts as seen."""
    return trailing_weeks(week, rules)[0], week


def baseline(week: Week, rules: Rules) -> tuple[Week, Week]:
    """The first week of the baseline of a week, and the week."""
    return week.plus(-rules.baseline_weeks), week


def weeks_at_sea(week: Week, rules: Rules) -> tuple[Week, Week]:
    """First and last week that the voyages stand under on which a ship can be at sea in a week."""
    return week.plus(-_voyage_weeks(rules)), week.plus(_voyage_weeks(rules))


def voyage_window(week: Week, rules: Rules) -> tuple[Week, Week]:
    """Returns the first and last week that the voyages of a week can depend on.

    Back: the draughts that replace missing ones, of calls that a voyage led to. Ahead: the next call, which ends the
    search for the draught after this one.
    """
    longest = _voyage_weeks(rules)
    return week.plus(-rules.draught_mean_weeks - longest), week.plus(longest)


def _voyage_weeks(rules: Rules) -> int:
    """Returns weeks that a voyage can touch."""
    return -(-rules.max_voyage_days // DAYS_PER_WEEK) + 1


def is_final(week: Week, newest: Week, rules: Rules) -> bool:
    """Returns whether late messages of the week are no longer included (methodology 13)."""
    return newest.minus(week) > rules.revision_weeks


def stale_weeks(settings: Settings, table: str, signatures: Mapping[Week, str]) -> list[Week]:
    """Returns the weeks of a gold table whose signatures differ, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in active_files(open_delta(settings, table)):
        found[str(file.partition["week"])].append(file.path)
    return [week for week in sorted(signatures) if not _stands(found[week.name], signatures[week])]


def chunks(weeks: Sequence[Week], size: int) -> Iterable[Sequence[Week]]:
    """Yields runs of at most `size` consecutive weeks, so that memory does not grow with the weeks."""
    run: list[Week] = []
    for week in sorted(weeks):
        if run and (len(run) == size or week.minus(run[-1]) != 1):
            yield run
            run = []
        run.append(week)
    if run:
        yield run


def can_touch(file: TableFile, first: Week, last: Week) -> bool:
    """Whether a file is of one of the weeks, or holds an event that can touch one."""
    if "week" in file.partition:
        return first.name <= str(file.partition["week"]) <= last.name
    since = _SINCE.search(file.path)
    return first.name <= str(file.partition["settled_week"]) and (since is None or since[1] <= last.name)


def sign(parts: Iterable[str], rules: Rules) -> str:
    """Hashes what a week rests on, and the rules."""
    text = "\n".join([rules_hash(rules.subject), *sorted(parts)])
    return hashlib.sha256(text.encode()).hexdigest()[:SIGNATURE_DIGITS]


def _stands(paths: Sequence[str], signature: str) -> bool:
    return len(paths) == 1 and f"/{signature}-" in paths[0]
