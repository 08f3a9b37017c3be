"""Port indicators against a plain reading of their definitions, on random calls.

A frame of many calls is one example: each Spark job then tests them all, and their totals.
"""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import product
from statistics import median, quantiles

from hypothesis import given, settings
from hypothesis import strategies as st

from ais_indicators.periods import Period, Week
from ais_indicators.transforms.port_activity import daily_port_activity, weekly_port_activity
from tests.builders import Row, calls_frame, port_call, waiting_frame, waiting_vessel
from tests.examples import examples
from tests.subject_rules import SHIP_RULES

WEEKS = Period(Week.parse("2026-W51"), Week.parse("2027-W02")).weeks
NEWEST = WEEKS[1].plus(8)
PORTS, CLASSES, TRACKS = ("NLRTM", "BEANR", "DEHAM"), ("tanker", "passenger", "other"), 25
CALLS = 150
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Observation = tuple[float | None, str, str]
Reading = dict[tuple[str, str, str, str], Observation]


def random_moment(rng: random.Random) -> datetime:
    """A second from two weeks before the weeks to two weeks after; often right at a midnight."""
    day = WEEKS[0].start + timedelta(days=rng.randrange(-14, 7 * len(WEEKS) + 14))
    if rng.random() < 0.3:
        return day + timedelta(seconds=rng.choice((-1, 0, 1)))
    return day + timedelta(seconds=rng.randrange(24 * 3600))


def random_call(rng: random.Random) -> Row:
    first = random_moment(rng)
    last = max(first, first + rng.choice((HOUR, DAY, 12 * DAY)) * rng.random())
    last = last.replace(microsecond=0)
    leave = last + rng.choice((timedelta(minutes=1), 5 * HOUR, 10 * DAY))
    has_entry, status = rng.random() < 0.7, rng.choice(("closed", "closed", "open", "unseen"))
    return port_call(
        text(first) if has_entry else None,
        text(leave) if status == "closed" else None,
        first_seen=text(first),
        last_seen=text(last),
        status=status,
        track=rng.randrange(TRACKS),
        port=rng.choice(PORTS),
        vessel_class=rng.choice(CLASSES),
        event_type=rng.choice(("port_call",) * 5 + ("passage",)),
        confidence=rng.choice((2, 3, 4)),
        at_rest_when_last_seen=rng.random() < 0.5,
        waiting_hours=rng.choice((0.0, rng.uniform(0, 90))),
        stop_hours=rng.choice((0.0, rng.uniform(0, 90))),
    )


def random_wait(rng: random.Random) -> Row:
    place = rng.choice((*PORTS, "suez"))
    return waiting_vessel(
        rng.randrange(TRACKS),
        place,
        week=rng.choice((*WEEKS, NEWEST)).name,
        vessel_class=rng.choice(CLASSES),
        place_kind="gate" if place == "suez" else "anchorage",
    )


def p90(values: list[float]) -> float | None:
    """The 90th percentile, on a line between the two nearest values."""
    return (
        quantiles(values * (2 if len(values) == 1 else 1), n=10, method="inclusive")[-1] if values else None
    )


def text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ")


def read_period(
    calls: Iterable[Row], waiting: Iterable[Row], start: datetime, end: datetime
) -> dict[str, tuple[float | None, str]]:
    """The indicators of one period over some calls, by the words of the method; empty if none touches it."""

    def within(moment: datetime | None) -> bool:
        return moment is not None and start <= moment < end

    port_calls = [c for c in calls if c["event_type"] == "port_call"]
    arriving = [c for c in port_calls if within(c["arrived_at_utc"])]
    leaving = [c for c in port_calls if within(c["departed_at_utc"])]
    present = [c for c in port_calls if c["first_seen_at_utc"] < end and c["last_seen_at_utc"] >= start]
    staying = [
        c
        for c in present
        if (c["departed_at_utc"] is None or c["departed_at_utc"] >= end)
        and (c["at_rest_when_last_seen"] or end - c["last_seen_at_utc"] <= DAY)
    ]
    lost = [c for c in port_calls if c["call_status"] == "unseen" and within(c["last_seen_at_utc"])]
    ended = [c["confidence"] == 4 for c in (*leaving, *lost)]
    stays = [c["stay_hours"] for c in leaving if c["stay_hours"] is not None]
    waits = [c["waiting_hours"] for c in arriving if c["waiting_hours"] > 0]
    stops = [c["stop_hours"] for c in leaving if c["stop_hours"] > 0]
    lying = [w for w in waiting if Week.parse(w["week"]).end == end and w["place_kind"] == "anchorage"]
    if not (arriving or leaving or present or lying):
        return {}
    return {
        "arrivals": (len(arriving), "calls"),
        "departures": (len(leaving), "calls"),
        "unique_vessels": (len({c["vessel_id"] for c in present}), "ships"),
        "calls_in_progress": (len(staying), "calls"),
        "median_hours_in_port": (median(stays) if stays else None, "h"),
        "p90_hours_in_port": (p90(stays), "h"),
        "median_hours_at_berth": (median(stops) if stops else None, "h"),
        "p90_hours_at_berth": (p90(stops), "h"),
        "median_hours_waiting": (median(waits) if waits else None, "h"),
        "p90_hours_waiting": (p90(waits), "h"),
        "vessels_waiting": (len({w["vessel_id"] for w in lying}), "ships"),
        "arrivals_gross_tonnage": (None if arriving else 0.0, "GT"),
        "share_complete_calls": (sum(ended) / len(ended) if ended else None, "share"),
    }


def read(
    calls: list[Row],
    waiting: list[Row],
    periods: dict[str, tuple[datetime, datetime]],
    week_of: Callable[[str], Week],
) -> Reading:
    """Every observation of some periods by name: totals are read over the calls like any other cell."""
    reading: Reading = {}
    for name, port, vessel_class in product(periods, (*PORTS, "_T"), (*CLASSES, "_T")):
        cell = [
            c for c in calls if port in (c["port_locode"], "_T") and vessel_class in (c["vessel_class"], "_T")
        ]
        lying = [
            w
            for w in waiting
            if port in (w["place_code"], "_T") and vessel_class in (w["vessel_class"], "_T")
        ]
        is_final = NEWEST.minus(week_of(name)) > 8
        values = read_period(cell, lying, *periods[name])
        for indicator, (value, unit) in values.items():
            needs = "arrivals" if indicator.startswith("arrivals") else "departures"
            is_missing = not indicator.endswith(("_waiting", "_calls")) and values[needs][0]
            status = ("A" if is_final else "P") if value is not None else "O" if is_missing else "M"
            reading[name, port, vessel_class, indicator] = (value, unit, status)
    return reading


def rounded(reading: Reading) -> Reading:
    """Percentiles lie between values, where sums of doubles may differ in the last digit."""
    return {
        key: (value if value is None else round(value, 9), unit, status)
        for key, (value, unit, status) in reading.items()
    }


@settings(max_examples=examples(20), deadline=None)
@given(rng=st.randoms(use_true_random=True))
def test_weeks_and_days_say_what_a_plain_reading_says(rng: random.Random) -> None:
    calls = [random_call(rng) for _ in range(CALLS)]
    waiting = [random_wait(rng) for _ in range(TRACKS)]
    frame, lying = calls_frame(calls), waiting_frame(waiting)

    weekly = weekly_port_activity(frame, lying, WEEKS, NEWEST, rules=SHIP_RULES).to_dicts()
    found = {
        (r["week"], r["port_locode"], r["vessel_class"], r["indicator"]): (
            r["value"],
            r["unit"],
            r["obs_status"],
        )
        for r in weekly
    }
    weeks = {w.name: (w.start, w.end) for w in WEEKS}
    assert rounded(found) == rounded(read(calls, waiting, weeks, Week.parse))
    assert len(found) == len(weekly)

    daily = daily_port_activity(frame, WEEKS, NEWEST, rules=SHIP_RULES).to_dicts()
    by_day = {
        (r["observed_on"].isoformat(), r["port_locode"], r["vessel_class"], r["indicator"]): (
            r["value"],
            r["unit"],
            r["obs_status"],
        )
        for r in daily
    }
    days = {d.isoformat(): w.start + n * DAY for w in WEEKS for n, d in enumerate(w.days)}
    plain = read(
        calls, [], {d: (at, at + DAY) for d, at in days.items()}, lambda day: Week.of(days[day].date())
    )
    indicators = ("arrivals", "departures", "unique_vessels")
    assert by_day == {key: value for key, value in plain.items() if key[3] in indicators}
    assert len(by_day) == len(daily)
