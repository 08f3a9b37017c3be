"""Semantic versions of SDMX structures: each follows its own content, and never the clock or the release.

Structures from the contracts have their version and the hash of their content in
`schemas/codes/structure_versions.yaml`; a test fails if the content changes and the version does not. Lists of places
grow with the references of a lake: their second number counts the loads that brought new codes, the third the loads
that changed names since. A data structure, and its data flow, refer to one version of each list. So their third number
counts the changes of the list of places that they refer to.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from ais_indicators.publish.places import NamesVersion, Places
from ais_indicators.publish.publication import Publication
from ais_indicators.publish.sdmx.components import CHOKEPOINT, PLACES, code_list_id, components_of, stem
from ais_indicators.repository import find_folder
from ais_indicators.yaml_text import parse_yaml

_FILE: Final = "codes/structure_versions.yaml"
CONCEPTS: Final = "CS_AIS_INDICATORS"


class Recorded(NamedTuple):
    """Version of a structure as recorded in the repository, and the hash of its content."""

    version: tuple[int, int, int]
    sha256: str


@cache
def recorded_versions() -> Mapping[str, Recorded]:
    """Reads the versions of all structures by their identifiers.

    >>> recorded_versions()["CL_FREQ"].version
    (1, 0, 0)
    """
    text = (find_folder("schemas") / _FILE).read_text(encoding="utf-8")
    lines: dict[str, dict[str, str]] = parse_yaml(text)
    return {name: Recorded(_numbers(one["version"]), one["sha256"]) for name, one in lines.items()}


def list_version(list_id: str, publication: Publication, places: Places) -> str:
    """Returns the version of a code list."""
    major, minor, patch = recorded_versions()[list_id].version
    if list_id in PLACES.values():
        names = _names(list_id, places)
        minor, patch = names.minor, names.patch
    return _text(publication, major, minor, patch)


def concepts_version(publication: Publication) -> str:
    """Returns the version of the concept scheme."""
    return _text(publication, *recorded_versions()[CONCEPTS].version)


def table_version(table: str, publication: Publication, places: Places) -> str:
    """Returns the version of the data structure of a table and of its data flow."""
    major, minor, _ = recorded_versions()[stem(table)].version
    lists = {list_id for part in components_of(table) if (list_id := code_list_id(part, table))}
    changes = max((_names(one, places).changes for one in lists & set(PLACES.values())), default=0)
    return _text(publication, major, minor, changes)


def _names(list_id: str, places: Places) -> NamesVersion:
    return places.gates_version if list_id == PLACES[CHOKEPOINT] else places.ports_version


def _text(publication: Publication, major: int, minor: int, patch: int) -> str:
    return f"{major + publication.first_major - 1}.{minor}.{patch}"


def _numbers(text: str) -> tuple[int, int, int]:
    major, minor, patch = map(int, text.split("."))
    return major, minor, patch
