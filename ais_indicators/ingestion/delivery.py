"""Delivery time of a file, determined by the workers that read it.

The file's own time counts as its delivery unless the median time of its first rows is later. Reading these in the
driver, before any worker starts, would take as long as a worker needs for the chunk; and only rows that are later than
the file's time depend on the result.
"""

from dataclasses import dataclass
from datetime import datetime

import pyarrow.compute as pc

from ais_indicators.contracts.row_rules import latest_credible_time
from ais_indicators.rules import Rules
from ais_indicators.sources import Chunk, SourceBlock, likely_delivery, read_chunk


@dataclass(frozen=True)
class DeliveryClues:
    """What is known of a file's delivery before it is read.

    Attributes:
        stated_at: Delivery time given by the caller; None to use the file's.
        modified_at: Modification time of the file as delivered.
        first_chunk: Chunk that holds the file's first rows.
    """

    stated_at: datetime | None
    modified_at: datetime
    first_chunk: Chunk


class DeliveryTime:
    """Delivery time of one file, determined when a row depends on it and then kept."""

    def __init__(self, clues: DeliveryClues) -> None:
        self._clues = clues
        self._is_settled = clues.stated_at is not None
        self._time = clues.stated_at

    def settle(self, first: SourceBlock | None, rules: Rules) -> datetime | None:
        """Determines the delivery from the file's first rows; None if it cannot be known.

        Args:
            first: The first block of the file; None if it has none.
            rules: Rules of the lake's subject.
        """
        if not self._is_settled:
            self._is_settled = True
            if first is not None:
                self._time = likely_delivery(self._clues.modified_at, first.rows["observed_at_utc"], rules)
        return self._time

    def for_rows_of(self, block: SourceBlock, rules: Rules) -> datetime | None:
        """Returns a time with which the row rules evaluate a block as they would with the delivery.

        Raises:
            BadInputError: The file is damaged.
        """
        if not self._is_settled and _latest_time(block) > latest_credible_time(
            self._clues.modified_at, rules
        ):
            self.settle(next(read_chunk(self._clues.first_chunk, rules), None), rules)
        return self._time if self._is_settled else self._clues.modified_at


def _latest_time(block: SourceBlock) -> int:
    """Returns the latest time in a block, in microseconds since 1970; 0 without any."""
    latest = (pc.max(rows["observed_at_utc"]).cast("int64").as_py() for rows in (block.rows, block.statics))
    return max((time for time in latest if time is not None), default=0)
