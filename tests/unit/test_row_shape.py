"""Tables with one field more a row than in the header, index columns, and text that is not UTF-8."""

from pathlib import Path

import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.ingestion.source_check import Look, look_at
from ais_indicators.settings import Settings
from ais_indicators.sources.row_shape import header_of_rows
from tests.subject_rules import SHIP_RULES

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName"
ROW = "366998000,2020-01-01T00:00:00,29.5,-94.5,10.0,90,511,NAME"


def looked(settings: Settings, folder: Path, *lines: str, encoding: str = "utf-8") -> Look:
    path = folder / "day.csv"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return look_at(settings, path, rules=SHIP_RULES)


@pytest.mark.parametrize(
    "lines",
    [
        (HEADER, ROW, ROW),
        (HEADER, ROW + ",", ROW + ","),
        (HEADER + ",", ROW + ",", ROW + ","),
        ("," + HEADER, "0," + ROW, "1," + ROW),
        ("Unnamed: 0," + HEADER, "0," + ROW, "1," + ROW),
    ],
    ids=["plain", "comma after each row", "comma after each line", "unnamed index", "named index"],
)
def test_all_rows_are_read(settings: Settings, tmp_path: Path, lines: tuple[str, ...]) -> None:
    look = looked(settings, tmp_path, *lines)
    assert (look.rows_accepted, look.rows_quarantined) == (2, 0)
    assert {(r["mmsi"], r["latitude"], r["vessel_name"]) for r in look.samples["bronze.ais_messages"]} == {
        (366998000, 29.5, "NAME")
    }


def test_names_of_rows_without_a_header_are_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="one field more than the header, as if rows had names"):
        looked(settings, tmp_path, HEADER, "1," + ROW, "2," + ROW, "3," + ROW)


def test_two_rows_with_a_field_too_many_are_single_faults(settings: Settings, tmp_path: Path) -> None:
    look = looked(settings, tmp_path, HEADER, ROW + ", NL", ROW + ", NL")
    assert dict(look.reasons) == {"unreadable_row": 2}


def test_a_single_long_row_is_in_quarantine_and_does_not_change_the_others(
    settings: Settings, tmp_path: Path
) -> None:
    look = looked(settings, tmp_path, HEADER, ROW, ROW + ",")
    assert (look.rows_accepted, dict(look.reasons)) == (1, {"unreadable_row": 1})


def test_a_header_in_latin_1_is_refused_with_what_to_do(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(
        BadInputError, match="not in UTF-8; convert the file, for instance with iconv -f LATIN1"
    ):
        looked(settings, tmp_path, HEADER + ",Länge", ROW + ",10", encoding="latin-1")


def test_a_name_in_latin_1_is_missing_and_marked_and_its_row_stays(
    settings: Settings, tmp_path: Path
) -> None:
    look = looked(settings, tmp_path, HEADER, ROW.replace("NAME", "CAFÉ"), encoding="latin-1")
    (row,) = look.samples["bronze.ais_messages"]
    assert (row["vessel_name"], row["value_flags"]) == (None, "vessel_name_unreadable")


def test_places_in_a_geometry_are_read_from_parquet_alone(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="its places are in a column geometry"):
        looked(settings, tmp_path, "MMSI,BaseDateTime,geometry", "366998000,2020-01-01T00:00:00,POINT (1 2)")


@pytest.mark.parametrize(
    ("lines", "header"),
    [(b"", ("a", "b")), (b"1,2\n", ("a", "b")), (b"1,2,\n", ("a", "b", "")), (b"1,2,\n1,2", ("a", "b", ""))],
)
def test_the_header_fits_the_first_whole_rows(lines: bytes, header: tuple[str, ...]) -> None:
    assert header_of_rows("x.csv", ("a", "b"), lines, ",") == header
