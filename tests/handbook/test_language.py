"""The pages are in plain English: words that the style rules out do not come back."""

import re
from pathlib import Path

import pytest

from tests.handbook_pages import DOCS, ROOT

PAGES = sorted({*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"} - {DOCS / "commands.md"})
CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|<!--.*?-->", re.DOTALL)
RULED_OUT = {
    "report, show": r"told|tells",
    "zero": r"nought|naught",
    "again": r"anew",
    "correct, repair": r"mend(?:s|ed|ing)?",
    "also, in the same way": r"likewise",
    "next to, with": r"beside",
    "is": r"stands",
    "pipeline": r"roads?",
    "evaluate, decide": r"judg(?:e|es|ed|ing)",
    "compare with": r"h(?:o|e)ld(?:s|ing)? [\w ]{1,30} against",
    "count on": r"reckon(?:s|ed|ing)?",
    "value, indicator": r"figures?",
    "without a request": r"by itself|by themselves",
}
"""What the style rules out, by what to write."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_in_plain_english(page: Path) -> None:
    text = CODE.sub(" ", page.read_text(encoding="utf-8"))
    found = {
        f"{match[0]} (write: {instead})"
        for instead, words in RULED_OUT.items()
        for match in re.finditer(rf"\b(?:{words})\b", text, re.IGNORECASE)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("sentence", "is_ruled_out"),
    [
        ("The page tells it", True),
        ("It is shown beside", True),
        ("a `mend` in code", False),
        ("plain words", False),
    ],
)
def test_the_list_finds_words_outside_code(sentence: str, is_ruled_out: bool) -> None:
    words = "|".join(RULED_OUT.values())
    assert bool(re.search(rf"\b(?:{words})\b", CODE.sub(" ", sentence))) == is_ruled_out
