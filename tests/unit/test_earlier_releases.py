"""Lakes and releases of builds that recorded less: they are read, brought up to date, and said to lack things."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import CONTRACTS_MARK, TABLE_PROPERTIES, create_tables, open_delta
from ais_indicators.publish.files import RELEASED_TABLES, data_file_name, write_release_files
from ais_indicators.releasing.compare import NOT_RECORDED, compare_releases
from ais_indicators.releasing.differences import count_differences
from ais_indicators.releasing.export_formats import Asked, export_known
from ais_indicators.releasing.history import EVENTS, find_release, read_history, release_folder
from ais_indicators.releasing.known_then import known_release
from ais_indicators.releasing.record import RELEASES, append_release
from ais_indicators.releasing.reproduce import what_differs_now
from ais_indicators.releasing.tables import as_recorded, read_release_table, recorded_columns
from ais_indicators.releasing.withdraw import withdraw_release
from ais_indicators.settings import Settings
from tests.release_lake import (
    ACTIVITY,
    DARK,
    FIRST_ROWS,
    INTERFERENCE,
    STATUS,
    chokepoint,
    make_lake,
    publish,
)
from tests.release_records import release_record
from tests.subject_rules import SHIP_RULES

OLDER, NEWER = "2020-W53-older", "2020-W53-newer"

ADDED = {
    "newest_week",
    "gate_version",
    "register_version",
    "code_sha256",
    "row_counts",
    "overrides",
    "folded_weeks",
}
OLD = pa.schema(
    [field for field in arrow_schema(RELEASES) if field.name not in ADDED]
    + [pa.field("status", pa.string(), nullable=False), pa.field("is_served", pa.bool_(), nullable=False)]
)


def record(number: int, **columns: Any) -> dict[str, Any]:
    """A row of `gold.releases` as an earlier build wrote it."""
    row = {
        "release_id": f"2026-W46-{number}",
        "release_sequence": number,
        "week": "2026-W46",
        "published_at_utc": datetime(2026, 11, 16 + number, tzinfo=UTC),
        "content_sha256": str(number),
        "observations": 0,
        "figure_files": "{}",
        "table_versions": "{}",
        "code_version": "0.0.9",
        "rules_hash": f"rules {number}",
        "port_version": "first",
        "input_hashes": json.dumps(["aa"]),
        "attributions": "[]",
        "warnings": "[]",
    }
    return row | columns


@pytest.fixture
def lake(tmp_path: Path) -> Settings:
    """Two releases of an earlier build, the second served."""
    settings = Settings(tmp_path / "data")
    create_tables(settings)
    (settings.lake / CONTRACTS_MARK).unlink()
    old = [
        record(1, status="published", is_served=False),
        record(2, status="published", is_served=True, port_version="second"),
    ]
    rows = pa.Table.from_pylist(old, schema=OLD)
    write_deltalake(
        str(settings.table_path(RELEASES)),
        rows,
        mode="overwrite",
        schema_mode="overwrite",
        configuration=TABLE_PROPERTIES,
    )
    for row in old:
        tables = {name: arrow_schema(name).empty_table() for name in RELEASED_TABLES}
        write_release_files(tables, release_folder(settings, row["release_id"]))
    return settings


def test_releases_of_an_earlier_build_are_read_as_they_stand(lake: Settings) -> None:
    for path in sorted(lake.table_path(EVENTS).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    history = read_history(lake)
    assert history.served["2026-W46"].release_id == "2026-W46-2"
    assert history.as_of("2026-11-17").served["2026-W46"].release_id == "2026-W46-1"
    assert {find_release(lake, "latest").to_row()[name] for name in ADDED} == {None}


def test_their_lake_is_brought_to_the_contract_and_goes_on(lake: Settings) -> None:
    before = read_history(lake)
    create_tables(lake)
    stored = [field.name for field in open_delta(lake, RELEASES).schema().fields]
    assert stored == arrow_schema(RELEASES).names
    assert open_delta(lake, RELEASES).metadata().configuration == TABLE_PROPERTIES
    assert read_history(lake) == before
    version = open_delta(lake, RELEASES).version()
    create_tables(lake)
    assert open_delta(lake, RELEASES).version() == version
    append_release(lake, release_record(**record(3)))
    withdraw_release(lake, "2026-W46-3", "A. Person", "a test")
    assert read_history(lake).served["2026-W46"].release_id == "2026-W46-2"
    assert DeltaTable(str(lake.table_path(RELEASES))).to_pyarrow_table().num_rows == 3


def test_what_they_do_not_reports_is_said_to_be_not_recorded(lake: Settings) -> None:
    create_tables(lake)
    new = release_record(**record(3, code_sha256="new", newest_week="2026-W47", port_version="second"))
    append_release(lake, new)
    write_release_files(
        {name: arrow_schema(name).empty_table() for name in RELEASED_TABLES},
        release_folder(lake, "2026-W46-3"),
    )
    old = {cause.kind: cause.said for cause in compare_releases(lake, "2026-W46-1", "2026-W46-2").causes}
    assert old == {
        "rules": f"rules differ; which ones is {NOT_RECORDED}",
        "ports": "the port version was first, is second",
    }
    newer = {cause.kind: cause.said for cause in compare_releases(lake, "2026-W46-2", "2026-W46-3").causes}
    assert newer["window"] == f"the newest week known is 2026-W47; before it is {NOT_RECORDED}"
    assert newer["code"] == f"the hash of the software is new; before it is {NOT_RECORDED}"
    said = what_differs_now(lake, find_release(lake, "2026-W46-1"), SHIP_RULES)
    assert said == ["rules differ; which ones was not recorded", "the hash of the software was not recorded"]


@pytest.fixture
def before_integrity(tmp_path: Path) -> Settings:
    """Two releases of a week: one without reasons of statuses and without the integrity tables, one with both."""
    settings = make_lake(tmp_path)
    marked = [dict(row) for row in FIRST_ROWS[ACTIVITY]]
    marked[0] |= {"obs_status": "U", "status_reason": "vessels_dark"}
    for number, name in enumerate((OLDER, NEWER), start=7):
        publish(settings, name, number, FIRST_ROWS | {ACTIVITY: marked}, day=date(2021, 1, 13 + number))
    folder = release_folder(settings, OLDER)
    for table in (INTERFERENCE, DARK, STATUS):
        for suffix in ("csv", "parquet"):
            (folder / data_file_name(table, suffix)).unlink()
    path = folder / data_file_name(ACTIVITY, "parquet")
    pq.write_table(pq.read_table(path).drop_columns(["status_reason"]), path)
    return settings


def test_a_release_without_the_integrity_tables_is_compared_by_what_it_recorded(
    before_integrity: Settings,
) -> None:
    found = compare_releases(before_integrity, OLDER, NEWER)
    changes = {table: (of["new"], of["changed"], of["gone"]) for table, of in found.counts.items()}
    assert changes == dict.fromkeys(RELEASED_TABLES, (0, 0, 0)) | {
        INTERFERENCE: (2, 0, 0),
        DARK: (2, 0, 0),
        STATUS: (2, 0, 0),
    }
    assert found.largest == ()
    assert compare_releases(before_integrity, NEWER, NEWER).is_same


def test_a_change_of_a_measure_is_named_by_its_column(before_integrity: Settings) -> None:
    later = FIRST_ROWS | {STATUS: [chokepoint("suez", "closed", 1.0)]}
    publish(before_integrity, "2020-W53-closed", 9, later, day=date(2021, 1, 30))
    found = compare_releases(before_integrity, NEWER, "2020-W53-closed")
    assert found.counts[STATUS] == {"observations": 1, "new": 0, "changed": 1, "gone": 1}
    (change,) = (one for one in found.largest if one.table == STATUS)
    assert (change.key, change.before, change.after) == (
        {"gate_code": "suez", "indicator": "observed_transits"},
        5.0,
        1.0,
    )


def test_what_a_release_could_not_record_is_not_compared_when_it_is_computed_again(
    before_integrity: Settings,
) -> None:
    now = read_release_table(before_integrity, NEWER, ACTIVITY)
    then = read_release_table(before_integrity, OLDER, ACTIVITY)
    columns = recorded_columns(before_integrity, OLDER, ACTIVITY)
    assert "status_reason" not in columns
    assert count_differences(then, as_recorded(now, ACTIVITY, columns), ACTIVITY)["changed"] == 0
    assert count_differences(then, now, ACTIVITY)["changed"] == 1
    assert recorded_columns(before_integrity, OLDER, STATUS) == ()
    status = read_release_table(before_integrity, NEWER, STATUS)
    assert as_recorded(status, STATUS, ()).height == 0 < status.height


def test_a_release_without_reasons_is_exported_and_updated(
    before_integrity: Settings, tmp_path: Path
) -> None:
    known = known_release(before_integrity, NEWER)
    asked = Asked("sdmx-csv", tmp_path / "out", since=OLDER)
    changes = export_known(before_integrity, known, asked, SHIP_RULES).changes
    assert changes[ACTIVITY] == {"D": 0, "R": 1, "A": 0}, "the reason came"
    assert changes[STATUS] == {"D": 0, "R": 0, "A": 14}, "two chokepoints of seven measures"
    old = known_release(before_integrity, OLDER)
    names = {
        path.name
        for path in export_known(before_integrity, old, Asked("csv", tmp_path / "old"), SHIP_RULES).files
    }
    assert "port_activity_weekly.csv" in names
    assert "chokepoint_status_weekly.csv" not in names
