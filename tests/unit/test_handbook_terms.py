"""Words of the glossary become links on the pages that use them."""

import pytest

from setup.handbook_pages import made_pages
from setup.handbook_terms import GLOSSARY_PATH, link_terms, read_terms, with_anchors
from tests.handbook_pages import DOCS, ROOT

TABLE = "| word | meaning |\n| --- | --- |\n| fix | One `position`. |\n| port call, call | A *visit* with a stop. |\n"
FIX = '<a href="glossary.html#fix" title="One position.">{}</a>'
CALL = '<a href="glossary.html#port-call" title="A visit with a stop.">{}</a>'


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("<p>a fix, a fix</p><p>fix</p>", f"<p>a {FIX.format('fix')}, a fix</p><p>fix</p>"),
        ("<p>Fixes</p>", f"<p>{FIX.format('Fixes')}</p>"),
        ("<p>port\ncalls, fix</p>", "<p>" + CALL.format("port\ncalls") + ", " + FIX.format("fix") + "</p>"),
        ("<p>a fixed prefix, a fix-up</p>", "<p>a fixed prefix, a fix-up</p>"),
        (
            "<h2>A fix</h2><p><code>fix</code> <a href='x'>a <b>fix</b></a> fix</p>",
            f"<h2>A fix</h2><p><code>fix</code> <a href='x'>a <b>fix</b></a> {FIX.format('fix')}</p>",
        ),
        ('<img alt="a fix"><br/>', '<img alt="a fix"><br/>'),
    ],
)
def test_the_first_mention_outside_headings_code_and_links_becomes_a_link(content: str, found: str) -> None:
    assert link_terms(content, read_terms(TABLE), "glossary.html") == found


def test_each_row_of_the_glossary_has_a_name_and_its_header_has_none() -> None:
    assert with_anchors(TABLE).splitlines()[1:] == [
        "| --- | --- |",
        '| <a id="fix"></a>**fix** | One `position`. |',
        '| <a id="port-call"></a>**port call, call** | A *visit* with a stop. |',
    ]


def test_every_word_of_the_glossary_is_once_and_is_used_on_a_page() -> None:
    terms = read_terms(GLOSSARY_PATH.read_text(encoding="utf-8"))
    written = [ROOT / "README.md", *(path for path in DOCS.glob("*.md") if path != GLOSSARY_PATH)]
    pages = "\n".join([*(path.read_text(encoding="utf-8") for path in written), *made_pages().values()])
    assert len(terms) == len({term.anchor for term in terms}) > 50
    assert [term.anchor for term in terms if not term.pattern.search(pages)] == []
