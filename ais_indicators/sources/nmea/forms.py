"""Determines in which form a log writes the times of its sentences, from its beginning."""

from dataclasses import dataclass
from typing import IO, Any, Final

import numpy as np

from ais_indicators.sources.nmea.stamps import (
    ANY_STAMP,
    DAY_FIRST,
    EITHER_FIRST,
    MONTH_FIRST,
    NO_STAMP,
)
from ais_indicators.sources.zones import DateOrder

NOWHERE, BEFORE, AFTER, ANYWHERE = range(4)
BEGINNING_BYTES: Final = 64 * 1024
"""Bytes of a log from which its form of time is chosen."""

_ORDERS: Final = {"day_first": DAY_FIRST, "month_first": MONTH_FIRST}


@dataclass(frozen=True)
class Form:
    """Where and how a log writes times.

    Attributes:
        place: Before or after the sentence; `ANYWHERE` where no line of the beginning has a stamp.
        kind: Kind of stamp, as in `stamps`.
    """

    place: int
    kind: int


ANY_FORM: Final = Form(ANYWHERE, ANY_STAMP)
NO_FORM: Final = Form(ANYWHERE, NO_STAMP)
"""The form of a log whose beginning has no stamp: only stamps that can mean one thing are read."""


def form_of(beginning: Any, date_order: DateOrder | None = None) -> Form:
    """Chooses the form that a log's beginning has.

    The first stamp decides. Of dates that end with the year the first one decides that is clear: one with a day above
    12, or with points between its numbers, which mean day first. Where none is, the order is unclear.

    Args:
        beginning: Its sentences, scanned with `ANY_FORM`.
        date_order: What the source declares, which holds in place of that.
    """
    stamped = beginning[beginning["stamp"] != NO_STAMP]
    if not stamped.size:
        return NO_FORM
    place, kind = int(stamped["place"][0]), int(stamped["stamp"][0])
    if kind not in (DAY_FIRST, MONTH_FIRST, EITHER_FIRST):
        return Form(place, kind)
    if date_order is not None:
        return Form(place, _ORDERS[date_order])
    is_clear = (stamped["place"] == place) & np.isin(stamped["stamp"], (DAY_FIRST, MONTH_FIRST))
    return Form(place, int(stamped["stamp"][is_clear][0]) if is_clear.any() else EITHER_FIRST)


def read_beginning(stream: IO[bytes]) -> bytes:
    """Reads the whole lines at a log's beginning."""
    stream.seek(0)
    text = stream.read(BEGINNING_BYTES)
    is_all = len(text) < BEGINNING_BYTES
    return text if is_all else text[: text.rfind(b"\n") + 1]
