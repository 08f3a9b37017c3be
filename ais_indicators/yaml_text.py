"""Reads the YAML files of the software with the parser in C, where PyYAML has it: every command reads some of them."""

from typing import Any, Final

import yaml

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> Any:
    """What a YAML text holds, in plain types.

    Raises:
        yaml.YAMLError: The text is no YAML.
    """
    return yaml.load(text, _LOADER)  # noqa: S506 - a safe loader
