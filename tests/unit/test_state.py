"""The carried state as bytes: the same state gives the same bytes, and port numbers follow the port file."""

import numpy as np
import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.fold.day import fold_day
from ais_indicators.fold.records import NOWHERE, STRAIT, TRACK, VISIT, WAIT, Carried, Thresholds
from ais_indicators.fold.state import from_bytes, to_bytes
from ais_indicators.geo.strait_ways import StraitWays
from ais_indicators.rules import Rules
from tests.fold_harness import arrays, port_index
from tests.second_reading import Area, Fix

FIRST = ("XXAAA", "XXBBB", "XXCCC")


def carried(anchorage_port: int = 0, visit_port: int = 1, wait_port: int = 2) -> Carried:
    """Builds a state of one track, in a visit to one port, that waited for others."""
    tracks, visits, waits = np.zeros(1, TRACK), np.zeros(1, VISIT), np.zeros(1, WAIT)
    tracks["track_id"], tracks["mmsi"], tracks["latitude"] = 7, 366053209, 50.123456789012345
    tracks["visits"], tracks["waits"], tracks["anchorage_port"] = 1, 1, anchorage_port
    visits["track_id"], visits["mmsi"], visits["port"], visits["first_second"] = (
        7,
        366053209,
        visit_port,
        1_600_000_000,
    )
    waits["port"], waits["seconds"], waits["last_end"] = wait_port, 1800, 1_600_000_000
    return Carried(tracks, visits, waits, np.zeros(0, STRAIT))


def ports_of(state: Carried, port_locodes: tuple[str, ...]) -> list[str]:
    """Names of the ports of the track's anchorage, visit and wait."""
    numbers = (state.tracks["anchorage_port"], state.visits["port"], state.waits["port"])
    return [
        "" if number == NOWHERE else port_locodes[number] for array in numbers for number in array.tolist()
    ]


def test_a_state_comes_back_as_it_was() -> None:
    state, names, _ = from_bytes(to_bytes(carried(), FIRST), FIRST)
    assert names == FIRST
    for found, wanted in zip(state, carried(), strict=True):
        assert found.dtype == wanted.dtype
        assert found.tobytes() == wanted.tobytes()


def test_the_same_state_gives_the_same_bytes() -> None:
    packed = to_bytes(carried(), FIRST)
    assert to_bytes(carried(), FIRST) == packed
    assert to_bytes(*from_bytes(packed, FIRST)) == packed


def test_the_bytes_do_not_depend_on_ports_that_the_state_does_not_name() -> None:
    assert to_bytes(carried(), (*FIRST, "XXZZZ")) == to_bytes(carried(), FIRST)


def test_a_state_that_carries_other_things_is_refused() -> None:
    names = ("port", "rival_port", "chain_rival_port")
    older = carried()._replace(visits=np.zeros(1, [(name, np.int64) for name in names]))
    with pytest.raises(BadInputError, match="backfill from the first week"):
        from_bytes(to_bytes(older, FIRST), FIRST)


def test_another_state_gives_other_bytes() -> None:
    assert to_bytes(carried(visit_port=2), FIRST) != to_bytes(carried(), FIRST)


def test_an_empty_state_comes_back() -> None:
    state, names, _ = from_bytes(to_bytes(Carried.empty(), FIRST), FIRST)
    assert [array.size for array in state] == [0, 0, 0, 0]
    assert names == FIRST


@pytest.mark.parametrize(
    ("second", "names"),
    [
        (("XXCCC", "XXAAA", "XXBBB"), ("XXCCC", "XXAAA", "XXBBB")),
        (("XXAAA", "XXAAB", "XXBBB", "XXCCC"), ("XXAAA", "XXAAB", "XXBBB", "XXCCC")),
        (("XXAAA", "XXCCC"), ("XXAAA", "XXCCC", "XXBBB")),
        (("XXNEW",), ("XXNEW", "XXAAA", "XXBBB", "XXCCC")),
    ],
    ids=["another order", "one more", "one less", "all others"],
)
def test_ports_keep_their_names_in_another_version(second: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Numbers are assigned again; a port that the version does not know stays, after those that it knows."""
    state, found, _ = from_bytes(to_bytes(carried(), FIRST), second)
    assert found == names
    assert ports_of(state, found) == ["XXAAA", "XXBBB", "XXCCC"]


def test_nowhere_stays_nowhere_in_another_version() -> None:
    state, names, _ = from_bytes(to_bytes(carried(anchorage_port=NOWHERE), FIRST), ("XXNEW",))
    assert ports_of(state, names) == ["", "XXBBB", "XXCCC"]


def test_there_and_back_again_is_the_same_state() -> None:
    """A version without the ports, then the first one again."""
    packed = to_bytes(carried(), FIRST)
    other = to_bytes(*from_bytes(packed, ("XXNEW",)))
    state, names, _ = from_bytes(other, FIRST)
    assert names == FIRST
    assert to_bytes(state, names) == packed


def test_a_folded_state_comes_back_as_it_was() -> None:
    """The arrays that the kernel leaves, padding included, make the same bytes each time."""
    index = port_index([Area("XXAAA", "port", (((0.9, 49.9), (1.1, 49.9), (1.1, 50.1), (0.9, 50.1)),))])
    fixes = [Fix(366053209, 1_600_000_000 + 600 * n, 50.0, 1.0, 0.0) for n in range(5)]
    packed = [
        to_bytes(
            fold_day(
                arrays(fixes, index),
                Carried.empty(),
                index.outlines,
                StraitWays.empty(),
                Thresholds.from_rules(Rules.for_subject("ships")),
            ).carried,
            index.port_locodes,
        )
        for _ in range(2)
    ]
    assert packed[0] == packed[1]
    state, _, _ = from_bytes(packed[0], index.port_locodes)
    assert (state.tracks["fixes"].tolist(), state.visits["port"].tolist()) == ([5], [0])


def test_gates_keep_their_names_in_another_version() -> None:
    straits = np.zeros(2, STRAIT)
    straits["gate"] = [1, 0]
    state = carried()._replace(straits=straits)
    packed = to_bytes(state, FIRST, ("dover", "suez"))
    found, _, codes = from_bytes(packed, FIRST, ("suez", "panama"))
    assert codes == ("suez", "panama", "dover")
    assert [codes[number] for number in found.straits["gate"].tolist()] == ["suez", "dover"]
    assert to_bytes(found, FIRST, codes) == packed
