"""Row rules: values on both sides of each bound, sentinels, several reasons, nothing lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ais_indicators.contracts.buckets import ship_bucket
from ais_indicators.contracts.row_rules import RowSplit, apply_row_rules, joined_labels
from ais_indicators.contracts.types import arrow_schema
from tests.subject_rules import SHIP_RULES

MESSAGES = "bronze.ais_messages"
NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NAN, INFINITY = float("nan"), float("inf")


def message(**values: Any) -> dict[str, Any]:
    needed = {"mmsi": 366940480, "observed_at_utc": NOON, "latitude": 52.5, "longitude": -174.0}
    return needed | {"file_sha256": "f"} | values


def split(*rows: dict[str, Any], delivered_at: datetime | None = None) -> RowSplit:
    fields = [f.with_nullable(True) for f in arrow_schema(MESSAGES, with_partitions=False)]
    table = pa.Table.from_pylist(list(rows), schema=pa.schema(fields))
    return apply_row_rules(table, MESSAGES, delivered_at, SHIP_RULES)


def reasons_of(row: dict[str, Any], delivered_at: datetime | None = None) -> str | None:
    result = split(row, delivered_at=delivered_at)
    assert result.accepted.num_rows + result.rejected.num_rows == 1
    return result.rejected["reject_reasons"][0].as_py() if result.rejected.num_rows else None


OPTIONAL = [
    # column, value as delivered, value taken, flag
    ("sog_knots", 0.0, 0.0, None),
    ("sog_knots", -0.1, None, "sog_out_of_range"),
    ("sog_knots", 102.1, 102.1, None),
    ("sog_knots", 102.2, None, "sog_censored"),
    ("sog_knots", 102.3, None, None),
    ("sog_knots", 102.4, None, "sog_censored"),
    ("sog_knots", NAN, None, None),
    ("sog_knots", None, None, None),
    ("cog_degrees", 0.0, 0.0, None),
    ("cog_degrees", -0.1, None, "cog_out_of_range"),
    ("cog_degrees", 359.9, 359.9, None),
    ("cog_degrees", 360.0, None, None),
    ("cog_degrees", 360.1, None, "cog_out_of_range"),
    ("heading_degrees", 359.0, 359.0, None),
    ("heading_degrees", 360.0, None, "heading_out_of_range"),
    ("heading_degrees", 510.0, None, "heading_out_of_range"),
    ("heading_degrees", 511.0, None, None),
    ("navigational_status", -1, None, "navigational_status_out_of_range"),
    ("navigational_status", 0, 0, None),
    ("navigational_status", 14, 14, None),
    ("navigational_status", 15, None, None),
    ("navigational_status", 16, None, "navigational_status_out_of_range"),
    ("imo_number", 0, None, None),
    ("imo_number", 999_999, None, "imo_number_out_of_range"),
    ("imo_number", 1_000_000, 1_000_000, None),
    ("imo_number", 9_999_999, 9_999_999, None),
    ("imo_number", 10_000_000, None, "imo_number_out_of_range"),
    ("ais_ship_type", 0, None, None),
    ("ais_ship_type", 1, 1, None),
    ("ais_ship_type", 99, 99, None),
    ("ais_ship_type", 100, None, "ais_ship_type_out_of_range"),
    ("length_m", 0.0, None, None),
    ("length_m", -1.0, None, "length_out_of_range"),
    ("length_m", 0.1, 0.1, None),
    ("length_m", INFINITY, None, "length_out_of_range"),
    ("width_m", -1.0, None, "width_out_of_range"),
    ("draught_m", 0.0, None, None),
    ("draught_m", 25.4, 25.4, None),
    ("draught_m", 25.5, None, "draught_censored"),
    ("message_type", 0, None, "message_type_out_of_range"),
    ("message_type", 27, 27, None),
    ("message_type", 28, None, "message_type_out_of_range"),
]


@pytest.mark.parametrize(("column", "delivered", "taken", "flag"), OPTIONAL)
def test_a_wrong_optional_value_is_missing_and_flagged_and_its_row_stays(
    column: str, delivered: float | None, taken: float | None, flag: str | None
) -> None:
    result = split(message(**{column: delivered}))
    assert result.accepted[column].to_pylist() == [taken]
    assert result.accepted["value_flags"].to_pylist() == [flag]
    assert result.reasons == {}


NEEDED = [
    ({"mmsi": 200_999_999}, "mmsi_not_a_ship"),
    ({"mmsi": 201_000_000}, None),
    ({"mmsi": 775_999_999}, None),
    ({"mmsi": 776_000_000}, "mmsi_not_a_ship"),
    ({"mmsi": None}, "mmsi_not_a_ship"),
    ({"mmsi": 0}, "mmsi_not_a_ship"),
    ({"mmsi": 1_193_046}, "mmsi_not_a_ship"),
    ({"mmsi": 123_456_789}, "mmsi_not_a_ship"),
    ({"mmsi": 111_366_999}, "mmsi_not_a_ship"),
    ({"latitude": 90.0}, None),
    ({"latitude": -90.0}, None),
    ({"latitude": 90.00001}, "latitude_out_of_range"),
    ({"latitude": -90.00001}, "latitude_out_of_range"),
    ({"latitude": 91.0}, "latitude_not_available"),
    ({"latitude": None}, "latitude_not_available"),
    ({"latitude": NAN}, "latitude_not_available"),
    ({"latitude": INFINITY}, "latitude_out_of_range"),
    ({"longitude": 180.0}, None),
    ({"longitude": -180.0}, None),
    ({"longitude": 180.00001}, "longitude_out_of_range"),
    ({"longitude": 181.0}, "longitude_not_available"),
    ({"longitude": -180.00001}, "longitude_out_of_range"),
    ({"longitude": None}, "longitude_not_available"),
    ({"latitude": 0.0, "longitude": 0.0}, "null_island"),
    ({"latitude": -0.0, "longitude": 0.0}, "null_island"),
    ({"latitude": 0.0, "longitude": 0.00001}, None),
    ({"latitude": 0.00001, "longitude": 0.0}, None),
    ({"latitude": 0.0, "longitude": None}, "longitude_not_available"),
    ({"observed_at_utc": None}, "timestamp_missing"),
]


@pytest.mark.parametrize(("values", "reason"), NEEDED)
def test_a_wrong_needed_value_rejects_the_row(values: dict[str, Any], reason: str | None) -> None:
    assert reasons_of(message(**values)) == reason


@pytest.mark.parametrize(
    ("late", "reason"),
    [
        (timedelta(), None),
        (timedelta(hours=1), None),
        (timedelta(hours=1) + SECOND, "timestamp_after_delivery"),
    ],
)
def test_a_message_may_be_an_hour_later_than_its_file(late: timedelta, reason: str | None) -> None:
    assert reasons_of(message(observed_at_utc=NOON + late), delivered_at=NOON) == reason
    assert reasons_of(message(observed_at_utc=NOON + late)) is None


def test_a_row_carries_all_its_reasons_in_the_methods_order() -> None:
    wrong = message(mmsi=0, latitude=95.0, longitude=181.0, observed_at_utc=None)
    expected = "mmsi_not_a_ship,latitude_out_of_range,longitude_not_available,timestamp_missing"
    assert reasons_of(wrong) == expected
    at_null_island = message(mmsi=1, latitude=0.0, longitude=0.0, observed_at_utc=NOON + timedelta(days=9))
    assert reasons_of(at_null_island, NOON) == "mmsi_not_a_ship,null_island,timestamp_after_delivery"


def test_each_reason_is_counted_and_rows_keep_their_order() -> None:
    rows = [message(mmsi=m, vessel_name=n) for m, n in ((366940480, "A"), (0, "B"), (636021061, "C"))]
    result = split(*rows, message(mmsi=0, latitude=91.0, vessel_name="D"))
    assert result.accepted["vessel_name"].to_pylist() == ["A", "C"]
    assert result.rejected["vessel_name"].to_pylist() == ["B", "D"]
    assert result.reasons == {"mmsi_not_a_ship": 2, "latitude_not_available": 1}


def test_rejected_rows_keep_their_values_as_delivered() -> None:
    result = split(message(latitude=91.0, sog_knots=102.3, heading_degrees=400.0))
    delivered = result.rejected.select(["latitude", "sog_knots", "heading_degrees"]).to_pylist()
    assert delivered == [{"latitude": 91.0, "sog_knots": 102.3, "heading_degrees": 400.0}]


def test_several_flags_follow_those_that_stood_there_already() -> None:
    wrong = {"sog_knots": 102.2, "heading_degrees": 400.0}
    rows = (message(value_flags="length_unreadable", **wrong), message(**wrong), message(value_flags="x"))
    flags = split(*rows, message()).accepted["value_flags"].to_pylist()
    both = "sog_censored,heading_out_of_range"
    assert flags == [f"length_unreadable,{both}", both, "x", None]


def test_a_table_in_several_pieces_or_with_other_columns_is_no_different() -> None:
    rows = [message(mmsi=m, sog_knots=s) for m, s in ((366940480, 102.2), (0, 1.0), (636021061, None))]
    fields = [f.with_nullable(True) for f in arrow_schema(MESSAGES, with_partitions=False)]
    pieces = [pa.Table.from_pylist([row], schema=pa.schema(fields)) for row in rows]
    table = pa.concat_tables(pieces).append_column("line", pa.array([1, 2, 3]))
    result = apply_row_rules(table, MESSAGES, None, SHIP_RULES)
    assert result.accepted["line"].to_pylist() == [1, 3]
    assert result.accepted["value_flags"].to_pylist() == ["sog_censored", None]
    assert result.rejected["line"].to_pylist() == [2]


def test_no_rows_give_no_rows() -> None:
    result = split(delivered_at=NOON)
    assert (result.accepted.num_rows, result.rejected.num_rows, result.reasons) == (0, 0, {})
    assert "reject_reasons" in result.rejected.column_names


def test_the_types_of_the_contract_are_kept() -> None:
    result = split(message(sog_knots=102.3, imo_number=0), message(mmsi=0))
    for table in (result.accepted, result.rejected):
        for field in arrow_schema(MESSAGES, with_partitions=False):
            assert table.schema.field(field.name).type == field.type, field.name


def test_labels_are_written_in_the_order_of_their_masks() -> None:
    masks = {"b": np.array([True, False, True]), "a": np.array([True, False, False])}
    assert joined_labels(masks, 3).to_pylist() == ["b,a", None, "b"]
    assert joined_labels({}, 2).to_pylist() == [None, None]


GOLDEN_BUCKETS = {201000000: 5, 366940480: 3, 367752440: 2, 538009563: 1, 636021061: 2, 775999999: 5}


def test_the_bucket_of_a_ship_never_changes() -> None:
    mmsi = np.array(list(GOLDEN_BUCKETS), np.int64)
    assert ship_bucket(mmsi, 8).tolist() == list(GOLDEN_BUCKETS.values())
    assert ship_bucket(mmsi, 8).dtype == np.int32


@pytest.mark.parametrize("buckets", [1, 7, 8, 16, 200])
@pytest.mark.parametrize("step", [1, 10, 1000])
def test_runs_of_numbers_fill_all_buckets_evenly(buckets: int, step: int) -> None:
    mmsi = np.arange(366_000_000, 366_000_000 + 50_000 * step, step, dtype=np.int64)
    filled = np.bincount(ship_bucket(mmsi, buckets), minlength=buckets)
    assert len(filled) == buckets
    assert filled.min() > 0.9 * filled.mean()
    assert filled.max() < 1.1 * filled.mean()
