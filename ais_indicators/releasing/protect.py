"""Disclosure control of a week's values, given everything that has been published before."""

from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ais_indicators.contracts.measures import measures, to_observed
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.profiles import find_profile
from ais_indicators.disclosure.losses import losses
from ais_indicators.disclosure.protect import protect
from ais_indicators.disclosure.published import Frames, Published
from ais_indicators.io.delta import read_rows
from ais_indicators.io.earlier_rows import with_absent_columns
from ais_indicators.io.references import port_places
from ais_indicators.periods import Week
from ais_indicators.publish.files import PORT_ACTIVITY, RELEASED_TABLES, Observations, data_file_name
from ais_indicators.releasing.contributions import read_contributions
from ais_indicators.releasing.history import read_history, release_folder
from ais_indicators.releasing.record import Disclosure, Release
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

CONTRIBUTORS: Final = "gold.contributors_weekly"


def protect_release(
    settings: Settings,
    week: Week,
    observations: Observations,
    profile_name: str | None = None,
    before_sequence: int | None = None,
    published_by: Settings | None = None,
    *,
    with_insiders: bool = True,
    rules: Rules,
) -> Observations:
    """Protects the values of a week by a profile.

    Args:
        settings: The lake; its profile unless another is named.
        week: The week.
        observations: The released tables' rows of the week as in gold.
        profile_name: Profile to protect by.
        before_sequence: Count as published what was released before the release of this number; None for all.
        published_by: The lake whose releases have been published, if it is another.
        with_insiders: Whether to protect against contributors, who know their own part; False to measure the cost of
            that.
        rules: Rules of the lake's subject.

    Raises:
        WrongUseError: There is no such profile.
        BadInputError: The week has no contributors.
        ReleaseStoppedError: A suppressed value could still be derived.
    """
    profile = find_profile(profile_name or settings.disclosure)
    if not profile.is_protected or not any(rows.num_rows for rows in observations.values()):
        return observations
    contributors = pl.DataFrame(read_rows(settings, CONTRIBUTORS, filters=[("week", "=", week.name)]))
    places = port_places(settings)
    countries = dict(places.select("port_locode", "country_iso3").drop_nulls().rows())
    published = _published(published_by or settings, settings, week, before_sequence)
    contributions = read_contributions(settings, week, rules) if with_insiders else {}
    return protect(observations, contributors, contributions, profile, countries, published, rules)


def disclosure_record(settings: Settings, week: Week, released: Observations, rules: Rules) -> Disclosure:
    """Returns the record of a release's disclosure control: the profile, and losses by table."""
    gold = {
        table: read_rows(settings, table, filters=[("week", "=", week.name)]) for table in RELEASED_TABLES
    }
    for_outsiders = protect_release(settings, week, gold, with_insiders=False, rules=rules)
    lost = losses(*(_as_frames(tables) for tables in (gold, released, for_outsiders)))
    tables = {table: dict(sorted(of.items())) for table, of in sorted(lost.items())}
    return Disclosure(profile=settings.disclosure, tables=tables)


def _as_frames(tables: Observations) -> Frames:
    return {table: pl.DataFrame(rows) for table, rows in tables.items()}


def disclosure_sentence(record: Disclosure) -> str:
    """Summarises what a release suppresses in one line."""
    tables = record.tables.values()
    first, further, cells, rows = (
        sum(int(of[name]) for of in tables) for name in ("primary", "secondary", "cells", "observations")
    )
    for_insiders = sum(int(of.get("insiders", 0)) for of in tables)
    if not rows:
        return f"disclosure profile {record.profile}: nothing is suppressed"
    return (
        f"disclosure profile {record.profile}: {first + further} of {cells} cells suppressed "
        f"({first} primary, {further} secondary; {for_insiders} of them because contributors know their own part), "
        f"{rows} observations"
    )


def _published(publisher: Settings, settings: Settings, week: Week, before_sequence: int | None) -> Published:
    """Returns every earlier release of the week, and what is served of the adjacent weeks."""
    history = read_history(publisher)
    releases = [
        one for one in history.releases if before_sequence is None or one.release_sequence < before_sequence
    ]
    newest = {one.week: one for one in releases if history.is_served(one)}
    before, after = (newest.get(week.plus(step).name) for step in (-1, 1))
    true = pl.DataFrame(read_rows(settings, PORT_ACTIVITY, filters=[("week", "=", week.plus(-1).name)]))
    return Published(
        vintages=tuple(_frames(publisher, row) for row in releases if row.week == week.name),
        week_before=_frames(publisher, before).get(PORT_ACTIVITY) if before else None,
        week_before_true=true,
        week_after=_frames(publisher, after).get(PORT_ACTIVITY) if after else None,
    )


def _frames(settings: Settings, release: Release) -> Frames:
    folder = release_folder(settings, release.release_id)
    files = {table: folder / data_file_name(table, "parquet") for table in RELEASED_TABLES}
    return {table: _observed(pq.read_table(file), table) for table, file in files.items() if file.is_file()}


def _observed(rows: pa.Table, table: str) -> pl.DataFrame:
    """Returns the rows of a release as observations; columns that it was made without hold the contract's value."""
    names = load_contract(table).column_names if measures(table) else tuple(rows.column_names)
    return to_observed(pl.DataFrame(with_absent_columns(rows, table, names)), table)
