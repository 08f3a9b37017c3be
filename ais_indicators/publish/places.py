"""Names of places, for code lists and readers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ais_indicators.geo.countries import country_names


@dataclass(frozen=True)
class NamesVersion:
    """Number of changes of a growing list of names: second and third number of its semantic version.

    Attributes:
        minor: How often new codes were added.
        patch: How often names changed since it last got new codes.
        changes: Total number of changes.
    """

    minor: int = 0
    patch: int = 0
    changes: int = 0


def newest_names(loads: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Gives each code the name of the last load that has it, sorted by code.

    >>> newest_names([{"A": "Old", "B": "Kept"}, {"A": "New"}])
    {'A': 'New', 'B': 'Kept'}
    """
    names: dict[str, str] = {}
    for load in loads:
        names |= load
    return dict(sorted(names.items()))


def names_version(loads: Sequence[Mapping[str, str]]) -> NamesVersion:
    """Counts the changes of `newest_names` from load to load; codes never leave it.

    >>> names_version([{"A": "Old"}, {"A": "New"}, {"B": "Added"}, {"B": "Added"}])
    NamesVersion(minor=1, patch=0, changes=2)
    """
    version, names = NamesVersion(), dict(loads[0]) if loads else {}
    for load in loads[1:]:
        if load.keys() - names.keys():
            version = NamesVersion(version.minor + 1, 0, version.changes + 1)
        elif any(names[code] != name for code, name in load.items()):
            version = NamesVersion(version.minor, version.patch + 1, version.changes + 1)
        names |= load
    return version


TOTAL: Final = "_T"
NOT_KNOWN: Final = "_X"
ALL_PORTS: Final = {TOTAL: "All ports"}
"""Name of the total over ports, by its code."""

WORLD: Final = {TOTAL: "World", NOT_KNOWN: "Not known"}
"""Names of reporters and partners that are neither a port nor a country, by code."""


@dataclass(frozen=True)
class Places:
    """Names of places in the references; an unknown place is named by its code.

    Attributes:
        ports: Name of each port, by its code.
        countries: Country (ISO 3166-1 alpha-3) of each port that has one, by the port's code.
        gates: Name of each chokepoint, by the code of its gate.
        ports_version: How often the names of ports have changed.
        gates_version: How often the names of chokepoints have changed.
    """

    ports: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    gates: Mapping[str, str] = field(default_factory=dict)
    ports_version: NamesVersion = field(default_factory=NamesVersion)
    gates_version: NamesVersion = field(default_factory=NamesVersion)

    def country_names(self, further: Iterable[str] = ()) -> dict[str, str]:
        """Returns the name of each country that has a port, and of further ones, by its code."""
        return country_names({*self.countries.values(), *further})
