"""Pages of the handbook that are not written by hand: a hook of MkDocs, named in `mkdocs.yml`.

Tables, rules and tasks come from what the software itself reads, measurements from the pages next to their programs, so
pages cannot differ from them. Pages in docs/ that `nav` does not name are put under "More".
"""

from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from ais_indicators.checks.docs import render_quality
from ais_indicators.contracts.docs import markdown_table, render_schemas
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.tasks import TASKS, Task, weekly_order

ROOT: Final = Path(__file__).resolve().parent.parent
BENCHMARKS: Final = ROOT / "benchmarks"
STUDIES: Final = ROOT / "studies"
MEASUREMENTS: Final = "measurements"
MOVED: Final = {
    "schemas/README.md": "tables.md",
    "quality/README.md": "rules.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "measurements/index.md",
    "benchmarks/": "measurements/",
    "studies/README.md": "measurements/studies.md",
    "studies/": "measurements/",
    "docs/": "",
}
"""Replacements of links to files outside docs/; pages link to the files, so that links also work in the repository."""
MEASURED: Final = "Measurements"
"""Section that all measurements stand in."""
MORE: Final = "More"
TEMPLATES: Final = frozenset({"template.md"})
"""Files of benchmarks/ that are no pages."""

TASKS_INTRODUCTION: Final = """# Tasks

Every step of the computation: what it reads, what it writes and when it runs. You need not call them one by one:
`ais-indicators run` does all weekly ones in their order, `--only` just one of them. The command line, the jobs and the
schedule take their order from this list alone: a task comes after those whose tables it reads.
`ais-indicators tasks` prints the weekly ones."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages that are made and their pictures, and gives pages that nobody placed a place."""
    for name, text in made_pages().items():
        files.append(File.generated(config, name, content=text))
    for picture in sorted(BENCHMARKS.glob("*.png")):
        files.append(File.generated(config, f"{MEASUREMENTS}/{picture.name}", content=picture.read_bytes()))
    _place_the_rest(files, config)
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turns a page's links to files of the repository to the pages that stand for them here."""
    del config, files
    return moved(markdown, depth=page.file.src_uri.count("/"))


def moved(text: str, depth: int = 0) -> str:
    """The text of a page so many folders deep, with its links to other folders of the repository turned to pages."""
    for file, page in MOVED.items():
        text = text.replace(f"](../{file}", f"]({'../' * depth}{page}")
    return text


def made_pages() -> dict[str, str]:
    """The text of each page that is made, by its path in the handbook."""
    pages = {
        "tables.md": render_schemas(Rules.for_subject(SHIPS)),
        "rules.md": render_quality(),
        "tasks.md": tasks_page(),
        "changes.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        "contributing.md": (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("](docs/", "]("),
    }
    for folder, names in ((BENCHMARKS, {"README.md": "index.md"}), (STUDIES, {"README.md": "studies.md"})):
        for path in sorted(folder.glob("*.md")):
            if path.name not in TEMPLATES:
                pages[f"{MEASUREMENTS}/{names.get(path.name, path.name)}"] = path.read_text(encoding="utf-8")
    return pages


def tasks_page() -> str:
    """All tasks, with links to the tables that they read and write."""
    header = ("task", "when", "what for", "reads", "writes")
    return f"{TASKS_INTRODUCTION}\n\n{markdown_table(header, map(_task_row, ordered_tasks()))}\n"


def ordered_tasks() -> list[Task]:
    """All tasks, those of a week in the order in which they run."""
    return [*(task for task in TASKS if task.cadence != "weekly"), *weekly_order()]


def _task_row(task: Task) -> tuple[str, ...]:
    return (f"`{task.name}`", task.cadence, task.purpose, _links(task.reads), _links(task.writes))


def _links(tables: tuple[str, ...]) -> str:
    return ", ".join(f"[`{table}`](tables.md#{table.replace('.', '')})" for table in tables) or "none"


def _place_the_rest(files: Files, config: MkDocsConfig) -> None:
    nav: list[Any] = config.nav or []
    placed = set(_paths(nav))
    rest = sorted(file.src_uri for file in files.documentation_pages() if file.src_uri not in placed)
    measured = [uri for uri in rest if uri.startswith(f"{MEASUREMENTS}/")]
    next(part[MEASURED] for part in nav if MEASURED in part).extend(measured)
    own = [uri for uri in rest if uri not in measured]
    if own:
        nav.append({MORE: own})


def _paths(nav: Any) -> list[str]:
    """The paths that a navigation names, at any depth."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [path for part in parts for path in _paths(part)]
