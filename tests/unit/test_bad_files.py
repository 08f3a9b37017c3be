"""Files that are packed, cut off, changed or typed wrongly: each is refused whole, in one clear sentence."""

import gzip
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard

from ais_indicators.errors import BadInputError
from ais_indicators.sources import (
    files,
    inspect,
    packing,
    plan,
    read_chunk,
)
from tests.bad_files import NOAA_LINE, TEXTS, Text, every_text, refusal, take, written, zipped
from tests.mappings import UNGP_ROW, utc
from tests.subject_rules import SHIP_RULES

# --- packings ---------------------------------------------------------------------------------------------------


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "zstd with checksum": zstandard.ZstdCompressor(write_checksum=True).compress,
}


@every_text
@pytest.mark.parametrize("packer", PACKERS)
def test_a_compressed_file_that_is_cut_off_anywhere_is_refused_whole(
    tmp_path: Path, text: Text, packer: str
) -> None:
    packed = PACKERS[packer](text.content(*[text.good] * 30).encode())
    for size in (*range(1, len(packed), 7), len(packed) - 1):
        refusal(written(tmp_path, packed[:size], "x.csv.gz"))
        assert not list(tmp_path.glob("scratch/*"))
    assert take(written(tmp_path, packed, "x.csv.gz")).rows == 30


def test_names_in_an_archive_are_no_paths(tmp_path: Path) -> None:
    folder = tmp_path / "one" / "two"
    folder.mkdir(parents=True)
    content = TEXTS["noaa"].content(NOAA_LINE).encode()
    names = ("../../evil.csv", "/tmp/evil-absolute.csv", "..\\evil.csv", "a/../../b.csv", "C:evil.csv")  # noqa: S108
    path = zipped(folder, dict.fromkeys(names, content))
    assert take(path).rows == len(names)
    found = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()}
    sha = inspect(path, rules=SHIP_RULES).sha256
    assert found == {"one/two/x.zip", *(f"one/two/scratch/{sha}-{n}.csv" for n in range(len(names)))}
    assert not Path(names[1]).exists()


def test_two_files_of_one_name_in_an_archive_are_refused(tmp_path: Path) -> None:
    content = TEXTS["noaa"].content(NOAA_LINE).encode()
    path = tmp_path / "x.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.csv", content)
        archive.writestr("a.csv", content * 2)
    assert "holds two files of one name" in refusal(path)


def test_an_archive_under_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.csv": TEXTS["noaa"].content(NOAA_LINE).encode()})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "has an unknown compression" in refusal(written(tmp_path, bytes(content), "y.zip"))


SMALL = SHIP_RULES.model_copy(update={"max_unpacked_ratio": 3, "max_unpacked_megabytes_unasked": 0.01})
"""Rules under which a file of some kilobytes is too large: ten kilobytes, or three times its size."""


@pytest.mark.parametrize("packing", ["gzip", "zstd", "zip", "zip of many"])
@pytest.mark.parametrize("rows", [20, 3000])
def test_a_small_file_that_fills_the_disk_is_refused(tmp_path: Path, packing: str, rows: int) -> None:
    part = rows // 10
    some = TEXTS["noaa"].content(*[NOAA_LINE] * part).encode()
    content = TEXTS["noaa"].content(*[NOAA_LINE] * rows).encode()
    path = {
        "gzip": lambda: written(tmp_path, gzip.compress(content), "x.csv.gz"),
        "zstd": lambda: written(tmp_path, zstandard.compress(content), "x.csv.zst"),
        "zip": lambda: zipped(tmp_path, {"a.csv": content}),
        "zip of many": lambda: zipped(tmp_path, {f"{n}.csv": some for n in range(10)}),
    }[packing]()
    if rows == 20:
        assert take(path, rules=SMALL).rows == rows
    else:
        assert "unpacks to more than" in refusal(path, SMALL)


# --- files that change ------------------------------------------------------------------------------------------


@every_text
def test_a_file_that_grows_while_it_is_recognised_is_refused(
    tmp_path: Path, text: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, text.content(text.good))
    kept = packing.packing_of

    def growing(start: bytes) -> Any:
        with path.open("a") as stream:
            stream.write(text.good)
        return kept(start)

    monkeypatch.setattr(files, "packing_of", growing)
    assert "is still being written; ingest it when it is complete" in refusal(path)


@every_text
def test_a_file_that_changes_after_it_was_recognised_is_refused(tmp_path: Path, text: Text) -> None:
    path = written(tmp_path, text.content(text.good))
    source = inspect(path, rules=SHIP_RULES)
    path.write_text(text.content(text.good, text.good), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"x\.csv: is still being written"):
        plan(source, tmp_path, rules=SHIP_RULES)


@every_text
def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path: Path, text: Text) -> None:
    path = written(tmp_path, text.content(*[text.good] * 50))
    planned = plan(inspect(path, rules=SHIP_RULES), tmp_path, 1000, rules=SHIP_RULES)
    path.write_text(text.content(text.good), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"x\.csv: is damaged or truncated \(it became shorter"):
        [list(read_chunk(chunk, SHIP_RULES)) for chunk in planned]


def test_a_file_that_goes_away_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, TEXTS["noaa"].content(NOAA_LINE))
    source = inspect(path, rules=SHIP_RULES)
    path.unlink()
    with pytest.raises(BadInputError, match=r"x\.csv: "):
        plan(source, tmp_path, rules=SHIP_RULES)


# --- Parquet ----------------------------------------------------------------------------------------------------

PARQUET_ROWS = 3


def parquet(folder: Path, without: tuple[str, ...] = (), **columns: pa.Array) -> Path:
    """Three good rows of the UN Global Platform, but for some columns."""
    row = UNGP_ROW | {"dt_pos_utc": utc("2023-06-10 10:01:47")}
    table = pa.Table.from_pylist([row] * PARQUET_ROWS).drop_columns(list(without))
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, values)
    pa.parquet.write_table(table, folder / "x.parquet")
    return folder / "x.parquet"


def test_good_parquet_is_accepted(tmp_path: Path) -> None:
    assert len(take(parquet(tmp_path)).accepted) == PARQUET_ROWS


@pytest.mark.parametrize(
    ("without", "words"),
    [
        (("nav_status_code",), "has most columns of the layout un_global_platform, but no nav_status_code;"),
        (("latitude", "longitude"), "but no latitude, longitude;"),
        (("dt_pos_utc",), "has no column dt_pos_utc or ts_pos_utc or dtg, which the layout"),
        (tuple(UNGP_ROW), "unknown layout"),
    ],
)
def test_parquet_that_lacks_columns_says_which(tmp_path: Path, without: tuple[str, ...], words: str) -> None:
    assert words in refusal(parquet(tmp_path, without))


@pytest.mark.parametrize(
    "values",
    [
        pa.array([[1.0]] * 3),
        pa.array([{"degrees": 1.0}] * 3),
        pa.array([True] * 3),
        pa.array([utc("2023-06-10 10:01:47")] * 3),
        pa.array([b"\0" * 8] * 3, pa.binary(8)),
    ],
    ids=lambda values: str(values.type),
)
def test_parquet_of_types_that_hold_no_such_values_is_refused(tmp_path: Path, values: pa.Array) -> None:
    assert "x.parquet: a column's type does not fit" in refusal(parquet(tmp_path, latitude=values))


@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        (pa.array([float("nan"), 1.0, None]), {"latitude_not_available": 2}),
        (pa.array([float("inf"), float("-inf"), 1.0]), {"latitude_out_of_range": 2}),
        (pa.array(["57.5", "north", "inf"]), {"latitude_not_available": 1, "latitude_out_of_range": 1}),
        (pa.array([b"57.5", b"\xff", b""]), {"latitude_not_available": 2}),
        (pa.array([2**62, 57, -(2**62)]), {"latitude_out_of_range": 2}),
        (pa.array([57.5, float("nan"), 91], pa.float32()), {"latitude_not_available": 2}),
        (pa.nulls(3), {"latitude_not_available": 3}),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
@pytest.mark.parametrize("layout", ["un_global_platform", "noaa_2018"])
def test_numbers_of_parquet_that_are_none_leave_with_their_reason(
    tmp_path: Path, values: pa.Array, reasons: dict[str, int], layout: str
) -> None:
    path = parquet(tmp_path, latitude=values)
    if layout == "noaa_2018":
        table = pa.parquet.read_table(path, columns=["mmsi", "dt_pos_utc", "latitude", "longitude"])
        pa.parquet.write_table(table.rename_columns(["MMSI", "BaseDateTime", "LAT", "LON"]), path)
    found = take(path)
    assert inspect(path, rules=SHIP_RULES).layout == layout
    assert found.reasons == reasons
    assert found.rows == PARQUET_ROWS


def broken_text(kind: pa.DataType) -> pa.Array:
    """A column that calls text what is none in UTF-8."""
    return pa.array([b"GOOD", b"BJ\xd6RN", b"GOOD"], pa.large_binary()).view(kind)


@pytest.mark.parametrize("is_coded", [False, True], ids=["plain", "dictionary"])
@pytest.mark.parametrize("layout", ["un_global_platform", "noaa_2018"])
def test_text_of_parquet_in_another_encoding_is_flagged(tmp_path: Path, layout: str, is_coded: bool) -> None:
    names = broken_text(pa.large_string())
    path = parquet(tmp_path, vessel_name=names.dictionary_encode() if is_coded else names)
    if layout == "noaa_2018":
        table = pa.parquet.read_table(
            path, columns=["mmsi", "dt_pos_utc", "latitude", "longitude", "vessel_name"]
        )
        names_of_noaa = ["MMSI", "BaseDateTime", "LAT", "LON", "VesselName"]
        pa.parquet.write_table(table.rename_columns(names_of_noaa), path)
    found = take(path)
    assert [row["vessel_name"] for row in found.accepted] == ["GOOD", None, "GOOD"]
    assert found.accepted[1]["value_flags"] == "vessel_name_unreadable"


@pytest.mark.parametrize(
    ("moment", "reasons"),
    [
        (datetime(2090, 1, 1, tzinfo=UTC), {"timestamp_after_delivery": 3}),
        (datetime(1970, 1, 1, tzinfo=UTC), {"timestamp_before_ais": 3}),
        ("10.06.2023 10:01", {"timestamp_unreadable": 3}),
        ("20230610100147", {}),
        (None, {"timestamp_missing": 3}),
    ],
    ids=str,
)
def test_times_of_parquet_are_assessed_as_those_of_text(
    tmp_path: Path, moment: Any, reasons: dict[str, int]
) -> None:
    found = take(parquet(tmp_path, dt_pos_utc=pa.array([moment] * 3)))
    assert found.reasons == reasons
    assert found.rows == PARQUET_ROWS


def test_parquet_that_is_cut_off_anywhere_is_refused_whole(tmp_path: Path) -> None:
    content = parquet(tmp_path).read_bytes()
    for size in (4, 8, 100, len(content) // 2, len(content) - 9, len(content) - 1):
        assert "y.parquet: " in refusal(written(tmp_path, content[:size], "y.parquet"))
