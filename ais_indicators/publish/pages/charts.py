"""Charts as inline SVG, drawn from Vega-Lite by Altair and vl-convert: the same data give the same bytes.

Each chart is described in words and has a data table, so for screen readers the picture is one image.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Final

import altair as alt
import vl_convert

from ais_indicators.periods import Week
from ais_indicators.publish.pages.catalogue import Catalogue, ChartLocale
from ais_indicators.publish.pages.figures import Figure
from ais_indicators.units import SECONDS_PER_WEEK

LayeredChart = alt.LayerChart | alt.FacetChart
ACCENT: Final = "#1f4e79"
INK: Final = "#1c2b36"
FAINT: Final = "#d5dbe0"
QUIET: Final = "#5b6770"
COLOURS: Final = ("#1f4e79", "#b04a00", "#4c7a34", "#7b3f98", "#8a6a00", "#0b7a75", "#a3195b", "#5b6770")
"""One colour per line, with a contrast of 4.5 to 1 to white, distinguished by colour and dashes."""

DASHES: Final[tuple[list[int], ...]] = (
    [1, 0], [6, 3], [2, 2], [9, 3, 2, 3], [4, 2], [12, 4], [2, 4], [6, 2, 2, 2]
)  # fmt: skip
WIDTH_PX: Final = 440
HEIGHT_PX: Final = 230
PLOT_PX: Final = 400
"""Approximate width without the axis."""

LABEL_PX: Final = 13
LABEL_LINE_PX: Final = 15
LETTER_PX: Final = 7.2
"""Wider than most letters are drawn here: the reader's letters can be wider."""

AXIS_LETTER_PX: Final = 8.5
AXIS_PX: Final = 45
"""Approximate height of the axis of weeks."""

HEADROOM: Final = 1.05
LABEL_LETTERS: Final = 16
MOST_ROOM: Final = 0.4
FEW_LINES: Final = 4
"""Up to this number of lines, the newest values are written after the names."""

BAR_PX: Final = 26
BAR_ROOM: Final = 0.3
"""Share of the width reserved for the values after the bars."""

MANY_WEEKS: Final = 60
"""From this number of weeks on, a line has no points."""

TICKS: Final = 6
MILLISECONDS: Final = 1000
WEEK_MS: Final = SECONDS_PER_WEEK * MILLISECONDS
_KEPT_CHARTS: Final = 256
_NAMES_AXIS: Final = alt.Axis(domain=False, ticks=False, labelLimit=210, minExtent=185)
"""Wider than the names are drawn here: the reader's letters can be wider."""

_FONT: Final = "system-ui, sans-serif"
_CONFIG: Final[dict[str, Any]] = {
    "background": "transparent",
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 13,
        "titleColor": INK,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "gridColor": FAINT,
        "domainColor": QUIET,
        "tickColor": QUIET,
    },
}


@dataclass(frozen=True)
class Line:
    """One series.

    Attributes:
        name: Its name to readers.
        figures: Its values by week.
    """

    name: str
    figures: dict[str, Figure]


@dataclass(frozen=True)
class Bar:
    """One bar, and the mark with which it is compared.

    Attributes:
        name: Its label.
        now: Its length; None without a value.
        before: Position of the mark.
        text: Text at its end.
    """

    name: str
    now: float | None
    before: float | None
    text: str

    @property
    def end(self) -> float:
        """Returns where bar and mark end, and the text begins."""
        return max(self.now or 0.0, self.before or 0.0)


def weeks_between(names: Sequence[str]) -> list[str]:
    """Returns every week from the first to the last of some weeks, including missing ones."""
    if not names:
        return []
    first, last = Week.parse(min(names)), Week.parse(max(names))
    return [first.plus(step).name for step in range(last.minus(first) + 1)]


def line_chart(words: Catalogue, name: str, lines: Sequence[Line], title: str, alternative: str) -> str:
    """Draws weekly series; a week without a value breaks the line, and 90 % intervals are a band.

    Args:
        words: The language.
        name: Identifier on the page.
        lines: The series, as many as there are `COLOURS` at most.
        title: Title of the chart.
        alternative: Description in words.
    """
    weeks = weeks_between([week for line in lines for week in line.figures])
    return inline_svg(_drawn(words, _line_spec(words, lines, weeks)), name, title, alternative)


def bar_chart(words: Catalogue, name: str, bars: Sequence[Bar], title: str, alternative: str) -> str:
    """Draws bars from the left with their values, each with a mark at its previous value."""
    rows = [
        {"name": bar.name, "now": bar.now, "before": bar.before, "text": bar.text, "end": bar.end}
        for bar in bars
    ]
    most = max((bar.end for bar in bars), default=0.0) or 1.0
    base = alt.Chart(alt.InlineData(values=rows), width=WIDTH_PX, height=BAR_PX * (len(rows) + 1))
    place = alt.Y("name:N", sort=[bar.name for bar in bars], title=None, axis=_NAMES_AXIS)
    scale = alt.Scale(domain=[0.0, most / (1.0 - BAR_ROOM)], nice=False)
    size = alt.X("now:Q", title=None, scale=scale, axis=None)
    marks = base.mark_tick(color=INK, thickness=3, size=BAR_PX - 6).encode(x="before:Q", y=place)
    labels = base.mark_text(align="left", dx=6, fontSize=LABEL_PX, color=INK).encode(
        x="end:Q", y=place, text="text:N"
    )
    drawn = base.mark_bar(color=ACCENT, opacity=0.85).encode(x=size, y=place) + marks + labels
    return inline_svg(_drawn(words, drawn), name, title, alternative)


def inline_svg(svg: str, name: str, title: str, alternative: str) -> str:
    """Makes an SVG part of a page: one image with a name, a description and unique identifiers."""
    body = re.sub(r' (xmlns(:xlink)?|version|class|width|height)="[^"]*"', "", svg[: svg.index(">") + 1])
    rest = re.sub(r' (class|pointer-events|role|aria-[a-z]+)="[^"]*"', "", svg[svg.index(">") + 1 :])
    rest = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", rest)
    label = f' role="img" aria-labelledby="{name}-title {name}-desc">'
    description = (
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(alternative)}</desc>'
    )
    return body.removesuffix(">") + label + description + rest


def _point(name: str, week: str, figure: Figure | None) -> dict[str, Any]:
    return {
        "line": name,
        "day": _day(week),
        "value": figure.value if figure else None,
        "low": figure.low if figure else None,
        "high": figure.high if figure else None,
        "is_sure": figure is None or figure.status in ("A", "P"),
    }


def _line_spec(words: Catalogue, lines: Sequence[Line], weeks: Sequence[str]) -> LayeredChart:
    """Stacks the layers: bands, lines, points, rings around uncertain values, and names at the ends of the lines."""
    rows = [_point(line.name, week, line.figures.get(week)) for line in lines for week in weeks]
    top = max((row[end] or 0.0 for row in rows for end in ("value", "high")), default=0.0)
    ceiling = HEADROOM * top or 1.0
    labels = _end_labels(words, lines, weeks[-1])
    height = max(HEIGHT_PX, LABEL_LINE_PX * sum(len(label["text"]) for label in labels) + AXIS_PX)
    base = alt.Chart(alt.InlineData(values=rows), width=WIDTH_PX, height=height)
    x = _weeks_axis(words, weeks, labels)
    axis = alt.Axis(tickCount=TICKS, minExtent=_extent(words, top))
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(domain=[0.0, ceiling], nice=False))
    names = [line.name for line in lines]
    colour, dash = (
        channel("line:N", scale=alt.Scale(domain=names, range=list(of[: len(names)])), legend=None)
        for channel, of in ((alt.Color, COLOURS), (alt.StrokeDash, DASHES))
    )
    layers = [base.mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour, strokeDash=dash)]
    if any(row["low"] is not None for row in rows):
        band = base.mark_area(opacity=0.18).encode(x=x, y="low:Q", y2="high:Q", color=colour)
        layers.insert(0, band)
    shown = base.transform_filter("isValid(datum.value)")
    if len(weeks) <= MANY_WEEKS:
        layers.append(shown.mark_point(filled=True, size=36, opacity=1).encode(x=x, y=y, color=colour))
    unsure = shown.transform_filter("!datum.is_sure")
    layers.append(
        unsure.mark_point(filled=True, fill="white", size=44, opacity=1).encode(x=x, y=y, stroke=colour)
    )
    ends = alt.Chart(alt.InlineData(values=spread_labels(labels, ceiling, height - AXIS_PX)))
    text = ends.mark_text(align="left", dx=9, fontSize=LABEL_PX, lineHeight=LABEL_LINE_PX, baseline="middle")
    layers.append(text.encode(x=x, y="value:Q", text="text:N", color=colour))
    return alt.layer(*layers)


def _extent(words: Catalogue, top: float) -> int:
    """Reserves room for the longest number of an axis, because the reader's letters can be wider."""
    longest = max(len(words.number(top, decimals)) for decimals in (0, 1 if top < TICKS else 0))
    return round(AXIS_LETTER_PX * longest) + LABEL_PX


def _weeks_axis(words: Catalogue, weeks: Sequence[str], labels: Sequence[Mapping[str, Any]]) -> alt.X:
    """Lays out the axis of ISO weeks, with the year under the first week of each; room on the right for names."""
    step = -(-len(weeks) // TICKS)
    marked = weeks[::-step][::-1]
    ticks = [_milliseconds(week) for week in marked]
    first_of_year = [
        tick
        for tick, week, before in zip(ticks, marked, ("", *marked), strict=False)
        if week[:4] != before[:4]
    ]
    number = f"'{words.week_letter}' + utcFormat(datum.value, '%V')"
    face = f"indexof({first_of_year}, +datum.value) < 0 ? {number} : [{number}, utcFormat(datum.value, '%G')]"
    axis = alt.Axis(labelExpr=face, values=ticks, grid=False, labelOverlap=True)
    first, last = ticks_of_ends = (_milliseconds(weeks[0]), _milliseconds(weeks[-1]))
    if first == last:
        first, last = ticks_of_ends[0] - WEEK_MS // 2, ticks_of_ends[1] + WEEK_MS // 2
    room_px = LETTER_PX * max(len(line) for label in labels for line in label["text"]) + 2 * LABEL_PX
    share = min(room_px / PLOT_PX, MOST_ROOM)
    scale = alt.Scale(
        type="utc", domain=[first, round(last + (last - first) * share / (1.0 - share))], nice=False
    )
    return alt.X("day:T", title=None, scale=scale, axis=axis)


def _end_labels(words: Catalogue, lines: Sequence[Line], last: str) -> list[dict[str, Any]]:
    """Names each line and its newest value at its end; a single line has only the value."""
    labels = []
    for line in lines:
        newest = max(week for week, figure in line.figures.items() if figure.value is not None)
        figure = line.figures[newest]
        value = figure.value or 0.0
        written = words.measure(value, figure.unit, figure.low, figure.high)
        named = textwrap.wrap(line.name, LABEL_LETTERS) if len(lines) > 1 else []
        text = [*named, written] if len(lines) <= FEW_LINES else named
        labels.append({"line": line.name, "day": _day(last), "value": value, "text": text})
    return labels


def spread_labels(labels: Sequence[dict[str, Any]], top: float, height_px: float) -> list[dict[str, Any]]:
    """Moves labels apart that would overlap, in the order of the lines' ends, within the plot.

    Args:
        labels: Texts, and the values at which their lines end.
        top: Value at the top of the plot.
        height_px: Height of the plot, room enough for all texts.

    Returns:
        The labels from the bottom up, with the value at which the first line of each text is drawn.
    """
    per_px = top / height_px
    ordered = sorted(labels, key=lambda label: (label["value"], label["line"]))
    sizes = [len(label["text"]) * LABEL_LINE_PX * per_px for label in ordered]
    middles, floor = [], 0.0
    for label, size in zip(ordered, sizes, strict=True):
        middles.append(max(label["value"], floor + size / 2.0))
        floor = middles[-1] + size / 2.0
    ceiling = top
    for place in reversed(range(len(ordered))):
        middles[place] = min(middles[place], ceiling - sizes[place] / 2.0)
        ceiling = middles[place] - sizes[place] / 2.0
    rise = LABEL_LINE_PX * per_px / 2.0
    return [
        label | {"value": middle + (len(label["text"]) - 1) * rise}
        for label, middle in zip(ordered, middles, strict=True)
    ]


def _day(week: str) -> str:
    return Week.parse(week).monday.isoformat()


def _milliseconds(week: str) -> int:
    return Week.parse(week).start_second * MILLISECONDS


def _drawn(words: Catalogue, chart: LayeredChart) -> str:
    fitted = chart.properties(autosize=alt.AutoSizeParams(type="fit", contains="padding"))
    spec = fitted.configure(**_CONFIG).to_json(validate=False, indent=None, sort_keys=True)
    return _convert(spec, words.chart_locale)


@lru_cache(_KEPT_CHARTS)
def _convert(spec: str, locale: ChartLocale) -> str:
    svg: str = vl_convert.vegalite_to_svg(
        spec, allowed_base_urls=[], format_locale=locale, time_format_locale=locale
    )
    return svg
