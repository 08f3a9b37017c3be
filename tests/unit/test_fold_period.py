"""Which weeks a run folds: what was asked, what late messages touched, and what rests on both."""

from collections.abc import Mapping

import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.io.staging import TableFile
from ais_indicators.io.weeks import Bronze, FoldedWeek
from ais_indicators.periods import Period, Week
from ais_indicators.tracking.folded_period import choose_period, unchanged_until
from ais_indicators.tracking.planning import histories_of
from tests.subject_rules import SHIP_RULES

W = [Week.parse("2026-W01").plus(n) for n in range(30)]
LOOK_BACK = SHIP_RULES.revision_weeks


def bronze(*names: str, first: int = 0) -> Bronze:
    """Bronze with one file a week of these names, from a week on; `-` for a week without any."""
    files = {
        W[first + n]: {W[first + n].monday: {0: (TableFile(name, {}, 1, 1),)}}
        for n, name in enumerate(names)
        if name != "-"
    }
    return Bronze(files, {})


def folded(of: Bronze, *weeks: int) -> dict[Week, FoldedWeek]:
    """Weeks that were folded from what bronze holds."""
    period = Period(W[weeks[0]], W[weeks[-1]])
    histories = histories_of(period, of, {}, names(period), names(period), SHIP_RULES)
    return {week: FoldedWeek("p", "p", of.fingerprint(week), histories[week], 1) for week in period}


def names(period: Period) -> dict[Week, str]:
    return dict.fromkeys(period, "p")


def chosen(
    asked: tuple[int, int], of: Bronze, done: Mapping[Week, FoldedWeek], **more: object
) -> tuple[int, int]:
    period = choose_period(Period(W[asked[0]], W[asked[1]]), of, done, **more, rules=SHIP_RULES)  # type: ignore[arg-type]
    return W.index(period.first), W.index(period.last)


SIX = bronze(*"abcdef")


def test_a_first_run_takes_the_weeks_before_that_still_count() -> None:
    assert chosen((5, 5), SIX, {}) == (0, 5)
    assert chosen((12, 12), bronze(*"abcdefghijklm"), {}) == (12 - LOOK_BACK, 12)


def test_a_run_goes_on_from_the_last_state() -> None:
    assert chosen((5, 5), SIX, folded(SIX, 0, 4)) == (5, 5)
    assert chosen((5, 5), SIX, folded(SIX, 0, 2)) == (3, 5)


def test_a_past_week_takes_with_it_all_that_rest_on_it() -> None:
    assert chosen((2, 3), SIX, folded(SIX, 0, 5)) == (2, 5)


def test_late_messages_reopen_the_week_that_they_touch_and_none_before() -> None:
    late = bronze("a", "b", "C", "d", "e", "f")
    assert chosen((5, 5), late, folded(SIX, 0, 4)) == (2, 5)


@pytest.mark.parametrize(("touched", "first"), [(LOOK_BACK, 20 - LOOK_BACK), (LOOK_BACK + 1, 20)])
def test_older_late_messages_wait_for_a_backfill(touched: int, first: int) -> None:
    before = bronze(*[f"{n}" for n in range(21)])
    after = bronze(*["late" if n == 20 - touched else f"{n}" for n in range(21)])
    assert chosen((20, 20), after, folded(before, 0, 19)) == (first, 20)


def test_weeks_with_values_that_a_killed_run_left_without_their_fold_are_folded_too() -> None:
    assert chosen((1, 2), SIX, folded(SIX, 0, 0), computed=W[:5]) == (1, 4)


def test_expired_weeks_stand_as_they_are() -> None:
    assert chosen((2, 2), bronze("c", "d", first=2), folded(SIX, 0, 1), expired=W[1]) == (2, 2)
    with pytest.raises(BadInputError, match="have expired"):
        chosen((1, 2), SIX, {}, expired=W[1])


def test_weeks_before_any_message_are_bad_input() -> None:
    with pytest.raises(BadInputError, match="no messages of 2026-W01"):
        chosen((0, 0), bronze("c", first=2), {})


# --- a backfill folds what would come out otherwise ----------------------------------------------------------------


def changed(asked: tuple[int, int], of: Bronze, done: dict[Week, FoldedWeek], ports: str = "p") -> str | None:
    """The weeks that a backfill would fold."""
    wanted = Period(W[asked[0]], W[asked[1]])
    period = choose_period(wanted, of, done, rules=SHIP_RULES)
    versions = names(period) | dict.fromkeys(wanted, ports)
    found = unchanged_until(
        period, wanted, done, histories_of(period, of, done, versions, names(period), SHIP_RULES)
    )
    return str(found) if found else None


def test_weeks_that_stand_as_they_would_come_out_are_not_folded() -> None:
    assert changed((0, 5), SIX, folded(SIX, 0, 5)) is None


def test_a_stopped_backfill_goes_on_where_it_stopped() -> None:
    assert changed((0, 5), SIX, folded(SIX, 0, 3)) == f"{W[4]} to {W[5]}"


def test_other_messages_or_ports_change_their_week_and_all_after_it() -> None:
    assert changed((0, 5), bronze("a", "b", "C", "d", "e", "f"), folded(SIX, 0, 5)) == f"{W[2]} to {W[5]}"
    assert changed((3, 4), SIX, folded(SIX, 0, 5), ports="new") == f"{W[3]} to {W[5]}"


def test_what_changed_after_the_asked_weeks_is_not_their_matter() -> None:
    assert changed((0, 2), bronze("a", "b", "c", "d", "E", "f"), folded(SIX, 0, 5)) is None
