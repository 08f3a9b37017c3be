"""Data of a bulletin: a release, what had been published before it, and what the lake knew then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ais_indicators.publish.pages.figures import Figure
from ais_indicators.publish.publication import Publication


@dataclass(frozen=True)
class Place:
    """One port.

    Attributes:
        name: Its name.
        country: ISO 3166-1 alpha-3 code; None if the port file has none.
        latitude: Degrees north.
        longitude: Degrees east.
    """

    name: str
    country: str | None
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Vintage:
    """One release of the week, up to this one.

    Attributes:
        release_id: Its identifier.
        published_at: When it was published, UTC.
        is_withdrawn: Whether it is withdrawn now.
        headlines: Its headline values by name; empty if it is withdrawn.
    """

    release_id: str
    published_at: datetime
    is_withdrawn: bool
    headlines: Mapping[str, Figure]


@dataclass(frozen=True)
class Withdrawal:
    """Record of a withdrawal.

    Attributes:
        by_name: Who decided.
        at: When, UTC.
        reason: Why.
    """

    by_name: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Override:
    """A failed check that a person overrode.

    Attributes:
        check: Name of the check.
        found: Its result.
        by_name: Who overrode it.
        reason: Why.
    """

    check: str
    found: str
    by_name: str
    reason: str


@dataclass(frozen=True)
class Suppression:
    """What disclosure control suppressed in a release.

    Attributes:
        profile: Name of the disclosure profile.
        tables: By table, how many cells and observations were suppressed.
    """

    profile: str
    tables: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class ReleaseFacts:
    """One release and its state.

    Attributes:
        release_id: Its identifier.
        week: Its ISO week.
        week_before: The ISO week before.
        year_before: The same ISO week a year before; of a week 53, week 52.
        published_at: When it was published, UTC.
        observations: Number of observations.
        port_version: Version of the port file.
        register_version: Version of the register; None without one.
        newest_week: Newest week whose messages it knew.
        code_version: Version of the software.
        attributions: Texts that the sources require.
        warnings: Warnings of the release check.
        withdrawn: By whom, when and why it was withdrawn; None if it was not.
        newer: Release that is served for the week instead; None if it is this one or none.
        overrides: Failed checks that were overridden.
        disclosure: What was suppressed, as the release recorded it; None if it recorded nothing.
        tables: The released tables that it holds rows of.
    """

    release_id: str
    week: str
    week_before: str
    year_before: str
    published_at: datetime
    observations: int
    port_version: str
    register_version: str | None
    newest_week: str | None
    code_version: str
    attributions: Sequence[str]
    warnings: Sequence[str]
    withdrawn: Withdrawal | None
    newer: str | None
    overrides: Sequence[Override]
    disclosure: Suppression | None
    tables: Sequence[str] = ()


@dataclass(frozen=True)
class Integrity:
    """Integrity data of a release: false positions, dark vessels and chokepoints in its week.

    Attributes:
        interference: Rows of `gold.interference_weekly`.
        dark: Rows of `gold.dark_vessels_weekly`.
        status: Rows of `gold.chokepoint_status_weekly`.
        gate_centres: Degrees north and east of the middle of each chokepoint, by code.
    """

    interference: pl.DataFrame
    dark: pl.DataFrame
    status: pl.DataFrame
    gate_centres: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class BulletinData:
    """Content of one bulletin.

    Attributes:
        release: The release.
        activity: Port activity: of all weeks the total over ports and classes; of the week, the one before and that
            of the year before each port over all classes, and all ports by class.
        transits: Chokepoints over both directions and all classes, for the same three weeks.
        flows: Imports and exports with all partners over all classes: world in all weeks, countries in the three.
        quality: Quality indicators of the week and the one before.
        places: The ports by code.
        gate_names: Names of the chokepoints by code, in English.
        coverage: Coverage of the ports from the lake as of the release; empty if it cannot be read.
        may_show_cells: Whether the release was made without disclosure control, which does not protect cells.
        cells: `cell` and `hours` from the lake as of the release; None if they must not be shown or cannot be read.
        vintages: The releases of the week up to this one, oldest first.
        revisions: The summary of revisions by headline value and lag, as known then.
        publication: Who publishes, when the next release comes and where the data are.
        integrity: Integrity data; None for a release of an earlier build, which has none.
    """

    release: ReleaseFacts
    activity: pl.DataFrame
    transits: pl.DataFrame
    flows: pl.DataFrame
    quality: pl.DataFrame
    places: Mapping[str, Place]
    gate_names: Mapping[str, str]
    coverage: pl.DataFrame
    may_show_cells: bool
    cells: pl.DataFrame | None
    vintages: Sequence[Vintage]
    revisions: pl.DataFrame
    publication: Publication
    integrity: Integrity | None = None
