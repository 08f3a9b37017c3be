"""Which ports and straits were looked at in which week, so that a week without a row of one tells that nobody came."""

from collections.abc import Mapping, Sequence

import polars as pl

from ais_indicators.io.delta import read_rows
from ais_indicators.io.releases import RELEASES
from ais_indicators.publish.vintages import Vintage
from ais_indicators.settings import Settings

Watched = Mapping[str, frozenset[str]]
"""Codes of ports and gates by week."""


def watched_places(settings: Settings, vintages: Sequence[Vintage]) -> Watched:
    """The ports and gates of the versions that each release was made with; none of versions that are gone."""
    columns = ["release_id", "port_version", "gate_version"]
    versions = {row["release_id"]: row for row in read_rows(settings, RELEASES, columns).to_pylist()}
    ports = _codes(settings, "reference.ports", "port_version", "port_locode")
    gates = _codes(settings, "reference.gates", "gate_version", "gate_code")
    nothing: frozenset[str] = frozenset()
    return {
        one.week: ports.get(versions[one.release_id]["port_version"], nothing)
        | gates.get(versions[one.release_id]["gate_version"], nothing)
        for one in vintages
    }


def _codes(settings: Settings, table: str, version: str, code: str) -> dict[str, frozenset[str]]:
    """Codes of places by version."""
    rows = pl.DataFrame(read_rows(settings, table, [version, code])).unique()
    grouped = rows.group_by(version).agg(pl.col(code))
    return {name: frozenset(codes) for name, codes in grouped.iter_rows()}
