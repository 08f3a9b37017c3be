"""A file's delivery: from the caller, else from the file's own time, and looked for only where a row depends on it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.ingestion.delivery import DeliveryClues, DeliveryTime
from ais_indicators.sources import BRONZE_MESSAGES, Chunk, SourceBlock, inspect, plan, read_chunk
from tests.subject_rules import SHIP_RULES

HEADER = "MMSI,BaseDateTime,LAT,LON\n"
MODIFIED = datetime(2020, 1, 1, 12, tzinfo=UTC)
TOLERANCE = timedelta(hours=float(SHIP_RULES.delivery_tolerance_hours))
SECOND = timedelta(seconds=1)
EARLY, LATE = MODIFIED - timedelta(hours=6), MODIFIED + timedelta(hours=6)


def chunk_with(folder: Path, times: Sequence[datetime]) -> Chunk:
    path = folder / "messages.csv"
    path.write_text(HEADER + "".join(f"366000001,{time:%Y-%m-%dT%H:%M:%S},1,1\n" for time in times))
    return plan(inspect(path, rules=SHIP_RULES), folder, rules=SHIP_RULES)[0]


def block_with(folder: Path, times: Sequence[datetime]) -> SourceBlock:
    return next(read_chunk(chunk_with(folder, times), SHIP_RULES))


def clues(first: Chunk, stated: datetime | None = None) -> DeliveryClues:
    return DeliveryClues(stated, MODIFIED, first)


@pytest.mark.parametrize(
    ("first_times", "expected"),
    [([EARLY, EARLY, LATE], MODIFIED), ([EARLY, LATE, LATE], None)],
    ids=["before-the-files-time", "after-it"],
)
def test_a_late_row_makes_the_first_rows_decide(
    tmp_path: Path, first_times: list[datetime], expected: datetime | None
) -> None:
    (tmp_path / "later").mkdir()
    later = block_with(tmp_path / "later", [MODIFIED + TOLERANCE + SECOND])
    delivery = DeliveryTime(clues(chunk_with(tmp_path, first_times)))
    assert delivery.for_rows_of(later, SHIP_RULES) == expected


def test_rows_up_to_the_tolerance_are_assessed_without_a_look_at_the_first_chunk(tmp_path: Path) -> None:
    block = block_with(tmp_path, [MODIFIED + TOLERANCE])
    gone = chunk_with(tmp_path, [LATE])
    gone.path.unlink()
    delivered = DeliveryTime(clues(gone)).for_rows_of(block, SHIP_RULES)
    with_guess = apply_row_rules(block.rows, BRONZE_MESSAGES, delivered, SHIP_RULES)
    with_unknown = apply_row_rules(block.rows, BRONZE_MESSAGES, None, SHIP_RULES)
    assert with_guess.accepted.equals(with_unknown.accepted)
    assert with_guess.accepted.num_rows == 1


def test_what_the_caller_states_is_taken(tmp_path: Path) -> None:
    stated = MODIFIED - timedelta(days=1)
    block = block_with(tmp_path, [LATE])
    delivery = DeliveryTime(clues(chunk_with(tmp_path, [EARLY]), stated))
    assert delivery.for_rows_of(block, SHIP_RULES) == stated
    assert delivery.settle(block, SHIP_RULES) == stated


def test_the_first_chunk_gives_the_delivery_for_the_record(tmp_path: Path) -> None:
    first = chunk_with(tmp_path, [EARLY, LATE, LATE])
    delivery = DeliveryTime(clues(first))
    assert delivery.settle(next(read_chunk(first, SHIP_RULES)), SHIP_RULES) is None
    late = block_with(tmp_path, [LATE])
    assert delivery.for_rows_of(late, SHIP_RULES) is None


def test_of_a_file_without_rows_the_delivery_is_unknown(tmp_path: Path) -> None:
    assert DeliveryTime(clues(chunk_with(tmp_path, [EARLY]))).settle(None, SHIP_RULES) is None
