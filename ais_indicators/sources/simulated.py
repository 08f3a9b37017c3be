"""Recognises files of simulated messages, which have the layout of a real source but none of its data."""

from pathlib import Path
from typing import Final

MARKER: Final = "simulation.json"
"""File that `simulate` and `simulate-flights` write into `truth/`, next to the folder with the messages."""


def is_simulated(path: Path) -> bool:
    """Checks whether a file of messages comes from a simulation: its marker lies next to the file or its folder."""
    folder = path.absolute().parent
    return any(one.is_file() for one in (folder / MARKER, folder.parent / "truth" / MARKER))
