"""Receiving: cutting into lines, tag blocks, the clock, and the counts of a heartbeat."""

import io
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.errors import WrongUseError
from ais_indicators.receive.addresses import Address, parse_address
from ais_indicators.receive.base_station import reported_time
from ais_indicators.receive.clock import JUMP_SECONDS, ReceptionClock
from ais_indicators.receive.counters import Counters
from ais_indicators.receive.http import BadPostError, read_post
from ais_indicators.receive.lines import LONGEST_SENTENCE_BYTES, LineSplitter, has_right_checksum
from ais_indicators.receive.tag_blocks import TaggedLine, Tagger
from ais_indicators.sources.nmea.reading import read_nmea
from tests.stations import FRAGMENTS, MOORED, NOON, SAILING, Clock, base_station, block
from tests.subject_rules import SHIP_RULES


def tagged(*lines: bytes, station: str = "north") -> list[TaggedLine]:
    tagger = Tagger()
    return [tagger.tag(line, station, NOON) for line in lines]


@pytest.mark.parametrize(
    ("datagram", "sentences"),
    [
        (MOORED + SAILING, [MOORED, SAILING]),
        (MOORED + b"\r\n" + SAILING + b"\r\n", [MOORED, SAILING]),
        (MOORED + block("s:r1") + SAILING, [MOORED, block("s:r1") + SAILING]),
        (block("s:r1") + MOORED + block("s:r2") + SAILING, [block("s:r1") + MOORED, block("s:r2") + SAILING]),
        (block("s:r1") + b"\n" + MOORED, [block("s:r1") + MOORED]),
        (block("s:r1") + block("c:1426032001") + MOORED, [block("s:r1") + block("c:1426032001") + MOORED]),
        (b"# comment\n\n" + MOORED, [MOORED]),
    ],
)
def test_datagram_holds_several_sentences(datagram: bytes, sentences: list[bytes]) -> None:
    splitter = LineSplitter()

    assert splitter.feed_datagram(datagram) == sentences
    assert splitter.lost == 0


@given(st.lists(st.integers(0, 200), max_size=8), st.sampled_from([b"\n", b"\r\n"]))
def test_stream_gives_the_same_lines_however_it_is_cut(cuts: list[int], line_end: bytes) -> None:
    stream = line_end.join([MOORED, block("s:r1") + SAILING, *FRAGMENTS, b""])
    edges = [0, *sorted(cuts), len(stream)]
    splitter = LineSplitter()

    found = [s for a, b in pairwise(edges) for s in splitter.feed(stream[a:b])]

    assert found == [MOORED, block("s:r1") + SAILING, *FRAGMENTS]
    assert splitter.lost == 0


@pytest.mark.parametrize(
    ("rest", "kept", "lost"), [(MOORED[:-9], [], 1), (MOORED, [MOORED], 0), (b" ", [], 0)]
)
def test_half_a_line_at_the_end_is_lost_and_counted(rest: bytes, kept: list[bytes], lost: int) -> None:
    splitter = LineSplitter()

    assert splitter.feed(SAILING + b"\n" + rest) == [SAILING]
    assert splitter.finish() == kept
    assert splitter.lost == lost


def test_stream_without_line_ends_stays_small() -> None:
    splitter = LineSplitter()

    found = splitter.feed(MOORED * 100)
    junk = splitter.feed(b"x" * 10 * LONGEST_SENTENCE_BYTES) + splitter.feed(b"x" * 9000)
    after = splitter.feed(b"x\n" + SAILING + b"\n")

    assert found == [MOORED] * 99
    assert (junk, after, splitter.lost) == ([], [SAILING], 1)


def test_line_without_a_sentence_is_counted() -> None:
    splitter = LineSplitter()

    assert splitter.feed_datagram(b"hello\n" + MOORED) == [MOORED]
    assert splitter.lost == 1


@pytest.mark.parametrize(
    ("line", "stored"),
    [
        (MOORED, block("s:north,c:1795000000") + MOORED),
        (block("s:r1") + MOORED, block("s:r1,c:1795000000") + MOORED),
        (block("c:1426032001") + MOORED, block("c:1426032001,s:north") + MOORED),
        (block("s:r1,c:1426032001") + MOORED, block("s:r1,c:1426032001") + MOORED),
        (block("s:r1") + block("c:1426032001") + MOORED, block("s:r1,c:1426032001") + MOORED),
        (block("s:,n:7") + MOORED, block("n:7,s:north,c:1795000000") + MOORED),
        (b"2026-11-18 10:00:00 " + MOORED, b"2026-11-18 10:00:00 " + block("s:north") + MOORED),
        (MOORED + b",1426032001", block("s:north") + MOORED + b",1426032001"),
        (MOORED + b",rRAISB,S0012,d-091", block("s:north,c:1795000000") + MOORED + b",rRAISB,S0012,d-091"),
    ],
)
def test_tag_block_keeps_what_the_sender_states(line: bytes, stored: bytes) -> None:
    (found,) = tagged(line)

    assert found.text == stored
    assert found.is_right


@pytest.mark.parametrize("line", [MOORED[:-1] + b"0", b"\\s:r1*00\\" + MOORED, MOORED[:-3]])
def test_wrong_checksum_is_kept_and_flagged(line: bytes) -> None:
    (found,) = tagged(line)

    assert not found.is_right
    assert found.text.endswith(line[-30:])


def test_later_lines_of_a_group_take_station_and_time_of_the_first() -> None:
    lines = [block("g:1-2-77,s:r3,c:1426032001") + FRAGMENTS[0], block("g:2-2-77") + FRAGMENTS[1]]

    first, second = tagged(*lines)

    assert first.text == lines[0]
    assert second.text == block("g:2-2-77,s:r3,c:1426032001") + FRAGMENTS[1]
    assert (second.station, second.time) == ("r3", 1426032001)


def test_number_of_a_group_is_used_again() -> None:
    first = block("g:1-2-77,s:r3,c:1426032001") + FRAGMENTS[0]
    second = block("g:2-2-77") + FRAGMENTS[1]

    *_, later = tagged(first, second, second)

    assert (later.station, later.time) == ("north", NOON)


def test_reader_of_the_project_understands_the_lines() -> None:
    text = b"".join(line.text + b"\n" for line in tagged(*FRAGMENTS, block("s:r1") + MOORED, SAILING))

    rows = read_nmea(io.BytesIO(text), 0, len(text), rules=SHIP_RULES)

    assert rows.rows["mmsi"].to_pylist() == [366053209, 244030470]
    assert rows.statics["mmsi"].to_pylist() == [351759000]
    times = {*rows.rows["observed_at_utc"].to_pylist(), *rows.statics["observed_at_utc"].to_pylist()}
    assert times == {datetime.fromtimestamp(NOON, UTC)}
    assert rows.unreadable.num_rows == 0


@pytest.mark.parametrize("second", [0, 59])
def test_base_station_reports_its_time(second: int) -> None:
    time = datetime(2026, 11, 18, 23, 7, second, tzinfo=UTC)

    assert reported_time(block("s:r1") + base_station(time)) == time.timestamp()


@pytest.mark.parametrize("line", [MOORED, b"!AIVDM,1,1,,A,4" + b"0" * 27 + b",0*00", b""])
def test_other_lines_report_no_time(line: bytes) -> None:
    assert reported_time(line) is None


@pytest.mark.parametrize("step", [-JUMP_SECONDS + 1, -1.0])
def test_small_step_back_is_held(step: float) -> None:
    clock = Clock()
    reception = ReceptionClock(clock.wall, clock.steady)

    clock.utc += step
    held = reception.read()
    clock.pass_seconds(-step + 2)

    assert (held.utc, held.has_jumped) == (NOON, False)
    assert reception.read().utc == NOON + 2


@pytest.mark.parametrize("step", [-3600.0, 3600.0, -JUMP_SECONDS - 1])
def test_large_step_is_believed_and_reported(step: float) -> None:
    clock = Clock()
    reception = ReceptionClock(clock.wall, clock.steady)

    clock.pass_seconds(5)
    clock.utc += step

    assert (first := reception.read()).has_jumped
    assert first.utc == NOON + 5 + step
    assert not reception.read().has_jumped


def test_clock_does_not_hold_for_longer_than_a_jump() -> None:
    clock = Clock()
    reception = ReceptionClock(clock.wall, clock.steady)
    readings = []
    for _ in range(3):
        clock.utc -= JUMP_SECONDS / 2
        readings.append(reception.read())

    assert [reading.has_jumped for reading in readings] == [False, False, True]


def test_heartbeat_counts_silent_minutes_and_clock_offset() -> None:
    clock = Clock()
    reception = ReceptionClock(clock.wall, clock.steady)
    counters = Counters(["north", "south"], reception.read())
    for minute, offset in [(0, -3.0), (0, -2.0), (3, 40.0)]:
        clock.seconds, clock.utc = 1000 + 60 * minute, NOON + 60 * minute
        now = reception.read()
        counters.store(TaggedLine(b"", "north", now.utc, minute == 0), "north", now, now.utc + offset)
    counters.lose("south", 2)
    clock.pass_seconds(2 * 60 + 30)

    north, south = counters.rows(reception.read())

    assert north == ("north", "2026-11-18T11:06:40Z", "2026-11-18T11:12:10Z", 3, 1, 0, 3, 3, -2.0, 0)
    assert south[3:] == (0, 0, 2, 5, 0, "", 0)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:10110", Address("127.0.0.1", 10110, "all")),
        ("north@[::1]:0", Address("::1", 0, "north")),
        ("s-1_a@host.example:1", Address("host.example", 1, "s-1_a")),
    ],
)
def test_address(text: str, address: Address) -> None:
    assert parse_address(text, "all") == address


@pytest.mark.parametrize(
    "text", ["10110", ":1", "host:", "host:x", "host:70000", "a,b@h:1", "@h:1", "a" * 16 + "@h:1"]
)
def test_bad_address_is_refused(text: str) -> None:
    with pytest.raises(WrongUseError):
        parse_address(text, "all")


@pytest.mark.parametrize(
    ("named", "station"),
    [(b'"station":"roof"', "roof"), (b'"stationid":"","station":"roof"', "roof"), (b'"station":7', None)],
)
def test_a_post_may_name_its_station_station(named: bytes, station: str | None) -> None:
    assert read_post(b'{"msgs":[],' + named + b"}") == (station, [])


def test_post_of_ais_catcher() -> None:
    body = (
        b'{"protocol":"jsonaiscatcher","stationid":"MyStation","msgs":[{"class":"AIS","rxtime":"20221102171324",'
        b'"nmea":["' + FRAGMENTS[0] + b'","' + FRAGMENTS[1] + b'"]},{"nmea":["' + MOORED + b'"]}]}'
    )
    time = datetime(2022, 11, 2, 17, 13, 24, tzinfo=UTC).timestamp()

    assert read_post(body) == ("MyStation", [(FRAGMENTS[0], time), (FRAGMENTS[1], time), (MOORED, None)])


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"msgs":[{}]}', b'{"msgs":[{"nmea":[1]}]}', b'{"msgs":7}']
)
def test_other_post_is_refused(body: bytes) -> None:
    with pytest.raises(BadPostError):
        read_post(body)


def test_checksum_of_a_line_with_columns() -> None:
    assert has_right_checksum(b"12:00 " + MOORED + b",1426032001")
    assert not has_right_checksum(MOORED.replace(b"15M", b"15N"))
