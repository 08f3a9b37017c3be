"""Raw NMEA: golden sentences, times, fragments, and pyais as the reference for the compiled decoder."""

import functools
import io
import itertools
import operator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyais
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais_indicators.sources.blocks import SourceBlock
from ais_indicators.sources.lines import first_line_numbers, hash_and_feeds
from ais_indicators.sources.nmea.positions import FIXED_TYPES
from ais_indicators.sources.nmea.reading import read_nmea
from ais_indicators.sources.nmea.sentences import scan
from ais_indicators.sources.nmea.timestamps import NO_TIME, microseconds_of
from tests.examples import examples
from tests.subject_rules import SHIP_RULES

EVER_DIADEM = (
    "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    "!AIVDM,2,2,1,A,88888888880,2*25",
)
MOORED = "!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C"


def read(*lines: str) -> SourceBlock:
    """Reads lines as one file."""
    text = "\n".join([*lines, ""]).encode()
    return read_nmea(io.BytesIO(text), 0, len(text), rules=SHIP_RULES)


def only(block: SourceBlock) -> dict[str, Any]:
    """The one position or static report that a block holds."""
    rows: list[dict[str, Any]] = block.rows.to_pylist() + block.statics.to_pylist()
    (row,) = rows
    return {name: value for name, value in row.items() if value is not None}


def reasons(block: SourceBlock) -> list[str]:
    """Why lines went to quarantine."""
    found: list[str] = block.unreadable["reject_reasons"].to_pylist()
    return found


def sum_of(body: str) -> int:
    """Exclusive or of the bytes."""
    return functools.reduce(operator.xor, body.encode())


def with_checksum(body: str) -> str:
    """A sentence of a body without `!` and checksum."""
    return f"!{body}*{sum_of(body):02X}"


# --- golden sentences (methodology 3) ---------------------------------------------------------------------------


def test_a_moored_ship_of_class_a() -> None:
    row = only(read(MOORED))
    assert (row["message_type"], row["mmsi"], row["navigational_status"]) == (1, 366053209, 3)
    assert row["longitude"] == pytest.approx(-122.341618, abs=1e-6)
    assert row["latitude"] == pytest.approx(37.802118, abs=1e-6)
    assert (row["cog_degrees"], row["heading_degrees"], row["transceiver_class"]) == (219.3, 1, "A")
    assert "observed_at_utc" not in row


def test_what_is_not_available_keeps_the_value_that_the_contract_knows() -> None:
    row = only(read("!AIVDM,1,1,,A,15NPOOPP00o?b=bE`UNv4?w428D;,0*24"))
    assert (row["mmsi"], row["cog_degrees"], row["heading_degrees"]) == (367533950, 360, 511)


def test_type_3() -> None:
    row = only(read("!AIVDM,1,1,,A,35NSH95001G?wopE`beasVk@0E5:,0*6F"))
    assert (row["message_type"], row["mmsi"], row["sog_knots"]) == (3, 367581220, 0.1)
    assert (row["cog_degrees"], row["navigational_status"]) == (254.2, 5)


def test_type_5_of_two_fragments() -> None:
    row = only(read(*EVER_DIADEM))
    assert (row["message_type"], row["mmsi"], row["imo_number"]) == (5, 351759000, 9134270)
    assert (row["call_sign"], row["vessel_name"], row["ais_ship_type"]) == ("3FOF8", "EVER DIADEM", 70)
    assert (row["length_m"], row["width_m"], row["draught_m"]) == (295, 32, 12.2)
    assert row["destination"] == "NEW YORK"


def test_type_24_b_of_an_auxiliary_craft() -> None:
    row = only(read("!AIVDO,1,1,,A,H>W@vFTe6??406t2??21J0Wg8Jb0,0*6F"))
    assert (row["message_type"], row["part"], row["mmsi"]) == (24, "B", 980696666)
    assert row["mothership_mmsi"] == 666666666
    assert not {"length_m", "width_m"} & row.keys()


def test_type_27() -> None:
    row = only(read("!AIVDM,1,1,,B,KC5E2b@U19PFdLbMuc5=ROv62<7m,0*16"))
    assert (row["message_type"], row["mmsi"], row["sog_knots"], row["cog_degrees"]) == (
        27,
        206914217,
        57,
        167,
    )
    assert row["latitude"] == pytest.approx(4.84, abs=1e-6)
    assert row["longitude"] == pytest.approx(137.023333, abs=1e-6)


def test_a_tag_block_of_a_satellite() -> None:
    tag = "\\s:rORBCOMM000,q:u,c:1426032001,T:2015-03-11 00.00.01,i:<T>A:12344 F:+30000</T>*07\\"
    row = only(read(tag + "!BSVDM,1,1,,A,13nN34?000QFpgRWnQLLSPpF00SO,0*06"))
    assert row["observed_at_utc"] == datetime(2015, 3, 11, 0, 0, 1, tzinfo=UTC)
    assert row["mmsi"] == 258442000
    assert (round(row["latitude"], 6), round(row["longitude"], 6)) == (69.646268, 18.980668)


# --- times ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        (f"\\c:1426032001*{sum_of('c:1426032001'):02X}\\{MOORED}", 1426032001),
        (f"\\c:1426032001\\{MOORED}", 1426032001),
        (f"\\c:1426032001250\\{MOORED}", 1426032001.25),
        (f"1426032001,{MOORED}", 1426032001),
        (f"1426032001.25 {MOORED}", 1426032001.25),
        (f"1426032001250;{MOORED}", 1426032001.25),
        (f"2015-03-11T00:00:01Z,{MOORED}", 1426032001),
        (f"[2015-03-11 00:00:01.250] {MOORED}", 1426032001.25),
        (f"2015-03-11T02:00:01+02:00 {MOORED}", 1426032001),
        (f"20150311 000001 {MOORED}", 1426032001),
        (f"20150311000001,{MOORED}", 1426032001),
        (f"{MOORED},1426032001", 1426032001),
        (f"{MOORED},r003669945,1426032001", 1426032001),
        (f"$PGHP,1,2015,3,11,0,0,1,250,219,,2190048,1,28*23\n{MOORED}", 1426032001.25),
        (f"$PGHP,1,2015,3,11,0,0,1,0,219,,2190048,1,28*23\n\\c:1426032009\\{MOORED}", 1426032009),
    ],
)
def test_a_time_is_found_beside_the_sentence(line: str, seconds: float) -> None:
    assert only(read(line))["observed_at_utc"] == datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    "line",
    [
        MOORED,
        f"12 {MOORED}",
        f"2015-13-11T00:00:01Z {MOORED}",
        f"2015-02-29 00:00:01 {MOORED}",
        f"{MOORED},1daasd4218",
        f"$PGHP,1,2015,3,,0,0,1,250,219,,2190048,1,28*23\n{MOORED}",
        f"$PGHP,1,2015,3,11,0,0,1,250,219,,2190048,1,28*23\n$PGHP,1,2015,3,,0,0,1,250,219,,2190048,1,28*23\n{MOORED}",
    ],
)
def test_a_time_is_never_made_up(line: str) -> None:
    assert "observed_at_utc" not in only(read(line))


@given(st.datetimes(datetime(1970, 1, 1), datetime(2262, 1, 1)))
def test_the_calendar_is_that_of_the_standard_library(moment: datetime) -> None:
    found = microseconds_of(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    wanted = moment.replace(microsecond=0, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert found == wanted.days * 86_400_000_000 + wanted.seconds * 1_000_000


@pytest.mark.parametrize("day", [(1900, 2, 29), (2100, 2, 29), (2023, 4, 31), (2023, 0, 1), (2023, 1, 32)])
def test_a_day_that_never_was_is_no_time(day: tuple[int, int, int]) -> None:
    assert microseconds_of(*day, 0, 0, 0) == NO_TIME


# --- lines that are not used ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hello", "unreadable_row"),
        ("!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5D", "checksum_wrong"),
        ("!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0", "checksum_wrong"),
        (f"\\c:1426032001*00\\{MOORED}", "checksum_wrong"),
        (with_checksum("AIVDM,0,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0"), "fragment_count_zero"),
        (with_checksum("AIVDM,1,2,,B,15M67FC000G?ufbE`FepT@3n00Sa,0"), "fragment_number_wrong"),
        (with_checksum("AIVDM,1,1,,B,,0"), "payload_missing"),
        (with_checksum("AIVDM,1,1,,B,15M67FC000G?ufbE~FepT@3n00Sa,0"), "payload_not_armoured"),
        (with_checksum("AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00S,0"), "payload_truncated"),
        (with_checksum("AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,9"), "unreadable_row"),
        (with_checksum("AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa"), "unreadable_row"),
        (with_checksum("AIVDM,x,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0"), "unreadable_row"),
    ],
)
def test_a_line_that_cannot_be_used_goes_to_quarantine_whole(line: str, reason: str) -> None:
    block = read(line, MOORED)
    assert reasons(block) == [reason]
    assert block.unreadable["raw_row"].to_pylist() == [line]
    assert block.rows.num_rows == 1


def test_other_messages_and_sentences_are_counted() -> None:
    block = read(
        "!AIVDM,1,1,,B,402R3Wiuef:dO0tgkNOgc?A00HBd,0*76",
        "$GPGSA,A,3,11,32,14,28,22,03,10,08,17,,,,2.02,1.03,1.74*00",
        "# a comment",
        "",
        with_checksum("AIVDM,2,1,3,A,802R5Ph0Bk@Ch@Fln<ljQhs2HGwwwwwwwwwwwwwwwwwwwwwwwwwwwwww,0"),
        with_checksum("AIVDM,2,2,3,A,wwt,2"),
    )
    assert block.set_aside == {"type_4": 1, "other_sentence": 1, "type_8": 1}
    assert block.rows.num_rows == block.unreadable.num_rows == block.statics.num_rows == 0


# --- fragments --------------------------------------------------------------------------------------------------

FIRST, SECOND = EVER_DIADEM


def far(count: int) -> list[str]:
    """Lines that keep two others apart."""
    return [MOORED] * count


def test_other_sentences_may_stand_between_fragments() -> None:
    assert only(read(FIRST, "$GPGSA,A*00", SECOND))["mmsi"] == 351759000


def test_fragments_are_put_together_within_the_window_of_lines() -> None:
    window = SHIP_RULES.fragment_window_lines
    assert read(FIRST, *far(window - 1), SECOND).statics.num_rows == 1
    apart = read(FIRST, *far(window), SECOND)
    assert (apart.statics.num_rows, reasons(apart)) == (0, ["fragment_missing", "fragment_orphan"])


def test_fragments_are_put_together_within_the_time_out() -> None:
    limit = SHIP_RULES.fragment_timeout_seconds
    for seconds, whole in ((limit, 1), (limit + 1, 0)):
        block = read(f"\\c:1426032000\\{FIRST}", f"\\c:{1426032000 + seconds}\\{SECOND}")
        assert block.statics.num_rows == whole


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([SECOND], ["fragment_orphan"]),
        ([FIRST], ["fragment_missing"]),
        ([SECOND, FIRST], ["fragment_orphan", "fragment_missing"]),
        ([FIRST, SECOND, SECOND], ["fragment_repeated"]),
        ([FIRST, FIRST, SECOND], ["fragment_repeated"]),
    ],
)
def test_fragments_that_do_not_fit_go_to_quarantine(lines: list[str], found: list[str]) -> None:
    """Without times nothing could be joined across files, so no fragment waits for another file."""
    assert sorted(reasons(read(*lines))) == sorted(found)


def test_fragments_of_two_stations_are_kept_apart() -> None:
    one, other = "\\s:north,c:1426032001\\", "\\s:south,c:1426032001\\"
    block = read(one + FIRST, other + FIRST, one + SECOND, other + SECOND)
    assert (block.statics.num_rows, block.unreadable.num_rows) == (2, 0)
    mixed = read(one + FIRST, other + SECOND)
    assert mixed.statics.num_rows == 0


def test_fragments_with_times_at_the_edges_of_a_file_wait_for_the_next_file() -> None:
    timed = "\\c:1426032001\\"
    for lines in ([timed + FIRST], [timed + SECOND]):
        assert reasons(read(*lines)) == ["fragment_at_file_edge"]
    inside = read(*far(SHIP_RULES.fragment_window_lines), timed + SECOND, *far(3))
    assert reasons(inside) == ["fragment_orphan"]


def test_an_orphan_at_the_start_borrows_the_time_of_the_next_sentence_to_find_its_file() -> None:
    block = read(SECOND, MOORED, f"\\c:1426032001\\{MOORED}")
    assert reasons(block) == ["fragment_at_file_edge"]
    assert block.unreadable["observed_at_utc"].to_pylist() == [datetime.fromtimestamp(1426032001, UTC)]
    assert block.rows["observed_at_utc"].null_count == 1


LINES = st.lists(
    st.sampled_from(
        [
            f"\\c:1426032001\\{MOORED}",
            f"\\c:1426032001\\{FIRST}",
            f"\\c:1426032002\\{SECOND}",
            "$PGHP,1,2015,3,11,0,0,1,250,219,,2190048,1,28*23",
            MOORED,
            FIRST,
            SECOND,
            "noise",
            "",
        ]
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=examples(60))
@given(LINES, st.lists(st.integers(0, 3000), max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_a_file_may_be_cut_anywhere(lines: list[str], cuts: list[int], line_break: str) -> None:
    text = line_break.join([*lines, ""]).encode()
    whole = read_nmea(io.BytesIO(text), 0, len(text), rules=SHIP_RULES)
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    stream = io.BytesIO(text)
    _, feeds = hash_and_feeds(stream)
    numbers = first_line_numbers(stream, edges[:-1], feeds)
    pairs = zip(itertools.pairwise(edges), numbers, strict=True)
    parts = [read_nmea(io.BytesIO(text), a, b, number, rules=SHIP_RULES) for (a, b), number in pairs]
    for name in ("rows", "statics", "unreadable"):
        wanted = [str(row) for row in getattr(whole, name).to_pylist()]
        found = [str(row) for part in parts for row in getattr(part, name).to_pylist()]
        assert sorted(found) == sorted(wanted), name


@settings(deadline=None, max_examples=examples(200))
@given(st.binary(max_size=300))
def test_any_bytes_are_read_and_counted(noise: bytes) -> None:
    """No crash, and every line that is not blank, a comment or a time ends in one place."""
    text = noise.replace(b"$", b"?") + b"\n" + MOORED.encode() + b"\n"
    block = read_nmea(io.BytesIO(text), 0, len(text), rules=SHIP_RULES)
    sentences = scan(np.frombuffer(text, np.uint8), SHIP_RULES)
    used = block.rows.num_rows + block.unreadable.num_rows + sum(block.set_aside.values())
    assert used == sentences.size
    assert block.rows.num_rows >= 1


# --- pyais as the reference -------------------------------------------------------------------------------------

FIELDS = {
    "mmsi": "mmsi",
    "lat": "latitude",
    "lon": "longitude",
    "speed": "sog_knots",
    "course": "cog_degrees",
    "heading": "heading_degrees",
    "status": "navigational_status",
}


def agrees(sentence: str) -> None:
    """The compiled decoder gives what pyais gives, but for the marks of type 27, which become those of the others."""
    row = read(sentence).rows.to_pylist()[0]
    message = pyais.decode(sentence).asdict(enum_as_int=True)
    wanted: dict[str, Any] = {ours: message[theirs] for theirs, ours in FIELDS.items() if theirs in message}
    if message["msg_type"] == 27:
        wanted["sog_knots"] = {63: 102.3}.get(wanted["sog_knots"], wanted["sog_knots"])
        wanted["cog_degrees"] = {511: 360}.get(wanted["cog_degrees"], wanted["cog_degrees"])
    for name, value in wanted.items():
        assert row[name] == pytest.approx(value, abs=1e-6), (sentence, name)


@settings(deadline=None, max_examples=examples(300))
@given(st.sampled_from(FIXED_TYPES), st.binary(min_size=20, max_size=20))
def test_any_payload_of_fixed_length_is_decoded_as_pyais_does(message_type: int, bits: bytes) -> None:
    value = (message_type << 162) | (int.from_bytes(bits) & ((1 << 162) - 1))
    codes = [(value >> shift) & 63 for shift in range(162, -1, -6)]
    payload = "".join(chr(code + 48 + 8 * (code >= 40)) for code in codes)
    agrees(with_checksum(f"AIVDM,1,1,,A,{payload},0"))


def statics_of_pyais(sentence: str) -> dict[str, Any]:
    """A static report as pyais has it, under our names; a text ends at its first padding sign."""
    message: dict[str, Any] = dict(pyais.decode(sentence).asdict())
    texts = {"shipname": "vessel_name", "callsign": "call_sign", "destination": "destination"}
    found: dict[str, Any] = {"mmsi": message["mmsi"]}
    for theirs, ours in texts.items():
        if theirs in message:
            found[ours] = str(message[theirs]).split("@")[0].strip() or None
    for theirs, ours in {
        "imo": "imo_number",
        "draught": "draught_m",
        "mothership_mmsi": "mothership_mmsi",
    }.items():
        if theirs in message:
            found[ours] = message[theirs]
    if "to_bow" in message:
        found["length_m"] = message["to_bow"] + message["to_stern"]
        found["width_m"] = message["to_port"] + message["to_starboard"]
    return found


@settings(deadline=None, max_examples=examples(300))
@given(st.sampled_from([(5, 424), (24, 168), (24, 160)]), st.binary(min_size=53, max_size=53), st.booleans())
def test_any_static_report_is_decoded_as_pyais_does(
    kind: tuple[int, int], bits: bytes, is_auxiliary_craft: bool
) -> None:
    message_type, length = kind
    value = int.from_bytes(bits) >> (424 - length) & ((1 << (length - 6)) - 1) | message_type << (length - 6)
    if message_type == 24:
        part = length == 168
        value = value & ~(3 << (length - 40)) | part << (length - 40)
    if is_auxiliary_craft:
        value = value & ~(((1 << 30) - 1) << (length - 38)) | 980696666 << (length - 38)
    fill = -length % 6
    value <<= fill
    codes = [(value >> shift) & 63 for shift in range(length + fill - 6, -1, -6)]
    payload = "".join(chr(code + 48 + 8 * (code >= 40)) for code in codes)
    sentence = with_checksum(f"AIVDM,1,1,,A,{payload},{fill}")
    row = read(sentence).statics.to_pylist()[0]
    for name, wanted in statics_of_pyais(sentence).items():
        assert row[name] == wanted, name


def test_a_part_of_type_24_that_is_neither_a_nor_b_cannot_be_decoded() -> None:
    payload = "H3KLehdt00000000?6ekkjm000000"
    assert reasons(read(with_checksum(f"AIVDM,1,1,,A,{payload},0"))) == ["payload_undecodable"]
