"""Sums, percentiles and totals that tables share."""

from itertools import permutations

import polars as pl
import pytest

from ais_indicators.transforms.columns import count_if, exact_sum, over_all, percentile

PAYLOADS_T = [40_952.292756, 0.1, 123_456_789.2, 0.7, 1e-6]


def test_the_order_of_rows_moves_no_digit() -> None:
    orders = [list(order) for order in permutations(PAYLOADS_T)]
    assert len({sum(order) for order in orders}) > 1  # doubles would
    rows = [(number, amount) for number, order in enumerate(orders) for amount in order]
    sums = pl.DataFrame(rows, schema=["number", "payload_t"], orient="row").group_by("number")
    assert set(sums.agg(exact_sum(pl.col("payload_t")))["payload_t"]) == {123_497_742.292757}


def test_nothing_adds_up_to_nothing_known() -> None:
    payload = exact_sum(pl.col("payload_t"))
    unknown = pl.DataFrame({"payload_t": [None]}, schema={"payload_t": pl.Float64})
    assert unknown.select(payload).item() is None
    assert pl.DataFrame({"payload_t": [None, 2.5]}).select(payload).item() == 2.5


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([None, 3.0], 0.5, 3.0),
        ([2.0, 1.0], 0.5, 1.5),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([0.0, 10.0], 0.9, 9.0),
        ([4.0, 4.0, 4.0], 0.9, 4.0),
        ([float(n) for n in range(11)], 0.9, 9.0),
    ],
)
def test_percentiles_lie_between_the_values_next_to_them(
    values: list[float | None], share: float, expected: float | None
) -> None:
    rows = pl.DataFrame({"hours": values}, schema={"hours": pl.Float64})
    assert rows.select(percentile(pl.col("hours"), share)).item() == expected


def test_unknown_is_not_counted() -> None:
    assert (
        pl.DataFrame({"is_in_port": [True, None, False]}).select(count_if(pl.col("is_in_port"))).item() == 1
    )


def test_totals_are_taken_over_the_rows_not_over_the_parts() -> None:
    rows = pl.DataFrame({"week": [1, 1, 1], "port": ["A", "B", "B"], "vessel": [1, 1, 2]})
    totals = over_all(rows, [["week", "port"], ["week"]], {"vessels": pl.col("vessel").n_unique()}, "_T")
    assert set(totals.rows()) == {(1, "A", 1.0), (1, "B", 2.0), (1, "_T", 2.0)}
