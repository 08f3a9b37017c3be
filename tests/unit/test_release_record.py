"""The typed record of a release holds every column, and is written with the bytes that were read."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.checks.overrides import Overridden
from ais_indicators.contracts.model import load_contract
from ais_indicators.io.delta import create_tables, read_rows
from ais_indicators.releasing.basis import NOT_IN_MANIFEST
from ais_indicators.releasing.record import (
    JSON_TEXT,
    RELEASES,
    Release,
    ReleaseRecord,
    append_release,
    read_record,
    read_releases,
)
from ais_indicators.settings import Settings
from tests.release_records import release_record

RECORD = Path(__file__).with_name("release_record.json")


@pytest.fixture(scope="module")
def row() -> dict[str, Any]:
    """The row of a release of eight simulated weeks, as it was before records had a type."""
    found: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found | {"published_at_utc": datetime.fromisoformat(found["published_at_utc"])}


def test_a_record_is_written_with_the_bytes_that_were_read(row: dict[str, Any]) -> None:
    record = ReleaseRecord.model_validate(row)
    assert record.to_row() == row
    assert list(record.to_row()) == list(load_contract(RELEASES).column_names)


def test_a_record_comes_back_from_the_lake_as_it_was(row: dict[str, Any], tmp_path: Path) -> None:
    lake, record = Settings(tmp_path / "data"), ReleaseRecord.model_validate(row)
    create_tables(lake)
    append_release(lake, record)
    assert read_record(lake, record.release_id) == record
    assert read_rows(lake, RELEASES).to_pylist() == [row]
    assert [one.to_row() for one in read_releases(lake)] == [
        {name: value for name, value in row.items() if name in Release.model_fields}
    ]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("overrides", None),
        ("overrides", '[{"check": "a.b", "by_name": "A", "reason": "caf\\u00e9", "found": "1 of 2"}]'),
        ("disclosure", None),
        ("disclosure", '{"profile": "open"}'),
        (
            "disclosure",
            '{"profile": "confidential", "tables": {"t": {"cells": 3, "calls": 3.0, "lost": 0.1}}}',
        ),
        ("row_counts", '{"files": 1, "ingested": {"rows_read": 2}, "week": {}}'),
        ("folded_weeks", None),
        ("folded_weeks", '[{"port_version": "a", "gate_version": "b", "fingerprints": {}, "added": 1}]'),
        ("input_hashes", "[]"),
        ("figure_files", '{"b": ["2", "1"], "a": []}'),
    ],
)
def test_json_keeps_its_order_its_numbers_and_what_other_builds_added(
    row: dict[str, Any], column: str, text: str | None
) -> None:
    assert ReleaseRecord.model_validate(row | {column: text}).to_row()[column] == text


def test_fields_are_those_of_the_contract() -> None:
    contract, fields = load_contract(RELEASES), ReleaseRecord.model_fields
    assert fields.keys() == set(contract.column_names)
    for column in contract.columns:
        field = fields[column.name]
        assert column.nullable == (type(None) in getattr(field.annotation, "__args__", ())), column.name
        assert ("as JSON" in column.description) == (JSON_TEXT in field.metadata), column.name


def test_a_record_cannot_be_changed() -> None:
    record = release_record()
    with pytest.raises(ValueError, match="frozen"):
        record.week = "2026-W47"  # type: ignore[misc]


def test_what_the_columns_hold_has_types(row: dict[str, Any]) -> None:
    override = Overridden("a.b", "A", "because", "1 of 2")
    record = release_record(overrides=(override,), disclosure={"profile": "confidential"})
    assert json.loads(record.to_row()["overrides"]) == [
        {"check": "a.b", "by_name": "A", "reason": "because", "found": "1 of 2"}
    ]
    assert (record.disclosure_profile, release_record().disclosure_profile) == ("confidential", "open")
    plain = ReleaseRecord.model_validate(row).to_plain()
    assert (
        plain["table_versions"]["silver.port_calls"] == json.loads(row["table_versions"])["silver.port_calls"]
    )
    assert set(NOT_IN_MANIFEST) < plain.keys()
