"""The layouts that files may have, and on which terms their data may be used."""

from collections.abc import Iterable
from typing import Any, Final

from ais_indicators.settings import Settings
from ais_indicators.sources.mapping import Mapping, load_mapping, shipped_mappings

BUILT_IN: Final = {
    "nmea": ("raw AIS sentences of receivers (!AIVDM, !AIVDO), with times beside them", "text"),
    "noaa_2015": ("NOAA MarineCadastre, 2015 to 2017", "csv, parquet"),
    "noaa_2018": ("NOAA MarineCadastre, 2018 on", "csv, parquet"),
    "noaa_2025": ("NOAA MarineCadastre, 2025 on, and older years since published again", "csv, parquet"),
}
"""Layouts that are read by code: what they are, and their format."""

OWN_TERMS: Final = "of the receivers' owner"
PUBLIC_DOMAIN: Final = "public domain (United States)"


def mappings_of(settings: Settings) -> list[Mapping]:
    """The office's own mapping files, `DATA_DIR/sources/*.yaml`, by name."""
    return [load_mapping(path) for path in sorted((settings.data_dir / "sources").glob("*.yaml"))]


def known_layouts(settings: Settings) -> list[dict[str, Any]]:
    """The layouts that are recognised, the office's own first: one entry each, for a table or a script."""
    own = [{**_described(mapping), "mapping_file": "yes"} for mapping in mappings_of(settings)]
    shipped = [{**_described(mapping), "mapping_file": "shipped"} for mapping in shipped_mappings()]
    built_in = [
        {
            "layout": name,
            "title": title,
            "format": form,
            "mapping_file": "no",
            "licence": OWN_TERMS if name == "nmea" else PUBLIC_DOMAIN,
            "keep_weeks": None,
            "attribution": "" if name == "nmea" else "NOAA MarineCadastre, US Coast Guard",
        }
        for name, (title, form) in BUILT_IN.items()
    ]
    return [*own, *built_in, *shipped]


def attributions(settings: Settings, layouts: Iterable[str]) -> list[str]:
    """What a publication has to say of its sources, each sentence once, in the order of the alphabet."""
    said = {entry["layout"]: entry["attribution"] for entry in known_layouts(settings)}
    return sorted({said[layout] for layout in layouts if said.get(layout)})


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
