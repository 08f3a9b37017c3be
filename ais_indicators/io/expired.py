"""Weeks whose raw messages are gone because their source may be kept no longer."""

from typing import Any, Final

from ais_indicators.io.delta import read_rows
from ais_indicators.periods import Week
from ais_indicators.settings import Settings

EXPIRED: Final = "ops.expired_messages"


def read_expired(settings: Settings) -> list[dict[str, Any]]:
    """The records, by week and layout."""
    return sorted(read_rows(settings, EXPIRED).to_pylist(), key=lambda row: (row["week"], row["layout"]))


def expired_through(settings: Settings) -> Week | None:
    """The newest week without its raw messages: it and all before it cannot be computed again."""
    return max((Week.parse(row["week"]) for row in read_expired(settings)), default=None)
