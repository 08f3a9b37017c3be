"""Turns the fold's visits into events: whole chains or their pieces, port calls or passages (methodology 6)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.fold.records import EXITED, NEVER, Records, Thresholds
from ais_indicators.fold.sailing import is_call_by_silence, is_call_by_stop, merge_pieces, sailing_seconds
from ais_indicators.rules import Rules
from ais_indicators.units import SECONDS_PER_HOUR

FOR_ALL: Final = 0
"""Events of any vessel: visits that stand alone."""
FOR_SHORT_STOPS: Final = 1
"""Events of vessels whose visits are not merged: the pieces of chains."""
FOR_OTHERS: Final = 2
"""Events of the other vessels: the chains."""


@dataclass(frozen=True)
class Readings:
    """Visits as events, before a vessel's class says which of them count.

    Attributes:
        visits: Elements of `VISIT`.
        kinds: FOR_ALL, FOR_SHORT_STOPS or FOR_OTHERS, one per visit.
    """

    visits: Records
    kinds: NDArray[np.int8]

    def of(self, vessel_class: NDArray[np.str_], rules: Rules) -> NDArray[np.bool_]:
        """Returns which of the visits are events, by the class of the vessel of each."""
        wanted = np.where(has_short_stops(vessel_class, rules), FOR_SHORT_STOPS, FOR_OTHERS)
        chosen: NDArray[np.bool_] = (self.kinds == FOR_ALL) | (self.kinds == wanted)
        return chosen


@dataclass(frozen=True)
class Ends:
    """What is known of the calls among some visits; one element per visit.

    Attributes:
        is_call: Whether it is a port call.
        arrival_is_estimated: Whether the arrival lies in a silence.
        departure_is_estimated: Whether the departure does.
        arrival_half_width_hours: Half of the time in which the arrival may lie, NaN if it is not estimated.
        departure_half_width_hours: The same of the departure.
    """

    is_call: NDArray[np.bool_]
    arrival_is_estimated: NDArray[np.bool_]
    departure_is_estimated: NDArray[np.bool_]
    arrival_half_width_hours: NDArray[np.float64]
    departure_half_width_hours: NDArray[np.float64]

    @property
    def unseen_hours(self) -> NDArray[np.float64]:
        """Returns what a stay is expected to last beyond the fixes in port."""
        return np.nan_to_num(self.arrival_half_width_hours) + np.nan_to_num(self.departure_half_width_hours)


def has_short_stops(vessel_class: NDArray[np.str_], rules: Rules) -> NDArray[np.bool_]:
    """Returns which classes call for minutes: ferries and other ships that carry people or vehicles."""
    return np.isin(vessel_class, rules.short_stop_classes)


def read_visits(visits: Records) -> Readings:
    """Gives each visit, and the whole chain with each last piece of several."""
    is_last = visits["goes_on"] == 0
    chains = visits[is_last & (visits["pieces"] > 1)].copy()
    _merge_all(chains)
    is_piece = (visits["pieces"] > 1) | ~is_last
    kinds = np.where(is_piece, FOR_SHORT_STOPS, FOR_ALL)
    every = np.concatenate([visits, chains]) if chains.size else visits
    return Readings(every, np.concatenate([kinds, np.full(chains.size, FOR_OTHERS)]).astype(np.int8))


def decide_calls(visits: Records, vessel_class: NDArray[np.str_], rules: Rules) -> Ends:
    """Decides which visits are port calls, and which of their ends are estimated.

    Args:
        visits: Elements of `VISIT`.
        vessel_class: Class of the vessel of each, shape (visits,).
        rules: Rules of the lake's subject.
    """
    thresholds = Thresholds.from_rules(rules)
    stops = thresholds.short_stop_seconds, thresholds.min_stop_seconds
    least = np.where(has_short_stops(vessel_class, rules), *stops)
    by_stop, by_silence = np.zeros(visits.size, np.bool_), np.zeros(visits.size, np.bool_)
    widths = np.zeros((2, visits.size))
    _decide(visits, least, by_stop, by_silence, widths, thresholds)
    only_by_silence = by_silence & ~by_stop
    gap = thresholds.gap_seconds
    longest = np.where(only_by_silence, np.minimum(least, gap), gap)
    arrival = (visits["arrived_second"] != NEVER) & (visits["entry_silence_seconds"] >= longest)
    departure = (visits["phase"] == EXITED) & (visits["exit_silence_seconds"] >= longest)
    return Ends(
        by_stop | by_silence,
        arrival,
        departure,
        np.where(arrival, widths[0], np.nan),
        np.where(departure, widths[1], np.nan),
    )


@njit(cache=True)
def _merge_all(visits):  # type: ignore[no-untyped-def]
    for index in range(visits.size):
        merge_pieces(visits[index])


@njit(cache=True)
def _decide(visits, least, by_stop, by_silence, widths, rules):  # type: ignore[no-untyped-def]
    for index in range(visits.size):
        visit = visits[index]
        by_stop[index] = is_call_by_stop(visit, least[index])
        by_silence[index] = is_call_by_silence(visit, least[index], rules)
        sailed = sailing_seconds(visit.entry_km, max(visit.knots_before, visit.knots_first), rules)
        widths[0, index] = max(0.0, visit.entry_silence_seconds - sailed) / 2.0 / SECONDS_PER_HOUR
        sailed = sailing_seconds(visit.exit_km, max(visit.knots_last, visit.knots_after), rules)
        widths[1, index] = max(0.0, visit.exit_silence_seconds - sailed) / 2.0 / SECONDS_PER_HOUR
