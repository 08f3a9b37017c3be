"""The cases of `benchmarks.integrity`: what each adds to the scenario `standard`, and where vessels are shown."""

from collections.abc import Sequence
from typing import Any, Final

from ais_indicators.periods import Week
from ais_simulator.ocean.harbours import BY_LOCODE

FIRST: Final = Week.parse("2026-W01")
WEEKS: Final = 7
LAST: Final = FIRST.plus(WEEKS - 1)
STRAIT: Final = "hormuz"
NO_SHOCK: Final = "none"

Shock = dict[str, Any]
SPAN: Final = {"from_utc": "2026-02-10T06:00:00Z", "to_utc": "2026-02-11T18:00:00Z"}
LAST_WEEK: Final = {"from_utc": "2026-02-09T00:00:00Z", "to_utc": "2026-02-16T00:00:00Z"}
EUROPE: Final = {"latitude": 46, "longitude": 10, "radius_km": 2500}
THE_GULF: Final = {"latitude": 26, "longitude": 54.5, "radius_km": 500}
TARGETS: Final[dict[str, Shock]] = {
    "point": {"shape": "point", "latitude": 57.4329, "longitude": 10.5317},
    "circle": {"shape": "circle", "latitude": 37.9502, "longitude": 23.6381, "radius_km": 3},
    "port": {"shape": "port", "port_locode": "PLGDY"},
    "airport": {"shape": "airport", "latitude": 44.582, "longitude": 38.012},
}
"""A point in the port of Frederikshavn, a circle through that of Piraeus, berths of Gdynia, and an airport."""

FALSE_PLACES: Final = {
    shape: (target["latitude"], target["longitude"])
    if "latitude" in target
    else BY_LOCODE[target["port_locode"]].point
    for shape, target in TARGETS.items()
}
"""Latitude and longitude of the point, the centre, the port and the airport."""

NEAR_KM: Final = 5.0
"""So near to the false place a false position does little harm, and may be too near to be found. The target counts all
affected hours; those in which the vessel truly is as near are reported apart."""

VESSELS: Final = (5, 25, 50)


def _spoofing(shape: str, vessels: int) -> Shock:
    return {
        "shocks": [
            {"kind": "spoofing", "vessels": vessels, "region": EUROPE, "target": TARGETS[shape], **SPAN}
        ]
    }


CASES: Final[dict[str, Shock]] = {
    **{f"spoof_{shape}_{number}": _spoofing(shape, number) for shape in TARGETS for number in VESSELS},
    "jamming": {
        "shocks": [{"kind": "jamming", "region": THE_GULF, "share": 0.7, "invalid_share": 0.1, **SPAN}]
    },
    "dark_half": {"shocks": [{"kind": "dark", "everywhere": True, "share": 0.5, **LAST_WEEK}]},
    "strait_closed": {"shocks": [{"kind": "strait_blocked", "gate": STRAIT, **LAST_WEEK}]},
    "outage": {"faults": {"outages_per_station_year": 40, "outage_hours": [24, 72]}},
}
"""What each case adds to the scenario `standard`."""

OTHER_WEEKS: Final = ("strait_closed", "outage")
"""Cases whose messages differ in earlier weeks too: voyages are planned past a closed strait, and stations fail."""


def chosen_cases(words: Sequence[str]) -> list[str]:
    """Returns the cases that words name, in their order; all without a word.

    Raises:
        ValueError: A word names none.

    >>> chosen_cases(["spoof_point", "outage"])
    ['spoof_point_5', 'spoof_point_25', 'spoof_point_50', 'outage']
    """
    names = []
    for word in words or CASES:
        named = [case for case in CASES if case == word or case.startswith(f"{word}_")]
        if not named:
            raise ValueError(f"unknown case: {word}; choose from {', '.join(CASES)}")
        names += named
    return list(dict.fromkeys(names))
