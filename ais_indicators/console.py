"""How the command line looks: tables, progress bars, sentences."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ais_indicators.io.spread import Advance

OUT = Console()
ERR = Console(stderr=True)
SHOWN_PORTS = 25
CARGO_CLASSES = ("container", "dry_bulk", "general_cargo", "roro", "cargo_unspecified", "tanker")
TOTAL = "_T"


def show_table(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]], caption: str | None = None) -> None:
    """Prints a table; numbers stand to the right with thousands set apart."""
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left")
    for place, name in enumerate(header):
        numeric = all(isinstance(row[place], int | float) or row[place] is None for row in rows)
        table.add_column(name, justify="right" if numeric and rows else "left", overflow="fold")
    for row in rows:
        table.add_row(*(as_text(cell) for cell in row))
    OUT.print(table)


def as_text(cell: Any) -> str:
    """A cell's text: `1,234`, `3.5`, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:,.1f}" if isinstance(cell, float) else str(cell)


@contextmanager
def progress_bar(title: str) -> Iterator[Advance]:
    """Shows a bar while a task works, on a terminal; elsewhere one line when it ends."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR) as progress:
        bar = progress.add_task(title, total=None)

        def advance(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        yield advance
        shown = progress.tasks[bar]
        progress.update(bar, completed=shown.total or 1, total=shown.total or 1)


def week_ports(observations: pl.DataFrame, names: dict[str, str]) -> list[list[Any]]:
    """One row a port of a week: code, name, then its indicators, the busiest first.

    Args:
        observations: Rows of `gold.port_activity_weekly` of one week.
        names: Name of each port code.
    """
    totals = observations.filter(pl.col("vessel_class") == TOTAL, pl.col("port_locode") != TOTAL)
    wide = totals.pivot("indicator", index="port_locode", values="value")
    cargo = (
        observations.filter(pl.col("vessel_class").is_in(CARGO_CLASSES), pl.col("indicator") == "arrivals")
        .group_by("port_locode")
        .agg(pl.col("value").sum().alias("cargo_arrivals"))
    )
    joined = wide.join(cargo, on="port_locode", how="left").sort(
        "arrivals", "unique_vessels", "port_locode", descending=[True, True, False]
    )
    return [
        [
            row["port_locode"],
            names.get(row["port_locode"], ""),
            int(row["arrivals"]),
            int(row["cargo_arrivals"] or 0),
            int(row["departures"]),
            int(row["unique_vessels"]),
            int(row["calls_in_progress"]),
            row["median_hours_in_port"],
            row["median_hours_waiting"],
        ]
        for row in joined.to_dicts()
    ]


def show_week(week: str, observations: pl.DataFrame, names: dict[str, str]) -> None:
    """Prints the table of a week's ports."""
    rows = week_ports(observations, names)
    header = ("port", "name", "arrivals", "of them cargo and tankers", "departures", "ships", "in port at week's end")
    more = f"{len(rows) - SHOWN_PORTS} more ports are in the release" if len(rows) > SHOWN_PORTS else None
    show_table(
        f"Ports in {week}",
        (*header, "median hours in port", "median hours waiting"),
        rows[:SHOWN_PORTS],
        more,
    )
