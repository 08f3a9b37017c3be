"""True port calls and reported draughts of a simulated data set: no radio, no fold, so seconds a seed.

What reception costs is measured by `benchmarks.accuracy`; here tonnes are evaluated, from the draughts that the
simulated crews type in. Reports continue until the crew types again, and stop where it types none.
"""

import json
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from ais_indicators.fold.draughts import join_runs
from ais_indicators.io.vessel_registers import SIZES, KnownHulls
from ais_indicators.periods import DAYS_PER_WEEK, Period, Week
from ais_indicators.units import MICROSECONDS_PER_SECOND
from ais_simulator.evaluation.truth import SIMULATION, TRUTH, Truth, read_truth
from ais_simulator.model import DayAtSea, Fleet
from ais_simulator.ocean import Ocean
from ais_simulator.scenario import load_scenario

CONFIDENCE: Final = 4
TIME: Final = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class SilentSea:
    """An ocean without radio.

    Attributes:
        truth: The truth.
        calls: Columns of `call_draughts.CALL_COLUMNS`.
        reports: Columns of `derive_voyages.REPORT_COLUMNS`.
        hulls: The ships' sizes as the register has them.
    """

    truth: Truth
    calls: pl.DataFrame
    reports: pl.DataFrame
    hulls: KnownHulls

    def until(self, week: Week) -> "SilentSea":
        """What is known and what is true of it by the end of a week."""
        end = pl.lit(week.end).cast(TIME)
        goes_on = pl.col("ended") >= end
        ended = self.truth.calls.filter(pl.coalesce("began", "ended") < end).with_columns(
            pl.when(~goes_on).then("ended"), pl.when(~goes_on).then("payload_departure_t")
        )
        truth = replace(self.truth, weeks=Period(self.truth.weeks.first, week), calls=ended)
        calls = self.calls.filter(pl.col("first_seen_at_utc") < end).with_columns(
            departed_at_utc=pl.when(pl.col("departed_at_utc") < end).then("departed_at_utc"),
            last_seen_at_utc=pl.min_horizontal("last_seen_at_utc", end),
        )
        reports = self.reports.filter(pl.col("first_seen_at_utc") < end).with_columns(
            last_seen_at_utc=pl.min_horizontal("last_seen_at_utc", end)
        )
        return SilentSea(truth, calls, reports, self.hulls)


def with_sure_crews(sea: SilentSea) -> SilentSea:
    """The same ocean whose crews type in each draught, rounded, when they leave the berth: those of `clear`."""
    first, last = sea.truth.span
    ship = pl.format("imo-{}", "imo")
    came = sea.truth.calls.select(
        "imo", at=pl.lit(first).cast(TIME), draught_m="draught_arrival_m", order=pl.coalesce("began", "ended")
    )
    left = sea.truth.calls.select(
        "imo", at="unberthed_at_utc", draught_m="draught_departure_m", order="unberthed_at_utc"
    )
    typed = (
        pl.concat([came.sort("order").unique("imo", keep="first", maintain_order=True), left])
        .drop_nulls()
        .filter(ship.is_in(sea.calls["vessel_id"].unique().to_list()))
        .select("at", "draught_m", mmsi="imo", ship="imo", imo_number="imo")
        .with_columns(pl.col("draught_m").round(1), second=pl.col("at").dt.epoch("s").cast(pl.Float64))
    )
    return replace(sea, reports=_reports(typed.drop("at"), (first, last)))


def sail(scenario: str, seed: int, ships: int, weeks: Period, folder: Path) -> SilentSea:
    """Simulates it; the folder gets the truth."""
    ocean = Ocean(weeks.first.monday, ships, seed, load_scenario(scenario))
    number = len(weeks.weeks)
    with closing(ocean.truth(folder / TRUTH)) as record:
        typed = [_typed(day) for day in ocean.days(number * DAYS_PER_WEEK, record)]
    said = {"first_week": weeks.first.name, "weeks": number}
    (folder / TRUTH / SIMULATION).write_text(json.dumps(said), encoding="utf-8")
    truth = read_truth(folder)
    return SilentSea(truth, _calls(truth), _reports(pl.concat(typed), truth.span), _hulls(ocean.fleet))


def _typed(day: DayAtSea) -> pl.DataFrame:
    said = day.statics
    return pl.DataFrame(
        {
            "ship": said.ship,
            "mmsi": said.mmsi,
            "imo_number": said.imo_number,
            "second": said.since_s,
            "draught_m": np.round(said.draught_m, 1),
        }
    )


def _reports(typed: pl.DataFrame, span: tuple[datetime, datetime]) -> pl.DataFrame:
    """Runs of one draught, from when it was typed in until the next; those before the first week begin with it."""
    first, last = (int(moment.timestamp()) for moment in span)
    runs = (
        typed.unique()
        .filter(pl.col("imo_number") > 0)
        .sort("ship", "second")
        .with_columns(until=pl.col("second").shift(-1).over("ship").fill_null(last))
        .filter(pl.col("until") > first, pl.col("draught_m") > 0)
        .select(
            "mmsi",
            "imo_number",
            "draught_m",
            track_id="ship",
            first_second=pl.col("second").clip(lower_bound=first).cast(pl.Int64),
            last_second=(pl.col("until") - 1).cast(pl.Int64),
            messages=pl.lit(1, pl.Int64),
        )
    )
    return join_runs(runs).select(
        "mmsi", "track_id", "imo_number", "draught_m",
        first_seen_at_utc=_time("first_second"), last_seen_at_utc=_time("last_second"),
    )  # fmt: skip


def _calls(truth: Truth) -> pl.DataFrame:
    first, last = (pl.lit(moment).cast(TIME) for moment in truth.span)
    return (
        truth.calls.filter(pl.col("imo").is_not_null())
        .sort("imo", pl.col("began").fill_null(first))
        .with_row_index("number", offset=1)
        .select(
            "mmsi", "port_locode", "vessel_class",
            port_call_id=pl.col("number").cast(pl.Int64),
            track_id="imo",
            vessel_id=pl.format("imo-{}", "imo"),
            first_seen_at_utc=pl.col("began").fill_null(first),
            arrived_at_utc="began",
            departed_at_utc="ended",
            last_seen_at_utc=pl.col("ended").fill_null(last),
            call_status=pl.when(pl.col("ended").is_null()).then(pl.lit("open")).otherwise(pl.lit("closed")),
            stay_hours=(pl.col("ended") - pl.col("began")).dt.total_seconds() / 3600.0,
            sailed_at_entry_nm=pl.lit(None, pl.Float64),
            sailed_at_exit_nm=pl.lit(None, pl.Float64),
            confidence=pl.lit(CONFIDENCE, pl.Int32),
        )
    )  # fmt: skip


def _hulls(fleet: Fleet) -> KnownHulls:
    ships = pl.DataFrame(
        {
            "vessel_id": [f"imo-{number}" for number in fleet.imo_number.tolist()],
            "register_class": fleet.vessel_class.tolist(),
            **{name: getattr(fleet, name) for name in SIZES},
        }
    ).filter(pl.Series(fleet.imo_number > 0))
    said = pl.Schema(
        {
            "vessel_id": pl.String(),
            "valid_from_utc": TIME,
            "said_length_m": pl.Float64(),
            "said_width_m": pl.Float64(),
        }
    )
    return KnownHulls(
        ships.with_columns(register_match=pl.lit("imo")).sort("vessel_id"),
        ships.select(pl.col("register_class").alias("vessel_class"), *SIZES),
        pl.DataFrame(schema=said),
        "",
    )


def _time(name: str) -> pl.Expr:
    return (pl.col(name) * MICROSECONDS_PER_SECOND).cast(TIME)
