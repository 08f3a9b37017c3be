"""Which files a fold of a period replaces, and in which order its tables are committed."""

from typing import Final

from ais_indicators.geo.gate_files import GATES
from ais_indicators.io.staging import TableFile
from ais_indicators.io.weeks import STATE
from ais_indicators.periods import Period
from ais_indicators.tasks import task

COMMIT_ORDER: Final = (
    *(name for name in task("track_vessels").writes if name not in {STATE, GATES}),
    STATE,
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
