"""History of releases: which ones were published, withdrawn and restored, and which are served.

`gold.releases` and `ops.release_events` only ever grow. Both determine which release of a week is served, now or at a
time in the past: the newest published one that is not withdrawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import commit, is_table, read_rows
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.publish.vintages import Vintage
from ais_indicators.releasing.record import Release, ReleaseRecord, read_record, read_releases
from ais_indicators.settings import Settings

EVENTS: Final = "ops.release_events"
LATEST: Final = "latest"

Decision = Literal["withdrawn", "restored"]
Status = Literal["published", "withdrawn"]
_TICK: Final = timedelta(microseconds=1)


class ReleaseEvent(BaseModel):
    """A person's decision on a release.

    Attributes:
        event_sequence: 1 for the first decision, and so on.
        after_release_sequence: Sequence of the newest release at the time of the decision.
        release_id: The release concerned.
        event: The decision.
        by_name: Who decided.
        reason: Why, for readers of the data.
        at_utc: When.
    """

    model_config = ConfigDict(frozen=True)

    event_sequence: int
    after_release_sequence: int
    release_id: str
    event: Decision
    by_name: str
    reason: str
    at_utc: datetime


@dataclass(frozen=True)
class ReleaseHistory:
    """Known releases, now or at a time in the past.

    Attributes:
        releases: Every release, newest last.
        events: Decisions on releases, in their order.
    """

    releases: tuple[Release, ...]
    events: tuple[ReleaseEvent, ...]

    @cached_property
    def withdrawn(self) -> Mapping[str, ReleaseEvent]:
        """Returns the withdrawal of each withdrawn release, by its identifier."""
        found: dict[str, ReleaseEvent] = {}
        for event in self.events:
            if event.event == "withdrawn":
                found[event.release_id] = event
            else:
                found.pop(event.release_id, None)
        return found

    @cached_property
    def served(self) -> Mapping[str, Release]:
        """Returns the release of each week that readers are given."""
        return {one.week: one for one in self.releases if one.release_id not in self.withdrawn}

    @property
    def last_sequence(self) -> int:
        """Returns the sequence of the newest release, 0 if there is none."""
        return max((one.release_sequence for one in self.releases), default=0)

    def status(self, release: Release) -> Status:
        """Returns whether a release is published or withdrawn."""
        return "withdrawn" if release.release_id in self.withdrawn else "published"

    def is_served(self, release: Release) -> bool:
        """Returns whether readers are given a release."""
        served = self.served.get(release.week)
        return served is not None and served.release_id == release.release_id

    def find(self, release_id: str) -> Release:
        """Finds a release by its identifier, or as `latest` the newest one that is served.

        Raises:
            WrongUseError: There is no such release.
        """
        if release_id == LATEST:
            found = sorted(self.served.values(), key=lambda one: one.release_sequence)[-1:]
        else:
            found = [one for one in self.releases if one.release_id == release_id]
        if not found:
            wanted = "release" if release_id == LATEST else f"release '{release_id}'"
            raise WrongUseError(f"there is no {wanted}; `ais-indicators release list` lists all releases")
        return found[0]

    def before(self, release_id: str) -> Release | None:
        """Returns the release of the same week that was published before one."""
        release = self.find(release_id)
        earlier = [
            one
            for one in self.releases
            if one.week == release.week and one.release_sequence < release.release_sequence
        ]
        return earlier[-1] if earlier else None

    def as_of(self, text: str) -> "ReleaseHistory":
        """Returns what was known at a time in the past.

        Args:
            text: A release (what was known when it was published, itself included), a date (at its end, UTC) or a time
                (UTC unless it says another offset).

        Raises:
            WrongUseError: It is none of these, or nothing was published by then.
        """
        named = next((one for one in self.releases if one.release_id == text), None)
        if named is not None:
            last = named.release_sequence
            releases = [one for one in self.releases if one.release_sequence <= last]
            events = [event for event in self.events if event.after_release_sequence < last]
        else:
            moment = _moment(text)
            releases = [one for one in self.releases if one.published_at_utc <= moment]
            events = [event for event in self.events if event.at_utc <= moment]
        if not releases:
            raise WrongUseError(
                f"nothing was published by {text}; `ais-indicators release list` shows the first release"
            )
        return ReleaseHistory(tuple(releases), tuple(events))

    def next_moment(self) -> datetime:
        """Returns the time of the next event: now, or just after the last event if the clock was set back."""
        known = [one.published_at_utc for one in self.releases] + [event.at_utc for event in self.events]
        return max(datetime.now(UTC), max(known) + _TICK) if known else datetime.now(UTC)

    def with_release(self, release: Release) -> "ReleaseHistory":
        """Returns the history after one more release."""
        return replace(self, releases=(*self.releases, release))


def _moment(text: str) -> datetime:
    """Returns the last instant that a text includes.

    Raises:
        WrongUseError: It is neither a date nor a time.
    """
    try:
        if len(text) == len("2026-11-21"):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUseError(
            f"'{text}' is not a recorded release, a date like 2026-11-21 or a time like 2026-11-21T09:00Z"
        ) from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def read_history(settings: Settings) -> ReleaseHistory:
    """Reads all events of releases.

    Raises:
        WrongUseError: There are no tables yet.
    """
    return ReleaseHistory(read_releases(settings), _read_events(settings))


def _read_events(settings: Settings) -> tuple[ReleaseEvent, ...]:
    """Reads decisions in order; none in a lake of an earlier build, which has no table of them."""
    if not is_table(settings, EVENTS):
        return ()
    rows = read_rows(settings, EVENTS).sort_by("event_sequence").to_pylist()
    return tuple(ReleaseEvent.model_validate(row) for row in rows)


def served_release(settings: Settings, week: str) -> Release | None:
    """Returns the release of a week that readers are given."""
    return read_history(settings).served.get(week)


def find_release(settings: Settings, release_id: str) -> ReleaseRecord:
    """Returns the complete record of a release, or as `latest` of the newest one that is served.

    Raises:
        WrongUseError: There is no such release.
    """
    return read_record(settings, read_history(settings).find(release_id).release_id)


def append_event(
    settings: Settings, history: ReleaseHistory, release_id: str, event: Decision, by_name: str, reason: str
) -> None:
    """Records a decision."""
    decided = ReleaseEvent(
        event_sequence=1 + max((one.event_sequence for one in history.events), default=0),
        after_release_sequence=history.last_sequence,
        release_id=release_id,
        event=event,
        by_name=by_name,
        reason=reason,
        at_utc=history.next_moment(),
    )
    rows = pa.Table.from_pylist([decided.model_dump()], schema=arrow_schema(EVENTS))
    commit(settings, EVENTS, [stage(table_folder(settings, EVENTS), EVENTS, rows, {}, "appended")])


def release_vintage(settings: Settings, release: Release) -> Vintage:
    """Returns a release as one of several of which a table is read."""
    folder = release_folder(settings, release.release_id)
    return Vintage(release.week, release.release_id, release.published_at_utc, folder)


def release_folder(settings: Settings, release_id: str) -> Path:
    """Returns the folder of a release's files."""
    return settings.releases / release_id
