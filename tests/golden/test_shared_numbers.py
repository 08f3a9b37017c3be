"""Static reports of vessels that share an MMSI: which track each vessel is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from ais_indicators.fold.classes import classify
from ais_indicators.fold.identities import IDENTITY, NO_TRACK, NOTHING, Said, identify
from ais_indicators.fold.records import TRACK, Thresholds
from ais_indicators.fold.shared_numbers import TrackPoints, join_points, last_points
from ais_indicators.periods import Week
from ais_indicators.tracking.bucket_messages import StaticReports
from ais_indicators.tracking.vessel_evidence import Evidence, index_of
from tests.subject_rules import SHIP_RULES

MMSI = 248235911
WEEK = Week.parse("2020-W10")
DAY = 86_400
CARRIER: dict[str, Any] = {"imo_number": 9134270, "ais_ship_type": 79, "length_m": 142.0}
TUG: dict[str, Any] = {"call_sign": "XA0232", "ais_ship_type": 52, "length_m": 21.0}
QUAY, TOWING = 11, 12
"""Track of a moored vessel, a fix every 180 s; track of a vessel under way, a fix every 10 s."""

Report = tuple[int, dict[str, Any]]


def every(seconds: int, said: dict[str, Any], phase: int = 0, until: int = DAY) -> list[Report]:
    """Reports of one vessel at equal distances, from a day's second on."""
    return [(second, said) for second in range(phase, until, seconds)]


def statics(reports: Sequence[Report], day: int = 0) -> StaticReports:
    """The day's reports as the fold reads them."""
    ordered = sorted(reports, key=lambda report: report[0])
    words = {name: pl.Series(name, sorted({said[name] for _, said in reports if name in said}), pl.String)
             for name in ("vessel_name", "call_sign")}  # fmt: skip
    codes: dict[str, Any] = {}
    for name in IDENTITY:
        values = [said.get(name) for _, said in ordered]
        place = words[name].to_list().index if name in words else None
        codes[name] = np.array(
            [NOTHING if value is None else place(value) if place else value for value in values]
        )
    second = np.array([second for second, _ in ordered], np.int64) + WEEK.start_second + day * DAY
    mmsi = np.full(second.size, MMSI, np.int64)
    return StaticReports(mmsi, second, Said(codes, words), np.full(second.size, np.nan))


def heard(tracks: Mapping[int, Sequence[int]], day: int = 0) -> TrackPoints:
    """Seconds of a day at which tracks were heard."""
    track_id = np.concatenate([np.full(len(times), track, np.int64) for track, times in tracks.items()])
    second = np.concatenate([np.array(times, np.int64) for times in tracks.values()])
    return TrackPoints(
        np.full(track_id.size, MMSI, np.int64), track_id, second + WEEK.start_second + day * DAY
    )


def vessels(evidence: Evidence, second: int = DAY // 2, tracks: Sequence[int] = (QUAY, TOWING)) -> list[str]:
    """The vessel of each track at a second of the week."""
    return identify(events(second, tracks), evidence.reports_so_far(), SHIP_RULES).to_list()


def events(second: int = DAY // 2, tracks: Sequence[int] = (QUAY, TOWING)) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "mmsi": [MMSI] * len(tracks),
            "track_id": tracks,
            "second": [WEEK.start_second + second] * len(tracks),
            "week_index": [index_of(WEEK)] * len(tracks),
        }
    )


def classes(evidence: Evidence, tracks: Sequence[int] = (QUAY, TOWING)) -> list[str]:
    said = pl.concat(evidence._classes_of_week)
    return classify(events(tracks=tracks), said, SHIP_RULES).to_list()


BOTH = {QUAY: range(0, DAY, 180), TOWING: range(0, DAY, 10)}
IMO, CALL = "imo-9134270", f"mmsi-{MMSI}-XA0232"


@pytest.mark.parametrize(
    ("moored", "moving", "ids"), [(CARRIER, TUG, [IMO, CALL]), (TUG, CARRIER, [CALL, IMO])]
)
def test_two_vessels_with_equal_counts_are_one_on_each_track(
    moored: dict[str, Any], moving: dict[str, Any], ids: list[str]
) -> None:
    evidence = Evidence((), SHIP_RULES)
    # Both report every 6 min, some seconds after a position of their own and, mostly, nearer to one of the busy track.
    reports = [*every(360, moored, 1), *every(360, moving, 94)]
    evidence.take_statics(WEEK, statics(reports), heard(BOTH))
    assert vessels(evidence) == ids
    assert classes(evidence) == ["cargo_unspecified" if vessel == IMO else "other" for vessel in ids]


def test_order_of_equal_times_changes_nothing() -> None:
    taken = []
    for reports in ([*every(360, CARRIER), *every(360, TUG)], [*every(360, TUG), *every(360, CARRIER)]):
        evidence = Evidence((), SHIP_RULES)
        evidence.take_statics(WEEK, statics(reports), heard(BOTH))
        taken.append(vessels(evidence))
    assert taken[0] == taken[1]
    assert sorted(taken[0]) == [IMO, CALL]


def test_one_vessel_with_two_tracks_is_both() -> None:
    evidence = Evidence((), SHIP_RULES)
    evidence.take_statics(WEEK, statics(every(360, CARRIER, 5)), heard(BOTH))
    assert vessels(evidence) == [IMO, IMO]
    assert set(evidence.reports_so_far()["track_id"]) == {NO_TRACK}


def test_two_vessels_one_after_the_other_on_one_track_are_known_by_time() -> None:
    evidence = Evidence((), SHIP_RULES)
    reports = [*every(360, CARRIER, until=40_000), *every(360, TUG, 50_040)]
    evidence.take_statics(WEEK, statics(reports), heard({QUAY: range(0, DAY, 180)}))
    assert set(evidence.reports_so_far()["track_id"]) == {NO_TRACK}
    assert vessels(evidence, 20_000, [QUAY]) + vessels(evidence, 60_000, [QUAY]) == [IMO, CALL]


def test_a_track_that_closes_keeps_its_vessel() -> None:
    evidence = Evidence((), SHIP_RULES)
    noon = DAY // 2
    tracks = {QUAY: range(0, DAY, 180), TOWING: range(0, noon, 10)}
    reports = [*every(360, CARRIER, 5), *every(360, TUG, 94, noon)]
    evidence.take_statics(WEEK, statics(reports), heard(tracks))
    evidence.take_statics(WEEK, statics(every(360, CARRIER, 5), 1), heard({QUAY: range(0, DAY, 180)}, 1))
    assert vessels(evidence, DAY + noon) == [IMO, CALL]
    assert set(evidence.reports_so_far()["track_id"]) == {QUAY, TOWING}


def test_a_day_of_static_reports_alone_keeps_the_vessels() -> None:
    evidence = Evidence((), SHIP_RULES)
    evidence.take_statics(WEEK, statics([*every(360, CARRIER, 1), *every(360, TUG, 94)]), heard(BOTH))
    last = heard({QUAY: [DAY - 180], TOWING: [DAY - 10]})
    evidence.take_statics(WEEK, statics([*every(360, CARRIER, 1), *every(360, TUG, 94)], 1), last)
    assert vessels(evidence, 2 * DAY) == [IMO, CALL]
    by_track = evidence.reports_so_far().group_by("track_id").agg(pl.col("messages").sum()).sort("track_id")
    assert by_track.rows() == [(QUAY, 480), (TOWING, 480)]


@pytest.mark.parametrize(("against", "ids"), [(143, [IMO, CALL]), (145, [CALL, IMO])])
def test_a_track_keeps_its_vessel_unless_the_shares_differ_by_more(against: int, ids: list[str]) -> None:
    """Of the carrier's 240 reports `against` are nearest to the tug's track; of the tug's one half are so."""
    evidence = Evidence((), SHIP_RULES)
    times = {QUAY: range(0, DAY, 720), TOWING: range(360, DAY, 720)}
    evidence.take_statics(WEEK, statics([*every(720, CARRIER), *every(720, TUG, 360)]), heard(times))
    carrier = [(720 * (n % 120) + 360 * (n < against), CARRIER) for n in range(240)]
    tug = [(720 * (n % 120) + 360 * (n < 120), TUG) for n in range(240)]
    evidence.take_statics(WEEK, statics([*carrier, *tug], 1), heard(times, 1))
    assert vessels(evidence, DAY + DAY // 2) == ids
    assert SHIP_RULES.keep_vessel_share == 0.1


def test_a_call_sign_that_was_mistyped_takes_no_track() -> None:
    evidence = Evidence((), SHIP_RULES)
    wrong: list[Report] = [(94, TUG | {"call_sign": "XA0233"})]
    evidence.take_statics(
        WEEK, statics([*every(360, CARRIER, 1), *every(360, TUG, 454), *wrong]), heard(BOTH)
    )
    assert vessels(evidence) == [IMO, CALL]


def test_a_stub_takes_no_reports() -> None:
    thresholds = Thresholds.from_rules(SHIP_RULES)
    tracks = np.zeros(3, TRACK)
    tracks["mmsi"], tracks["track_id"] = MMSI, [1, 2, 3]
    tracks["fixes"], tracks["last_second"] = (
        [thresholds.min_track_fixes, thresholds.min_track_fixes - 1, 99],
        [5, 6, 7],
    )
    ends = last_points(tracks, thresholds)
    assert ends.track_id.tolist() == [1, 3]
    fixes = TrackPoints(np.full(3, MMSI), np.array([1, 2, 3]), np.array([50, 60, 70]))
    assert join_points(ends, fixes).second.tolist() == [5, 7, 50, 70]
