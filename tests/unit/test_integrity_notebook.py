"""The notebook on integrity copes with tables that are empty, and draws those that are not."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import polars as pl
import pytest

from ais_indicators.repository import find_folder
from ais_indicators.settings import DATA_DIR_VARIABLE, Settings
from tests.released_weeks import activity, empty_lake, integrity_week, interfered, put_rows

NOTEBOOK = find_folder("notebooks") / "integrity.ipynb"
WEEK = "2026-W10"


def run_cells(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Runs the code cells on a lake; gives their names."""
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(settings.data_dir))
    monkeypatch.setattr(plt, "show", lambda: None)
    names: dict[str, object] = {}
    with pl.Config():
        for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), str(NOTEBOOK), "exec"), names)  # noqa: S102
    plt.close("all")
    return names


def test_it_runs_on_a_lake_without_any_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_cells(empty_lake(tmp_path), monkeypatch)["strait"] is None


def test_it_shows_the_chokepoint_that_is_furthest_from_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = empty_lake(tmp_path)
    tables = integrity_week(hormuz="closed", suez="restricted", bering="not_known")
    tables["gold.interference_weekly"] = [
        interfered("84a", "circle", 25, (26.3, 56.9)),
        interfered("84b", "point", None, (26.3, 56.9)),
    ]
    marked = activity("_T", 90.0, obs_status="U", status_reason="vessels_dark")
    for table, rows in (tables | {"gold.port_activity_weekly": [marked]}).items():
        put_rows(settings, table, rows, {"week": WEEK})
    names = run_cells(settings, monkeypatch)
    assert names["strait"] == "hormuz"
    kept = names["kept"]
    assert isinstance(kept, pl.DataFrame)
    assert kept["value"].to_list() == [None], "the marked week is left out"
