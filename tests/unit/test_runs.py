"""Runs of equal rows."""

import numpy as np
import pytest

from ais_indicators.fold.runs import run_ends, run_starts


@pytest.mark.parametrize(
    ("rows", "runs"),
    [
        pytest.param([], [], id="no row"),
        pytest.param([(1, 5)], [(0, 1)], id="one row"),
        pytest.param([(1, 5), (1, 5), (1, 5)], [(0, 3)], id="all equal"),
        pytest.param([(1, 5), (2, 5), (2, 6)], [(0, 1), (1, 2), (2, 3)], id="one column differs"),
        pytest.param([(1, 5), (2, 5), (1, 5), (1, 5)], [(0, 1), (1, 2), (2, 4)], id="a value comes back"),
    ],
)
def test_a_run_ends_where_any_column_changes(
    rows: list[tuple[int, int]], runs: list[tuple[int, int]]
) -> None:
    columns = np.array(rows, np.int64).reshape(-1, 2).T
    starts = run_starts(*columns)
    assert list(zip(starts.tolist(), run_ends(starts, len(rows)).tolist(), strict=True)) == runs
