"""Thresholds of the method, read once from `quality/rules.yaml`.

`Rules` has one typed field per rule (`rule_fields.py`), so that mypy finds a wrong name or type.

They apply to ships. Another subject has a profile in that file: the rules that differ, and those that only it has. A
task has the rules of its lake's subject (`Job.rules`) and hands them on; nothing reads them from a global state.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Final, Literal, get_args, overload

from pydantic import ValidationError

from ais_indicators.errors import BadInputError
from ais_indicators.repository import find_folder
from ais_indicators.rule_fields import RuleFields
from ais_indicators.yaml_text import parse_yaml

RULES_FILE = "rules.yaml"

Subject = Literal["ships", "planes"]
"""Subject of a lake."""

SHIPS: Final = "ships"
PLANES: Final = "planes"
SUBJECTS: Final[tuple[Subject, ...]] = get_args(Subject)


@dataclass(frozen=True)
class Rule:
    """One threshold.

    Attributes:
        name: Name in code and documents; it ends with its unit.
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


class Rules(RuleFields):
    """Values of all rules of one subject. Frozen: hand it on, never change it.

    Attributes:
        subject: What the rules apply to.
    """

    subject: ClassVar[Subject] = SHIPS

    @overload
    @classmethod
    def for_subject(cls, subject: Literal["planes"]) -> "PlaneRules": ...

    @overload
    @classmethod
    def for_subject(cls, subject: Subject) -> "Rules": ...

    @classmethod
    def for_subject(cls, subject: Subject) -> "Rules":
        """Returns the rules of a subject.

        Raises:
            BadInputError: The file lacks a rule, has one without a field here, or has a value of another type.
        """
        return _typed_rules(subject)

    def value(self, name: str) -> Any:
        """Returns the value of a rule whose name was read from a file.

        Raises:
            KeyError: There is no rule of that name.
        """
        if name not in type(self).model_fields:
            raise KeyError(name)
        return getattr(self, name)


class PlaneRules(Rules):
    """Values of all rules of planes, with those that only planes have."""

    subject: ClassVar[Subject] = PLANES

    ground_max_speed_knots: float
    ground_max_altitude_m: float


def load_rules(subject: Subject = SHIPS) -> dict[str, Rule]:
    """Returns every rule of a subject by name: in the file's order, then those that only the subject has."""
    return _rules_of(subject)


@cache
def load_profile(subject: Subject) -> Mapping[str, Rule]:
    """Returns the rules in which a subject differs from ships, and those that only it has; none for ships."""
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


@cache
def _typed_rules(subject: Subject) -> Rules:
    kind = PlaneRules if subject == PLANES else Rules
    return checked(kind, {name: rule.value for name, rule in _rules_of(subject).items()})


def checked(kind: type[Rules], values: Mapping[str, Any]) -> Rules:
    """Returns values as typed rules.

    Raises:
        BadInputError: A rule is missing, has no field, or has a value of another type.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise BadInputError(f"quality/{RULES_FILE}: {name}: {first['msg']}; correct the file") from error


@cache
def rules_hash(subject: Subject) -> str:
    """Hashes all names, values and units (SHA-256): two runs with the same hash used the same thresholds."""
    of_subject = sorted(load_rules(subject).values(), key=lambda rule: rule.name)
    lines = (f"{rule.name}={rule.value!r} {rule.unit}" for rule in of_subject)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def rule_values(subject: Subject) -> dict[str, dict[str, Any]]:
    """Returns value and unit of every rule, sorted by name, as JSON types: the input of `rules_hash`."""
    found = {
        name: {"value": one.value, "unit": one.unit} for name, one in sorted(load_rules(subject).items())
    }
    plain: dict[str, dict[str, Any]] = json.loads(json.dumps(found))
    return plain
