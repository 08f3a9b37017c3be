"""Mapping files that are wrong: each says which key."""

from pathlib import Path
from typing import Any

import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.sources.mapping import load_mapping
from ais_indicators.sources.mapping.model import mappable_columns
from tests.mappings import mapping_file, refusal

# --- mapping files that are wrong


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, colour="blue") == "office.yaml: colour is an unknown key"
    problem = refusal(tmp_path, {"sog_knots": {"from": "speed", "units": "m/s"}})
    assert problem == "office.yaml: columns.sog_knots.units is an unknown key"


def test_a_key_that_is_left_out_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, licence=None) == "office.yaml: licence is required"


def test_a_needed_column_that_is_not_mapped_is_named(tmp_path: Path) -> None:
    problem = refusal(tmp_path, {"latitude": None, "longitude": None})
    assert problem.startswith("office.yaml: columns: latitude, longitude must be mapped")


def test_a_column_that_does_not_exist_is_named(tmp_path: Path) -> None:
    assert "columns: speed_mps can be no column" in refusal(tmp_path, {"speed_mps": {"from": "speed"}})
    for ours in ("observed_on", "ship_bucket", "file_sha256", "value_flags"):
        assert f"columns: {ours} can be no column" in refusal(tmp_path, {ours: {"from": "x"}})


@pytest.mark.parametrize(
    ("column", "mapped", "problem"),
    [
        ("sog_knots", {}, "columns.sog_knots: needs one of from, constant, sum, join, parts"),
        (
            "sog_knots",
            {"from": "s", "constant": 1},
            "columns.sog_knots: needs one of from, constant, sum, join, parts",
        ),
        ("sog_knots", {"constant": 1, "missing": [1]}, "columns.sog_knots.constant: must be the only key"),
        ("message_type", {"constant": "x"}, "columns.message_type.constant: 'x' is not of type integer"),
        ("vessel_name", {"constant": 5}, "columns.vessel_name.constant: 5 is not of type string"),
        (
            "eta_utc",
            {"constant": "2026-01-01"},
            "columns.eta_utc.constant: is not allowed in a column of type timestamp",
        ),
        ("vessel_name", {"from": "n", "unit": "m"}, "columns.vessel_name.unit: is not allowed"),
        ("sog_knots", {"from": "s", "time_format": "iso"}, "columns.sog_knots.time_format: is not allowed"),
        (
            "vessel_name",
            {"from": "n", "decimal_comma": True},
            "columns.vessel_name.decimal_comma: is not allowed",
        ),
        ("eta_utc", {"from": "e", "codes": {"x": 1}}, "columns.eta_utc.codes: is not allowed"),
        (
            "ais_ship_type",
            {"from": "t", "codes": {"x": "Cargo"}},
            "columns.ais_ship_type.codes.x: 'Cargo' is not of type integer",
        ),
        (
            "transceiver_class",
            {"from": "t", "codes": {"x": 1}},
            "columns.transceiver_class.codes.x: 1 is not of type string",
        ),
        (
            "sog_knots",
            {"from": "s", "unit": "m/s", "codes": {"x": 1}},
            "columns.sog_knots.codes: are values",
        ),
        ("sog_knots", {"from": 5}, "columns.sog_knots.from: "),
        ("sog_knots", {"from": "s", "missing": [False]}, "columns.sog_knots.missing.0"),
        (
            "eta_utc",
            {"from": "e", "time_zone": "Mars/Base"},
            "columns.eta_utc.time_zone: 'Mars/Base' is neither an IANA name of a zone nor",
        ),
        (
            "eta_utc",
            {"from": "e", "time_zone": "../UTC"},
            "columns.eta_utc.time_zone: '../UTC' is neither an IANA name of a zone nor",
        ),
        (
            "eta_utc",
            {"from": "e", "time_format": "dd/mm/yyyy"},
            "columns.eta_utc.time_format: 'dd/mm/yyyy' is neither one of",
        ),
        (
            "eta_utc",
            {"from": "e", "time_format": "%H:%M"},
            "columns.eta_utc.time_format: '%H:%M' is neither one of",
        ),
        (
            "eta_utc",
            {"from": "e", "time_format": "%d/%Q"},
            "columns.eta_utc.time_format: '%d/%Q' is neither one of",
        ),
        (
            "eta_utc",
            {"from": "e", "time_format": ["iso", "epoch_s"]},
            "columns.eta_utc.time_format: epoch_ms, epoch_ns, epoch_s, ",
        ),
        (
            "observed_at_utc",
            {"from": "e", "time_format": "mmddhhmm"},
            "columns.observed_at_utc.time_format: mmddhhmm",
        ),
    ],
)
def test_a_key_that_cannot_work_is_named(
    tmp_path: Path, column: str, mapped: dict[str, Any], problem: str
) -> None:
    assert refusal(tmp_path, {column: mapped}).startswith(f"office.yaml: {problem}")


@pytest.mark.parametrize(
    "keys",
    [
        {"layout": "My layout"},
        {"format": "xml"},
        {"delimiter": ";;"},
        {"recognised_by": []},
        {"keep_weeks": 0},
        {"set_aside": {"from": "kind", "values": {"buoy": "A buoy"}}},
    ],
)
def test_a_key_with_a_wrong_value_is_named(tmp_path: Path, keys: dict[str, Any]) -> None:
    assert refusal(tmp_path, **keys).startswith(f"office.yaml: {next(iter(keys))}")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "has no keys"),
        (b"- a\n- b\n", "has no keys"),
        (b"layout: [", "invalid YAML"),
        (b"layout: a\nlayout: b\n", "repeated key layout"),
        (b"title: \xff\n", "cannot be read"),
    ],
)
def test_a_file_that_is_no_mapping_says_so(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "office.yaml"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=problem):
        load_mapping(path)
    with pytest.raises(BadInputError, match="check the path"):
        load_mapping(tmp_path / "absent.yaml")


def test_yaml_words_for_truth_are_refused_in_codes(tmp_path: Path) -> None:
    path = mapping_file(tmp_path, {"transceiver_class": {"from": "b", "codes": {"yes": "A"}}})
    path.write_text(path.read_text(encoding="utf-8").replace("'yes'", "yes"), encoding="utf-8")
    with pytest.raises(BadInputError, match="put text in quotes"):
        load_mapping(path)


def test_a_feed_can_fill_what_the_tables_hold() -> None:
    assert {"destination", "eta_utc", "part", "mothership_mmsi"} <= mappable_columns().keys()
