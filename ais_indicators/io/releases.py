"""Record of releases: what was published, withdrawn and restored, in order.

`gold.releases` and `ops.release_events` only ever grow. Both determine which release of a week is served, now or at a
time in the past: the newest published one that is not withdrawn.
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
"""Columns that identify releases; the others are long and needed for one release at a time."""

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
    """Known releases, now or at a time in the past.

    Attributes:
        releases: Columns of `SHORT` of every release, newest last.
        events: Rows of `ops.release_events` in their order.
        moment: The time, for people; empty for now.
    """

    releases: tuple[Row, ...]
    events: tuple[Row, ...]
    moment: str = field(default="")

    @cached_property
    def withdrawn(self) -> Mapping[str, Row]:
        """Returns the withdrawal of each withdrawn release, by its identifier."""
        found: dict[str, Row] = {}
        for event in self.events:
            if event["event"] == "withdrawn":
                found[event["release_id"]] = event
            else:
                found.pop(event["release_id"], None)
        return found

    @cached_property
    def served(self) -> Mapping[str, Row]:
        """Returns the release of each week that readers are given."""
        return {row["week"]: row for row in self.releases if row["release_id"] not in self.withdrawn}

    @property
    def last_sequence(self) -> int:
        """Returns the sequence of the newest release, 0 if there is none."""
        return max((row["release_sequence"] for row in self.releases), default=0)

    def find(self, release_id: str) -> Row:
        """Finds a release by its identifier, or as `latest` the newest one that is served.

        Raises:
            WrongUseError: There is no such release.
        """
        if release_id == LATEST:
            found = sorted(self.served.values(), key=lambda row: row["release_sequence"])[-1:]
        else:
            found = [row for row in self.releases if row["release_id"] == release_id]
        if not found:
            wanted = "release" if release_id == LATEST else f"release '{release_id}'"
            raise WrongUseError(f"there is no {wanted}; `ais-indicators release list` lists all releases")
        return found[0]

    def before(self, release_id: str) -> Row | None:
        """Returns the release of the same week that was published before one."""
        one = self.find(release_id)
        earlier = [
            row
            for row in self.releases
            if row["week"] == one["week"] and row["release_sequence"] < one["release_sequence"]
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
                f"nothing was published by {text}; `ais-indicators release list` shows the first release"
            )
        return ReleaseHistory(tuple(releases), tuple(events), text)

    def next_moment(self) -> datetime:
        """Returns the time of the next event: now, or just after the last event if the clock was set back."""
        known = [row["published_at_utc"] for row in self.releases] + [
            event["at_utc"] for event in self.events
        ]
        return max(datetime.now(UTC), max(known) + _TICK) if known else datetime.now(UTC)

    def with_release(self, record: Mapping[str, Any]) -> "ReleaseHistory":
        """Returns the history after one more release."""
        return replace(self, releases=(*self.releases, {name: record[name] for name in SHORT}))


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
    releases = read_rows(settings, RELEASES, SHORT).sort_by("release_sequence").to_pylist()
    return ReleaseHistory(tuple(releases), tuple(_read_events(settings)))


def _read_events(settings: Settings) -> list[Row]:
    """Reads decisions in order; none in a lake of an earlier build, which has no table of them."""
    if not is_table(settings, EVENTS):
        return []
    rows: list[Row] = read_rows(settings, EVENTS).sort_by("event_sequence").to_pylist()
    return rows


def read_releases(settings: Settings) -> list[Row]:
    """Reads every release ever published, newest last: columns of `SHORT`, `status` and `is_served`."""
    return with_standing(read_history(settings))


def with_standing(history: ReleaseHistory) -> list[Row]:
    """Returns the releases of a history with their `status` (`published` or `withdrawn`) and `is_served`."""
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
    """Returns the release of a week that readers are given."""
    return read_history(settings).served.get(week)


def find_release(settings: Settings, release_id: str) -> Row:
    """Returns the complete record of a release, or as `latest` of the newest one that is served.

    Raises:
        WrongUseError: There is no such release.
    """
    history = read_history(settings)
    named = history.find(release_id)["release_id"]
    standing = next(row for row in with_standing(history) if row["release_id"] == named)
    rows = read_rows(settings, RELEASES, filters=[("release_id", "=", named)]).to_pylist()
    return dict(rows[0]) | standing


def append_release(settings: Settings, record: Mapping[str, Any]) -> None:
    """Records a release."""
    _append(settings, RELEASES, record)


def append_event(
    settings: Settings, history: ReleaseHistory, release_id: str, event: Decision, by_name: str, reason: str
) -> None:
    """Records a decision."""
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
    """Returns the folder of a release's files."""
    return settings.releases / release_id
