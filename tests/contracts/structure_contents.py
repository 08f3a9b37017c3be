"""Hashes of the content of each SDMX structure; a new content needs a new version."""

import hashlib
import json
from typing import Any

from pysdmx.model import Codelist, Component, ConceptScheme, DataStructureDefinition

from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.publish.places import Places
from ais_indicators.publish.publication import read_publication
from ais_indicators.publish.sdmx.components import PLACES
from ais_indicators.publish.sdmx.structures import build_structures


def content_hashes() -> dict[str, str]:
    """Hashes the content of each structure of the released tables, by its identifier.

    Agency and version are excluded, and so is the lake: lists of places are hashed as they are without a lake.
    """
    structures = build_structures(read_publication(), Places(), RELEASED_TABLES, {})
    contents: dict[str, Any] = {name: _of_list(one) for name, one in structures.code_lists.items()}
    contents[structures.concepts.id] = _of_concepts(structures.concepts)
    version = str(structures.concepts.version)
    contents |= {one.id: _of_definition(one, version) for one in structures.definitions.values()}
    return {name: content_hash(content) for name, content in sorted(contents.items())}


def _of_list(codes: Codelist) -> Any:
    return [
        codes.name,
        [[one.id, one.name, one.description, [note.url for note in one.annotations]] for one in codes.items],
    ]


def _of_concepts(concepts: ConceptScheme) -> Any:
    return [concepts.name, [[one.id, one.name, one.description] for one in concepts.items]]


def _of_definition(definition: DataStructureDefinition, concepts: str) -> Any:
    parts = [_of_component(one) for one in definition.components]
    return [definition.name, definition.description, concepts, parts]


def _of_component(part: Component) -> Any:
    codes = part.local_codes
    listed = None if codes is None else [codes.id, None if codes.id in PLACES.values() else codes.version]
    return [part.id, str(part.role), part.required, listed, str(part.local_dtype), part.attachment_level]


def content_hash(content: Any) -> str:
    """Hashes what a structure holds, whatever its agency."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
