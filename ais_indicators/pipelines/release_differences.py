"""How the figures in gold differ from those that are published. Reads only."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from ais_indicators.contracts.model import load_contract
from ais_indicators.io.delta import read_rows
from ais_indicators.io.releases import release_folder, served_release
from ais_indicators.periods import Week
from ais_indicators.pipelines.protect_release import protect_release
from ais_indicators.publish.files import PORT_ACTIVITY, RELEASED_TABLES, Observations, data_file_name
from ais_indicators.settings import DEFAULT_DISCLOSURE, Settings

FLOWS: Final = "gold.trade_flows_weekly"
_HEADLINES: Final = {
    "arrivals": (PORT_ACTIVITY, {"port_locode": "_T", "vessel_class": "_T", "indicator": "arrivals"}),
    "tonnes": (
        FLOWS,
        {"reporter_level": "world", "vessel_class": "_T", "direction": "import", "indicator": "tonnes"},
    ),
}
"""Figures that tell a week at a glance: table and key of each."""


@dataclass(frozen=True)
class WeekDifference:
    """How a week's figures differ from its served release.

    Attributes:
        week: The week.
        release_id: The served release, None where nothing was published.
        observations: Observations in gold.
        new: Of them those that the release does not have.
        changed: Those with another value or status.
        gone: Observations of the release that gold does not have.
        headlines: For each headline figure what is published and what stands in gold.
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
        """Whether publishing would change nothing."""
        return self.release_id is not None and not (self.new or self.changed or self.gone)


def release_differences(settings: Settings, weeks: Iterable[Week]) -> list[WeekDifference]:
    """The difference of each week that has figures."""
    found = [_difference(settings, week) for week in weeks]
    return [one for one in found if one.observations or one.release_id]


def difference_to(
    settings: Settings, week: Week, release: dict[str, Any], published_by: Settings
) -> WeekDifference:
    """The difference of a week's figures to a release, which may be of another lake.

    Args:
        settings: Whose figures.
        week: The week.
        release: The release's row of `gold.releases`.
        published_by: The lake that published it.
    """
    return _compared(settings, week, release, published_by)


def _difference(settings: Settings, week: Week) -> WeekDifference:
    return _compared(settings, week, served_release(settings, week.name), settings)


def _compared(
    settings: Settings, week: Week, release: dict[str, Any] | None, published_by: Settings
) -> WeekDifference:
    counts = {"observations": 0, "new": 0, "changed": 0, "gone": 0}
    headlines: dict[str, tuple[float | None, float | None]] = {}
    for table, rows in _as_released(settings, week, release, published_by).items():
        now = pl.DataFrame(rows)
        then = _published(published_by, release, table, now)
        for name, count in _counts(now, then, list(load_contract(table).key)).items():
            counts[name] += count
        for name, (of_table, key) in _HEADLINES.items():
            if of_table == table:
                headlines[name] = (_value(then, key), _value(now, key))
    return WeekDifference(week, release["release_id"] if release else None, **counts, headlines=headlines)


def _as_released(
    settings: Settings, week: Week, release: dict[str, Any] | None, published_by: Settings
) -> Observations:
    """The week's figures as a release would show them; of a lake as of a release, as that one did."""
    figures = {
        table: read_rows(settings, table, filters=[("week", "=", week.name)]) for table in RELEASED_TABLES
    }
    if release is None or published_by is settings:
        return protect_release(settings, week, figures)
    record = json.loads(release["disclosure"]) if release["disclosure"] else {"profile": DEFAULT_DISCLOSURE}
    return protect_release(
        settings, week, figures, record["profile"], release["release_sequence"], published_by
    )


def _published(
    settings: Settings, release: dict[str, Any] | None, table: str, like: pl.DataFrame
) -> pl.DataFrame:
    """The release's rows of a table; none where there is no release or it has no such table."""
    if release is None:
        return like.clear()
    file = release_folder(settings, release["release_id"]) / data_file_name(table, "parquet")
    return pl.DataFrame(pq.read_table(file)).cast(like.schema) if file.is_file() else like.clear()


def _counts(now: pl.DataFrame, then: pl.DataFrame, key: list[str]) -> dict[str, int]:
    rest = [name for name in now.columns if name not in key]
    both = now.join(then, on=key, suffix="_then")
    is_changed = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_then")) for name in rest)
    return {
        "observations": now.height,
        "new": now.height - both.height,
        "changed": both.filter(is_changed).height,
        "gone": then.height - both.height,
    }


def _value(rows: pl.DataFrame, key: dict[str, str]) -> float | None:
    found = rows.filter(**key)["value"]
    return found[0] if found.len() else None
