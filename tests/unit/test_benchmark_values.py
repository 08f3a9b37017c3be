"""Values in README.md and docs/ are those of the benchmark pages."""

import re
from pathlib import Path

import pytest

from benchmarks.pages import page
from benchmarks.values import (
    MARK,
    VALUES,
    WEEKS_OF_A_YEAR,
    calculate,
    documents,
    duration,
    fill,
    main,
    read_values,
    spread,
    stale_documents,
)

TODAY = {"job.rows_per_second": "500,000", "small_office.lake_bytes": "26.91"}


def marked(name: str, text: str) -> str:
    return f"a <!-- value: {name} -->{text}<!-- /value --> b"


def test_documents_say_what_the_pages_say() -> None:
    assert stale_documents() == {}


def test_documents_use_the_values_and_no_mark_begins_a_line() -> None:
    """Markdown takes a comment at the beginning of a line for a block of HTML."""
    texts = [path.read_text(encoding="utf-8") for path in documents()]
    used = {
        name for text in texts for mark in MARK.findall(text) for name in re.findall(r"[a-z_]+\.\w+", mark[1])
    }
    assert len(used) >= 30
    assert used <= set(VALUES)
    assert [text for text in texts if re.search(r"^\s*<!-- (value|sum):", text, re.MULTILINE)] == []
    assert sum(text.count("<!-- value: ") + text.count("<!-- sum: ") for text in texts) == sum(
        len(MARK.findall(text)) for text in texts
    )


def test_the_examples_on_the_page_of_costs_are_the_measured_day_and_week() -> None:
    values = read_values()
    assert (values["job.rows"], values["small_office.messages"]) == ("4,826,292", "33,784,044")
    assert WEEKS_OF_A_YEAR == 52


def test_a_value_replaces_what_is_between_its_marks_and_nothing_else() -> None:
    assert fill(marked("job.rows_per_second", "1"), TODAY) == marked("job.rows_per_second", "500,000")
    assert fill("500 and <!-- run: 5 -->", TODAY) == "500 and <!-- run: 5 -->"


def test_a_calculation_follows_its_values() -> None:
    found = fill("<!-- sum: 1,814,400 / job.rows_per_second -->`x`<!-- /sum --> s", TODAY)
    assert found == "<!-- sum: 1,814,400 / job.rows_per_second -->`1,814,400 / 500,000 = 4`<!-- /sum --> s"
    assert calculate("33,784,044 x 26.91 / 1,000,000") == "`33,784,044 x 26.91 / 1,000,000 = 909`"
    for wrong in ("1 + 2", "1 x"):
        with pytest.raises(ValueError, match=r"calculation|operator"):
            calculate(wrong)


def test_a_value_of_a_page_that_was_never_made_keeps_its_text_and_an_unknown_one_is_an_error() -> None:
    assert fill(marked("commands.demo", "some minutes"), TODAY) == marked("commands.demo", "some minutes")
    with pytest.raises(ValueError, match=r"unknown value: job\.speed"):
        fill(marked("job.speed", "1"), TODAY)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(89.4, "89 seconds"), (90, "2 minutes"), (5399, "90 minutes"), (5400, "2 hours"), (184_704, "51 hours")],
)
def test_a_duration_has_the_unit_that_people_use(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_values_that_look_the_same_are_shown_once() -> None:
    assert spread([1.04, 1.06], 1) == "1.0 to 1.1"
    assert spread([1.01, 1.04], 1) == "1.0"


def test_a_document_that_says_something_else_is_found_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(marked("accuracy.ships", "299"))
    page("accuracy").json_in(tmp_path).write_text(page("accuracy").json_in().read_text())
    assert main(["--check"], tmp_path, tmp_path) == 1
    assert "README.md has values that the benchmark pages do not" in capsys.readouterr().err
    assert main(["--write"], tmp_path, tmp_path) == 0
    assert (tmp_path / "README.md").read_text() == marked("accuracy.ships", "300")
    assert main(["--check"], tmp_path, tmp_path) == 0
