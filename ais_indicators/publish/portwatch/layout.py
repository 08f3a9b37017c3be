"""Columns of PortWatch's daily ports and daily chokepoints, and how our values map to them.

Names and order are those of the data sets `Daily_Ports_Data` and `Daily_Chokepoints_Data` of IMF PortWatch, with its
running number `ObjectId` last. After it comes one column per measure that PortWatch does not have: cargo ships of
unknown type, the remainder of `*_cargo`. PortWatch's chokepoints have the numbers 1 to 28, which is also the order of
methodology 7; its ports have the numbers of `publish.portwatch.ports`. A port without one has its own code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ais_indicators.contracts.model import Column, ColumnType, Contract

DRY: Final = ("container", "dry_bulk", "general_cargo", "roro")
TANKER: Final = "tanker"
CARGO: Final = "cargo"
UNSPECIFIED: Final = "cargo_unspecified"
CLASSES: Final = (*DRY, TANKER, UNSPECIFIED)

STRAITS: Final = {
    "suez": "Suez Canal",
    "panama": "Panama Canal",
    "bosporus": "Bosporus Strait",
    "bab_el_mandeb": "Bab el-Mandeb Strait",
    "malacca": "Malacca Strait",
    "hormuz": "Strait of Hormuz",
    "good_hope": "Cape of Good Hope",
    "gibraltar": "Gibraltar Strait",
    "dover": "Dover Strait",
    "oresund": "Oresund Strait",
    "taiwan": "Taiwan Strait",
    "korea": "Korea Strait",
    "tsugaru": "Tsugaru Strait",
    "luzon": "Luzon Strait",
    "lombok": "Lombok Strait",
    "ombai": "Ombai Strait",
    "bohai": "Bohai Strait",
    "torres": "Torres Strait",
    "sunda": "Sunda Strait",
    "makassar": "Makassar Strait",
    "magellan": "Magellan Strait",
    "yucatan": "Yucatan Channel",
    "windward": "Windward Passage",
    "mona": "Mona Passage",
    "balabac": "Balabac Strait",
    "bering": "Bering Strait",
    "mindoro": "Mindoro Strait",
    "kerch": "Kerch Strait",
}
"""Name at PortWatch of each packaged gate, in the order of PortWatch's numbers."""


def strait_ids() -> dict[str, str]:
    """Returns PortWatch's identifier of each packaged gate.

    >>> strait_ids()["hormuz"]
    'chokepoint6'
    """
    return {code: f"chokepoint{number}" for number, code in enumerate(STRAITS, start=1)}


@dataclass(frozen=True)
class Measure:
    """One measure, spread over columns by vessel class.

    Attributes:
        prefix: Prefix of its columns: `portcalls`.
        total: Its column over cargo ships and tankers.
        type: Type of its columns.
        unit: Unit of its values.
        meaning: Meaning, for descriptions.
        covers_all: Whether the value over all classes covers only cargo ships and tankers, so that it is the total
            even if a class is missing.
    """

    prefix: str
    total: str
    type: ColumnType
    unit: str
    meaning: str
    covers_all: bool = False

    def column(self, vessel_class: str) -> str:
        """Returns the column of a class, or of `cargo`."""
        return f"{self.prefix}_{vessel_class}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Returns PortWatch's columns of it, in order."""
        return (*(self.column(one) for one in (*DRY, TANKER, CARGO)), self.total)


CALLS: Final = Measure("portcalls", "portcalls", "long", "calls", "Port calls by their arrival")
IMPORT: Final = Measure("import", "import", "double", "t", "Net tonnes put ashore", covers_all=True)
EXPORT: Final = Measure("export", "export", "double", "t", "Net tonnes taken on board", covers_all=True)
TRANSITS: Final = Measure("n", "n_total", "long", "transits", "Transits by their entry, in both directions")
CAPACITY: Final = Measure(
    "capacity", "capacity", "double", "t", "Payload of the transits for which it is known, in both directions"
)


@dataclass(frozen=True)
class Layout:
    """One file.

    Attributes:
        name: Its name without the ending.
        one_row: What a row is.
        places: Columns of the place.
        measures: Its measures, in order.
        day: What the date is.
    """

    name: str
    one_row: str
    places: tuple[tuple[str, str], ...]
    measures: tuple[Measure, ...]
    day: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Returns all columns in order: PortWatch's with its running number at the end, then ours."""
        own = tuple(measure.column(UNSPECIFIED) for measure in self.measures)
        values = tuple(name for measure in self.measures for name in measure.columns)
        return (*_DATES, *(name for name, _ in self.places), *values, OBJECT_ID, *own)

    @property
    def is_of_straits(self) -> bool:
        """Returns whether its places are chokepoints."""
        return self.places == _STRAIT

    @property
    def contract(self) -> Contract:
        """Describes the layout as a contract."""
        dates = (
            Column(name="date", type="date", nullable=False, description=self.day),
            *(
                Column(
                    name=name, type="integer", nullable=False, description=f"{name.capitalize()} of the date."
                )
                for name in _DATES[1:]
            ),
        )
        places = (
            Column(name=name, type="string", nullable=name not in ("portid", "portname"), description=text)
            for name, text in self.places
        )
        values = {one.name: one for measure in self.measures for one in _described(measure)}
        values[OBJECT_ID] = _NUMBER
        return Contract(
            table=f"portwatch.{self.name}",
            one_row=self.one_row,
            key=("date", "portid"),
            partition_by=(),
            columns=(*dates, *places, *(values[name] for name in self.columns if name in values)),
        )


OBJECT_ID: Final = "ObjectId"
_NUMBER: Final = Column(
    name=OBJECT_ID,
    type="long",
    nullable=False,
    minimum=1,
    description="Number of the row in the file, from 1; another export can number the rows differently.",
)
_DATES: Final = ("date", "year", "month", "day")
_PORT: Final = (
    (
        "portid",
        "PortWatch's number of the port; for a port without one its UN/LOCODE, or `WPI` and the index number.",
    ),
    ("portname", "Name of the port, as at PortWatch if it has a number there."),
    ("country", "Country of the port, in English."),
    ("ISO3", "ISO 3166-1 alpha-3 code of the country."),
)
_STRAIT: Final = (
    (
        "portid",
        "PortWatch's identifier of the chokepoint; the code of the gate if the chokepoint is not one of PortWatch's.",
    ),
    ("portname", "Name of the chokepoint, as at PortWatch if it is one of PortWatch's."),
)
_MONDAY: Final = "Monday of the ISO week."
PORTS_WEEKLY: Final = Layout(
    "portwatch_ports_weekly", "One port in one ISO week.", _PORT, (CALLS, IMPORT, EXPORT), _MONDAY
)
PORTS_DAILY: Final = Layout(
    "portwatch_ports_daily", "One port on one UTC day.", _PORT, (CALLS, IMPORT, EXPORT), "UTC day."
)
CHOKEPOINTS_WEEKLY: Final = Layout(
    "portwatch_chokepoints_weekly", "One chokepoint in one ISO week.", _STRAIT, (TRANSITS, CAPACITY), _MONDAY
)
CHOKEPOINTS_DAILY: Final = Layout(
    "portwatch_chokepoints_daily", "One chokepoint on one UTC day.", _STRAIT, (TRANSITS, CAPACITY), "UTC day."
)


def _described(measure: Measure) -> Sequence[Column]:
    """Describes the columns of a measure."""
    of = {
        **{measure.column(one): one.replace("_", " ") for one in (*DRY, TANKER)},
        measure.column(
            CARGO
        ): "container, dry bulk, general cargo, ro-ro and cargo ships of unknown type together",
        measure.total: "cargo ships and tankers together",
        measure.column(UNSPECIFIED): "cargo ships of unknown type",
    }
    return [
        Column(
            name=name,
            type=measure.type,
            unit=measure.unit,
            minimum=0,
            description=f"{measure.meaning}: {ships}.",
        )
        for name, ships in of.items()
    ]
