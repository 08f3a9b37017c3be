"""Headline values that summarise a week, selected from the released tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from ais_indicators.contracts.model import load_contract
from ais_indicators.publish.files import PORT_ACTIVITY

FLOWS: Final = "gold.trade_flows_weekly"
_ALL_PORTS: Final = {"port_locode": "_T", "vessel_class": "_T"}


@dataclass(frozen=True)
class Headline:
    """One headline value per week.

    Attributes:
        name: Its name.
        table: Its table.
        key: Values of the key columns that select it; key columns that are not named have their total or default.
    """

    name: str
    table: str
    key: Mapping[str, str]

    def value(self, rows: pl.DataFrame) -> float | None:
        """Returns the value of the only week in the rows; None if it is missing."""
        found = self.find(rows)["value"]
        return found[0] if found.len() else None

    def find(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Finds the row of the value, for each week in the rows."""
        return rows.filter(self.condition)

    @property
    def condition(self) -> pl.Expr:
        """Returns the condition that only its row meets."""
        contract = load_contract(self.table)
        plain = {
            c.name: c.absent for c in contract.columns if c.absent is not None and c.name in contract.key
        }
        return pl.all_horizontal(pl.col(name) == value for name, value in (plain | dict(self.key)).items())


HEADLINES: Final = (
    *(
        Headline(name, PORT_ACTIVITY, _ALL_PORTS | {"indicator": name})
        for name in ("arrivals", "departures", "unique_vessels", "calls_in_progress", "median_hours_in_port")
    ),
    Headline(
        "tonnes",
        FLOWS,
        {"reporter_level": "world", "vessel_class": "_T", "direction": "import", "indicator": "tonnes"},
    ),
)


def headlines_of(tables: Mapping[str, pl.DataFrame]) -> dict[str, float | None]:
    """Returns each headline value of a week.

    Args:
        tables: Rows of the released tables, of that week.
    """
    return {one.name: one.value(tables[one.table]) for one in HEADLINES}
