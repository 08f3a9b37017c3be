"""Vessels shown where they cannot be are displaced; what only looks like it is not (methodology 8)."""

import math
import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from ais_indicators.periods import Week
from ais_indicators.tracking.bucket_messages import Messages
from ais_indicators.tracking.displacements import DisplacementFilter
from ais_indicators.tracking.echoes import Sifted
from ais_indicators.tracking.position_losses import read_losses
from ais_indicators.transforms.interference import FalsePositions, find_false_positions
from ais_indicators.transforms.shapes import AREA, CIRCLE, KINDS, POINT
from tests.fold_harness import ProductReading, port_index
from tests.second_reading import Area
from tests.second_reading import Fix as FoldFix
from tests.subject_rules import SHIP_RULES

MINUTE, HOUR, DAY = 60, 3600, 86_400
KM = 1 / 111.194926644559
"""Degrees of latitude in a km."""
START = 5 * DAY
"""A Tuesday, 00:00 UTC."""
SEA, PORT = (50.0, 4.0), (52.0, 4.0)


class Fix(NamedTuple):
    mmsi: int
    second: int
    latitude: float
    longitude: float


def still(
    place: tuple[float, float], begin: int, end: int, mmsi: int = 1, step: int = 5 * MINUTE
) -> list[Fix]:
    """A vessel that is shown at one place."""
    return [Fix(mmsi, START + at, *place) for at in range(begin, end, step)]


def sailing(
    begin: int, end: int, mmsi: int = 1, knots: float = 15.0, start: tuple[float, float] = SEA
) -> list[Fix]:
    """A vessel that sails north."""
    degrees = knots * 1.852 * KM / HOUR
    return [
        Fix(mmsi, START + at, start[0] + degrees * (at - begin), start[1])
        for at in range(begin, end, 5 * MINUTE)
    ]


def near(place: tuple[float, float], north_km: float, east_km: float = 0.0) -> tuple[float, float]:
    return place[0] + north_km * KM, place[1] + east_km * KM / math.cos(math.radians(place[0]))


def spoofed(
    mmsi: int, place: tuple[float, float] = PORT, begin: int = 6 * HOUR, end: int = 12 * HOUR
) -> list[Fix]:
    """A vessel at sea that is shown elsewhere for some hours, then at sea again."""
    at_sea = near(SEA, 0.0, float(mmsi))
    return [
        *still(at_sea, -DAY, begin, mmsi),
        *still(place, begin, end, mmsi),
        *still(at_sea, end, 24 * HOUR, mmsi),
    ]


class Found(NamedTuple):
    """What a fold of one bucket found.

    Attributes:
        stretches: Every stretch that counts, one row a day.
        rejected: Fixes that were not folded.
        listed: Rows of `silver.displacements` of all weeks.
    """

    stretches: pl.DataFrame
    rejected: list[Fix]
    listed: pl.DataFrame


def messages_of(fixes: Iterable[Fix]) -> Messages:
    rows = sorted(fixes)
    mmsi, second = (np.array([fix[n] for fix in rows], np.int64) for n in (0, 1))
    latitude, longitude = (np.array([fix[n] for fix in rows], float) for n in (2, 3))
    table = pa.table({"mmsi": mmsi, "second": second, "latitude": latitude, "longitude": longitude})
    return Messages(table, mmsi, second, {"latitude": latitude, "longitude": longitude})


def fold(fixes: Iterable[Fix], known: FalsePositions | None = None) -> Found:
    """Goes through the fixes day by day as in production, the memory packed and read again after each week."""
    days: dict[int, list[Fix]] = {}
    for fix in fixes:
        days.setdefault(fix.second // DAY, []).append(fix)
    passed = DisplacementFilter(known, SHIP_RULES)
    no_losses, frames, rejected, listed = read_losses([]), [], list[Fix](), []
    weeks = sorted({Week.of_second(day * DAY) for day in days})
    for week in weeks:
        passed.begin_week(week)
        for day in range(week.start_second // DAY, week.end_second // DAY):
            if day in days:
                result = passed.sift(Sifted(messages_of(days[day]), pa.table({})), no_losses)
                if result.false_positions is not None:
                    rejected += [Fix(*row.values()) for row in result.false_positions.to_pylist()]
        listed.append(passed.displacements())
        frames.append(passed.rows)
        packed = passed.packed(week.end_second)
        passed = DisplacementFilter(known, SHIP_RULES)
        passed.load(packed)
    rows = [frame for frame in listed if frame.height]
    return Found(pl.concat(frames), rejected, pl.concat(rows) if rows else pl.DataFrame())


def stretches(fixes: Iterable[Fix]) -> pl.DataFrame:
    return fold(fixes).stretches


def false_vessels(fixes: Iterable[Fix]) -> dict[int, str | None]:
    """The kind of false position of each vessel that has any."""
    found = find_false_positions(stretches(fixes), rules=SHIP_RULES)
    kinds = {mmsi: KINDS[kind] for (_, mmsi, _), kind in found.stretches.items() if kind > 0}
    return kinds | {run.mmsi: KINDS[run.kind] for runs in found.runs.values() for run in runs}


def rejected(fixes: Sequence[Fix]) -> list[Fix]:
    """What is rejected once clusters are known."""
    return sorted(fold(fixes, find_false_positions(stretches(fixes), rules=SHIP_RULES)).rejected)


def fleet(vessels: int, place: tuple[float, float] = PORT, **times: int) -> list[Fix]:
    return [fix for mmsi in range(1, vessels + 1) for fix in spoofed(mmsi, place, **times)]


def test_stretch_has_its_fixes_and_ends_with_the_return() -> None:
    [row] = stretches(spoofed(1)).to_dicts()
    assert (row["first_second"], row["last_second"], row["fixes"]) == (
        START + 6 * HOUR,
        START + 12 * HOUR - 300,
        72,
    )
    assert (row["began"], row["sailed_off"]) == (START + 6 * HOUR, False)


@pytest.mark.parametrize(("km", "found"), [(19.9, 0), (20.1, 1)])
def test_jump_is_longer_than_the_rule(km: float, found: int) -> None:
    fixes = [*still(SEA, 0, 6 * HOUR), *still(near(SEA, km), 6 * HOUR, 8 * HOUR)]
    assert stretches(fixes).height == found


@pytest.mark.parametrize(("minutes", "found"), [(64, 1), (66, 0)])
def test_what_a_vessel_can_reach_is_no_jump(minutes: int, found: int) -> None:
    fixes = [*still(SEA, 0, 6 * HOUR + 1), *still(near(SEA, 100.0), 6 * HOUR + minutes * MINUTE, 12 * HOUR)]
    assert stretches(fixes).height == found


@pytest.mark.parametrize(("minutes", "found"), [(119, 0), (120, 1)])
def test_home_is_heard_before_for_as_long_as_the_rule(minutes: int, found: int) -> None:
    fixes = [*still(SEA, 0, minutes * MINUTE + 1, step=MINUTE), *still(PORT, minutes * MINUTE + 60, 4 * HOUR)]
    assert stretches(fixes).height == found


@pytest.mark.parametrize(("vessels", "false"), [(4, 0), (5, 5), (25, 25)])
def test_five_vessels_in_an_area_are_a_cluster(vessels: int, false: int) -> None:
    places = [near(PORT, 2.0 * (n % 3), 2.0 * (n % 2)) for n in range(1, vessels + 1)]
    fixes = [fix for n, place in enumerate(places, start=1) for fix in spoofed(n, place)]
    assert len(false_vessels(fixes)) == false


@pytest.mark.parametrize(("vessels", "false"), [(2, 0), (3, 3), (4, 4)])
def test_three_vessels_at_one_point_or_on_one_circle_are_a_cluster(vessels: int, false: int) -> None:
    assert len(false_vessels(fleet(vessels))) == false
    rounds = [fix for n in range(1, vessels + 1) for fix in on_circle(n, 5.0)]
    assert len(false_vessels(rounds)) == false


@pytest.mark.parametrize(
    ("vessels", "minutes_apart", "km", "false"),
    [
        pytest.param(3, 30, 501.0, 3, id="at once and from far away"),
        pytest.param(2, 0, 501.0, 0, id="two vessels"),
        pytest.param(3, 31, 501.0, 0, id="not at once"),
        pytest.param(3, 30, 499.0, 0, id="from near"),
    ],
)
def test_three_vessels_that_come_from_far_away_at_once_are_a_cluster(
    vessels: int, minutes_apart: int, km: float, false: int
) -> None:
    fixes = list[Fix]()
    for mmsi in range(1, vessels + 1):
        begin = 6 * HOUR + (minutes_apart * MINUTE if mmsi == vessels else 0)
        berth = near(PORT, 0.4 * mmsi)
        home = near(berth, -km)
        fixes += [*still(home, -DAY, begin, mmsi, MINUTE), *still(berth, begin, 12 * HOUR, mmsi, MINUTE)]
    assert len(false_vessels(fixes)) == false


@pytest.mark.parametrize(("vessels", "is_circle"), [(5, False), (7, True)])
def test_places_at_rest_are_a_circle_only_where_they_go_all_round(vessels: int, is_circle: bool) -> None:
    angles = [2 * math.pi * n / vessels for n in range(vessels)]
    places = [near(PORT, 5.0 * math.sin(angle), 5.0 * math.cos(angle)) for angle in angles]
    fixes = [fix for n, place in enumerate(places, start=1) for fix in spoofed(n, place)]
    assert set(false_vessels(fixes).values()) == {CIRCLE if is_circle else AREA}


def test_a_point_next_to_a_cluster_of_another_place_is_one_of_its_own() -> None:
    far = near(PORT, 150.0)
    fixes = [
        *fleet(3),
        *(fix for n in range(4, 9) for fix in spoofed(n, near(far, 2.0 * (n % 3), 2.0 * (n % 2)))),
    ]
    assert false_vessels(fixes) == dict.fromkeys(range(1, 4), POINT) | dict.fromkeys(range(4, 9), AREA)


@pytest.mark.parametrize(("minutes", "false"), [(30, 0), (35, 5)])
def test_stretches_of_a_cluster_last_as_long_as_the_rule(minutes: int, false: int) -> None:
    assert len(false_vessels(fleet(5, end=6 * HOUR + minutes * MINUTE))) == false


def test_short_stretch_in_a_cluster_is_false_too() -> None:
    assert 6 in false_vessels([*fleet(5), *spoofed(6, end=6 * HOUR + 60)])


def test_vessels_far_apart_or_on_different_days_are_no_cluster() -> None:
    apart = [fix for mmsi in range(1, 6) for fix in spoofed(mmsi, near(PORT, 150.0 * mmsi))]
    assert false_vessels(apart) == {}
    on_days = [fix._replace(second=fix.second + mmsi * DAY) for mmsi in range(1, 6) for fix in spoofed(mmsi)]
    assert false_vessels(on_days) == {}


def test_cluster_on_a_cell_border_counts_neighbours() -> None:
    spread = [fix for mmsi in range(1, 7) for fix in spoofed(mmsi, near(PORT, 6.0 * mmsi))]
    assert stretches(spread)["to_h3_res4"].n_unique() > 1
    assert len(false_vessels(spread)) == 6


def on_circle(mmsi: int, radius_km: float, jitter_km: float = 0.0) -> list[Fix]:
    """A vessel that is shown going round a centre near the port."""
    chance = random.Random(mmsi)
    shown = []
    for at in range(6 * HOUR, 12 * HOUR, 5 * MINUTE):
        angle, radius = (
            2 * math.pi * (at / HOUR + mmsi / 7),
            radius_km + chance.uniform(-jitter_km, jitter_km),
        )
        shown += [Fix(mmsi, START + at, *near(PORT, radius * math.sin(angle), radius * math.cos(angle)))]
    return [*still(SEA, -DAY, 6 * HOUR, mmsi), *shown, *still(SEA, 12 * HOUR, 14 * HOUR, mmsi)]


@pytest.mark.parametrize(
    ("place_km", "kind"), [((0.0, 0.05), POINT), ((0.0, 2.0), AREA)], ids=["metres apart", "in a port"]
)
def test_kind_is_point_within_metres(place_km: tuple[float, float], kind: str) -> None:
    fixes = [
        fix
        for n in range(1, 7)
        for fix in spoofed(n, near(PORT, place_km[1] * (n % 3), place_km[1] * (n % 2)))
    ]
    assert set(false_vessels(fixes).values()) == {kind}


@pytest.mark.parametrize(
    ("radius_km", "jitter_km", "kind"), [(5.0, 0.2, CIRCLE), (5.0, 2.0, AREA), (0.1, 0.0, POINT)]
)
def test_kind_is_circle_at_one_distance_from_one_centre(
    radius_km: float, jitter_km: float, kind: str
) -> None:
    fixes = [fix for n in range(1, 7) for fix in on_circle(n, radius_km, jitter_km)]
    assert set(false_vessels(fixes).values()) == {kind}


def test_false_stretch_stays_false_until_it_ends() -> None:
    lasts_long = [
        *still(SEA, -DAY, 6 * HOUR),
        *still(PORT, 6 * HOUR, 9 * DAY),
        *still(SEA, 9 * DAY, 10 * DAY),
    ]
    rows = stretches([*lasts_long, *(fix for fix in fleet(6) if fix.mmsi > 1)])
    of_one = [
        (week.name, kind)
        for (week, mmsi, _), kind in find_false_positions(rows, rules=SHIP_RULES).stretches.items()
        if mmsi == 1
    ]
    assert of_one == [("1970-W02", 1), ("1970-W03", 1)]
    later = rows.filter(pl.col("day") >= (START + 7 * DAY) // DAY)
    assert find_false_positions(later, rules=SHIP_RULES).stretches == {}
    carried = later.with_columns(false_kind=pl.lit(1, pl.Int64))
    assert list(find_false_positions(carried, rules=SHIP_RULES).stretches) == [
        (Week.parse("1970-W03"), 1, START + 6 * HOUR)
    ]


def test_vessel_that_sails_away_from_where_it_was_shown_is_believed() -> None:
    fixes = [
        fix
        for n in range(1, 7)
        for fix in (*still(SEA, 0, 6 * HOUR, n), *sailing(6 * HOUR, 20 * HOUR, n, start=PORT))
    ]
    rows = stretches(fixes)
    assert rows["sailed_off"].all()
    assert rows["last_second"].max() < START + 10 * HOUR  # type: ignore[operator]
    assert false_vessels(fixes) == {}


def test_vessel_that_moved_for_good_is_believed_after_weeks() -> None:
    rows = stretches([*still(SEA, -DAY, 6 * HOUR), *still(PORT, 6 * HOUR, 40 * DAY, step=HOUR)])
    assert START + 27 * DAY < rows["last_second"].max() <= START + 29 * DAY  # type: ignore[operator]


def test_interference_that_comes_and_goes_is_one_stretch() -> None:
    flapping = [
        fix
        for mmsi in range(1, 6)
        for at in range(6, 18, 2)
        for fix in (
            *still(PORT, at * HOUR, (at + 1) * HOUR, mmsi),
            *still(SEA, (at + 1) * HOUR, (at + 2) * HOUR, mmsi),
        )
    ]
    at_home = [fix for mmsi in range(1, 6) for fix in still(SEA, -DAY, 6 * HOUR, mmsi)]
    rows = stretches([*at_home, *flapping])
    assert (rows.height, rows["fixes"].to_list()) == (5, [72] * 5)
    assert len(false_vessels([*at_home, *flapping])) == 5


def test_a_port_in_which_25_vessels_are_shown_has_the_calls_of_the_vessels_that_are_there() -> None:
    there = [fix for mmsi in (101, 102) for fix in still(PORT, -DAY, 2 * DAY, mmsi)]
    fixes = [*fleet(25), *there]
    gone = set(rejected(fixes))

    def vessels_and_calls(rows: Iterable[Fix]) -> tuple[int, list[dict[str, object]]]:
        given = [FoldFix(*fix, 0.0, None, None, 1, None) for fix in rows]
        index = port_index([Area("XXPRT", "port", centre=PORT)])
        events = ProductReading(given, index).events
        return len({event["mmsi"] for event in events}), events

    assert vessels_and_calls(fixes)[0] == 27
    assert vessels_and_calls(fix for fix in fixes if fix not in gone) == vessels_and_calls(there)
    assert vessels_and_calls(there)[0] == 2


# --- what is no interference ---------------------------------------------------------------------


def shared(mmsi: int, days: int, first_day: int = 0) -> list[Fix]:
    """Two vessels with one number: one at sea, one in port that sails out and back every third day."""
    fixes = []
    for day in range(first_day, first_day + days):
        fixes += still(near(SEA, 0.0, float(mmsi)), day * DAY, (day + 1) * DAY, mmsi, 7 * MINUTE)
        berth = near(PORT, 0.3 * mmsi)
        fixes += still(berth, day * DAY + 60, day * DAY + 12 * HOUR, mmsi)
        out = day * DAY + 12 * HOUR + 60
        is_out = day % 3 == 1
        fixes += (
            sailing(out, out + 6 * HOUR, mmsi, start=berth)
            if is_out
            else still(berth, out, out + 6 * HOUR, mmsi)
        )
        if is_out:
            back = sailing(out, out + 6 * HOUR, mmsi, start=berth)[::-1]
            fixes += [fix._replace(second=2 * (START + out + 6 * HOUR) - fix.second) for fix in back]
    return fixes


def test_five_numbers_shared_for_weeks_in_one_port() -> None:
    assert false_vessels(fix for mmsi in range(1, 6) for fix in shared(mmsi, 25)) == {}


def test_shared_numbers_stay_out_of_a_cluster_of_others() -> None:
    of_others = [fix._replace(second=fix.second + 20 * DAY) for fix in fleet(16) if fix.mmsi > 10]
    found = false_vessels([*(fix for mmsi in range(1, 6) for fix in shared(mmsi, 25)), *of_others])
    assert sorted(found) == [11, 12, 13, 14, 15, 16]


def test_one_wild_message_of_many_vessels() -> None:
    wild = [Fix(mmsi, START + 6 * HOUR + 60, *PORT) for mmsi in range(1, 21)]
    assert false_vessels([*wild, *(fix for mmsi in range(1, 21) for fix in still(SEA, 0, DAY, mmsi))]) == {}


def test_receivers_that_start_again_show_an_old_place_for_minutes() -> None:
    assert false_vessels(fleet(20, end=6 * HOUR + 20 * MINUTE)) == {}


def test_late_satellite_fixes_lie_behind_the_vessel() -> None:
    fixes = []
    for mmsi in range(1, 11):
        track = sailing(0, DAY, mmsi)
        late = [fix._replace(second=fix.second + 5 * HOUR + 30) for fix in track[::3]]
        fixes += [*track, *late]
    assert false_vessels(fixes) == {}


def test_ferries_at_the_edge_of_a_port() -> None:
    fixes = []
    for mmsi in range(1, 11):
        for trip in range(0, 24, 2):
            out = sailing(trip * HOUR, trip * HOUR + 50 * MINUTE, mmsi, 30.0, PORT)
            back = [fix._replace(second=2 * (START + (trip + 1) * HOUR) - fix.second) for fix in out]
            fixes += [*out, *back]
    assert stretches(fixes).is_empty()


def test_return_from_a_place_that_a_silence_led_to_is_no_stretch() -> None:
    fixes = [
        fix
        for mmsi in range(1, 7)
        for fix in (
            *still(SEA, 0, 6 * HOUR, mmsi),
            *still(PORT, 12 * HOUR, 18 * HOUR, mmsi),
            *still(SEA, 18 * HOUR, DAY, mmsi),
        )
    ]
    assert false_vessels(fixes) == {}


def test_order_of_the_input_does_not_matter() -> None:
    fixes = [*fleet(6), *shared(20, 4)]
    shuffled = random.Random(7).sample(fixes, len(fixes))
    assert stretches(shuffled).equals(stretches(fixes))


def test_only_the_fixes_of_false_stretches_are_rejected() -> None:
    fixes = [*fleet(6), *still(PORT, -DAY, DAY, 30)]
    gone = rejected(fixes)
    assert len(gone) == 6 * 72
    assert {(fix.latitude, fix.longitude) for fix in gone} == {PORT}
    assert 30 not in {fix.mmsi for fix in gone}


def test_weeks_in_one_run_or_each_in_its_own_reject_the_same() -> None:
    end = 9 * DAY
    fixes = [
        fix
        for mmsi in range(1, 7)
        for fix in (*still(SEA, -DAY, HOUR * mmsi, mmsi), *still(PORT, HOUR * mmsi, end, mmsi))
    ]
    at_once = rejected(fixes)
    first = find_false_positions(
        stretches(fix for fix in fixes if fix.second < START + 6 * DAY), rules=SHIP_RULES
    )
    assert {week.name for week, *_ in first.stretches} == {"1970-W02"}
    split = START + 6 * DAY
    passed = DisplacementFilter(first, SHIP_RULES)
    by_week = list[Fix]()
    for week in (Week.parse("1970-W02"), Week.parse("1970-W03")):
        if week.start_second == split:
            packed = passed.packed(split)
            passed = DisplacementFilter(None, SHIP_RULES)
            passed.load(packed)
        passed.begin_week(week)
        for day in range(week.start_second // DAY, week.end_second // DAY):
            of_day = [fix for fix in fixes if fix.second // DAY == day]
            result = passed.sift(Sifted(messages_of(of_day), pa.table({})), read_losses([]))
            if result.false_positions is not None:
                by_week += [Fix(*row.values()) for row in result.false_positions.to_pylist()]
    assert sorted(by_week) == at_once
    assert max(fix.second for fix in at_once) == START + end - 5 * MINUTE


@pytest.mark.parametrize("is_heard_before", [True, False], ids=["after a silence", "first heard there"])
def test_vessel_that_a_silence_led_to_the_place_of_others_was_never_there(is_heard_before: bool) -> None:
    home = near(SEA, 0.0, -3.0)
    before = still(home, -DAY, -12 * HOUR, 20) if is_heard_before else []
    shown, after = still(PORT, 7 * HOUR, 12 * HOUR, 20), still(home, 12 * HOUR, DAY, 20)
    gone = [fix for fix in rejected([*fleet(6), *before, *shown, *after]) if fix.mmsi == 20]
    assert gone == shown


def test_vessel_that_sails_on_after_its_return_was_never_there() -> None:
    shown, after = still(PORT, 7 * HOUR, 12 * HOUR, 20), sailing(12 * HOUR, DAY, 20)
    gone = [fix for fix in rejected([*fleet(6), *shown, *after]) if fix.mmsi == 20]
    assert gone == shown


def test_vessels_that_jump_together_from_where_they_were_first_heard_are_no_evidence() -> None:
    fixes = [
        fix
        for mmsi in range(1, 8)
        for fix in (*still(PORT, 0, 6 * HOUR, mmsi), *still(SEA, 6 * HOUR, DAY, mmsi))
    ]
    assert rejected(fixes) == []


def test_rows_of_the_table_have_kind_or_none() -> None:
    alone = [*still(near(PORT, 500.0), -DAY, HOUR, 40), *still(near(PORT, 900.0), HOUR, 5 * HOUR, 40)]
    fixes = [*fleet(6), *alone]
    listed = fold(fixes, find_false_positions(stretches(fixes), rules=SHIP_RULES)).listed.sort("mmsi")
    assert listed["false_position_kind"].to_list() == [POINT] * 6 + [None]
    assert listed["hours"].to_list() == [6] * 6 + [4]
