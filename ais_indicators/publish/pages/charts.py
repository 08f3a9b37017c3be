"""Charts as inline SVG, drawn from Vega-Lite by Altair and vl-convert: the same data give the same bytes.

What a chart shows is said in words and stands in a table beside it, so the picture itself is one image to those who
hear the page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Final

import altair as alt
import vl_convert

from ais_indicators.periods import Week
from ais_indicators.publish.pages.catalogue import Catalogue, ChartLocale
from ais_indicators.publish.pages.figures import Figure

LayeredChart = alt.LayerChart | alt.FacetChart
ACCENT: Final = "#1f4e79"
INK: Final = "#1c2b36"
FAINT: Final = "#d5dbe0"
QUIET: Final = "#5b6770"
COLOURS: Final = ("#1f4e79", "#b04a00", "#4c7a34", "#7b3f98", "#8a6a00", "#0b7a75", "#a3195b", "#5b6770")
"""One a line, told apart from white at 4.5 to 1 and from one another by colour and dashes."""

DASHES: Final[tuple[list[int], ...]] = (
    [1, 0], [6, 3], [2, 2], [9, 3, 2, 3], [4, 2], [12, 4], [2, 4], [6, 2, 2, 2]
)  # fmt: skip
WIDTH_PX: Final = 440
HEIGHT_PX: Final = 230
LEGEND_ROW_PX: Final = 19
BAR_PX: Final = 26
MANY_WEEKS: Final = 60
"""From so many weeks on a line stands without points, and the axis names months."""

TICKS: Final = 6
MILLISECONDS: Final = 1000
_KEPT_CHARTS: Final = 256
_NAMES_AXIS: Final = alt.Axis(domain=False, ticks=False, labelLimit=190, minExtent=160)
"""Wider than the names are drawn here: the reader's letters may be wider."""

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
    "legend": {
        "labelColor": INK,
        "labelFontSize": 13,
        "labelLimit": WIDTH_PX,
        "symbolStrokeWidth": 2.5,
        "symbolType": "stroke",
        "symbolSize": 300,
    },
}


@dataclass(frozen=True)
class Line:
    """One series.

    Attributes:
        name: Its name to readers.
        figures: Its figures by week.
    """

    name: str
    figures: dict[str, Figure]


@dataclass(frozen=True)
class Bar:
    """One bar, and the mark that it is held against.

    Attributes:
        name: What it is of.
        now: Its length; None where there is none to show.
        before: Where the mark stands.
    """

    name: str
    now: float | None
    before: float | None


def weeks_between(names: Sequence[str]) -> list[str]:
    """Every week from the first to the last of some weeks, those between them that are not there too."""
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
        title: What the chart is called.
        alternative: What it shows, in words.
    """
    weeks = weeks_between([week for line in lines for week in line.figures])
    rows = [_point(line.name, week, line.figures.get(week)) for line in lines for week in weeks]
    return inline_svg(_drawn(words, _line_spec(lines, rows, weeks)), name, title, alternative)


def bar_chart(words: Catalogue, name: str, bars: Sequence[Bar], title: str, alternative: str) -> str:
    """Draws bars from the left, each with a mark where it stood before."""
    rows = [{"name": bar.name, "now": bar.now, "before": bar.before} for bar in bars]
    base = alt.Chart(alt.InlineData(values=rows), width=WIDTH_PX, height=BAR_PX * (len(rows) + 1))
    place = alt.Y("name:N", sort=None, title=None, axis=_NAMES_AXIS)
    size = alt.X("now:Q", title=None, axis=alt.Axis(tickCount=TICKS))
    marks = base.mark_tick(color=INK, thickness=3, size=BAR_PX - 6).encode(x="before:Q", y=place)
    drawn = base.mark_bar(color=ACCENT, opacity=0.85).encode(x=size, y=place) + marks
    return inline_svg(_drawn(words, drawn), name, title, alternative)


def inline_svg(svg: str, name: str, title: str, alternative: str) -> str:
    """Makes an SVG part of a page: one image with a name and a description, and identifiers of its own."""
    body = re.sub(r' (xmlns(:xlink)?|version|class|width|height)="[^"]*"', "", svg[: svg.index(">") + 1])
    rest = re.sub(r' (class|pointer-events|role|aria-[a-z]+)="[^"]*"', "", svg[svg.index(">") + 1 :])
    rest = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", rest)
    label = f' role="img" aria-labelledby="{name}-title {name}-desc">'
    told = (
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(alternative)}</desc>'
    )
    return body.removesuffix(">") + label + told + rest


def _point(name: str, week: str, figure: Figure | None) -> dict[str, Any]:
    return {
        "line": name,
        "day": Week.parse(week).monday.isoformat(),
        "value": figure.value if figure else None,
        "low": figure.low if figure else None,
        "high": figure.high if figure else None,
        "is_sure": figure is None or figure.status in ("A", "P"),
    }


def _line_spec(lines: Sequence[Line], rows: list[dict[str, Any]], weeks: Sequence[str]) -> LayeredChart:
    """The layers: bands, lines, points, and rings around what is not sure."""
    height = HEIGHT_PX + LEGEND_ROW_PX * (len(lines) if len(lines) > 1 else 0)
    base = alt.Chart(alt.InlineData(values=rows), width=WIDTH_PX, height=height)
    face = "%b %Y" if len(weeks) > MANY_WEEKS else "%-d %b"
    step = -(-len(weeks) // TICKS)
    ticks = [Week.parse(week).start_second * MILLISECONDS for week in weeks[::-step][::-1]]
    axis = alt.Axis(format=face, values=ticks, grid=False, labelOverlap=True)
    x = alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=axis)
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=TICKS))
    names = [line.name for line in lines]
    legend = alt.Legend(orient="bottom", columns=1, title=None) if len(lines) > 1 else None
    colour = alt.Color(
        "line:N", scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])), legend=legend
    )
    dash = alt.StrokeDash(
        "line:N", scale=alt.Scale(domain=names, range=list(DASHES[: len(names)])), legend=legend
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
    return alt.layer(*layers)


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
