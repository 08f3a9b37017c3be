"""Command `export` in every format: from a lake with releases, as a loader, a dashboard and a catalogue take them."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless import validate
from openpyxl import load_workbook

from ais_indicators.contracts.measures import to_observed
from ais_indicators.contracts.model import load_contract
from ais_indicators.publish.files import RELEASED_TABLES, data_file_name, file_stem
from ais_indicators.publish.portwatch.identities import broken_identities
from ais_indicators.publish.portwatch.layout import (
    CHOKEPOINTS_DAILY,
    CHOKEPOINTS_WEEKLY,
    PORTS_DAILY,
    PORTS_WEEKLY,
)
from ais_indicators.publish.sdmx.components import component_id, stem
from ais_indicators.publish.spreadsheets.labels import coded_columns
from ais_indicators.publish.spreadsheets.workbook import NOTES_SHEET, WORKBOOK, sheet_name
from ais_indicators.publish.vintages import contract_rows
from ais_indicators.releasing.export_spreadsheets import CODES
from ais_indicators.releasing.known_then import known_at
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.release_lake import (
    ACTIVITY,
    ATTRIBUTION,
    FIRST,
    FIRST_ID,
    REVISED_ID,
    SECOND,
    SECOND_ID,
    SECOND_ROWS,
    make_lake,
    publish,
)
from tests.sdmx_reader import read_sdmx1

NOW = "2021-02-01"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The lake of `tests.release_lake`. Not to be changed."""
    return make_lake(tmp_path_factory.mktemp("export-formats"))


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(lake.data_dir, capsys)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def published(lake: Settings, table: str, as_of: str = NOW) -> list[dict[str, Any]]:
    return to_observed(contract_rows(known_at(lake, as_of).vintages, table), table).to_dicts()


def test_sdmx_csv_has_the_keys_and_values_of_all_weeks(call: Caller, lake: Settings, tmp_path: Path) -> None:
    assert call("export", "--as-of", NOW, "--format", "sdmx-csv", "--out", tmp_path / "out").code == 0
    for table in RELEASED_TABLES:
        rows = published(lake, table)
        found = lines(tmp_path / "out" / f"{file_stem(table)}.sdmx.csv")
        assert len(found) == len(rows) > 0
        for line, row in zip(found, rows, strict=True):
            assert line["STRUCTURE_ID"].startswith(f"AIS_INDICATORS:{stem(table)}(")
            for name, value in row.items():
                text = line[component_id(name)]
                if isinstance(value, float):
                    assert float(text) == value
                else:
                    assert text == ("" if value is None else str(value).replace(" ", "_"))


def test_ports_have_their_names_and_countries_from_the_references(call: Caller, tmp_path: Path) -> None:
    assert call("export", "--release", SECOND_ID, "--format", "sdmx-csv", "--out", tmp_path / "out").code == 0
    found = {
        (line["PORT"], line["REF_AREA"]) for line in lines(tmp_path / "out" / "port_activity_weekly.sdmx.csv")
    }
    assert found == {("_T", "_T"), ("NLRTM", "NLD"), ("WPI10", "_X")}
    ports = read_sdmx1(tmp_path / "out" / "structures.sdmx21.xml").codelist["CL_PORT"]
    assert str(ports["WPI10"].name) == "Tiny, port"
    sources = lines(tmp_path / "out" / "port_activity_weekly.sources.csv")
    assert sources == [{"attribution": ATTRIBUTION}]


@pytest.mark.parametrize("version", ["3.0", "2.1"])
def test_sdmx_ml_is_read_by_others(call: Caller, lake: Settings, tmp_path: Path, version: str) -> None:
    asked = ("--as-of", NOW, "--format", "sdmx-ml", "--sdmx-version", version)
    assert call("export", *asked, "--out", tmp_path / "out").code == 0
    suffix = f"sdmx{version.replace('.', '')}.xml"
    structures = read_sdmx1(tmp_path / "out" / f"structures.{suffix}")
    for table in RELEASED_TABLES:
        message = read_sdmx1(
            tmp_path / "out" / f"{file_stem(table)}.{suffix}", structure=structures.structure[stem(table)]
        )
        values = sorted(str(float(one.value)) for one in message.data[0].obs if one.value is not None)
        wanted = sorted(str(row["value"]) for row in published(lake, table) if row["value"] is not None)
        assert values == wanted


def test_an_update_reports_what_changed_since_a_release(call: Caller, tmp_path: Path) -> None:
    asked = ("export", "--since", FIRST_ID, "--week", FIRST, "--as-of", NOW, "--format", "sdmx-csv")
    reply = call.json(*asked, "--out", tmp_path / "out")
    assert reply["changes"][ACTIVITY] == {"D": 1, "R": 2, "A": 1}
    assert {tuple(of.values()) for table, of in reply["changes"].items() if table != ACTIVITY} == {(0, 0, 0)}
    found = lines(tmp_path / "out" / "port_activity_weekly.sdmx.csv")
    assert [line["ACTION"] for line in found] == ["D", "R", "A", "R"]
    assert str(tmp_path / "out" / "structures.sdmx30.xml") in reply["files"]


@pytest.mark.parametrize("since", [FIRST_ID, "2021-01-05", "2021-01-05T09:00Z"])
def test_an_update_without_a_week_is_of_all_that_is_served(call: Caller, tmp_path: Path, since: str) -> None:
    answer = call("export", "--since", since, "--format", "sdmx-ml", "--out", tmp_path / "out")
    assert answer.code == 0
    new = len(SECOND_ROWS[ACTIVITY])
    assert f"{ACTIVITY}: {new + 1} to append, 2 to replace, 1 to delete" in answer.sentences


def test_an_update_of_one_release_is_against_its_own_week(call: Caller, tmp_path: Path) -> None:
    asked = ("--release", REVISED_ID, "--since", FIRST_ID, "--format", "sdmx-csv")
    assert call.json("export", *asked, "--out", tmp_path / "out")["changes"][ACTIVITY] == {
        "D": 1,
        "R": 2,
        "A": 1,
    }
    asked = ("--release", SECOND_ID, "--since", FIRST_ID, "--format", "sdmx-csv")
    reply = call.json("export", *asked, "--out", tmp_path / "out")
    assert reply["changes"][ACTIVITY] == {"D": 0, "R": 0, "A": len(SECOND_ROWS[ACTIVITY])}


def test_portwatch_files_add_up_and_are_described(call: Caller, tmp_path: Path) -> None:
    asked = ("--as-of", NOW, "--format", "portwatch")
    assert call("export", *asked, "--out", tmp_path / "out").code == 0
    for layout in (PORTS_WEEKLY, CHOKEPOINTS_WEEKLY):
        rows = pl.read_csv(tmp_path / "out" / f"{layout.name}.csv", try_parse_dates=True)
        assert broken_identities(rows, layout) == []
        assert rows["date"].unique().sort().to_list() == [date(2020, 12, 28), date(2021, 1, 4)]
    report = validate(str(tmp_path / "out" / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    assert not (tmp_path / "out" / f"{PORTS_DAILY.name}.csv").exists()


def test_days_are_given_where_they_are_those_of_the_release(call: Caller, tmp_path: Path) -> None:
    asked = ("--release", SECOND_ID, "--format", "portwatch", "--daily")
    assert call("export", *asked, "--out", tmp_path / "out").code == 0
    rows = pl.read_csv(tmp_path / "out" / f"{PORTS_DAILY.name}.csv", try_parse_dates=True)
    assert rows.group_by("portid").agg(pl.col("portcalls").sum()).sort("portid").rows() == [
        ("WPI10", 2),
        ("port1114", 8),
    ]
    assert rows["import"].sum() == 100.5
    assert broken_identities(rows, PORTS_DAILY) == []
    straits = pl.read_csv(tmp_path / "out" / f"{CHOKEPOINTS_DAILY.name}.csv", try_parse_dates=True)
    suez = straits.filter(portid="chokepoint1").select(pl.col("n_total", "capacity_container").sum())
    assert suez.row(0) == (5, 1000.25)
    assert broken_identities(straits, CHOKEPOINTS_DAILY) == []


def test_days_that_are_not_those_of_the_release_are_refused(call: Caller, tmp_path: Path) -> None:
    answer = call("export", "--as-of", NOW, "--format", "portwatch", "--daily", "--out", tmp_path / "out")
    assert answer.code == 2
    assert answer.sentences[0].startswith(f"the days of {FIRST} in the lake do not add up to its release")
    assert not (tmp_path / "out").exists()


def test_days_of_a_protected_release_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake = make_lake(tmp_path)
    record = json.dumps({"profile": "confidential", "tables": {}})
    publish(lake, f"{SECOND}-kept", 4, SECOND_ROWS, day=date(2021, 1, 20), disclosure=record)
    answer = Caller(lake.data_dir, capsys)(
        "export", "--format", "portwatch", "--daily", "--out", tmp_path / "out"
    )
    assert answer.code == 2
    assert "protected by the disclosure profile confidential" in answer.sentences[0]
    assert not (tmp_path / "out").exists()


def test_csv_is_as_published_and_described_unless_not_wanted(
    call: Caller, lake: Settings, tmp_path: Path
) -> None:
    for asked in (("--release", SECOND_ID), ("--as-of", NOW)):
        out = tmp_path / asked[1]
        assert call("export", *asked, "--out", out).code == 0
        report = validate(str(out / "datapackage.json"))
        assert report.valid, report.flatten(["type", "note"])
        assert (out / "dcat.jsonld").is_file()
        assert all((out / data_file_name(table, "csv-metadata.json")).is_file() for table in RELEASED_TABLES)
    name = data_file_name(ACTIVITY, "csv")
    assert (tmp_path / SECOND_ID / name).read_bytes() == (lake.releases / SECOND_ID / name).read_bytes()
    assert call("export", "--release", SECOND_ID, "--no-describe", "--out", tmp_path / "plain").code == 0
    assert not list((tmp_path / "plain").glob("*json*"))


def test_a_workbook_has_the_rows_of_all_tables(call: Caller, lake: Settings, tmp_path: Path) -> None:
    reply = call.json("export", "--as-of", NOW, "--format", "xlsx", "--out", tmp_path / "out")
    assert reply["files"] == [str(tmp_path / "out" / WORKBOOK)]
    book = load_workbook(tmp_path / "out" / WORKBOOK, read_only=True)
    for table in RELEASED_TABLES:
        rows = contract_rows(known_at(lake, NOW).vintages, table)
        header, *cells = book[sheet_name(table)].iter_rows(values_only=True)
        places = [header.index(name) for name in rows.columns]
        padded = [(*line, *[None] * (len(header) - len(line))) for line in cells]
        found = [tuple(line[place] for place in places) for line in padded]
        assert found == [tuple(_sixteen_digits(cell) for cell in row) for row in rows.rows()]
    notes = {line[1] for line in book[NOTES_SHEET].iter_rows(values_only=True) if len(line) > 1}
    assert ATTRIBUTION in notes


def _sixteen_digits(cell: Any) -> Any:
    return float(f"{cell:.16g}") if isinstance(cell, float) else cell


def test_csv_for_excel_has_the_decimal_mark_of_the_locale(call: Caller, tmp_path: Path) -> None:
    plain, excel = tmp_path / "plain", tmp_path / "excel"
    assert call("export", "--as-of", NOW, "--no-describe", "--out", plain).code == 0
    assert call("export", "--as-of", NOW, "--csv-for", "excel", "--locale", "de-DE", "--out", excel).code == 0
    assert {path.name for path in plain.iterdir()} == {path.name for path in excel.iterdir()}
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in excel.iterdir())
    name = data_file_name("gold.trade_flows_weekly", "csv")
    with (excel / name).open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file, delimiter=";"))
    wanted = lines(plain / name)
    numbers = {one.name for one in load_contract("gold.trade_flows_weekly").columns if one.type == "double"}
    for column in {*wanted[0]} - numbers:
        assert [line[column] for line in found] == [line[column] for line in wanted]
    for column in numbers:
        texts = [
            (line[column].replace(",", "."), plain_line[column])
            for line, plain_line in zip(found, wanted, strict=True)
        ]
        assert [float(text or "nan") for text, _ in texts] == pytest.approx(
            [float(text or "nan") for _, text in texts], rel=0, nan_ok=True
        )
    assert any("," in line["value"] for line in found)
    assert {path.name for path in tmp_path.iterdir()} == {"plain", "excel"}


def test_every_code_of_a_csv_file_has_a_name_beside_it(call: Caller, tmp_path: Path) -> None:
    assert call("export", "--as-of", NOW, "--out", tmp_path / "out").code == 0
    named = {(line["column"], line["code"]): line["name"] for line in lines(tmp_path / "out" / CODES)}
    assert named["port_locode", "WPI10"] == "Tiny, port"
    for table in RELEASED_TABLES:
        for line in lines(tmp_path / "out" / data_file_name(table, "csv")):
            for column in coded_columns(table):
                assert not line[column] or (column, line[column]) in named


def test_an_offices_own_names_stand_in_what_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = make_lake(tmp_path)
    own = "agency: NSO\nstructure_version: '2.0'\npublisher_name: National Office\n"
    (lake.data_dir / "publication.yaml").write_text(own, encoding="utf-8")
    call = Caller(lake.data_dir, capsys)
    assert call("export", "--format", "sdmx-csv", "--out", tmp_path / "out").code == 0
    assert lines(tmp_path / "out" / "quality_weekly.sdmx.csv")[0]["STRUCTURE_ID"] == "NSO:QUALITY(2.2.0)"
    structures = read_sdmx1(tmp_path / "out" / "structures.sdmx30.xml")
    assert str(structures.structure["QUALITY"].maintainer.id) == "NSO"
    (lake.data_dir / "publication.yaml").write_text("agency: a b", encoding="utf-8")
    answer = call("export", "--format", "sdmx-csv", "--out", tmp_path / "other")
    assert answer.code == 4
    assert answer.sentences[0].startswith("publication.yaml: agency")


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "sdmx-csv", "sdmx-ml", "portwatch"])
def test_an_export_is_the_same_twice_and_keeps_to_its_folder(
    call: Caller, tmp_path: Path, file_format: str
) -> None:
    exports = []
    for name in ("one", "two", "one"):
        asked = ("--as-of", NOW, "--format", file_format, "--out", tmp_path / name)
        assert call("export", *asked).code == 0
        exports.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert exports[0] == exports[1] == exports[2]
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two"}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--since", FIRST_ID], 2, "--since is for --format sdmx-csv and sdmx-ml"),
        (["--since", FIRST_ID, "--format", "portwatch"], 2, "--since is for --format sdmx-csv and sdmx-ml"),
        (["--csv-for", "excel", "--format", "xlsx"], 2, "--csv-for excel is for --format csv"),
        (["--locale", "de-DE"], 2, "--locale is for --csv-for excel"),
        (["--csv-for", "excel", "--locale", "xx-YY"], 2, "unknown locale 'xx-YY'"),
        (["--daily", "--format", "sdmx-csv"], 2, "--daily is for --format portwatch"),
        (["--since", "1999-01-01", "--format", "sdmx-csv"], 2, "nothing was published by 1999-01-01"),
        (["--since", "soon", "--format", "sdmx-csv"], 2, "'soon' is not a recorded release"),
        (["--release", SECOND_ID, "--as-of", NOW], 2, "choose --release or --as-of, not both"),
        (["--week", FIRST], 2, "--week needs --as-of"),
        (["--sdmx-version", "1.0"], 2, "'1.0' is not one of '3.0', '2.1'"),
    ],
)
def test_what_cannot_be_is_reported_in_a_sentence(
    call: Caller, tmp_path: Path, arguments: list[str], code: int, sentence: str
) -> None:
    answer = call("export", *arguments, "--out", tmp_path / "out")
    assert answer.code == code
    assert sentence in answer.sentences[0]
    assert not (tmp_path / "out").exists()
