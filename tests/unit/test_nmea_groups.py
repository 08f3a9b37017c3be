"""Tag blocks of NMEA 4.10: groups of sentences, several blocks in a row, blocks on a line of their own."""

import io
import itertools
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais_indicators.sources.nmea.reading import read_nmea
from tests.examples import examples
from tests.subject_rules import SHIP_RULES
from tests.unit.test_nmea import EVER_DIADEM, MOORED, only, read, reasons, sum_of, with_checksum

FIRST, SECOND = EVER_DIADEM
SECONDS = 1426032001
MOMENT = datetime.fromtimestamp(SECONDS, UTC)
LONG = [
    with_checksum(f"AIVDM,3,{number},4,A,{payload},0")
    for number, payload in enumerate(
        ("55?MbV02;H;s<HtKR20EHE:0@T4@Dn", "2222222216L961O5Gf0NSQEp6ClRp8", "88888888880"), 1
    )
]


def tagged(content: str, sentence: str) -> str:
    """A sentence after a tag block with its checksum."""
    return f"\\{content}*{sum_of(content):02X}\\{sentence}"


def grouped(group: str, *sentences: str, seconds: int = SECONDS, carrier: int = 0) -> list[str]:
    """Lines of one group, of which one carries source and time."""
    return [
        tagged(
            f"g:{number + 1}-{len(sentences)}-{group}"
            + (f",s:r003,c:{seconds}" if number == carrier else ""),
            sentence,
        )
        for number, sentence in enumerate(sentences)
    ]


def test_the_lines_of_a_group_are_one_message() -> None:
    row = only(read(*grouped("1234", FIRST, SECOND)))
    assert (row["mmsi"], row["vessel_name"], row["observed_at_utc"]) == (351759000, "EVER DIADEM", MOMENT)


def test_a_real_group_of_the_documentation_is_read() -> None:
    row = only(
        read(
            r"\g:1-2-0136,c:1354725824*22\!BSVDM,2,1,4,B,53B>2V000000uHH4000@T4p4000000000000000S30C6340006h00000,0*4C",
            r"\g:2-2-0136*59\!BSVDM,2,2,4,B,000000000000000,2*3A",
        )
    )
    assert (row["message_type"], row["observed_at_utc"]) == (5, datetime.fromtimestamp(1354725824, UTC))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("carrier", range(3))
def test_lines_of_a_group_may_come_in_any_order(order: tuple[int, ...], carrier: int) -> None:
    lines = grouped("7", *LONG, carrier=carrier)
    row = only(read(*(lines[place] for place in order)))
    assert (row["vessel_name"], row["destination"], row["observed_at_utc"]) == (
        "EVER DIADEM",
        "NEW YORK",
        MOMENT,
    )


def test_groups_of_the_older_form_are_read() -> None:
    row = only(read(f"\\1G2:8,s:r003,c:{SECONDS}\\{FIRST}", f"\\2G2:8\\{SECOND}"))
    assert row["observed_at_utc"] == MOMENT


def test_a_group_may_hold_a_sentence_that_is_none_of_ais() -> None:
    block = read(*grouped("5", "$ARVSI,r003,1,000001.0,1,-99*00", FIRST, SECOND))
    assert (only(block)["observed_at_utc"], block.set_aside) == (MOMENT, {"other_sentence": 1})
    assert only(read(*grouped("5", MOORED, "$ARVSI,r003*00", carrier=1)))["observed_at_utc"] == MOMENT


def test_a_group_that_uses_an_id_again_is_another() -> None:
    """Complete groups close; an incomplete one ends where a number comes again, or too far or too late."""
    again = grouped("7", FIRST, SECOND, seconds=SECONDS + 1)
    for lines in (
        grouped("7", FIRST, SECOND) + again,
        grouped("7", FIRST, SECOND)[::-1] + again[::-1],
    ):
        block = read(*lines)
        assert block.statics["observed_at_utc"].to_pylist() == [
            MOMENT,
            datetime.fromtimestamp(SECONDS + 1, UTC),
        ]
    block = read(grouped("7", FIRST, SECOND)[0], *again)
    assert block.statics["observed_at_utc"].to_pylist() == [datetime.fromtimestamp(SECONDS + 1, UTC)]
    assert len(reasons(block)) == 1


def test_lines_of_a_group_stand_within_the_window_of_lines() -> None:
    window = SHIP_RULES.fragment_window_lines
    first, second = grouped("7", FIRST, SECOND)
    for order in ((first, second), (second, first)):
        assert read(order[0], *[MOORED] * (window - 1), order[1]).statics.num_rows == 1
        assert read(order[0], *[MOORED] * window, order[1]).statics.num_rows == 0


def test_lines_of_a_group_stand_within_the_time_out() -> None:
    limit = SHIP_RULES.fragment_timeout_seconds
    for seconds, messages in ((limit, 1), (limit + 1, 0)):
        lines = [
            tagged(f"g:1-2-7,c:{SECONDS}", FIRST),
            tagged(f"g:2-2-7,c:{SECONDS + seconds}", SECOND),
        ]
        assert read(*lines).statics.num_rows == messages


def test_groups_of_two_stations_with_one_id_are_kept_apart_by_sequence_number() -> None:
    other = [with_checksum(line[1:-3].replace(",1,A,", ",2,A,")) for line in EVER_DIADEM]
    one, two = grouped("7", FIRST, SECOND), grouped("7", *other, seconds=SECONDS + 1)
    block = read(one[0], two[0], one[1], two[1])
    assert sorted(block.statics["observed_at_utc"].to_pylist()) == [
        MOMENT,
        datetime.fromtimestamp(SECONDS + 1, UTC),
    ]


@pytest.mark.parametrize("group", ["0-2-7", "3-2-7", "1-1-7", "1-2-", "1-2", "x-2-7", "1-63-7"])
def test_what_is_no_group_changes_nothing(group: str) -> None:
    assert only(read(tagged(f"g:{group},c:{SECONDS}", MOORED)))["observed_at_utc"] == MOMENT


def test_a_group_whose_tag_block_is_wrong_is_not_used() -> None:
    first, second = grouped("7", FIRST, SECOND)
    assert reasons(read(first, second.replace("g:2-2-7", "g:2-2-8"))) == [
        "fragment_at_file_edge",
        "checksum_wrong",
    ]


# --- blocks -------------------------------------------------------------------------------------------------------


def test_two_tag_blocks_in_a_row_count_as_one() -> None:
    row = only(read(tagged("s:r003", tagged(f"c:{SECONDS}", MOORED))))
    assert row["observed_at_utc"] == MOMENT
    wrong = read(tagged("s:r003", f"\\c:{SECONDS}*00\\{MOORED}"))
    assert reasons(wrong) == ["checksum_wrong"]


def test_a_tag_block_on_a_line_of_its_own_holds_for_the_next_sentence_alone() -> None:
    block = read(tagged(f"s:r003,c:{SECONDS}", ""), "", "# a comment", MOORED, MOORED)
    assert block.rows["observed_at_utc"].to_pylist() == [MOMENT, None]
    assert block.unreadable.num_rows == 0


def test_a_tag_block_on_a_line_of_its_own_holds_within_the_window_of_lines() -> None:
    limit = SHIP_RULES.clock_line_window_lines
    for blanks, time in ((limit - 1, MOMENT), (limit, None)):
        block = read(tagged(f"c:{SECONDS}", ""), *[""] * blanks, MOORED)
        assert block.rows["observed_at_utc"].to_pylist() == [time]


def test_a_lone_tag_block_names_the_station_of_a_fragment() -> None:
    lines = [tagged("s:north", ""), FIRST, tagged("s:south", ""), SECOND]
    assert read(*lines).statics.num_rows == 0
    assert read(*lines[:2], tagged("s:north", ""), SECOND).statics.num_rows == 1


def test_a_bare_fragment_has_the_station_of_the_fragment_before_it() -> None:
    for lines in ([tagged("s:north", ""), FIRST, SECOND], [tagged("s:north", FIRST), SECOND]):
        assert only(read(*lines))["vessel_name"] == "EVER DIADEM"
    assert read(tagged("s:north", FIRST), MOORED, SECOND).statics.num_rows == 0
    assert read(tagged("s:north", FIRST), SECOND.replace(",1,A,", ",2,A,")).statics.num_rows == 0


def test_a_lone_tag_block_before_a_sentence_that_has_one_is_a_line_that_was_cut_off() -> None:
    block = read(tagged("c:1426032009", ""), tagged(f"c:{SECONDS}", MOORED))
    assert (only(block)["observed_at_utc"], reasons(block)) == (MOMENT, ["unreadable_row"])
    assert reasons(read(tagged("c:1426032009", ""), "noise")) == ["unreadable_row"] * 2
    assert reasons(read(MOORED, tagged("c:1426032009", ""))) == ["unreadable_row"]


def test_lone_tag_blocks_in_a_row_count_as_one() -> None:
    block = read(tagged(f"c:{SECONDS}", ""), tagged("s:r003", ""), MOORED)
    assert (only(block)["observed_at_utc"], reasons(block)) == (MOMENT, [])
    lines = [tagged("g:1-2-7,s:r003", ""), tagged(f"c:{SECONDS}", ""), FIRST, tagged("g:2-2-7", ""), SECOND]
    assert only(read(*lines))["observed_at_utc"] == MOMENT


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("1426032001.5", 1426032001.5),
        ("1426032001.123456789", 1426032001.123456),
        ("1426032001250", 1426032001.25),
    ],
)
def test_decimals_and_milliseconds_in_a_tag_block(stamp: str, seconds: float) -> None:
    assert only(read(tagged(f"c:{stamp}", MOORED)))["observed_at_utc"] == datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("stamp", ["1426032001.", "1426032001.x", "142603200", "14260320011", ""])
def test_a_count_that_is_none_gives_no_time(stamp: str) -> None:
    assert "observed_at_utc" not in only(read(tagged(f"c:{stamp}", MOORED)))


def test_an_empty_last_fragment_completes_its_message() -> None:
    """A type 5 whose 424 bits fit in its first fragments ends with a fragment without a payload."""
    whole = "55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp888888888880"
    lines = [with_checksum(f"AIVDM,2,1,1,A,{whole},2"), with_checksum("AIVDM,2,2,1,A,,0")]
    row = only(read(*lines))
    assert (row["vessel_name"], row["destination"]) == ("EVER DIADEM", "NEW YORK")
    assert reasons(read(lines[1])) == ["fragment_orphan"]
    assert reasons(read(with_checksum("AIVDM,2,1,1,A,,0"))) == ["payload_missing"]


# --- properties ---------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=examples(60))
@given(st.integers(1, 6), st.integers(0, 1), st.randoms(use_true_random=False))
def test_any_order_of_groups_near_each_other_gives_the_same_messages(
    groups: int, carrier: int, chance: random.Random
) -> None:
    lines = [
        line
        for group in range(groups)
        for line in grouped(str(group), FIRST, SECOND, seconds=SECONDS + group, carrier=carrier)
    ]
    chance.shuffle(lines)
    block = read(*lines)
    assert block.unreadable.num_rows == 0
    wanted = [datetime.fromtimestamp(SECONDS + group, UTC) for group in range(groups)]
    assert sorted(block.statics["observed_at_utc"].to_pylist()) == wanted


@settings(deadline=None, max_examples=examples(40))
@given(st.lists(st.integers(0, 60_000), max_size=4), st.randoms(use_true_random=False))
def test_a_log_longer_than_the_window_may_be_cut_anywhere(cuts: list[int], chance: random.Random) -> None:
    lines: list[str] = []
    for number in range(150):
        pair = grouped(str(number % 9), FIRST, SECOND, seconds=SECONDS + number)
        choice = chance.randrange(4)
        lines += pair if choice else pair[:1]
        lines += ["$GPZDA,000001.00,11,03,2015,00,00*61", MOORED, tagged(f"c:{SECONDS}", "")][
            : chance.randrange(4)
        ]
    text = "\n".join([*lines, ""]).encode()
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    whole = read_nmea(io.BytesIO(text), 0, len(text), rules=SHIP_RULES)
    parts = [read_nmea(io.BytesIO(text), a, b, rules=SHIP_RULES) for a, b in itertools.pairwise(edges)]
    for name in ("rows", "statics", "unreadable"):
        wanted = [str(row) for row in getattr(whole, name).drop_columns(["file_line"]).to_pylist()]
        found = [
            str(row) for part in parts for row in getattr(part, name).drop_columns(["file_line"]).to_pylist()
        ]
        assert sorted(found) == sorted(wanted), name
