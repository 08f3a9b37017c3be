"""Good files of every layout and packing, damaged at random: refused in one sentence, or every row is counted.

The content of a text file is counted here separately, line by line, and compared with what the readers give.
"""

import gzip
import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.errors import BadInputError
from ais_indicators.sources import BRONZE_MESSAGES, BRONZE_STATICS, inspect, plan, read_chunk
from ais_indicators.sources.lines import LONGEST_LINE_BYTES
from tests.examples import examples
from tests.mappings import DMA_HEADER, UNGP_ROW, dma_line, utc
from tests.subject_rules import SHIP_RULES

NOAA_HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType"
NOAA_LINES = (
    "636021061,2023-01-11T00:00:00,26.09241,-80.04806,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70",
    '366940480,2023-01-11 00:00:01,29.1,-94.4,,,511.0,"A ""B"", C",,,',
)
DMA_LINES = (
    dma_line(),
    dma_line(Destination='"ROTTERDAM, NL"', Type_of_mobile="Class B"),
    dma_line(Type_of_mobile="AtoN"),
)
SENTENCES = (
    "\\c:1426032001\\!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C",
    "\\c:1426032002\\!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    "\\c:1426032002\\!AIVDM,2,2,1,A,88888888880,2*25",
    "!AIVDM,1,1,,B,402R3Wiuef:dO0tgkNOgc?A00HBd,0*76,1426032003",
    "$GPGSA,A,3,11,32,14,28,22,03,10,08,17,,,,2.02,1.03,1.74*00",
)


def lines_of(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def parquet() -> bytes:
    row = UNGP_ROW | {"dt_pos_utc": utc("2023-06-10 10:01:47")}
    rows = [row | {"message_type": kind, "sog": kind / 2} for kind in (1, 3, 5, 4, 18) * 4]
    sink = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_pylist(rows), sink, row_group_size=7)
    return sink.getvalue()


def zipped(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
        archive.writestr("folder/b.csv", content)
    return sink.getvalue()


TEXTS = {
    "noaa": lines_of(NOAA_HEADER, *NOAA_LINES * 6),
    "dma": lines_of(DMA_HEADER, *DMA_LINES * 4),
    "nmea": lines_of(*SENTENCES * 3),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "zip": zipped,
}
PACKED = {f"{layout} in {name}": pack(TEXTS[layout]) for layout in TEXTS for name, pack in PACKERS.items()}


@dataclass(frozen=True)
class Counts:
    """Rows of a file by what became of them."""

    accepted: int = 0
    quarantined: int = 0
    set_aside: int = 0

    @property
    def read(self) -> int:
        return self.accepted + self.quarantined + self.set_aside


def taken(path: Path, target_bytes: int) -> tuple[str, Counts] | None:
    """Takes a file as far as the row rules; None where it is refused in one sentence that names it."""
    try:
        source = inspect(path, rules=SHIP_RULES)
        blocks = [
            b
            for c in plan(source, path.parent / "scratch", target_bytes, rules=SHIP_RULES)
            for b in read_chunk(c, SHIP_RULES)
        ]
    except BadInputError as error:
        sentence = str(error)
        assert sentence.startswith(path.name)
        assert sentence.isprintable()
        assert len(sentence) < 1000
        return None
    accepted = quarantined = set_aside = 0
    for block in blocks:
        quarantined += block.unreadable.num_rows
        set_aside += sum(block.set_aside.values())
        for rows, table in ((block.rows, BRONZE_MESSAGES), (block.statics, BRONZE_STATICS)):
            split = apply_row_rules(rows, table, None, SHIP_RULES)
            assert split.accepted.num_rows + split.rejected.num_rows == rows.num_rows
            accepted += split.accepted.num_rows
            quarantined += split.rejected.num_rows
    return source.layout, Counts(accepted, quarantined, set_aside)


def taken_from(content: bytes, target_bytes: int = 1 << 26) -> tuple[str, Counts] | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.dat"
        path.write_bytes(content)
        return taken(path, max(target_bytes, len(content) // MOST_CHUNKS))


def lines_in(content: bytes) -> int:
    """Lines of a table after its header; a carriage return ends one too."""
    return sum(1 for line in content.partition(b"\n")[2].splitlines() if line)


def sentences_in(content: bytes) -> int:
    """Lines of a log that are not blank, no comment and not the time of the next."""
    lines = [line.rstrip(b"\r ").lstrip(b" ") for line in content.split(b"\n")]
    return sum(1 for line in lines if line and not line.startswith((b"#", b"$PGHP,")))


# --- damage -----------------------------------------------------------------------------------------------------

Damage = Callable[[bytes], bytes]
ODD_BYTES = b'\0\n\r",;!*\\$# \x1a\x80\xff\xfe\xef09-.:eE'
ODD_LINES = [
    b"",
    b" ",
    b"\r",
    b",",
    b'"',
    b'""',
    b'","' * 9,
    b"\xff\xfe",
    b"\0" * 40,
    b"," * 10,
    b"," * 24,
    b"nan," * 11,
    b"inf," * 10 + b"inf",
    b"!AIVDM",
    b"!AIVDM,1,1,,A,,0*26",
    b"!AIVDM,9,9,9,A,00,0*00",
    b"\\c:99999999999999999999\\!AIVDM,1,1,,B,1,0*00",
    b"#",
]
MOST_CHUNKS = 12
LONG = b"9" * (LONGEST_LINE_BYTES + 1)


def edited(place: float, new: bytes, gone: int) -> Damage:
    def damage(content: bytes) -> bytes:
        at = int(place * len(content))
        return content[:at] + new + content[at + gone :]

    return damage


def with_line(place: float, new: bytes) -> Damage:
    def damage(content: bytes) -> bytes:
        at = content.find(b"\n", int(place * len(content))) + 1
        return content[:at] + new + b"\n" + content[at:]

    return damage


def with_long_line(place: float) -> Damage:
    return with_line(place, LONG)


def re_encoded(encoding: str) -> Damage:
    return lambda content: content.decode("utf-8", "replace").encode(encoding, "replace")


def with_part_again(start: float, end: float, place: float) -> Damage:
    def damage(content: bytes) -> bytes:
        size = len(content)
        at = int(place * size)
        return content[:at] + content[int(start * size) : int(end * size)] + content[at:]

    return damage


PLACE = st.floats(0, 1, exclude_max=True)
ODD = st.binary(max_size=6) | st.lists(st.sampled_from(ODD_BYTES), max_size=4).map(bytes)
BYTES = st.builds(edited, PLACE, ODD, st.integers(0, 6))
CUTS = st.builds(lambda end: lambda content: content[: int(end * len(content))], PLACE)
REPEATS = st.builds(with_part_again, PLACE, PLACE, PLACE)
LINES = st.builds(with_line, PLACE, st.sampled_from(ODD_LINES) | st.binary(max_size=30)) | st.builds(
    with_long_line, PLACE
)
ENCODINGS = st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp500"]).map(
    re_encoded
)
ENDINGS = st.sampled_from([b"\r\n", b"\r", b"\n\n", b"\0"]).map(
    lambda ending: lambda content: content.replace(b"\n", ending)
)
OF_TEXT = st.lists(BYTES | CUTS | REPEATS | LINES | ENCODINGS | ENDINGS, min_size=1, max_size=6)
OF_LINES = st.lists(BYTES | LINES, min_size=1, max_size=8)
OF_BYTES = st.lists(BYTES | CUTS | REPEATS, min_size=1, max_size=3)
CHUNKS = st.sampled_from([1 << 26, 700, 50])
quick = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def damaged(content: bytes, damages: list[Damage]) -> bytes:
    for damage in damages:
        content = damage(content)
    return content


# --- what must hold ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", TEXTS)
@settings(quick, max_examples=examples(60))
@given(OF_TEXT, CHUNKS)
def test_text_that_is_damaged_in_any_way_is_counted_or_refused(
    layout: str, damages: list[Damage], target_bytes: int
) -> None:
    content = damaged(TEXTS[layout], damages)
    found = taken_from(content, target_bytes)
    if found is None:
        return
    if found[0] != "nmea":
        assert found[1].read == lines_in(content)
    assert taken_from(content, 300) == found


@pytest.mark.parametrize("layout", ["noaa", "dma"])
@settings(quick, max_examples=examples(60))
@given(OF_LINES, CHUNKS)
def test_lines_under_a_good_header_are_all_counted(
    layout: str, damages: list[Damage], target_bytes: int
) -> None:
    header, _, body = TEXTS[layout].partition(b"\n")
    content = header + b"\n" + damaged(body, damages)
    found = taken_from(content, target_bytes)
    assert found is not None
    assert found[1].read == lines_in(content)


@settings(quick, max_examples=examples(80))
@given(OF_LINES, CHUNKS)
def test_sentences_are_all_counted_and_whole_messages_once(damages: list[Damage], target_bytes: int) -> None:
    """A message of two sentences is one row, so that rows are at most the lines, and at least half of them."""
    good = lines_of(*SENTENCES)
    content = good + damaged(TEXTS["nmea"], damages) + b"\n" + good
    found, at_once = taken_from(content, target_bytes), taken_from(content)
    assert found is not None
    assert at_once is not None
    assert found[1] == at_once[1]
    assert sentences_in(content) / 2 <= found[1].read <= sentences_in(content)


@settings(quick, max_examples=examples(80))
@given(OF_LINES, CHUNKS)
def test_sentences_without_fragments_are_rows_one_by_one(damages: list[Damage], target_bytes: int) -> None:
    single = (SENTENCES[0], *SENTENCES[3:])
    content = lines_of(*single) + damaged(lines_of(*single * 4), damages) + b"\n" + lines_of(*single)
    found = taken_from(content, target_bytes)
    assert found is not None
    assert found[1].read == sentences_in(content)


@pytest.mark.parametrize("packed", PACKED)
@settings(quick, max_examples=examples(40))
@given(OF_BYTES)
def test_compressed_files_that_are_damaged_are_counted_or_refused(packed: str, damages: list[Damage]) -> None:
    taken_from(damaged(PACKED[packed], damages))


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("layout", ["noaa", "dma"])
@settings(quick, max_examples=examples(20))
@given(OF_LINES)
def test_damaged_text_in_a_good_packing_is_counted_as_without_it(
    layout: str, packer: str, damages: list[Damage]
) -> None:
    header, _, body = TEXTS[layout].partition(b"\n")
    content = header + b"\n" + damaged(body, damages)
    found = taken_from(PACKERS[packer](content))
    assert found is not None
    assert found[1].read == lines_in(content) * (2 if packer == "zip" else 1)


@settings(quick, max_examples=examples(120))
@given(OF_BYTES, CHUNKS)
def test_parquet_that_is_damaged_is_counted_or_refused(damages: list[Damage], target_bytes: int) -> None:
    taken_from(damaged(parquet(), damages), target_bytes)


VALUES = st.one_of(
    st.lists(st.floats() | st.none(), min_size=5, max_size=5),
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), min_size=5, max_size=5),
    st.lists(st.text(max_size=12) | st.none(), min_size=5, max_size=5),
    st.lists(st.binary(max_size=12) | st.none(), min_size=5, max_size=5),
    st.lists(st.booleans() | st.none(), min_size=5, max_size=5),
    st.lists(st.datetimes() | st.none(), min_size=5, max_size=5),
    st.lists(st.dates() | st.none(), min_size=5, max_size=5),
    st.lists(st.decimals(-1000, 1000, places=3) | st.none(), min_size=5, max_size=5),
    st.lists(st.lists(st.integers(0, 9), max_size=2) | st.none(), min_size=5, max_size=5),
)
NOAA_OF_UNGP = {
    "mmsi": "MMSI",
    "dt_pos_utc": "BaseDateTime",
    "latitude": "LAT",
    "longitude": "LON",
    "sog": "SOG",
}


@pytest.mark.parametrize("layout", ["un_global_platform", "noaa_2018"])
@settings(quick, max_examples=examples(80))
@given(st.sampled_from(sorted([*UNGP_ROW, "dt_pos_utc"])), VALUES, st.booleans())
def test_parquet_of_any_types_and_values_is_counted_or_refused(
    layout: str, column: str, values: list[object], is_coded: bool
) -> None:
    row = UNGP_ROW | {"dt_pos_utc": utc("2023-06-10 10:01:47")}
    table = pa.Table.from_pylist([row] * 5)
    array = pa.array(values)
    if is_coded and array.null_count < len(array) and not pa.types.is_nested(array.type):
        array = array.dictionary_encode()
    table = table.set_column(table.column_names.index(column), column, array)
    if layout == "noaa_2018":
        table = table.select(list(NOAA_OF_UNGP)).rename_columns(list(NOAA_OF_UNGP.values()))
    sink = io.BytesIO()
    pa.parquet.write_table(table, sink)
    found = taken_from(sink.getvalue())
    if found is not None:
        assert (found[0], found[1].read) == (layout, 5)


@settings(quick, max_examples=examples(80))
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"])
)
def test_any_bytes_are_counted_or_refused(noise: bytes, start: bytes) -> None:
    taken_from(start + noise)
