"""Input that is wrong in the ways in which files are wrong: every row is counted, or the complete file is refused.

The layouts are NOAA's CSV, logs of sentences, the Danish CSV by its mapping file, and the Parquet of the UN Global
Platform. What only NOAA's reader reports is in `test_noaa.py`.
"""

import gzip
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ais_indicators.sources import (
    chunks,
    inspect,
    plan,
)
from ais_indicators.sources.lines import LONGEST_LINE_BYTES
from tests.bad_files import (
    LONG,
    NOAA_LINE,
    SECONDS,
    SENTENCE,
    TABLES,
    TEXTS,
    TIMED,
    Text,
    every_table,
    every_text,
    refusal,
    take,
    written,
    zipped,
)
from tests.mappings import DMA_LINE, dma_line
from tests.subject_rules import SHIP_RULES

# --- text that is encoded or ended in another way ---------------------------------------------------------------

ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@every_text
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_of_two_bytes_a_letter_is_refused_and_reported_how_to_convert(
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
    assert "its lines end in carriage returns only; write them with line feeds" in refusal(path)


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
    assert f"but {called} between its fields; use it as it was published" in refusal(path)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        (TEXTS["noaa"], "LAT", "unknown layout: it has no LAT;"),
        (TEXTS["dma"], "Latitude", "has most columns of the layout dma, but no Latitude;"),
        (TEXTS["dma"], "# Timestamp", "has no column # Timestamp or Timestamp, which the layout dma needs;"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_header_that_lacks_a_column_says_which(tmp_path: Path, text: Text, column: str, words: str) -> None:
    path = written(tmp_path, text.content(text.good).replace(column, "something", 1))
    assert words in refusal(path)


@every_table
def test_a_header_that_is_not_the_first_line_is_reported(tmp_path: Path, text: Text) -> None:
    assert "its first line is empty" in refusal(written(tmp_path, "\n" + text.content(text.good)))


@pytest.mark.parametrize("name", ["EVDM", "VDO"])
def test_a_ship_whose_name_looks_like_a_sentence_is_a_row_of_csv(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, TEXTS["noaa"].content(NOAA_LINE.replace("MSC NAISHA III", name)))
    assert inspect(path, rules=SHIP_RULES).layout == "noaa_2018"
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
    parts = [
        chunk
        for chunk in plan(inspect(path, rules=SHIP_RULES), tmp_path, 1 << 20, rules=SHIP_RULES)
        if not chunk.layout.is_nmea
    ]
    for chunk in parts:
        assert all(len(lines) < 1.3 * (1 << 20) for lines in chunks._line_blocks(chunk))
    found = take(path, 1 << 20)
    assert (len(found.accepted), found.reasons) == (2, {"unreadable_row": 1})


@every_text
@pytest.mark.parametrize("more", [0, 1])
def test_the_longest_line_is_assessed_alike_in_chunks_of_any_size(
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
def test_a_time_that_cannot_be_is_assessed_as_a_time(
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
    reason = "timestamp_unreadable" if layout == "dma" else "timestamp_missing"
    assert (len(found.accepted), found.reasons) == (1, {reason: 1})
