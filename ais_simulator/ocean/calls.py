"""Calls at a berth: cargo ashore and on board, the hours that it takes, and the draught that the crew types in."""

from typing import Final, NamedTuple

from ais_indicators.units import SECONDS_PER_MINUTE
from ais_simulator.ocean.fleet import Trade
from ais_simulator.ocean.harbours import BY_LOCODE
from ais_simulator.ocean.vessel import Vessel
from ais_simulator.ocean.working_hours import finished_s
from ais_simulator.scenario import Faults

TONNES_PER_HOUR_AND_METRE: Final = {
    "container": 9.0, "dry_bulk": 7.0, "general_cargo": 3.0, "roro": 14.0, "tanker": 10.0,
}  # fmt: skip
"""Pace of work, by kind and length of the ship: long ones have more cranes and pumps."""
FIXED_HOURS: Final = (1.5, 5.0)  # gangway, papers, bunkers
SHUTTLE_HOURS, CRUISE_HOURS = (0.45, 2.5), (7.0, 13.0)
HANDLED_SHARES: Final = {"container": (0.15, 0.55), "general_cargo": (0.4, 1.0), "roro": (0.3, 0.9)}
"""Share of what is on board that a liner puts ashore at a call."""
GOAL_FILL, GOAL_FILL_SPREAD = 0.68, 0.10
LEAST_FILL, MOST_FILL = 0.30, 0.95
FULL_LOAD: Final = (0.88, 1.0)  # of the deadweight: the rest is fuel and stores
PART_DISCHARGE_SHARE: Final = 0.25  # of a tramp's calls to unload: the other part goes to the next port
PART_DISCHARGE: Final = (0.35, 0.65)
LATE_HOURS: Final = (1.0, 12.0)
TYPING_MINUTES: Final = 10.0  # before the next port's sea buoy a late crew has typed at the latest
NAMED_DESTINATION_SHARE: Final = 0.3  # crews that type a port's name and not its code
DESTINATION_LENGTH: Final = 20


class Handled(NamedTuple):
    """Tonnes put ashore and taken on board at one call."""

    unloaded_t: float
    loaded_t: float


def handle_cargo(vessel: Vessel, trade: Trade) -> Handled:
    """Returns the tonnes that a ship unloads and loads at its present port."""
    on_board, deadweight = vessel.payload_t, vessel.deadweight_t
    if vessel.kind not in TONNES_PER_HOUR_AND_METRE:
        return Handled(0.0, 0.0)
    if trade.kind == "tramp":
        if vessel.port in trade.exporters:
            goal = float(vessel.rng.uniform(*FULL_LOAD)) * deadweight
            return Handled(0.0, float(round(max(goal - on_board, 0.0))))
        is_part = vessel.chance(PART_DISCHARGE_SHARE)
        share = float(vessel.rng.uniform(*PART_DISCHARGE))
        has_more = on_board > LEAST_FILL * deadweight
        return Handled(float(round(on_board * share)) if is_part and has_more else on_board, 0.0)
    shares = HANDLED_SHARES.get(vessel.kind, HANDLED_SHARES["general_cargo"])
    unloaded = float(round(float(vessel.rng.uniform(*shares)) * on_board))
    fill = float(vessel.rng.normal(GOAL_FILL, GOAL_FILL_SPREAD))
    goal = min(max(fill, LEAST_FILL), MOST_FILL) * deadweight
    return Handled(unloaded, float(round(max(goal - on_board + unloaded, 0.0))))


def first_payload_t(vessel: Vessel) -> float:
    """Returns the payload with which a ship's life begins at its first berth."""
    if vessel.kind not in TONNES_PER_HOUR_AND_METRE:
        return 0.0
    if vessel.trade.kind == "tramp":
        return (
            0.0 if vessel.port in vessel.trade.exporters else float(round(FULL_LOAD[0] * vessel.deadweight_t))
        )
    return float(round(GOAL_FILL * vessel.deadweight_t))


def work_ends_s(vessel: Vessel, trade: Trade, handled: Handled) -> float:
    """Returns when the work at the berth is done."""
    if trade.kind == "shuttle":
        hours = float(vessel.rng.uniform(*SHUTTLE_HOURS))
    elif trade.kind == "cruise":
        hours = float(vessel.rng.uniform(*CRUISE_HOURS))
    else:
        pace = TONNES_PER_HOUR_AND_METRE[vessel.kind] * vessel.length_m
        hours = float(vessel.rng.uniform(*FIXED_HOURS)) + sum(handled) / pace
    harbour = BY_LOCODE[vessel.port]
    return finished_s(vessel.now_s, hours, harbour.country_iso3, harbour.point[1])


def type_departure(vessel: Vessel, destination: str, arrives_s: float, faults: Faults) -> None:
    """Types destination and ETA at departure, and the new draught: at once, late, or not at all."""
    draws = vessel.rng.random(4)
    is_zero = draws[0] < faults.zero_draught_share
    is_stale = draws[1] < faults.stale_draught_share
    is_late = draws[2] < faults.late_draught_share
    late_s = vessel.hours(*LATE_HOURS)
    harbour = BY_LOCODE[destination]
    text = harbour.name.upper() if draws[3] < NAMED_DESTINATION_SHARE else destination
    text, now_s = text[:DESTINATION_LENGTH], vessel.now_s
    draught = 0.0 if is_zero else vessel.draught_m
    if not is_stale and not is_late:
        vessel.sent_draught_m = draught
    vessel.type_in(now_s, text, arrives_s)
    if is_late and not is_stale:
        latest = arrives_s - TYPING_MINUTES * SECONDS_PER_MINUTE
        typed_s = now_s + min(late_s, max(latest - now_s, TYPING_MINUTES * SECONDS_PER_MINUTE))
        vessel.sent_draught_m = draught
        vessel.type_in(typed_s, text, arrives_s)
