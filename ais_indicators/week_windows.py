"""The weeks that a rule looks back to."""

from collections.abc import Iterable

from ais_indicators.periods import Week
from ais_indicators.rules import Rules


def trailing_weeks(week: Week, rules: Rules) -> list[Week]:
    """Lists the weeks within which a place or class counts as seen, the week itself last."""
    return [week.plus(-n) for n in range(rules.zero_rows_weeks - 1, -1, -1)]


def trailing(week: Week, known: Iterable[Week], rules: Rules) -> list[Week]:
    """Returns the weeks that a week's baseline looks back to, of those that there are, in order."""
    wanted = {week.plus(-n) for n in range(1, rules.baseline_weeks + 1)}
    return sorted(wanted & set(known))
