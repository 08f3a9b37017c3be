"""Weeks that a run folds: a function of the requested weeks and the lake (methodology 13), never of a clock."""

from collections.abc import Collection, Mapping

from ais_indicators.errors import BadInputError
from ais_indicators.io.weeks import Bronze, FoldedWeek
from ais_indicators.periods import Period, Week
from ais_indicators.rules import Rules


def choose_period(
    asked: Period,
    bronze: Bronze,
    folded: Mapping[Week, FoldedWeek],
    expired: Week | None = None,
    computed: Collection[Week] = (),
    *,
    rules: Rules,
) -> Period:
    """Chooses the weeks to fold so that the requested ones are right.

    They begin with the first week that new messages touched, at most the rule's weeks before the asked ones, or
    where the last state ends; and they go on to the newest week that was ever folded, since a state changes all
    that come after it. Weeks whose raw messages have expired are kept unchanged.

    Args:
        asked: The requested weeks.
        bronze: What bronze holds.
        folded: What was folded.
        expired: Last week whose raw messages have expired.
        computed: Weeks with values: a killed run may have left them without the fold that they depend on.
        rules: Rules of the lake's subject.

    Raises:
        BadInputError: There is no message of the asked weeks or before, or they have expired.
    """
    if expired is not None and asked.first <= expired:
        raise BadInputError(
            f"the raw messages of {expired} and before have expired; these weeks are kept as published"
        )
    if not any(week <= asked.last for week in bronze.files):
        raise BadInputError(
            f"there are no messages of {asked} in the lake; run `ais-indicators ingest FILE` first"
        )
    first = min([asked.first, *touched_weeks(asked.first, bronze, folded, expired, rules)])
    states = [week.plus(1) for week in folded if week.plus(1) <= first]
    return Period(max(states, default=first), max([asked.last, *folded, *computed]))


def touched_weeks(
    until: Week, bronze: Bronze, folded: Mapping[Week, FoldedWeek], expired: Week | None, rules: Rules
) -> list[Week]:
    """Returns weeks up to one, at most the rule's weeks before it, that were never folded or whose messages changed."""
    earliest = until.plus(-rules.revision_weeks)
    return [
        week
        for week in sorted({*bronze.files, *folded})
        if earliest <= week <= until
        and (expired is None or week > expired)
        and (week not in folded or folded[week].fingerprint != bronze.fingerprint(week))
    ]


def unchanged_until(
    period: Period, asked: Period, folded: Mapping[Week, FoldedWeek], histories: Mapping[Week, str]
) -> Period | None:
    """Removes the first weeks of a period that are up to date; returns None if all requested ones are.

    Args:
        period: What would be folded.
        asked: The requested weeks.
        folded: The weeks on record.
        histories: Hash of the inputs of each week of the period.
    """
    for week in period:
        if week > asked.last:
            return None
        if week not in folded or folded[week].history != histories[week]:
            return Period(week, period.last)
    return None
