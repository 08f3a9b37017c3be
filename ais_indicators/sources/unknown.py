"""Explains in one sentence why a file has no known layout, and what to do about it."""

import codecs
from collections.abc import Sequence
from typing import Final, NoReturn

from ais_indicators.errors import BadInputError
from ais_indicators.sources import noaa
from ais_indicators.sources.mapping import Mapping
from ais_indicators.sources.packing import START_BYTES, header_line, header_names
from ais_indicators.sources.row_shape import is_latin_1

_OTHER_DELIMITERS: Final = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
_WIDE_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_SHOWN_PATHS: Final = 20
_SEEN_BYTES: Final = 64
"""Even number of bytes that tell whether every other one is zero, as in UTF-16 without a mark."""


def refuse_unreadable_text(file_name: str, start: bytes) -> None:
    """Raises an error unless a file is text in lines that the readers can read.

    Raises:
        BadInputError: It is empty, in an encoding that is not taken, or has line ends of another kind.
    """
    encoding = _wide_encoding(start)
    if encoding:
        raise BadInputError(
            f"{file_name}: is text in {encoding}; convert it to UTF-8, for instance with iconv -f {encoding} -t UTF-8"
        )
    text = start.removeprefix(codecs.BOM_UTF8)
    if not text.strip():
        raise BadInputError(f"{file_name}: is empty; fetch it again")
    if b"\n" not in text and b"\r" in text.rstrip():
        raise BadInputError(
            f"{file_name}: unknown layout: its lines end in carriage returns only; write them with line feeds"
        )


def refuse_odd_header(file_name: str, start: bytes) -> None:
    """Raises an error unless the first line can be a header.

    Raises:
        BadInputError: It is empty, in another encoding, or longer than any header.
    """
    line = header_line(start)
    if not line.removeprefix(codecs.BOM_UTF8).strip():
        raise BadInputError(f"{file_name}: its first line is empty; the header must be the first line")
    if is_latin_1(line):
        raise BadInputError(
            f"{file_name}: its header is not in UTF-8; convert the file, for instance with iconv -f LATIN1 -t UTF-8"
        )
    if len(line) == START_BYTES and not line.endswith(b"\n"):
        raise BadInputError(
            f"{file_name}: unknown layout: its first line is longer than any header; use the file as it was "
            f"published, header included"
        )


def refuse_other_delimiter(file_name: str, start: bytes, mappings: Sequence[Mapping]) -> None:
    """Raises an error if a header is that of a known layout with another delimiter.

    Raises:
        BadInputError: It is.
    """
    for delimiter, called in _OTHER_DELIMITERS.items():
        names = header_names(header_line(start), delimiter)
        layout = _layout_of(names, mappings)
        if layout:
            raise BadInputError(
                f"{file_name}: has the columns of {layout}, but {called} between its fields; use it as it was "
                f"published, or describe it in a mapping file with that delimiter"
            )


def refuse_near_miss(file_name: str, header: Sequence[str], mappings: Sequence[Mapping]) -> None:
    """Raises an error if a header lacks a few of the columns of a mapping's layout.

    Raises:
        BadInputError: It has more than half of the columns by which the layout is recognised, but not all.
    """
    names = {name.strip() for name in header}
    nearest = max(mappings, key=lambda one: _share(one, names), default=None)
    if nearest is not None and 2 * _share(nearest, names) > 1:
        missing = ", ".join(name for name in nearest.recognised_by if name not in names)
        raise BadInputError(
            f"{file_name}: has most columns of the layout {nearest.layout}, but no {missing}; use it as it was "
            f"published, or describe it in a mapping file"
        )


def refuse_json_array(file_name: str, start: bytes) -> None:
    """Raises an error unless a JSON file has one object per line.

    Raises:
        BadInputError: It is one array, or one object over several lines.
    """
    line = header_line(start).removeprefix(codecs.BOM_UTF8).strip()
    if line[:1] == b"[" or line == b"{":
        raise BadInputError(
            f"{file_name}: is one JSON document over all its lines; write one message per line, for instance with "
            "jq -c '.[]'"
        )
    if len(line) >= START_BYTES - 1:
        raise BadInputError(
            f"{file_name}: its first line is longer than any message; write one message per line"
        )


def refuse_unknown_json(file_name: str, paths: Sequence[str], mappings: Sequence[Mapping]) -> NoReturn:
    """Raises an error that lists the fields of an unknown JSON file and says what to do.

    Raises:
        BadInputError: Always.
    """
    known = ", ".join(mapping.layout for mapping in mappings)
    raise BadInputError(
        f"{file_name}: unknown JSON layout (known are {known}); describe it in a mapping file of format json (its "
        f"fields are: {', '.join(paths[:_SHOWN_PATHS]) or 'none'})"
    )


def _share(mapping: Mapping, names: set[str]) -> float:
    """Returns the part of the columns that a layout is recognised by."""
    return len(names.intersection(mapping.recognised_by)) / len(mapping.recognised_by)


def _layout_of(names: Sequence[str], mappings: Sequence[Mapping]) -> str | None:
    known = next((one.layout for one in mappings if one.recognises(names)), None)
    if known is None and noaa.has_needed_columns(names):
        return "NOAA MarineCadastre"
    return known


def _wide_encoding(start: bytes) -> str | None:
    """Detects UTF-16 or UTF-32 by the mark at the beginning or by zeros between letters; None for neither."""
    marked = next((name for mark, name in _WIDE_MARKS if start.startswith(mark)), None)
    seen = start[: min(_SEEN_BYTES, len(start) // 2 * 2)]
    for zeros, letters in ((seen[1::2], seen[::2]), (seen[::2], seen[1::2])):
        if letters.isascii() and seen and not any(zeros) and all(letters):
            return marked or "UTF-16"
    return marked
