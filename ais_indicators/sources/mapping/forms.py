"""Chooses the one format in which a file writes its times, from the file's beginning.

A mapping may list several formats of a column. One of them is taken for all rows of a file: a row that another format
would read goes to quarantine, for 10/11 means two days and a row alone does not say which.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from ais_indicators.errors import BadInputError
from ais_indicators.sources.mapping.model import Mapping
from ais_indicators.sources.mapping.times import read_times
from ais_indicators.sources.stamps import ISO, read_stamp

_SAMPLES = (datetime(2001, 2, 3, 4, 5, 6, 700_000, UTC), datetime(2011, 12, 10, 9, 8, 7, 600_000, UTC))


def open_columns(mapping: Mapping) -> tuple[str, ...]:
    """Names the columns of bronze whose format is still to be chosen."""
    return tuple(name for name, mapped in mapping.columns.items() if len(mapped.time_format) > 1)


def with_formats(mapping: Mapping, formats: dict[str, str]) -> Mapping:
    """Returns a mapping whose times have one format each.

    Args:
        mapping: As it was written.
        formats: By column of bronze, the format that was chosen.
    """
    columns = {
        name: mapped.model_copy(update={"time_format": (formats[name],)}) if name in formats else mapped
        for name, mapped in mapping.columns.items()
    }
    return mapping.model_copy(update={"columns": columns})


def choose_format(
    texts: pa.Array, formats: Sequence[str], column: str, file_name: str, usual: str | None = None
) -> str:
    """Chooses the format that reads most of a file's beginning; on a tie the usual one, otherwise the first.

    Args:
        texts: The column's texts at the beginning of the file, trimmed; null for none.
        formats: `iso` and formats of strptime.
        column: Name of the column, for the message.
        file_name: Name of the file, for the message.
        usual: Format of another column of the file, whose day and month are known.

    Raises:
        BadInputError: Two formats that read the same text as different times fit as well, or the column has no text at
            the beginning that shows which of them it is.
    """
    distinct = texts.drop_null().unique()
    counts = [_count_readable(distinct, one) for one in formats]
    best = [one for one, count in zip(formats, counts, strict=True) if count == max(counts)]
    if usual in best:
        return usual
    rival = next((one for one in best[1:] if _contradict(best[0], one)), None)
    if rival is not None and len(texts):
        raise BadInputError(
            f"{file_name}: the times in {column} fit {best[0]} as well as {rival}, so day and month cannot be "
            f'distinguished; write the right one alone in the mapping file, such as time_format: "{best[0]}"'
        )
    return best[0]


def _count_readable(distinct: pa.Array, form: str) -> int:
    _, unreadable = read_times(distinct, (form,), ZoneInfo("UTC"))
    return len(distinct) - int(np.count_nonzero(unreadable))


@cache
def _contradict(one: str, other: str) -> bool:
    """Returns whether a text that one format writes is another time in the other."""
    return any(
        _reads_otherwise(_written(sample, written), read, _read(_written(sample, written), written))
        for sample in _SAMPLES
        for written, read in ((one, other), (other, one))
    )


def _written(sample: datetime, form: str) -> str:
    return sample.isoformat(" ") if form == ISO else sample.strftime(form)


def _read(text: str, form: str) -> datetime | None:
    try:
        return read_stamp(text, form, UTC)
    except (ValueError, OverflowError):
        return None


def _reads_otherwise(text: str, form: str, meant: datetime | None) -> bool:
    other = _read(text, form)
    return other is not None and other != meant
