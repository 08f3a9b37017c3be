"""What sailing explains of a visit's time, and whether the visit is a port call (methodology 6). Compiled.

A vessel that is silent around a visit was seen at rest there perhaps once. Its visit is a call if it had more time than
it needed to sail by.
"""

from ais_indicators.compiled import njit
from ais_indicators.fold.records import EXITED
from ais_indicators.units import KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR


@njit(cache=True, forceinline=True)
def sailing_seconds(km, knots, rules):  # type: ignore[no-untyped-def]
    """Returns seconds that a vessel takes for a way at a speed, which is kept within the bounds of sailing."""
    knots = min(max(knots, rules.sailing_knots_least), rules.sailing_knots_most)
    return km / KM_PER_NAUTICAL_MILE / knots * SECONDS_PER_HOUR


@njit(cache=True, forceinline=True)
def unexplained_seconds(visit, rules):  # type: ignore[no-untyped-def]
    """Returns the time from the fix before a visit to the fix after it, less the time that sailing takes."""
    end = visit.departed_second if visit.phase == EXITED else visit.last_second
    km = visit.entry_km + visit.sailed_at_last_km - visit.sailed_at_entry_km + visit.exit_km
    seconds = end - (visit.first_second - visit.entry_silence_seconds)
    return seconds - sailing_seconds(km, max(visit.knots_before, visit.knots_after), rules)


@njit(cache=True, forceinline=True)
def is_call_by_stop(visit, min_stop_seconds):  # type: ignore[no-untyped-def]
    """Returns whether the visit has a stop that is long enough, or a gap."""
    return visit.longest_stop_seconds >= min_stop_seconds or visit.gaps > 0


@njit(cache=True, forceinline=True)
def is_call_by_silence(visit, min_stop_seconds, rules):  # type: ignore[no-untyped-def]
    """Returns whether a vessel seen at rest was silent before, in or after the visit for longer than it sailed."""
    if visit.rest_fixes == 0 or visit.longest_silence_seconds < min_stop_seconds:
        return False
    return unexplained_seconds(visit, rules) >= min_stop_seconds


@njit(cache=True)
def extend_chain(visit):  # type: ignore[no-untyped-def]
    """Adds a visit to the chain of those before it: the begin of the first piece, the sums and maxima of all."""
    if visit.pieces == 1:
        visit.chain_first_second, visit.chain_arrived_second = visit.first_second, visit.arrived_second
        visit.chain_entry_silence_seconds, visit.chain_entry_km = visit.entry_silence_seconds, visit.entry_km
        visit.chain_knots_before, visit.chain_knots_first = visit.knots_before, visit.knots_first
        visit.chain_sailed_at_entry_km, visit.chain_waiting_seconds = (
            visit.sailed_at_entry_km,
            visit.waiting_seconds,
        )
        visit.chain_longest_silence_seconds, visit.chain_stop_seconds = 0, 0
        visit.chain_longest_stop_seconds, visit.chain_gaps, visit.chain_gap_seconds = 0, 0, 0
        visit.chain_rest_fixes, visit.chain_own_still = 0, 0
        visit.chain_rival_port, visit.chain_rival_still = visit.rival_port, 0
    visit.chain_longest_silence_seconds = max(
        visit.chain_longest_silence_seconds, visit.longest_silence_seconds
    )
    visit.chain_longest_stop_seconds = max(visit.chain_longest_stop_seconds, visit.longest_stop_seconds)
    visit.chain_stop_seconds += visit.stop_seconds
    visit.chain_gaps += visit.gaps
    visit.chain_gap_seconds += visit.gap_seconds
    visit.chain_rest_fixes += visit.rest_fixes
    visit.chain_own_still += visit.own_still
    if visit.chain_rival_still == 0:
        visit.chain_rival_port = visit.rival_port
    if visit.chain_rival_port == visit.rival_port:
        visit.chain_rival_still += visit.rival_still


@njit(cache=True)
def merge_pieces(visit):  # type: ignore[no-untyped-def]
    """Makes the last piece of a chain the visit that all pieces are together."""
    extend_chain(visit)
    visit.first_second, visit.arrived_second = visit.chain_first_second, visit.chain_arrived_second
    visit.entry_silence_seconds, visit.entry_km = visit.chain_entry_silence_seconds, visit.chain_entry_km
    visit.knots_before, visit.knots_first = visit.chain_knots_before, visit.chain_knots_first
    visit.sailed_at_entry_km, visit.waiting_seconds = (
        visit.chain_sailed_at_entry_km,
        visit.chain_waiting_seconds,
    )
    visit.longest_silence_seconds, visit.stop_seconds = (
        visit.chain_longest_silence_seconds,
        visit.chain_stop_seconds,
    )
    visit.longest_stop_seconds = visit.chain_longest_stop_seconds
    visit.gaps, visit.gap_seconds = visit.chain_gaps, visit.chain_gap_seconds
    visit.rest_fixes, visit.own_still = visit.chain_rest_fixes, visit.chain_own_still
    visit.rival_port, visit.rival_still = visit.chain_rival_port, visit.chain_rival_still
