"""Finds the weeks of each weekly table that the next run would recompute. Reads only, without Spark."""

from collections.abc import Iterable, Mapping
from importlib import import_module

from ais_indicators.io.subject import lake_rules
from ais_indicators.periods import Week
from ais_indicators.settings import Settings
from ais_indicators.tasks import computing_order, concerns
from ais_indicators.weekly_table import FoldedLake


def stale_tables(settings: Settings) -> dict[str, list[Week]]:
    """Finds the weeks of each weekly table whose inputs have changed since they were computed.

    Tables that one task writes together are recomputed together.

    Args:
        settings: Of a lake that holds messages.

    Returns:
        The weeks in order, by table, for every table that the weekly tasks after the fold write week by week.
    """
    rules = lake_rules(settings)
    lake, subject = FoldedLake(settings, rules), rules.subject
    tasks = [
        import_module(f"ais_indicators.pipelines.{t.name}") for t in computing_order() if concerns(t, subject)
    ]
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
