"""Port calls whose values are protected by the profile `confidential`."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from ais_indicators.contracts.profiles import find_profile
from ais_indicators.disclosure.protect import protect
from ais_indicators.disclosure.published import Published
from tests.disclosure_world import (
    COUNTRIES,
    PORTS,
    Call,
    contributions,
    contributors,
    port_table,
)
from tests.subject_rules import SHIP_RULES

CONFIDENTIAL = find_profile("confidential")


def released(
    table: str,
    rows: pa.Table,
    behind: pl.DataFrame,
    published: Published | None = None,
    own: Mapping[str, pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """The rows of a table as they are released."""
    found = protect(
        {table: rows}, behind, own or {}, CONFIDENTIAL, COUNTRIES, published or Published(), SHIP_RULES
    )
    return pl.DataFrame(found[table])


def of_calls(calls: Sequence[Call], published: Published | None = None) -> pl.DataFrame:
    """The values of ports by some calls as they are released."""
    return released(PORTS, port_table(calls), contributors(calls), published, contributions(calls))


def status(rows: pl.DataFrame, **key: str) -> str:
    """The one confidentiality status of the rows with a key."""
    (found,) = rows.filter(**key)["conf_status"].unique().to_list()
    return str(found)


def many(port: str, vessel_class: str, number: int, **columns: Any) -> list[Call]:
    """Calls of so many ships of a class at a port, one each."""
    return [Call(f"{port}-{vessel_class}-{n}", port, vessel_class, **columns) for n in range(number)]


BUSY = [
    *many("AAONE", "tanker", 6),
    *many("AAONE", "container", 5),
    *many("BBONE", "tanker", 7),
    *many("BBONE", "container", 8),
    *many("CCONE", "tanker", 9),
    *many("CCONE", "container", 4),
]
