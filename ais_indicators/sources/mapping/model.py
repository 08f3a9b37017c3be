"""Mapping file: which column of a feed is which column of ours, and how the feed writes its values.

An office that gets AIS in its own layout writes one, in YAML, and needs no code.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    model_validator,
)

from ais_indicators.contracts.model import Column, load_contract
from ais_indicators.contracts.row_rules import VALUE_FLAGS
from ais_indicators.errors import BadInputError
from ais_indicators.rules import SHIPS, Subject
from ais_indicators.sources.blocks import BRONZE_MESSAGES, BRONZE_STATICS
from ais_indicators.sources.mapping.times import check_time_formats
from ais_indicators.sources.mapping.units import unit_factor
from ais_indicators.sources.mapping.yearless import PARTS, is_yearless
from ais_indicators.sources.stamps import ISO
from ais_indicators.sources.zones import zone_named

OBSERVED_AT: Final = "observed_at_utc"
MMSI: Final = "mmsi"
LAYOUTS: Final = "layouts"
EXAMPLES: Final = "examples"
_NUMBERS: Final = ("long", "integer", "double")
_WHOLE_NUMBERS: Final = ("long", "integer")


def _scalar(value: Any) -> Any:
    """Rejects values that YAML reads as neither text nor number, such as `No` and dates."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is neither text nor a number; put text in quotes")
    return value.strip() if isinstance(value, str) else value


def _key(value: Any) -> str:
    return str(_scalar(value))


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Mark = Annotated[str | int | float, BeforeValidator(_scalar)]
Key = Annotated[str, BeforeValidator(_key)]
Names = Annotated[tuple[Key, ...], BeforeValidator(_listed)]


class ColumnMapping(BaseModel):
    """Where one column comes from, and how its values are written.

    Attributes:
        names: The feed's column; of several names, for the generations of a layout, the first that a file has.
        sum: In place of `names`, columns of lengths that are added, such as bow and stern.
        join: In place of `names`, columns whose texts are joined with a blank, such as date and time.
        parts: In place of `names`, the columns of month, day, hour and minute of an announced arrival.
        time_format: `iso`, `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, `mmddhhmm` or `eta_20_bits` (a month to a
            minute, without a year: as digits, or as AIS sends it), or formats of strptime; of several the one that
            reads most of a file's beginning, for all rows of the file.
        time_zone: IANA name, or offset such as `+02:00`, of the zone of times that name none.
        unit: The feed's unit, as pint writes it; without it the column's own.
        missing: Texts and numbers that mean "not available", beyond those of the file, in the feed's unit.
        codes: What to take in place of a text, whatever its case; other texts are read as numbers if they are.
        constant: The value of every row, in place of a column.
        decimal_comma: Whether numbers have a comma in place of the point.
        hashed: Whether the column holds hashes in place of MMSIs: each becomes a number outside the MMSIs.
        base: Base in which whole numbers are written: 16 for hexadecimal ones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    names: Names = Field((), alias="from")
    sum: Names = ()
    join: Names = ()
    parts: Names = ()
    time_format: Names = (ISO,)
    time_zone: str = "UTC"
    unit: str | None = None
    missing: tuple[Mark, ...] = ()
    codes: dict[Key, Mark] = {}
    constant: Mark | None = None
    decimal_comma: bool = False
    base: Literal[10, 16] = 10
    hashed: bool = False

    @property
    def is_yearless(self) -> bool:
        """Returns whether the times lack their year."""
        return bool(self.parts) or is_yearless(self.time_format)

    @property
    def combined(self) -> tuple[str, ...]:
        """Returns the feed's columns that are all needed for a value."""
        return self.sum or self.join or self.parts


class SetAside(BaseModel):
    """Which rows are no ship's positions, and under which names they are counted.

    Attributes:
        names: The feed's column; of several names the first that a file has.
        values: Name of the count by the column's text, whatever its case.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    names: Names = Field(alias="from", min_length=1)
    values: dict[Key, Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]]


class Mapping(BaseModel):
    """One mapping file.

    Attributes:
        layout: Name of the layout.
        title: What the feed is.
        format: How its files are written; `json` for an object a line, whose fields are named by their path, such as
            `Message.**.Sog`, where `**` matches any keys.
        delimiter: Separator of the fields of a CSV file.
        recognised_by: Columns that a file of this layout has, all of them.
        licence: On which terms the data may be used.
        attribution: What a publication has to say about their source.
        keep_weeks: How long the messages may be kept; without it as long as one likes.
        missing: Texts and numbers that mean "not available" in every column.
        columns: By column of bronze, where it comes from.
        set_aside: Rows that are no ship's positions.
        rows: `positions`, or `statics` for a file of static reports alone, which has no positions.
        sentences_from: Path of raw AIS sentences in an object of JSON, a text or a list; an object that has them is
            read from them and its time, and not from its other fields.
        subject: Subject of the feed; only a lake of that subject ingests it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    layout: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    format: Literal["csv", "parquet", "json"]
    delimiter: str = Field(",", pattern=r'^[^"\r\n]$')
    recognised_by: Names = Field(min_length=1)
    licence: str
    attribution: str
    keep_weeks: PositiveInt | None = None
    missing: tuple[Mark, ...] = ()
    columns: dict[str, ColumnMapping]
    set_aside: SetAside | None = None
    rows: Literal["positions", "statics"] = "positions"
    sentences_from: str | None = None
    subject: Subject = SHIPS

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        known_columns = mappable_columns() if self.rows == "positions" else static_columns()
        unknown = sorted(set(self.columns) - set(known_columns))
        if unknown:
            known = ", ".join(known_columns)
            raise ValueError(
                f"columns: {', '.join(unknown)} can be no column here; those that can are {known}"
            )
        unmapped = [name for name in self.needed_columns() if name not in self.columns]
        if unmapped:
            raise ValueError(f"columns: {', '.join(unmapped)} must be mapped; a row is useless without it")
        for name, mapped in self.columns.items():
            _check(name, mapped)
        return self

    def needed_columns(self) -> tuple[str, ...]:
        """Returns the columns without which a row holds no information."""
        table = BRONZE_MESSAGES if self.rows == "positions" else BRONZE_STATICS
        return tuple(c.name for c in load_contract(table).columns if c.missing_reason)

    def recognises(self, header: Sequence[str]) -> bool:
        """Returns whether a file with these columns has this layout; blanks around names do not count, case does."""
        return set(self.recognised_by) <= {name.strip() for name in header}


@cache
def mappable_columns() -> dict[str, Column]:
    """Returns the columns that a feed can fill, by name: those of positions, then what static reports have beyond."""
    columns: dict[str, Column] = {}
    for table in (BRONZE_MESSAGES, BRONZE_STATICS):
        contract = load_contract(table)
        ours = (VALUE_FLAGS, "file_sha256", *contract.partition_by)
        columns |= {c.name: c for c in contract.columns if c.name not in (*ours, *columns)}
    return columns


def static_columns() -> dict[str, Column]:
    """Returns the columns that a file of static reports alone can fill, by name."""
    ours = {c.name for c in load_contract(BRONZE_STATICS).columns}
    return {name: column for name, column in mappable_columns().items() if name in ours}


def load_mapping(path: Path) -> Mapping:
    """Reads a mapping file.

    Args:
        path: The file, or the name of an example that comes with the package, such as `aishub`.

    Raises:
        BadInputError: It cannot be read, or a key in it is wrong; says which.
    """
    example = None if path.exists() else _example(str(path))
    if example is not None:
        return example
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read as text in UTF-8 ({error}); check the path") from error
    return _parse(text, path.name)


@cache
def shipped_mappings() -> tuple[Mapping, ...]:
    """Returns the mapping files that come with the package, by name."""
    return _packaged(LAYOUTS)


@cache
def example_mappings() -> tuple[Mapping, ...]:
    """Returns the mapping files that are used only where they are asked for, by name."""
    return _packaged(EXAMPLES)


def _example(name: str) -> Mapping | None:
    return next((one for one in example_mappings() if one.layout == name), None)


def _packaged(folder_name: str) -> tuple[Mapping, ...]:
    folder = resources.files(__package__) / folder_name
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return tuple(_parse(file.read_text(encoding="utf-8"), file.name) for file in files)


class _Loader(yaml.SafeLoader):
    """Refuses a repeated key, of which YAML would silently use the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            problem = f"repeated key {', '.join(twice)}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep)


def _parse(text: str, file_name: str) -> Mapping:
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise BadInputError(f"{file_name}: invalid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise BadInputError(f"{file_name}: not a mapping file: it has no keys such as layout and columns")
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        problems = dict.fromkeys(_problem(one["loc"], one["type"], one["msg"]) for one in error.errors())
        raise BadInputError(f"{file_name}: {'; '.join(problems)}") from error


def _problem(place: Sequence[str | int], kind: str, message: str) -> str:
    """Returns one sentence about one key."""
    key = ".".join(str(part) for part in place)
    said = {"extra_forbidden": "is an unknown key", "missing": "is required"}
    text = said.get(kind, message.removeprefix("Value error, "))
    if not key:
        return text
    return f"{key} {text}" if kind in said else f"{key}: {text}"


def _check(name: str, mapped: ColumnMapping) -> None:
    """Raises an error if a column cannot be read as it is mapped.

    Raises:
        ValueError: It cannot; says which key is wrong.
    """
    column, given = mappable_columns()[name], mapped.model_fields_set
    if len(given.intersection(_ORIGINS)) != 1:
        raise ValueError(f"columns.{name}: needs one of {', '.join(_ORIGINS.values())}")
    _check_combined(name, mapped)
    if mapped.constant is not None:
        _check_constant(column, mapped)
    for key, types in _KEYS_OF_TYPES.items():
        if key in given and column.type not in types:
            raise ValueError(f"columns.{name}.{key}: is not allowed in a column of type {column.type}")
    if mapped.hashed and (name != MMSI or given - {"names", "hashed", "missing"}):
        raise ValueError(
            f"columns.{name}.hashed: is allowed only with from and missing, in the column {MMSI}"
        )
    if column.type == "timestamp":
        _check_times(name, mapped)
    _check_codes(column, mapped)
    if mapped.unit is not None:
        _check_unit(column, mapped.unit)


_ORIGINS: Final = {"names": "from", "constant": "constant", "sum": "sum", "join": "join", "parts": "parts"}
"""Keys that say where a column comes from, and how a mapping file writes them."""

_KEYS_OF_TYPES: Final = {
    "sum": ("double",),
    "join": ("timestamp",),
    "parts": ("timestamp",),
    "time_format": ("timestamp",),
    "time_zone": ("timestamp",),
    "unit": ("double",),
    "decimal_comma": _NUMBERS,
    "base": _WHOLE_NUMBERS,
    "codes": (*_NUMBERS, "string"),
    "constant": (*_NUMBERS, "string"),
}


def _check_combined(name: str, mapped: ColumnMapping) -> None:
    if mapped.parts and (len(mapped.parts) != len(PARTS) or "time_format" in mapped.model_fields_set):
        raise ValueError(
            f"columns.{name}.parts: must name the columns of {', '.join(PARTS)}, without a time_format"
        )
    if mapped.codes and mapped.combined:
        raise ValueError(f"columns.{name}.codes: is not allowed with several columns")
    if not mapped.names and not mapped.combined and mapped.constant is None:
        raise ValueError(f"columns.{name}: names no column")
    if len(mapped.combined) == 1:
        raise ValueError(f"columns.{name}: a single column is given with from")


def _check_constant(column: Column, mapped: ColumnMapping) -> None:
    if len(mapped.model_fields_set) > 1:
        raise ValueError(f"columns.{column.name}.constant: must be the only key")
    if not _fits(column, mapped.constant):
        raise ValueError(f"columns.{column.name}.constant: {mapped.constant!r} is not of type {column.type}")


def _check_times(name: str, mapped: ColumnMapping) -> None:
    try:
        check_time_formats(mapped.time_format)
    except ValueError as error:
        raise ValueError(f"columns.{name}.time_format: {error}") from error
    if name == OBSERVED_AT and mapped.parts:
        raise ValueError(f"columns.{name}.parts: lacks the year of the message")
    if name == OBSERVED_AT and mapped.is_yearless:
        raise ValueError(
            f"columns.{name}.time_format: {', '.join(mapped.time_format)} lacks the year of the message"
        )
    try:
        zone_named(mapped.time_zone)
    except ValueError as error:
        raise ValueError(f"columns.{name}.time_zone: {error}") from error


def _check_codes(column: Column, mapped: ColumnMapping) -> None:
    if mapped.codes and mapped.unit is not None:
        raise ValueError(f"columns.{column.name}.codes: are values in the column's unit; omit the unit")
    wrong = [text for text, value in mapped.codes.items() if not _fits(column, value)]
    if wrong:
        raise ValueError(
            f"columns.{column.name}.codes.{wrong[0]}: {mapped.codes[wrong[0]]!r} is not of type {column.type}"
        )


def _check_unit(column: Column, unit: str) -> None:
    try:
        if column.unit is None:
            raise ValueError("the column has no unit")
        unit_factor(unit, column.unit)
    except ValueError as error:
        raise ValueError(f"columns.{column.name}.unit: {error}") from error


def _fits(column: Column, value: object) -> bool:
    """Returns whether a value of the mapping file is of a column's type."""
    if column.type in _WHOLE_NUMBERS:
        return isinstance(value, int)
    return isinstance(value, int | float) if column.type in _NUMBERS else isinstance(value, str)
