"""Compares two releases of one week: their values, and their inputs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ais_indicators.contracts.measures import observed_contract
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import read_rows
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.publish.headlines import headlines_of
from ais_indicators.releasing.differences import changed_rows, count_differences
from ais_indicators.releasing.history import find_release, read_history, release_folder
from ais_indicators.releasing.record import ReleaseRecord
from ais_indicators.releasing.tables import (
    RULES,
    as_recorded,
    read_basis,
    read_release_table,
    recorded_columns,
)
from ais_indicators.settings import Settings

NOT_RECORDED: Final = "not recorded in a release of an earlier build"
SHOWN_FILES: Final = 5


@dataclass(frozen=True)
class Cause:
    """One input in which two releases differ.

    Attributes:
        kind: `data`, `window`, `rules`, `ports`, `gates`, `register`, `code`, `packages`, `checks` or `overrides`.
        said: The difference, for people.
    """

    kind: str
    said: str


@dataclass(frozen=True)
class Change:
    """An observation with another value.

    Attributes:
        table: Its table.
        key: Its key, without the week.
        before: Value in the earlier release, None if missing.
        after: Value in the later one, None if missing.
    """

    table: str
    key: dict[str, str]
    before: float | None
    after: float | None

    @property
    def size(self) -> float:
        """Returns how far it moved; a value that was added or removed counts in full."""
        return abs((self.after or 0.0) - (self.before or 0.0))


@dataclass(frozen=True)
class ReleaseComparison:
    """Differences of the later of two releases from the earlier one.

    Attributes:
        week: Their week.
        before: The earlier release.
        after: The later release.
        counts: Numbers of observations, and of new, changed and removed ones, by table.
        largest: The largest change of each indicator, the largest relative to its size first.
        headlines: The headline values of both.
        causes: Inputs that differ.
    """

    week: str
    before: str
    after: str
    counts: dict[str, dict[str, int]]
    largest: tuple[Change, ...]
    headlines: dict[str, tuple[float | None, float | None]]
    causes: tuple[Cause, ...]

    @property
    def is_same(self) -> bool:
        """Returns whether all values are equal."""
        return not any(of[name] for of in self.counts.values() for name in ("new", "changed", "gone"))


def compare_releases(settings: Settings, before: str, after: str | None = None) -> ReleaseComparison:
    """Compares two releases of one week.

    Args:
        settings: Settings of the lake.
        before: A release.
        after: Another; None to compare the first with the one published before it.

    Raises:
        WrongUseError: There is no such release, or they are of different weeks.
    """
    if after is None:
        history = read_history(settings)
        earlier = history.before(before)
        if earlier is None:
            raise WrongUseError(
                f"{before} is the first release of its week: there is none to compare it with"
            )
        before, after = earlier.release_id, history.find(before).release_id
    one, other = find_release(settings, before), find_release(settings, after)
    if one.week != other.week:
        raise WrongUseError(
            f"{one.release_id} and {other.release_id} are of different weeks; choose two of one week"
        )
    then, now = _recorded_by_both(settings, one.release_id, other.release_id)
    of_now = headlines_of(now)
    return ReleaseComparison(
        one.week,
        one.release_id,
        other.release_id,
        {t: count_differences(then[t], now[t], t) for t in RELEASED_TABLES},
        largest_changes(then, now),
        {name: (value, of_now[name]) for name, value in headlines_of(then).items()},
        tuple(_causes(settings, one, other)),
    )


def _recorded_by_both(
    settings: Settings, one: str, other: str
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """Reads the tables of two releases; a column that only one of them recorded is null in both."""
    then, now = ({t: read_release_table(settings, name, t) for t in RELEASED_TABLES} for name in (one, other))
    for table in RELEASED_TABLES:
        columns = [set(recorded_columns(settings, name, table)) for name in (one, other)]
        if all(columns):
            both = columns[0] & columns[1]
            then[table], now[table] = (as_recorded(rows[table], table, both) for rows in (then, now))
    return then, now


def largest_changes(then: Mapping[str, pl.DataFrame], now: Mapping[str, pl.DataFrame]) -> tuple[Change, ...]:
    """Returns the largest change of each indicator of each table."""
    found: dict[tuple[str, str], Change] = {}
    for table in RELEASED_TABLES:
        key = [name for name in observed_contract(table).key if name != "week"]
        for row in changed_rows(then[table], now[table], table).to_dicts():
            change = Change(table, {name: row[name] for name in key}, row["value_then"], row["value"])
            of = (table, row["indicator"])
            if change.size > (found[of].size if of in found else 0.0):
                found[of] = change
    return tuple(sorted(found.values(), key=_relative, reverse=True))


def _relative(change: Change) -> float:
    return change.size / max(abs(change.before or 0.0), abs(change.after or 0.0))


def _causes(settings: Settings, one: ReleaseRecord, other: ReleaseRecord) -> list[Cause]:
    folders = [release_folder(settings, row.release_id) for row in (one, other)]
    rules = [read_basis(folder, RULES) for folder in folders]
    manifests = [read_basis(folder) for folder in folders]
    is_recorded = one.code_sha256 is not None
    said = [
        ("data", _files(settings, one, other)),
        ("window", _moved("the newest week known", one.newest_week, other.newest_week, is_recorded)),
        *(("rules", text) for text in _rules(one, other, rules[0], rules[1])),
        ("ports", _moved("the port version", one.port_version, other.port_version)),
        ("gates", _moved("the gate version", one.gate_version, other.gate_version, is_recorded)),
        ("register", _moved("the register", one.register_version, other.register_version, is_recorded)),
        ("code", _moved("the software's version", one.code_version, other.code_version)),
        ("code", _moved("the hash of the software", one.code_sha256, other.code_sha256, is_recorded)),
        ("packages", _named(manifests, "packages")),
        ("checks", _named(manifests, "checks")),
        ("overrides", _overrides(one, other)),
    ]
    return [Cause(kind, text) for kind, text in said if text]


def rule_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Describes each rule that differs, with both values.

    Args:
        before: Value and unit of each rule, by name.
        after: Value and unit of each rule, by name.
    """
    changes = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            here = old or new or {}
            changes.append(
                f"rule {name} {'is new' if old is None else 'is gone'} ({here['value']} {here['unit']})"
            )
        elif old != new:
            changes.append(f"rule {name} was {old['value']} {old['unit']}, is {new['value']} {new['unit']}")
    return changes


def _rules(
    one: ReleaseRecord, other: ReleaseRecord, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[str]:
    if one.rules_hash == other.rules_hash:
        return []
    if not (before and after):
        return [f"rules differ; which ones is {NOT_RECORDED}"]
    return rule_changes(before, after)


def _files(settings: Settings, one: ReleaseRecord, other: ReleaseRecord) -> str:
    """Describes source files that were added or removed."""
    before, after = (set(row.input_hashes) for row in (one, other))
    names = {
        row["file_sha256"]: f"{row['file_name']} ({row['layout']})"
        for row in read_rows(settings, "ops.ingested_files").to_pylist()
    }
    came, went = (sorted(names.get(sha, sha) for sha in some) for some in (after - before, before - after))
    return "; ".join(
        f"{len(some)} source files {what}: {_some(some)}"
        for what, some in (("came", came), ("went", went))
        if some
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_FILES} more" if len(names) > SHOWN_FILES else ""
    return ", ".join(names[:SHOWN_FILES]) + more


def _moved(what: str, before: str | None, after: str | None, is_recorded: bool = True) -> str:
    """Describes a difference; nothing without one."""
    if before == after:
        return ""
    if not is_recorded:
        return f"{what} is {after or 'none'}; before it is {NOT_RECORDED}"
    return f"{what} was {before or 'none'}, is {after or 'none'}"


def _named(manifests: Sequence[Mapping[str, Any]], part: str) -> str:
    """Describes the differences in a part of the manifests that maps names to values."""
    before, after = (manifest.get(part, {}) for manifest in manifests)
    if not (before and after):
        return ""
    get: Callable[[Mapping[str, Any], str], str] = lambda of, name: of.get(name, "not there")  # noqa: E731
    return "; ".join(
        f"{name} was: {get(before, name)}, is: {get(after, name)}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def _overrides(one: ReleaseRecord, other: ReleaseRecord) -> str:
    before, after = (", ".join(item.check for item in row.overrides or ()) for row in (one, other))
    return _moved("overridden", before or "nothing", after or "nothing")
