"""Files with a JSON object a line: AIS-catcher with sentences or decoded fields, aisstream.io, an office's mapping."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.errors import BadInputError
from ais_indicators.sources import FILE_LINE, SourceBlock, inspect, plan, read_chunk
from ais_indicators.sources.blocks import together
from ais_indicators.sources.json_lines import looks_like_json
from ais_indicators.sources.mapping import load_mapping
from tests.subject_rules import SHIP_RULES

POSITION = "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C"
"""A ship 477553000 at 47.58 N 122.35 W, as in the documentation of gpsd."""
STATIC = (
    "!AIVDM,2,1,3,B,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0*3E",
    "!AIVDM,2,2,3,B,1@0000000000000,2*55",
)
"""A ship 369190000 MT.MITCHELL, 90 m before and behind the antenna, in two sentences; as in gpsd's documentation."""
AT = datetime(2024, 10, 18, 18, 25, 11, tzinfo=UTC)


def catcher(**fields: Any) -> dict[str, Any]:
    return {"class": "AIS", "device": "AIS-catcher", "rxtime": "20241018182511", "channel": "B", **fields}


def stream(
    kind: str, message: Mapping[str, Any], time: str = "2022-12-29 18:22:32.318353 +0000 UTC"
) -> dict[str, Any]:
    meta = {
        "MMSI": 259000420,
        "ShipName": "AUGUSTSON",
        "latitude": 66.02,
        "longitude": 12.25,
        "time_utc": time,
    }
    return {
        "MessageType": kind,
        "MetaData": meta,
        "Message": {kind: {"UserID": 259000420, "Valid": True, **message}},
    }


POSITION_REPORT = {
    "MessageID": 1, "Latitude": 66.02695, "Longitude": 12.25382, "Sog": 8.1, "Cog": 308.2, "TrueHeading": 235,
    "NavigationalStatus": 0, "RateOfTurn": 4, "Timestamp": 31,
}  # fmt: skip
STATIC_DATA = {
    "MessageID": 5, "ImoNumber": 9270983, "CallSign": "LEDN", "Name": "AUGUSTSON           ", "Type": 70,
    "Dimension": {"A": 60, "B": 15, "C": 6, "D": 5}, "MaximumStaticDraught": 5.5, "Destination": "BODO",
    "Eta": {"Month": 1, "Day": 2, "Hour": 6, "Minute": 30},
}  # fmt: skip


def read(
    path: Path, records: Sequence[Any], chunk_bytes: int = 2**20, mapping: Path | None = None
) -> SourceBlock:
    """Writes records, or raw lines, a line each, and reads them back."""
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("".join(line + "\n" for line in lines))
    source = inspect(path, [load_mapping(mapping)] if mapping else (), rules=SHIP_RULES)
    chunks = plan(source, path.parent / "scratch", chunk_bytes, rules=SHIP_RULES)
    return together([block for chunk in chunks for block in read_chunk(chunk, SHIP_RULES)])


def rows_of(block: SourceBlock, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(block.rows[name].to_pylist() for name in names), strict=True))


def test_sentences_in_an_object_are_read_with_its_time(tmp_path: Path) -> None:
    block = read(
        tmp_path / "log.json", [catcher(nmea=[POSITION], mmsi=1, type=1), catcher(nmea=list(STATIC))]
    )
    assert rows_of(block, "mmsi", "observed_at_utc", FILE_LINE) == [(477553000, AT, 1)]
    assert block.rows["latitude"].to_pylist() == pytest.approx([47.582833])
    (static,) = block.statics.to_pylist()
    assert (static["mmsi"], static["vessel_name"], static["length_m"]) == (369190000, "MT.MITCHELL", 180)
    assert (static["observed_at_utc"], static[FILE_LINE]) == (AT, 2)


@pytest.mark.parametrize("name", ["station_id", "station", "stationid"])
def test_the_station_has_any_of_its_names(tmp_path: Path, name: str) -> None:
    block = read(tmp_path / "roof.json", [catcher(nmea=[POSITION], **{name: "roof"})])
    assert rows_of(block, "station") == [("roof",)]


@pytest.mark.parametrize(
    ("start", "is_json"),
    [
        (b'{"a": 1}', True), (b' [{"a": 1}]', True), (b"\xef\xbb\xbf[\n  {", True), (b"[[1]]", True), (b"[]", True),
        (b'["a"]', True), (b"[", True), (b"[2025-07-24 22:26:40] !AIVDM", False), (b"[12] !AIVDM", False), (b"", False),
    ],
)  # fmt: skip
def test_a_time_in_brackets_is_no_json(start: bytes, is_json: bool) -> None:
    assert looks_like_json(start) is is_json


def test_sentences_after_a_time_in_brackets_are_read(tmp_path: Path) -> None:
    block = read(tmp_path / "station.nmea", [f"[2024-10-18 18:25:11] {POSITION}"])
    assert rows_of(block, "observed_at_utc") == [(AT,)]


def test_a_single_sentence_may_stand_without_a_list(tmp_path: Path) -> None:
    assert rows_of(read(tmp_path / "log.json", [catcher(nmea=POSITION)]), "mmsi") == [(477553000,)]


def test_decoded_fields_are_read_where_there_are_no_sentences(tmp_path: Path) -> None:
    position = catcher(
        type=1, mmsi=477553000, status=5, speed=12.3, lon=-122.345833, lat=47.582833, course=51.0, heading=181
    )
    static = catcher(
        type=5, mmsi=369190000, imo=9270983, callsign="WDA9674", shipname="MT.MITCHELL", shiptype=99, to_bow=60,
        to_stern=30, to_port=5, to_starboard=6, eta="01-02T08:00Z", draught=6.0, destination="SEATTLE",
    )  # fmt: skip
    block = read(tmp_path / "log.json", [position, static, catcher(type=4, mmsi=3669708)])
    assert rows_of(block, "mmsi", "sog_knots", "longitude", "heading_degrees", "transceiver_class") == [
        (477553000, 12.3, -122.345833, 181.0, "A")
    ]
    (row,) = block.statics.to_pylist()
    assert (row["imo_number"], row["length_m"], row["width_m"], row["draught_m"]) == (
        9270983,
        90.0,
        11.0,
        6.0,
    )
    assert row["eta_utc"] == datetime(2025, 1, 2, 8, 0, tzinfo=UTC)
    assert block.set_aside == {"type_4": 1}


def test_messages_that_are_posted_together_are_read_one_by_one(tmp_path: Path) -> None:
    post = {"protocol": "jsonaiscatcher", "msgs": [catcher(nmea=[POSITION]), catcher(nmea=list(STATIC))]}
    first = catcher(nmea=[POSITION])
    block = read(tmp_path / "log.json", [first, post])
    assert block.rows[FILE_LINE].to_pylist() == [1, 2]
    assert block.statics[FILE_LINE].to_pylist() == [2]


def test_messages_of_aisstream_are_read(tmp_path: Path) -> None:
    records = [
        stream("PositionReport", POSITION_REPORT),
        stream("ShipStaticData", STATIC_DATA),
        stream(
            "StandardClassBPositionReport", POSITION_REPORT | {"MessageID": 18, "NavigationalStatus": None}
        ),
        stream("BaseStationReport", {"MessageID": 4}),
    ]
    block = read(tmp_path / "stream.json", records)
    at = datetime(2022, 12, 29, 18, 22, 32, 318353, tzinfo=UTC)
    assert rows_of(
        block, "mmsi", "message_type", "latitude", "sog_knots", "transceiver_class", FILE_LINE
    ) == [
        (259000420, 1, 66.02695, 8.1, "A", 1),
        (259000420, 18, 66.02695, 8.1, "B", 3),
    ]
    assert block.rows["observed_at_utc"].to_pylist() == [at, at]
    (row,) = block.statics.to_pylist()
    assert (row["imo_number"], row["vessel_name"], row["length_m"], row["width_m"]) == (
        9270983,
        "AUGUSTSON",
        75,
        11,
    )
    assert (row["draught_m"], row["eta_utc"]) == (5.5, datetime(2023, 1, 2, 6, 30, tzinfo=UTC))
    assert block.set_aside == {"type_4": 1}
    assert block.unreadable.num_rows == 0


def test_both_parts_of_static_data_of_class_b_are_read(tmp_path: Path) -> None:
    report = {
        "MessageID": 24,
        "ReportA": {"Name": "SEA OTTER", "Valid": True},
        "ReportB": {
            "CallSign": "LF1",
            "ShipType": 37,
            "Dimension": {"A": 8, "B": 4, "C": 2, "D": 2},
            "Valid": True,
        },
    }
    (row,) = read(tmp_path / "stream.json", [stream("StaticDataReport", report)]).statics.to_pylist()
    assert (row["vessel_name"], row["call_sign"], row["ais_ship_type"], row["length_m"]) == (
        "SEA OTTER",
        "LF1",
        37,
        12,
    )


@pytest.mark.parametrize("decimals", [0, 1, 3, 6, 9])
def test_times_of_aisstream_have_up_to_nine_decimals(tmp_path: Path, decimals: int) -> None:
    fraction = "318353271"[:decimals]
    time = f"2022-12-29 18:22:32{'.' if fraction else ''}{fraction} +0000 UTC"
    (at,) = (
        read(tmp_path / "s.json", [stream("PositionReport", POSITION_REPORT, time)])
        .rows["observed_at_utc"]
        .to_pylist()
    )
    assert at == datetime(2022, 12, 29, 18, 22, 32, int(fraction[:6].ljust(6, "0") or 0), tzinfo=UTC)


@pytest.mark.parametrize("line", ["{", "12", '"text"', "[1]", "not JSON", '{"a": 1', "\x00\x01"])
def test_a_line_without_an_object_is_in_quarantine(tmp_path: Path, line: str) -> None:
    block = read(tmp_path / "log.json", [catcher(nmea=[POSITION]), line, "", catcher(nmea=[POSITION])])
    assert block.rows[FILE_LINE].to_pylist() == [1, 4]
    (lost,) = block.unreadable.to_pylist()
    assert (lost["reject_reasons"], lost[FILE_LINE]) == ("unreadable_row", 2)


def test_a_damaged_sentence_is_in_quarantine_as_its_line_stands(tmp_path: Path) -> None:
    damaged = catcher(nmea=[POSITION.replace("5C", "00")])
    block = read(tmp_path / "log.json", [catcher(nmea=[POSITION]), damaged])
    (lost,) = block.unreadable.to_pylist()
    assert (lost["raw_row"], lost[FILE_LINE]) == (json.dumps(damaged), 2)


def test_an_mmsi_in_powers_of_ten_has_lost_its_digits(tmp_path: Path) -> None:
    block = read(
        tmp_path / "log.json",
        [catcher(type=1, mmsi=1, lat=1, lon=2), '{"rxtime": "20241018182511", "mmsi": 3.67e8}'],
    )
    assert block.unreadable["reject_reasons"].to_pylist() == ["mmsi_lost_digits"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('[{"rxtime": "20241018182511"}]', "is one JSON document over all its lines"),
        ('{\n"rxtime": "20241018182511"\n}', "is one JSON document over all its lines"),
        ('{"ship": 1, "place": {"x": 2}}', r"unknown JSON layout \(known are ais_catcher, aisstream\).*place, place.x"),
        ('{"rxtime": "' + "1" * 20000, "its first line is longer than any message"),
    ],
)  # fmt: skip
def test_json_that_cannot_be_read_is_refused_in_one_sentence(
    tmp_path: Path, content: str, sentence: str
) -> None:
    path = tmp_path / "log.json"
    path.write_text(content)
    with pytest.raises(BadInputError, match=sentence):
        inspect(path, rules=SHIP_RULES)


def test_an_office_maps_its_own_json(tmp_path: Path) -> None:
    mapping = tmp_path / "own.yaml"
    mapping.write_text(
        "layout: own\ntitle: own\nformat: json\nrecognised_by: [vessel.id]\nlicence: ours\nattribution: ''\n"
        "columns:\n  mmsi: {from: vessel.id}\n  observed_at_utc: {from: [at, sent.at], time_format: epoch_ms}\n"
        "  latitude: {from: position.y}\n  longitude: {from: position.x}\n"
    )
    records = [
        {"vessel": {"id": 259000420}, "at": 1729275911000, "position": {"x": 12.5, "y": 66.25}},
        {"vessel": {"id": "259000420"}, "sent": {"at": 1729275911000}, "position": {"x": 12.5, "y": 66.25}},
    ]
    block = read(tmp_path / "own.json", records, mapping=mapping)
    assert (
        rows_of(block, "mmsi", "observed_at_utc", "latitude", "longitude")
        == [(259000420, AT, 66.25, 12.5)] * 2
    )


RECORDS = st.sampled_from(
    [
        json.dumps(catcher(nmea=[POSITION])),
        json.dumps(catcher(nmea=list(STATIC))),
        json.dumps(catcher(type=1, mmsi=477553000, lat=1.0, lon=2.0)),
        json.dumps(catcher(type=4)),
        "damaged {",
        "",
    ]
)


@given(lines=st.lists(RECORDS, min_size=1, max_size=12), chunk_bytes=st.integers(60, 2000))
def test_rows_do_not_depend_on_where_a_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], chunk_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    given_lines = [json.dumps(catcher(type=4)), *lines]
    whole, parts = (
        read(folder / name, given_lines, size) for name, size in (("a", 2**20), ("b", chunk_bytes))
    )
    assert whole.rows.sort_by(FILE_LINE) == parts.rows.sort_by(FILE_LINE)
    assert whole.statics.sort_by(FILE_LINE) == parts.statics.sort_by(FILE_LINE)
    assert whole.unreadable.sort_by(FILE_LINE) == parts.unreadable.sort_by(FILE_LINE)
    assert whole.set_aside == parts.set_aside
    read_rows = whole.rows.num_rows + whole.statics.num_rows + whole.unreadable.num_rows
    assert read_rows + sum(whole.set_aside.values()) == len([line for line in given_lines if line])
