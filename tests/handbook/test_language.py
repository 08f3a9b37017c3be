"""Pages and code are in plain English: words that the style rules out do not come back."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.handbook_pages import DOCS, ROOT

PAGES = sorted({*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"} - {DOCS / "commands.md"})
FOLDERS = ("ais_indicators", "benchmarks", "dags", "docs", "jobs", "setup", "studies", "tests")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
TEXTS = sorted(
    {
        ROOT / "CHANGELOG.md",
        ROOT / "Makefile",
        *(ROOT / "schemas").rglob("*.yaml"),
        *(ROOT / "quality").glob("*.yaml"),
        *(ROOT / "notebooks").glob("*.ipynb"),
        *(ROOT / "ais_indicators").rglob("en.po"),
    }
)
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
    "release check": r"(?:quality|release) gate",
}
"""What the style rules out, by what to write."""

ANY_RULED_OUT = re.compile(rf"\b(?:{'|'.join(RULED_OUT.values())})\b", re.IGNORECASE)

RULED_OUT_PARTS = re.compile(r"(?:^|_)(?:told|tells|nought|reckon|judged?|mend)(?:_|$)")
"""Words of identifiers that the style rules out."""

KEPT_NAMES = {"flow_voyages_are_told"}
"""Names of checks, which are contracts."""

QUOTED = re.compile(
    r"flow_voyages_are_told|--anew|\{[^{}]*\}|\bfigure(?= > )|^ +\w+(?=: )|<[^<>]*>|\b(?:plt|figure)\.\w+",
    re.MULTILINE,
)
"""Parts of texts that are names or code: checks, options, fields of f-strings, arguments, selectors."""


def words_ruled_out(text: str) -> set[str]:
    """Finds ruled-out words of a text outside its code."""
    plain = QUOTED.sub(" ", CODE.sub(" ", text)) if ANY_RULED_OUT.search(text) else ""
    return {
        f"{match[0]} (write: {instead})"
        for instead, words in RULED_OUT.items()
        for match in re.finditer(rf"\b(?:{words})\b", plain, re.IGNORECASE)
    }


def texts_of(source: str) -> Iterator[str]:
    """Yields the comments and the texts with a blank (docstrings, messages) of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def names_of(source: str) -> set[str]:
    """Returns the names that a module defines: functions, classes, arguments and variables."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found - KEPT_NAMES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_in_plain_english(page: Path) -> None:
    assert words_ruled_out(page.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_docstrings_comments_and_messages_are_in_plain_english(folder: str) -> None:
    faults = {
        str(path.relative_to(ROOT)): found
        for path in MODULES
        if path.is_relative_to(ROOT / folder) and path != Path(__file__)
        for found in [words_ruled_out("\n\n".join(texts_of(path.read_text(encoding="utf-8"))))]
        if found
    }
    assert faults == {}


def test_names_are_in_plain_english() -> None:
    faults = {
        str(path.relative_to(ROOT)): found
        for path in MODULES
        if path != Path(__file__)
        for found in [{name for name in names_of(path.read_text()) if RULED_OUT_PARTS.search(name.lower())}]
        if found
    }
    assert faults == {}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_descriptions_and_other_texts_are_in_plain_english(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".ipynb":
        lines = [line for line in lines if not re.search(r"\bfigure(?:\.|, )|plt\.", line)]
    if path.suffix == ".po":
        lines = [line for line in lines if line.startswith(("msgstr", '"'))]
    assert words_ruled_out("\n".join(lines)) == set()


@pytest.mark.parametrize(
    ("sentence", "is_ruled_out"),
    [
        ("The page tells it", True),
        ("It is shown beside", True),
        ("the quality gate", True),
        ("a gate of a chokepoint", False),
        ("a `mend` in code", False),
        ("plain words", False),
    ],
)
def test_the_list_finds_words_outside_code(sentence: str, is_ruled_out: bool) -> None:
    assert bool(words_ruled_out(sentence)) == is_ruled_out


def test_texts_and_names_of_code_are_found() -> None:
    source = '"""Says it."""\n\n\ndef is_told(judged):\n    mend = f"an error {judged}"  # a reason\n'
    assert set(texts_of(source)) == {"Says it.", "an error ", "# a reason"}
    assert names_of(source) == {"is_told", "judged", "mend"}
    assert all(RULED_OUT_PARTS.search(name) for name in names_of(source))
