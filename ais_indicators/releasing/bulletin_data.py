"""Reads the content of a bulletin: a release, what was served when it was published, and the lake as of then.

Nothing that was published later changes a bulletin, except two facts of the release itself: that it was withdrawn, and
that another one is served instead.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import polars as pl
import shapely
from deltalake.exceptions import DeltaError

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.profiles import find_profile
from ais_indicators.errors import AisIndicatorsError, WrongUseError
from ais_indicators.geo.gates import read_gates
from ais_indicators.io.delta import read_rows
from ais_indicators.io.gate_references import gate_areas
from ais_indicators.io.references import port_areas
from ais_indicators.periods import Week
from ais_indicators.publish.files import PORT_ACTIVITY, released_tables
from ais_indicators.publish.headlines import FLOWS, HEADLINES
from ais_indicators.publish.pages.figures import ALL, figure_of
from ais_indicators.publish.pages.model import (
    BulletinData,
    Integrity,
    Override,
    Place,
    ReleaseFacts,
    Suppression,
    Vintage,
    Withdrawal,
)
from ais_indicators.publish.publication import PUBLICATION_FILE, read_publication
from ais_indicators.publish.vintages import Vintage as ServedVintage
from ais_indicators.releasing.frames import rows_of_vintages
from ais_indicators.releasing.history import ReleaseHistory, read_history, release_folder, release_vintage
from ais_indicators.releasing.record import Release, ReleaseRecord, read_record
from ais_indicators.releasing.revisions import headline_revisions
from ais_indicators.releasing.tables import read_release_table, recorded_columns
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

CELLS: Final = "gold.cell_activity_weekly"
COVERAGE: Final = "gold.coverage_weekly"
TRANSITS: Final = "gold.chokepoint_transits_weekly"
QUALITY: Final = "gold.quality_weekly"
INTEGRITY: Final = ("gold.interference_weekly", "gold.dark_vessels_weekly", "gold.chokepoint_status_weekly")
_HEADLINE_TABLES: Final = tuple(sorted({one.table for one in HEADLINES}))


def read_bulletin_data(settings: Settings, release_id: str, rules: Rules) -> BulletinData:
    """Reads the content of the bulletin of a release.

    Args:
        settings: Settings of the lake.
        release_id: The release, or `latest`.
        rules: Rules of the lake's subject.

    Raises:
        WrongUseError: There is no such release.
        BadInputError: A file of a release is missing, or `publication.yaml` cannot be used.
    """
    now = read_history(settings)
    record = read_record(settings, now.find(release_id).release_id)
    then = now.as_of(record.release_id)
    tables = released_tables([release_folder(settings, record.release_id)], "csv")
    facts = replace(_facts(record, now), tables=tables)
    vintages = _served_then(settings, then, record)
    three = [facts.week_before, facts.week, facts.year_before]
    may_show_cells = _is_unprotected(facts)
    return BulletinData(
        release=facts,
        activity=_activity(vintages, three),
        transits=rows_of_vintages(
            vintages, TRANSITS, _of(three) & (pl.col("direction") == ALL) & _all_classes()
        ),
        flows=_flows(vintages, three),
        quality=rows_of_vintages(vintages, QUALITY, _of(three[:2])),
        places=_places(settings, record.port_version),
        gate_names=_gate_names(settings, record.gate_version),
        coverage=_lake_rows(settings, record, COVERAGE).filter(place_kind="port"),
        may_show_cells=may_show_cells,
        cells=_cells(settings, record) if may_show_cells else None,
        vintages=[_vintage(settings, row, now) for row in then.releases if row.week == facts.week],
        revisions=headline_revisions(settings, history=then, rules=rules),
        publication=read_publication(settings.data_dir / PUBLICATION_FILE),
        integrity=_integrity(settings, record),
    )


def _facts(record: ReleaseRecord, now: ReleaseHistory) -> ReleaseFacts:
    week, release_id = Week.parse(record.week), record.release_id
    withdrawal, served = now.withdrawn.get(release_id), now.served.get(week.name)
    return ReleaseFacts(
        release_id=release_id,
        week=week.name,
        week_before=week.plus(-1).name,
        year_before=week.year_before.name,
        published_at=record.published_at_utc,
        observations=record.observations,
        port_version=record.port_version,
        register_version=record.register_version,
        newest_week=record.newest_week,
        code_version=record.code_version,
        attributions=record.attributions,
        warnings=record.warnings,
        withdrawn=Withdrawal(withdrawal.by_name, withdrawal.at_utc, withdrawal.reason)
        if withdrawal
        else None,
        newer=served.release_id if served and served.release_id != release_id else None,
        overrides=tuple(
            Override(one.check, one.found, one.by_name, one.reason) for one in record.overrides or ()
        ),
        disclosure=Suppression(record.disclosure.profile, record.disclosure.tables)
        if record.disclosure
        else None,
    )


def _served_then(settings: Settings, then: ReleaseHistory, record: ReleaseRecord) -> list[ServedVintage]:
    """Returns what was served for each week up to the release's own, and for its own week the release itself."""
    served: dict[str, Release] = {week: row for week, row in then.served.items() if week < record.week}
    served[record.week] = record
    return [release_vintage(settings, served[week]) for week in sorted(served)]


def _of(weeks: Sequence[str]) -> pl.Expr:
    return pl.col("week").is_in(weeks)


def _all_classes() -> pl.Expr:
    return pl.col("vessel_class") == ALL


def _activity(vintages: Sequence[ServedVintage], three: Sequence[str]) -> pl.DataFrame:
    is_total = pl.col("port_locode") == ALL
    return rows_of_vintages(
        vintages,
        PORT_ACTIVITY,
        (is_total & _all_classes()) | (_of(three) & (is_total | _all_classes())),
    )


def _flows(vintages: Sequence[ServedVintage], three: Sequence[str]) -> pl.DataFrame:
    is_world = pl.col("reporter_level") == "world"
    is_country = (pl.col("reporter_level") == "country") & _of(three)
    return rows_of_vintages(
        vintages, FLOWS, _all_classes() & (pl.col("partner") == ALL) & (is_world | is_country)
    )


def _vintage(settings: Settings, row: Release, now: ReleaseHistory) -> Vintage:
    release_id = row.release_id
    is_withdrawn = release_id in now.withdrawn
    tables = {
        table: read_release_table(settings, release_id, table)
        for table in (() if is_withdrawn else _HEADLINE_TABLES)
    }
    found = {
        one.name: figure_of(row)
        for one in HEADLINES
        for row in (one.find(tables[one.table]).iter_rows(named=True) if tables else ())
    }
    return Vintage(release_id, row.published_at_utc, is_withdrawn, found)


def _is_unprotected(facts: ReleaseFacts) -> bool:
    """Returns whether nothing was suppressed; an unknown profile counts as one that suppressed something."""
    if facts.disclosure is None:
        return True
    try:
        return not find_profile(facts.disclosure.profile).is_protected
    except WrongUseError:
        return False


def _places(settings: Settings, version: str) -> dict[str, Place]:
    """Returns name, country and place of each port of a version; none if the version is gone."""
    try:
        areas = pl.DataFrame(port_areas(settings, version))
    except WrongUseError:
        return {}
    ports = areas.filter(area_kind="port").unique("port_locode", keep="first", maintain_order=True)
    columns = ("port_locode", "port_name", "country_iso3", "centre_latitude", "centre_longitude")
    return {code: Place(*of) for code, *of in ports.select(columns).iter_rows()}


def _gate_names(settings: Settings, version: str | None) -> dict[str, str]:
    if version is None:
        return {}
    try:
        areas = pl.DataFrame(gate_areas(settings, version))
    except WrongUseError:
        return {}
    return dict(areas.select("gate_code", "gate_name").unique(maintain_order=True).iter_rows())


def _integrity(settings: Settings, record: ReleaseRecord) -> Integrity | None:
    """Reads the integrity data of the release; None if it has none of these tables."""
    interference, dark, status = (
        read_release_table(settings, record.release_id, table) for table in INTEGRITY
    )
    if not any(recorded_columns(settings, record.release_id, table) for table in INTEGRITY):
        return None
    return Integrity(interference, dark, status, _gate_centres(settings, record.gate_version))


def _gate_centres(settings: Settings, version: str | None) -> dict[str, tuple[float, float]]:
    """Reads the centre of each chokepoint; those of the packaged file if the release's version is gone."""
    shipped = {gate.code: (gate.latitude, gate.longitude) for gate in read_gates()}
    try:
        areas = pl.DataFrame(gate_areas(settings, version)) if version is not None else None
    except WrongUseError:
        areas = None
    if areas is None:
        return shipped
    gates = areas.filter(area_kind="gate").sort("area_id")
    points = shapely.centroid(shapely.from_wkb(gates["geometry_wkb"].to_list()))
    return {
        code: (float(y), float(x))
        for code, x, y in zip(gates["gate_code"], shapely.get_x(points), shapely.get_y(points), strict=True)
    }


def _cells(settings: Settings, record: ReleaseRecord) -> pl.DataFrame | None:
    rows = _lake_rows(settings, record, CELLS)
    if not rows.height:
        return None
    return rows.group_by(cell="h3_res6").agg(pl.col("hours").sum()).sort("cell")


def _lake_rows(settings: Settings, record: ReleaseRecord, table: str) -> pl.DataFrame:
    """Reads the release's week of an unreleased table, in the version that the release names.

    Empty if that version no longer exists: for a release of an earlier build, or after maintenance.
    """
    version = record.table_versions.get(table)
    columns = load_contract(table).column_names
    try:
        if version is not None:
            week = [("week", "=", record.week)]
            return pl.DataFrame(read_rows(settings, table, filters=week, version=version)).sort(
                load_contract(table).key
            )
    except (AisIndicatorsError, DeltaError):
        pass
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
