"""Disclosure profiles, read once from `quality/disclosure.yaml`."""

from functools import cache
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from ais_indicators.contracts.model import RuleReference
from ais_indicators.errors import WrongUseError
from ais_indicators.repository import find_folder
from ais_indicators.rules import Rules
from ais_indicators.yaml_text import parse_yaml

PROFILES_FILE: Final = "disclosure.yaml"
Threshold = float | RuleReference | None


class Profile(BaseModel):
    """One profile.

    Attributes:
        name: Its name for `--disclosure`.
        text: Description.
        is_protected: False if nothing is suppressed; the thresholds are then not needed.
        min_ships: A cell with fewer ships is suppressed.
        max_share: A cell of which one ship or operator has a larger share is suppressed.
        least_protection_share: A suppressed value stays uncertain by at least this share of it, up and down.
        total_cost_factor: Factor on the cost of suppressing a cell for each of its dimensions that is a total.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    text: str
    is_protected: bool
    min_ships: Threshold = None
    max_share: Threshold = None
    least_protection_share: Threshold = None
    total_cost_factor: Threshold = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = [name for name in _THRESHOLDS if getattr(self, name) is None]
        if self.is_protected and missing:
            raise ValueError(f"{self.name}: lacks {', '.join(missing)}")
        return self

    def thresholds(self, rules: Rules) -> dict[str, float]:
        """Returns all given thresholds, by name."""
        return {name: self.threshold(name, rules) for name in _THRESHOLDS if getattr(self, name) is not None}

    def threshold(self, name: str, rules: Rules) -> float:
        """Returns the number of a threshold, from the profile itself or from a rule."""
        given = getattr(self, name)
        return float(given.resolve(rules) if isinstance(given, RuleReference) else given)


_THRESHOLDS: Final = ("min_ships", "max_share", "least_protection_share", "total_cost_factor")


class ProfilesFile(BaseModel):
    """Content of `quality/disclosure.yaml`.

    Attributes:
        profiles: All profiles; names are unique.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    profiles: tuple[Profile, ...]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [p.name for p in self.profiles]
        if len(set(names)) != len(names):
            raise ValueError(f"repeated profile names: {', '.join(names)}")
        return self


@cache
def load_profiles() -> tuple[Profile, ...]:
    """Reads every profile, in the file's order."""
    text = (find_folder("quality") / PROFILES_FILE).read_text(encoding="utf-8")
    return ProfilesFile.model_validate(parse_yaml(text)).profiles


def find_profile(name: str) -> Profile:
    """Finds a profile by name.

    Raises:
        WrongUseError: There is no such profile.
    """
    known = {p.name: p for p in load_profiles()}
    if name not in known:
        raise WrongUseError(f"unknown disclosure profile '{name}'; choose {' or '.join(known)}")
    return known[name]
