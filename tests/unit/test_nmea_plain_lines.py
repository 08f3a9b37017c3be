r"""Lines of the usual form are read in one pass; every other line by the code for all forms, with the same values."""

import numpy as np
import pytest

from ais_indicators.sources.nmea.plain_lines import NOT_PLAIN, read_plain_line
from ais_indicators.sources.nmea.sentences import GOOD, SENTENCE, scan
from tests.subject_rules import SHIP_RULES

SENTENCES = (
    rb"!AIVDM,1,1,,A,13;33V0P00G<`qDL=1Q;9U`1P000,0*70",
    rb"!AIVDM,2,2,4,B,00000000000,2*23",
    rb"\c:1577836800*58\!AIVDM,1,1,,A,13;33V0P00G<`qDL=1Q;9U`1P000,0*70",
    rb"\g:1-2-1234,s:r003,c:1426032001*0a\!AIVDM,1,1,,,13;33V0P00G<`qDL=1Q;9U`1P000,0*31",
)
PUT = rb"!\$,*:# 0129ABFVacx~" + b"\r\n\0\xff"
AFTER = b"# a comment\n"


def scanned(lines: bytes) -> list[tuple[int, ...]]:
    rows: list[tuple[int, ...]] = scan(np.frombuffer(lines, np.uint8).copy(), SHIP_RULES).tolist()
    return rows


def plain_end(lines: bytes) -> int:
    return read_plain_line(np.frombuffer(lines, np.uint8).copy(), 0, np.zeros(1, SENTENCE)[0])


@pytest.mark.parametrize("line", SENTENCES)
def test_the_usual_form_is_read_in_one_pass(line: bytes) -> None:
    for line_break in (b"\n", b"\r\n"):
        assert plain_end(line + line_break + AFTER) == len(line)
    assert scan(np.frombuffer(line + b"\n", np.uint8).copy(), SHIP_RULES)["state"].tolist() == [GOOD]


@pytest.mark.parametrize("line", SENTENCES)
def test_a_blank_after_it_leaves_the_line_to_the_code_for_all_forms(line: bytes) -> None:
    assert plain_end(line + b" \n" + AFTER) == NOT_PLAIN
    assert scanned(line + b" \n" + AFTER) == scanned(line + b"\n" + AFTER)


@pytest.mark.parametrize("line", SENTENCES)
def test_a_damaged_line_has_the_same_values_by_both(line: bytes) -> None:
    for place in range(len(line)):
        for byte in PUT:
            damaged = line[:place] + bytes([byte]) + line[place + 1 :]
            assert scanned(damaged + b"\n" + AFTER) == scanned(damaged + b" \n" + AFTER), damaged
        for damaged in (line[:place], line[:place] + line[place + 1 :], line[:place] + line[place:][:1] * 2):
            assert scanned(damaged + b"\n" + AFTER) == scanned(damaged + b" \n" + AFTER), damaged


@pytest.mark.parametrize("line", SENTENCES)
def test_a_cut_at_any_byte_reads_nothing_behind_the_buffer(line: bytes) -> None:
    assert [plain_end((line + b"\n")[:size]) for size in range(1, len(line))] == [NOT_PLAIN] * (len(line) - 1)
