"""The thresholds of the method, read once from `quality/rules.yaml`."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from ais_indicators.repository import find_folder

RULES_FILE = "rules.yaml"


@dataclass(frozen=True)
class Rule:
    """One threshold.

    Attributes:
        name: What code and documents call it; it carries its unit.
        value: The number, or the list of numbers.
        unit: Unit of the value.
        reason: Why the value is what it is.
        source: Where it comes from.
    """

    name: str
    value: Any
    unit: str
    reason: str
    source: str


@cache
def load_rules() -> dict[str, Rule]:
    """Reads every rule, by name, in the file's order."""
    text = (find_folder("quality") / RULES_FILE).read_text(encoding="utf-8")
    return {name: Rule(name=name, **body) for name, body in yaml.safe_load(text)["rules"].items()}


def rule(name: str) -> Any:
    """Gives the value of one rule.

    Raises:
        KeyError: `quality/rules.yaml` has no rule of that name.
    """
    return load_rules()[name].value


@cache
def rules_hash() -> str:
    """SHA-256 over all names, values and units: two runs with one hash used the same thresholds."""
    lines = (f"{r.name}={r.value!r} {r.unit}" for r in sorted(load_rules().values(), key=lambda r: r.name))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def rule_values() -> dict[str, dict[str, Any]]:
    """Value and unit of every rule, by name in order, as JSON holds them: what `rules_hash` is of."""
    found = {name: {"value": one.value, "unit": one.unit} for name, one in sorted(load_rules().items())}
    plain: dict[str, dict[str, Any]] = json.loads(json.dumps(found))
    return plain
