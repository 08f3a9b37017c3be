"""XML schemas of the data sets of SDMX-ML messages: what a validator needs in addition to the standard's schemas.

The standard's own schemas leave the data set abstract. Each data flow completes them with its dimensions, codes and
attributes (SDMX 2.1 and 3.0, section 3: structure-specific schemas). With the schema of its flow, a message is
validated down to the codes.
"""

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import quoteattr

from pysdmx.model import Codelist

from ais_indicators.publish.sdmx import components as sdmx
from ais_indicators.publish.sdmx.components import Component, code_list_id, components_of
from ais_indicators.publish.sdmx.structures import SdmxVersion, Structures

_ROOTS: Final[dict[SdmxVersion, str]] = {
    "3.0": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0",
    "2.1": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1",
}
_BASE_SCHEMA: Final = "SDMXDataStructureSpecific.xsd"
_COMMON_SCHEMA: Final = "SDMXCommon.xsd"
_SETTINGS: Final = '<xs:attributeGroup ref="ss:SetAttributeGroup"/>'
_NOTES: Final = '<xs:element ref="com:Annotations" minOccurs="0"/>'
_NUMBERS: Final = {"double": "xs:double", "long": "xs:long", "integer": "xs:int"}
_PERIOD: Final = "com:ReportingWeekType"


def schema_suffix(version: SdmxVersion) -> str:
    """Returns the ending of the names of schema files.

    >>> schema_suffix("3.0")
    'sdmx30.xsd'
    """
    return f"sdmx{version.replace('.', '')}.xsd"


def data_schema(table: str, structures: Structures, version: SdmxVersion) -> str:
    """Writes the XML schema of the data sets of a table.

    Attributes are optional, because an observation to be deleted has only its key. Dimensions are required, and nothing
    else is allowed.

    Args:
        table: The released table.
        structures: The data structure of the table and its code lists.
        version: Version of SDMX-ML.
    """
    namespace = data_namespace(structures.flow_urn(table))
    root = _ROOTS[version]
    lists = {
        name: structures.code_lists[name]
        for part in components_of(table)
        if (name := code_list_id(part, table))
    }
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
            f' xmlns:com="{root}/common" xmlns:ss="{root}/data/structurespecific"'
            f' xmlns="{namespace}" targetNamespace="{namespace}" elementFormDefault="qualified">',
            f'<xs:import namespace="{root}/common" schemaLocation="{_COMMON_SCHEMA}"/>',
            f'<xs:import namespace="{root}/data/structurespecific" schemaLocation="{_BASE_SCHEMA}"/>',
            *_data_set(),
            *_series(table),
            *_observation(table),
            *(line for one in lists.values() for line in _codes(one)),
            "</xs:schema>",
            "",
        ]
    )


def data_namespace(flow_urn: str) -> str:
    """Returns the namespace of the data sets of a flow whose observations differ by time.

    >>> data_namespace("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=A:B(1.0)")
    'urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=A:B(1.0):ObsLevelDim:TIME_PERIOD'
    """
    return f"{flow_urn}:ObsLevelDim:{sdmx.TIME_PERIOD}"


def _data_set() -> Iterator[str]:
    element = (
        '<xs:element name="Series" type="SeriesType" form="unqualified" minOccurs="0" maxOccurs="unbounded"/>'
    )
    yield from _restriction("DataSetType", [_NOTES, element], [_SETTINGS])


def _series(table: str) -> Iterator[str]:
    element = '<xs:element name="Obs" type="ObsType" form="unqualified" minOccurs="0" maxOccurs="unbounded"/>'
    attributes = [f'<xs:attribute name="{sdmx.TIME_PERIOD}" use="prohibited"/>']
    for part in components_of(table):
        is_key = part.role == "dimension"
        if part.id != sdmx.TIME_PERIOD and (is_key or part.role == "series"):
            attributes.append(_attribute(part, table, is_required=is_key))
    yield from _restriction("SeriesType", [_NOTES, element], attributes)


def _observation(table: str) -> Iterator[str]:
    attributes = [f'<xs:attribute name="{sdmx.TIME_PERIOD}" type="{_PERIOD}" use="required"/>']
    attributes += [
        _attribute(part, table, is_required=False)
        for part in components_of(table)
        if part.role in ("measure", "observation")
    ]
    yield from _restriction("ObsType", [_NOTES], attributes)


def _restriction(name: str, elements: list[str], attributes: list[str]) -> Iterator[str]:
    """Restricts an abstract type of the standard to the elements and attributes of a flow."""
    yield f'<xs:complexType name="{name}"><xs:complexContent><xs:restriction base="ss:{name}">'
    yield from ("<xs:sequence>", *elements, "</xs:sequence>", *attributes)
    yield "</xs:restriction></xs:complexContent></xs:complexType>"


def _attribute(part: Component, table: str, is_required: bool) -> str:
    use = "required" if is_required else "optional"
    return f'<xs:attribute name="{part.id}" type="{_type(part, table)}" use="{use}"/>'


def _type(part: Component, table: str) -> str:
    codes = code_list_id(part, table)
    if codes is not None:
        return codes
    return _NUMBERS.get(part.column.type, "xs:string") if part.column else "xs:string"


def _codes(codes: Codelist) -> Iterator[str]:
    yield f'<xs:simpleType name="{codes.id}"><xs:restriction base="xs:string">'
    yield from (f"<xs:enumeration value={quoteattr(code.id)}/>" for code in codes.items)
    yield "</xs:restriction></xs:simpleType>"
