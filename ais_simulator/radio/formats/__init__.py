"""The formats in which a day of messages can be written: one file per UTC day, named so that they sort by date."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, get_args

from ais_indicators.errors import WrongUseError
from ais_simulator.radio.formats import dma, nmea, noaa, ungp
from ais_simulator.radio.formats.files import put_in_place, write_blocks
from ais_simulator.radio.records import DayMessages

__all__ = ["FORMATS", "Format", "file_name", "write_day"]

Format = Literal["noaa", "dma", "ungp", "nmea"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_NAMES: Final[dict[Format, str]] = {
    "noaa": "AIS_%Y_%m_%d.csv",
    "dma": "aisdk-%Y-%m-%d.csv",
    "ungp": "ungp_%Y-%m-%d.parquet",
    "nmea": "ais_%Y-%m-%d.nmea",
}
_WRITERS: Final[dict[Format, Callable[[DayMessages, Path], None]]] = {
    "noaa": lambda messages, path: write_blocks(path, noaa.blocks(messages)),
    "dma": lambda messages, path: write_blocks(path, dma.blocks(messages)),
    "ungp": ungp.write,
    "nmea": lambda messages, path: write_blocks(path, nmea.blocks(messages)),
}


def file_name(messages: DayMessages, written_as: Format) -> str:
    """Returns the name of a day's file; names sort by date."""
    return messages.day.strftime(_NAMES[written_as])


def write_day(messages: DayMessages, written_as: Format, folder: Path) -> Path:
    """Writes a day's messages into a folder, completely or not at all; replaces an older file of the name.

    The file's time is the day's end. The same messages give the same bytes.

    Raises:
        WrongUseError: There is no such format.
    """
    if written_as not in _WRITERS:
        raise WrongUseError(f"no format '{written_as}'; known are {', '.join(FORMATS)}")

    def write(path: Path) -> None:
        _WRITERS[written_as](messages, path)

    return put_in_place(folder / file_name(messages, written_as), messages, write)
