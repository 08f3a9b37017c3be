"""Detects stale weeks of gold tables by the files that they were computed from.

The name of a gold file contains a signature of its sources' files. If the signature differs, or no run of ours wrote
the file, the week is recomputed.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.references import inland_ports
from ais_indicators.io.staging import TableFile
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import rule, rules_hash
from ais_indicators.settings import Settings
from ais_indicators.transforms.zeros import trailing_weeks

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
    return [file for file in files if _can_touch(file, first, last)]


def files_of_weeks(settings: Settings, table: str, weeks: Iterable[Week]) -> list[TableFile]:
    """Returns files of a table by week that hold the weeks."""
    names = {week.name for week in weeks}
    return [file for file in active_files(open_delta(settings, table)) if file.partition["week"] in names]


def event_signatures(
    settings: Settings,
    table: str,
    weeks: Iterable[Week],
    newest: Week,
    register: str,
    further: Mapping[Week, Sequence[str]] = MappingProxyType({}),
) -> dict[Week, str]:
    """Signs each week's values of calls or transits.

    The signature covers their files and those of coverage, both for the week and for the weeks within which a place or
    class counts as seen, those of the ships waiting at the week's end, further inputs of a week, the register, the
    rules, and whether the week is final.
    """
    files = active_files(open_delta(settings, table))
    waiting = paths_by_week(settings, WAITING)
    covered = [paths_by_week(settings, of) for of in (COVERAGE, COVERAGE_BY_DAY)]
    return {
        week: sign(
            [
                register,
                *(f.path for f in files if _can_touch(f, trailing_weeks(week)[0], week)),
                *waiting[week.name],
                *(path for of in covered for path in of[week.name]),
                *(path for one in trailing_weeks(week) for path in covered[0][one.name]),
                *further.get(week, ()),
            ],
            is_final(week, newest),
        )
        for week in weeks
    }


def call_signatures(
    settings: Settings, weeks: Iterable[Week], newest: Week, register: str
) -> dict[Week, str]:
    """Signs each week's port activity; with ports on inland waters, it depends on a year of calls."""
    wanted, inland = list(weeks), inland_ports(settings)
    if not inland:
        return event_signatures(settings, CALLS, wanted, newest, register)
    files = active_files(open_delta(settings, CALLS))
    back = -int(rule("inland_sea_call_weeks"))
    further = {
        week: [*inland, *(f.path for f in files if _can_touch(f, week.plus(back), week))] for week in wanted
    }
    return event_signatures(settings, CALLS, wanted, newest, register, further)


def transit_signatures(
    settings: Settings, weeks: Iterable[Week], newest: Week, register: str
) -> dict[Week, str]:
    """Signs each week's values of chokepoints: transits, and the voyages on which ships passed."""
    voyages = paths_by_week(settings, VOYAGES)
    wanted = list(weeks)
    further = {
        week: [path for at in weeks_of_voyages([week]) for path in voyages[at.name]] for week in wanted
    }
    return event_signatures(settings, TRANSITS, wanted, newest, register, further)


def weeks_of_voyages(weeks: Sequence[Week]) -> list[Week]:
    """Returns the weeks of the voyages on which a ship can be at sea in some weeks."""
    longest = _voyage_weeks()
    first, last = min(weeks), max(weeks)
    return [first.plus(n) for n in range(-longest, last.minus(first) + longest + 1)]


def cell_signatures(settings: Settings, weeks: Iterable[Week]) -> dict[Week, str]:
    """Signs each week's cell activity: its source files and the rules."""
    paths = paths_by_week(settings, "silver.cell_weeks")
    return {week: sign(paths[week.name], False) for week in weeks}


def coverage_hours_signatures(
    settings: Settings, weeks: Iterable[Week], heartbeats: Mapping[Week, str]
) -> dict[Week, str]:
    """Signs each week's coverage by hour: its messages, its heartbeats, and all earlier weeks.

    A baseline excludes the outages of its own weeks, which depend on their own baselines.
    """
    paths = [paths_by_week(settings, table) for table in (MESSAGE_HOURS, SILENCES, STATION_HOURS)]
    signatures: dict[Week, str] = {}
    before = ""
    for week in sorted(weeks):
        heard = [path for of_table in paths for path in of_table[week.name]]
        before = signatures[week] = sign([before, heartbeats.get(week, ""), *heard], False)
    return signatures


def coverage_signatures(
    settings: Settings, references: Mapping[Week, Sequence[str]], of_senders: Mapping[Week, str]
) -> dict[Week, str]:
    """Signs each week's coverage by place: both parts, its ports and chokepoints, and calls for usual arrivals.

    Args:
        settings: Settings of the lake.
        references: Versions of the port and the gate file of each week.
        of_senders: What `sender_signatures` returns.
    """
    calls = active_files(open_delta(settings, CALLS))
    stationary = paths_by_week(settings, STATIONARY)
    back = int(rule("baseline_weeks"))
    return {
        week: sign(
            [
                of_senders[week],
                *versions,
                *stationary[week.name],
                *(f.path for f in calls if _can_touch(f, week.plus(-back), week)),
            ],
            False,
        )
        for week, versions in references.items()
    }


def voyage_window(week: Week) -> tuple[Week, Week]:
    """Returns the first and last week that the voyages of a week can depend on.

    Back: the draughts that replace missing ones, of calls that a voyage led to. Ahead: the next call, which ends the
    search for the draught after this one.
    """
    longest = _voyage_weeks()
    return week.plus(-int(rule("draught_mean_weeks")) - longest), week.plus(longest)


def _voyage_weeks() -> int:
    """Returns weeks that a voyage can touch."""
    return -(-int(rule("max_voyage_days")) // DAYS_PER_WEEK) + 1


def voyage_signatures(
    settings: Settings, weeks: Iterable[Week], newest: Week, references: Mapping[Week, str]
) -> dict[Week, str]:
    """Signs each week's voyages: calls and draughts of their window, register, ports, rules and its end."""
    calls = active_files(open_delta(settings, "silver.port_calls"))
    draughts = active_files(open_delta(settings, "silver.draught_reports"))
    signatures = {}
    for week in weeks:
        first, last = voyage_window(week)
        paths = [f.path for f in calls if _can_touch(f, first, last)]
        paths += [f.path for f in draughts if first.name <= str(f.partition["week"]) <= last.name]
        signatures[week] = sign([references[week], min(newest, last).name, *paths], False)
    return signatures


def paths_by_week(settings: Settings, table: str) -> dict[str, list[str]]:
    """Groups files of a table by week; none for weeks that it does not have."""
    paths: dict[str, list[str]] = defaultdict(list)
    for file in active_files(open_delta(settings, table)):
        paths[str(file.partition["week"])].append(file.path)
    return paths


def is_final(week: Week, newest: Week) -> bool:
    """Returns whether late messages of the week are no longer included (methodology 13)."""
    return newest.minus(week) > int(rule("revision_weeks"))


def stale_weeks(settings: Settings, table: str, signatures: Mapping[Week, str]) -> list[Week]:
    """Returns the weeks of a gold table whose signatures differ, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in active_files(open_delta(settings, table)):
        found[str(file.partition["week"])].append(file.path)
    return [week for week in sorted(signatures) if not _stands(found[week.name], signatures[week])]


def chunks(weeks: Sequence[Week], size: int) -> Iterable[Sequence[Week]]:
    """Returns runs of at most `size` consecutive weeks, so that memory does not grow with the weeks."""
    run: list[Week] = []
    for week in sorted(weeks):
        if run and (len(run) == size or week.minus(run[-1]) != 1):
            yield run
            run = []
        run.append(week)
    if run:
        yield run


def _can_touch(file: TableFile, first: Week, last: Week) -> bool:
    since = _SINCE.search(file.path)
    return first.name <= str(file.partition["settled_week"]) and (since is None or since[1] <= last.name)


def sign(paths: Iterable[str], final: bool) -> str:
    """Hashes the inputs of a week."""
    text = "\n".join([rules_hash(), str(final), *sorted(paths)])
    return hashlib.sha256(text.encode()).hexdigest()[:SIGNATURE_DIGITS]


def _stands(paths: Sequence[str], signature: str) -> bool:
    return len(paths) == 1 and f"/{signature}-" in paths[0]
