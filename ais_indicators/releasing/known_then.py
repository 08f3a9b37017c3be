"""Data known at a time: for each week the release that was served, its files and required texts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ais_indicators.errors import WrongUseError
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.publish.vintages import Vintage, released_rows
from ais_indicators.releasing.history import ReleaseEvent, ReleaseHistory, read_history, release_vintage
from ais_indicators.releasing.record import Release
from ais_indicators.settings import Settings


@dataclass(frozen=True)
class Known:
    """Releases that are exported together.

    Attributes:
        vintages: One release per week, by week.
        attributions: Texts that their sources require.
        notes: What a reader must know about them.
        is_one_week: Whether they are one requested release, and not all of a time.
    """

    vintages: tuple[Vintage, ...]
    attributions: list[str]
    notes: list[str]
    is_one_week: bool

    @property
    def weeks(self) -> set[str]:
        """Returns the names of their weeks."""
        return {one.week for one in self.vintages}

    @property
    def published_at(self) -> datetime:
        """Returns when the newest of them was published."""
        return max(one.published_at for one in self.vintages)


def vintages_as_of(
    settings: Settings, as_of: str | None = None, weeks: Collection[str] | None = None
) -> list[Vintage]:
    """Returns the release of each week that was served, by week.

    Args:
        settings: Settings of the lake.
        as_of: Release, date or time; None for now.
        weeks: Names of weeks; None for all.

    Raises:
        WrongUseError: Nothing of the weeks was served then.
    """
    history = history_as_of(settings, as_of)
    served = [history.served[week] for week in sorted(history.served) if weeks is None or week in weeks]
    if not served:
        of = "" if weeks is None else f" of {', '.join(sorted(weeks))}"
        when = f" as of {as_of}" if as_of else ""
        raise WrongUseError(
            f"no release{of} was served{when}; `ais-indicators release list` lists all releases"
        )
    return [release_vintage(settings, row) for row in served]


def history_as_of(settings: Settings, as_of: str | None) -> ReleaseHistory:
    """Returns all events of releases up to a time; None for now."""
    history = read_history(settings)
    return history.as_of(as_of) if as_of else history


def released_table(
    settings: Settings, table: str, as_of: str | None = None, weeks: Collection[str] | None = None
) -> pl.LazyFrame:
    """Returns the rows of a released table as they were published, with the release of each as `release_id`.

    Raises:
        WrongUseError: The table is not released, or nothing of the weeks was served then.
    """
    if table not in RELEASED_TABLES:
        raise WrongUseError(f"'{table}' is not released; released are {', '.join(RELEASED_TABLES)}")
    return released_rows(vintages_as_of(settings, as_of, weeks), table)


def known_release(settings: Settings, release_id: str) -> Known:
    """Returns one release, even if withdrawn; sources and notes then say so."""
    history = read_history(settings)
    row = history.find(release_id)
    return Known(
        (release_vintage(settings, row),), _sources(history, [row]), notes_of(history, row), is_one_week=True
    )


def known_at(settings: Settings, as_of: str | None = None, week: str | None = None) -> Known:
    """Returns what was known at a time, of one week or of all.

    Raises:
        WrongUseError: Nothing of it was served then.
    """
    vintages = vintages_as_of(settings, as_of, None if week is None else {week})
    history = history_as_of(settings, as_of)
    records = [history.find(one.release_id) for one in vintages]
    sources = _sources(history, records)
    if week is not None:
        return Known(tuple(vintages), sources, notes_of(history, records[0]), is_one_week=True)
    notes = [f"{row.week}: {note}" for row in records for note in notes_of(history, row)]
    return Known(tuple(vintages), sources, notes, is_one_week=False)


def served_then(settings: Settings, as_of: str, known: Known) -> list[Vintage]:
    """Returns what was served earlier of the weeks of some releases, or of all weeks; none if nothing was."""
    served = history_as_of(settings, as_of).served
    weeks = known.weeks if known.is_one_week else set(served)
    return [release_vintage(settings, served[week]) for week in sorted(weeks & set(served))]


def notes_of(history: ReleaseHistory, row: Release) -> list[str]:
    """Returns notes that a reader of a release must know."""
    withdrawal = history.withdrawn.get(row.release_id)
    notes = [withdrawn_sentence(withdrawal)] if withdrawal else []
    return notes + [one.sentence for one in row.overrides or ()]


def withdrawn_sentence(event: ReleaseEvent) -> str:
    """Describes a withdrawal."""
    return f"This release was withdrawn by {event.by_name} on {event.at_utc:%Y-%m-%d}: {event.reason}"


def _sources(history: ReleaseHistory, rows: Sequence[Release]) -> list[str]:
    """Returns the texts that the sources of some releases require, each once; first those on withdrawn ones."""
    withdrawn = history.withdrawn
    said = [withdrawn_sentence(withdrawn[r.release_id]) for r in rows if r.release_id in withdrawn]
    for row in rows:
        said += [text for text in row.attributions if text not in said]
    return said
