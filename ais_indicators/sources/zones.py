"""Converts times that name no zone from the zone that their source declares (`DATA_DIR/sources.yaml`) to UTC."""

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

DateOrder = Literal["day_first", "month_first"]
Micros = NDArray[np.int64]

REPEATED_HOUR: Final = "time_in_repeated_hour"
SKIPPED_HOUR: Final = "time_in_skipped_hour"
"""Reasons against a row: the hour comes twice in autumn and which is meant is unclear; it does not exist in spring."""

FINE, REPEATED, SKIPPED = range(3)
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_MOST_HOURS: Final = 14
_MINUTES: Final = 60
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class SourceTimes:
    """How a source writes times, as its office declares it.

    Attributes:
        time_zone: IANA name or an offset such as `+02:00`, for times that name no zone.
        date_order: Order of day and month where the year comes last; without it the file's beginning decides.
    """

    time_zone: str = "UTC"
    date_order: DateOrder | None = None

    @property
    def is_utc(self) -> bool:
        """Returns whether times are in UTC as they are written."""
        return self.time_zone == "UTC"


UTC_TIMES: Final = SourceTimes()


def zone_named(name: str) -> tzinfo:
    """Returns the zone of an IANA name or of an offset such as `+02:00`.

    Raises:
        ValueError: It is neither.
    """
    match = _OFFSET.fullmatch(name)
    if match is None:
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(
                f"'{name}' is neither an IANA name of a zone nor an offset such as +02:00"
            ) from error
    sign, hours, minutes = match[1], int(match[2]), int(match[3])
    if hours > _MOST_HOURS or minutes >= _MINUTES:
        raise ValueError(f"'{name}' is not an offset of a zone")
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1))


def offsets_of(local: Micros, zone: tzinfo) -> tuple[Micros, Micros, NDArray[np.uint8]]:
    """Looks up how far local times are east of Greenwich; each quarter of an hour once, as zones change at those.

    Args:
        local: Microseconds since 1970 as a clock on the wall shows them, shape (n,).
        zone: Zone of that clock.

    Returns:
        Microseconds east in the first and in the second pass through a repeated hour, the same elsewhere; and
        `FINE`, `REPEATED` or `SKIPPED` for each time.
    """
    quarters, places = np.unique(
        local.astype("datetime64[us]").astype("datetime64[15m]"), return_inverse=True
    )
    first, second = (
        np.array(
            [
                (zone.utcoffset(quarter.replace(fold=fold)) or timedelta()) // _MICROSECOND
                for quarter in quarters.astype("datetime64[s]").tolist()
            ],
            np.int64,
        )
        for fold in (0, 1)
    )
    states = np.where(first > second, REPEATED, np.where(first < second, SKIPPED, FINE)).astype(np.uint8)
    return first[places], second[places], states[places]
