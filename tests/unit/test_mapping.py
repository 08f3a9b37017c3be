"""Mapping files: a feed's own columns in, rows of bronze out, and no row lost on the way."""

import pickle
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.errors import BadInputError
from ais_indicators.sources.blocks import BRONZE_MESSAGES, BRONZE_STATICS, raw_schema, static_schema
from ais_indicators.sources.mapping import feed_columns, set_aside_column, shipped_mappings, to_rows
from tests.mappings import (
    DMA_HEADER,
    DMA_LINE,
    GOOD_ROW,
    MMSI,
    UNGP_ROW,
    dma_line,
    dma_position,
    dma_rows,
    mapping,
    read,
    read_row,
    shipped,
    ungp_rows,
    utc,
)
from tests.subject_rules import SHIP_RULES

# --- layouts that are shipped


def test_the_shipped_layouts_are_there_by_name() -> None:
    assert [one.layout for one in shipped_mappings()] == [
        "ais_catcher",
        "aisstream",
        "dma",
        "opensky",
        "un_global_platform",
    ]
    assert all(one.licence for one in shipped_mappings())
    assert [one.layout for one in shipped_mappings() if not one.attribution] == [
        "ais_catcher"
    ]  # own receivers


def test_a_mapping_can_be_sent_to_a_worker() -> None:
    assert [pickle.loads(pickle.dumps(one)) for one in shipped_mappings()] == list(shipped_mappings())  # noqa: S301


def test_a_row_of_the_danish_authority_fills_every_column() -> None:
    rows = dma_rows(DMA_LINE)
    assert rows.positions.schema == raw_schema()
    assert rows.statics.schema == static_schema()
    (row,) = rows.positions.to_pylist()
    assert row == {
        "mmsi": 219012382,
        "message_type": None,
        "observed_at_utc": utc("2023-02-15 00:00:00"),
        "latitude": 57.123067,
        "longitude": 8.597717,
        "sog_knots": 6.4,
        "cog_degrees": 216.9,
        "heading_degrees": 237.0,
        "navigational_status": 0,
        "imo_number": 9134270,
        "vessel_name": "GOLIATH VIG",
        "call_sign": "OXQX2",
        "ais_ship_type": 52,
        "length_m": 18.0,
        "width_m": 6.0,
        "draught_m": 2.7,
        "destination": "HANSTHOLM;",
        "eta_utc": utc("2023-02-17 07:00:00"),
        "transceiver_class": "A",
        "altitude_m": None,
        "ground_flag": None,
        "station": None,
        "value_flags": None,
    }


def test_words_for_nothing_are_missing_and_leave_no_flag() -> None:
    empty = dict.fromkeys(
        ("SOG", "COG", "Heading", "Name", "Width", "Length", "Draught", "Destination", "ETA"), ""
    )
    row = dma_position(IMO="Unknown", Navigational_status="Unknown value", Ship_type="Undefined", **empty)
    filled = {"mmsi", "observed_at_utc", "latitude", "longitude", "call_sign", "transceiver_class"}
    assert {name for name, value in row.items() if value is not None} == filled


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Under way using engine", 0),
        ("At anchor", 1),
        ("Not under command", 2),
        ("Restricted maneuverability", 3),
        ("Constrained by her draught", 4),
        ("Moored", 5),
        ("Aground", 6),
        ("Engaged in fishing", 7),
        ("Under way sailing", 8),
        ("Reserved for future amendment [HSC]", 9),
        ("Reserved for future amendment [WIG]", 10),
        ("Power-driven vessel towing astern", 11),
        ("Power-driven vessel pushing ahead or towing alongside", 12),
        ("Reserved for future use", 13),
        ("AIS-SART", 14),
        ("Unknown value", None),
    ],
)
def test_the_danish_status_in_words(text: str, code: int | None) -> None:
    row = dma_position(Navigational_status=text)
    assert (row["navigational_status"], row["value_flags"]) == (code, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Cargo", 70),
        ("Tanker", 80),
        ("Passenger", 60),
        ("Fishing", 30),
        ("Tug", 52),
        ("Pilot", 50),
        ("HSC", 40),
        ("SAR", 51),
        ("Not party to conflict", 59),
        ("Other", 90),
        ("Undefined", None),
        ("Reserved", None),
    ],
)
def test_the_danish_ship_type_in_words(text: str, code: int | None) -> None:
    row = dma_position(Ship_type=text)
    assert (row["ais_ship_type"], row["value_flags"]) == (code, None)


def test_a_word_that_is_no_code_is_flagged() -> None:
    row = dma_position(Ship_type="Submarine", Type_of_mobile="Class C")
    assert (row["ais_ship_type"], row["transceiver_class"]) == (None, None)
    assert row["value_flags"] == "ais_ship_type_unreadable,transceiver_class_unreadable"


def test_stations_buoys_and_aircraft_are_set_aside_and_counted() -> None:
    rows = dma_rows(
        dma_line(Type_of_mobile="Base Station"),
        dma_line(Type_of_mobile="Class B"),
        dma_line(Type_of_mobile="AtoN"),
        dma_line(Type_of_mobile="SAR Airborne"),
        dma_line(Type_of_mobile="AtoN"),
        dma_line(Type_of_mobile="Search and Rescue Transponder"),
    )
    assert rows.positions["transceiver_class"].to_pylist() == ["B"]
    assert rows.set_aside == Counter(type_4=1, type_9=1, type_21=2, search_and_rescue_transmitter=1)


def test_the_danish_layout_of_22_columns_is_recognised_too() -> None:
    header = DMA_HEADER.split(",")
    assert shipped("dma").recognises(header)
    assert shipped("dma").recognises(header[:22])
    assert not shipped("dma").recognises(list(UNGP_ROW))


def test_a_danish_row_without_position_is_rejected_by_the_row_rules() -> None:
    split = apply_row_rules(
        dma_rows(dma_line(Latitude="91.0", Longitude="0")).positions, BRONZE_MESSAGES, None, SHIP_RULES
    )
    assert split.reasons == {"latitude_not_available": 1}


def test_a_row_of_the_global_platform_fills_every_column() -> None:
    (row,) = ungp_rows([{}]).positions.to_pylist()
    assert row == {
        "mmsi": 247123456,
        "message_type": 1,
        "observed_at_utc": utc("2023-06-10 10:01:47"),
        "latitude": 45.428425,
        "longitude": 12.35449,
        "sog_knots": 8.5,
        "cog_degrees": 310.7,
        "heading_degrees": 311.0,
        "navigational_status": 0,
        "imo_number": 8959245,
        "vessel_name": "SAN MARCO",
        "call_sign": "UWHW",
        "ais_ship_type": 60,
        "length_m": 56.0,
        "width_m": 11.0,
        "draught_m": 6.0,
        "destination": "PELLESTRINA",
        "eta_utc": utc("2023-06-14 11:00:00"),
        "transceiver_class": "A",
        "altitude_m": None,
        "ground_flag": None,
        "station": "T-AIS",
        "value_flags": None,
    }


@pytest.mark.parametrize(
    "time", ["20230610100147", "2023-06-10 10:01:47", "2023-06-10T10:01:47Z", 20230610100147]
)
@pytest.mark.parametrize("column", ["dt_pos_utc", "ts_pos_utc", "dtg"])
def test_both_generations_of_the_global_platform_give_the_same_time(column: str, time: str | int) -> None:
    (row,) = ungp_rows([{column: time}], time=column).positions.to_pylist()
    assert row["observed_at_utc"] == utc("2023-06-10 10:01:47")


def test_the_newer_column_is_taken_where_a_file_has_both() -> None:
    (row,) = ungp_rows([{"ts_pos_utc": "19990101000000"}]).positions.to_pylist()
    assert row["observed_at_utc"] == utc("2023-06-10 10:01:47")


def test_the_global_platform_is_recognised_in_both_generations() -> None:
    for time in ("dt_pos_utc", "ts_pos_utc"):
        assert shipped("un_global_platform").recognises([*UNGP_ROW, time])
    assert not shipped("un_global_platform").recognises(DMA_HEADER.split(","))


@pytest.mark.parametrize(
    ("eta", "expected"),
    [
        (6141100, "2023-06-14 11:00"),
        ("06141100", "2023-06-14 11:00"),
        (2460, None),
        (0, None),
        (13011200, None),
        (6310000, None),
        (6142400, None),
        (-1, None),
        (None, None),
    ],
)
def test_the_arrival_of_the_global_platform(eta: Any, expected: str | None) -> None:
    (row,) = ungp_rows([{"eta": eta}]).positions.to_pylist()
    assert (row["eta_utc"], row["value_flags"]) == (utc(expected) if expected else None, None)


def test_an_arrival_in_words_is_flagged() -> None:
    (row,) = ungp_rows([{"eta": "JUNE 14"}]).positions.to_pylist()
    assert (row["eta_utc"], row["value_flags"]) == (None, "eta_unreadable")


# --- message types


def test_each_message_type_goes_where_it_belongs() -> None:
    rows = ungp_rows(
        [{"message_type": kind} for kind in (1, 2, 3, 4, 5, 9, 18, 19, 21, 24, 27, 27, 21, None)]
    )
    assert rows.positions["message_type"].to_pylist() == [1, 2, 3, 18, 19, 27, 27, None]
    assert rows.statics["message_type"].to_pylist() == [5, 24]
    assert rows.set_aside == Counter(type_4=1, type_9=1, type_21=2)


def test_a_type_that_does_not_exist_stays_and_is_flagged_by_the_row_rules() -> None:
    split = apply_row_rules(ungp_rows([{"message_type": 28}]).positions, BRONZE_MESSAGES, None, SHIP_RULES)
    assert split.accepted["value_flags"].to_pylist() == ["message_type_out_of_range"]


def test_a_static_report_keeps_what_it_says() -> None:
    rows = ungp_rows([{"message_type": 5, "latitude": None, "longitude": None, "draught": "deep"}])
    assert rows.positions.num_rows == 0
    assert rows.statics.to_pylist() == [
        {
            "mmsi": 247123456,
            "message_type": 5,
            "part": None,
            "observed_at_utc": utc("2023-06-10 10:01:47"),
            "imo_number": 8959245,
            "vessel_name": "SAN MARCO",
            "call_sign": "UWHW",
            "ais_ship_type": 60,
            "length_m": 56.0,
            "width_m": 11.0,
            "draught_m": None,
            "destination": "PELLESTRINA",
            "eta_utc": utc("2023-06-14 11:00:00"),
            "mothership_mmsi": None,
            "value_flags": "draught_unreadable",
        }
    ]
    assert apply_row_rules(rows.statics, BRONZE_STATICS, None, SHIP_RULES).accepted.num_rows == 1


def test_the_set_aside_text_outranks_the_message_type(tmp_path: Path) -> None:
    how = mapping(
        tmp_path,
        {"message_type": {"from": "type"}},
        set_aside={"from": "kind", "values": {"buoy": "type_21"}},
    )
    raw = {name: [value] * 3 for name, value in GOOD_ROW.items()}
    rows = to_rows(pa.table(raw | {"type": [1, 5, 8], "kind": ["Buoy ", "buoy", "ship"]}), how, SHIP_RULES)
    assert (rows.positions.num_rows, rows.statics.num_rows) == (0, 0)
    assert rows.set_aside == Counter(type_21=2, type_8=1)


# --- headers


def test_blanks_around_names_do_not_count_and_case_does(tmp_path: Path) -> None:
    how = mapping(tmp_path)
    assert how.recognises([" mmsi", "time ", "lat"])
    assert not how.recognises(["MMSI", "time"])
    assert feed_columns(how, [" mmsi", "time ", "lat", "lon"], "x.csv")["observed_at_utc"] == "time "
    (row,) = read({name + " ": [value] for name, value in GOOD_ROW.items()}, how)
    assert row["mmsi"] == MMSI


def test_an_optional_column_may_be_absent(tmp_path: Path) -> None:
    row = read_row(tmp_path, {"sog_knots": {"from": ["speed", "sog"]}}, {})
    assert (row["sog_knots"], row["value_flags"]) == (None, None)


def test_a_needed_column_that_is_absent_is_named(tmp_path: Path) -> None:
    how = mapping(tmp_path, {"latitude": {"from": ["lat", "latitude"]}})
    with pytest.raises(BadInputError, match=r"^x\.csv: has no column lat or latitude, "):
        feed_columns(how, ["mmsi", "time", "lon"], "x.csv")


def test_a_column_that_is_there_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="more than one column lat"):
        feed_columns(mapping(tmp_path), ["mmsi", "time", "lon", "lat", " lat"], "x.csv")


def test_the_column_of_what_is_set_aside_has_to_be_there(tmp_path: Path) -> None:
    how = mapping(tmp_path, set_aside={"from": "kind", "values": {"buoy": "type_21"}})
    assert set_aside_column(how, ["kind"], "x.csv") == "kind"
    assert set_aside_column(mapping(tmp_path), ["kind"], "x.csv") is None
    with pytest.raises(BadInputError, match="has no column kind"):
        set_aside_column(how, list(GOOD_ROW), "x.csv")
