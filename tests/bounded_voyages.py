"""Voyages from random calls and draughts, for the property that no column leaves its bounds."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.transforms.call_draughts import calls_of_ships, reported_draughts, reports_of_ships
from ais_indicators.transforms.hulls import SIZES, hulls_of
from ais_indicators.transforms.voyages import voyages_of, week_number
from tests.bounded_rows import CLASSES, PORTS, START, TIME, Rng, Tables, chosen
from tests.subject_rules import SHIP_RULES


def voyage_rows(rng: Rng, size: int) -> Tables:
    """Voyages of ships of any size, from calls that follow or overlap each other and draughts light to overladen."""
    ships = max(size // 8, 1)
    of = rng.integers(0, ships, size)
    calls = _calls_of(rng, of)
    design = rng.uniform(4.0, 24.0, ships).round(1)
    reports = _draughts_of(rng, of, design, calls["departed_at_utc"])
    sizes = _sizes_of(rng, design)
    reported = reported_draughts(
        calls_of_ships(calls, SHIP_RULES), reports_of_ships(reports, calls), rules=SHIP_RULES
    )
    sized = hulls_of(
        reported.join(sizes, on="vessel_id", how="left").with_columns(
            register_match=pl.lit("imo"), week_index=week_number("entered_at_utc")
        ),
        pl.DataFrame(schema={"vessel_class": pl.String, **dict.fromkeys(SIZES, pl.Float64)}),
        SHIP_RULES,
    ).sort("vessel_id", "entered_at_utc", "port_call_id")
    rows, _ = voyages_of(sized, 0, 10_000, int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()), SHIP_RULES)
    return {"silver.voyages": rows}


def _calls_of(rng: Rng, of: NDArray[np.int64]) -> pl.DataFrame:
    """Calls of the numbered ships that follow or overlap each other."""
    size = of.size
    begin = [START + timedelta(hours=float(h)) for h in rng.uniform(0, 2000, size).round(2)]
    end = [
        moment + timedelta(hours=float(h)) for moment, h in zip(begin, rng.uniform(0, 100, size), strict=True)
    ]
    sailed = [
        [10.0 * (moment - START).total_seconds() / 3600 for moment in moments] for moments in (begin, end)
    ]
    times = {
        "first_seen_at_utc": begin,
        "arrived_at_utc": begin,
        "departed_at_utc": end,
        "last_seen_at_utc": end,
    }
    return pl.DataFrame(
        {
            "port_call_id": np.arange(1, size + 1),
            "mmsi": 244_000_000 + of,
            "track_id": of + 1,
            "vessel_id": [f"imo-{9_000_000 + n}" for n in of],
            "port_locode": chosen(rng, list(PORTS), size),
            "call_status": "closed",
            "stay_hours": pl.Series([None] * size, dtype=pl.Float64),
            "confidence": pl.Series([4] * size, dtype=pl.Int32),
            "vessel_class": np.array(CLASSES)[of % len(CLASSES)],
            "sailed_at_entry_nm": sailed[0],
            "sailed_at_exit_nm": sailed[1],
            **{name: pl.Series(moments, dtype=TIME) for name, moments in times.items()},
        }
    )


def _draughts_of(
    rng: Rng, of: NDArray[np.int64], design: NDArray[np.float64], end: pl.Series
) -> pl.DataFrame:
    """Draughts reported after each call, light to overladen."""
    return pl.DataFrame(
        {
            "mmsi": 244_000_000 + of,
            "track_id": of + 1,
            "imo_number": 9_000_000 + of,
            "draught_m": (design[of] * rng.choice((0.3, 0.55, 0.8, 1.0, 1.2), of.size)).round(1),
            "first_seen_at_utc": end,
            "last_seen_at_utc": end + timedelta(hours=5),
        }
    )


def _sizes_of(rng: Rng, design: NDArray[np.float64]) -> pl.DataFrame:
    """Sizes of ships with these design draughts."""
    ships = design.size
    width = rng.uniform(8.0, 60.0, ships)
    box = 6.5 * width**2 * design * 1.025
    return pl.DataFrame(
        {
            "vessel_id": [f"imo-{9_000_000 + n}" for n in range(ships)],
            "length_m": 6.5 * width,
            "width_m": width,
            "deadweight_t": box * rng.uniform(0.3, 0.6, ships),
            "design_draught_m": design,
            "displacement_t": box * rng.uniform(0.6, 0.95, ships),
        }
    )
