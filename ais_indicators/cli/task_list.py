"""The command `tasks`: the weekly tasks in order, with the tables that each reads and writes."""

from typing import Annotated

import typer
from rich.table import Table

from ais_indicators.cli.console import OUT
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.tasks import TASKS, Task, weekly_order


def tasks(
    every: Annotated[
        bool, typer.Option("--all", help="Also show loading, ingesting and maintenance tasks.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Lists the weekly tasks in the order of `run`, with the tables that each reads and writes.

    Example: ais-indicators tasks
    """
    shown = (
        (*(task for task in TASKS if task.cadence != "weekly"), *weekly_order()) if every else weekly_order()
    )
    if as_json:
        print_json([_plain(task) for task in shown])
        return
    for number, task in enumerate(shown, start=1):
        OUT.print(f"{number}. {task.name} ({task.cadence}): {task.purpose}", highlight=False)
        OUT.print(_tables(task), highlight=False)


def _tables(task: Task) -> Table:
    """Lays out the tables that a task reads and writes, indented below its name."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for what, names in (("reads", task.reads), ("writes", task.writes)):
        grid.add_row("", what, ", ".join(names) or "none")
    return grid


def _plain(task: Task) -> dict[str, object]:
    return {
        "task": task.name,
        "cadence": task.cadence,
        "purpose": task.purpose,
        "reads": list(task.reads),
        "writes": list(task.writes),
    }
