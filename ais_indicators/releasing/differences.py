"""Differences between the values in gold and those that are published. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ais_indicators.contracts.measures import observed_contract, to_observed
from ais_indicators.contracts.model import load_contract
from ais_indicators.periods import Week
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.publish.headlines import headlines_of
from ais_indicators.releasing.history import served_release
from ais_indicators.releasing.observations import observations_as_of, observations_of
from ais_indicators.releasing.record import Release
from ais_indicators.releasing.tables import read_release_table
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings


@dataclass(frozen=True)
class WeekDifference:
    """Differences of a week's values from its served release.

    Attributes:
        week: The week.
        release_id: The served release, None if nothing was published.
        observations: Observations in gold.
        new: Those that the release does not have.
        changed: Those with another value or status.
        gone: Observations of the release that gold does not have.
        headlines: For each headline value the published one and the one in gold.
    """

    week: Week
    release_id: str | None
    observations: int
    new: int
    changed: int
    gone: int
    headlines: dict[str, tuple[float | None, float | None]]

    @property
    def is_same(self) -> bool:
        """Returns whether publishing would change nothing."""
        return self.release_id is not None and not (self.new or self.changed or self.gone)


def release_differences(settings: Settings, weeks: Iterable[Week], rules: Rules) -> list[WeekDifference]:
    """Returns the differences of each week with values."""
    found = [_difference(settings, week, rules) for week in weeks]
    return [one for one in found if one.observations or one.release_id]


def difference_to(
    settings: Settings, week: Week, release: Release, published_by: Settings, rules: Rules
) -> WeekDifference:
    """Compares a week's values with a release, possibly of another lake.

    Args:
        settings: Settings of the lake with the values.
        week: The week.
        release: The release.
        published_by: The lake that published it.
        rules: Rules of the lake's subject.
    """
    return _compared(settings, week, release, published_by, rules)


def _difference(settings: Settings, week: Week, rules: Rules) -> WeekDifference:
    return _compared(settings, week, served_release(settings, week.name), settings, rules)


def _compared(
    settings: Settings, week: Week, release: Release | None, published_by: Settings, rules: Rules
) -> WeekDifference:
    counts = {"observations": 0, "new": 0, "changed": 0, "gone": 0}
    before: dict[str, pl.DataFrame] = {}
    after: dict[str, pl.DataFrame] = {}
    figures = (
        observations_of(settings, week, rules)
        if release is None or published_by is settings
        else observations_as_of(settings, week, release, published_by, rules)
    )
    for table in RELEASED_TABLES:
        now = pl.DataFrame(figures[table])
        then = now.clear() if release is None else read_release_table(published_by, release.release_id, table)
        for name, count in count_differences(then, now, table).items():
            counts[name] += count
        before[table], after[table] = then, now
    headlines = {name: (then, headlines_of(after)[name]) for name, then in headlines_of(before).items()}
    return WeekDifference(week, release.release_id if release else None, **counts, headlines=headlines)


def count_differences(then: pl.DataFrame, now: pl.DataFrame, table: str) -> dict[str, int]:
    """Counts the observations of a table, and how many of them are new, changed or gone."""
    key = list(load_contract(table).key)
    both = _joined(then, now, key)
    return {
        "observations": now.height,
        "new": now.height - both.height,
        "changed": both.filter(_is_changed(now.columns, key)).height,
        "gone": then.height - both.height,
    }


def changed_rows(then: pl.DataFrame, now: pl.DataFrame, table: str) -> pl.DataFrame:
    """Returns observations with another value or status.

    The columns are the key, `value_then`, `value`, `obs_status_then` and `obs_status`.
    """
    key = list(observed_contract(table).key)
    then, now = to_observed(then, table), to_observed(now, table)
    changed = _joined(then, now, key).filter(_is_changed(now.columns, key))
    return changed.select(*key, "value_then", "value", "obs_status_then", "obs_status").sort(key)


def _joined(then: pl.DataFrame, now: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return now.join(then.cast(now.schema), on=key, suffix="_then")


def _is_changed(columns: list[str], key: list[str]) -> pl.Expr:
    rest = [name for name in columns if name not in key]
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_then")) for name in rest)
