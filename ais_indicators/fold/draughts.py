"""Reports of draughts by ships, as runs of one value, from which loading and unloading are derived (methodology 9).

A null is not a report and does not end a run. A track is identified by its number; static reports have no position, so
they are under `fold.identities.NO_TRACK` with the IMO number that they name, which separates ships on one MMSI.
"""

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.fold.identities import NOTHING

DRAUGHT_SCHEMA: Final[dict[str, Any]] = {
    "mmsi": pl.Int64,
    "track_id": pl.Int64,
    "imo_number": pl.Int64,
    "draught_m": pl.Float64,
    "first_second": pl.Int64,
    "last_second": pl.Int64,
    "messages": pl.Int64,
}
"""One row: one run of one draught by one track (or MMSI) and IMO number."""

_SPEAKER: Final = ["mmsi", "track_id", "imo_number"]
_VALUES: Final = [*_SPEAKER, "draught_m"]


def collect_draughts(
    mmsi: NDArray[np.int64],
    track_id: NDArray[np.int64],
    second: NDArray[np.int64],
    imo_number: NDArray[np.int64],
    draught_m: NDArray[np.float64],
) -> pl.DataFrame:
    """Brings the reports of a day together as runs of one value, in columns of `DRAUGHT_SCHEMA`.

    Args:
        mmsi: MMSI of each message, shape (n,), as the other arrays.
        track_id: Its track.
        second: Its time in epoch seconds.
        imo_number: IMO number that it names, `fold.identities.NOTHING` where none.
        draught_m: Its draught in metres, NaN if none.
    """
    reported = np.flatnonzero(~np.isnan(draught_m))
    if reported.size == 0:
        return pl.DataFrame(schema=DRAUGHT_SCHEMA)
    order = reported[np.lexsort((draught_m[reported], second[reported], track_id[reported], mmsi[reported]))]
    speaker = mmsi[order], track_id[order], imo_number[order].astype(np.int64), draught_m[order]
    begins = np.ones(order.size, np.bool_)
    begins[1:] = np.any([values[1:] != values[:-1] for values in speaker], axis=0)
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], order.size)
    columns = {name: values[starts] for name, values in zip(_VALUES, speaker, strict=True)}
    runs = pl.DataFrame(
        {
            **columns,
            "first_second": second[order[starts]],
            "last_second": second[order[ends - 1]],
            "messages": ends - starts,
        }
    )
    return join_runs(
        runs.with_columns(pl.col("imo_number").replace(NOTHING, None)).cast(pl.Schema(DRAUGHT_SCHEMA))
    )


def join_runs(runs: pl.DataFrame) -> pl.DataFrame:
    """Makes neighbouring runs of one value into one; total order, whatever the order they came in."""
    ordered = runs.select(list(DRAUGHT_SCHEMA)).sort(
        *_SPEAKER, "first_second", "last_second", "draught_m", nulls_last=True
    )
    return (
        ordered.with_columns(run=pl.struct(*_SPEAKER, "draught_m").rle_id())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col(*_SPEAKER, "draught_m", "first_second").first(),
            pl.col("last_second").max(),
            pl.col("messages").sum(),
        )
        .select(list(DRAUGHT_SCHEMA))
    )
