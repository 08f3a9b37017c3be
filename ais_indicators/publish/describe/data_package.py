"""Frictionless Data Package: what programs need to read, check and cite the files of an export (specification v1)."""

from typing import Any, Final

from ais_indicators.contracts.model import Column, bound_value
from ais_indicators.publish.describe.described import DescribedFile, Package, codes_of
from ais_indicators.rules import Rules

FILE: Final = "datapackage.json"
_TYPES: Final = {
    "long": "integer",
    "integer": "integer",
    "double": "number",
    "string": "string",
    "date": "date",
    "boolean": "boolean",
    "timestamp": "datetime",
}


def data_package(package: Package, rules: Rules) -> dict[str, Any]:
    """Builds the descriptor of all files."""
    publication = package.publication
    contact = {"email": publication.contact_email} if publication.contact_email else {}
    page = {"path": publication.publisher_homepage} if publication.publisher_homepage else {}
    return {
        "profile": "tabular-data-package",
        "name": "ais-indicators",
        "title": publication.catalogue_title,
        "description": package.description,
        "created": package.published_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [
            {
                "name": publication.licence_name,
                "title": publication.licence_title,
                "path": publication.licence_url,
            }
        ],
        "contributors": [{"title": publication.publisher_name, "role": "publisher", **page, **contact}],
        "sources": [{"title": text} for text in package.attributions],
        "resources": [_resource(file, rules) for file in package.files],
    }


def _resource(file: DescribedFile, rules: Rules) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": file.stem.replace("_", "-"),
        "title": file.title,
        "description": file.contract.one_row,
        "path": file.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size_bytes,
        "hash": f"sha256:{file.sha256}",
        "dialect": {"delimiter": ",", "header": True},
        "schema": {
            "fields": [_field(column, rules) for column in file.contract.columns],
            "primaryKey": list(file.contract.key),
            "missingValues": [""],
        },
    }


def _field(column: Column, rules: Rules) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    bounds = {"minimum": column.minimum, "maximum": column.maximum}
    constraints |= {name: bound_value(bound, rules) for name, bound in bounds.items() if bound is not None}
    if column.one_of:
        constraints["enum"] = list(column.one_of)
    if column.pattern:
        constraints["pattern"] = column.pattern
    names = codes_of(column)
    return {
        "name": column.name,
        "type": _TYPES[column.type],
        "description": column.description,
        **({"unit": column.unit} if column.unit else {}),
        **({"codes": names} if names else {}),
        "constraints": constraints,
    }
