"""Options that several commands have, and JSON for scripts."""

import json
import sys
from typing import Annotated, Any

import typer

WeekOption = Annotated[str, typer.Option("--week", help="ISO week, such as 2026-W47.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
PortsVersion = Annotated[
    str | None,
    typer.Option(help="Port version to fold with, in place of the one that the week was folded with before."),
]

GatesVersion = Annotated[
    str | None,
    typer.Option(help="Gate version to fold with, in place of the one that the week was folded with before."),
]


def print_json(value: Any) -> None:
    """Writes a value for a script to read."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
