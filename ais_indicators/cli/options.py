"""Options that several commands share, and JSON output for scripts."""

import json
import sys
from dataclasses import replace
from typing import Annotated, Any

import typer

from ais_indicators.settings import DEFAULT_DISCLOSURE, DISCLOSURE_VARIABLE, Settings

WeekOption = Annotated[str, typer.Option("--week", help="ISO week, such as 2026-W47.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
PortsVersion = Annotated[
    str | None,
    typer.Option(help="Port version to use instead of the one that the week was computed with before."),
]

GatesVersion = Annotated[
    str | None,
    typer.Option(help="Gate version to use instead of the one that the week was computed with before."),
]

Disclosure = Annotated[
    str | None,
    typer.Option(
        "--disclosure",
        help="Disclosure profile of the release (quality/disclosure.yaml).",
        envvar=DISCLOSURE_VARIABLE,
        show_default=DEFAULT_DISCLOSURE,
    ),
]


def protected_by(settings: Settings, disclosure: str | None) -> Settings:
    """Returns the settings with a disclosure profile.

    Raises:
        WrongUseError: There is no such profile.
    """
    from ais_indicators.contracts.profiles import find_profile

    return replace(settings, disclosure=find_profile(disclosure or settings.disclosure).name)


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
