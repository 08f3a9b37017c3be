"""Searches a bucket's messages for vessels that are shown on a known shape; runs in a worker.

Only weeks in which vessels jump to one place together are searched, and only buckets with a vessel near it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from ais_indicators.io.store import read_parquet
from ais_indicators.rules import Rules
from ais_indicators.tracking.bucket_messages import Messages, doubles_of, read_messages
from ais_indicators.tracking.bucket_plans import BucketPlan, WeekPlan
from ais_indicators.tracking.echoes import EchoFilter
from ais_indicators.tracking.receiver_clocks import StationClocks, read_base_stations
from ais_indicators.transforms.shapes import Shape
from ais_indicators.transforms.shown_vessels import FalseRun, VesselWeek, shown_runs
from ais_indicators.units import SECONDS_PER_DAY

_PLACES = ["mmsi", "latitude", "longitude"]
_NUMBERS = ("latitude", "longitude", "sog_knots")


def find_shown_vessels(
    plans: Iterable[BucketPlan], shapes: Sequence[Shape], rules: Rules
) -> Iterator[list[FalseRun]]:
    """Yields the runs of each bucket's vessels on the shapes of one week, by MMSI and time."""
    for plan in plans:
        numbers = _numbers_near(plan, shapes, rules)
        weeks = _weeks_of(plan, shapes, numbers, rules)
        yield sorted(run for mmsi, fixes in weeks for run in shown_runs(mmsi, fixes, shapes, rules))


def _numbers_near(plan: BucketPlan, shapes: Sequence[Shape], rules: Rules) -> NDArray[np.int64]:
    """Returns the MMSIs with a position on a shape on the days on which it shows vessels."""
    found = [np.empty(0, np.int64)]
    for shape in shapes:
        week = next(one for one in plan.weeks if one.week == shape.week)
        for number, day in enumerate(week.week.days):
            begin = week.week.start_second + number * SECONDS_PER_DAY
            if shape.from_second - SECONDS_PER_DAY < begin <= shape.until_second:
                for location in week.files.get(day, ()):
                    rows = read_parquet(location, columns=_PLACES, use_threads=False)
                    latitude, longitude = (doubles_of(rows[name]) for name in _PLACES[1:])
                    found.append(rows["mmsi"].to_numpy()[shape.outline.holds(latitude, longitude, rules)])
    return np.unique(np.concatenate(found))


def _weeks_of(
    plan: BucketPlan, shapes: Sequence[Shape], numbers: NDArray[np.int64], rules: Rules
) -> Iterator[tuple[int, VesselWeek]]:
    """Yields the fixes of some MMSIs in the shapes' week, without echoes, as the fold takes them."""
    if numbers.size == 0:
        return
    kept = [
        messages.of(np.isin(messages.mmsi, numbers))
        for week, messages in _days_without_echoes(plan, shapes[0], rules)
        if week.week == shapes[0].week
    ]
    mmsi, second = (np.concatenate([getattr(part, name) for part in kept]) for name in ("mmsi", "second"))
    places = [np.concatenate([part.numbers[name] for part in kept]) for name in _NUMBERS]
    order = np.argsort(mmsi, kind="stable")
    ends = np.searchsorted(mmsi[order], numbers, side="right")
    for number, own in zip(numbers.tolist(), np.split(order, ends)[:-1], strict=True):
        yield number, VesselWeek(second[own], *(values[own] for values in places))


def _days_without_echoes(plan: BucketPlan, shape: Shape, rules: Rules) -> Iterator[tuple[WeekPlan, Messages]]:
    """Goes through the days up to the end of the shapes' week; what an echo is depends on the days before."""
    passed = EchoFilter(rules)
    for location in plan.state_files:
        held = read_parquet(location, columns=["ship_bucket"])["ship_bucket"]
        if pc.any(pc.equal(held, plan.bucket)).as_py():
            rows = read_parquet(
                location, filters=[("ship_bucket", "==", plan.bucket)], columns=["echo_memory"]
            )
            passed.load(rows["echo_memory"][0].as_py())
    for week in plan.weeks:
        if week.week > shape.week:
            return
        passed.begin_week(StationClocks(read_base_stations(week.base_station_files), rules))
        for day in week.week.days:
            if week.files.get(day):
                after = week.files.get(day + timedelta(days=1)) if passed.clocks.some_are_behind else None
                following = read_messages(after, rules) if after else None
                yield week, passed.sift(read_messages(week.files[day], rules), following).messages
