"""Whether the contestants count the same things: a peer that does less work is no peer."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import correlation

from benchmarks.contract import Observation

TOTAL = "_T"
INDICATORS = ("arrivals", "departures", "unique_vessels")


@dataclass(frozen=True)
class Agreement:
    """Agreement of a peer's values of one indicator with the product's.

    Attributes:
        indicator: Which.
        product: The product's total over all ports and classes.
        peer: The peer's.
        correlation: Pearson's, over the ports that either has.
        share_in_same_port: Share of the product's sum over ports that the peer counts in the same port.
    """

    indicator: str
    product: float
    peer: float
    correlation: float
    share_in_same_port: float


def compare(product: Iterable[Observation], peer: Iterable[Observation]) -> list[Agreement]:
    """Compares the counts of two contestants by port."""
    ours, theirs = list(product), list(peer)
    return [
        _compare(indicator, by_port(ours, indicator), by_port(theirs, indicator)) for indicator in INDICATORS
    ]


def by_port(observations: Iterable[Observation], indicator: str) -> dict[str, float]:
    """Values of an indicator by port, the total included, over all classes; summed over weeks."""
    values: dict[str, float] = {}
    for seen in observations:
        if seen.indicator == indicator and seen.vessel_class == TOTAL and seen.value is not None:
            values[seen.port_locode] = values.get(seen.port_locode, 0.0) + seen.value
    return values


def _compare(indicator: str, ours: dict[str, float], theirs: dict[str, float]) -> Agreement:
    ports = sorted((ours.keys() | theirs.keys()) - {TOTAL})
    a, b = ([values.get(port, 0.0) for port in ports] for values in (ours, theirs))
    is_flat = len(set(a)) < 2 or len(set(b)) < 2
    return Agreement(
        indicator=indicator,
        product=ours.get(TOTAL, 0.0),
        peer=theirs.get(TOTAL, 0.0),
        correlation=math.nan if is_flat else correlation(a, b),
        share_in_same_port=sum(map(min, a, b)) / sum(a) if sum(a) else math.nan,
    )
