"""Reads YAML files of the software with PyYAML's parser in C if available, since every command reads some of them."""

from typing import Any, Final

import yaml

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> Any:
    """Returns the content of a YAML text in plain types.

    Raises:
        yaml.YAMLError: The text is not valid YAML.
    """
    return yaml.load(text, _LOADER)  # noqa: S506 - a safe loader
