"""Ports of a week: the table that readers sort and filter, and the dots of the map."""

from typing import Final

import polars as pl

from ais_indicators.publish.pages.catalogue import Catalogue
from ais_indicators.publish.pages.figures import (
    ALL,
    COUNTS,
    MISSING,
    Figure,
    as_counted,
    change_between,
    compared,
    figures_by,
    worst,
)
from ais_indicators.publish.pages.map import Dot
from ais_indicators.publish.pages.model import BulletinData, Place
from ais_indicators.publish.pages.tables import (
    Cell,
    Column,
    Table,
    blank_cell,
    change_cell,
    figure_cell,
    text_cell,
)

SHOWN: Final = (
    "arrivals",
    "departures",
    "unique_vessels",
    "calls_in_progress",
    "median_hours_in_port",
    "median_hours_waiting",
)
MOST_PORTS: Final = 1500
"""Limit that keeps a bulletin of the complete world under 2 MB; the largest ports are shown."""

Figures = dict[tuple[str, ...], Figure]


def port_table(words: Catalogue, data: BulletinData, usual: str) -> Table:
    """Lays out one row per port with any value of the week, those with most arrivals first."""
    week = data.release.week
    is_port = pl.col("port_locode") != ALL
    figures = figures_by(
        as_counted(data.activity).filter(is_port, pl.col("week") == week), ["port_locode", "indicator"]
    )
    ports = sorted({port for port, _ in figures}, key=lambda port: _rank(figures, port))[:MOST_PORTS]
    changes = _Changes(data)
    columns = [
        Column(words.text("Port"), is_number=False),
        Column(words.text("Country"), is_number=False, has_choice=True, is_under=True),
        *(Column(words.name("indicator_short", name)) for name in SHOWN),
    ]
    columns[3:3] = [Column(title) for title, _ in earlier_weeks(words, data)]
    rows = [_row(words, data, port, figures, changes, usual) for port in ports]
    caption = words.text("Port activity, %(week)s, all vessel classes", week=words.week(week))
    return Table("ports", caption, columns, rows, True, words.text("Find a port or country"))


def earlier_weeks(words: Catalogue, data: BulletinData) -> list[tuple[str, str]]:
    """Lists the earlier weeks that are published, with the titles of the columns that compare with them."""
    known = set(data.activity["week"].unique().to_list())
    weeks = (
        (words.text("on the week"), data.release.week_before),
        (words.text("on the year"), data.release.year_before),
    )
    return [(title, week) for title, week in weeks if week in known]


def hidden_ports(data: BulletinData) -> int:
    """Returns the number of ports that the table omits."""
    ports = data.activity.filter(pl.col("port_locode") != ALL, week=data.release.week)["port_locode"]
    return max(0, ports.n_unique() - MOST_PORTS)


def dots(data: BulletinData) -> list[Dot]:
    """Returns the ports on the map, with the ships that were there."""
    rows = data.activity.filter(
        pl.col("port_locode") != ALL, week=data.release.week, indicator="unique_vessels"
    )
    found = figures_by(rows, ["port_locode"])
    return [
        Dot(place.name, place.latitude, place.longitude, figure.value)
        for (port,), figure in found.items()
        if (place := data.places.get(port)) is not None
    ]


def status_counts(data: BulletinData) -> dict[str, int]:
    """Counts ports by the most serious status over their values of the week."""
    rows = as_counted(data.activity).filter(
        pl.col("port_locode") != ALL, pl.col("indicator").is_in(COUNTS), week=data.release.week
    )
    by_port: dict[str, list[str]] = {}
    for port, status in rows.select("port_locode", "obs_status").iter_rows():
        by_port.setdefault(port, []).append(status)
    counts: dict[str, int] = {}
    for statuses in by_port.values():
        counts[worst(statuses)] = counts.get(worst(statuses), 0) + 1
    return dict(sorted(counts.items()))


class _Changes:
    """How arrivals at ports changed."""

    def __init__(self, data: BulletinData) -> None:
        """Takes the arrivals of the three weeks, adjusted if available."""
        rows = compared(data.activity).filter(pl.col("port_locode") != ALL, indicator="arrivals")
        self._figures = figures_by(rows, ["week", "port_locode"])
        self._now = data.release.week

    def cell(self, words: Catalogue, port: str, before: str) -> Cell:
        """Formats the change on an earlier week, in calls."""
        return change_cell(
            words, change_between(self._at(self._now, port), self._at(before, port), words.rules)
        )

    def _at(self, week: str, port: str) -> Figure | None:
        """Returns arrivals at a port; None without a row, since an observed port without arrivals has a row of 0."""
        return self._figures.get((week, port))


def _row(
    words: Catalogue, data: BulletinData, port: str, figures: Figures, changes: _Changes, usual: str
) -> list[Cell]:
    place = data.places.get(port, Place(port, None, 0.0, 0.0))
    cells = [_indicator_cell(words, figures.get((port, name)), name, usual) for name in SHOWN]
    cells[1:1] = [changes.cell(words, port, week) for _, week in earlier_weeks(words, data)]
    return [text_cell(place.name), text_cell(words.country(place.country)), *cells]


def _indicator_cell(words: Catalogue, figure: Figure | None, name: str, usual: str) -> Cell:
    """Formats the value of a port with the mark of its status in the files: missing (O) is not M, which cannot exist.

    A value without a row was not published and is never taken for 0.
    """
    if figure is None and name in COUNTS:
        return blank_cell(words, MISSING)
    return figure_cell(words, figure, usual)


def _rank(figures: Figures, port: str) -> tuple[float, str]:
    arrivals = figures.get((port, "arrivals"))
    return -(arrivals.value if arrivals and arrivals.value is not None else 0.0), port
