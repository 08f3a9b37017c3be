"""Each row knows its line in the file, however the file is packed, cut and damaged."""

import gzip
import hashlib
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from ais_indicators.sources import FILE_LINE, inspect, plan, read_chunk
from ais_indicators.sources.lines import BLOCK_BYTES, first_line_numbers, hash_and_feeds
from tests.examples import examples
from tests.subject_rules import SHIP_RULES

SENTENCE = "!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C"
HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType"


def good(number: int) -> str:
    """A row whose MMSI is the number of its line."""
    return f"{number},2023-01-11T00:00:00,26,-80,8.8,272.7,270,NAME,IMO9307839,5LCB4,70"


def lines_of(path: Path, target_bytes: int) -> tuple[list[tuple[int, int]], list[tuple[str, int]]]:
    """MMSI and line of the rows, and text and line of what could not be read."""
    chunks = plan(inspect(path, rules=SHIP_RULES), path.parent / "scratch", target_bytes, rules=SHIP_RULES)
    blocks = [block for chunk in chunks for block in read_chunk(chunk, SHIP_RULES)]
    rows = [(r["mmsi"], r[FILE_LINE]) for block in blocks for r in block.rows.to_pylist()]
    return rows, [(r["raw_row"], r[FILE_LINE]) for block in blocks for r in block.unreadable.to_pylist()]


KINDS = st.lists(
    st.sampled_from(["good", "short", "empty", "long", "quoted", "latin"]), min_size=1, max_size=40
)


@settings(deadline=None, max_examples=examples(80))
@given(KINDS, st.sampled_from([80, 200, 10_000]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_of_csv_know_their_line(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], target: int, ended: str, is_packed: bool
) -> None:
    texts = {
        "short": "short,{}",
        "empty": "",
        "long": "{}" + "x" * 70_000,
        "quoted": good(0).replace("0,", "{},", 1).replace("NAME", '"A, B"'),
        "latin": good(0).replace("0,", "{},", 1).replace("NAME", "\xc5SA"),
        "good": good(0).replace("0,", "{},", 1),
    }
    lines = [texts[kind].format(number) for number, kind in enumerate(kinds, start=2)]
    content = ended.join([HEADER, *lines, ""]).encode("latin-1")
    path = tmp_path_factory.mktemp("lines") / "day.csv"
    path.write_bytes(gzip.compress(content) if is_packed else content)
    rows, unreadable = lines_of(path, target)
    assert all(mmsi == line for mmsi, line in rows)
    assert {line for _, line in rows} == {
        n for n, kind in enumerate(kinds, 2) if kind in ("good", "quoted", "latin")
    }
    assert {line for _, line in unreadable} == {
        n for n, kind in enumerate(kinds, 2) if kind in ("short", "long")
    }
    assert all(text in (f"short,{line}", f"{line}{'x' * 70_000}"[:4096]) for text, line in unreadable)


@pytest.mark.parametrize("target", [1, 100, 100_000])
@pytest.mark.parametrize("ended", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        # Two rows in line 2, line 4 empty: as many rows as lines, and yet not one each.
        (["{2}\r{2}", "{3}", "", "{5}"], [2, 2, 3, 5]),
        (["{2}\r{2}", "{3}", "{4}", "{5}"], [2, 2, 3, 4, 5]),
        (["{2}", "{3}", "", "{5}"], [2, 3, 5]),
        (["\r{2}", "\r", "{4}\r", "{5}"], [2, 4, 5]),
    ],
)
def test_a_lone_carriage_return_ends_a_row_but_not_a_line(
    tmp_path: Path, lines: list[str], wanted: list[int], ended: str, target: int
) -> None:
    rows_of = [line.format(*map(good, range(6))) for line in lines]
    path = tmp_path / "day.csv"
    path.write_bytes(ended.join([HEADER, *rows_of, ""]).encode())
    assert lines_of(path, target) == ([(line, line) for line in wanted], [])


@pytest.mark.parametrize("target", [60, 150, 100_000])
def test_sentences_know_their_line(tmp_path: Path, target: int) -> None:
    lines = ["# a comment", SENTENCE, "", "!AIVDM,broken", SENTENCE, "", "", SENTENCE]
    path = tmp_path / "log.nmea"
    path.write_text("\n".join(lines) + "\n")
    rows, unreadable = lines_of(path, target)
    assert [line for _, line in rows] == [2, 5, 8]
    assert unreadable == [("!AIVDM,broken", 4)]


@pytest.mark.parametrize("target", [1, 100_000])
def test_rows_of_parquet_know_their_place(tmp_path: Path, target: int) -> None:
    names = HEADER.split(",")
    rows = [dict(zip(names, good(number).split(","), strict=True)) for number in range(1, 26)]
    path = tmp_path / "day.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)
    found, _ = lines_of(path, target)
    assert found == [(number, number) for number in range(1, 26)]


@given(
    st.binary(max_size=60).map(lambda b: b.replace(b"\x01", b"\n")), st.lists(st.integers(0, 60), max_size=5)
)
def test_numbers_of_lines_at_places(content: bytes, places: list[int]) -> None:
    places = sorted(min(place, len(content)) for place in places)
    wanted = []
    for place in places:
        begins = place == 0 or content[place - 1 : place] == b"\n"
        wanted.append(1 + content[:place].count(b"\n") + (not begins))
    stream = io.BytesIO(content)
    sha256, feeds = hash_and_feeds(stream)
    assert first_line_numbers(stream, places, feeds) == wanted
    assert sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES])
def test_a_file_is_hashed_and_counted_block_by_block(size: int) -> None:
    content = (b"12345\n" * (size // 6 + 1))[:size]
    sha256, feeds = hash_and_feeds(io.BytesIO(content))
    assert sha256 == hashlib.sha256(content).hexdigest()
    ends = [*range(0, size, BLOCK_BYTES), size]
    assert list(feeds) == [content[:end].count(b"\n") for end in ends]
    places = sorted({0, size // 2, max(size - 1, 0), size, *(end for end in ends)})
    wanted = [1 + content[:at].count(b"\n") + (at > 0 and content[at - 1 : at] != b"\n") for at in places]
    assert first_line_numbers(io.BytesIO(content), places, feeds) == wanted
