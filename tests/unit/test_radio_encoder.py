"""The compiled encoder against pyais, message for message."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyais
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais_simulator.radio.formats import nmea
from ais_simulator.radio.formats.digits import put_decimal, put_number, rounded
from ais_simulator.radio.records import (
    AID_TO_NAVIGATION,
    BASE_STATION,
    CLASS_B,
    CLASS_B_STATIC,
    POSITION,
    STATIC,
    VOYAGE,
    Cuts,
    DayMessages,
    Sets,
)
from tests.examples import examples
from tests.radio_sea import DAY, START, sea

NO_CUTS = Cuts(np.zeros(0, np.int64), np.zeros(0))
SIX_BIT = st.text(st.characters(min_codepoint=32, max_codepoint=95, exclude_characters="@"), max_size=20)
"""Without the sign that pads."""
MMSI = st.integers(0, 999_999_999)


def sentences(messages: DayMessages) -> list[str]:
    """The sentences without their tag blocks, whose sums are seen to be right."""
    text = b"".join(bytes(block) for block in nmea.blocks(messages)).decode("ascii")
    found = []
    for line in text.splitlines():
        _, tag, sentence = line.split("\\", 2)
        for part in (tag, sentence.removeprefix("!")):
            body, expected = part.split("*")
            assert int(expected, 16) == np.bitwise_xor.reduce(list(body.encode()))
        found.append(sentence)
    return found


def of_position(**values: Any) -> dict[str, Any]:
    row = np.zeros(1, POSITION)
    for name, value in values.items():
        row[name] = value
    (sentence,) = sentences(day(positions=row))
    return dict(pyais.decode(sentence).asdict(enum_as_int=True))


def of_static(message_type: int, part: int, sets: Sets) -> dict[str, Any]:
    row = np.zeros(1, STATIC)
    row["message_type"], row["part"] = message_type, part
    return dict(pyais.decode(*sentences(day(statics=row, sets=sets))).asdict(enum_as_int=True))


def day(positions: Any = None, statics: Any = None, sets: Sets | None = None) -> DayMessages:
    return DayMessages(
        day=DAY,
        positions=np.zeros(0, POSITION) if positions is None else positions,
        statics=np.zeros(0, STATIC) if statics is None else statics,
        sets=one_set() if sets is None else sets,
        stations=sea([], stations=[(0.0, 0.0, 1.0)]).stations,
        position_cuts=NO_CUTS,
        static_cuts=NO_CUTS,
        fault_counts={},
    )


def one_set(is_class_b: bool = False, **values: Any) -> Sets:
    texts = {"vessel_name", "call_sign", "destination"}
    columns = {
        name: np.array([values.get(name, "" if name in texts else 0)], object if name in texts else np.int64)
        for name in Sets.__annotations__
    }
    return Sets(**{**columns, "is_class_b": np.array([is_class_b])})


@settings(max_examples=examples(150), deadline=None)
@given(
    message_type=st.sampled_from([1, 3, 18]),
    mmsi=MMSI,
    latitude_steps=st.integers(-91 * 600_000, 91 * 600_000),
    longitude_steps=st.integers(-181 * 600_000, 181 * 600_000),
    sog_tenths=st.integers(0, 1023),
    cog_tenths=st.integers(0, 4095),
    heading_degrees=st.integers(0, 511),
    navigational_status=st.integers(0, 15),
    rot=st.integers(-128, 127),
    stamped_s=st.integers(-21_630, 86_400 + 21_630),
)
def test_positions(**values: Any) -> None:
    message = of_position(**values)
    assert message["msg_type"] == values["message_type"]
    assert message["mmsi"] == values["mmsi"]
    assert message["lat"] == round(values["latitude_steps"] / 600_000, 6)
    assert message["lon"] == round(values["longitude_steps"] / 600_000, 6)
    assert message["speed"] == values["sog_tenths"] / 10
    assert message["course"] == values["cog_tenths"] / 10
    assert message["heading"] == values["heading_degrees"]
    assert message["second"] == values["stamped_s"] % 60
    assert message["accuracy"]
    if values["message_type"] != CLASS_B:
        assert message["status"] == values["navigational_status"]
        raw = values["rot"]
        if abs(raw) < 127:  # pyais gives whole degrees a minute
            assert abs(message["turn"]) == pytest.approx((raw / 4.733) ** 2, abs=0.51)
            assert message["turn"] * raw >= 0


@settings(max_examples=examples(50), deadline=None)
@given(
    mmsi=MMSI,
    latitude_steps=st.integers(-90 * 600_000, 90 * 600_000),
    longitude_steps=st.integers(-180 * 600_000, 180 * 600_000),
    stamped_s=st.integers(-100, 86_500),
)
def test_base_stations_and_aids(**values: Any) -> None:
    station = of_position(message_type=BASE_STATION, **values)
    at = datetime.fromtimestamp(START + values["stamped_s"], UTC)
    expected = tuple(station[name] for name in ("year", "month", "day", "hour", "minute", "second"))
    assert expected == (at.year, at.month, at.day, at.hour, at.minute, at.second)
    aid = of_position(message_type=AID_TO_NAVIGATION, **values)
    for message in (station, aid):
        assert message["mmsi"] == values["mmsi"]
        assert message["lat"] == round(values["latitude_steps"] / 600_000, 6)
        assert message["lon"] == round(values["longitude_steps"] / 600_000, 6)
    assert aid["second"] == at.second


@settings(max_examples=examples(100), deadline=None)
@given(
    mmsi=MMSI,
    imo_number=st.integers(0, 9_999_999),
    vessel_name=SIX_BIT,
    call_sign=SIX_BIT.map(lambda text: text[:7]),
    destination=SIX_BIT,
    draught_tenths=st.integers(0, 255),
    eta_s=st.integers(START // 60 - 300_000, START // 60 + 300_000).map(lambda minute: minute * 60),
    ais_ship_type=st.integers(0, 99),
    to_bow_m=st.integers(0, 511),
    to_stern_m=st.integers(0, 511),
    to_port_m=st.integers(0, 63),
    to_starboard_m=st.integers(0, 63),
)
def test_static_messages(**values: Any) -> None:
    voyage = of_static(VOYAGE, 0, one_set(**values))
    part_a, part_b = (of_static(CLASS_B_STATIC, part, one_set(True, **values)) for part in (0, 1))
    numbers = {"to_bow": "to_bow_m", "to_stern": "to_stern_m", "to_port": "to_port_m"}
    numbers |= {"to_starboard": "to_starboard_m", "mmsi": "mmsi"}
    for theirs, ours in (numbers | {"imo": "imo_number"}).items():
        assert voyage[theirs] == values[ours]
    if values["mmsi"] // 10_000_000 != 98:
        assert {name: part_b[name] for name in numbers} == {t: values[o] for t, o in numbers.items()}
    assert voyage["draught"] == values["draught_tenths"] / 10
    for message, theirs, ours in (
        (voyage, "shipname", "vessel_name"),
        (voyage, "callsign", "call_sign"),
        (voyage, "destination", "destination"),
        (part_a, "shipname", "vessel_name"),
        (part_b, "callsign", "call_sign"),
    ):
        assert message[theirs].strip() == values[ours].strip()
    at = datetime.fromtimestamp(values["eta_s"], UTC)
    assert (voyage["month"], voyage["day"], voyage["hour"], voyage["minute"]) == (
        at.month,
        at.day,
        at.hour,
        at.minute,
    )


def test_no_arrival_is_not_available() -> None:
    voyage = of_static(VOYAGE, 0, one_set())
    assert (voyage["month"], voyage["day"], voyage["hour"], voyage["minute"]) == (0, 0, 24, 60)


def test_sequence_numbers_go_round() -> None:
    rows = np.zeros(12, STATIC)
    rows["message_type"] = VOYAGE
    first = [line for line in sentences(day(statics=rows)) if line.startswith("!AIVDM,2,1,")]
    assert [line.split(",")[3] for line in first] == [str(n % 10) for n in range(12)]


@given(st.integers(-(10**15), 10**15), st.integers(1, 6))
def test_numbers_as_text(number: int, decimals: int) -> None:
    out = np.zeros(64, np.uint8)
    assert out[: put_number(out, 0, number)].tobytes().decode() == str(number)
    text = out[: put_decimal(out, 0, number, decimals)].tobytes().decode()
    whole, part = text.lstrip("-").split(".")
    assert int(whole + part) == abs(number)
    assert len(part) == decimals
    assert text.startswith("-") == (number < 0)


def test_halves_are_rounded_away_from_zero() -> None:
    assert [rounded(number, 6) for number in (2, 3, 9, -2, -3, -9)] == [0, 1, 2, 0, -1, -2]
