"""Matches ports of PortWatch to UN/LOCODE by name, country and position.

PortWatch gives each port a number, a name and a country. Places of UN/LOCODE that are ports, and ports of the World
Port Index and of two open lists, are candidates if country and name are the same. Their positions show whether
candidates are one place. A port that cannot be distinguished from another of its name is left unmatched: no number is
better than a wrong one.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

from ais_indicators.geo.distance import great_circle_km
from ais_indicators.geo.unlocodes import is_unlocode
from ais_indicators.rules import Rules

UNLOCODE: Final = "UN/LOCODE"
INDEX: Final = "World Port Index"
OTHER: Final = "other lists"
SEVERAL, ONE, CLOSE = "several lists", "one list", "one place"
"""How a port was matched: several lists have its code, one has, or all codes of its name are one place."""

NO_NAME, AMBIGUOUS, TAKEN = "no port of that name", "several ports of that name", "code of a busier port"
"""Why a port was not matched."""

_FILLING: Final = re.compile(
    r"\b(?:port|pt|puerto|porto|pelabuhan|mina|harbou?r|bandar|of|de|del|the|el|al)\b"
)
_BRACKETS: Final = re.compile(r"\(([^)]*)\)")
_BETWEEN_NAMES: Final = re.compile(r";| / ")
_Key = tuple[str, str]


class WatchedPort(NamedTuple):
    """A port of PortWatch: its number, name and country."""

    port_id: str
    name: str
    country_iso3: str


class Candidate(NamedTuple):
    """A port of a list: its code, the list, its country, names and, if known, degrees north and east."""

    locode: str
    source: str
    country_iso3: str
    names: tuple[str, ...]
    position: tuple[float, float] | None


class Match(NamedTuple):
    """Code of a port, empty if none was found; how it was found or why not; further codes of the same place."""

    locode: str
    how: str
    others: tuple[str, ...] = ()


def match_ports(
    ports: Sequence[WatchedPort], candidates: Iterable[Candidate], rules: Rules
) -> dict[WatchedPort, Match]:
    """Matches each port to one code, and no code to two ports.

    Args:
        ports: The ports of PortWatch, busiest first: the first of two gets a code that fits both.
        candidates: The ports of the lists.
        rules: Rules of the lake's subject.
    """
    by_name: dict[_Key, list[Candidate]] = defaultdict(list)
    for one in sorted(set(candidates)):
        if is_unlocode(one.locode):
            for spelling in _all_spellings(one.names):
                by_name[one.country_iso3, spelling].append(one)
    matches: dict[WatchedPort, Match] = {}
    taken: set[str] = set()
    for port in ports:
        match = _match(port, by_name, rules)
        if match.locode in taken:
            match = Match("", TAKEN)
        matches[port] = match._replace(others=tuple(code for code in match.others if code not in taken))
        taken |= {match.locode, *match.others} - {""}
    return matches


def spellings(name: str) -> list[list[str]]:
    """Spells a name in plain letters: in full, then without words such as "port of", then the names in brackets.

    >>> spellings("Port of Sohar"), spellings("Deendayal (Kandla)")
    ([['portofsohar'], ['sohar']], [['deendayal'], ['kandla']])
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    tiers = [[_letters(_BRACKETS.sub(" ", plain))], [_letters(_FILLING.sub(" ", _BRACKETS.sub(" ", plain)))]]
    inside = _BRACKETS.findall(plain)
    tiers += [[_letters(text) for text in inside], [_letters(_FILLING.sub(" ", text)) for text in inside]]
    return [tier for tier in _distinct(tiers) if tier]


def _all_spellings(names: Iterable[str]) -> set[str]:
    """Spells the names of a list, which can have several in one text: `Antwerp; Anvers`, `Itaqui Pt / Sao Luis`."""
    parts = [part for name in names for part in (name, *_BETWEEN_NAMES.split(name))]
    return {text for part in parts for tier in spellings(part) for text in tier}


def _distinct(tiers: Iterable[list[str]]) -> Iterator[list[str]]:
    """Removes empty spellings and those of an earlier tier."""
    seen: set[str] = {""}
    for tier in tiers:
        yield [text for text in tier if text not in seen]
        seen |= set(tier)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text)


def _match(port: WatchedPort, by_name: Mapping[_Key, list[Candidate]], rules: Rules) -> Match:
    """Selects the first spelling that a list has: the full name before its parts, first names before other ones."""
    for tier in spellings(port.name):
        found = sorted({one for text in tier for one in by_name.get((port.country_iso3, text), ())})
        of_first_name = [one for one in found if _all_spellings(one.names[:1]) & set(tier)]
        if found:
            return _chosen(of_first_name or found, rules)
    return Match("", NO_NAME)


def _chosen(found: Sequence[Candidate], rules: Rules) -> Match:
    """Chooses among the candidates of one name: the code that most lists have, if no other such code is elsewhere."""
    sources: dict[str, set[str]] = defaultdict(set)
    for one in found:
        sources[one.locode].add(one.source)
    first, *rest = sorted(sources, key=lambda code: (-len(sources[code]), INDEX not in sources[code], code))
    is_in_several = len(sources[first]) > 1
    near = tuple(code for code in rest if _are_near(first, code, found, rules))
    far = [code for code in rest if code not in near]
    if not rest:
        return Match(first, SEVERAL if is_in_several else ONE)
    if not far:
        return Match(first, CLOSE, near)
    is_rival = any(INDEX in sources[code] or len(sources[code]) == len(sources[first]) for code in far)
    return Match(first, SEVERAL, near) if is_in_several and not is_rival else Match("", AMBIGUOUS)


def _are_near(one: str, other: str, found: Iterable[Candidate], rules: Rules) -> bool:
    """Returns whether some list has both codes near each other; a code without a position can be anywhere."""
    places: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for candidate in found:
        if candidate.position is not None:
            places[candidate.locode].append(candidate.position)
    apart = (great_circle_km(*here, *there) for here, there in product(places[one], places[other]))
    return min(apart, default=math.inf) <= rules.same_port_km
