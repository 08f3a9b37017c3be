"""Revisions of the headline values after first publication. Reads releases only."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from ais_indicators.periods import Week, is_week_within
from ais_indicators.publish.headlines import HEADLINES
from ais_indicators.publish.revisions import revision_table, revision_triangle
from ais_indicators.releasing.frames import rows_of_vintages
from ais_indicators.releasing.history import ReleaseHistory, read_history, release_vintage
from ais_indicators.releasing.record import Release
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

_VINTAGES: Final = {
    "indicator": pl.String,
    "week": pl.String,
    "lag_weeks": pl.Int64,
    "release_sequence": pl.Int64,
    "value": pl.Float64,
}


def headline_triangle(
    settings: Settings,
    first: str | None = None,
    last: str | None = None,
    *,
    history: ReleaseHistory | None = None,
    rules: Rules,
) -> pl.DataFrame:
    """Returns the revision triangle of the headline values.

    Withdrawn releases are excluded: they were errors, not revisions. So are releases that do not record what was known
    when they were made (of earlier builds).

    Args:
        settings: Settings of the lake.
        first: First week; None for the first one.
        last: Last week; None for the newest one.
        history: History of releases; None for the current one.
        rules: Rules of the lake's subject.
    """
    history = history or read_history(settings)
    valid = [
        (release, Week.parse(release.newest_week))
        for release in history.releases
        if release.newest_week and release.release_id not in history.withdrawn
    ]
    newest = max((known for _, known in valid), default=None)
    chosen = [of for of in valid if is_week_within(of[0].week, first, last)]
    begun: dict[str, Week] = {}
    for release, known in chosen:
        begun.setdefault(release.week, known)
    reached = [
        {"week": week, "reached_lag_weeks": newest.minus(at)}
        for week, at in begun.items()
        if newest is not None
    ]
    return revision_triangle(
        pl.DataFrame(_values(settings, chosen, begun), _VINTAGES),
        pl.DataFrame(reached, {"week": pl.String, "reached_lag_weeks": pl.Int64}),
        rules.revision_weeks,
    )


def headline_revisions(
    settings: Settings,
    first: str | None = None,
    last: str | None = None,
    *,
    history: ReleaseHistory | None = None,
    rules: Rules,
) -> pl.DataFrame:
    """Returns the revision table of the headline values, by indicator and lag; arguments as for the triangle."""
    return revision_table(headline_triangle(settings, first, last, history=history, rules=rules))


def _values(
    settings: Settings, releases: Sequence[tuple[Release, Week]], begun: Mapping[str, Week]
) -> list[dict[str, Any]]:
    """Returns each headline value of each release; every table is read once over all releases.

    Args:
        settings: Settings of the lake.
        releases: Each release with the newest week that it knew.
        begun: The newest week that the first release of each week knew.
    """
    vintages = [release_vintage(settings, row) for row, _ in releases]
    conditions: dict[str, list[pl.Expr]] = {}
    for one in HEADLINES:
        conditions.setdefault(one.table, []).append(one.condition)
    tables = {
        table: rows_of_vintages(vintages, table, pl.any_horizontal(any_of))
        for table, any_of in conditions.items()
    }
    found = {
        one.name: dict(one.find(tables[one.table]).select("release_id", "value").iter_rows())
        for one in HEADLINES
    }
    return [
        {
            "indicator": one.name,
            "value": found[one.name].get(row.release_id),
            "week": row.week,
            "lag_weeks": known.minus(begun[row.week]),
            "release_sequence": row.release_sequence,
        }
        for row, known in releases
        for one in HEADLINES
    ]
