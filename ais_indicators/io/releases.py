"""The releases on record: what was published, withdrawn and restored, in the order in which it happened.

`gold.releases` and `ops.release_events` only ever grow. Which release of a week is served, now or at a moment of the
past, follows from both: the newest published one that is not withdrawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import commit, is_table, read_rows
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.settings import Settings

RELEASES: Final = "gold.releases"
EVENTS: Final = "ops.release_events"
LATEST: Final = "latest"
SHORT: Final = (
    "release_id",
    "release_sequence",
    "week",
    "published_at_utc",
    "content_sha256",
    "observations",
    "figure_files",
    "newest_week",
    "attributions",
    "overrides",
)
"""Columns that tell releases apart; the others are long and wanted of one release at a time."""

TEXTS_OF_JSON: Final = (
    "table_versions",
    "input_hashes",
    "attributions",
    "warnings",
    "row_counts",
    "overrides",
    "figure_files",
    "folded_weeks",
    "disclosure",
)
"""Columns of `gold.releases` that hold JSON."""

Decision = Literal["withdrawn", "restored"]
Row = dict[str, Any]
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class ReleaseHistory:
    """What is known of releases, now or at a moment of the past.

    Attributes:
        releases: Columns of `SHORT` of every release, the newest last.
        events: Rows of `ops.release_events` in their order.
        moment: What it is as of, for people; empty for now.
    """

    releases: tuple[Row, ...]
    events: tuple[Row, ...]
    moment: str = field(default="")

    @cached_property
    def withdrawn(self) -> Mapping[str, Row]:
        """The withdrawal of each release that stands withdrawn, by its identifier."""
        found: dict[str, Row] = {}
        for event in self.events:
            if event["event"] == "withdrawn":
                found[event["release_id"]] = event
            else:
                found.pop(event["release_id"], None)
        return found

    @cached_property
    def served(self) -> Mapping[str, Row]:
        """The release that readers of each week are given."""
        return {row["week"]: row for row in self.releases if row["release_id"] not in self.withdrawn}

    @property
    def last_sequence(self) -> int:
        """Sequence of the newest release, 0 where there is none."""
        return max((row["release_sequence"] for row in self.releases), default=0)

    def find(self, release_id: str) -> Row:
        """A release by its identifier, or as `latest` the newest one that is served.

        Raises:
            WrongUseError: There is none.
        """
        if release_id == LATEST:
            found = sorted(self.served.values(), key=lambda row: row["release_sequence"])[-1:]
        else:
            found = [row for row in self.releases if row["release_id"] == release_id]
        if not found:
            wanted = "release" if release_id == LATEST else f"release '{release_id}'"
            raise WrongUseError(
                f"there is no {wanted}; `ais-indicators release list` names those that there are"
            )
        return found[0]

    def before(self, release_id: str) -> Row | None:
        """The release of the same week that was published before one."""
        one = self.find(release_id)
        earlier = [
            row
            for row in self.releases
            if row["week"] == one["week"] and row["release_sequence"] < one["release_sequence"]
        ]
        return earlier[-1] if earlier else None

    def as_of(self, text: str) -> "ReleaseHistory":
        """What was known at a moment of the past.

        Args:
            text: A release (what was known when it was published, itself included), a date (at its end, UTC) or a time
                (UTC unless it says another offset).

        Raises:
            WrongUseError: It is none of these, or nothing was published by then.
        """
        named = next((row for row in self.releases if row["release_id"] == text), None)
        if named is not None:
            last = named["release_sequence"]
            releases = [row for row in self.releases if row["release_sequence"] <= last]
            events = [event for event in self.events if event["after_release_sequence"] < last]
        else:
            moment = _moment(text)
            releases = [row for row in self.releases if row["published_at_utc"] <= moment]
            events = [event for event in self.events if event["at_utc"] <= moment]
        if not releases:
            raise WrongUseError(
                f"nothing was published by {text}; `ais-indicators release list` shows since when"
            )
        return ReleaseHistory(tuple(releases), tuple(events), text)

    def next_moment(self) -> datetime:
        """The time of what happens next: now, or just after the last event where the clock was set back."""
        known = [row["published_at_utc"] for row in self.releases] + [
            event["at_utc"] for event in self.events
        ]
        return max(datetime.now(UTC), max(known) + _TICK) if known else datetime.now(UTC)

    def with_release(self, record: Mapping[str, Any]) -> "ReleaseHistory":
        """The history after one more release."""
        return replace(self, releases=(*self.releases, {name: record[name] for name in SHORT}))


def _moment(text: str) -> datetime:
    """The last instant that a text means.

    Raises:
        WrongUseError: It is no date and no time.
    """
    try:
        if len(text) == len("2026-11-21"):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUseError(
            f"'{text}' is no release on record, no date like 2026-11-21 and no time like 2026-11-21T09:00Z"
        ) from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def read_history(settings: Settings) -> ReleaseHistory:
    """Reads all that happened to releases.

    Raises:
        WrongUseError: There are no tables yet.
    """
    releases = read_rows(settings, RELEASES, SHORT).sort_by("release_sequence").to_pylist()
    return ReleaseHistory(tuple(releases), tuple(_read_events(settings)))


def _read_events(settings: Settings) -> list[Row]:
    """Decisions in order; none in a lake of an earlier build, which has no table of them."""
    if not is_table(settings, EVENTS):
        return []
    rows: list[Row] = read_rows(settings, EVENTS).sort_by("event_sequence").to_pylist()
    return rows


def read_releases(settings: Settings) -> list[Row]:
    """Every release ever published, the newest last: columns of `SHORT`, `status` and `is_served`."""
    return with_standing(read_history(settings))


def with_standing(history: ReleaseHistory) -> list[Row]:
    """The releases of a history with their `status` (`published` or `withdrawn`) and whether each `is_served`."""
    served = {row["release_id"] for row in history.served.values()}
    return [
        row
        | {
            "status": "withdrawn" if row["release_id"] in history.withdrawn else "published",
            "is_served": row["release_id"] in served,
        }
        for row in history.releases
    ]


def served_release(settings: Settings, week: str) -> Row | None:
    """The release that readers of a week are given."""
    return read_history(settings).served.get(week)


def find_release(settings: Settings, release_id: str) -> Row:
    """All that is on record of a release, or as `latest` of the newest one that is served.

    Raises:
        WrongUseError: There is none.
    """
    history = read_history(settings)
    named = history.find(release_id)["release_id"]
    standing = next(row for row in with_standing(history) if row["release_id"] == named)
    rows = read_rows(settings, RELEASES, filters=[("release_id", "=", named)]).to_pylist()
    return dict(rows[0]) | standing


def append_release(settings: Settings, record: Mapping[str, Any]) -> None:
    """Puts a release on record."""
    _append(settings, RELEASES, record)


def append_event(
    settings: Settings, history: ReleaseHistory, release_id: str, event: Decision, by_name: str, reason: str
) -> None:
    """Puts a decision on record."""
    row = {
        "event_sequence": 1 + max((e["event_sequence"] for e in history.events), default=0),
        "after_release_sequence": history.last_sequence,
        "release_id": release_id,
        "event": event,
        "by_name": by_name,
        "reason": reason,
        "at_utc": history.next_moment(),
    }
    _append(settings, EVENTS, row)


def _append(settings: Settings, table: str, row: Mapping[str, Any]) -> None:
    rows = pa.Table.from_pylist([dict(row)], schema=arrow_schema(table))
    commit(settings, table, [stage(table_folder(settings, table), table, rows, {}, "appended")])


def release_folder(settings: Settings, release_id: str) -> Path:
    """Folder of a release's files."""
    return settings.releases / release_id
