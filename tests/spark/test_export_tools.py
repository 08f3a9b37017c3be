"""Eight weeks in every format, and the tool of the receiver that takes each: none finds an error."""

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pyshacl
import pytest
import rdflib
from frictionless import validate
from pysdmx.io.xml.doc_validation import validate_doc

from ais_indicators.contracts.measures import to_observed
from ais_indicators.publish.files import RELEASED_TABLES, data_file_name, file_stem
from ais_indicators.publish.portwatch.layout import CHOKEPOINTS_WEEKLY, OBJECT_ID, PORTS_WEEKLY
from ais_indicators.publish.sdmx.components import stem
from ais_indicators.publish.vintages import contract_rows
from ais_indicators.releasing.known_then import known_at
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.sdmx_reader import read_sdmx1
from tests.sdmx_validator import faults
from tests.unit.test_machine_descriptions import SHAPES, csvw_faults

ALL = ("export", "--as-of", "2100-01-01")


@pytest.fixture
def call(eight_weeks: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(eight_weeks.data_dir, capsys)


def observations(lake: Settings, table: str) -> int:
    """How many observations the releases of all weeks have."""
    return to_observed(contract_rows(known_at(lake).vintages, table), table).height


@pytest.mark.parametrize("version", ["3.0", "2.1"])
def test_lxml_pysdmx_and_sdmx1_take_sdmx_ml(
    call: Caller, eight_weeks: Settings, tmp_path: Path, version: str
) -> None:
    out, suffix = tmp_path / "out", f"sdmx{version.replace('.', '')}"
    assert call(*ALL, "--format", "sdmx-ml", "--sdmx-version", version, "--out", out).code == 0
    structures = read_sdmx1(out / f"structures.{suffix}.xml")
    for table in RELEASED_TABLES:
        path = out / f"{file_stem(table)}.{suffix}.xml"
        text = path.read_text(encoding="utf-8")
        assert faults(text, version, tmp_path / "schemas", path.with_suffix(".xsd")) == []
        validate_doc(text)
        message = read_sdmx1(path, structures.structure[stem(table)])
        assert len(message.data[0].obs) == observations(eight_weeks, table)
    for one, name in (("3.0", "structures.sdmx30.xml"), ("2.1", "structures.sdmx21.xml")):
        text = (out / name).read_text(encoding="utf-8")
        assert faults(text, one, tmp_path / f"schemas{one}") == []


def test_sdmx1_takes_sdmx_csv(call: Caller, eight_weeks: Settings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call(*ALL, "--format", "sdmx-csv", "--out", out).code == 0
    structures = read_sdmx1(out / "structures.sdmx30.xml")
    for table in RELEASED_TABLES:
        message = read_sdmx1(out / f"{file_stem(table)}.sdmx.csv", structures.structure[stem(table)])
        assert sum(len(data.obs) for data in message.data) == observations(eight_weeks, table)


@pytest.mark.parametrize("file_format", ["csv", "portwatch"])
def test_frictionless_csvw_and_shacl_take_csv_and_its_descriptions(
    call: Caller, tmp_path: Path, file_format: str
) -> None:
    out = tmp_path / "out"
    assert call(*ALL, "--format", file_format, "--out", out).code == 0
    report = validate(str(out / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    described = sorted(out.glob("*.csv-metadata.json"))
    packed = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert len(described) == len(packed) > 0
    is_empty = {one["path"]: len(pd.read_csv(out / one["path"])) == 0 for one in packed}
    filled = [path for path in described if not is_empty[path.name.removesuffix("-metadata.json")]]
    assert len(filled) >= len(described) - 1  # no vessel was shown falsely in these weeks
    assert [fault for path in filled for fault in csvw_faults(path)] == []
    catalogue = rdflib.Graph().parse(out / "dcat.jsonld", format="json-ld")
    conforms, _, text = pyshacl.validate(catalogue, shacl_graph=str(SHAPES), advanced=True)
    assert conforms, text


def test_pyarrow_and_pandas_take_parquet(call: Caller, eight_weeks: Settings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call(*ALL, "--format", "parquet", "--out", out).code == 0
    for table in RELEASED_TABLES:
        path = out / data_file_name(table, "parquet")
        rows = contract_rows(known_at(eight_weeks).vintages, table).height
        assert len(pd.read_parquet(path)) == pq.read_metadata(path).num_rows == rows


def test_pandas_takes_portwatch_files_as_scripts_do(call: Caller, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call(*ALL, "--format", "portwatch", "--out", out).code == 0
    for layout in (PORTS_WEEKLY, CHOKEPOINTS_WEEKLY):
        rows = pd.read_csv(out / f"{layout.name}.csv")
        rows["date"] = pd.to_datetime(rows["date"])
        assert rows.drop(columns=[OBJECT_ID])["date"].nunique() == 8
        assert not rows.duplicated(["portname", "date"]).any()
