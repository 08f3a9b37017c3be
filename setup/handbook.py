"""Builds the handbook, strictly, and follows its links (`make handbook`, `make check-handbook`).

MkDocs checks the links of the pages as they are written; here all links of the finished pages are followed, those of
the reference from docstrings too, and nothing may be fetched from outside: it is read where there is no network.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

ROOT: Final = Path(__file__).resolve().parent.parent
SITE: Final = ROOT / "build" / "handbook"
FETCHED: Final = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
"""Attributes by element that a browser fetches without being asked to."""
LINKS_OF_NO_FILE: Final = frozenset({"canonical", "alternate", "next", "prev"})
"""Kinds of `<link>` that a browser does not fetch."""


@dataclass
class Page:
    """What a page refers to.

    Attributes:
        anchors: Names that links may end with.
        links: Where its links lead.
        fetched: What a browser fetches for it.
    """

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value for name, value in attrs if value}
        self.page.anchors.update(of[name] for name in ("id", "name") if name in of)
        if tag == "a" and "href" in of:
            self.page.links.append(of["href"])
        elif FETCHED.get(tag, "") in of and of.get("rel") not in LINKS_OF_NO_FILE:
            self.page.fetched.append(of[FETCHED[tag]])


def main(arguments: Sequence[str] | None = None) -> int:
    """Builds the site, or with `--check` builds it in a scratch folder and follows its links; 1 where one is dead."""
    parser = argparse.ArgumentParser(prog="python -m setup.handbook", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="keep nothing, and follow all links")
    if not parser.parse_args(arguments).check:
        return build(SITE) or _say(f"the handbook lies in {SITE.relative_to(ROOT)}/index.html")
    with tempfile.TemporaryDirectory(prefix="ais-handbook-") as scratch:
        site = Path(scratch) / "site"
        if build(site):
            return 1
        pages = read_site(site)
        wrong = find_faults(site, pages)
    for fault in wrong:
        _say(fault)
    links = sum(len(page.links) for page in pages.values())
    return (
        1
        if wrong
        else _say(f"handbook: {len(pages)} pages, {links:,} links, none dead, nothing from outside")
    )


def build(site: Path) -> int:
    """Builds the site into a folder; gives MkDocs' exit code, not 0 where it warns of anything, and shows why.

    MkDocs' own `--quiet` is of no use here: it counts no warnings then.
    """
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        _say(done.stderr)
    return done.returncode


def read_site(site: Path) -> dict[Path, Page]:
    """Every page of a built site, by its path in it."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        pages[path.relative_to(site)] = reader.page
    return pages


def find_faults(site: Path, pages: dict[Path, Page]) -> list[str]:
    """Links that lead nowhere, and what would be fetched from outside, one sentence each."""
    faults = []
    for path, page in pages.items():
        faults += [f"{path}: fetches {url} from outside" for url in page.fetched if urlsplit(url).netloc]
        inner = [url for url in (*page.links, *page.fetched) if not _is_outside(url)]
        faults += [f"{path}: {url} leads nowhere" for url in inner if not _exists(site, pages, path, url)]
    return faults


def _is_outside(url: str) -> bool:
    return bool(urlsplit(url).scheme or urlsplit(url).netloc)


def _exists(site: Path, pages: dict[Path, Page], path: Path, url: str) -> bool:
    parts = urlsplit(url)
    linked = site / path
    if parts.path.startswith(
        "/"
    ):  # the page for what is not there is shown at any depth, so its links begin at the root
        linked = site / unquote(parts.path).lstrip("/")
    elif parts.path:
        linked = Path(os.path.normpath(linked.parent / unquote(parts.path)))
    if not linked.is_file():
        return False
    return not parts.fragment or unquote(parts.fragment) in pages[linked.relative_to(site)].anchors


def _say(sentence: str) -> int:
    sys.stdout.write(sentence + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
