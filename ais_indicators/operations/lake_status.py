"""State of the lake: weeks, tables, files. Reads only, without Spark."""

from collections import Counter
from typing import Any

from ais_indicators.contracts.model import all_tables
from ais_indicators.io.delta import active_files, one_look, open_delta, read_rows
from ais_indicators.io.expired import expired_through
from ais_indicators.io.freshness import is_final
from ais_indicators.io.gate_references import gate_versions
from ais_indicators.io.references import port_versions
from ais_indicators.io.subject import lake_subject
from ais_indicators.io.weeks import Bronze, FoldedWeek, read_bronze, read_folded_weeks
from ais_indicators.operations.stale_tables import stale_tables, tables_by_week
from ais_indicators.periods import Week
from ais_indicators.releasing.candidates import find_candidates
from ais_indicators.releasing.history import read_history
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings


def read_status(settings: Settings, rules: Rules) -> dict[str, Any]:
    """Collects the state of the lake as JSON types.

    Raises:
        WrongUseError: There are no tables yet.
    """
    with one_look():
        bronze, folded = read_bronze(settings), read_folded_weeks(settings)
        return {
            "data_dir": str(settings.data_dir),
            "subject": lake_subject(settings),
            "newest_week": bronze.newest_week.name if bronze.newest_week else None,
            "files": _files(settings),
            "port_versions": [vars(version) for version in port_versions(settings)],
            "gate_versions": [vars(version) for version in gate_versions(settings)],
            "weeks": _weeks(settings, bronze, folded, rules),
            "tables": {name: _table(settings, name) for name in all_tables()},
        }


def _files(settings: Settings) -> dict[str, Any]:
    rows = read_rows(settings, "ops.ingested_files").to_pylist()
    current = [row for row in rows if row["is_current"]]
    counts = ("rows_read", "rows_accepted", "rows_quarantined", "rows_set_aside")
    return {"ingested": len(current), "replaced": len(rows) - len(current)} | {
        name: sum(row[name] for row in current) for name in counts
    }


def _table(settings: Settings, table: str) -> dict[str, int]:
    delta = open_delta(settings, table)
    files = active_files(delta)
    return {"version": int(delta.version()), "rows": sum(f.rows for f in files), "files": len(files)}


def _weeks(
    settings: Settings, bronze: Bronze, folded: dict[Week, FoldedWeek], rules: Rules
) -> list[dict[str, Any]]:
    newest, gone = bronze.newest_week, expired_through(settings)
    if newest is None:
        return []
    stale = tables_by_week(stale_tables(settings, rules))
    history = read_history(settings)
    served = {week: row.release_id for week, row in history.served.items()}
    waiting = {candidate.week: candidate.check for candidate in find_candidates(settings, history, rules)}
    messages: Counter[Week] = Counter()
    for week, days in bronze.files.items():
        messages[week] = sum(f.rows for buckets in days.values() for files in buckets.values() for f in files)
    found = []
    for week in sorted({*bronze.files, *folded}):
        state = "expired" if gone and week <= gone else _state(week, bronze, folded, stale, newest, rules)
        is_waiting = week in folded and state in ("touched", "late")
        found.append(
            {
                "week": week.name,
                "messages": messages[week],
                "late_messages": max(messages[week] - folded[week].messages, 0) if is_waiting else 0,
                "state": state,
                "stale_tables": sorted(stale.get(week, ())),
                "is_final": is_final(week, newest, rules),
                "port_version": folded[week].port_version if week in folded else None,
                "gate_version": folded[week].gate_version if week in folded else None,
                "release_id": served.get(week.name),
                "candidate": waiting.get(week),
            }
        )
    return found


def _state(
    week: Week,
    bronze: Bronze,
    folded: dict[Week, FoldedWeek],
    stale: dict[Week, list[str]],
    newest: Week,
    rules: Rules,
) -> str:
    """Returns the state of a week.

    `new` (never folded), `touched` (messages were added or removed since: the next run folds it), `late` (the same, but
    only a backfill includes it), `stale` (values to be recomputed) or `current`.
    """
    if week not in folded:
        return "new"
    if folded[week].fingerprint != bronze.fingerprint(week):
        return "late" if is_final(week, newest, rules) else "touched"
    return "stale" if week in stale else "current"
