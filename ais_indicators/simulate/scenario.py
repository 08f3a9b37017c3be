"""A scenario: how much is heard, which faults are on at which rates, and what shocks the trade.

`clear` and `standard` come with the package; an office writes others, in YAML, upon one of these.
"""

from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ais_indicators.errors import BadInputError

SCENARIOS: Final = "scenarios"
SUFFIX: Final = ".yaml"
BUILT_IN: Final = ("clear", "standard")

Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0)]
Hours = Annotated[float, Field(gt=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Faults(_Part):
    """Rates of what goes wrong; each is 0, that is off, unless it is named.

    Attributes:
        outages_per_station_year: Mean number of times that a coast station falls silent.
        outage_hours: Shortest and longest outage.
        lost_share: Messages that no receiver takes, by chance.
        collision_share_per_ship: Chance that another ship in the same station's range spoils a message.
        duplicate_share: Messages that come twice.
        position_jump_share: Messages with a place hundreds of kilometres off.
        wrong_time_share: Messages whose time is minutes to hours off.
        slow_clock_share: Ships whose messages are all stamped 30 s late or early.
        truncated_share: Lines that are cut off.
        not_available_share: Messages with a value that says "not available", or one out of range.
        shared_mmsi_share: Ships that send another ship's number all the time.
        mmsi_changes_per_ship_year: Mean number of times that a ship gets a new number under its IMO number.
        mmsi_handovers_per_ship_year: Mean number of times that a ship takes a number which another has laid down.
        late_draught_share: Calls after which the new draught is typed in some hours late.
        stale_draught_share: Calls after which nobody types in a new draught.
        zero_draught_share: Calls after which the draught sent is 0.
    """

    outages_per_station_year: Rate = 0
    outage_hours: tuple[Hours, Hours] = (3, 12)
    lost_share: Share = 0
    collision_share_per_ship: Share = 0
    duplicate_share: Share = 0
    position_jump_share: Share = 0
    wrong_time_share: Share = 0
    slow_clock_share: Share = 0
    truncated_share: Share = 0
    not_available_share: Share = 0
    shared_mmsi_share: Share = 0
    mmsi_changes_per_ship_year: Rate = 0
    mmsi_handovers_per_ship_year: Rate = 0
    late_draught_share: Share = 0
    stale_draught_share: Share = 0
    zero_draught_share: Share = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.outage_hours[0] > self.outage_hours[1]:
            raise ValueError("outage_hours: the shortest comes first")
        return self


class _Shock(_Part):
    from_utc: datetime
    to_utc: datetime

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        if any(t.utcoffset() is None for t in (self.from_utc, self.to_utc)):
            raise ValueError("from_utc and to_utc need a Z at their end")
        if self.from_utc >= self.to_utc:
            raise ValueError("from_utc must come before to_utc")
        return self

    @property
    def span_s(self) -> tuple[float, float]:
        """First epoch second and the one after the last."""
        return self.from_utc.astimezone(UTC).timestamp(), self.to_utc.astimezone(UTC).timestamp()


class PortClosed(_Shock):
    """No ship is let into a port; those that come wait at its anchorage."""

    kind: Literal["port_closed"]
    port_locode: str


class StraitBlocked(_Shock):
    """No ship enters a strait; those that set out sail another way, or wait where there is none."""

    kind: Literal["strait_blocked"]
    gate: str


class NewLane(_Shock):
    """Some ships leave their trade and sail between two ports."""

    kind: Literal["new_lane"]
    between: tuple[str, str]
    ships: Annotated[int, Field(ge=1)]


class Scenario(_Part):
    """One scenario.

    Attributes:
        coverage: `everything`: each message is received; `receivers`: those in range of a coast station, and
            others only while a satellite passes.
        faults: Rates of faults.
        shocks: What happens to the trade.
    """

    coverage: Literal["everything", "receivers"] = "everything"
    faults: Faults = Faults()
    shocks: tuple[Annotated[PortClosed | StraitBlocked | NewLane, Field(discriminator="kind")], ...] = ()


def load_scenario(name: str) -> Scenario:
    """A scenario by name, or from a file that names in `upon` the built-in one which it changes.

    Raises:
        BadInputError: There is no such scenario, or the file is none.
    """
    if name in BUILT_IN:
        return _read(name, _packaged(name))
    path = Path(name)
    if not path.is_file():
        raise BadInputError(f"no scenario '{name}': neither a file nor one of {', '.join(BUILT_IN)}")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInputError(f"{name}: not YAML: {error}") from error
    if not isinstance(content, dict):
        raise BadInputError(f"{name}: a scenario is a mapping with `upon`, `coverage`, `faults`, `shocks`")
    base = content.pop("upon", "clear")
    if base not in BUILT_IN:
        raise BadInputError(f"{name}: upon: '{base}' is none of {', '.join(BUILT_IN)}")
    changed = dict(_packaged(base)) | content
    if isinstance(content.get("faults"), dict):
        changed["faults"] = _packaged(base).get("faults", {}) | content["faults"]
    return _read(name, changed)


def _read(name: str, content: dict[str, Any]) -> Scenario:
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "scenario"
        raise BadInputError(f"{name}: {where}: {first['msg']}") from error


@cache
def _packaged(name: str) -> dict[str, Any]:
    file = resources.files("ais_indicators.simulate").joinpath(SCENARIOS, name + SUFFIX)
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return content
