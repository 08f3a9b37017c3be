"""Which ports were looked at in which week, so that a week without a row of one tells that nobody came.

Of straits a week without a row tells nothing: no row of theirs is added where an outage left no transit.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from ais_indicators.io.delta import read_rows
from ais_indicators.io.releases import RELEASES
from ais_indicators.publish.vintages import Vintage
from ais_indicators.settings import Settings

Watched = Mapping[str, frozenset[str]]
"""Codes of ports by week."""


def watched_ports(settings: Settings, vintages: Sequence[Vintage]) -> Watched:
    """The ports of the version that each release was made with; none of a version that is gone."""
    releases = read_rows(settings, RELEASES, ["release_id", "port_version"]).to_pylist()
    versions = {row["release_id"]: row["port_version"] for row in releases}
    rows = pl.DataFrame(read_rows(settings, "reference.ports", ["port_version", "port_locode"])).unique()
    grouped = rows.group_by("port_version").agg(pl.col("port_locode"))
    ports = {name: frozenset(codes) for name, codes in grouped.iter_rows()}
    return {one.week: ports.get(versions[one.release_id], frozenset()) for one in vintages}
