"""Links words to their meaning: a hook of MkDocs, named in `mkdocs.yml`.

`docs/glossary.md` says what words mean. On every other page of the handbook the first mention of each becomes a link to
its row, with the meaning as a tooltip, so that pages can use a word without explaining it again. Pages in the
repository stay free of such links, and a new page gets them automatically.
"""

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

GLOSSARY: Final = "glossary.md"
GLOSSARY_PATH: Final = Path(__file__).resolve().parent.parent / "docs" / GLOSSARY
ROW: Final = re.compile(r"^\| (?P<words>[^|]+?) \| (?P<meaning>[^|]+?) \|$", re.MULTILINE)
HEADER: Final = ("word", "---")
TAG: Final = re.compile(r"(<[^>]*>)")
TAG_NAME: Final = re.compile(r"</?([a-z0-9]+)", re.IGNORECASE)
LEFT_ALONE: Final = frozenset(
    {"a", "button", "code", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "script", "style", "summary", "th"}
)
"""Elements in which no word becomes a link: headings, code, what is a link already."""


@dataclass(frozen=True)
class Term:
    """One row of the glossary.

    Attributes:
        anchor: Name of the row, that a link ends with.
        meaning: Its meaning as plain text.
        pattern: Finds the word and its plural; a word in small letters may begin with a capital.
    """

    anchor: str
    meaning: str
    pattern: re.Pattern[str]


def read_terms(text: str) -> list[Term]:
    """The terms of a glossary, the longest words first, so that `port call` is found before shorter ones."""
    rows = [row for row in ROW.finditer(text) if row["words"] not in HEADER]
    found = [(_anchor(row["words"]), _plain(row["meaning"]), row["words"].split(", ")) for row in rows]
    terms = [Term(anchor, meaning, _pattern(words)) for anchor, meaning, words in found]
    return sorted(terms, key=lambda term: (-len(term.anchor), term.anchor))


def with_anchors(text: str) -> str:
    """The glossary with a name in each row that links can end with."""
    return ROW.sub(_named_row, text)


def link_terms(content: str, terms: list[Term], glossary_url: str) -> str:
    """A page's HTML in which the first mention of each term is a link to its row."""
    waiting = list(terms)
    inside = 0
    parts = TAG.split(content)
    for place, part in enumerate(parts):
        if place % 2:
            inside += _step(part)
        elif not inside and part.strip():
            parts[place], waiting = _link_text(part, waiting, glossary_url)
    return "".join(parts)


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Names the rows of the glossary."""
    del config, files
    return with_anchors(markdown) if page.file.src_uri == GLOSSARY else markdown


def on_page_content(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links the terms of every page but the glossary itself."""
    del config
    glossary = files.get_file_from_path(GLOSSARY)
    if glossary is None or page.file.src_uri == GLOSSARY:
        return content
    return link_terms(content, _own_terms(), get_relative_url(glossary.url, page.file.url))


@cache
def _own_terms() -> list[Term]:
    return read_terms(GLOSSARY_PATH.read_text(encoding="utf-8"))


def _link_text(text: str, waiting: list[Term], url: str) -> tuple[str, list[Term]]:
    """Links in one piece of text, taken from its beginning; and the terms that are still to be met."""
    done: list[str] = []
    while waiting:
        met = [
            (found.start(), place, found)
            for place, t in enumerate(waiting)
            if (found := t.pattern.search(text))
        ]
        if not met:
            break
        _, place, found = min(met, key=lambda one: one[:2])
        term = waiting[place]
        title = html.escape(term.meaning)
        done += [text[: found.start()], f'<a href="{url}#{term.anchor}" title="{title}">{found[0]}</a>']
        text = text[found.end() :]
        waiting = [other for other in waiting if other is not term]
    return "".join(done) + text, waiting


def _step(tag: str) -> int:
    """How much deeper a tag leads into elements that are left alone."""
    name = TAG_NAME.match(tag)
    if name is None or name[1].lower() not in LEFT_ALONE or tag.endswith("/>"):
        return 0
    return -1 if tag.startswith("</") else 1


def _named_row(row: re.Match[str]) -> str:
    if row["words"] in HEADER:
        return row[0]
    return f'| <a id="{_anchor(row["words"])}"></a>**{row["words"]}** | {row["meaning"]} |'


def _anchor(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.split(", ", maxsplit=1)[0].lower()).strip("-")


def _plain(meaning: str) -> str:
    """A meaning without Markdown's marks."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", meaning).replace("`", "").replace("*", "")


def _pattern(words: list[str]) -> re.Pattern[str]:
    forms = "|".join(_form(word) for word in words)
    return re.compile(rf"(?<![\w/-])(?:{forms})(?![\w/-])")


def _form(word: str) -> str:
    first = f"[{word[0]}{word[0].upper()}]" if word[0].islower() else re.escape(word[0])
    rest = r"\s+".join(re.escape(part) for part in word[1:].split(" "))
    return f"{first}{rest}(?:e?s)?"
