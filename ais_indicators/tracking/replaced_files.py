"""Which files a fold of a period replaces, and in which order its tables are committed."""

from ais_indicators.io.staging import TableFile
from ais_indicators.io.weeks import STATE
from ais_indicators.periods import Period

COMMIT_ORDER = (
    "quarantine.messages",
    "silver.positions",
    "silver.vessel_classes",
    "silver.vessel_reports",
    "silver.draught_reports",
    "silver.cell_weeks",
    "silver.message_hours",
    "silver.silences",
    "silver.heard_spells",
    "silver.stationary_vessels",
    "silver.station_hours",
    "silver.receiver_clocks",
    "silver.displacements",
    "silver.position_losses",
    "silver.tracks",
    "silver.port_calls",
    "silver.chokepoint_transits",
    "silver.waiting_vessels",
    "silver.fold_state",
)
"""The state comes last: until it exists, the weeks count as not folded and the next run repeats them."""


def is_replaced(table: str, file: TableFile, period: Period) -> bool:
    """Returns whether a fold of the period rewrites the file's partition.

    Settled rows of a later week also depend on the period; since `open` sorts after every week name, one comparison
    covers both. The state at the period's own start is its input and is kept.
    """
    partition = file.partition
    if "stage" in partition:
        return partition["stage"] == "fold" and period.first.monday.isoformat() <= str(partition["fold_date"])
    if "observed_on" in partition:
        return period.first.monday.isoformat() <= str(partition["observed_on"])
    if "settled_week" in partition:
        return period.first.name <= str(partition["settled_week"])
    first = period.first.name
    return first <= str(partition["week"]) if table != STATE else first < str(partition["week"])
