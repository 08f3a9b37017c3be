"""Reads SDMX with sdmx1, whose messages have their content as attributes that types do not tell."""

from pathlib import Path
from typing import Any

import sdmx


def read_sdmx1(path: Path, structure: Any = None) -> Any:
    """A message with structures or, by their structure, with data."""
    return sdmx.read_sdmx(path) if structure is None else sdmx.read_sdmx(path, structure=structure)
