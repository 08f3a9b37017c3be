"""How many examples tests try: few and always the same in `make test`, many in `make test-all`, by one profile."""

import os
from typing import Final

import hypothesis
from hypothesis import HealthCheck

PROFILE_VARIABLE: Final = "HYPOTHESIS_PROFILE"
"""Name of the profile; `quick` unless it is set."""

QUICK_EXAMPLES: Final = 6
FULL_EXAMPLES: Final = 100


def load_profile() -> None:
    """Makes the profile that the environment names the default of all tests; a slow machine fails none of them."""
    always = hypothesis.settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    register = hypothesis.settings.register_profile
    register("quick", always, derandomize=True, max_examples=QUICK_EXAMPLES)
    register("full", always, print_blob=True, max_examples=FULL_EXAMPLES)
    hypothesis.settings.load_profile(_name())


def examples(usual: int, is_costly: bool = False) -> int:
    """Bounds a test's own number of examples by the profile.

    Args:
        usual: Examples that the test asks for.
        is_costly: Whether an example takes a large part of a second, so that even the full profile tries no more.
    """
    if not is_full():
        return min(usual, QUICK_EXAMPLES)
    return usual if is_costly else max(usual, FULL_EXAMPLES)


def is_full() -> bool:
    """Returns whether tests try all that they can, as before a release."""
    return _name() != "quick"


def _name() -> str:
    return os.environ.get(PROFILE_VARIABLE, "quick")
