"""Rows of the World Port Index, which the US National Geospatial-Intelligence Agency publishes as CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

from ais_indicators.errors import BadInputError
from ais_indicators.geo.countries import iso3_of, iso3_of_locode
from ais_indicators.geo.shapes import ShapeError, area_or_point, required_text
from ais_indicators.geo.unlocodes import EDITION, LOCODE, is_unlocode

NUMBER: Final = "World Port Index Number"
_NAME, _LOCODE, _COUNTRY = "Main Port Name", "UN/LOCODE", "Country Code"
_LATITUDE, _LONGITUDE = "Latitude", "Longitude"
_COLUMNS: Final = (NUMBER, _NAME, _LOCODE, _COUNTRY, _LATITUDE, _LONGITUDE)
_OLDER_NUMBER: Final = "INDEX_NO"
_OF_OLDER: Final = {
    _OLDER_NUMBER: NUMBER,
    "PORT_NAME": _NAME,
    "COUNTRY": _COUNTRY,
    "LATITUDE": _LATITUDE,
    "LONGITUDE": _LONGITUDE,
}
"""Columns of older editions, which have no UN/LOCODE, under their names of today."""


class IndexRow(NamedTuple):
    """One port.

    Attributes:
        locode: UN/LOCODE without the blank, or `WPI` and the number in the index.
        name: Name of the port.
        country_iso3: ISO 3166-1 alpha-3 code, if known.
        latitude: Degrees north.
        longitude: Degrees east.
    """

    locode: str
    name: str
    country_iso3: str | None
    latitude: float
    longitude: float


def is_world_port_index(text: str) -> bool:
    """Returns whether the first line is the header of the index, as it is today or was in older editions."""
    header = text.split("\n", 1)[0]
    return NUMBER in header or _OLDER_NUMBER in header


def read_world_port_index(text: str, name: str, problems: list[str]) -> Iterator[IndexRow]:
    """Reads the ports; one that cannot be used is left out and named in the problems.

    Raises:
        BadInputError: A column is missing.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = [column.strip() for column in reader.fieldnames or ()]
    is_older = _OLDER_NUMBER in header
    reader.fieldnames = [_OF_OLDER.get(column, column) if is_older else column for column in header]
    missing = [c for c in _COLUMNS if c not in reader.fieldnames and not (is_older and c == _LOCODE)]
    if missing:
        raise BadInputError(f"the port file {name} lacks the column {', '.join(missing)}")
    for row in reader:
        cells = {column: (row.get(column) or "").strip() for column in _COLUMNS}
        label = " ".join(filter(None, (cells[_LOCODE], cells[_NAME])))
        try:
            yield _read_row(cells, label, problems)
        except ShapeError as error:
            problems.append(f"{label}: left out, {error}")


def _read_row(cells: dict[str, str], label: str, problems: list[str]) -> IndexRow:
    number, given = required_text(cells, NUMBER), cells[_LOCODE].replace(" ", "")
    locode = given if LOCODE.fullmatch(given) else f"WPI{number.removesuffix('.0').zfill(5)}"
    if given and given != locode:
        problems.append(f"{label}: its UN/LOCODE {given!r} is malformed, taken as {locode}")
    country = _country_of(given, locode, cells[_COUNTRY], label, problems)
    try:
        latitude, longitude = float(cells[_LATITUDE]), float(cells[_LONGITUDE])
    except ValueError as error:
        raise ShapeError("its latitude or longitude is no number") from error
    point = area_or_point({"type": "Point", "coordinates": (longitude, latitude)})
    return IndexRow(locode, required_text(cells, _NAME), country, point.y, point.x)


def _country_of(given: str, locode: str, named: str, label: str, problems: list[str]) -> str | None:
    """Returns ISO3 code of the country by the port's code if that is in UN/LOCODE, else by the country's name."""
    by_code, by_name = iso3_of_locode(locode), iso3_of(named)
    if given == locode and not is_unlocode(locode):
        problems.append(
            f"{label}: {locode} is not in UN/LOCODE {EDITION}; its country is that of the index, {by_name or named!r}"
        )
    elif (by_code or by_name) is None:
        problems.append(f"{label}: the country {named!r} has no ISO 3166-1 code of its own")
    elif by_code and by_name not in (None, by_code):
        problems.append(
            f"{label}: its UN/LOCODE says {by_code}, its country {by_name}; the UN/LOCODE is taken"
        )
    return by_code or by_name
