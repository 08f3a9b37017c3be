"""Writes `docs/commands.md` from the command line itself, by the generator that comes with Typer.

`python -m setup.commands_page` writes the page; with `--check` it only fails if the page is stale.
"""

import re
import sys
from pathlib import Path
from typing import Any, Final

import typer
from typer.cli import get_docs_for_click

from ais_indicators import cli

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "commands.md"
NAME: Final = "ais-indicators"
INTRODUCTION: Final = """# Commands

**For** those who look up an option. Made by `make docs` from the command line itself, which says the same with
`--help`. [When something goes wrong](troubleshooting.md#exit-codes) has the exit codes.
"""


def render() -> str:
    """Renders all commands with their arguments and options."""
    command: Any = typer.main.get_command(cli.app)
    command.commands = {name: one for name, one in command.commands.items() if not one.hidden}
    text = get_docs_for_click(obj=command, ctx=typer.Context(command, info_name=NAME), name=NAME)
    without_title = re.sub(r"\A#[^\n]*\n+", "", text)
    with_examples = re.sub(r"^Example: (.+)$", r"Example: `\1`", without_title, flags=re.MULTILINE)
    return f"{INTRODUCTION}\n{with_examples.rstrip()}\n"


def main() -> int:
    """Writes the page, or checks it."""
    text = render()
    is_fresh = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
    if "--check" in sys.argv[1:]:
        if not is_fresh:
            print("docs/commands.md is stale: run `make docs`", file=sys.stderr)  # noqa: T201
        return int(not is_fresh)
    if not is_fresh:
        PAGE.write_text(text, encoding="utf-8")
        print("wrote docs/commands.md")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
