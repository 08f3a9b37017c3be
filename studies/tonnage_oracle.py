"""What an oracle knows of the ships of an ocean: their true calls and trades, and the tonnes that it then expects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from ais_simulator.evaluation.tonnes import TRADING
from ais_simulator.ocean.fleet import Trade, build_trade
from ais_simulator.scenario import load_scenario
from benchmarks.silent_sea import SilentSea
from benchmarks.tonnage import STANDARD
from studies.cargo_posterior import Call, Knows, Ship, expected_ashore, work_hours

SAME_M: Final = 0.0501
SAME_CARGO_M: Final = 0.002
JUST_BEFORE_S: Final = 60.0  # times of the truth are rounded to seconds
UNSEEN: Final = ""
"""Port of a call that was too short to be any."""


class TrueCall(NamedTuple):
    """A true call, with the draughts with which the ship came and left where they were typed in.

    The truth has no calls that were too short to be any; such a call has no times here.
    """

    port_locode: str
    began: datetime | None
    ended: datetime | None
    berthed_s: float | None
    unberthed_s: float | None
    came_m: float | None
    left_m: float | None
    not_m: float | None
    sent_m: float | None
    is_retyped: bool


def true_chains(sea: SilentSea) -> dict[int, list[TrueCall]]:
    """Each trading ship's calls with cargo, in order."""
    calls = (
        sea.truth.calls.filter(
            pl.col("imo").is_not_null(), pl.col("payload_arrival_t").is_not_null(),
            pl.col("vessel_class").is_in(TRADING),
        )
        .sort("imo", "berthed_at_utc")
        .with_columns(pl.col(f"{end}_at_utc").dt.epoch("s").cast(pl.Float64) for end in ("berthed", "unberthed"))
    )  # fmt: skip
    reports = sea.reports.select(
        "imo_number", "draught_m", pl.col("first_seen_at_utc", "last_seen_at_utc").dt.epoch("s")
    )
    typed = {
        int(of["imo_number"][0]): of.sort("first_seen_at_utc") for of in reports.partition_by("imo_number")
    }
    return {
        int(of["imo"][0]): _chain(of.to_dicts(), _Typed(typed.get(int(of["imo"][0]), reports.head(0))))
        for of in calls.partition_by("imo")
    }


class _Typed:
    """What a crew typed in."""

    def __init__(self, reports: pl.DataFrame) -> None:
        self._since = reports["first_seen_at_utc"].to_numpy()
        self._until = reports["last_seen_at_utc"].to_numpy()
        self._draughts = reports["draught_m"].to_numpy()

    def sent(self, at_s: float) -> float | None:
        """What was sent just before; None for nothing."""
        place = int(np.searchsorted(self._since, at_s - JUST_BEFORE_S)) - 1
        goes_on = place >= 0 and (not np.isfinite(at_s) or self._until[place] >= at_s - 2 * JUST_BEFORE_S)
        return float(self._draughts[place]) if goes_on else None

    def if_true(
        self, since_s: float, until_s: float, true_m: float | None, last: bool = True
    ) -> float | None:
        """What was sent at the end of a time, or at any of its moments, if that was true."""
        first, end = np.searchsorted(self._since, [since_s - JUST_BEFORE_S, until_s - JUST_BEFORE_S])
        sent = self._draughts[max(0, first - 1) : end][-1 if last else 0 :]
        true_calls = (
            [] if true_m is None else [value for value in sent.tolist() if abs(value - true_m) <= SAME_M]
        )
        return true_calls[-1] if true_calls else None


def _chain(calls: Sequence[Mapping[str, Any]], typed: _Typed) -> list[TrueCall]:
    found = []
    for one, following in zip(calls, [*calls[1:], None], strict=True):
        left_s, true_m = one["unberthed_at_utc"], one["draught_departure_m"]
        times = one["began"], one["ended"], one["berthed_at_utc"], left_s
        came_m = typed.if_true(0.0, left_s or np.inf, one["draught_arrival_m"])
        if left_s is None:
            found.append(TrueCall(one["port_locode"], *times, came_m, None, None, None, False))
            continue
        until_s = (following["unberthed_at_utc"] if following else None) or np.inf
        is_next = following is None or abs(following["draught_arrival_m"] - true_m) < SAME_CARGO_M
        left_m = typed.if_true(left_s, until_s, true_m, last=is_next)
        sent_m, before_m = typed.sent(until_s) if is_next else left_m, typed.sent(left_s)
        is_retyped = sent_m is not None and (sent_m != before_m or not is_next)
        not_m = sent_m if left_m is None and is_next else None
        found.append(TrueCall(one["port_locode"], *times, came_m, left_m, not_m, sent_m, is_retyped))
        if following is not None and not is_next:
            between_m = typed.if_true(left_s, until_s, following["draught_arrival_m"])
            found.append(
                TrueCall(
                    UNSEEN, None, None, None, left_s, None, between_m, None, between_m, between_m is not None
                )
            )
    return found


def known_ships(sea: SilentSea, seed: int) -> dict[int, Ship]:
    """Each ship of the register with its trade and sizes, by IMO number."""
    numbers = sea.hulls.ships.with_columns(
        imo=pl.col("vessel_id").str.strip_prefix("imo-").cast(pl.Int64)
    ).join(
        sea.reports.select("track_id", imo=pl.col("imo_number").cast(pl.Int64)).unique(), on="imo"
    )  # fmt: skip
    found = {}
    for row in numbers.to_dicts():
        trade: Trade = build_trade(int(row["track_id"]), seed)
        sizes = (
            row[name]
            for name in ("length_m", "width_m", "deadweight_t", "design_draught_m", "displacement_t")
        )
        found[int(row["imo"])] = Ship(row["register_class"], trade, *sizes)
    return found


def _expected_calls(
    ships: Mapping[int, Ship], chains: Mapping[int, Sequence[TrueCall]], knows: Knows
) -> list[tuple[Any, ...]]:
    """Moments of the tonnes expected at each call: ship, port, beginning, mean, variance, covariance with the next."""
    faults = load_scenario(STANDARD).faults
    rows: list[tuple[Any, ...]] = []
    for imo, true_calls in chains.items():
        known = [one for one in true_calls if one.unberthed_s is not None]
        if not known:
            continue
        goals = [*(one.port_locode for one in true_calls[1:]), None]
        calls = [
            Call(one.port_locode, _hours(one), one.left_m, one.not_m, one.sent_m, one.is_retyped, goal)
            for one, goal in zip(known, goals, strict=False)
        ]
        moments = expected_ashore(ships[imo], known[0].came_m, calls, knows, faults)
        rows += [
            (imo, one.port_locode, one.began, *moment)
            for one, *moment in zip(known, *(of.tolist() for of in moments), strict=True)
            if one.port_locode != UNSEEN
        ]
    return rows


def expected_voyages(
    sea: SilentSea, ships: Mapping[int, Ship], chains: Mapping[int, Sequence[TrueCall]], knows: Knows
) -> pl.DataFrame:  # fmt: skip
    """Voyages as `assess_tonnes` takes them, with expected tonnes."""
    rows = _expected_calls(ships, chains, knows)
    schema = (
        "imo",
        "destination_locode",
        "destination_arrived_at_utc",
        "tonnes_unloaded",
        "variance",
        "with_next",
    )
    expected = pl.DataFrame(rows, schema=list(schema), orient="row")
    sailed = sea.truth.voyages.select(
        "imo", "origin_locode", "vessel_class", "destination_locode", destination_arrived_at_utc="arrived_at_utc"
    )  # fmt: skip
    keys = ["imo", "destination_locode", "destination_arrived_at_utc"]
    week = pl.col("destination_arrived_at_utc").dt.strftime("%G-W%V")
    is_same_week = (week == week.shift(-1)) & (pl.col("imo") == pl.col("imo").shift(-1))
    return expected.join(sailed, on=keys, maintain_order="left").select(
        "vessel_class", "origin_locode", "destination_locode", "destination_arrived_at_utc", "tonnes_unloaded",
        variance=pl.col("variance") + 2.0 * pl.when(is_same_week).then("with_next").otherwise(0.0),
        vessel_id=pl.format("imo-{}", "imo"),
        week=week,
        counts_for_trade=pl.lit(True),
        origin_call_id=pl.lit(1, pl.Int64),
        voyage_id=pl.format("{}-{}", "imo", "destination_arrived_at_utc"),
        measurement_sd_t=pl.lit(0.0),
        support_sd_t=pl.lit(0.0),
        guess_unloaded_t=pl.lit(0.0),
        guess_unloaded_sd_t=pl.lit(0.0),
    )  # fmt: skip


def _hours(one: TrueCall) -> float | None:
    if one.berthed_s is None or one.unberthed_s is None:
        return None
    return work_hours(one.berthed_s, one.unberthed_s, one.port_locode)
