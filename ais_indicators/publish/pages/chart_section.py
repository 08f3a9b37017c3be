"""The charts of a bulletin, each with what it shows in words and the data behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ais_indicators.contracts.model import load_contract
from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.pages.catalogue import Catalogue
from ais_indicators.publish.pages.charts import Bar, Line, bar_chart, line_chart, weeks_between
from ais_indicators.publish.pages.figures import ALL, Figure, as_counted, figures_by
from ais_indicators.publish.pages.headline_section import WAITING, import_series, total_series
from ais_indicators.publish.pages.model import BulletinData
from ais_indicators.publish.pages.tables import Cell, Column, Table, figure_cell, reasoned_cell, text_cell

MOST_WEEKS: Final = 157
"""Three years: a chart of more weeks says less, and the page would outgrow its bounds."""


@dataclass(frozen=True)
class Shown:
    """One chart on a page.

    Attributes:
        name: Identifier on the page.
        title: What it shows.
        svg: The picture.
        alternative: What there is to see, in words.
        table: The data behind it.
    """

    name: str
    title: str
    svg: str
    alternative: str
    table: Table


def bulletin_charts(words: Catalogue, data: BulletinData) -> list[Shown]:
    """Arrivals, arrivals by class, hours, and tonnes; those of which there is nothing are left out."""
    hours = [
        Line(words.name("indicator", name), total_series(data, name))
        for name in ("median_hours_in_port", WAITING)
    ]
    charts = [
        lines_shown(
            words,
            "chart-arrivals",
            words.text("Arrivals at all ports by week"),
            [Line(words.name("indicator", "arrivals"), total_series(data, "arrivals"))],
        ),
        _classes(words, data),
        lines_shown(words, "chart-hours", words.text("Median hours in port and waiting, by week"), hours),
        lines_shown(
            words,
            "chart-tonnes",
            words.text("Tonnes put ashore by week, with the 90 %% interval"),
            [Line(words.name("headline", "tonnes"), import_series(data))],
        ),
    ]
    return [chart for chart in charts if chart is not None]


def lines_shown(words: Catalogue, name: str, title: str, lines: Sequence[Line]) -> Shown | None:
    """Weekly series as a chart with its words and data; None where no series has a value."""
    kept = [_newest(line) for line in lines if any(f.value is not None for f in line.figures.values())]
    if not kept:
        return None
    alternative = " ".join(_told(words, line) for line in kept)
    svg = line_chart(words, name, kept, title, alternative)
    return Shown(name, title, svg, alternative, lines_table(words, f"{name}-data", title, kept))


def lines_table(words: Catalogue, name: str, title: str, lines: Sequence[Line]) -> Table:
    """One row a week, one column a series and, where there are intervals, one for each of those."""
    with_interval = [line for line in lines if any(f.low is not None for f in line.figures.values())]
    columns = [
        Column(words.text("Week"), is_number=False),
        *(Column(line.name) for line in lines),
        *(Column(words.text("90 %% interval")) for _ in with_interval),
    ]
    weeks = weeks_between([week for line in lines for week in line.figures])
    rows = [
        [
            text_cell(week),
            *(_week_cell(words, line.figures.get(week)) for line in lines),
            *(_interval_cell(words, line.figures.get(week)) for line in with_interval),
        ]
        for week in reversed(weeks)
    ]
    return Table(name, title, columns, rows)


def _week_cell(words: Catalogue, figure: Figure | None) -> Cell:
    """A week that was not published is missing."""
    return reasoned_cell(words, figure or Figure(None, "", "O"), "P")


def _interval_cell(words: Catalogue, figure: Figure | None) -> Cell:
    if figure is None or figure.low is None or figure.high is None:
        return figure_cell(words, None)
    return Cell(words.interval(figure.low, figure.high, figure.unit))


def _newest(line: Line) -> Line:
    return Line(line.name, dict(sorted(line.figures.items())[-MOST_WEEKS:]))


def _told(words: Catalogue, line: Line) -> str:
    """A series in words: where it begins and ends, and its extremes."""
    known = {week: f for week, f in sorted(line.figures.items()) if f.value is not None}
    first, last = next(iter(known)), list(known)[-1]
    low = min(known, key=lambda week: (known[week].value or 0.0, week))
    high = max(known, key=lambda week: (known[week].value or 0.0, week))

    def say(week: str) -> str:
        return words.measure(known[week].value or 0.0, known[week].unit)

    return words.text(
        "%(name)s: %(first)s in %(first_week)s, %(last)s in %(last_week)s; "
        "lowest %(low)s in %(low_week)s, highest %(high)s in %(high_week)s.",
        name=line.name,
        first=say(first),
        first_week=words.week(first),
        last=say(last),
        last_week=words.week(last),
        low=say(low),
        low_week=words.week(low),
        high=say(high),
        high_week=words.week(high),
    )


def _classes(words: Catalogue, data: BulletinData) -> Shown | None:
    """Arrivals by vessel class, in the week and the week before."""
    figures = figures_by(
        as_counted(data.activity).filter(port_locode=ALL, indicator="arrivals"), ["week", "vessel_class"]
    )
    week, before = data.release.week, data.release.week_before
    known = load_contract(PORT_ACTIVITY).column("vessel_class").one_of
    classes = [name for name in known if name != ALL and (week, name) in figures]
    if not classes:
        return None
    title = words.text("Arrivals by vessel class, with a mark where they stood the week before")
    bars = [
        Bar(
            words.name("vessel_class", name),
            figures[week, name].value,
            _value(figures, before, name),
        )
        for name in classes
    ]
    told = [f"{bar.name} {words.number(bar.now)}" if bar.now is not None else f"{bar.name} :" for bar in bars]
    alternative = words.text("Arrivals in %(week)s: %(list)s.", week=words.week(week), list="; ".join(told))
    columns = [
        Column(words.text("Vessel class"), is_number=False),
        Column(words.week(week)),
        Column(words.week(before)),
    ]
    rows = [
        [
            text_cell(words.name("vessel_class", name)),
            figure_cell(words, figures[week, name], "P"),
            _week_cell(words, figures.get((before, name))),
        ]
        for name in classes
    ]
    name = "chart-classes"
    table = Table(f"{name}-data", title, columns, rows)
    return Shown(name, title, bar_chart(words, name, bars, title, alternative), alternative, table)


def _value(figures: Mapping[tuple[str, ...], Figure], week: str, name: str) -> float | None:
    figure = figures.get((week, name))
    return figure.value if figure else None
