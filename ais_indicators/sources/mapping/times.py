"""How a feed writes times, and the instants that they are.

Texts are distinct ones. Those of a fixed width, as nearly all are, are taken apart as one block of digits; what is
left (a zone, a name of a month, a digit left out) is read one by one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ais_indicators.contracts.row_rules import Mask
from ais_indicators.sources.instants import NO_INSTANT, Instants, Whole, instants_at
from ais_indicators.sources.mapping.yearless import CODE, PACKED, has_parts, is_yearless
from ais_indicators.sources.stamps import ISO, read_stamp
from ais_indicators.sources.zones import FINE, offsets_of, zone_named
from ais_indicators.units import MICROSECONDS_PER_SECOND

EPOCHS: Final = {
    "epoch_s": 1,
    "epoch_ms": 1000,
    "epoch_us": MICROSECONDS_PER_SECOND,
    "epoch_ns": 1000 * MICROSECONDS_PER_SECOND,
}
"""Formats that count from 1970, with how many they are a second."""

_ISO_PATTERNS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_UTC: Final = zone_named("UTC")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = (datetime(MINYEAR, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LATEST: Final = (datetime(MAXYEAR, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_PER_SECOND: Final = {"s": 1, "ms": 1000, "us": MICROSECONDS_PER_SECOND, "ns": 1000 * MICROSECONDS_PER_SECOND}
_WIDTHS: Final = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_DATE: Final = {"Y", "m", "d"}
_SAMPLE: Final = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
_NINE: Final = 9


@dataclass(frozen=True)
class _FixedWidth:
    """A format of strptime whose every text has one width.

    Attributes:
        width: Bytes of a text.
        digits: First byte and the one after the last of each directive.
        literals: Place and byte of the separators.
    """

    width: int
    digits: dict[str, tuple[int, int]]
    literals: tuple[tuple[int, int], ...]


def check_time_formats(formats: Sequence[str]) -> None:
    """Verifies that times can be read in formats, tried in order.

    Raises:
        ValueError: One is not a format, has no date, or cannot be combined with others.
    """
    alone = {CODE, PACKED, *EPOCHS}
    if not formats or (len(formats) > 1 and (alone.intersection(formats) or is_yearless(formats))):
        raise ValueError(
            f"{', '.join(sorted(alone))} must be used alone, and the others in a list of one or more"
        )
    for pattern in set(formats) - alone - {ISO}:
        if not has_parts(pattern) and not _has_date(pattern):
            known = ", ".join([ISO, *sorted(alone)])
            raise ValueError(
                f"'{pattern}' is neither one of {known} nor a format of strptime with day, month and year (of an "
                f"arrival: "
                "%m, %d, %H and %M)"
            )


def read_times(distinct: pa.Array, formats: Sequence[str], zone: tzinfo) -> tuple[Instants, Mask]:
    """Reads times from text.

    Args:
        distinct: Trimmed text, shape (n,); null for no time.
        formats: `iso` or formats of strptime, tried in their order.
        zone: Zone of the texts that name none.

    Returns:
        The instants, NaT where there is none, and which texts could not be read.
    """
    local = np.full(len(distinct), NO_INSTANT)
    for pattern in _patterns(formats):
        fixed = _fixed_width(pattern)
        if fixed is not None and np.isnat(local).any():
            local = np.where(np.isnat(local), _read_fixed_width(distinct, fixed), local)
    found, unreadable = to_utc(local, zone)
    left = np.flatnonzero(np.isnat(local) & distinct.is_valid().to_numpy(zero_copy_only=False))
    for place, text in zip(left.tolist(), distinct.take(pa.array(left)).to_pylist(), strict=True):
        found[place] = _read_one(text, formats, zone)
    unreadable[left] = np.isnat(found[left])
    return found, unreadable


def since_epoch(numbers: NDArray[np.float64], per_second: int) -> tuple[Instants, Mask]:
    """Reads times that count from 1970.

    Args:
        numbers: Shape (n,); NaN for no time.
        per_second: How many they are a second.

    Returns:
        As `read_times`; numbers outside the years 1 to 9999 cannot be read.
    """
    micros = np.rint(numbers * (MICROSECONDS_PER_SECOND / per_second))
    inside = (micros >= _EARLIEST) & (micros <= _LATEST)
    return _instants(np.where(inside, micros, 0).astype(np.int64), inside), ~inside & ~np.isnan(numbers)


def whole_since_epoch(values: pa.Array, per_second: int) -> tuple[Instants, Mask]:
    """Reads whole numbers of microseconds or less since 1970 exactly; truncates to microseconds.

    Args:
        values: Whole numbers, shape (n,); null for no time.
        per_second: How many they are a second, a million or more.

    Returns:
        As `since_epoch`.
    """
    known = values.is_valid().to_numpy(zero_copy_only=False)
    micros = values.fill_null(0).to_numpy() // (per_second // MICROSECONDS_PER_SECOND)
    inside = (micros >= _EARLIEST) & (micros <= _LATEST)
    return _instants(np.where(inside, micros, 0), inside & known), ~inside & known


def of_arrow_times(values: pa.Array, zone: tzinfo) -> tuple[Instants, Mask]:
    """Reads dates and timestamps as Arrow holds them.

    Args:
        values: Dates (their first instant) or timestamps of any unit, shape (n,).
        zone: Zone of those that name none.

    Returns:
        As `read_times`.
    """
    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("s" if pa.types.is_date32(values.type) else "ms"))
    numbers = values.cast(pa.int64()).fill_null(0).to_numpy()
    per_second = _PER_SECOND[values.type.unit]
    finer, coarser = (
        max(per_second // MICROSECONDS_PER_SECOND, 1),
        max(MICROSECONDS_PER_SECOND // per_second, 1),
    )
    whole = numbers // finer
    inside = (whole >= _EARLIEST // coarser) & (whole <= _LATEST // coarser)
    known = values.is_valid().to_numpy(zero_copy_only=False)
    found = _instants(np.where(inside, whole, 0) * coarser, inside & known)
    if values.type.tz:
        return found, ~inside & known
    found, is_doubtful = to_utc(found, zone)
    return found, is_doubtful | (~inside & known)


def to_utc(local: Instants, zone: tzinfo) -> tuple[Instants, Mask]:
    """Converts local times to instants.

    Returns:
        The instants, NaT for none; and which times cannot be converted, since their hour comes twice in autumn or does
        not exist in spring.
    """
    is_doubtful = np.zeros(local.shape, np.bool_)
    known = np.flatnonzero(~np.isnat(local))
    if zone == _UTC or known.size == 0:
        return local, is_doubtful
    east, _, states = offsets_of(local[known].astype(np.int64), zone)
    found = local.copy()
    found[known] -= east.astype("timedelta64[us]")
    is_doubtful[known] = states != FINE
    found[is_doubtful] = NO_INSTANT
    return found, is_doubtful


def _has_date(pattern: str) -> bool:
    try:
        return datetime.strptime(_SAMPLE.strftime(pattern), pattern).date() == _SAMPLE.date()
    except (ValueError, re.error):
        return False


def _patterns(formats: Sequence[str]) -> Iterator[str]:
    for one in formats:
        yield from _ISO_PATTERNS if one == ISO else (one,)


@cache
def _fixed_width(pattern: str) -> _FixedWidth | None:
    """Takes a format of strptime apart; None if its texts have no fixed width."""
    at, digits, literals = 0, dict[str, tuple[int, int]](), list[tuple[int, int]]()
    for piece in re.findall(r"%.|[^%]", pattern, re.DOTALL):
        if len(piece) == 1:
            literals.append((at, ord(piece)))
            at += 1
        elif piece[1] in _WIDTHS and piece[1] not in digits:
            digits[piece[1]] = (at, at + _WIDTHS[piece[1]])
            at += _WIDTHS[piece[1]]
        else:
            return None
    is_whole = pattern.isascii() and digits.keys() >= _DATE
    return _FixedWidth(at, digits, tuple(literals)) if is_whole else None


def _read_fixed_width(distinct: pa.Array, fixed: _FixedWidth) -> Instants:
    """Returns the times among texts that are written in a format; NaT for the others."""
    found = np.full(len(distinct), NO_INSTANT)
    fits = pc.equal(pc.binary_length(distinct), fixed.width).fill_null(False)
    characters = _characters(distinct.filter(fits), fixed.width)
    if not len(characters):
        return found
    good = np.ones(len(characters), np.bool_)
    for at, byte in fixed.literals:
        good &= characters[:, at] == byte
    parts = {name: _number(characters[:, first:end], good) for name, (first, end) in fixed.digits.items()}
    none = np.zeros(len(characters), np.int64)
    read = instants_at(*(parts[n] for n in "Ymd"), *(parts.get(n, none) for n in "HMS"))
    read[~good] = NO_INSTANT
    found[fits.to_numpy(zero_copy_only=False)] = read
    return found


def _characters(same_width: pa.Array, width: int) -> NDArray[np.uint8]:
    """Returns the bytes of texts of one width, shape (n, width)."""
    if not len(same_width):
        return np.zeros((0, width), np.uint8)
    _, offsets, data = same_width.buffers()
    first = int(np.frombuffer(offsets, np.int32)[same_width.offset])
    return np.frombuffer(data, np.uint8, len(same_width) * width, first).reshape(-1, width)


def _number(characters: NDArray[np.uint8], good: Mask) -> Whole:
    """Returns the number in columns of characters; removes rows with another character than digits from `good`."""
    number = np.zeros(len(characters), np.int64)
    for column in (characters - np.uint8(ord("0"))).T:
        good &= column <= _NINE
        number = number * 10 + column
    return number


def _read_one(text: str, formats: Sequence[str], zone: tzinfo) -> np.datetime64:
    """Returns the instant of one text; NaT if no format fits, or its hour comes twice or does not exist."""
    for pattern in formats:
        try:
            return np.datetime64(
                (read_stamp(text, pattern, zone) - _EPOCH) // timedelta(microseconds=1), "us"
            )
        except (ValueError, OverflowError):
            continue
    return NO_INSTANT


def _instants(micros: Whole, known: Mask) -> Instants:
    found = micros.astype("datetime64[us]")
    found[~known] = NO_INSTANT
    return found
