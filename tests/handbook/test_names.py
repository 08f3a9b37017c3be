"""Every command, option, table, target and variable that a page of the handbook names is there."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
import typer

from ais_indicators import cli
from ais_indicators.contracts.model import all_tables
from ais_indicators.tasks import TASKS
from tests.handbook_pages import COMMAND, DOCS, ROOT, commands_in

PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md"])
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LAYERS = "bronze|silver|gold|quarantine|reference|ops"
TABLE = re.compile(rf"`(?:\.\./)?((?:{LAYERS})\.[a-z_]+)(?![a-z_]*\.(?:yaml|md))")
QUOTED_TABLE = re.compile(rf"[\"']((?:{LAYERS})\.[a-z_]+)[\"']")
TARGET = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
VARIABLE = re.compile(r"AIS_INDICATORS_[A-Z_]+")
ROOT_COMMAND: Any = typer.main.get_command(cli.app)


def fault_of(line: str) -> str | None:
    """What is wrong with a line that calls the command; None where it could be run."""
    words = shlex.split(line, comments=True)[1:]
    command, options = ROOT_COMMAND, _options(ROOT_COMMAND)
    while words:
        word = words.pop(0)
        if word.startswith("-"):
            name, _, value = word.partition("=")
            if name not in options:
                return f"{command.name or COMMAND} has no option {name}"
            if not options[name].is_flag and not value and not (words and words.pop(0)):
                return f"{name} lacks its value"
        elif hasattr(command, "commands"):
            if word.isupper():  # a placeholder for any command
                return None
            if word not in command.commands:
                return f"{command.name or COMMAND} has no command {word}"
            command = command.commands[word]
            options = _options(command)
    return None


def _options(command: Any) -> dict[str, Any]:
    own = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts) if name[0] == "-"}
    return own | dict.fromkeys(("--help",), _Help)


class _Help:
    is_flag = True


def text_of(path: Path) -> str:
    """What a page or a notebook says."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells: Sequence[Any] = nbformat.read(path, as_version=4).cells  # type: ignore[no-untyped-call]
    return "\n\n".join(str(cell.source) for cell in cells)


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda p: p.name)
def test_commands_and_options_are_there(path: Path) -> None:
    faults = {line: fault for line in commands_in(text_of(path)) if (fault := fault_of(line))}
    assert not faults


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda p: p.name)
def test_tables_targets_and_variables_are_there(path: Path) -> None:
    text = text_of(path)
    named = {*TABLE.findall(text), *QUOTED_TABLE.findall(text)}
    assert named <= set(all_tables())
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {name for name in TARGET.findall(text) if f"\n{name}:" not in makefile} == set()
    sources = "".join(file.read_text(encoding="utf-8") for file in _sources())
    assert {name for name in VARIABLE.findall(text) if name not in sources} == set()


def _sources() -> list[Path]:
    return [
        path
        for folder in ("ais_indicators", "ais_simulator", "dags", "setup")
        for path in (ROOT / folder).rglob("*.py")
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("ais-indicators run --week 2026-W47", None),
        ("ais-indicators --data-dir x release diff A B --json", None),
        ("ais-indicators maintain --no-optimize --expire  # a comment", None),
        ("ais-indicators fly", "ais-indicators has no command fly"),
        ("ais-indicators release burn A", "release has no command burn"),
        ("ais-indicators run --weak 2026-W47", "run has no option --weak"),
        ("ais-indicators run --json", "run has no option --json"),
        ("ais-indicators run --week", "--week lacks its value"),
    ],
)
def test_a_wrong_line_is_found(line: str, fault: str | None) -> None:
    assert fault_of(line) == fault


def test_pages_call_the_command_and_name_tables() -> None:
    text = "".join(text_of(path) for path in PAGES)
    assert len(list(commands_in(text))) > 50
    assert len({*TABLE.findall(text)}) > 10
    assert {task.name for task in TASKS} >= set(re.findall(r"jobs/([a-z_]+)\.py", text))
