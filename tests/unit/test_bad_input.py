"""Input that is wrong in the ways in which files are wrong: every row is counted, or the file is refused whole.

The layouts are NOAA's CSV, logs of sentences, the Danish CSV by its mapping file, and the Parquet of the UN Global
Platform. What only NOAA's reader has to tell stands in `test_noaa.py`.
"""

import gzip
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard

from ais_indicators.contracts.row_rules import REJECT_REASONS, apply_row_rules
from ais_indicators.errors import BadInputError, ExitCode
from ais_indicators.sources import (
    BRONZE_MESSAGES,
    BRONZE_STATICS,
    chunks,
    files,
    inspect,
    packing,
    plan,
    read_chunk,
)
from ais_indicators.sources.lines import LONGEST_LINE_BYTES
from tests.mappings import DMA_HEADER, DMA_LINE, UNGP_ROW, dma_line, utc

NOAA_HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType"
NOAA_LINE = (
    "636021061,2023-01-11T00:00:00,26.09241,-80.04806,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70"
)
SENTENCE = "!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C"
TIMED = f"\\c:1426032001\\{SENTENCE}"
DELIVERED = datetime(2026, 1, 1, tzinfo=UTC)
LONG = 10_000_000
SECONDS = 2.0
"""Most that a line of ten megabytes may take."""


@dataclass(frozen=True)
class Text:
    """A layout of lines: its header, empty for none, and a good line."""

    header: str
    good: str

    def content(self, *lines: str, ending: str = "\n") -> str:
        return ending.join([*filter(None, [self.header]), *lines, ""])


TEXTS = {"noaa": Text(NOAA_HEADER, NOAA_LINE), "nmea": Text("", TIMED), "dma": Text(DMA_HEADER, DMA_LINE)}
TABLES = {name: text for name, text in TEXTS.items() if text.header}
every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
every_table = pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)


@dataclass(frozen=True)
class Outcome:
    """What became of the rows of a file."""

    accepted: list[dict[str, Any]]
    reasons: Counter[str]
    set_aside: int

    @property
    def rows(self) -> int:
        return len(self.accepted) + self.reasons.total() + self.set_aside


def take(path: Path, target_bytes: int = 1 << 26) -> Outcome:
    """Takes a file as far as the row rules."""
    accepted: list[dict[str, Any]] = []
    reasons: Counter[str] = Counter()
    set_aside = 0
    for chunk in plan(inspect(path), path.parent / "scratch", target_bytes):
        for block in read_chunk(chunk):
            reasons.update(block.unreadable[REJECT_REASONS].to_pylist())
            set_aside += sum(block.set_aside.values())
            for rows, table in ((block.rows, BRONZE_MESSAGES), (block.statics, BRONZE_STATICS)):
                split = apply_row_rules(rows, table, DELIVERED)
                reasons.update(split.rejected[REJECT_REASONS].to_pylist())
                accepted += split.accepted.to_pylist()
    return Outcome(accepted, reasons, set_aside)


def written(folder: Path, content: bytes | str, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    """The sentence with which a file is refused; sees that it is one, names the file, and leaves nothing."""
    with pytest.raises(BadInputError) as caught:
        take(path)
    sentence = str(caught.value)
    assert sentence.startswith(path.name)
    assert sentence.isprintable()
    assert caught.value.exit_code == ExitCode.BAD_INPUT
    assert not [left for left in path.parent.glob("scratch/*") if left.suffix == ".part"]
    return sentence


# --- text that is encoded or ended in another way ---------------------------------------------------------------

ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@every_text
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_of_two_bytes_a_letter_is_refused_and_told_how_to_convert(
    tmp_path: Path, text: Text, encoding: str
) -> None:
    content = text.content(text.good, text.good).encode(encoding)
    called = encoding.upper()[:6]
    assert f"is text in {called}; convert it to UTF-8" in refusal(written(tmp_path, content))
    assert f"is text in {called}" in refusal(written(tmp_path, gzip.compress(content), "x.csv.gz"))


@every_text
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "byte order mark"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("is_ended", [True, False], ids=["ended", "not ended"])
def test_marks_and_line_ends_change_no_row(
    tmp_path: Path, text: Text, mark: str, ending: str, is_ended: bool
) -> None:
    content = mark + text.content(text.good, "", text.good, ending=ending)
    found = take(written(tmp_path, content if is_ended else content.rstrip()))
    assert (len(found.accepted), found.rows) == (2, 2)


@every_text
def test_lines_that_end_in_carriage_returns_alone_are_refused(tmp_path: Path, text: Text) -> None:
    path = written(tmp_path, text.content(text.good, text.good, ending="\r"))
    assert "its lines end in carriage returns alone; write them with line feeds" in refusal(path)


@every_text
def test_zeros_at_the_end_are_one_bad_line(tmp_path: Path, text: Text) -> None:
    """A writer that was killed leaves room that it had asked for."""
    found = take(written(tmp_path, text.content(text.good) + "\0" * 200_000))
    assert (len(found.accepted), found.reasons) == (1, {"unreadable_row": 1})


@pytest.mark.parametrize("content", ["", "\n\n", " \r\n", "\ufeff"], ids=repr)
@pytest.mark.parametrize("packing", ["plain", "gzip", "zip"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str, packing: str) -> None:
    path = written(tmp_path, content)
    if packing == "gzip":
        path = written(tmp_path, gzip.compress(content.encode()), "x.csv.gz")
    if packing == "zip":
        path = zipped(tmp_path, {"a.csv": content.encode()})
    assert "is empty; fetch it again" in refusal(path)


# --- headers ----------------------------------------------------------------------------------------------------


@every_table
@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"], ids=repr)
def test_a_header_alone_is_a_file_without_rows(tmp_path: Path, text: Text, ending: str) -> None:
    assert take(written(tmp_path, text.header + ending)).rows == 0


@every_table
@pytest.mark.parametrize(("delimiter", "called"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_another_delimiter_is_named(tmp_path: Path, text: Text, delimiter: str, called: str) -> None:
    path = written(tmp_path, text.content(text.good).replace(",", delimiter))
    assert f"but {called} between its fields; write it as it was published" in refusal(path)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        (TEXTS["noaa"], "LAT", "no layout that is known, for it has no LAT;"),
        (TEXTS["dma"], "Latitude", "has most columns of the layout dma, but no Latitude;"),
        (TEXTS["dma"], "# Timestamp", "has no column # Timestamp or Timestamp, which the layout dma needs;"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_header_that_lacks_a_column_says_which(tmp_path: Path, text: Text, column: str, words: str) -> None:
    path = written(tmp_path, text.content(text.good).replace(column, "something", 1))
    assert words in refusal(path)


@every_table
def test_a_header_that_is_not_the_first_line_is_told(tmp_path: Path, text: Text) -> None:
    assert "its first line is empty" in refusal(written(tmp_path, "\n" + text.content(text.good)))


@pytest.mark.parametrize("name", ["EVDM", "VDO"])
def test_a_ship_whose_name_looks_like_a_sentence_is_a_row_of_csv(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, TEXTS["noaa"].content(NOAA_LINE.replace("MSC NAISHA III", name)))
    assert inspect(path).layout == "noaa_2018"
    assert [row["vessel_name"] for row in take(path).accepted] == [name]


# --- lines ------------------------------------------------------------------------------------------------------

LONG_LINES: dict[str, Callable[[str], str]] = {
    "letters": lambda _: "x" * LONG,
    "zeros": lambda _: "\0" * LONG,
    "commas": lambda _: "," * LONG,
    "quotes": lambda _: '"' * LONG,
    "open quote": lambda _: '"' + "x" * LONG,
    "digits": lambda _: "1" * LONG,
    "dates": lambda _: "2015-01," * (LONG // 8),
    "beginnings of sentences": lambda _: "!AIVDM,1,1,," * (LONG // 12),
    "long payload": lambda good: good.replace("15M67FC000", "1" * LONG),
    "long name": lambda good: good.replace("MSC NAISHA", "N" * LONG).replace("GOLIATH", "N" * LONG),
    "long number": lambda good: good.replace("26.09241", "1" * LONG).replace("57.123067", "1" * LONG + "x"),
}


@every_text
@pytest.mark.parametrize("case", LONG_LINES)
@pytest.mark.parametrize("place", ["between", "last"])
def test_a_line_of_ten_megabytes_is_one_bad_row_and_quick(
    tmp_path: Path, text: Text, case: str, place: str
) -> None:
    long = LONG_LINES[case](text.good)
    long = long if len(long) > LONGEST_LINE_BYTES else long + "x" * LONG
    after = [text.good] if place == "between" else []
    path = written(tmp_path, text.content(text.good, long, *after))
    take(written(tmp_path, text.content(text.good), "compiled.csv"))
    begun = time.perf_counter()
    found = take(path)
    assert time.perf_counter() - begun < SECONDS
    assert (len(found.accepted), found.reasons) == (1 + len(after), {"unreadable_row": 1})


@every_text
def test_bytes_of_no_encoding_in_a_long_line_are_quick(tmp_path: Path, text: Text) -> None:
    content = text.content(text.good).encode() + b"\xff" * LONG + b"\n"
    begun = time.perf_counter()
    assert take(written(tmp_path, content)).rows == 2
    assert time.perf_counter() - begun < SECONDS


@every_text
def test_a_long_line_is_never_whole_in_memory(
    tmp_path: Path, text: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "_BLOCK_BYTES", 1 << 20)
    path = written(tmp_path, text.content(text.good, "x" * LONG, text.good))
    parts = [chunk for chunk in plan(inspect(path), tmp_path, 1 << 20) if not chunk.layout.is_nmea]
    for chunk in parts:
        assert all(len(lines) < 1.3 * (1 << 20) for lines in chunks._line_blocks(chunk))
    found = take(path, 1 << 20)
    assert (len(found.accepted), found.reasons) == (2, {"unreadable_row": 1})


@every_text
@pytest.mark.parametrize("more", [0, 1])
def test_the_longest_line_is_judged_alike_in_chunks_of_any_size(
    tmp_path: Path, text: Text, more: int
) -> None:
    """A longest line is read, and one longer than it is not: NOAA's and the Danish name may be as long as that."""
    room = LONGEST_LINE_BYTES - len(text.good) + more
    filled = text.good.replace("MSC NAISHA", "MSC NAISHA" + "N" * room).replace(
        "GOLIATH", "GOLIATH" + "N" * room
    )
    filled = filled if len(filled) > len(text.good) else "1" * room + " " + text.good[1:]
    path = written(tmp_path, text.content(text.good, filled, text.good))
    outcomes = [take(path, size) for size in (1 << 26, 50_000, 1000)]
    assert all(found.rows == 3 for found in outcomes)
    assert all(found == outcomes[0] for found in outcomes)
    if text.header:
        assert len(outcomes[0].accepted) == 3 - more


@pytest.mark.parametrize(
    ("destination", "rows", "accepted"),
    [
        ('"ROTTERDAM, NL"', 1, 1),
        ('"A ""B"", C"', 1, 1),
        ('"ROTTERDAM\nNL"', 2, 0),
        ('"ROTTERDAM\r\nNL"', 2, 0),
        ('"ROTTERDAM\n\nNL"', 2, 0),
        ('"A\nB\nC"', 3, 0),
        ('"ROTTERDAM', 1, 0),
        ('ROTT"ERDAM', 1, 1),
        ("ROTTERDAM, NL", 1, 0),
    ],
)
def test_quotes_and_line_breaks_in_a_destination_cost_no_other_row(
    tmp_path: Path, destination: str, rows: int, accepted: int
) -> None:
    """A line break inside quotes is not understood: each part of the row is a line in quarantine."""
    odd = dma_line(Destination=destination)
    for before, after in ((1, 1), (300, 300), (0, 0)):
        good = [DMA_LINE]
        found = take(written(tmp_path, TEXTS["dma"].content(*good * before, odd, *good * after)))
        assert len(found.accepted) == before + after + accepted
        assert found.reasons == ({"unreadable_row": rows} if not accepted else {})
        assert found.rows == before + after + rows


def test_a_quoted_destination_is_read_without_its_quotes(tmp_path: Path) -> None:
    odd = dma_line(Destination='"A ""B"", C"')
    assert take(written(tmp_path, TEXTS["dma"].content(odd))).accepted[0]["destination"] == 'A "B", C'


def test_two_sentences_on_one_line_are_a_bad_line_and_not_one_message(tmp_path: Path) -> None:
    found = take(written(tmp_path, TEXTS["nmea"].content(TIMED, TIMED + TIMED, f"{TIMED} {SENTENCE}")))
    assert (len(found.accepted), found.reasons) == (1, {"unreadable_row": 2})


# --- values -----------------------------------------------------------------------------------------------------

NOT_NUMBERS = {
    "nan": "latitude_not_available",
    "NaN": "latitude_not_available",
    "-nan": "latitude_not_available",
    "inf": "latitude_out_of_range",
    "-Infinity": "latitude_out_of_range",
    "1e999": "latitude_out_of_range",
    "1" * 20_000: "latitude_out_of_range",
    "1" * 20_000 + "x": "latitude_not_available",
    "--5": "latitude_not_available",
}


@pytest.mark.parametrize("layout", TABLES)
@pytest.mark.parametrize("written_so", NOT_NUMBERS, ids=lambda value: value[:12])
def test_a_latitude_that_is_no_number_leaves_with_its_reason(
    tmp_path: Path, layout: str, written_so: str
) -> None:
    text = TEXTS[layout]
    bad = text.good.replace("26.09241", written_so).replace("57.123067", written_so)
    begun = time.perf_counter()
    found = take(written(tmp_path, text.content(text.good, bad)))
    assert time.perf_counter() - begun < SECONDS
    assert (len(found.accepted), found.reasons) == (1, {NOT_NUMBERS[written_so]: 1})


def at(layout: str, moment: str) -> str:
    """A good line with another time."""
    if layout == "nmea":
        return f"{moment}Z,{SENTENCE}"
    if layout == "dma":
        return dma_line(**{"#_Timestamp": datetime.fromisoformat(moment).strftime("%d/%m/%Y %H:%M:%S")})
    return NOAA_LINE.replace("2023-01-11T00:00:00", moment)


@pytest.mark.parametrize("layout", TEXTS)
@pytest.mark.parametrize(
    ("moment", "reasons"),
    [
        ("2090-01-01T00:00:00", {"timestamp_after_delivery": 1}),
        ("1970-01-01T00:00:01", {"timestamp_before_ais": 1}),
        ("1998-01-01T00:00:00", {}),
    ],
)
def test_a_time_that_cannot_be_is_judged_as_a_time(
    tmp_path: Path, layout: str, moment: str, reasons: dict[str, int]
) -> None:
    """Later than the delivery, older than AIS itself, and the first moment that is not."""
    found = take(written(tmp_path, TEXTS[layout].content(TEXTS[layout].good, at(layout, moment))))
    assert found.rows == 2
    assert found.reasons == reasons


@pytest.mark.parametrize(
    ("layout", "moment"),
    [
        ("noaa", "11.01.2023 00:00"),
        ("noaa", "1673395200"),
        ("noaa", "2023-01-11T24:61:00"),
        ("dma", "2023-02-15T00:00:00"),
        ("dma", "15-02-2023 00:00:00"),
        ("dma", "02/15/2023 00:00:00"),
        ("nmea", "11.01.2023 00:00"),
        ("nmea", "2023-02-30T00:00:00"),
    ],
)
def test_a_date_in_another_format_leaves_with_its_reason(tmp_path: Path, layout: str, moment: str) -> None:
    text = TEXTS[layout]
    bad = text.good.replace("2023-01-11T00:00:00", moment).replace("15/02/2023 00:00:00", moment)
    bad = f"{moment},{SENTENCE}" if layout == "nmea" else bad
    found = take(written(tmp_path, text.content(text.good, bad)))
    assert (len(found.accepted), found.reasons) == (1, {"timestamp_missing": 1})


# --- packings ---------------------------------------------------------------------------------------------------


def zipped(folder: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / "x.zip"


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
    sha = inspect(path).sha256
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
    assert "is packed in a way that is not known" in refusal(written(tmp_path, bytes(content), "y.zip"))


SMALL = {"max_unpacked_ratio": 3, "max_unpacked_megabytes_unasked": 0.01}
"""Rules under which a file of some kilobytes is too large: ten kilobytes, or three times its size."""


@pytest.mark.parametrize("packing", ["gzip", "zstd", "zip", "zip of many"])
@pytest.mark.parametrize("rows", [20, 3000])
def test_a_small_file_that_fills_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str, rows: int
) -> None:
    monkeypatch.setattr(files, "rule", SMALL.__getitem__)
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
        assert take(path).rows == rows
    else:
        assert "unpacks to more than" in refusal(path)


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
    assert "is still being written; hand it in when it is whole" in refusal(path)


@every_text
def test_a_file_that_changes_after_it_was_recognised_is_refused(tmp_path: Path, text: Text) -> None:
    path = written(tmp_path, text.content(text.good))
    source = inspect(path)
    path.write_text(text.content(text.good, text.good), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"x\.csv: is still being written"):
        plan(source, tmp_path)


@every_text
def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path: Path, text: Text) -> None:
    path = written(tmp_path, text.content(*[text.good] * 50))
    planned = plan(inspect(path), tmp_path, 1000)
    path.write_text(text.content(text.good), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"x\.csv: is damaged or cut off \(it became shorter"):
        [list(read_chunk(chunk)) for chunk in planned]


def test_a_file_that_goes_away_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, TEXTS["noaa"].content(NOAA_LINE))
    source = inspect(path)
    path.unlink()
    with pytest.raises(BadInputError, match=r"x\.csv: "):
        plan(source, tmp_path)


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
        (tuple(UNGP_ROW), "no layout that is known"),
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
    assert inspect(path).layout == layout
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
        ("10.06.2023 10:01", {"timestamp_missing": 3}),
        ("20230610100147", {}),
        (None, {"timestamp_missing": 3}),
    ],
    ids=str,
)
def test_times_of_parquet_are_judged_as_those_of_text(
    tmp_path: Path, moment: Any, reasons: dict[str, int]
) -> None:
    found = take(parquet(tmp_path, dt_pos_utc=pa.array([moment] * 3)))
    assert found.reasons == reasons
    assert found.rows == PARQUET_ROWS


def test_parquet_that_is_cut_off_anywhere_is_refused_whole(tmp_path: Path) -> None:
    content = parquet(tmp_path).read_bytes()
    for size in (4, 8, 100, len(content) // 2, len(content) - 9, len(content) - 1):
        assert "y.parquet: " in refusal(written(tmp_path, content[:size], "y.parquet"))
