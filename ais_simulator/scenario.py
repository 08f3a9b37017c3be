"""Scenarios: how much is heard, which faults occur at which rates, and what shocks the trade.

`clear`, `standard` and `satellite` come with the package; an office writes others, in YAML, based on one of these.
"""

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from ais_indicators.errors import BadInputError
from ais_simulator.parts import Count, Hours, Knots, Minutes, Part, Rate, Share, require_order
from ais_simulator.shocks import Shock

SCENARIOS: Final = "scenarios"
SUFFIX: Final = ".yaml"
BUILT_IN: Final = ("clear", "standard", "satellite")

MERGED_PARTS: Final = ("faults", "satellite")
"""Parts of a scenario file that change single values of the scenario which it builds on."""


class WrongClock(Part):
    """Receivers next to others that repeat what these hear under another time.

    Attributes:
        minutes: How far their clock is ahead; negative: behind. Whole minutes, as a wrong time zone or date gives.
        station_share: Stations with such a neighbour; 1: all, and all that is heard without a station.
        heard_share: Messages of the station that the neighbour repeats.
    """

    minutes: Annotated[int, Field(ge=-720, le=720)]
    station_share: Share = 1
    heard_share: Share = 1

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.minutes == 0:
            raise ValueError("minutes: 0 is a right clock")
        return self


class SogMissing(Part):
    """Vessels whose messages never have a speed.

    Attributes:
        vessel_share: How many they are.
    """

    vessel_share: Share


class SogStuck(Part):
    """Vessels whose messages always have the same speed, at rest and while sailing.

    Attributes:
        vessel_share: How many they are.
        knots: The speeds, one of which each vessel sends.
    """

    vessel_share: Share
    knots: Annotated[tuple[Annotated[float, Field(ge=0, le=102)], ...], Field(min_length=1)] = (0.0, 0.3)


class InlandTraffic(Part):
    """River vessels without an IMO number, between two river ports.

    Attributes:
        vessels: How many they are.
        seagoing_vessels: Small seagoing vessels, with an IMO number, that call at the same ports.
    """

    vessels: Count
    seagoing_vessels: Annotated[int, Field(ge=0)] = 0


class Faults(Part):
    """Rates of what goes wrong; each is off (0 or none) unless it is named.

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
        receiver_clock_offset: Receivers with a wrong clock.
        sog_missing: Vessels that send no speed.
        sog_stuck: Vessels that send one speed only.
        inland_traffic: River vessels at ports of the port file.
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
    receiver_clock_offset: WrongClock | None = None
    sog_missing: SogMissing | None = None
    sog_stuck: SogStuck | None = None
    inland_traffic: InlandTraffic | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.outage_hours[0] > self.outage_hours[1]:
            raise ValueError("outage_hours: the shortest comes first")
        return self


class SatellitePasses(Part):
    """When satellites hear a place, where there is no coast station.

    Attributes:
        pass_every_hours: From one pass to the next.
        fixes: `one`: each vessel is heard once a pass; `burst`: whatever it sends in a pass, by chance.
        pass_minutes: How long a pass lasts.
        jitter_minutes: A pass begins up to this much earlier or later.
        static_every_passes: Static messages of a vessel are heard in one of so many passes.
    """

    pass_every_hours: Annotated[float, Field(ge=0.5, le=24)] = 5
    fixes: Literal["one", "burst"] = "burst"
    pass_minutes: Annotated[float, Field(ge=3, le=20)] = 10
    jitter_minutes: Annotated[float, Field(ge=0, le=60)] = 20
    static_every_passes: Count = 3

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.pass_minutes + 2 * self.jitter_minutes >= 60 * self.pass_every_hours:
            raise ValueError("pass_every_hours: passes overlap; shorten pass_minutes or jitter_minutes")
        return self


class Ferries(Part):
    """Ferries on two short lanes, around the clock.

    Attributes:
        vessels: How many there are; the lanes take turns.
        quay_minutes: Shortest and longest time at the quay.
        crossing_minutes: Shortest and longest crossing; without it that of the lane (20 to 30, 40 to 60).
    """

    kind: Literal["ferries"]
    vessels: Count
    quay_minutes: tuple[Minutes, Minutes] = (10, 30)
    crossing_minutes: tuple[Annotated[float, Field(ge=18)], Annotated[float, Field(le=120)]] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        require_order("quay_minutes", self.quay_minutes)
        if self.crossing_minutes:
            require_order("crossing_minutes", self.crossing_minutes)
        return self


class _Voyages(Part):
    vessels: Count
    knots: tuple[Knots, Knots] = (8, 16)
    ports: Annotated[tuple[str, ...], Field(min_length=2)] = ("GBFXT", "BEZEE", "FRLEH")

    @model_validator(mode="after")
    def _check_voyages(self) -> Self:
        require_order("knots", self.knots)
        if any(a == b for a, b in zip(self.ports, self.ports[1:] + self.ports[:1], strict=True)):
            raise ValueError("ports: no port follows on itself")
        return self


class Visitors(_Voyages):
    """Vessels that call at ports in their order and stay for a set time.

    Attributes:
        vessels: How many there are.
        knots: Slowest and fastest service speed.
        ports: LOCODEs in their order; the first follows the last.
        stay_hours: Shortest and longest time at a berth.
    """

    kind: Literal["visitors"]
    stay_hours: tuple[Hours, Hours]

    @model_validator(mode="after")
    def _check(self) -> Self:
        require_order("stay_hours", self.stay_hours)
        return self


class Passing(_Voyages):
    """Vessels that sail through the waters of ports without stopping.

    Attributes:
        vessels: How many there are.
        knots: Slowest and fastest speed.
        ports: LOCODEs in their order: each is passed on the way from the one before to the one after it.
    """

    kind: Literal["passing"]


Traffic = Annotated[Ferries | Visitors | Passing, Field(discriminator="kind")]


class Scenario(Part):
    """One scenario.

    Attributes:
        coverage: `everything`: each message is received; `receivers`: those in range of a coast station, and
            others only while a satellite passes; `satellite`: only those sent while a satellite passes.
        faults: Rates of faults.
        shocks: What happens to the trade, and to what vessels send.
        satellite: Passes, for the coverage of that name.
        traffic: Vessels besides those that `--ships` counts.
    """

    coverage: Literal["everything", "receivers", "satellite"] = "everything"
    faults: Faults = Faults()
    shocks: tuple[Shock, ...] = ()
    satellite: SatellitePasses | None = None
    traffic: tuple[Traffic, ...] | None = None

    @model_validator(mode="after")
    def _check_coverage(self) -> Self:
        if (self.coverage == "satellite") != (self.satellite is not None):
            raise ValueError("satellite: given with `coverage: satellite`, and only with it")
        return self

    def plain(self) -> dict[str, Any]:
        """Returns the scenario in types that JSON knows, without the parts that are off."""
        return self.model_dump(mode="json", exclude_none=True)


def load_scenario(name: str) -> Scenario:
    """Returns a scenario by name, or from a file that names in `upon` the built-in one which it changes.

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
        raise BadInputError(
            f"{name}: a scenario is a mapping with `upon`, `coverage`, `faults`, `shocks`, `traffic`"
        )
    base = content.pop("upon", "clear")
    if base not in BUILT_IN:
        raise BadInputError(f"{name}: upon: '{base}' is none of {', '.join(BUILT_IN)}")
    changed = dict(_packaged(base)) | content
    for part in MERGED_PARTS:
        if isinstance(content.get(part), dict):
            changed[part] = _packaged(base).get(part, {}) | content[part]
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
    file = resources.files("ais_simulator").joinpath(SCENARIOS, name + SUFFIX)
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return content
