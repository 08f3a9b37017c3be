"""Spreadsheets as openpyxl and the csv module of Python read them: names, numbers, locales, no formulas."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from ais_indicators.errors import WrongUseError
from ais_indicators.publish.places import Places
from ais_indicators.publish.publication import read_publication
from ais_indicators.publish.spreadsheets import workbook
from ais_indicators.publish.spreadsheets.dialect import find_dialect, write_spreadsheet_csv
from ais_indicators.publish.spreadsheets.labels import add_names, list_codes
from ais_indicators.publish.spreadsheets.safe_text import FORMULA_STARTS, neutralise
from ais_indicators.publish.spreadsheets.workbook import NOTES_SHEET, WorkbookText, write_workbook

PORTS = "gold.port_activity_weekly"
FLOWS = "gold.trade_flows_weekly"
PLACES = Places(
    ports={"NLRTM": "Rotterdam", "XXBAD": '=HYPERLINK("http://evil.example")'},
    countries={"NLRTM": "NLD"},
    gates={},
)
PUBLISHED = datetime(2026, 1, 14, 9, tzinfo=UTC)


def activity(
    port: str, value: float | None, indicator: str = "arrivals", unit: str = "calls"
) -> dict[str, object]:
    return {
        "week": "2026-W01",
        "port_locode": port,
        "vessel_class": "_T",
        "indicator": indicator,
        "adjustment": "N",
        "value": value,
        "unit": unit,
        "obs_status": "P" if value is not None else "O",
        "conf_status": "F",
        "status_reason": None,
    }


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema_overrides={"value": pl.Float64, "status_reason": pl.String})


ROWS = frame(
    activity("NLRTM", 1234.0),
    activity("XXBAD", None),
    activity("_T", 12.3456, "median_hours_in_port", "h"),
)


def write(path: Path, rows: pl.DataFrame, notes: tuple[str, ...] = ()) -> Path:
    text = WorkbookText(read_publication(), (), ("Source: A",), notes, PUBLISHED)
    write_workbook([(PORTS, rows)], PLACES, text, path)
    return path


def test_names_stand_next_to_their_codes() -> None:
    named = add_names(ROWS, PORTS, PLACES)
    assert named.columns[:5] == [
        "week",
        "port_locode",
        "port_locode_name",
        "vessel_class",
        "vessel_class_name",
    ]
    assert named["port_locode_name"].to_list() == ["Rotterdam", PLACES.ports["XXBAD"], "All ports"]
    assert named["obs_status_name"].to_list() == ["Provisional value", "Missing value", "Provisional value"]
    assert named["status_reason_name"].to_list() == [None, None, None]


def test_reporters_are_ports_countries_and_the_world() -> None:
    flows = pl.DataFrame({"reporter": ["NLRTM", "NLD", "_T", "ZZZZZ"], "partner": ["_T", "_X", "DEU", "_T"]})
    names = {
        (row["column"], row["code"]): row["name"] for row in list_codes({FLOWS: flows}, PLACES).to_dicts()
    }
    assert [names["reporter", code] for code in flows["reporter"]] == [
        "Rotterdam",
        "Netherlands",
        "World",
        "ZZZZZ",
    ]
    assert [names["partner", code] for code in ("_T", "_X", "DEU")] == ["World", "Not known", "Germany"]


def test_a_former_code_has_the_name_of_its_code_of_today() -> None:
    rows = ROWS.with_columns(adjustment=pl.Series(["N", "C", "COVERAGE"]))
    listed = list_codes({PORTS: rows}, PLACES).filter(column="adjustment")
    names = dict(listed.select("code", "name").rows())
    assert names["C"] == names["COVERAGE"] != names["N"]
    assert "C" not in list_codes({PORTS: ROWS}, PLACES).filter(column="adjustment")["code"]


def test_openpyxl_reads_numbers_names_and_blanks(tmp_path: Path) -> None:
    book = load_workbook(write(tmp_path / "a.xlsx", ROWS))
    assert book.sheetnames == [NOTES_SHEET, "port_activity_weekly", "Columns"]
    sheet = book["port_activity_weekly"]
    header = [cell.value for cell in sheet[1]]
    assert header == add_names(ROWS, PORTS, PLACES).columns
    place = header.index("value") + 1
    cells = [sheet.cell(line, place) for line in (2, 3, 4)]
    assert [cell.value for cell in cells] == [1234, None, 12.3456]
    assert [cell.number_format for cell in (cells[0], cells[2])] == ["#,##0", "#,##0.0"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:R4"


def test_text_that_would_be_a_formula_is_text(tmp_path: Path) -> None:
    book = load_workbook(write(tmp_path / "a.xlsx", ROWS, notes=("=1+1", "+49", "@x", "-2")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    evil = [cell for cell in cells if cell.value == PLACES.ports["XXBAD"]]
    assert [(cell.data_type, cell.quotePrefix, cell.hyperlink) for cell in evil] == [("s", True, None)]


def test_a_long_table_goes_on_in_a_further_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS_PER_SHEET", 3)
    book = load_workbook(write(tmp_path / "a.xlsx", ROWS))
    first, second = book["port_activity_weekly"], book["port_activity_weekly (2)"]
    assert [first.max_row, second.max_row] == [3, 2]
    assert [cell.value for cell in first[1]] == [cell.value for cell in second[1]]
    assert second.cell(2, 2).value == "_T"
    monkeypatch.setattr(workbook, "ROWS_PER_SHEET", 4)
    book = load_workbook(write(tmp_path / "b.xlsx", ROWS))
    assert book.sheetnames == [NOTES_SHEET, "port_activity_weekly", "Columns"]


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    sheet = load_workbook(write(tmp_path / "a.xlsx", ROWS.clear()))["port_activity_weekly"]
    assert (sheet.max_row, sheet.cell(1, 1).value) == (1, "week")


def test_the_first_sheet_names_sources_notes_and_marks(tmp_path: Path) -> None:
    sheet = load_workbook(write(tmp_path / "a.xlsx", ROWS, notes=("withdrawn",)))[NOTES_SHEET]
    lines = [(row[0], row[1]) for row in sheet.iter_rows(values_only=True)]
    assert ("Source", "Source: A") in lines
    assert ("Note", "withdrawn") in lines
    assert ("obs_status", "O: Missing value") in lines


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    assert write(tmp_path / "a.xlsx", ROWS).read_bytes() == write(tmp_path / "b.xlsx", ROWS).read_bytes()


@pytest.mark.parametrize(
    ("locale", "separator", "decimal"),
    [("de-DE", ";", ","), ("fr_CA", ";", ","), ("pt-BR", ";", ","), ("en-GB", ",", "."), ("es-MX", ",", ".")],
)
def test_csv_follows_the_locale(tmp_path: Path, locale: str, separator: str, decimal: str) -> None:
    rows = pl.DataFrame({"name": ["a;b,c", None], "value": [-1234.5, 0.25], "count": [1000000, None]})
    path = tmp_path / "a.csv"
    write_spreadsheet_csv(rows, path, find_dialect(locale))
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfname")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 3
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file, delimiter=separator))
    assert found[1:] == [["a;b,c", f"-1234{decimal}5", "1000000"], ["", f"0{decimal}25", ""]]


def test_an_unknown_locale_is_refused() -> None:
    with pytest.raises(WrongUseError, match="unknown locale 'xx-YY'; write language and country"):
        find_dialect("xx-YY")


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_formula_gets_an_apostrophe(start: str) -> None:
    rows = pl.DataFrame({"text": [f"{start}1", f"1{start}", "", None], "number": [-1, 2, 3, None]})
    safe = neutralise(rows)
    assert safe["text"].to_list() == [f"'{start}1", f"1{start}", "", None]
    assert safe["number"].to_list() == rows["number"].to_list()
