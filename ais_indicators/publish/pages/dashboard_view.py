"""Page of the dashboard for one question: a form that keeps the choices, and a chart and table per indicator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import polars as pl

from ais_indicators.contracts.model import load_contract
from ais_indicators.errors import WrongUseError
from ais_indicators.periods import is_week_within
from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.pages.catalogue import Catalogue, open_catalogue
from ais_indicators.publish.pages.chart_section import Shown, lines_shown
from ais_indicators.publish.pages.charts import COLOURS, Line
from ais_indicators.publish.pages.figures import ALL, NOTHING, Figure, as_counted, figures_by
from ais_indicators.publish.pages.render import render
from ais_indicators.publish.pages.tables import Column, Table, text_cell
from ais_indicators.rules import Rules

TEMPLATE: Final = "dashboard.html.j2"
Figures = Mapping[tuple[str, ...], Figure]
MOST_LINES: Final = len(COLOURS)


@dataclass(frozen=True)
class Subject:
    """A released table that can be queried.

    Attributes:
        code: Its name in addresses.
        table: The table.
        place: Its column with the place.
        names: Context of the catalogue that names its indicators.
        first_indicator: Indicator shown by default.
        first_place: Place shown by default; `_T` if there are values of all places together.
        alone: Values of further key columns that rows must have.
    """

    code: str
    table: str
    place: str
    names: str
    first_indicator: str
    first_place: str
    alone: Mapping[str, str] = field(default_factory=dict)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Returns its indicators, in the order of its contract."""
        return load_contract(self.table).column("indicator").one_of

    @property
    def classes(self) -> tuple[str, ...]:
        """Returns its vessel classes, the total first."""
        known = load_contract(self.table).column("vessel_class").one_of
        return (ALL, *(name for name in known if name != ALL))


SUBJECTS: Final = {
    one.code: one
    for one in (
        Subject("ports", PORT_ACTIVITY, "port_locode", "indicator", "arrivals", ALL),
        Subject(
            "straits",
            "gold.chokepoint_transits_weekly",
            "gate_code",
            "transit_indicator",
            "transits",
            "suez",
            {"direction": ALL},
        ),
    )
}


@dataclass(frozen=True)
class Question:
    """Query of a reader.

    Attributes:
        subject: Ports or chokepoints.
        places: Codes of places.
        classes: Vessel classes.
        indicators: Indicators.
        first: First ISO week; None for the beginning.
        last: Last ISO week; None for the end.
        as_of: Release, date or time as of which data are requested; None for now.
        language: Language of the page.
    """

    subject: Subject
    places: tuple[str, ...]
    classes: tuple[str, ...]
    indicators: tuple[str, ...]
    first: str | None
    last: str | None
    as_of: str | None
    language: str

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Returns the non-empty parameters as in an address."""
        given = [
            ("subject", self.subject.code),
            *(("place", code) for code in self.places),
            *(("class", code) for code in self.classes),
            *(("indicator", code) for code in self.indicators),
            ("from", self.first),
            ("to", self.last),
            ("as_of", self.as_of),
            ("lang", self.language),
        ]
        return [(name, value) for name, value in given if value]


@dataclass(frozen=True)
class Choices:
    """Available choices.

    Attributes:
        places: Names by code, without the total.
        weeks: Weeks that are published, in order.
        newest_release: Release of the newest week.
    """

    places: Mapping[str, str]
    weeks: Sequence[str]
    newest_release: str


def dashboard_page(
    question: Question,
    choices: Choices,
    rows: pl.DataFrame,
    links: Mapping[str, Any],
    fault: str = "",
    status: pl.DataFrame | None = None,
    *,
    rules: Rules,
) -> str:
    """Renders the page of a question.

    Args:
        question: The question.
        choices: The available choices.
        rows: The rows of the answer.
        links: Addresses by name: `csv`, `bulletin`, `languages` (by language).
        fault: What is wrong with the question; the page then has no values.
        status: Rows of `gold.chokepoint_status_weekly` that go with the answer; None for none.
        rules: Rules of the lake's subject.

    Raises:
        WrongUseError: More series are requested than a chart can distinguish.
    """
    words = open_catalogue(question.language, rules)
    panels = [] if fault else question_panels(words, question, choices, rows)
    subject = question.subject
    return render(
        TEMPLATE,
        words,
        question=question,
        choices=choices,
        links=links,
        fault=fault,
        panels=panels,
        status=None if status is None else status_table(words, choices, status),
        subjects=SUBJECTS,
        places=_sorted_places(words, subject, choices),
        classes=[(code, words.name("vessel_class", code)) for code in subject.classes],
        indicators=[(code, words.name(subject.names, code)) for code in subject.indicators],
        newest_known=max(choices.weeks, default=""),
    )


def question_panels(
    words: Catalogue, question: Question, choices: Choices, rows: pl.DataFrame
) -> list[Shown]:
    """Draws one chart with its table per indicator that has a value; adjusted values are in the data only.

    Raises:
        WrongUseError: More series are requested than a chart can distinguish.
    """
    subject, series = question.subject, list(product(question.places, question.classes))
    if len(series) > MOST_LINES:
        raise WrongUseError(
            words.text(
                "%(number)s series are more than a chart can distinguish: choose fewer ports or classes, at most "
                "%(most)s together, or use the data as CSV",
                number=len(series),
                most=MOST_LINES,
            )
        )
    shown = []
    for indicator in question.indicators:
        of = as_counted(rows).filter(indicator=indicator)
        figures = figures_by(of, [subject.place, "vessel_class", "week"])
        lines = [
            Line(
                f"{place_name(words, choices, place)}, {words.name('vessel_class', vessel_class)}",
                _of_every_week(question, choices, figures, (place, vessel_class)),
            )
            for place, vessel_class in series
        ]
        title = words.name(subject.names, indicator)
        panel = lines_shown(words, f"chart-{indicator.replace('_', '-')}", title, lines)
        shown += [panel] if panel else []
    return shown


def status_table(words: Catalogue, choices: Choices, rows: pl.DataFrame) -> Table | None:
    """Lays out one row per chokepoint and week, newest first: its status, and why it is not known."""
    if rows.is_empty():
        return None
    columns = [
        Column(words.text("Week"), is_number=False),
        *(
            Column(title, is_number=False)
            for title in (words.text("Chokepoint"), words.text("Status"), words.text("Why it is not known"))
        ),
    ]
    body = [
        [
            text_cell(row["week"]),
            text_cell(place_name(words, choices, row["gate_code"])),
            text_cell(words.name("chokepoint_status", row["chokepoint_status"])),
            text_cell(words.name("status_reason", row["status_reason"]) if row["status_reason"] else ""),
        ]
        for row in rows.sort("week", "gate_code", descending=[True, False]).iter_rows(named=True)
    ]
    return Table("chokepoint-status", words.text("Status of the chokepoints"), columns, body)


def _of_every_week(
    question: Question, choices: Choices, figures: Figures, series: tuple[str, str]
) -> dict[str, Figure]:
    """Lists the values of a series by published week, without the weeks in which the place has no row at all.

    An observed place without an event has rows of 0, so a place without rows was not observed. A class without a row
    was not seen there in weeks with rows of 0: there is nothing to measure.
    """
    place, vessel_class = series
    weeks = [week for week in choices.weeks if is_week_within(week, question.first, question.last)]
    observed = {week for of, _, week in figures if of == place}
    absent = Figure(None, "", NOTHING)
    return {week: figures.get((place, vessel_class, week), absent) for week in weeks if week in observed}


def place_name(words: Catalogue, choices: Choices, code: str) -> str:
    """Returns the name of a chokepoint in the language, if known; of a port as in its file."""
    if code == ALL:
        return words.text("All ports")
    known = words.name("gate", code)
    return known if known != code else choices.places.get(code, code)


def _sorted_places(words: Catalogue, subject: Subject, choices: Choices) -> list[tuple[str, str]]:
    """Sorts codes and names, the total first."""
    named = [(code, place_name(words, choices, code)) for code in choices.places]
    total = [(ALL, place_name(words, choices, ALL))] if subject.first_place == ALL else []
    return [*total, *sorted(named, key=lambda pair: (pair[1], pair[0]))]
