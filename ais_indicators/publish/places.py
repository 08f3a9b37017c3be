"""Names of the places that figures are of, as code lists and readers want them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ais_indicators.geo.countries import country_names


@dataclass(frozen=True)
class Places:
    """What the references know of places; a place that they do not know is named by its code.

    Attributes:
        ports: Name of each port, by its code.
        countries: Country (ISO 3166-1 alpha-3) of each port that has one, by the port's code.
        gates: Name of each strait, by the code of its gate.
    """

    ports: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    gates: Mapping[str, str] = field(default_factory=dict)

    def country_names(self, further: Iterable[str] = ()) -> dict[str, str]:
        """Name of each country that has a port, and of further ones, by its code."""
        return country_names({*self.countries.values(), *further})
