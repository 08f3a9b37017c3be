"""Supported layouts of files, and the terms under which their data can be used."""

from collections.abc import Iterable
from collections.abc import Mapping as Mapped
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, PositiveInt, TypeAdapter, ValidationError, field_validator

from ais_indicators.contracts.attributions import SIMULATED
from ais_indicators.errors import BadInputError
from ais_indicators.settings import Settings
from ais_indicators.sources.mapping import Mapping, example_mappings, load_mapping, shipped_mappings
from ais_indicators.sources.mapping.model import OBSERVED_AT
from ais_indicators.sources.zones import DateOrder, SourceTimes, zone_named

BUILT_IN: Final = {
    "nmea": ("raw AIS sentences of receivers (!AIVDM, !AIVDO), with times next to them", "text"),
    "receiver_heartbeat": ("counts of stations that `ais-indicators receive` delivers", "csv"),
    "noaa_2015": ("NOAA MarineCadastre, 2015 to 2017", "csv, parquet"),
    "noaa_2018": ("NOAA MarineCadastre, 2018 on", "csv, parquet"),
    "noaa_2025": (
        "NOAA MarineCadastre, from 2025, and older years published again since",
        "csv, parquet, geoparquet",
    ),
}
"""Layouts that code reads: description and format."""

_OWN: Final = ("nmea", "receiver_heartbeat")
"""Layouts of the office's own stations."""

OWN_TERMS: Final = "of the receivers' owner"
PUBLIC_DOMAIN: Final = "public domain (United States)"
TERMS_FILE: Final = "sources.yaml"


class Terms(BaseModel):
    """An office's own terms for a layout, instead of the packaged ones.

    Attributes:
        licence: Terms of use of the data.
        attribution: Text that the source requires in a publication.
        keep_weeks: Retention period of the raw messages in weeks.
        time_zone: Zone of times that name none: an IANA name, or an offset such as `+02:00`.
        date_order: Order of day and month in times of sentences with the year last.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    licence: str | None = None
    attribution: str | None = None
    keep_weeks: PositiveInt | None = None
    time_zone: str | None = None
    date_order: DateOrder | None = None

    @field_validator("time_zone")
    @classmethod
    def _check_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone_named(name)
        return name


def mappings_of(settings: Settings) -> list[Mapping]:
    """Returns the office's own mapping files, `DATA_DIR/sources/*.yaml`, by name."""
    return [load_mapping(path) for path in sorted((settings.data_dir / "sources").glob("*.yaml"))]


def mappings_to_read(settings: Settings) -> list[Mapping]:
    """Returns the office's own mapping files, and shipped ones for which it declares a time zone.

    Raises:
        BadInputError: A mapping file or `DATA_DIR/sources.yaml` cannot be used.
    """
    own = mappings_of(settings)
    copied = {mapping.layout for mapping in own}
    shipped = [mapping for mapping in shipped_mappings() if mapping.layout not in copied]
    terms = _own_terms(
        settings.data_dir / TERMS_FILE, copied | set(BUILT_IN) | {one.layout for one in shipped}
    )
    zones = {layout: one.time_zone for layout, one in terms.items() if one.time_zone}
    return [*own, *(_in_zone(one, zones[one.layout]) for one in shipped if one.layout in zones)]


def _in_zone(mapping: Mapping, time_zone: str) -> Mapping:
    """Returns a mapping whose times that name no zone are in another one."""
    observed = mapping.columns[OBSERVED_AT].model_copy(update={"time_zone": time_zone})
    return mapping.model_copy(update={"columns": {**mapping.columns, OBSERVED_AT: observed}})


def known_layouts(settings: Settings) -> list[dict[str, Any]]:
    """Returns the known layouts, the office's own first: one entry each, for a table or a script.

    Examples come last: they are not recognised, but read with `--mapping NAME`.

    Raises:
        BadInputError: `DATA_DIR/sources.yaml` cannot be used.
    """
    own = [{**_described(mapping), "mapping_file": "yes"} for mapping in mappings_of(settings)]
    shipped = [{**_described(mapping), "mapping_file": "shipped"} for mapping in shipped_mappings()]
    copied = {entry["layout"] for entry in own}
    examples = [
        {**_described(mapping), "mapping_file": "example"}
        for mapping in example_mappings()
        if mapping.layout not in copied
    ]
    built_in = [
        {
            "layout": name,
            "title": title,
            "format": form,
            "mapping_file": "no",
            "licence": OWN_TERMS if name in _OWN else PUBLIC_DOMAIN,
            "keep_weeks": None,
            "attribution": "" if name in _OWN else "NOAA MarineCadastre, US Coast Guard",
        }
        for name, (title, form) in BUILT_IN.items()
    ]
    layouts = [*own, *built_in, *shipped, *examples]
    terms = _own_terms(settings.data_dir / TERMS_FILE, {str(entry["layout"]) for entry in layouts})
    return [{**entry, **_licensing(terms.get(str(entry["layout"]), Terms()))} for entry in layouts]


def source_times(settings: Settings) -> dict[str, SourceTimes]:
    """Returns how sources write times, by layout, as the office declares in `DATA_DIR/sources.yaml`.

    Raises:
        BadInputError: The file cannot be used, or declares what a mapping file says.
    """
    own = {mapping.layout for mapping in mappings_of(settings)}
    shipped = {mapping.layout for mapping in shipped_mappings()} - own
    terms = _own_terms(settings.data_dir / TERMS_FILE, own | shipped | set(BUILT_IN))
    declared = {layout: one for layout, one in terms.items() if one.time_zone or one.date_order}
    if wrong := sorted(set(declared) & own):
        raise BadInputError(f"{TERMS_FILE}: {wrong[0]}: write the time zone into its mapping file")
    if wrong := sorted(layout for layout in set(declared) & shipped if declared[layout].date_order):
        raise BadInputError(f"{TERMS_FILE}: {wrong[0]}: its dates have one form; omit date_order")
    declared = {layout: one for layout, one in declared.items() if layout in BUILT_IN}
    return {layout: SourceTimes(one.time_zone or "UTC", one.date_order) for layout, one in declared.items()}


def attributions(settings: Settings, files: Iterable[Mapped[str, Any]]) -> list[str]:
    """Lists the texts that the sources require in a publication, each once, in alphabetical order.

    Args:
        settings: Settings of the lake.
        files: Rows of `ops.ingested_files`; simulated ones never carry the source whose layout they have.
    """
    said = {entry["layout"]: entry["attribution"] for entry in known_layouts(settings)}
    sentences = (SIMULATED if row["is_simulated"] else said.get(row["layout"]) for row in files)
    return sorted({sentence for sentence in sentences if sentence})


def weeks_to_keep(settings: Settings) -> dict[str, int]:
    """Returns the retention period in weeks of each layout that has one."""
    return {e["layout"]: e["keep_weeks"] for e in known_layouts(settings) if e["keep_weeks"]}


def _described(mapping: Mapping) -> dict[str, Any]:
    return {
        "layout": mapping.layout,
        "title": mapping.title,
        "format": mapping.format,
        "mapping_file": "",
        "licence": mapping.licence,
        "keep_weeks": mapping.keep_weeks,
        "attribution": mapping.attribution,
    }


def _licensing(terms: Terms) -> dict[str, Any]:
    return terms.model_dump(exclude_none=True, exclude={"time_zone", "date_order"})


def _own_terms(path: Path, layouts: set[str]) -> dict[str, Terms]:
    """Reads the office's file, by layout."""
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        terms = TypeAdapter(dict[str, Terms]).validate_python(content)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInputError(f"{path.name}: invalid YAML ({error}); correct it") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInputError(
            f"{path.name}: {where}: {first['msg']}; a layout has licence, attribution, keep_weeks, time_zone "
            "and date_order"
        ) from error
    if unknown := sorted(set(terms) - layouts):
        raise BadInputError(f"{path.name}: unknown layout {unknown[0]}; `sources list` shows all")
    return terms
