"""A cluster lasts while its vessels are shown there; vessels that came before it are there (methodology 8)."""

from collections.abc import Iterable

import pyarrow as pa
import pytest

from ais_indicators.periods import Week
from ais_indicators.tracking.displacements import DisplacementFilter
from ais_indicators.tracking.echoes import Sifted
from ais_indicators.tracking.position_losses import read_losses
from ais_indicators.transforms.interference import FalsePositions, find_false_positions
from ais_indicators.transforms.shapes import AREA, KINDS
from tests.golden.test_displacements import (
    DAY,
    HOUR,
    MINUTE,
    PORT,
    SEA,
    START,
    Fix,
    fleet,
    messages_of,
    near,
    rejected,
    still,
    stretches,
)
from tests.subject_rules import SHIP_RULES

NEWCOMER, VISITOR = 9, 20
SUNDAY = 5 * DAY
"""The last day of the week, as seconds after `START`."""


def berth(mmsi: int) -> tuple[float, float]:
    """Berths 0.5 km apart: an area, for which five vessels are needed."""
    return near(PORT, 0.0, 0.5 * mmsi)


def home(mmsi: int) -> tuple[float, float]:
    return near(SEA, 0.0, float(mmsi))


def first_day(day: int = 0) -> list[Fix]:
    """Five vessels that are shown from 21 to 24 h, and one that is at home."""
    vessels = range(1, 6)
    return [
        *(fix for mmsi in vessels for fix in still(home(mmsi), day - DAY, day + 21 * HOUR, mmsi)),
        *(fix for mmsi in vessels for fix in still(berth(mmsi), day + 21 * HOUR, day + DAY, mmsi)),
        *still(home(NEWCOMER), day - DAY, day + 25 * HOUR, NEWCOMER),
    ]


def second_day(
    shown: Iterable[int],
    day: int = 0,
    place: tuple[float, float] | None = None,
    goes_on: bool = False,
    newcomer: bool = True,
) -> list[Fix]:
    """Some of them are shown for six hours more, and the newcomer for five; the others are at home.

    A wild position shortly before midnight ends the stretches of the first day, unless they go on.
    """
    midnight, end = day + DAY, day + 30 * HOUR
    shown = set(shown)
    wild = [
        Fix(mmsi, START + midnight - 3 * MINUTE, *near(PORT, 500.0, 30.0 * mmsi))
        for mmsi in shown
        if not goes_on
    ]
    return [
        *wild,
        *(fix for mmsi in shown for fix in still(place or berth(mmsi), midnight, end, mmsi)),
        *(fix for mmsi in {1, 2, 3, 4, 5} - shown for fix in still(home(mmsi), midnight, end, mmsi)),
        *(still(berth(NEWCOMER), day + 25 * HOUR, end, NEWCOMER) if newcomer else []),
    ]


def false_from(fixes: Iterable[Fix], second: int) -> dict[int, str | None]:
    """The vessels with a false stretch that began at or after a second after `START`, with its kind."""
    found = find_false_positions(stretches(fixes), rules=SHIP_RULES)
    return {
        mmsi: KINDS[kind]
        for (_, mmsi, began), kind in found.stretches.items()
        if kind > 0 and began >= START + second
    }


@pytest.mark.parametrize(("again", "false"), [(0, set()), (1, {1}), (2, {1, 2, NEWCOMER})])
def test_cluster_lasts_while_two_of_its_vessels_are_shown_there(again: int, false: set[int]) -> None:
    """One that is shown again is false itself; two show that others who come now are false, too."""
    fixes = [*first_day(), *second_day(range(1, again + 1))]
    assert false_from(fixes, DAY) == dict.fromkeys(false, AREA)


@pytest.mark.parametrize(("km", "is_false"), [(20.0, True), (200.0, False)], ids=["next to it", "elsewhere"])
def test_vessel_is_shown_again_where_it_was_found(km: float, is_false: bool) -> None:
    fixes = [*first_day(), *second_day([1], place=near(PORT, km), newcomer=False)]
    assert (1 in false_from(fixes, DAY)) is is_false


def test_vessels_that_were_not_found_do_not_make_a_cluster_last() -> None:
    """Four that are displaced on the first day are none; two of them are none on the second day either."""
    fixes = [fix for fix in [*first_day(), *second_day([1, 2])] if fix.mmsi != 5]
    assert false_from(fixes, 0) == {}


@pytest.mark.parametrize(("goes_on", "false"), [(True, {NEWCOMER}), (False, set())], ids=["carried", "new"])
def test_next_week_knows_what_the_fold_carries_alone(goes_on: bool, false: set[int]) -> None:
    """On Monday two stretches go on from Sunday, or two vessels begin new ones."""
    fixes = [*first_day(SUNDAY), *second_day([1, 2], SUNDAY, goes_on=goes_on)]
    assert set(false_from(fixes, SUNDAY + DAY)) == false
    assert week_by_week(fixes) == find_false_positions(stretches(fixes), rules=SHIP_RULES).stretches


def week_by_week(fixes: Iterable[Fix]) -> dict[tuple[Week, int, int], int]:
    """The false stretches of a run for each week, which knows of the weeks before what their folds carry."""
    days: dict[int, list[Fix]] = {}
    for fix in fixes:
        days.setdefault(fix.second // DAY, []).append(fix)
    packed, stretches_of = None, dict[tuple[Week, int, int], int]()
    for week in sorted({Week.of_second(day * DAY) for day in days}):
        found = find_false_positions(folded(week, days, packed, None).rows, rules=SHIP_RULES)
        packed = folded(week, days, packed, found).packed(week.end_second)
        stretches_of |= found.stretches
    return stretches_of


def folded(
    week: Week, days: dict[int, list[Fix]], packed: bytes | None, known: FalsePositions | None
) -> DisplacementFilter:
    passed = DisplacementFilter(known, rules=SHIP_RULES)
    passed.load(packed)
    passed.begin_week(week)
    for day in range(week.start_second // DAY, week.end_second // DAY):
        if day in days:
            passed.sift(Sifted(messages_of(days[day]), pa.table({})), read_losses([]))
    passed.displacements()
    return passed


@pytest.mark.parametrize(
    ("began", "until", "is_false"),
    [
        (5 * HOUR + 25 * MINUTE, 30 * HOUR, False),
        (5 * HOUR + 35 * MINUTE, 30 * HOUR, True),
        (5 * HOUR + 25 * MINUTE, 29 * HOUR, True),
    ],
    ids=["there before", "came with the others", "heard for less than a day"],
)
def test_vessel_that_was_there_before_the_others_is_there(began: int, until: int, is_false: bool) -> None:
    """It came during a silence, and is displaced from the place to which others are from 6 h on."""
    away = near(PORT, 200.0)
    there = still(PORT, began, until, VISITOR)
    fixes = [*still(away, -DAY, -6 * HOUR, VISITOR), *there, *still(away, until, until + 6 * HOUR, VISITOR)]
    gone = [fix for fix in rejected([*fleet(6, end=34 * HOUR), *fixes]) if fix.mmsi == VISITOR]
    assert gone == (there if is_false else [])
