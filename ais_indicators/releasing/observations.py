"""Values that a release of a week would hold."""

from ais_indicators.io.delta import read_rows
from ais_indicators.periods import Week
from ais_indicators.publish.files import RELEASED_TABLES, Observations
from ais_indicators.releasing.history import ReleaseHistory
from ais_indicators.releasing.protect import protect_release
from ais_indicators.releasing.record import Release
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings


def figures_of(settings: Settings, week: Week) -> Observations:
    """Returns rows of each released table for a week as in gold."""
    return {
        table: read_rows(settings, table, filters=[("week", "=", week.name)]) for table in RELEASED_TABLES
    }


def observations_of(settings: Settings, week: Week, rules: Rules) -> Observations:
    """Returns rows of each released table for a week, as they would be published now, after disclosure control."""
    return protect_release(settings, week, figures_of(settings, week), rules=rules)


def observations_as_of(
    settings: Settings, week: Week, release: Release, published_by: Settings, rules: Rules
) -> Observations:
    """Returns the rows as a release published them: by its disclosure profile, with what had been published before it.

    Args:
        settings: Settings of the lake with the values.
        week: The week.
        release: The release.
        published_by: The lake that published it.
        rules: Rules of the lake's subject.
    """
    figures = figures_of(settings, week)
    return protect_release(
        settings,
        week,
        figures,
        release.disclosure_profile,
        release.release_sequence,
        published_by,
        rules=rules,
    )


def withdrawn_digests(history: ReleaseHistory, week: Week) -> dict[str, str]:
    """Returns the identifiers of the withdrawn releases of a week by digest of their content."""
    return {
        row.content_sha256: row.release_id
        for row in history.releases
        if row.week == week.name and row.release_id in history.withdrawn
    }
