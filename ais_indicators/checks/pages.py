"""Results of the release check as static pages, readable without a network.

Great Expectations renders pages that load styles, scripts and pictures from elsewhere, and whose ticks and crosses are
a web font. Here they become self-contained, under an index without scripts.
"""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Final

from ais_indicators.checks.results import REPORT_HEADER, CheckResult, report

INDEX_PAGE: Final = "index.html"

_STYLE: Final = """<style>
body { font-family: sans-serif; margin: 1rem 2rem; color: #222; background: #fff; }
table { border-collapse: collapse; margin: 0.5rem 0; }
th, td { border: 1px solid #ccc; padding: 0.2rem 0.5rem; text-align: left; vertical-align: top; }
.failed { color: #a00; font-weight: bold; }
.fa-check-circle::before, .fa-check::before { content: "passed"; color: #060; }
.fa-times::before, .fa-exclamation-triangle::before { content: "failed"; color: #a00; font-weight: bold; }
.btn-group, .ge-walkthrough-modal { display: none; }
</style>"""

_FETCHED: Final = (
    re.compile(r"<script\b.*?</script>", re.DOTALL),
    re.compile(r"<link\b[^>]*>"),
    re.compile(r"<img\b[^>]*>"),
    re.compile(r"@font-face\s*\{[^}]*\}"),
    re.compile(r"@import[^;]*;"),
    re.compile(r"[\w-]+\s*:[^;{}]*url\([^;{}]*;?"),
)
_LINK_TO_INDEX: Final = re.compile(r'href="[^"#]*index\.html"')
_OTHER_LINK: Final = re.compile(r'<a\b[^>]*href="(?!#|index\.html)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


def table_page(table: str) -> str:
    """Returns the file name of the page about one table."""
    return f"{table}.html"


def stand_alone(page: str) -> str:
    """Makes a rendered page self-contained: no script, no external style, links to the index only."""
    for fetched in _FETCHED:
        page = fetched.sub("", page)
    page = _LINK_TO_INDEX.sub(f'href="{INDEX_PAGE}"', page)
    page = _OTHER_LINK.sub(r"\1", page)
    return page.replace("</head>", f"{_STYLE}\n</head>", 1)


def index_page(results: Sequence[CheckResult]) -> str:
    """Renders all results, failures first, with a link to the page of each table."""
    tables = dict.fromkeys(r.table_name for r in results)
    links = "".join(f'<li><a href="{table_page(t)}">{html.escape(t)}</a></li>' for t in tables)
    header = "".join(f"<th>{name}</th>" for name in REPORT_HEADER)
    body = "\n".join(_row(cells) for cells in report(results))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="UTF-8">\n<title>Release check</title>\n'
        f"{_STYLE}\n</head>\n<body>\n<h1>Release check</h1>\n<ul>{links}</ul>\n"
        f"<table>\n<tr>{header}</tr>\n{body}\n</table>\n</body>\n</html>\n"
    )


def _row(cells: Iterable[str]) -> str:
    """Renders one row of the index; its first cell is the outcome and gives the row its style."""
    outcome, *others = (html.escape(c) for c in cells)
    return f'<tr><td class="{outcome}">{outcome}</td>' + "".join(f"<td>{c}</td>" for c in others) + "</tr>"
