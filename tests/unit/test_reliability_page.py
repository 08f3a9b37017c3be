"""What the page of `make reliability` says of the weeks that were published."""

from benchmarks.reliability.page import text_of
from benchmarks.reliability.publishing import FEWEST_SHIPS, MOST_SHIPS, ships_of

FOUND = {
    "tried": 6,
    "survived": 5,
    "weeks": 3,
    "data_sets": [
        {"seed": 1, "ships": 300, "messages": 12_345, "published": 2, "problems": ["2026-W03: stopped"]},
        {"seed": 2, "ships": 251, "messages": 678, "published": 3, "problems": []},
    ],
}


def test_every_data_set_has_its_line_and_stopped_weeks_their_reason() -> None:
    text = text_of({"publish": FOUND, "machine": {}})
    assert "5 of 6 weeks were published" in text
    assert "| 1 | 300 | 12,345 | 2 | 2026-W03: stopped |" in text
    assert "| 2 | 251 | 678 | 3 | none |" in text


def test_twenty_data_sets_have_twenty_sizes_within_the_range() -> None:
    sizes = [ships_of(number) for number in range(20)]
    assert len(set(sizes)) == len(sizes)
    assert MOST_SHIPS == sizes[0] == max(sizes)
    assert FEWEST_SHIPS <= min(sizes) < FEWEST_SHIPS + 20
