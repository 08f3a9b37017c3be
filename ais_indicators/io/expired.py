"""Weeks whose raw messages were removed after the retention period of their source."""

from typing import Any, Final

from ais_indicators.io.delta import read_rows
from ais_indicators.periods import Week
from ais_indicators.settings import Settings

EXPIRED: Final = "ops.expired_messages"


def read_expired(settings: Settings) -> list[dict[str, Any]]:
    """Returns the records, by week and layout."""
    return sorted(read_rows(settings, EXPIRED).to_pylist(), key=lambda row: (row["week"], row["layout"]))


def expired_through(settings: Settings) -> Week | None:
    """Returns the newest week without its raw messages: it and all earlier ones cannot be recomputed."""
    return max((Week.parse(row["week"]) for row in read_expired(settings)), default=None)
