"""Headline values of a week: value, interval, changes, and how far such values were revised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.headlines import HEADLINES
from ais_indicators.publish.pages.catalogue import NO_BREAK, Catalogue
from ais_indicators.publish.pages.figures import (
    ALL,
    Change,
    Figure,
    as_counted,
    change_between,
    compared,
    figures_by,
)
from ais_indicators.publish.pages.model import BulletinData
from ais_indicators.publish.pages.rounding import decimals_of, round_to, supported_step
from ais_indicators.publish.pages.tables import Cell, figure_cell, flag_of, flagged

WAITING: Final = "median_hours_waiting"
IMPORTS: Final = "tonnes"
_FINEST_SHARE: Final = 0.001


@dataclass(frozen=True)
class Against:
    """A value compared with an earlier one.

    Attributes:
        label: What it is compared with.
        text: The change, in words; a mark if there is none.
        interval: The 90 % interval of a relative change; empty if none is known.
        was: The earlier value.
        flag: Letter of the worse status of the two.
        meaning: That status in words.
    """

    label: str
    text: str
    interval: str
    was: str
    flag: str
    meaning: str


@dataclass(frozen=True)
class Card:
    """One headline value.

    Attributes:
        name: Its name.
        value: The value, with its flag.
        unit: Unit in words.
        interval: Its 90 % interval; empty if none is published.
        adjusted: The value adjusted for receiver outages; empty if there is none.
        against: The known changes.
        revised: How far such values moved after first publication; empty if unknown.
    """

    name: str
    value: Cell
    unit: str
    interval: str
    adjusted: str
    against: Sequence[Against]
    revised: str


def total_series(data: BulletinData, indicator: str) -> dict[str, Figure]:
    """Returns a total over all ports and classes by week, as used in comparisons with other weeks."""
    rows = compared(data.activity).filter(port_locode=ALL, vessel_class=ALL, indicator=indicator)
    return {week: figure for (week,), figure in figures_by(rows, ["week"]).items()}


def import_series(data: BulletinData) -> dict[str, Figure]:
    """Returns tonnes put ashore at all ports, by week."""
    rows = data.flows.filter(reporter_level="world", direction="import", indicator=IMPORTS)
    return {week: figure for (week,), figure in figures_by(rows, ["week"]).items()}


def headline_cards(words: Catalogue, data: BulletinData, usual: str) -> list[Card]:
    """Makes one card per headline value, those of waiting after those of hours in port."""
    names = [one.name for one in HEADLINES if one.table == PORT_ACTIVITY]
    series = {name: total_series(data, name) for name in (*names, WAITING)} | {IMPORTS: import_series(data)}
    return [_card(words, data, name, of, usual) for name, of in series.items() if of]


def _card(words: Catalogue, data: BulletinData, name: str, series: Mapping[str, Figure], usual: str) -> Card:
    release = data.release
    figure = series.get(release.week)
    shown = total_as_published(data, name, figure)
    is_adjusted = figure is not None and shown is not None and figure != shown
    return Card(
        name=words.name("headline", name),
        value=figure_cell(words, shown, usual),
        unit=words.name("unit", shown.unit) if shown else "",
        interval=_interval(words, shown),
        adjusted=words.measure(figure.value, figure.unit)
        if is_adjusted and figure and figure.value is not None
        else "",
        against=[
            one
            for label, week in (
                (words.text("on the week before"), release.week_before),
                (words.text("on the year before"), release.year_before),
            )
            if (one := _against(words, label, figure, series.get(week), usual)).text or one.was
        ],
        revised=_revised(words, data.revisions, name, shown),
    )


def total_as_published(data: BulletinData, name: str, figure: Figure | None) -> Figure | None:
    """Returns the value of the week as it was counted if an adjusted one is also published."""
    if figure is None or name == IMPORTS:
        return figure
    rows = as_counted(data.activity).filter(
        port_locode=ALL, vessel_class=ALL, indicator=name, week=data.release.week
    )
    return next(iter(figures_by(rows, ["week"]).values()), figure)


def _interval(words: Catalogue, figure: Figure | None) -> str:
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return ""
    return words.interval(figure.low, figure.high, figure.unit)


def _against(words: Catalogue, label: str, now: Figure | None, before: Figure | None, usual: str) -> Against:
    change = change_between(now, before, words.rules)
    was = flagged(figure_cell(words, before, usual)) if before else ""
    if change is None:
        return Against(label, "", "", was, "", "")
    flag, meaning = flag_of(words, change.status, usual)
    return Against(label, shown_change(words, change, now), share_interval(words, change), was, flag, meaning)


def shown_change(words: Catalogue, change: Change, now: Figure | None) -> str:
    """Formats a relative change in percent; for hours and for a previous value of 0, the difference itself."""
    if change.share is None or (now is not None and now.unit == "h"):
        sign = f"{NO_BREAK}h" if now is not None and now.unit == "h" else ""
        return words.change(change.difference, 1 if sign else 0) + sign
    return share_text(words, change)


def share_text(words: Catalogue, change: Change) -> str:
    """Formats a relative change in percent, rounded to what its interval supports."""
    return _percent(words, change.share or 0.0, change)


def share_interval(words: Catalogue, change: Change) -> str:
    """Formats the interval of a relative change; empty if there is none."""
    if change.low is None or change.high is None:
        return ""
    low, high = (_percent(words, end, change) for end in (change.low, change.high))
    return words.text("%(low)s to %(high)s", low=low, high=high)


def _percent(words: Catalogue, share: float, change: Change) -> str:
    step = supported_step(change.low, change.high, _FINEST_SHARE, words.rules)
    return words.percent_change(round_to(share, step), max(0, decimals_of(step) - 2))


def _revised(words: Catalogue, revisions: pl.DataFrame, name: str, figure: Figure | None) -> str:
    """Describes the mean absolute revision at the longest known lag."""
    rows = revisions.filter(indicator=name).sort("lag_weeks")
    if not rows.height or figure is None:
        return ""
    last = rows.row(-1, named=True)
    size = words.number(last["mean_absolute_revision"], 0 if name == IMPORTS else 1)
    return words.plural(
        "\u00b1%(size)s on average after %(number)s week",
        "\u00b1%(size)s on average after %(number)s weeks",
        last["lag_weeks"],
        size=size,
    )
