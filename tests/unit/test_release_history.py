"""Which release was served when: after publications, withdrawals and restorations in any order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.errors import WrongUseError
from ais_indicators.releasing.history import Decision, ReleaseEvent, ReleaseHistory
from ais_indicators.releasing.record import Release
from tests.release_records import release_record

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def release(name: str, sequence: int, week: str = "2026-W46", at: datetime = NOON) -> Release:
    return release_record(release_id=name, release_sequence=sequence, week=week, published_at_utc=at)


def event(
    name: str, number: int, after: int, kind: Decision = "withdrawn", at: datetime = NOON
) -> ReleaseEvent:
    return ReleaseEvent(
        event_sequence=number,
        after_release_sequence=after,
        release_id=name,
        event=kind,
        by_name="A",
        reason="b",
        at_utc=at,
    )


def history(*rows: Release | ReleaseEvent) -> ReleaseHistory:
    return ReleaseHistory(
        tuple(row for row in rows if isinstance(row, Release)),
        tuple(row for row in rows if isinstance(row, ReleaseEvent)),
    )


def served(of: ReleaseHistory) -> dict[str, str]:
    return {week: row.release_id for week, row in of.served.items()}


def test_releases_of_one_moment_stand_in_the_order_of_publication() -> None:
    both = history(release("one", 1), release("two", 2))
    assert served(both) == {"2026-W46": "two"}
    assert served(both.as_of("one")) == {"2026-W46": "one"}
    assert served(both.as_of("two")) == {"2026-W46": "two"}


def test_a_withdrawal_counts_from_its_place_whatever_the_clock_says() -> None:
    of = history(
        release("one", 1), release("two", 2), event("two", 1, after=2), release("three", 3, "2026-W47")
    )
    assert served(of) == {"2026-W46": "one", "2026-W47": "three"}
    assert served(of.as_of("two")) == {"2026-W46": "two"}
    assert served(of.as_of("three")) == {"2026-W46": "one", "2026-W47": "three"}
    assert [(of.status(r), of.is_served(r)) for r in of.releases] == [
        ("published", True),
        ("withdrawn", False),
        ("published", True),
    ]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("2026-11-20", None),
        ("2026-11-21", "two"),
        ("2026-11-21T11:59:59Z", None),
        ("2026-11-21T12:00:00Z", "one"),
        ("2026-11-21T12:00:00", "one"),
        ("2026-11-21T13:00:00+01:00", "one"),
        ("2026-11-21T12:59:59.999999Z", "one"),
        ("2026-11-21T13:00:00Z", "two"),
        ("2026-11-22", "one"),
        ("two", "two"),
        ("two days ago", None),
        ("2026-13-01", None),
    ],
)
def test_a_date_is_its_end_and_a_time_is_utc(text: str, known: str | None) -> None:
    next_day = NOON + timedelta(days=1)
    of = history(
        release("one", 1), release("two", 2, at=NOON + timedelta(hours=1)), event("two", 1, 2, at=next_day)
    )
    if known is None:
        with pytest.raises(WrongUseError, match=r"nothing was published by|is not a recorded release"):
            of.as_of(text)
    else:
        assert served(of.as_of(text)) == {"2026-W46": known}


def test_latest_is_the_newest_that_is_served_and_the_one_before_is_of_the_week() -> None:
    of = history(
        release("one", 1), release("two", 2, "2026-W47"), release("three", 3), event("three", 1, after=3)
    )
    assert of.find("latest").release_id == "two"
    before = of.before("three")
    assert before is not None
    assert before.release_id == "one"
    assert of.before("two") is None
    with pytest.raises(WrongUseError, match="there is no release 'four'"):
        of.find("four")
    with pytest.raises(WrongUseError, match="there is no release;"):
        history().find("latest")


def test_time_never_runs_backwards_on_record() -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    assert history(release("one", 1, at=ahead)).next_moment() > ahead
    assert history(release("one", 1, at=NOON - timedelta(days=9999))).next_moment() > NOON - timedelta(
        days=9999
    )


@given(st.lists(st.tuples(st.sampled_from("pwr"), st.integers(0, 2), st.integers(0, 9)), max_size=30))
def test_the_past_is_what_the_present_was(steps: Sequence[tuple[str, int, int]]) -> None:
    """What was served after each publication is what a look back at that release gives."""
    rows: list[Release | ReleaseEvent] = []
    seen: dict[str, dict[str, str]] = {}
    for kind, week, which in steps:
        now = history(*rows)
        count = now.last_sequence
        if kind == "p":
            rows.append(release(f"r{count + 1}", count + 1, f"2026-W0{week + 1}"))
            seen[f"r{count + 1}"] = served(history(*rows))
        elif count:
            name, number = f"r{which % count + 1}", 1 + len(now.events)
            rows.append(event(name, number, count, "withdrawn" if kind == "w" else "restored"))
    for name, was in seen.items():
        assert served(history(*rows).as_of(name)) == was
    final = history(*rows)
    for row in final.served.values():
        newer = [
            r for r in final.releases if r.week == row.week and r.release_sequence > row.release_sequence
        ]
        assert row.release_id not in final.withdrawn
        assert all(r.release_id in final.withdrawn for r in newer)
