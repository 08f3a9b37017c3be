"""The figures that a release of a week would hold."""

from ais_indicators.io.delta import read_rows
from ais_indicators.io.releases import ReleaseHistory
from ais_indicators.periods import Week
from ais_indicators.publish.files import RELEASED_TABLES, Observations
from ais_indicators.settings import Settings


def observations_of(settings: Settings, week: Week) -> Observations:
    """Rows of each released table for a week, as they would be published now."""
    return {
        table: read_rows(settings, table, filters=[("week", "=", week.name)]) for table in RELEASED_TABLES
    }


def withdrawn_digests(history: ReleaseHistory, week: Week) -> dict[str, str]:
    """Content of the withdrawn releases of a week: their identifiers by digest."""
    return {
        row["content_sha256"]: row["release_id"]
        for row in history.releases
        if row["week"] == week.name and row["release_id"] in history.withdrawn
    }
