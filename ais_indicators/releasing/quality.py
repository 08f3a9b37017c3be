"""Quality indicators of one release: those published with it, its timeliness, and its revisions.

Source: methodology 14.2. Timeliness and revisions follow from when releases were made, on which no published value may
depend; so they are derived from the record of releases and are in no published file.
"""

from typing import Final

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.publish.headlines import HEADLINES, headlines_of
from ais_indicators.releasing.history import read_history
from ais_indicators.releasing.record import Release
from ais_indicators.releasing.tables import read_release_table
from ais_indicators.settings import Settings
from ais_indicators.transforms.zeros import NOT_APPLICABLE
from ais_indicators.units import SECONDS_PER_DAY

QUALITY: Final = "gold.quality_weekly"
_COLUMNS: Final = ("indicator", "value", "unit", "obs_status")


def release_quality(settings: Settings, release_id: str) -> pl.DataFrame:
    """Computes the quality indicators of a release.

    Args:
        settings: Settings of the lake.
        release_id: Identifier, or `latest`.

    Returns:
        Columns `indicator`, `value`, `unit`, `obs_status`: those published with it in the order of the table; then
        `timeliness_days`, from the week's end to the publication; then `revision_of_X` of each headline value X,
        the change since the week was first published as a share of the first value, which cannot exist where that is 0.

    Raises:
        WrongUseError: There is no such release.
    """
    history = read_history(settings)
    row = history.find(release_id)
    published = read_release_table(settings, row.release_id, QUALITY).select(_COLUMNS)
    late = (row.published_at_utc - Week.parse(row.week).end).total_seconds() / SECONDS_PER_DAY
    first = next(one for one in history.releases if one.week == row.week)
    then, now = (_headlines(settings, one) for one in (first, row))
    rows = [
        ("timeliness_days", late, "d", "A"),
        *((f"revision_of_{name}", *_share(then[name], now[name])) for name in then),
    ]
    schema = published.select(_COLUMNS).schema
    return pl.concat([published, pl.DataFrame(rows, schema=schema, orient="row")])


def _headlines(settings: Settings, row: Release) -> dict[str, float | None]:
    tables = sorted({one.table for one in HEADLINES})
    return headlines_of({table: read_release_table(settings, row.release_id, table) for table in tables})


def _share(then: float | None, now: float | None) -> tuple[float | None, str, str]:
    share = (now - then) / then if then and now is not None else None
    without = NOT_APPLICABLE if then == 0 and now is not None else "O"
    return share, "share", without if share is None else "A"
