"""Names of ports, countries and straits by the references of a lake."""

import polars as pl

from ais_indicators.geo.gate_files import GATES
from ais_indicators.io.delta import is_table, read_rows
from ais_indicators.io.references import AREAS
from ais_indicators.publish.places import Places
from ais_indicators.settings import Settings


def known_places(settings: Settings) -> Places:
    """Each place by the last version of the references that has it."""
    ports = _newest(settings, AREAS, ["port_locode", "port_name", "country_iso3"])
    gates = _newest(settings, GATES, ["gate_code", "gate_name"])
    countries = ports.select("port_locode", "country_iso3").drop_nulls()
    return Places(
        ports=dict(ports.select("port_locode", "port_name").rows()),
        countries=dict(countries.rows()),
        gates=dict(gates.rows()),
    )


def _newest(settings: Settings, table: str, columns: list[str]) -> pl.DataFrame:
    """One row a place, sorted by its code, the first of the columns; none where the lake has no such table."""
    if not is_table(settings, table):
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    areas = pl.DataFrame(read_rows(settings, table, [*columns, "version_sequence", "area_id"]))
    newest = areas.sort("version_sequence", "area_id", descending=[True, False])
    return newest.unique(columns[0], keep="first", maintain_order=True).select(columns).sort(columns[0])
