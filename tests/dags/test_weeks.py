"""Which week a run of the weekly DAG computes, however it was started."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from dags.common.weeks import last_complete_week, week_of_run

ASKED_AT = datetime(2026, 11, 30, 9, 53, tzinfo=UTC)
"""A Monday: the week before it is 2026-W48."""


def run(run_type: str, logical: datetime | None, interval: datetime | None = None) -> Any:
    """A run of Airflow; the interval of a manual run is what Airflow makes up from the moment of the request."""
    return SimpleNamespace(
        run_type=run_type, logical_date=logical, run_after=ASKED_AT, data_interval_start=interval
    )


def monday(year: int, month: int, day: int) -> datetime:
    """The first instant of a week."""
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("of", "params", "week"),
    [
        pytest.param(run("scheduled", monday(2026, 11, 23), monday(2026, 11, 23)), {}, "2026-W48", id="schedule"),
        pytest.param(run("backfill", monday(2020, 12, 28), monday(2020, 12, 28)), {}, "2020-W53", id="backfill"),
        pytest.param(
            run("backfill", monday(2021, 1, 4), monday(2021, 1, 4)), {"week": "2020-W50"}, "2021-W01",
            id="parameter of a backfill",
        ),
        pytest.param(
            run("manual", datetime(2026, 1, 12, 6, tzinfo=UTC), monday(2026, 11, 16)), {"week": None}, "2026-W02",
            id="logical date",
        ),
        pytest.param(run("manual", monday(2021, 1, 4)), {}, "2020-W53", id="week 53 is over"),
        pytest.param(
            run("manual", datetime(2021, 1, 3, 23, 59, tzinfo=UTC)), {}, "2020-W52", id="week 53 is not over"
        ),
        pytest.param(run("manual", None), {"week": None}, "2026-W48", id="no date"),
        pytest.param(run("manual", None), {"week": ""}, "2026-W48", id="empty field of the form"),
        pytest.param(run("manual", monday(2026, 1, 12)), {"week": "2020-W53"}, "2020-W53", id="parameter and date"),
    ],
)  # fmt: skip
def test_week_of_a_run(of: Any, params: dict[str, Any], week: str) -> None:
    assert week_of_run(of, params) == week


def test_a_week_that_no_year_has_is_refused() -> None:
    with pytest.raises(ValueError, match="'2021-W53' is not a week"):
        week_of_run(run("manual", None), {"week": "2021-W53"})


def test_a_week_is_over_at_its_end_in_utc() -> None:
    assert last_complete_week(datetime.fromisoformat("2026-01-12T01:00:00+02:00")) == "2026-W01"
    assert last_complete_week(datetime.fromisoformat("2026-01-12T02:00:00+02:00")) == "2026-W02"
