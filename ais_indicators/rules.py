"""The thresholds of the method, read once from `quality/rules.yaml`.

They are those of ships. What else is followed has a profile there: the rules in which it differs, and those that it has
alone. Which one holds is a matter of the whole process, set where a task begins (`following`), so that no threshold has
to be asked for by subject.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, get_args

from ais_indicators.repository import find_folder
from ais_indicators.yaml_text import parse_yaml

RULES_FILE = "rules.yaml"

Subject = Literal["ships", "planes"]
"""What a lake follows."""

SHIPS: Final = "ships"
PLANES: Final = "planes"
SUBJECTS: Final[tuple[Subject, ...]] = get_args(Subject)

_followed: Subject = SHIPS


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


def followed() -> Subject:
    """The subject whose rules hold."""
    return _followed


def follow(subject: Subject) -> None:
    """Lets the rules of a subject hold from now on."""
    global _followed  # noqa: PLW0603 - one process works on one lake at a time
    if subject != _followed:
        _followed = subject
        rules_hash.cache_clear()


@contextmanager
def following(subject: Subject) -> Iterator[None]:
    """Lets the rules of a subject hold, and those that held before afterwards.

    >>> with following("planes"):
    ...     rule("max_implied_speed_knots") > 500
    True
    """
    before = followed()
    follow(subject)
    try:
        yield
    finally:
        follow(before)


def load_rules() -> dict[str, Rule]:
    """Every rule that holds, by name: in the file's order, then what the subject has alone."""
    return _rules_of(_followed)


@cache
def load_profile(subject: Subject) -> Mapping[str, Rule]:
    """The rules in which a subject differs from ships, and those that it has alone; none for ships."""
    bodies = _file().get("profiles", {}).get(subject, {})
    ships = _of_ships()
    return {
        name: Rule(name=name, **({"unit": ships[name].unit} if name in ships else {}), **body)
        for name, body in bodies.items()
    }


@cache
def _rules_of(subject: Subject) -> dict[str, Rule]:
    return {**_of_ships(), **load_profile(subject)}


@cache
def _of_ships() -> dict[str, Rule]:
    return {name: Rule(name=name, **body) for name, body in _file()["rules"].items()}


@cache
def _file() -> Any:
    return parse_yaml((find_folder("quality") / RULES_FILE).read_text(encoding="utf-8"))


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
