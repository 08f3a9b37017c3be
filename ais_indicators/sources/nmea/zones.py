"""Converts times without a zone from the zone of their source to UTC."""

from typing import Any


class Zone:
    """Zone of a source."""

    def convert(self, sentences: Any) -> None:
        """Converts."""
