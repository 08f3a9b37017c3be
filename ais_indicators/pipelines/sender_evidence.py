"""Reads what shows whether vessels sent: when each was heard, and where positions were false or jammed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from ais_indicators.geo.cell_parents import cell_resolutions, parent_cells
from ais_indicators.periods import Week
from ais_indicators.pipelines.freshness import COVERAGE_HOURS, MESSAGE_HOURS, is_final, paths_by_week, sign
from ais_indicators.pipelines.gold import read_weeks
from ais_indicators.rules import rule
from ais_indicators.settings import Settings
from ais_indicators.tasks import tables_written
from ais_indicators.transforms.sender_coverage import (
    cell_senders,
    sender_weeks,
    silence_weeks,
    vessel_silences,
    without_interfered,
)
from ais_indicators.transforms.sender_places import cell_interference

SENDERS: Final = "silver.sender_weeks"
SPELLS: Final = "silver.heard_spells"
DARK: Final = "gold.dark_vessels_weekly"
DISPLACEMENTS: Final = "silver.displacements"
LOSSES: Final = "silver.position_losses"
INTERFERENCE: Final = "gold.interference_weekly"
_JAMMING: Final = "jamming"

_Schema = Mapping[str, pl.DataType | type[pl.DataType]]

_DISPLACED: Final[_Schema] = {
    "mmsi": pl.Int64,
    "last_at_utc": pl.Datetime("us", "UTC"),
    "from_h3_res3": pl.Int64,
    "hours": pl.Int64,
    "false_position_kind": pl.String,
}
_LOST: Final[_Schema] = {"h3_res3": pl.Int64, "hour_utc": pl.Datetime("us", "UTC")}
_AREAS: Final[_Schema] = {"area_code": pl.String, "kind": pl.String}


def judged_senders(settings: Settings, week: Week, before: Sequence[Week]) -> pl.DataFrame:
    """Rows of `silver.sender_weeks` of a week, those of the weeks before being there.

    Args:
        settings: Whose lake.
        week: The week.
        before: The trailing weeks that there are.
    """
    near = [week.plus(-n) for n in range(silence_weeks(), 0, -1)]
    silences = vessel_silences(read_weeks(settings, SPELLS, [*near, week]), week)
    displaced = _read(settings, DISPLACEMENTS, _DISPLACED, [*near, week]).drop_nulls("false_position_kind")
    hours = [read_weeks(settings, COVERAGE_HOURS, [one]) for one in (*near, week)]
    messages = read_weeks(settings, MESSAGE_HOURS, [week])
    cells = cell_senders(messages, without_interfered(silences, displaced), hours)
    return sender_weeks(cells, [read_weeks(settings, SENDERS, [one]) for one in before])


def read_interference(settings: Settings, week: Week) -> pl.DataFrame:
    """Reads the interfered vessel-hours and jammed hours of each cell in a week."""
    areas = _read(settings, INTERFERENCE, _AREAS, [week]).filter(kind=_JAMMING)["area_code"]
    cells = areas.map_elements(lambda code: int(code, 16), return_dtype=pl.Int64).cast(pl.Int64).to_numpy()
    resolution = int(rule("coverage_cell_resolution"))
    jammed = parent_cells(cells[cell_resolutions(cells) >= resolution], resolution)
    return cell_interference(
        _read(settings, DISPLACEMENTS, _DISPLACED, [week]),
        _read(settings, LOSSES, _LOST, [week]),
        pl.Series("h3_res3", jammed, pl.Int64),
    )


def sender_signatures(
    settings: Settings, weeks: Iterable[Week], of_hours: Mapping[Week, str]
) -> dict[Week, str]:
    """Signature of each week's sender part: its hours, when vessels were heard, interference, and all weeks before."""
    paths = [
        paths_by_week(settings, table)
        for table in (SPELLS, DISPLACEMENTS, LOSSES, INTERFERENCE)
        if _is_written(table)
    ]
    signatures: dict[Week, str] = {}
    before = ""
    for week in sorted(weeks):
        heard = [path for of_table in paths for path in of_table[week.name]]
        before = signatures[week] = sign([before, of_hours[week], *heard], False)
    return signatures


def dark_signatures(of_senders: Mapping[Week, str], newest: Week) -> dict[Week, str]:
    """Signature of each week of `gold.dark_vessels_weekly`: its sender part, and whether it is final."""
    return {week: sign([of], is_final(week, newest)) for week, of in of_senders.items()}


def _is_written(table: str) -> bool:
    """Whether some task of this build writes the table."""
    return table in tables_written("ships")


def _read(settings: Settings, table: str, columns: _Schema, weeks: Sequence[Week]) -> pl.DataFrame:
    """Rows of some weeks of a table; none where no task writes it."""
    if not _is_written(table):
        return pl.DataFrame(schema=dict(columns))
    return read_weeks(settings, table, weeks).select(*columns)
