"""Charts of a bulletin, each with a description in words and its data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ais_indicators.contracts.model import load_contract
from ais_indicators.periods import Week
from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.pages.catalogue import Catalogue
from ais_indicators.publish.pages.charts import Bar, Line, bar_chart, line_chart, weeks_between
from ais_indicators.publish.pages.figures import ALL, Figure, as_counted, change_between, figures_by
from ais_indicators.publish.pages.headline_section import WAITING, import_series, total_series
from ais_indicators.publish.pages.model import BulletinData
from ais_indicators.publish.pages.tables import Cell, Column, Table, figure_cell, reasoned_cell, text_cell

MOST_WEEKS: Final = 157
"""Three years: a chart of more weeks is less readable, and the page would become too large."""


FEWEST_FOR_EXTREME: Final = 4
"""With fewer weeks, being the highest is not informative."""


@dataclass(frozen=True)
class Shown:
    """One chart on a page.

    Attributes:
        name: Identifier on the page.
        title: What it shows.
        svg: The picture.
        alternative: Description in words.
        table: The data behind it.
        seen: Main observation, as a title; empty if the title is sufficient.
    """

    name: str
    title: str
    svg: str
    alternative: str
    table: Table
    seen: str = ""


def bulletin_charts(words: Catalogue, data: BulletinData) -> list[Shown]:
    """Draws arrivals, arrivals by class, hours, and tonnes; omits those without data."""
    week = data.release.week
    hours = [
        Line(words.name("indicator", name), total_series(data, name))
        for name in ("median_hours_in_port", WAITING)
    ]
    charts = [
        lines_shown(
            words,
            "chart-arrivals",
            words.text("Arrivals at all ports by week"),
            [Line(words.name("headline", "arrivals"), total_series(data, "arrivals"))],
            week,
        ),
        _classes(words, data),
        lines_shown(
            words, "chart-hours", words.text("Median hours in port and waiting, by week"), hours, week
        ),
        lines_shown(
            words,
            "chart-tonnes",
            words.text("Tonnes put ashore by week, with the 90 %% interval"),
            [Line(words.name("headline", "tonnes"), import_series(data))],
            week,
        ),
    ]
    return [chart for chart in charts if chart is not None]


def lines_shown(
    words: Catalogue, name: str, title: str, lines: Sequence[Line], seen_in: str = ""
) -> Shown | None:
    """Draws weekly series as a chart with its description and data; None if no series has a value.

    Args:
        words: The language.
        name: Identifier on the page.
        title: What it shows.
        lines: The series.
        seen_in: The week that the observation in the title is about; without one there is none.
    """
    kept = [_newest(line) for line in lines if any(f.value is not None for f in line.figures.values())]
    if not kept:
        return None
    alternative = " ".join(_described(words, line) for line in kept)
    svg = line_chart(words, name, kept, title, alternative)
    seen = seen_title(words, kept, seen_in) if seen_in else ""
    return Shown(name, title, svg, alternative, lines_table(words, f"{name}-data", title, kept), seen)


def lines_table(words: Catalogue, name: str, title: str, lines: Sequence[Line]) -> Table:
    """Lays out one row per week, one column per series and, if there are intervals, one for each of those."""
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
    """Formats a cell; a week that was not published is missing."""
    return reasoned_cell(words, figure or Figure(None, "", "O"), "P")


def _interval_cell(words: Catalogue, figure: Figure | None) -> Cell:
    if figure is None or figure.low is None or figure.high is None:
        return figure_cell(words, None)
    return Cell(words.interval(figure.low, figure.high, figure.unit))


def _newest(line: Line) -> Line:
    return Line(line.name, dict(sorted(line.figures.items())[-MOST_WEEKS:]))


def _described(words: Catalogue, line: Line) -> str:
    """Describes a series in words: its start, end and extremes."""
    known = {week: f for week, f in sorted(line.figures.items()) if f.value is not None}
    first, last = next(iter(known)), list(known)[-1]
    low = min(known, key=lambda week: (known[week].value or 0.0, week))
    high = max(known, key=lambda week: (known[week].value or 0.0, week))

    def say(week: str) -> str:
        return _measure(words, known[week])

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
    """Draws arrivals by vessel class, in the week and the week before."""
    figures = figures_by(
        as_counted(data.activity).filter(port_locode=ALL, indicator="arrivals"), ["week", "vessel_class"]
    )
    week, before = data.release.week, data.release.week_before
    known = load_contract(PORT_ACTIVITY).column("vessel_class").one_of
    classes = [name for name in known if name != ALL and (week, name) in figures]
    if not classes:
        return None
    title = words.text("Arrivals by vessel class, with a mark for the week before")
    bars = [_bar(words, name, figures[week, name], figures.get((before, name))) for name in classes]
    labels = [
        f"{bar.name} {words.number(bar.now)}" if bar.now is not None else f"{bar.name} :" for bar in bars
    ]
    alternative = words.text("Arrivals in %(week)s: %(list)s.", week=words.week(week), list="; ".join(labels))
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
    seen = _seen_classes(words, bars)
    return Shown(name, title, bar_chart(words, name, bars, title, alternative), alternative, table, seen)


def _bar(words: Catalogue, name: str, now: Figure, before: Figure | None) -> Bar:
    """Makes the bar of a class, with its value and change at the end."""
    text = figure_cell(words, now).text
    change = change_between(now, before, words.rules)
    if change is not None:
        text = f"{text} ({words.change(change.difference)})"
    return Bar(words.name("vessel_class", name), now.value, before.value if before else None, text)


def _seen_classes(words: Catalogue, bars: Sequence[Bar]) -> str:
    """Names the class with most arrivals, and the one that changed most; the first of equal ones."""
    known = [bar for bar in bars if bar.now]
    if not known:
        return ""
    first = max(known, key=lambda bar: bar.now or 0.0)
    said = [
        words.text(
            "%(name)s%(colon)s %(number)s of %(total)s arrivals",
            name=_capital(first.name),
            colon=words.colon,
            number=words.number(first.now or 0.0),
            total=words.number(sum(bar.now or 0.0 for bar in known)),
        )
    ]
    moved = [bar for bar in known if bar.before is not None and bar.now != bar.before]
    if moved:
        most = max(moved, key=_moved)
        change = words.change((most.now or 0.0) - (most.before or 0.0))
        said.append(
            words.text(
                "largest change%(colon)s %(name)s (%(change)s)",
                colon=words.colon,
                name=most.name,
                change=change,
            )
        )
    return words.semicolon.join(said)


def _moved(bar: Bar) -> float:
    return abs((bar.now or 0.0) - (bar.before or 0.0))


def seen_title(words: Catalogue, lines: Sequence[Line], week: str) -> str:
    """Describes the newest week of weekly series: values, direction and extremes."""
    said = [_seen_line(words, line, week) for line in lines]
    return _capital(words.semicolon.join(text for text in said if text))


def _seen_line(words: Catalogue, line: Line, week: str) -> str:
    now, before = line.figures.get(week), line.figures.get(Week.parse(week).plus(-1).name)
    if now is None or now.value is None:
        return ""
    parts = [f"{line.name}{words.colon} {_measure(words, now)}"]
    if before is not None and before.value is not None:
        was = _measure(words, before)
        parts.append(_direction(words, now, before, was))
    known = [figure.value for figure in line.figures.values() if figure.value is not None]
    if len(known) >= FEWEST_FOR_EXTREME and known.count(now.value) == 1:
        number = words.number(len(known))
        if now.value == max(known):
            parts.append(words.text("the most in %(number)s weeks", number=number))
        elif now.value == min(known):
            parts.append(words.text("the least in %(number)s weeks", number=number))
    return ", ".join(parts)


def _direction(words: Catalogue, now: Figure, before: Figure, was: str) -> str:
    """Describes whether a value rose; not if the interval of the change contains 0."""
    change = change_between(now, before, words.rules)
    if change is None or _measure(words, now) == was:
        return words.text("as in the week before")
    if change.low is not None and change.high is not None and change.low <= 0.0 <= change.high:
        return words.text("not clearly different from %(value)s in the week before", value=was)
    if change.difference > 0:
        return words.text("up from %(value)s", value=was)
    return words.text("down from %(value)s", value=was)


def _measure(words: Catalogue, figure: Figure) -> str:
    return words.measure(figure.value or 0.0, figure.unit, figure.low, figure.high)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
