"""Runs the commands of the handbook, in order, in a fresh folder, and compares the output with the page."""

from pathlib import Path

import pytest

from ais_indicators import releases
from ais_indicators.settings import DATA_DIR_VARIABLE
from tests.handbook_pages import DOCS, Reader, blocks_of
from tests.tutorial import Tutorial


def test_the_tutorial_leaves_the_lake_that_it_promises(tutorial: Tutorial) -> None:
    found = releases(data_dir=tutorial.data_dir)
    assert found["week"].to_list() == [f"2026-W0{n}" for n in (1, 2, 3, 4, 5, 5, 6)]
    assert found["is_served"].to_list() == [True, True, True, True, False, True, True]
    assert (tutorial.folder / "outbox" / "port_activity_weekly.csv").is_file()
    assert len(list((tutorial.folder / "bulletin").glob("bulletin-2026-W05-*-en.html"))) == 1


def test_the_answers_of_the_training_are_right(tutorial: Tutorial) -> None:
    with tutorial.at_work() as reader:
        reader.follow(DOCS / "training.md")
    assert releases(data_dir=tutorial.data_dir)["is_served"].sum() == 6


@pytest.mark.parametrize("page", ["quick-start.md", "your-data.md"])
def test_a_page_can_be_followed_in_a_fresh_folder(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)
    Reader(tmp_path).follow(DOCS / page)


def test_each_exercise_has_an_answer_that_is_compared() -> None:
    page = DOCS / "training.md"
    exercises = page.read_text(encoding="utf-8").count('??? question "Answer"')
    assert exercises == 8
    assert sum(block.kind == "shows" for block in blocks_of(page)) >= exercises
