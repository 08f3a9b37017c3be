"""Writes the descriptions of an export's CSV files next to them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ais_indicators.contracts.model import Contract
from ais_indicators.publish.describe import catalogue, csvw, data_package
from ais_indicators.publish.describe.described import DescribedFile, Package, describe_file
from ais_indicators.publish.files import staged_folder
from ais_indicators.publish.publication import Publication
from ais_indicators.rules import Rules


def write_machine_descriptions(
    files: Mapping[Path, Contract],
    publication: Publication,
    attributions: Sequence[str],
    notes: Sequence[str],
    published_at: datetime,
    rules: Rules,
) -> list[Path]:
    """Describes CSV files of one folder, as CSVW, as a data package and as a catalogue.

    Args:
        files: Contract of the columns of each file.
        publication: Who publishes them.
        attributions: Texts that the sources require.
        notes: What a reader must know about the values.
        published_at: When the newest of the releases was published.
        rules: Rules of the lake's subject.

    Returns:
        The files written.
    """
    described = _with_periods([describe_file(path, contract) for path, contract in files.items()])
    package = Package(described, publication, attributions, notes, published_at)
    documents: dict[str, dict[str, Any]] = {
        f"{file.name}{csvw.SUFFIX}": csvw.csvw_metadata(file, package, rules) for file in described
    }
    documents[data_package.FILE] = data_package.data_package(package, rules)
    documents[catalogue.FILE] = catalogue.catalogue(package)
    folder = next(iter(files)).parent
    with staged_folder(folder) as staged:
        for name, document in documents.items():
            text = json.dumps(document, indent=2, ensure_ascii=False)
            (staged / name).write_text(f"{text}\n", encoding="utf-8")
    return [folder / name for name in documents]


def _with_periods(files: Sequence[DescribedFile]) -> list[DescribedFile]:
    """Gives a file without rows the period of the others: it states that there was nothing in these weeks."""
    first = min((one.first_day for one in files if one.first_day), default=None)
    last = max((one.last_day for one in files if one.last_day), default=None)
    return [one if one.first_day else replace(one, first_day=first, last_day=last) for one in files]
