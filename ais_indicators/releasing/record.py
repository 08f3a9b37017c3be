"""Record of a release: the row of `gold.releases`, read and written here and typed everywhere else."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, BeforeValidator, ConfigDict

from ais_indicators.checks.overrides import Overridden
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.settings import DEFAULT_DISCLOSURE, Settings

RELEASES: Final = "gold.releases"

JSON_TEXT: Final = BeforeValidator(lambda value: json.loads(value) if isinstance(value, str) else value)
"""Marks a field that the table holds as JSON."""


class Disclosure(BaseModel):
    """What disclosure control suppressed in a release.

    Attributes:
        profile: Name of the disclosure profile.
        tables: By table, the numbers that `ais_indicators.disclosure.losses.losses` returns.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    profile: str
    tables: Mapping[str, Mapping[str, int | float]] = {}


class FoldedRun(BaseModel):
    """Weeks that were folded with the same ports and gates.

    Attributes:
        port_version: Version of the ports.
        gate_version: Version of the gates.
        fingerprints: First digits of the hash over the names of the files of bronze, by week.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    port_version: str
    gate_version: str
    fingerprints: Mapping[str, str]


class Release(BaseModel):
    """One release, without the long columns of its record that are needed for one release at a time.

    Attributes:
        release_id: Its identifier.
        release_sequence: 1 for the first release, and so on.
        week: Its ISO week.
        published_at_utc: When it was published.
        content_sha256: Hash of its files.
        observations: Rows that it published.
        figure_files: Files of the lake that held its values, by table.
        table_versions: Delta version of each table of the lake.
        port_version: Version of the ports.
        gate_version: Version of the gates; None in releases of earlier builds.
        newest_week: Newest week with messages; None in releases of earlier builds.
        attributions: Texts that its sources require.
        overrides: Failed critical checks that a person overrode; None in releases of earlier builds.
        disclosure: What was suppressed; None in releases of earlier builds.
    """

    model_config = ConfigDict(frozen=True)

    release_id: str
    release_sequence: int
    week: str
    published_at_utc: datetime
    content_sha256: str
    observations: int
    figure_files: Annotated[Mapping[str, tuple[str, ...]], JSON_TEXT]
    table_versions: Annotated[Mapping[str, int], JSON_TEXT]
    port_version: str
    gate_version: str | None
    newest_week: str | None
    attributions: Annotated[tuple[str, ...], JSON_TEXT]
    overrides: Annotated[tuple[Overridden, ...] | None, JSON_TEXT]
    disclosure: Annotated[Disclosure | None, JSON_TEXT]

    @property
    def disclosure_profile(self) -> str:
        """Returns the name of its disclosure profile; releases without one suppressed nothing."""
        return self.disclosure.profile if self.disclosure else DEFAULT_DISCLOSURE

    def to_row(self) -> dict[str, Any]:
        """Returns its columns of `gold.releases`, in the order of the contract."""
        values, fields = self.model_dump(exclude_unset=True), type(self).model_fields
        return {
            name: json.dumps(values[name])
            if JSON_TEXT in fields[name].metadata and values[name] is not None
            else values[name]
            for name in load_contract(RELEASES).column_names
            if name in fields
        }

    def to_plain(self) -> dict[str, Any]:
        """Returns the columns of `gold.releases` with JSON as lists and dictionaries."""
        fields = type(self).model_fields
        return {
            name: json.loads(value) if JSON_TEXT in fields[name].metadata and value is not None else value
            for name, value in self.to_row().items()
        }


class ReleaseRecord(Release):
    """The complete record of a release.

    Attributes:
        code_version: Version of the software.
        code_sha256: Hash of the software's files; None in releases of earlier builds.
        rules_hash: Hash of the rules.
        register_version: Version of the vessel register; None without one and in releases of earlier builds.
        input_hashes: Hashes of the source files with messages of the week or before.
        row_counts: Files, rows ingested, and rows of the week by table; None in releases of earlier builds.
        warnings: Warnings of the release check.
        folded_weeks: How each week was folded; None in releases of earlier builds.
    """

    code_version: str
    code_sha256: str | None
    rules_hash: str
    register_version: str | None
    input_hashes: Annotated[tuple[str, ...], JSON_TEXT]
    row_counts: Annotated[Mapping[str, int | Mapping[str, int]] | None, JSON_TEXT]
    warnings: Annotated[tuple[str, ...], JSON_TEXT]
    folded_weeks: Annotated[tuple[FoldedRun, ...] | None, JSON_TEXT]


def read_releases(settings: Settings) -> tuple[Release, ...]:
    """Reads all releases that were ever published, newest last.

    Raises:
        WrongUseError: There are no tables yet.
    """
    rows = read_rows(settings, RELEASES, tuple(Release.model_fields)).sort_by("release_sequence")
    return tuple(Release.model_validate(row) for row in rows.to_pylist())


def read_record(settings: Settings, release_id: str) -> ReleaseRecord:
    """Reads the complete record of an existing release."""
    rows = read_rows(settings, RELEASES, filters=[("release_id", "=", release_id)])
    return ReleaseRecord.model_validate(rows.to_pylist()[0])


def append_release(settings: Settings, record: ReleaseRecord) -> None:
    """Records a release."""
    rows = pa.Table.from_pylist([record.to_row()], schema=arrow_schema(RELEASES))
    commit(settings, RELEASES, [stage(table_folder(settings, RELEASES), RELEASES, rows, {}, "appended")])


def copy_releases_before(settings: Settings, release: Release, copy: Settings) -> None:
    """Makes the record of another lake hold the releases that were published before one, unchanged."""
    rows = read_rows(settings, RELEASES)
    earlier = rows.filter(pc.less(rows["release_sequence"], release.release_sequence))
    staged = stage(table_folder(copy, RELEASES), RELEASES, earlier, {}, "earlier")
    commit(copy, RELEASES, [staged], active_files(open_delta(copy, RELEASES)))
