"""What is remembered of each MMSI to find displaced stretches, and their rules (methodology 8)."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.fold.records import NEVER
from ais_indicators.rules import Rules
from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

Longs = NDArray[np.int64]
Records = NDArray[Any]

WHEREABOUTS: Final = np.dtype(
    [
        ("mmsi", np.int64),
        ("home_second", np.int64),
        ("home_latitude", np.float64),
        ("home_longitude", np.float64),
        ("home_since", np.int64),
        ("home_fixes", np.int64),
        ("run_second", np.int64),
        ("run_latitude", np.float64),
        ("run_longitude", np.float64),
        ("began", np.int64),
        ("from_latitude", np.float64),
        ("from_longitude", np.float64),
        ("first_latitude", np.float64),
        ("first_longitude", np.float64),
        ("away_second", np.int64),
        ("away_latitude", np.float64),
        ("away_longitude", np.float64),
        ("away_fixes", np.int64),
        ("link_second", np.int64),
        ("link_until", np.int64),
        ("link_latitude", np.float64),
        ("link_longitude", np.float64),
        ("jump_km", np.float64),
        ("is_candidate", np.int64),
        ("false_kind", np.int64),
        ("places", np.int64),
        ("places_since", np.int64),
        ("shared_until", np.int64),
    ]
)
"""What is remembered of one MMSI.

Home is the last fix of the believed track, with its first second and number of fixes. The run is its part that no
silence interrupts in which the vessel moved far: nobody saw how the vessel came to the run's first fix. `began` is
`NEVER` without a stretch; else the stretch's place of departure, first and last fix follow, and the first fix and last
second of the run before it, if that was short: then the run may be what is false. `false_kind` is the kind of cluster
that the stretch was found in, 0 for none, -1 where the run before it was; the search never reads it.
"""

STRETCH: Final = np.dtype(
    [
        ("mmsi", np.int64),
        ("began", np.int64),
        ("first_second", np.int64),
        ("last_second", np.int64),
        ("fixes", np.int64),
        ("hours", np.int64),
        ("from_latitude", np.float64),
        ("from_longitude", np.float64),
        ("to_latitude", np.float64),
        ("to_longitude", np.float64),
        ("latitude", np.float64),
        ("longitude", np.float64),
        ("spread_km", np.float64),
        ("jump_km", np.float64),
        ("sailed_off", np.int64),
        ("false_kind", np.int64),
        ("link_second", np.int64),
        ("link_until", np.int64),
        ("link_latitude", np.float64),
        ("link_longitude", np.float64),
    ]
)
"""One stretch on one UTC day: its fixes of the day, where it was before the stretch (`from`), the stretch's first fix
(`to`), the day's first fix, whether the vessel sailed out of its area on that day, and the run before the stretch."""


class DisplacementLimits(NamedTuple):
    """The rules of displaced stretches, in km, knots and seconds."""

    same_place_km: float
    max_implied_speed_knots: float
    min_jump_km: float
    area_km: float
    return_knots: float
    home_fixes: int
    home_seconds: int
    sure_home_seconds: int
    resume_seconds: int
    home_silence_seconds: int
    fresh_seconds: int
    most_places: int
    shared_seconds: int

    @classmethod
    def from_rules(cls, rules: Rules) -> "DisplacementLimits":
        """Takes them from the rules of the lake's subject."""
        return cls(
            same_place_km=rules.same_place_km,
            max_implied_speed_knots=rules.max_implied_speed_knots,
            min_jump_km=rules.interference_min_jump_km,
            area_km=rules.interference_area_km,
            return_knots=rules.interference_return_knots,
            home_fixes=rules.min_track_fixes,
            home_seconds=int(rules.interference_home_hours * SECONDS_PER_HOUR),
            sure_home_seconds=int(rules.interference_sure_home_hours * SECONDS_PER_HOUR),
            resume_seconds=int(rules.interference_resume_days * SECONDS_PER_DAY),
            home_silence_seconds=int(rules.interference_home_silence_days * SECONDS_PER_DAY),
            fresh_seconds=int(rules.interference_fresh_days * SECONDS_PER_DAY),
            most_places=rules.interference_most_places,
            shared_seconds=int(rules.interference_shared_days * SECONDS_PER_DAY),
        )


def forget_silent_numbers(memory: Records, second: int, limits: DisplacementLimits) -> Records:
    """Leaves out the numbers that were silent so long at a moment that nothing remembered of them counts any more."""
    heard = np.maximum(memory["home_second"], memory["away_second"])
    kept: Records = memory[heard >= second - max(limits.home_silence_seconds, limits.shared_seconds)]
    return kept


def with_new_numbers(memory: Records, numbers: Longs) -> Records:
    """Copies the memory, with an empty element for each number that it does not hold."""
    fresh = numbers[~np.isin(numbers, memory["mmsi"])]
    added = np.zeros(fresh.size, WHEREABOUTS)
    added["mmsi"] = fresh
    for name in (
        "home_second",
        "home_since",
        "run_second",
        "link_second",
        "began",
        "away_second",
        "places_since",
        "shared_until",
    ):
        added[name] = NEVER
    every = np.concatenate([memory, added])
    ordered: Records = every[np.argsort(every["mmsi"], kind="stable")]
    return ordered
