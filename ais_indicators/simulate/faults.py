"""Small faults of the kind that real files have, so that the quality layer has work.

Two more are made elsewhere: the shore stations (`messages`) and two ships under one MMSI (`ships`).
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from ais_indicators.periods import Week
from ais_indicators.simulate.messages import as_text
from ais_indicators.simulate.ports import PORTS
from ais_indicators.simulate.sphere import arcs, unit_vectors
from ais_indicators.units import EARTH_RADIUS_KM, SECONDS_PER_HOUR

NOT_AVAILABLE_SHARES: Final = (
    ({"Heading": 511}, 0.005),
    ({"SOG": 102.3}, 0.001),
    ({"COG": 360.0}, 0.002),
    ({"LAT": 91.0, "LON": 181.0}, 0.0002),
)
"""Values by which a set says that it does not know, and the share of messages that get them."""
DUPLICATE_SHARE: Final = 0.001
JUMPS_PER_DAY: Final = 1
JUMP_DEGREES: Final = 3.0  # north, over 300 km: no ship's way from one message to the next
OUTAGE_HOURS: Final = (5, 10)
RECEIVER_RANGE_KM: Final = 60.0  # usual for a coast station


def heard(rows: pd.DataFrame, week: Week, rng: Generator) -> pd.DataFrame:
    """The rows that reach a receiver: once a week, for some hours, those near one port do not.

    The generator must be the week's own and fresh, so that each of its days sees the same outage.
    """
    hours, port = int(rng.integers(*OUTAGE_HOURS)), PORTS[rng.integers(len(PORTS))]
    week_hours = (week.end_second - week.start_second) // SECONDS_PER_HOUR
    first_hour = int(rng.integers(week_hours - hours))
    ends = np.array([first_hour, first_hour + hours]) * SECONDS_PER_HOUR + week.start_second
    first, end = as_text(ends)
    silent = rows["BaseDateTime"].between(first, end, inclusive="left")
    station = unit_vectors(*np.array([port.point]).T)
    near = (
        arcs(unit_vectors(rows["LAT"].to_numpy(), rows["LON"].to_numpy()), station)
        < RECEIVER_RANGE_KM / EARTH_RADIUS_KM
    )
    return rows[~(silent & near)].reset_index(drop=True)


def spoil(rows: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """A day's rows with jumps, values that are not available, and duplicates; no row is lost."""
    rows = rows.copy()
    rows.loc[rng.choice(len(rows), size=JUMPS_PER_DAY, replace=False), "LAT"] += JUMP_DEGREES
    for values, share in NOT_AVAILABLE_SHARES:
        rows.loc[_some(rows, share, rng), list(values)] = list(values.values())
    return pd.concat([rows, rows.loc[_some(rows, DUPLICATE_SHARE, rng)]], ignore_index=True)


def _some(rows: pd.DataFrame, share: float, rng: Generator) -> NDArray[np.int64]:
    return rng.choice(len(rows), size=max(1, round(share * len(rows))), replace=False)
