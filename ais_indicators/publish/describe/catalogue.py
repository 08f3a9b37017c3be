"""DCAT for catalogues: DCAT-AP 3 with the properties of StatDCAT-AP, as JSON-LD.

Vocabulary and obligations: SEMIC, DCAT-AP 3.0 and StatDCAT-AP 1.0.1. Each file is a statistical data set with one
distribution. Without a base address in the publication's settings all addresses are relative to the document.
"""

from typing import Any, Final

from ais_indicators.publish.describe.described import DescribedFile, Package
from ais_indicators.publish.publication import Publication
from ais_indicators.publish.sdmx.components import component_id

FILE: Final = "dcat.jsonld"
_AUTHORITY: Final = "http://publications.europa.eu/resource/authority"
_SDMX: Final = "http://purl.org/linked-data/sdmx/2009"
_CONTEXT: Final = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "qb": "http://purl.org/linked-data/cube#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "stat": "http://data.europa.eu/s1n/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LANGUAGES: Final = {
    "en": "ENG",
    "fr": "FRA",
    "es": "SPA",
    "de": "DEU",
    "it": "ITA",
    "nl": "NLD",
    "pt": "POR",
}
"""Codes of the EU's list of languages; a language that is not here is left out."""

_KNOWN: Final = {
    "FREQ": "dimension#freq",
    "REF_AREA": "dimension#refArea",
    "TIME_PERIOD": "dimension#timePeriod",
    "UNIT_MEASURE": "attribute#unitMeasure",
    "OBS_STATUS": "attribute#obsStatus",
    "CONF_STATUS": "attribute#confStatus",
}
"""Components in the SDMX vocabulary in RDF."""

_THEMES: Final = {
    "TRAN": {"en": "Transport", "fr": "Transports", "es": "Transporte"},
    "ECON": {"en": "Economy and finance", "fr": "Économie et finances", "es": "Economía y finanzas"},
}
"""Labels of the EU's list of data themes; its shapes require them in the document itself."""

_KEYWORDS: Final = ("AIS", "shipping", "ports", "experimental statistics")

Node = dict[str, Any]


def catalogue(package: Package) -> Node:
    """Builds the catalogue with a data set for each file."""
    publication = package.publication
    return {
        "@context": _CONTEXT,
        "@id": publication.address("#catalogue"),
        "@type": "dcat:Catalog",
        "dct:title": _text(publication.catalogue_title, publication),
        "dct:description": _text(package.description, publication),
        "dct:publisher": _publisher(publication),
        "dct:license": _licence(publication),
        "dct:issued": _moment(package),
        **_language(publication),
        "dcat:themeTaxonomy": {
            "@id": f"{_AUTHORITY}/data-theme",
            "@type": "skos:ConceptScheme",
            "dct:title": {"@value": "Data theme", "@language": "en"},
        },
        "dcat:dataset": [_data_set(file, package) for file in package.files],
    }


def _theme(code: str) -> Node:
    labels = [{"@value": label, "@language": language} for language, label in _THEMES[code].items()]
    return {**_concept("data-theme", code, "skos:Concept"), "skos:prefLabel": labels}


def _data_set(file: DescribedFile, package: Package) -> Node:
    publication = package.publication
    key = file.contract.key
    return {
        "@id": publication.address(f"#{file.stem}"),
        "@type": "dcat:Dataset",
        "dct:title": _text(file.title, publication),
        "dct:description": _text(" ".join([file.contract.one_row, *package.notes]), publication),
        "dct:identifier": f"{publication.agency}:{file.stem}",
        "dct:publisher": {"@id": publication.address("#publisher")},
        **_contact(publication),
        "dct:issued": _moment(package),
        **_language(publication),
        "dct:accrualPeriodicity": _concept("frequency", "WEEKLY", "dct:Frequency"),
        "dcat:theme": [_theme(code) for code in _THEMES],
        "dcat:keyword": [_text(word, publication) for word in _KEYWORDS],
        "dct:provenance": [
            {"@type": "dct:ProvenanceStatement", "skos:prefLabel": _text(text, publication)}
            for text in package.attributions
        ],
        **_period(file),
        "dcat:temporalResolution": _typed("P1D" if file.stem.endswith("_daily") else "P1W", "duration"),
        "stat:numSeries": _typed(file.series, "integer"),
        "stat:dimension": [_property(name, "qb:DimensionProperty", publication) for name in key],
        "stat:attribute": [
            _property(one.name, "qb:AttributeProperty", publication)
            for one in file.contract.columns
            if one.name not in key and not file.is_measure(one)
        ],
        "stat:statUnitMeasure": [
            {
                "@id": publication.address(f"#unit-{unit.replace(' ', '_')}"),
                "@type": "skos:Concept",
                "skos:prefLabel": _text(unit, publication),
            }
            for unit in file.units
        ],
        "dcat:distribution": [_distribution(file, package)],
    }


def _distribution(file: DescribedFile, package: Package) -> Node:
    publication = package.publication
    address = {"@id": publication.address(file.name)}
    return {
        "@id": publication.address(f"#{file.stem}-csv"),
        "@type": "dcat:Distribution",
        "dct:title": _text(f"{file.title}, CSV", publication),
        "dct:description": _text(file.contract.one_row, publication),
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dct:license": _licence(publication),
        "dct:issued": _moment(package),
        **_language(publication),
        "dct:format": _concept("file-type", "CSV", "dct:MediaTypeOrExtent"),
        "dcat:mediaType": {
            "@id": "https://www.iana.org/assignments/media-types/text/csv",
            "@type": "dct:MediaType",
        },
        "dct:conformsTo": {"@id": "http://www.w3.org/ns/csvw", "@type": "dct:Standard"},
        "dcat:byteSize": _typed(file.size_bytes, "nonNegativeInteger"),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {
                "@id": "spdx:checksumAlgorithm_sha256",
                "@type": "spdx:ChecksumAlgorithm",
            },
            "spdx:checksumValue": _typed(file.sha256, "hexBinary"),
        },
    }


def _publisher(publication: Publication) -> Node:
    page = publication.publisher_homepage
    return {
        "@id": publication.address("#publisher"),
        "@type": "foaf:Agent",
        "foaf:name": _text(publication.publisher_name, publication),
        **({"foaf:homepage": {"@id": page, "@type": "foaf:Document"}} if page else {}),
    }


def _contact(publication: Publication) -> Node:
    if publication.contact_email is None:
        return {}
    return {
        "dcat:contactPoint": {
            "@type": "vcard:Kind",
            "vcard:fn": publication.publisher_name,
            "vcard:hasEmail": {"@id": f"mailto:{publication.contact_email}"},
        }
    }


def _licence(publication: Publication) -> Node:
    return {"@id": publication.licence_url, "@type": "dct:LicenseDocument"}


def _language(publication: Publication) -> Node:
    code = _LANGUAGES.get(publication.language)
    return {"dct:language": _concept("language", code, "dct:LinguisticSystem")} if code else {}


def _period(file: DescribedFile) -> Node:
    if file.first_day is None or file.last_day is None:
        return {}
    return {
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _typed(file.first_day.isoformat(), "date"),
            "dcat:endDate": _typed(file.last_day.isoformat(), "date"),
        }
    }


def _property(column: str, kind: str, publication: Publication) -> Node:
    component = component_id(column)
    known = _KNOWN.get(component)
    return {"@id": f"{_SDMX}/{known}" if known else publication.address(f"#{component}"), "@type": kind}


def _concept(authority: str, name: str, kind: str) -> Node:
    return {"@id": f"{_AUTHORITY}/{authority}/{name}", "@type": kind}


def _moment(package: Package) -> Node:
    return _typed(package.published_at.strftime("%Y-%m-%dT%H:%M:%SZ"), "dateTime")


def _typed(value: Any, kind: str) -> Node:
    return {"@value": str(value), "@type": f"xsd:{kind}"}


def _text(text: str, publication: Publication) -> Node:
    return {"@value": text, "@language": publication.language}
