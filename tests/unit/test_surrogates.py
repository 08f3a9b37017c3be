"""Vessels that a feed names by a hash."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.rules import Rules
from ais_indicators.sources.blocks import BRONZE_MESSAGES
from ais_indicators.sources.mapping.surrogates import surrogate_number
from ais_indicators.transforms.vessels import flag_of
from tests.bad_files import take
from tests.mappings import mapping, read_row, refusal
from tests.subject_rules import PLANE_RULES, SHIP_RULES

HASHED = {"mmsi": {"from": "mmsi", "hashed": True}}


def test_a_hash_has_the_same_number_wherever_it_is_met(tmp_path: Path) -> None:
    text = "9cf2a80c7ab0dc0f"
    assert surrogate_number(text, SHIP_RULES) == 1212300091493521
    for given in (text, f" {text} ", pa.array([text]).dictionary_encode()):
        assert read_row(tmp_path, HASHED, {"mmsi": given})["mmsi"] == surrogate_number(text, SHIP_RULES)


def test_the_numbers_are_none_of_ships_and_have_no_flag() -> None:
    numbers = [surrogate_number(str(n), SHIP_RULES) for n in range(10_000)]
    assert len(set(numbers)) == len(numbers)
    assert min(numbers) >= SHIP_RULES.surrogate_mmsi_minimum > 2**30 > SHIP_RULES.ship_mmsi_maximum
    assert max(numbers) <= SHIP_RULES.surrogate_mmsi_maximum < 2**53
    assert {flag_of(number) for number in numbers[:500]} == {None}


def test_a_row_with_a_hash_is_accepted_and_marked(tmp_path: Path) -> None:
    lines = ["mmsi,time,lat,lon", "3e12,2025-11-16 10:00:00,57.5,8.25", ",2025-11-16 10:00:00,57.5,8.25"]
    (tmp_path / "x.csv").write_text("\n".join(lines), encoding="utf-8")
    found = take(tmp_path / "x.csv", mappings=[mapping(tmp_path, HASHED)])
    assert [(row["mmsi"], row["value_flags"]) for row in found.accepted] == [
        (surrogate_number("3e12", SHIP_RULES), "mmsi_surrogate")
    ]
    assert found.reasons == {"mmsi_not_a_ship": 1}


def test_without_the_mapping_saying_so_a_hash_is_no_mmsi(tmp_path: Path) -> None:
    assert read_row(tmp_path, {}, {"mmsi": "9cf2a80c7ab0dc0f"})["mmsi"] is None


def test_a_feed_with_mmsis_cannot_claim_the_number_of_a_hash(tmp_path: Path) -> None:
    for header in ("mmsi,time,lat,lon", "MMSI,BaseDateTime,LAT,LON"):
        (tmp_path / "x.csv").write_text(
            f"{header}\n{10**15 + 5},2025-11-16 10:00:00,57.5,8.25\n", encoding="utf-8"
        )
        found = take(tmp_path / "x.csv", mappings=[mapping(tmp_path)])
        assert (found.accepted, found.reasons) == ([], {"mmsi_not_a_ship": 1})


@pytest.mark.parametrize(
    ("number", "is_accepted"),
    [
        (776000000, False),
        (10**15 - 1, False),
        (10**15, True),
        (1281474976710655, True),
        (1281474976710656, False),
    ],
)
def test_the_contract_takes_ships_and_surrogates_alone(number: int, is_accepted: bool) -> None:
    table = pa.table({"mmsi": pa.array([number, 219063000], pa.int64())})
    assert split_by_mmsi(table).accepted["mmsi"].to_pylist() == ([number] if is_accepted else []) + [
        219063000
    ]


def test_a_lake_of_planes_takes_no_surrogate() -> None:
    table = pa.table({"mmsi": pa.array([10**15, 3957828], pa.int64())})
    assert split_by_mmsi(table, PLANE_RULES).accepted["mmsi"].to_pylist() == [3957828]


def split_by_mmsi(table: pa.Table, rules: Rules = SHIP_RULES) -> Any:
    """Applies the rules to rows that are good but for their MMSI."""
    rows = table.num_rows
    good = {
        "latitude": pa.array([57.5] * rows),
        "longitude": pa.array([8.25] * rows),
    }
    when = pa.array([1700000000000000] * rows, pa.timestamp("us", "UTC"))
    return apply_row_rules(
        pa.table({"mmsi": table["mmsi"], **good, "observed_at_utc": when}), BRONZE_MESSAGES, None, rules
    )


@pytest.mark.parametrize(
    ("column", "mapped"),
    [
        ("imo_number", {"from": "imo", "hashed": True}),
        ("mmsi", {"from": "mmsi", "hashed": True, "base": 16}),
        ("mmsi", {"constant": 219063000, "hashed": True}),
    ],
)
def test_hashed_is_for_the_mmsi_alone(tmp_path: Path, column: str, mapped: dict[str, Any]) -> None:
    assert f"columns.{column}" in refusal(tmp_path, {column: mapped})
