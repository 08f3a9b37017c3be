"""Reads the data of the dashboard: rows of releases, served now or at a time in the past."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ais_indicators.errors import WrongUseError
from ais_indicators.io.gate_references import gate_areas
from ais_indicators.io.references import port_names
from ais_indicators.periods import is_week_within
from ais_indicators.publish.pages.dashboard_view import Choices, Question, Subject
from ais_indicators.publish.vintages import Vintage
from ais_indicators.releasing.frames import rows_of_vintages
from ais_indicators.releasing.history import find_release
from ais_indicators.releasing.known_then import vintages_as_of
from ais_indicators.settings import Settings

STATUS: Final = "gold.chokepoint_status_weekly"


def vintages_of(settings: Settings, as_of: str | None) -> list[Vintage]:
    """Returns the release of each week that was served, by week.

    Raises:
        WrongUseError: The time cannot be read, or nothing was served then.
    """
    return vintages_as_of(settings, as_of)


def choices_of(settings: Settings, subject: Subject, vintages: Sequence[Vintage]) -> Choices:
    """Returns the choices: the places of the newest release's port or gate file, and the weeks."""
    newest = vintages[-1]
    record = find_release(settings, newest.release_id)
    places: dict[str, str] = {}
    try:
        if subject.code == "ports":
            places = port_names(settings, record.port_version)
        elif record.gate_version:
            areas = gate_areas(settings, record.gate_version).to_pylist()
            places = {row["gate_code"]: row["gate_name"] for row in areas}
    except WrongUseError:  # the version no longer exists: codes still find their values
        places = {}
    return Choices(places, tuple(one.week for one in vintages), newest.release_id)


def chokepoint_status(vintages: Sequence[Vintage], question: Question) -> pl.DataFrame:
    """Reads the status of the chokepoints of a question; no row for a question about ports."""
    wanted = pl.col("gate_code").is_in(question.places if question.subject.code == "straits" else ())
    return rows_of_vintages(_kept(vintages, question), STATUS, wanted)


def answer(vintages: Sequence[Vintage], question: Question) -> pl.DataFrame:
    """Returns the rows of a question, in the order of the table's key, with the release of each."""
    subject = question.subject
    wanted = (
        pl.col(subject.place).is_in(question.places)
        & pl.col("vessel_class").is_in(question.classes)
        & pl.col("indicator").is_in(question.indicators)
    )
    for name, value in subject.alone.items():
        wanted = wanted & (pl.col(name) == value)
    return rows_of_vintages(_kept(vintages, question), subject.table, wanted)


def _kept(vintages: Sequence[Vintage], question: Question) -> list[Vintage]:
    """Selects the releases of the weeks of a question."""
    return [one for one in vintages if is_week_within(one.week, question.first, question.last)]
