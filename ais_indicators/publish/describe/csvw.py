"""CSV on the Web: what a validator needs to know about one file (W3C, Metadata Vocabulary for Tabular Data, 2015).

The metadata of `NAME.csv` are in `NAME.csv-metadata.json`, where the standard makes readers look for them.
"""

import re
from typing import Any, Final

from ais_indicators.contracts.model import Column, bound_value
from ais_indicators.publish.describe.described import DescribedFile, Package
from ais_indicators.rules import Rules

SUFFIX: Final = "-metadata.json"
_SYNTAX: Final = re.compile(r"[\^$\\.*+?()\[\]{}|/]")
"""Characters that can follow a backslash in a regular expression of ECMAScript, which CSVW uses."""

_TYPES: Final = {
    "long": "integer",
    "integer": "integer",
    "double": "double",
    "string": "string",
    "date": "date",
    "boolean": "boolean",
    "timestamp": "dateTime",
}


def csvw_metadata(file: DescribedFile, package: Package, rules: Rules) -> dict[str, Any]:
    """Builds the metadata of one file."""
    publication = package.publication
    language = publication.language
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": language}],
        "url": file.name,
        "dc:title": file.title,
        "dc:description": " ".join([file.contract.one_row, *package.notes]),
        "dc:publisher": {"schema:name": publication.publisher_name},
        "dc:license": {"@id": publication.licence_url},
        "dc:source": list(package.attributions),
        **_period(file),
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True},
        "tableSchema": {
            "columns": [_column(one, rules) for one in file.contract.columns],
            "primaryKey": list(file.contract.key),
        },
    }


def _period(file: DescribedFile) -> dict[str, str]:
    if file.first_day is None or file.last_day is None:
        return {}
    return {"dc:temporal": f"{file.first_day.isoformat()}/{file.last_day.isoformat()}"}


def _column(column: Column, rules: Rules) -> dict[str, Any]:
    unit = {"schema:unitText": column.unit} if column.unit else {}
    return {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.description,
        "datatype": _datatype(column, rules),
        "required": not column.nullable,
        **unit,
    }


def _datatype(column: Column, rules: Rules) -> dict[str, Any]:
    """Returns the base type, bounds, and a regular expression for the codes or the pattern."""
    found: dict[str, Any] = {"base": _TYPES[column.type]}
    bounds = {"minimum": column.minimum, "maximum": column.maximum, "maxExclusive": column.below}
    found |= {name: bound_value(bound, rules) for name, bound in bounds.items() if bound is not None}
    if column.one_of:
        found["format"] = "|".join(_SYNTAX.sub(r"\\\g<0>", code) for code in column.one_of)
    elif column.pattern:
        found["format"] = column.pattern.removeprefix("^").removesuffix("$")
    return found
