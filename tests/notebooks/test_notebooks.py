"""Every notebook runs on a small simulated week, and is committed without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from pyspark.sql import SparkSession

from ais_indicators import runner
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import DATA_DIR_VARIABLE, Settings
from ais_indicators.simulate import Simulation, simulate_weeks

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
WEEK = Week.parse("2026-W20")


@pytest.fixture(scope="module")
def small_lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with one simulated week, published."""
    assert spark
    folder = tmp_path_factory.mktemp("notebooks")
    sea = simulate_weeks(Simulation(WEEK.name, 1, 20, 7, thin_s=600), folder / "sea", jobs=1)
    settings = Settings(folder / "data", shuffle_partitions=1)
    runner.run_task("load_ports", Job(settings, paths=(sea.ports_file,)))
    runner.run_task("ingest_messages", Job(settings, paths=tuple(sea.message_files)))
    runner.run_weekly(Job(settings, Period(WEEK, WEEK)))
    return settings


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path: Path, small_lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(small_lake.data_dir))
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_stripped(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    assert cells
    assert not any(cell.outputs or cell.execution_count for cell in cells)
