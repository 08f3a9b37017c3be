"""SDMX structures of the released tables: concepts, code lists, data structures and data flows.

Columns, codes and descriptions come from the contracts, names of places from the references. pysdmx writes them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from pysdmx.io.xml.sdmx21.writer import structure as structure_21
from pysdmx.io.xml.sdmx30.writer import structure as structure_30
from pysdmx.model import (
    Annotation,
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    Organisation,
    Role,
    Schema,
)
from pysdmx.model.__base import MaintainableArtefact
from pysdmx.model.message import Header

from ais_indicators.contracts.code_names import code_descriptions, code_names, same_codes
from ais_indicators.contracts.model import load_contract
from ais_indicators.errors import BadInputError
from ais_indicators.geo.countries import all_country_names
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.publish.places import ALL_PORTS, WORLD, Places
from ais_indicators.publish.publication import Publication
from ais_indicators.publish.sdmx import components as sdmx
from ais_indicators.publish.sdmx.components import Component as Part
from ais_indicators.publish.sdmx.components import code_list_id, components_of, key_ids, stem, widest
from ais_indicators.publish.sdmx.versions import CONCEPTS, concepts_version, list_version, table_version

SdmxVersion = Literal["3.0", "2.1"]
SAME_AS: Final = "SAME_AS"
"""Type of the annotation that names the code of a standard list with the same meaning."""

_URN: Final = "urn:sdmx:org.sdmx.infomodel"
_MEASURE_RELATIONSHIP: Final = re.compile(
    r"\s*<str:MeasureRelationship>.*?</str:MeasureRelationship>", re.DOTALL
)
"""The measures to which an attribute belongs: optional, redundant with one measure, and unreadable for sdmx1."""

_ID: Final = re.compile(r"[A-Za-z0-9_@$\-]+")
_ROLES: Final = {"dimension": Role.DIMENSION, "measure": Role.MEASURE}
_TYPES: Final = {
    "double": DataType.DOUBLE,
    "long": DataType.LONG,
    "integer": DataType.INTEGER,
    "string": DataType.STRING,
}
_WRITERS: Final = {"3.0": structure_30.write, "2.1": structure_21.write}


@dataclass(frozen=True)
class Structures:
    """SDMX structures of some released tables.

    Attributes:
        publication: Their maintainer.
        places: Names of places, on which versions depend.
        concepts: The concepts of all components.
        code_lists: The code lists by identifier.
        definitions: The data structure of each table.
        flows: The data flow of each table.
    """

    publication: Publication
    places: Places
    concepts: ConceptScheme
    code_lists: Mapping[str, Codelist]
    definitions: Mapping[str, DataStructureDefinition]
    flows: Mapping[str, Dataflow]

    def flow_id(self, table: str) -> str:
        """Returns the name of the data flow of a table in data: `AIS_INDICATORS:PORT_ACTIVITY(2.0.0)`."""
        return _reference(self.publication, stem(table), self.definitions[table].version)

    def flow_urn(self, table: str) -> str:
        """Returns the name of the data flow of a table as a URN."""
        return f"{_URN}.datastructure.Dataflow={self.flow_id(table)}"

    def schema(self, table: str) -> Schema:
        """Returns what pysdmx needs to know about a table's data."""
        definition = self.definitions[table]
        return Schema(
            context="dataflow",
            agency=self.publication.agency,
            id=stem(table),
            components=definition.components,
            version=definition.version,
        )

    def to_xml(self, version: SdmxVersion, prepared: datetime) -> str:
        """Renders all of them as SDMX-ML.

        Args:
            version: Version of the standard.
            prepared: Time in the header.
        """
        artefacts: Sequence[MaintainableArtefact] = [
            *self.code_lists.values(),
            self.concepts,
            *self.definitions.values(),
            *self.flows.values(),
        ]
        header = message_header(self.publication, "STRUCTURES", prepared)
        return _MEASURE_RELATIONSHIP.sub("", str(_WRITERS[version](artefacts, header=header)))


def message_header(publication: Publication, name: str, prepared: datetime) -> Header:
    """Builds the header of a message, without clock or chance."""
    sender = Organisation(id=publication.agency, name=publication.publisher_name)
    return Header(id=name, prepared=prepared, sender=sender)


def sdmx_code(text: str) -> str:
    """Converts a value to an SDMX code, which cannot contain a blank.

    Raises:
        BadInputError: It contains other characters that a code cannot have.

    >>> sdmx_code("t nmi")
    't_nmi'
    """
    code = text.replace(" ", "_")
    if not _ID.fullmatch(code):
        raise BadInputError(f"'{text}' cannot be an SDMX code: letters, digits, `_`, `-`, `$` and `@` can")
    return code


def build_structures(
    publication: Publication, places: Places, tables: Sequence[str], found: Mapping[str, Iterable[str]]
) -> Structures:
    """Describes tables.

    Args:
        publication: Maintainer of the structures.
        places: Names of ports, countries and chokepoints.
        tables: The released tables.
        found: Codes of places in the data, by component: they are in the code lists even if no reference has them.
    """
    lists = {
        one.id: one for one in (*_lists_of_places(publication, places, found), *_lists(publication, tables))
    }
    concepts = _concepts(publication)
    by_id = {concept.id: concept for concept in concepts.items}
    definitions, flows = {}, {}
    for table in tables:
        parts = [_component(part, table, by_id, lists) for part in components_of(table)]
        common = _common(publication, places, table)
        definitions[table] = DataStructureDefinition(id=stem(table), components=Components(parts), **common)
        reference = _reference(publication, stem(table), common["version"])
        flows[table] = Dataflow(
            id=stem(table), structure=f"{_URN}.datastructure.DataStructure={reference}", **common
        )
    return Structures(publication, places, concepts, lists, definitions, flows)


def _reference(publication: Publication, name: str, version: str) -> str:
    """Formats an artefact as references name it: `AIS_INDICATORS:PORT_ACTIVITY(2.0.0)`."""
    return f"{publication.agency}:{name}({version})"


def _common(publication: Publication, places: Places, table: str) -> dict[str, Any]:
    """Returns name, description, agency and version of a table's structure."""
    name = table.partition(".")[2].replace("_", " ")
    return {
        "name": f"{name[0].upper()}{name[1:]} (experimental)",
        "description": load_contract(table).one_row,
        "agency": publication.agency,
        "version": table_version(table, publication, places),
    }


def _list(publication: Publication, list_id: str, version: str, codes: Sequence[Code], name: str) -> Codelist:
    return Codelist(id=list_id, name=name, agency=publication.agency, version=version, items=codes)


def _named_codes(names: Mapping[str, str]) -> list[Code]:
    return [Code(id=sdmx_code(code), name=name) for code, name in names.items()]


def _code(column: str, code: str) -> Code:
    """Builds a code of a contract's column, with the codes of standard lists of the same meaning."""
    same = [
        Annotation(type=SAME_AS, url=f"{_URN}.codelist.Code={urn}")
        for urn in same_codes(column).get(code, ())
    ]
    description = code_descriptions(column).get(code)
    return Code(
        id=sdmx_code(code), name=code_names(column)[code], description=description, annotations=tuple(same)
    )


def _lists(publication: Publication, tables: Sequence[str]) -> list[Codelist]:
    """Builds the code lists whose codes are in the contracts."""
    found: dict[str, Codelist] = {}
    for table in tables:
        for part in components_of(table):
            list_id = code_list_id(part, table)
            if part.codes is None or list_id is None or list_id in found:
                continue
            names = code_names(part.codes)
            wanted = names if part.column is None else (widest(part.column.name) or part.column.one_of)
            codes = [_code(part.codes, code) for code in wanted]
            version = list_version(list_id, publication, Places())
            found[list_id] = _list(publication, list_id, version, codes, title(part.id))
    return list(found.values())


def _lists_of_places(
    publication: Publication, places: Places, found: Mapping[str, Iterable[str]]
) -> list[Codelist]:
    """Builds the code lists of ports, areas and chokepoints: codes of the references and of the data, sorted.

    A code of the data that no reference has does not affect the version of its list.
    """
    ports, gates = ({code: code for code in found.get(of, ())} for of in (sdmx.PORT, sdmx.CHOKEPOINT))
    areas = {*found.get(sdmx.REF_AREA, ()), *found.get(sdmx.COUNTERPART_AREA, ())}
    ports = {**ports, **{code: code for code in areas if code in places.ports}, **places.ports}
    countries = all_country_names() | places.country_names(
        areas - ports.keys() - {sdmx.TOTAL, sdmx.NOT_KNOWN}
    )
    named = {
        sdmx.PORT: ("Ports", ports | ALL_PORTS),
        sdmx.REF_AREA: ("Countries and ports", ports | countries | WORLD),
        sdmx.CHOKEPOINT: ("Straits", gates | dict(places.gates)),
    }
    return [
        _list(
            publication,
            list_id := sdmx.PLACES[component],
            list_version(list_id, publication, places),
            _named_codes(dict(sorted(names.items()))),
            name,
        )
        for component, (name, names) in named.items()
    ]


def _concepts(publication: Publication) -> ConceptScheme:
    """Builds one concept per component of any released table, with the description of the first table that has it."""
    parts: dict[str, Part] = {}
    version = concepts_version(publication)
    for table in RELEASED_TABLES:
        for part in components_of(table):
            parts.setdefault(part.id, part)
    return ConceptScheme(
        id=CONCEPTS,
        name="Concepts of the indicators",
        agency=publication.agency,
        version=version,
        items=[
            Concept(
                id=part.id,
                name=title(part.id),
                description=part.description,
                urn=f"{_URN}.conceptscheme.Concept={_reference(publication, CONCEPTS, version)}.{part.id}",
            )
            for part in parts.values()
        ],
    )


def _component(
    part: Part, table: str, concepts: Mapping[str, Concept], lists: Mapping[str, Codelist]
) -> Component:
    list_id = code_list_id(part, table)
    series = ",".join(one for one in key_ids(table) if one != sdmx.TIME_PERIOD)
    return Component(
        id=part.id,
        required=part.is_required and part.role != "measure",
        role=_ROLES.get(part.role, Role.ATTRIBUTE),
        concept=concepts[part.id],
        local_dtype=None if list_id else _type(part),
        local_codes=lists[list_id] if list_id else None,
        attachment_level={"series": series, "observation": "O"}.get(part.role),
    )


def _type(part: Part) -> DataType:
    if part.id == sdmx.TIME_PERIOD:
        return DataType.REP_WEEK
    return _TYPES[part.column.type] if part.column else DataType.STRING


def title(component: str) -> str:
    """Returns a component's name for people.

    >>> title("OBS_STATUS")
    'Observation status'
    """
    return code_names("component")[component]
