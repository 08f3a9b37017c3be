"""Mapping files lose no row: each is read, set aside or kept for quarantine."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais_indicators.sources.mapping import Mapping, to_rows
from tests.examples import examples
from tests.mappings import (
    GOOD_ROW,
    mapping,
    read,
)
from tests.subject_rules import SHIP_RULES

TEXTS = st.sampled_from(
    ["", "1", "5", "24", "4", "27", "28", "x", "91", "-1", "nan", "inf", "2026-11-16 10:00:00", "ship", "Buoy", "1e300"]
) | st.none() | st.text(max_size=6)  # fmt: skip
NUMBERS = st.none() | st.integers(-5, 40) | st.floats(width=32)
CONSERVING = {
    "message_type": {"from": "type"},
    "sog_knots": {"from": "speed", "unit": "m/s", "missing": [-1]},
    "vessel_name": {"from": "name"},
    "eta_utc": {"from": "eta", "time_format": "mmddhhmm"},
    "transceiver_class": {"from": "kind", "codes": {"ship": "A"}},
}
FEED = ("mmsi", "time", "lat", "lon", "type", "speed", "name", "eta", "kind")


@pytest.fixture(scope="module")
def conserving(tmp_path_factory: pytest.TempPathFactory) -> Mapping:
    aside = {"from": "kind", "values": {"buoy": "type_21"}}
    return mapping(tmp_path_factory.mktemp("feed"), CONSERVING, set_aside=aside)


@settings(max_examples=examples(150), deadline=None)
@given(rows=st.lists(st.tuples(*[TEXTS] * len(FEED)), max_size=8))
def test_every_row_of_text_ends_in_one_place(rows: list[tuple[str | None, ...]], conserving: Mapping) -> None:
    columns = zip(*rows, strict=True) if rows else [()] * len(FEED)
    raw = pa.table({name: pa.array(c, pa.string()) for name, c in zip(FEED, columns, strict=True)})
    found = to_rows(raw, conserving, SHIP_RULES)
    assert found.positions.num_rows + found.statics.num_rows + found.set_aside.total() == len(rows)
    assert found.set_aside["type_21"] == sum((row[-1] or "").strip().casefold() == "buoy" for row in rows)


@settings(max_examples=examples(100), deadline=None)
@given(kinds=st.lists(NUMBERS, max_size=8), size=st.sampled_from([pa.float32(), pa.float64()]))
def test_every_row_of_numbers_ends_in_one_place(
    kinds: list[float | None], size: pa.DataType, conserving: Mapping
) -> None:
    numbers = pa.array(kinds, size)
    raw = pa.table(dict.fromkeys(FEED, numbers) | {"time": pa.array([None] * len(kinds), pa.timestamp("us"))})
    found = to_rows(raw, conserving, SHIP_RULES)
    statics = [kind for kind in kinds if kind in (5, 24)]
    positions = [
        k for k in kinds if k in (1, 2, 3, 18, 19, 27) or k is None or not 1 <= k <= 27 or k != int(k)
    ]
    assert found.statics["message_type"].to_pylist() == statics
    assert found.positions.num_rows == len(positions)
    assert found.set_aside.total() == len(kinds) - len(statics) - len(positions)


@given(
    text=st.dates().map(lambda d: f"{d:%d}/{d:%m}/{d.year:04d}"), junk=st.text("0123456789/ ", max_size=10)
)
@settings(max_examples=examples(100), deadline=None)
def test_the_fast_way_reads_times_as_strptime_does(text: str, junk: str, tmp_path_factory: Any) -> None:
    how = mapping(
        tmp_path_factory.mktemp("feed"), {"observed_at_utc": {"from": "time", "time_format": "%d/%m/%Y"}}
    )
    raw = {name: [value] * 2 for name, value in GOOD_ROW.items()} | {"time": [text, junk]}
    try:
        expected = datetime.strptime(junk.strip(), "%d/%m/%Y").replace(tzinfo=UTC)
    except ValueError:
        expected = None
    rows = read(raw, how)
    assert rows[0]["observed_at_utc"] == datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=UTC)
    assert rows[1]["observed_at_utc"] == expected
