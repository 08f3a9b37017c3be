"""Finds the weeks of each weekly table that the next run would recompute. Reads only, without Spark."""

from collections.abc import Iterable, Mapping
from importlib import import_module

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.tasks import computing_order, concerns
from ais_indicators.weekly_table import FoldedLake


def stale_tables(settings: Settings, rules: Rules) -> dict[str, list[Week]]:
    """Finds the weeks of each weekly table whose inputs have changed since they were computed.

    Tables that one task writes together are recomputed together.

    Args:
        settings: Of a lake that holds messages.
        rules: Rules of the lake's subject.

    Returns:
        The weeks in order, by table, for every table that the weekly tasks after the fold write week by week.
    """
    lake = FoldedLake(settings, rules)
    concerned = [task.name for task in computing_order() if concerns(task, rules.subject)]
    tasks = [import_module(f"ais_indicators.pipelines.{name}") for name in concerned]
    declared = [of for task in tasks for of in getattr(task, "WEEKLY_TABLES", ())]
    found = {table: stale for of in declared for stale in [of.stale(lake)] for table in of.tables}
    return dict(sorted(found.items()))


def tables_by_week(stale: Mapping[str, Iterable[Week]]) -> dict[Week, list[str]]:
    """Groups the result of `stale_tables` by week: the tables of each, by name."""
    found: dict[Week, list[str]] = {}
    for table in sorted(stale):
        for week in stale[table]:
            found.setdefault(week, []).append(table)
    return found
