"""SplitMix64: the values never change, and the compiled function gives those of the one on arrays."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.fold.kernel import _spread
from ais_indicators.hashing import GOLDEN_RATIO, spread_bits, unit_interval
from ais_simulator.radio.draws import _spread as spread_of_draws
from ais_simulator.radio.draws import chance

WORDS = st.integers(0, 2**64 - 1)


def test_it_gives_the_published_numbers_of_splitmix64() -> None:
    """The first five of the generator with seed 1234567, as its authors' reference program prints them."""
    seeds = np.uint64(1234567) + np.arange(1, 6, dtype=np.uint64) * GOLDEN_RATIO
    assert spread_bits(seeds).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(st.lists(WORDS, min_size=1, max_size=50))
def test_arrays_and_compiled_numbers_are_spread_alike(words: list[int]) -> None:
    numbers = np.array(words, np.uint64)
    spread = spread_bits(numbers)
    assert [_spread(word) for word in numbers] == spread.tolist()
    assert [spread_of_draws(word) for word in numbers] == spread.tolist()
    assert [chance(word) for word in numbers] == unit_interval(numbers).tolist()
    assert ((unit_interval(numbers) >= 0) & (unit_interval(numbers) < 1)).all()
