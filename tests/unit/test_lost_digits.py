"""MMSIs that a spreadsheet wrote as decimal powers."""

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from ais_indicators.cli.console import show_look
from ais_indicators.ingestion.source_check import look_at
from ais_indicators.settings import Settings
from ais_indicators.sources.lost_digits import has_lost_digits, spreadsheet_warning
from tests.bad_files import take
from tests.mappings import dma_line
from tests.subject_rules import SHIP_RULES

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG"
DMA_HEADER = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,"
    "Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D"
)


def noaa(*mmsis: str) -> str:
    return "\n".join([HEADER, *(f"{mmsi},2023-01-11T00:00:00,26.5,-90.1,3.5" for mmsi in mmsis)]) + "\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "x.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "is_lost"),
    [
        ("3.67E+08", True),
        ("3.6712345E+08", True),
        ("3,67E+08", True),
        ("367E6", True),
        (" 3.67e8 ", True),
        ("0.036712345E+10", True),
        ("3.67123456E+08", False),
        ("3.67123450e+08", False),
        ("0.367123456E9", False),
        ("367000000", False),
        ("367000000.0", False),
        ("E+08", False),
        ("", False),
    ],
)
def test_an_exponent_with_fewer_than_nine_digits_has_lost_some(text: str, is_lost: bool) -> None:
    assert has_lost_digits(text) is is_lost


@pytest.mark.parametrize(
    ("mmsi", "taken", "reasons"),
    [
        ("3.67E+08", [], {"mmsi_lost_digits": 1}),
        ("3.67123456E+08", [367123456], {}),
        ("367000000.0", [367000000], {}),
        ("3.67O", [], {"mmsi_not_a_ship": 1}),
    ],
)
def test_noaa_and_a_mapping_take_the_same_mmsis(
    tmp_path: Path, mmsi: str, taken: list[int], reasons: dict[str, int]
) -> None:
    for text in (noaa(mmsi), "\n".join([DMA_HEADER, dma_line(MMSI=mmsi)])):
        found = take(written(tmp_path, text))
        assert ([row["mmsi"] for row in found.accepted], dict(found.reasons)) == (taken, reasons)


def test_no_other_row_is_lost_and_none_twice(tmp_path: Path) -> None:
    found = take(written(tmp_path, noaa("367123456", "3.67E+08", "367123457", "3.7E+08", "")))
    assert [row["mmsi"] for row in found.accepted] == [367123456, 367123457]
    assert found.reasons == {"mmsi_lost_digits": 2, "mmsi_not_a_ship": 1}
    assert found.rows == 5


@pytest.mark.parametrize(
    ("values", "lost"),
    [(["3.67E+08", "367123456"], 1), ([3.67e8, 367123456.0], 0), ([367000000, 367123456], 0)],
    ids=["text", "doubles", "whole numbers"],
)
def test_parquet_is_assessed_by_its_text_alone(tmp_path: Path, values: list[Any], lost: int) -> None:
    table = {
        "MMSI": values,
        "BaseDateTime": ["2023-01-11 00:00:00"] * 2,
        "LAT": [26.5] * 2,
        "LON": [-90.1] * 2,
    }
    parquet.write_table(pa.table(table), tmp_path / "x.parquet")
    found = take(tmp_path / "x.parquet")
    assert (found.reasons["mmsi_lost_digits"], len(found.accepted)) == (lost, 2 - lost)


@pytest.mark.parametrize(("lost", "warns"), [(10, True), (5, True), (4, False), (0, False)])
def test_most_of_a_file_in_that_form_is_a_warning_that_names_excel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lost: int, warns: bool
) -> None:
    path = written(tmp_path, noaa(*["3.67E+08"] * lost, *["367123456"] * (10 - lost)))
    look = look_at(Settings(data_dir=tmp_path / "lake"), path, rules=SHIP_RULES)
    assert look.reasons["mmsi_lost_digits"] == lost
    show_look(look, SHIP_RULES)
    assert ("Excel" in capsys.readouterr().err) is warns
    assert (spreadsheet_warning("x.csv", 10, look.reasons, SHIP_RULES) is not None) is warns


def test_quarantine_keeps_the_row_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(noaa("367123456", "3.67E+08").encode()))
    look = look_at(Settings(data_dir=tmp_path / "lake"), path, rules=SHIP_RULES)
    assert look.examples["mmsi_lost_digits"].startswith("line 3: 3.67E+08,2023-01-11")
