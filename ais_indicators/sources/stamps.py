"""Reads one time stamp, all of its text, by one form.

Beyond what the form says, a stamp may have a fraction of up to nine digits (those after the sixth are cut), an ending
` UTC` or ` GMT`, as in `2022-12-29 18:22:32.318353 +0000 UTC`, and a leap second. The second 60 exists only before
midnight UTC at the end of a month, and is taken as the second that follows; any other second 60 is unreadable.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Final

ISO: Final = "iso"

_ISO_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d([ T]\d\d(:\d\d(:\d\d(\.\d{1,6})?)?)?)?(Z|[+-]\d\d(:?\d\d)?)?",
)
_UTC_ENDING: Final = re.compile(r"[ ]+(UTC|GMT)$", re.IGNORECASE)
_BEYOND_MICROSECONDS: Final = re.compile(r"(?<=\.\d{6})\d{1,3}(?!\d)")
_BLANK_BEFORE_OFFSET: Final = re.compile(r"(?<=\d)[ ]+(?=[+-]\d\d:?\d\d$)")
_LEAP_SECOND: Final = re.compile(r"(?<=:\d\d:)60(?!\d)")
_SIDE_BY_SIDE: Final = re.compile(r"%[YymdHMS]%[YymdHMS]")
_ZONE_NAME: Final = "%Z"
_FRACTION: Final = "%f"
_SAMPLE: Final = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)


@dataclass(frozen=True)
class _Stamp:
    """A stamp without what no form has to name.

    Attributes:
        text: With at most six digits of a fraction, 59 in place of a second 60, and without ` UTC`.
        is_utc: Whether it ended in ` UTC` or ` GMT`.
        is_leap: Whether its second was 60.
    """

    text: str
    is_utc: bool
    is_leap: bool


def read_stamp(text: str, form: str, zone: tzinfo) -> datetime:
    """Reads a stamp.

    >>> str(read_stamp("2022-12-29 18:22:32.318353123 +0000 UTC", "iso", UTC))
    '2022-12-29 18:22:32.318353+00:00'
    >>> str(read_stamp("31/12/2016 23:59:60", "%d/%m/%Y %H:%M:%S", UTC))
    '2017-01-01 00:00:00+00:00'

    Args:
        text: The stamp, without blanks around it.
        form: `iso`, or a format of strptime.
        zone: Zone of a stamp that names none.

    Returns:
        The instant in UTC.

    Raises:
        ValueError: It does not fit the form, or there is no such time, or two of it in the zone.
        OverflowError: It is outside the years 1 to 9999 in UTC.
    """
    stamp = _plain(text)
    time = _iso(stamp.text) if form == ISO else _by_format(stamp, form)
    if stamp.is_utc:
        if time.utcoffset():
            raise ValueError(f"'{text}' names two zones")
        time = time.replace(tzinfo=UTC)
    instant = (time if time.tzinfo else _in_zone(time, zone)).astimezone(UTC)
    return _after_leap_second(instant, text) if stamp.is_leap else instant


def _in_zone(local: datetime, zone: tzinfo) -> datetime:
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise ValueError(f"{local} comes twice or not at all in {zone}")
    return first


@cache
def has_one_width(form: str) -> bool:
    """Returns whether a format has numbers side by side, so that a text of another width could be read in two ways."""
    return _SIDE_BY_SIDE.search(form) is not None and _FRACTION not in form


def _plain(text: str) -> _Stamp:
    without_zone = _UTC_ENDING.sub("", text)
    joined = _BLANK_BEFORE_OFFSET.sub("", _BEYOND_MICROSECONDS.sub("", without_zone))
    with_last_second = _LEAP_SECOND.sub("59", joined)
    return _Stamp(with_last_second, without_zone != text, with_last_second != joined)


def _iso(text: str) -> datetime:
    if _ISO_TIME.fullmatch(text) is None:
        raise ValueError(f"'{text}' is not a time in ISO 8601")
    return datetime.fromisoformat(text)


def _by_format(stamp: _Stamp, form: str) -> datetime:
    if _ZONE_NAME in form:  # strptime takes the names of the machine's own zone, and drops them
        if not stamp.is_utc:
            raise ValueError(f"'{stamp.text}' does not end in UTC")
        form = form.replace(_ZONE_NAME, "").strip()
    if has_one_width(form) and len(stamp.text) != len(_SAMPLE.strftime(form)):
        raise ValueError(f"'{stamp.text}' is not as wide as '{form}'")
    return datetime.strptime(stamp.text, form)


def _after_leap_second(last_second: datetime, text: str) -> datetime:
    """Returns the second after 23:59:59 UTC at the end of a month."""
    following = last_second + timedelta(seconds=1)
    if (following.day, following.hour, following.minute, following.second) != (1, 0, 0, 0):
        raise ValueError(f"'{text}': there is no leap second then")
    return following
