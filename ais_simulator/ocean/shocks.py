"""Effects of a scenario's shocks on a ship: closed ports, blocked straits, and detours."""

from collections.abc import Sequence
from typing import NamedTuple

from ais_simulator.ocean.fleet import Trade, kind_of
from ais_simulator.scenario import Scenario
from ais_simulator.shocks import NewLane, PortClosed, StraitBlocked

LANE_KINDS = ("container", "general_cargo", "dry_bulk", "tanker")


class Span(NamedTuple):
    """From the first second to the one after the last."""

    begins_s: float
    ends_s: float


class Shocks:
    """The shocks of a scenario that change what ships do, by what they hit."""

    def __init__(self, scenario: Scenario, trades: Sequence[Trade]) -> None:
        """Takes the scenario, and the trades of all ships to choose those that leave theirs for a new lane."""
        self.closed: dict[str, list[Span]] = {}
        self.blocked: dict[str, list[Span]] = {}
        self.lanes: dict[int, list[tuple[Span, Trade]]] = {}
        for shock in scenario.shocks:
            span = Span(*shock.span_s)
            if isinstance(shock, PortClosed):
                self.closed.setdefault(shock.port_locode, []).append(span)
            elif isinstance(shock, StraitBlocked):
                self.blocked.setdefault(shock.gate, []).append(span)
            elif isinstance(shock, NewLane):
                self._open_lane(shock, span, trades)

    def _open_lane(self, shock: NewLane, span: Span, trades: Sequence[Trade]) -> None:
        free = [
            ship for ship, trade in enumerate(trades)
            if trade.kind in ("liner", "tramp") and kind_of(ship) in LANE_KINDS and ship not in self.lanes
        ]  # fmt: skip
        for ship in free[: shock.ships]:
            loads = shock.between[:1] if trades[ship].kind == "tramp" else ()
            self.lanes.setdefault(ship, []).append((span, Trade(trades[ship].kind, shock.between, loads)))

    def port_opens_s(self, locode: str, begin_s: float, end_s: float) -> float | None:
        """Returns when a port opens again that is closed at any time of a span."""
        return _last_end(self.closed.get(locode, []), begin_s, end_s)

    def shut_gates(self, second: float) -> frozenset[str]:
        """Returns straits that are blocked at a second."""
        return frozenset(code for code, spans in self.blocked.items() if _last_end(spans, second, second))

    def gate_opens_s(self, code: str, begin_s: float, end_s: float) -> float | None:
        """Returns when a strait opens again that is blocked at any time of a span."""
        return _last_end(self.blocked.get(code, []), begin_s, end_s)

    def trade_at(self, ship: int, usual: Trade, second: float) -> Trade:
        """Returns what a ship does at a second."""
        for span, trade in self.lanes.get(ship, []):
            if span.begins_s <= second < span.ends_s:
                return trade
        return usual


def _last_end(spans: list[Span], begin_s: float, end_s: float) -> float | None:
    hit = [span.ends_s for span in spans if span.begins_s <= end_s and begin_s < span.ends_s]
    return max(hit, default=None)
