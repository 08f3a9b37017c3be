"""Every notebook runs on the lake of the handbook's tutorial or on one of planes, and is committed without outputs.

The notebooks of one lake share a kernel, whose names are removed before each, so that libraries are loaded once.
`make test` leaves out the one cell that starts Spark and its part of the comparison; `make test-all` runs it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import polars as pl
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from ais_indicators.settings import DATA_DIR_VARIABLE
from tests.examples import is_full
from tests.planes_lake import PlanesLake
from tests.tutorial import Tutorial

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
OF_PLANES = next(path for path in NOTEBOOKS if path.stem == "planes")
CELL_SECONDS = 300
"""Far more than any cell takes, for a machine that others use too."""

FORGET = "%reset -f"
STARTS_SPARK, COMPARES_SPARK = "build_session(", " == in_spark"


def read(path: Path) -> nbformat.NotebookNode:
    """A notebook as it is committed."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call, no-any-return]


@contextmanager
def kernel_on(data_dir: Path) -> Iterator[KernelManager]:
    """A kernel whose notebooks read a lake."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=os.environ | {DATA_DIR_VARIABLE: str(data_dir)})
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(tutorial: Tutorial) -> Iterator[KernelManager]:
    """The kernel of the tutorial's lake."""
    with kernel_on(tutorial.data_dir) as manager:
        yield manager


def without_spark(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without the cells that start Spark, and without what compares their rows."""
    notebook.cells = [cell for cell in notebook.cells if STARTS_SPARK not in cell.source]
    for cell in notebook.cells:
        cell.source = cell.source.replace(COMPARES_SPARK, "")
    return notebook


def run(path: Path, kernel: KernelManager) -> nbformat.NotebookNode:
    """Runs a notebook in a kernel without the names of others, and gives it with what its cells said."""
    notebook = read(path) if is_full() else without_spark(read(path))
    forget = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FORGET)])  # type: ignore[no-untyped-call]
    for one in (forget, notebook):
        NotebookClient(one, timeout=CELL_SECONDS, km=kernel).execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    return notebook


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path != OF_PLANES], ids=lambda p: p.stem)
def test_notebook_runs(path: Path, kernel: KernelManager) -> None:
    run(path, kernel)


def test_notebook_of_planes_runs(planes_lake: PlanesLake) -> None:
    with kernel_on(planes_lake.data_dir) as kernel:
        assessed = run(OF_PLANES, kernel).cells[-2]["outputs"][0]["data"]["text/plain"]
    assert "'touch_and_goes_counted_as_arrivals': 0" in assessed, "it found the truth next to the lake"


def test_notebook_of_planes_refuses_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    first = next(cell.source for cell in read(OF_PLANES).cells if cell.cell_type == "code")
    with pl.Config(), pytest.raises(AssertionError, match="follows ships; make one of planes"):
        exec(compile(first, str(OF_PLANES), "exec"), {})  # noqa: S102


def test_one_cell_of_one_notebook_starts_spark_and_one_compares_its_rows() -> None:
    cells = [(path.stem, cell.source) for path in NOTEBOOKS for cell in read(path).cells]
    assert [name for name, source in cells if STARTS_SPARK in source] == ["getting_started"]
    assert [name for name, source in cells if COMPARES_SPARK in source] == ["getting_started"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_stripped_and_defines_nothing(path: Path) -> None:
    cells = [c for c in read(path).cells if c.cell_type == "code"]
    assert cells
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    lines = [line for cell in cells for line in cell.source.splitlines()]
    assert not [line for line in lines if line.startswith(("def ", "class "))]
