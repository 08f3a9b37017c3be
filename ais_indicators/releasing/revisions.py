"""Revisions of the headline values after first publication. Reads releases only."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from ais_indicators.io.releases import ReleaseHistory, read_history, release_folder
from ais_indicators.periods import Week
from ais_indicators.publish.headlines import HEADLINES
from ais_indicators.publish.revisions import revision_table, revision_triangle
from ais_indicators.publish.vintages import Vintage
from ais_indicators.releasing.frames import rows_of_vintages
from ais_indicators.rules import rule
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
) -> pl.DataFrame:
    """Returns the revision triangle of the headline values.

    Withdrawn releases are excluded: they were errors, not revisions. So are releases that do not record what was known
    when they were made (of earlier builds).

    Args:
        settings: Settings of the lake.
        first: First week; None for the first one.
        last: Last week; None for the newest one.
        history: History of releases; None for the current one.
    """
    history = history or read_history(settings)
    standing = [
        row for row in history.releases if row["newest_week"] and row["release_id"] not in history.withdrawn
    ]
    newest = max((Week.parse(row["newest_week"]) for row in standing), default=None)
    chosen = [row for row in standing if (first or "") <= row["week"] <= (last or "9999")]
    begun: dict[str, Week] = {}
    for row in chosen:
        begun.setdefault(row["week"], Week.parse(row["newest_week"]))
    reached = [
        {"week": week, "reached_lag_weeks": newest.minus(at)}
        for week, at in begun.items()
        if newest is not None
    ]
    return revision_triangle(
        pl.DataFrame(_values(settings, chosen, begun), _VINTAGES),
        pl.DataFrame(reached, {"week": pl.String, "reached_lag_weeks": pl.Int64}),
        int(rule("revision_weeks")),
    )


def headline_revisions(
    settings: Settings,
    first: str | None = None,
    last: str | None = None,
    *,
    history: ReleaseHistory | None = None,
) -> pl.DataFrame:
    """Returns the revision table of the headline values, by indicator and lag; arguments as for the triangle."""
    return revision_table(headline_triangle(settings, first, last, history=history))


def _values(
    settings: Settings, releases: Sequence[dict[str, Any]], begun: Mapping[str, Week]
) -> list[dict[str, Any]]:
    """Returns each headline value of each release; every table is read once over all releases."""
    vintages = [
        Vintage(
            row["week"],
            row["release_id"],
            row["published_at_utc"],
            release_folder(settings, row["release_id"]),
        )
        for row in releases
    ]
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
            "value": found[one.name].get(row["release_id"]),
            "week": row["week"],
            "lag_weeks": Week.parse(row["newest_week"]).minus(begun[row["week"]]),
            "release_sequence": row["release_sequence"],
        }
        for row in releases
        for one in HEADLINES
    ]
