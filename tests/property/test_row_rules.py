"""Taking in, for any input: nothing is lost, and neither order nor chunking changes a row."""

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ais_indicators.contracts.row_rules import REASON_ORDER, apply_row_rules
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.sources import BRONZE_MESSAGES, chunks, csv_blocks, inspect, plan, read_chunk
from tests.subject_rules import SHIP_RULES

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
SCHEMA = pa.schema(
    [f.with_nullable(True) for f in arrow_schema(BRONZE_MESSAGES, with_partitions=False)]
    + [pa.field("line", pa.int64())]
)


def around(*bounds: float) -> st.SearchStrategy[float | None]:
    """Returns values at, near and far from bounds, or none."""
    near = [bound + step for bound in bounds for step in (-1.0, -0.1, 0.0, 0.1, 1.0)]
    return st.none() | st.sampled_from(near) | st.floats()


def whole(*bounds: int) -> st.SearchStrategy[int | None]:
    near = [bound + step for bound in bounds for step in (-1, 0, 1)]
    return st.none() | st.sampled_from(near) | st.integers(-(2**31), 2**31 - 1)


MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "mmsi": whole(0, 201_000_000, 775_999_999, 366_940_480, 999_999_999),
            "observed_at_utc": st.none()
            | st.integers(-2, 2).map(lambda hours: NOON + timedelta(hours=hours)),
            "latitude": around(-90, 0, 90, 91),
            "longitude": around(-180, 0, 180, 181),
            "sog_knots": around(0, 102.2, 102.3),
            "cog_degrees": around(0, 360),
            "heading_degrees": around(0, 360, 511),
            "navigational_status": whole(0, 15),
            "imo_number": whole(0, 1_000_000, 9_999_999),
            "length_m": around(0),
            "draught_m": around(0, 25.5),
            "value_flags": st.none() | st.just("earlier"),
        }
    ),
    max_size=30,
)


def as_table(messages: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(messages, schema=SCHEMA)


def by_line(table: pa.Table) -> dict[int, str]:
    """Each row as text, so that a missing value and one that is not a number compare as equal."""
    return {row["line"]: repr(row) for row in table.to_pylist()}


@settings(deadline=None)
@given(MESSAGES, st.randoms(), st.none() | st.just(NOON))
def test_no_row_is_lost_and_order_does_not_matter(
    messages: list[dict[str, Any]], random: Any, delivered_at: datetime | None
) -> None:
    numbered = [message | {"line": number} for number, message in enumerate(messages)]
    result = apply_row_rules(as_table(numbered), BRONZE_MESSAGES, delivered_at, SHIP_RULES)
    accepted, rejected = by_line(result.accepted), by_line(result.rejected)
    assert sorted([*accepted, *rejected]) == list(range(len(messages)))

    random.shuffle(numbered)
    shuffled = apply_row_rules(as_table(numbered), BRONZE_MESSAGES, delivered_at, SHIP_RULES)
    assert (by_line(shuffled.accepted), by_line(shuffled.rejected)) == (accepted, rejected)
    assert shuffled.reasons == result.reasons


@settings(deadline=None)
@given(MESSAGES)
def test_reasons_are_counted_and_written_in_order(messages: list[dict[str, Any]]) -> None:
    result = apply_row_rules(as_table(messages), BRONZE_MESSAGES, NOON, SHIP_RULES)
    written = [text.split(",") for text in result.rejected["reject_reasons"].to_pylist()]
    assert Counter(reason for reasons in written for reason in reasons) == result.reasons
    for reasons in written:
        assert reasons == sorted(reasons, key=REASON_ORDER.index)
        assert len(set(reasons)) == len(reasons) > 0


@settings(deadline=None)
@given(MESSAGES)
def test_accepted_rows_keep_every_rule(messages: list[dict[str, Any]]) -> None:
    accepted = apply_row_rules(as_table(messages), BRONZE_MESSAGES, NOON, SHIP_RULES).accepted
    again = apply_row_rules(accepted, BRONZE_MESSAGES, NOON, SHIP_RULES)
    assert again.accepted.equals(accepted)
    assert again.rejected.num_rows == 0


HEADER = b"MMSI,BaseDateTime,LAT,LON,SOG,VesselName"
GOOD = (
    b"366940480,2020-01-01T00:00:00,29.1,-94.4,10.0,AMY C",
    b'235010170,2020-01-01 00:00:01,-29.1,4.4,,"A ""B"", C"',
    b"0,2020-01-01T00:00:02.5,91,181,102.3,",
)
BAD = (
    b"366940480,2020-01-01T00:0",
    b"366940480,2020-01-01T00:00:00,north,-94.4,10.0,AMY C",
    b"366940480.0,,29.1,-94.4,fast,AMY C",
    b"366940480,2020-01-01T00:00:00,29.1,-94.4,10.0,BJ\xd6RN",
    b"366940480,2020-01-01T00:00:00,29.1,-94.4,10.0,one,more",
    b'366940480,2020-01-01T00:00:00,29.1,-94.4,10.0,"open',
    b"366940480,2020-01-01T00:00:00\r,29.1,-94.4,10.0,AMY C",
    b"",
    b" ",
)
ANYTHING = st.text(alphabet=' ",.-:T019aeZ\r\x00Ö', max_size=40).map(str.encode)
ROW_A_LINE_ON_AVERAGE = [BAD[6], GOOD[0], b"", GOOD[0]]
"""As many rows as lines: one line holds two, cut by a carriage return, and one none."""

LINES = st.lists(st.sampled_from(GOOD + BAD) | ANYTHING, max_size=40)


def taken_in(
    path: Path, target_bytes: int, block_bytes: int, line_by_line_bytes: int
) -> tuple[Any, Any, Any]:
    """Rows and unreadable lines of a file that is read in pieces of given sizes."""
    with (
        patch.object(chunks, "_BLOCK_BYTES", block_bytes),
        patch.object(csv_blocks, "_LINE_BY_LINE_BYTES", line_by_line_bytes),
    ):
        planned = plan(inspect(path, rules=SHIP_RULES), path.parent, target_bytes, rules=SHIP_RULES)
        blocks = [block for chunk in planned for block in read_chunk(chunk, SHIP_RULES)]
    rows = [repr(row) for block in blocks for row in block.rows.to_pylist()]
    unreadable = [text for block in blocks for text in block.unreadable["raw_row"].to_pylist()]
    return rows, unreadable, len(rows) + len(unreadable)


@settings(deadline=None)
@given(LINES, st.sampled_from([b"\n", b"\r\n"]), st.booleans(), st.integers(1, 400), st.integers(1, 400))
@example(ROW_A_LINE_ON_AVERAGE, b"\n", False, 1, 1)
def test_chunks_of_any_size_give_the_same_rows(
    lines: list[bytes], ending: bytes, is_ended: bool, target_bytes: int, block_bytes: int
) -> None:
    content = ending.join([HEADER, *lines]) + (ending if is_ended else b"")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.csv"
        path.write_bytes(content)
        at_once = taken_in(path, 1 << 26, 1 << 23, 1 << 14)
        assert taken_in(path, target_bytes, block_bytes, 1) == at_once
        assert taken_in(path, 1 << 26, block_bytes, 100) == at_once
    body = content[len(HEADER) :]
    assert at_once[2] == sum(1 for line in body.splitlines() if line)
