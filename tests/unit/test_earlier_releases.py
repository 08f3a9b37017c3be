"""Lakes and releases of builds that recorded less: they are read, brought up to date, and said to lack things."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import CONTRACTS_MARK, TABLE_PROPERTIES, create_tables, open_delta
from ais_indicators.io.releases import (
    EVENTS,
    RELEASES,
    append_release,
    find_release,
    read_history,
    release_folder,
)
from ais_indicators.pipelines.compare_releases import NOT_RECORDED, compare_releases
from ais_indicators.pipelines.reproduce_releases import what_differs_now
from ais_indicators.pipelines.withdraw_release import withdraw_release
from ais_indicators.publish.files import RELEASED_TABLES, write_release_files
from ais_indicators.settings import Settings

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
    assert history.served["2026-W46"]["release_id"] == "2026-W46-2"
    assert history.as_of("2026-11-17").served["2026-W46"]["release_id"] == "2026-W46-1"
    assert {find_release(lake, "latest")[name] for name in ADDED} == {None}


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
    append_release(lake, record(3, **dict.fromkeys(ADDED)))
    withdraw_release(lake, "2026-W46-3", "A. Person", "a test")
    assert read_history(lake).served["2026-W46"]["release_id"] == "2026-W46-2"
    assert DeltaTable(str(lake.table_path(RELEASES))).to_pyarrow_table().num_rows == 3


def test_what_they_do_not_tell_is_said_to_be_not_recorded(lake: Settings) -> None:
    create_tables(lake)
    new = record(3, **dict.fromkeys(ADDED)) | {
        "code_sha256": "new",
        "newest_week": "2026-W47",
        "port_version": "second",
    }
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
    said = what_differs_now(lake, find_release(lake, "2026-W46-1"))
    assert said == ["rules differ; which ones was not recorded", "the hash of the software was not recorded"]
