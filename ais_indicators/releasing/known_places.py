"""Names of ports, countries and chokepoints as in the references of a lake when releases were published."""

from collections.abc import Collection
from typing import Final

import polars as pl

from ais_indicators.geo.gate_files import GATES
from ais_indicators.io.delta import is_table, read_rows
from ais_indicators.io.references import AREAS
from ais_indicators.publish.places import Places, names_version, newest_names
from ais_indicators.releasing.history import read_history
from ais_indicators.releasing.known_then import Known
from ais_indicators.settings import Settings

_SEQUENCE: Final = "version_sequence"


def known_places(settings: Settings, known: Known) -> Places:
    """Names each place by the last version of the references that has it, up to those of the releases.

    A version that was loaded after the releases were published is not used: an export of an old release has the names
    of its time. If a release does not record its version, as those of earlier builds, all versions count.

    Args:
        settings: Settings of the lake.
        known: The releases.
    """
    history = read_history(settings)
    used = [history.find(one.release_id) for one in known.vintages]
    used_ports, used_gates = [one.port_version for one in used], [one.gate_version for one in used]
    ports = _loads(settings, AREAS, "port_version", ["port_locode", "port_name", "country_iso3"], used_ports)
    gates = _loads(settings, GATES, "gate_version", ["gate_code", "gate_name"], used_gates)
    named = [dict(load.select("port_locode", "port_name").rows()) for load in ports]
    straits = [dict(load.rows()) for load in gates]
    countries = newest_names(
        [dict(load.select("port_locode", "country_iso3").drop_nulls().rows()) for load in ports]
    )
    return Places(
        newest_names(named),
        countries,
        newest_names(straits),
        names_version(named),
        names_version(straits),
    )


def _loads(
    settings: Settings, table: str, version: str, columns: list[str], used: Collection[str | None]
) -> list[pl.DataFrame]:
    """Reads the versions of a reference in the order of loading, one row per place; none without the table."""
    if not is_table(settings, table):
        return []
    areas = pl.DataFrame(read_rows(settings, table, [*columns, version, _SEQUENCE, "area_id"]))
    last = _last_sequence(areas, version, used)
    places = (
        areas.filter(pl.col(_SEQUENCE) <= last)
        .sort(_SEQUENCE, "area_id")
        .unique([_SEQUENCE, columns[0]], keep="first", maintain_order=True)
        .sort(_SEQUENCE, columns[0])
    )
    return [load.select(columns) for load in places.partition_by(_SEQUENCE, maintain_order=True)]


def _last_sequence(areas: pl.DataFrame, version: str, used: Collection[str | None]) -> int:
    """Returns the sequence of the newest version that releases used; the last of all if one does not record it."""
    sequences = dict(areas.select(version, _SEQUENCE).unique().rows())
    newest = max(sequences.values(), default=0)
    return max((sequences.get(name, newest) if name else newest for name in used), default=newest)
