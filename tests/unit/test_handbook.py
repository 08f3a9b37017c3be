"""The handbook's own machinery: pages that are made, links that are followed, arithmetic that is shown."""

import re
from pathlib import Path

import pytest
import yaml

from ais_indicators.contracts.model import all_tables
from ais_indicators.rules import load_rules
from ais_indicators.tasks import TASKS
from setup.handbook import find_faults, read_site
from setup.handbook_pages import made_pages, moved
from tests.handbook_pages import DOCS, ROOT, blocks_of

SUM = re.compile(r"`([\d,. x/+-]+) = ([\d,.]+)`")


def test_pages_that_are_made_hold_all_tables_rules_and_tasks() -> None:
    pages = made_pages()
    assert [name for name in all_tables() if f"\n## {name}\n" not in pages["tables.md"]] == []
    assert [name for name in load_rules() if f"| `{name}` |" not in pages["rules.md"]] == []
    assert [
        task.name for task in TASKS if f"| `{task.name}` | {task.cadence} |" not in pages["tasks.md"]
    ] == []
    assert {"measurements/index.md", "measurements/small_office.md", "changes.md"} <= set(pages)


@pytest.mark.parametrize(
    ("link", "depth", "found"),
    [
        ("](../schemas/README.md#bronzeais_messages)", 0, "](tables.md#bronzeais_messages)"),
        ("](../quality/README.md)", 0, "](rules.md)"),
        ("](../benchmarks/README.md)", 0, "](measurements/index.md)"),
        ("](../benchmarks/accuracy.md)", 0, "](measurements/accuracy.md)"),
        ("](../docs/disclosure.md)", 1, "](../disclosure.md)"),
        ("](releases.md)", 0, "](releases.md)"),
    ],
)
def test_links_to_files_of_the_repository_lead_to_their_pages(link: str, depth: int, found: str) -> None:
    assert moved(f"[x{link}", depth) == f"[x{found}"


def test_every_page_that_nav_names_is_there() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r": ([\w/-]+\.md)$", text, re.MULTILINE))
    written = {path.name for path in DOCS.glob("*.md")}
    assert named - set(made_pages()) <= written
    assert {"quick-start.md", "tutorial.md", "training.md", "disclosure.md", "costs.md"} <= named


def test_nothing_is_fetched_from_outside_by_the_theme() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["theme"]["font"] is False
    assert "http" not in text


@pytest.mark.parametrize(
    ("page", "faults"),
    [
        ('<a href="b.html#there">b</a><a href="b.html">b</a><a href="#here">a</a><p id="here">', []),
        ('<a href="c.html">c</a>', ["a.html: c.html leads nowhere"]),
        ('<a href="b.html#gone">b</a>', ["a.html: b.html#gone leads nowhere"]),
        ('<a href="#gone">a</a>', ["a.html: #gone leads nowhere"]),
        ('<img src="no.png">', ["a.html: no.png leads nowhere"]),
        ('<a href="https://example.org/x">out</a>', []),
        (
            '<script src="https://example.org/x.js"></script>',
            ["a.html: fetches https://example.org/x.js from outside"],
        ),
        (
            '<link rel="stylesheet" href="//example.org/x.css">',
            ["a.html: fetches //example.org/x.css from outside"],
        ),
        ('<link rel="canonical" href="https://example.org/a.html">', []),
    ],
)
def test_dead_links_and_what_comes_from_outside_are_found(
    tmp_path: Path, page: str, faults: list[str]
) -> None:
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    (tmp_path / "b.html").write_text('<h1 id="there">b</h1>', encoding="utf-8")
    assert find_faults(tmp_path, read_site(tmp_path)) == faults


def test_the_page_for_what_is_not_there_links_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text('<a href="/a.html">a</a><a href="/b.html">b</a>', encoding="utf-8")
    (tmp_path / "a.html").write_text("", encoding="utf-8")
    assert find_faults(tmp_path, read_site(tmp_path)) == ["404.html: /b.html leads nowhere"]


def test_sums_on_the_page_of_costs_are_right() -> None:
    sums = SUM.findall((DOCS / "costs.md").read_text(encoding="utf-8"))
    assert len(sums) >= 15
    for left, right in sums:
        found = eval(left.replace(",", "").replace("x", "*"))  # noqa: S307
        decimals = len(right.partition(".")[2])
        assert round(found, decimals) == float(right.replace(",", "")), f"{left} = {right}"


def test_marked_blocks_are_read_in_order_and_without_their_indent(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n\n<!-- file: a.yaml -->\n```yaml\na: 1\n```\n\n```bash\nnot run\n```\n\n"
        "    <!-- run: 5 -->\n    ```bash\n    ais-indicators status\n    ```\n\n<!-- shows -->\n```text\nx\n```\n",
        encoding="utf-8",
    )
    found = [(block.kind, block.detail, block.text) for block in blocks_of(page)]
    assert found == [
        ("file", "a.yaml", "a: 1\n"),
        ("run", "5", "ais-indicators status\n"),
        ("shows", None, "x\n"),
    ]
