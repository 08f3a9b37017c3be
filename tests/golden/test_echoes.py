"""One message with two times is rejected once; what only looks like one is not."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pytest

from ais_indicators.fold.echo_state import memory_from_bytes, memory_to_bytes
from ais_indicators.fold.echoes import (
    EchoMemory,
    Heard,
    Limits,
    find_echoes,
)
from ais_indicators.rules import Rules

LIMITS = Limits.from_rules(Rules.for_subject("ships"))
MINUTE, HOUR, DAY = 60, 3600, 86_400
NAN = float("nan")


class Message(NamedTuple):
    second: int
    latitude: float
    sog_knots: float = 12.0
    cog_degrees: float = 0.5
    heading_degrees: float = 1.0
    mmsi: int = 366000001
    is_off: bool = False


def sailing(first: int = 0, minutes: int = 180, mmsi: int = 366000001, start: float = 50.0) -> list[Message]:
    """A vessel that sails north at 12 knots and sends each minute."""
    return [Message(first + n * MINUTE, round(start + n * 0.2 / 60, 6), mmsi=mmsi) for n in range(minutes)]


def again(messages: Iterable[Message], seconds: int, is_off: bool = False) -> list[Message]:
    """The same messages as a station hears them whose clock is so much ahead."""
    return [m._replace(second=m.second + seconds, is_off=is_off) for m in messages]


def arrays(messages: Iterable[Message]) -> Heard:
    rows = sorted(messages, key=lambda m: (m.mmsi, m.second, m[1:5], m.is_off))
    columns = {name: np.array([getattr(m, name) for m in rows]) for name in Message._fields}
    return Heard(
        columns["mmsi"].astype(np.int64),
        columns["second"].astype(np.int64),
        columns["latitude"].astype(float),
        np.full(len(rows), 4.0),
        columns["sog_knots"].astype(float),
        columns["cog_degrees"].astype(float),
        columns["heading_degrees"].astype(float),
        columns["is_off"].astype(bool),
    )


def rejected(messages: Iterable[Message], reads_ahead: bool = False) -> list[tuple[int, int]]:
    """Second and offset of each echo, found day by day as in production, the memory packed in between."""
    days: dict[int, list[Message]] = {}
    for message in messages:
        days.setdefault(message.second // DAY, []).append(message)
    memory, found = EchoMemory.empty(), list[tuple[int, int]]()
    for day in sorted(days):
        heard = arrays(days[day])
        following = arrays(days[day + 1]) if reads_ahead and day + 1 in days else None
        echoes = find_echoes(heard, memory_from_bytes(memory_to_bytes(memory)), LIMITS, following)
        memory = echoes.memory
        found += zip(heard.second[echoes.places].tolist(), echoes.offset_seconds.tolist(), strict=True)
    return found


@pytest.mark.parametrize("seconds", [5 * MINUTE, 12 * MINUTE, 2 * HOUR])
@pytest.mark.parametrize("first", [HOUR, DAY - HOUR])
def test_second_station_with_a_wrong_clock_is_rejected(seconds: int, first: int) -> None:
    true = sailing(first)
    found = rejected([*true, *again(true, seconds)])
    assert sorted(second for second, _ in found) == [m.second + seconds for m in true]
    assert {offset for _, offset in found} == {-seconds}


@pytest.mark.parametrize(("seconds", "count"), [(59, 0), (60, 1), (48 * HOUR, 1), (48 * HOUR + 1, 0)])
def test_time_apart_has_two_bounds(seconds: int, count: int) -> None:
    one = Message(HOUR, 50.0)
    assert len(rejected([one, *again([one], seconds)])) == count


@pytest.mark.parametrize(
    "changed",
    [
        {"latitude": 50.000001},
        {"sog_knots": 12.1},
        {"cog_degrees": 0.6},
        {"heading_degrees": 2.0},
        {"mmsi": 366000002},
    ],
    ids=str,
)
def test_another_digit_is_another_message(changed: dict[str, Any]) -> None:
    one = Message(HOUR, 50.0)
    assert rejected([one, one._replace(second=2 * HOUR, **changed)]) == []


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"sog_knots": 2.0}, 1),
        ({"sog_knots": 1.9}, 0),
        ({"sog_knots": 0.0}, 0),
        ({"sog_knots": NAN}, 0),
        ({"cog_degrees": NAN}, 0),
        ({"heading_degrees": NAN}, 0),
        ({"cog_degrees": NAN, "heading_degrees": NAN}, 0),
    ],
    ids=str,
)
def test_only_a_moving_vessel_with_course_and_heading_has_echoes(values: dict[str, Any], count: int) -> None:
    one = Message(HOUR, 50.0)._replace(**values)
    assert len(rejected([one, *again([one], 10 * MINUTE)])) == count


def test_moored_vessel_has_none() -> None:
    moored = [Message(n * 3 * MINUTE, 50.0, sog_knots=0.0) for n in range(1000)]
    assert rejected(moored) == []


def test_ferry_that_passes_a_point_each_hour_has_none() -> None:
    ferry = [
        message._replace(heading_degrees=float(trip), second=message.second + trip * HOUR)
        for trip in range(8)
        for message in sailing(0, minutes=50)
    ]
    assert rejected(ferry) == []


def test_two_vessels_on_one_number_have_none() -> None:
    assert rejected([*sailing(0), *again(sailing(0, start=10.0), 30)]) == []


def test_message_that_three_stations_heard_stays_once() -> None:
    true = sailing()
    found = rejected([*true, *again(true, 5 * MINUTE), *again(true, 12 * MINUTE)])
    assert len(found) == 2 * len(true)
    assert {offset for _, offset in found} == {-5 * MINUTE, -12 * MINUTE}


@pytest.mark.parametrize("seconds", [5 * MINUTE, 2 * HOUR])
def test_earlier_one_is_wrong_where_its_clock_is_known_to_be_behind(seconds: int) -> None:
    true = sailing(4 * HOUR)
    wrong = again(true, -seconds, is_off=True)
    found = rejected([*true, *wrong])
    assert found == [(m.second, seconds) for m in wrong]


def test_clock_that_is_behind_is_known_across_midnight() -> None:
    true = sailing(DAY - HOUR)
    wrong = again(true, -2 * HOUR, is_off=True)
    found = rejected([*true, *wrong], reads_ahead=True)
    assert found == [(m.second, 2 * HOUR) for m in wrong]


def test_without_a_known_clock_the_one_that_continues_the_track_stays() -> None:
    true = sailing(4 * HOUR)
    wrong = again(true[::3], -5 * MINUTE)
    assert rejected([*true, *wrong]) == [(m.second, 5 * MINUTE) for m in wrong]
    late = again(true[::3], 5 * MINUTE)
    assert rejected([*true, *late]) == [(m.second, -5 * MINUTE) for m in late]


def test_slow_messages_follow_once_the_vessel_has_moved() -> None:
    """At berth for two hours, then away: the wrong station shows the vessel at berth after it has left."""
    arriving = sailing(0, minutes=60)
    moored = [Message(HOUR + n * MINUTE, 50.3, sog_knots=0.0) for n in range(120)]
    leaving = sailing(3 * HOUR, minutes=120, start=50.4)
    true = [*arriving, *moored, *leaving]
    late = HOUR + 30
    found = {second for second, _ in rejected([*true, *again(true, late)])}
    assert not found & {m.second for m in true}
    assert found == {m.second + late for m in true if m.sog_knots > 0 or m.second + late > leaving[0].second}


def test_order_of_the_input_and_of_stations_does_not_matter() -> None:
    true = sailing(DAY - HOUR)
    both = [*true, *again(true, 12 * MINUTE)]
    shuffled = [both[n] for n in np.random.default_rng(7).permutation(len(both))]
    assert rejected(shuffled) == rejected(both)


def test_memory_forgets_after_the_longest_time() -> None:
    memory = EchoMemory.empty()
    for day in range(5):
        memory = find_echoes(arrays(sailing(day * DAY, start=50.0 + day)), memory, LIMITS).memory
    assert memory.messages["second"].min() >= 4 * DAY + 179 * MINUTE - 48 * HOUR
    assert memory.messages["second"].max() == 4 * DAY + 179 * MINUTE
