"""What all tests share: how they run, scratch lakes, and the data folder where it is there.

Work on ships runs in this process (`local` executor, one core). Only tests that ask for the fixture `spark` start
Java, and only tests marked `release_check` check what they publish.
"""

import gc
import os
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ais_indicators.settings import EXECUTOR_VARIABLE, Settings
from setup.object_store import ObjectStore, running_store
from tests import (
    cores,  # noqa: F401 - limits threads before Polars is loaded
    examples,
    new_tables,
    recipes,
    release_checks,
    schedule,
    scratch,
)
from tests.eight_weeks import publish_eight_weeks
from tests.few_buckets import few_buckets
from tests.handbook_pages import Reader
from tests.planes_lake import PlanesLake, follow_planes
from tests.tutorial import Tutorial, do_tutorial

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REPOSITORY = recipes.ROOT
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
examples.load_profile()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that records how long each file takes."""
    parser.addoption("--record-durations", action="store_true", help=f"write {schedule.DURATIONS.name}")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Chooses the scratch folder, the executor and its cores, for this process and those that it starts."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        scratch.choose(config)
        if config.getoption("--record-durations"):
            config.pluginmanager.register(schedule.Recorder())
    config.addinivalue_line("markers", "release_check: publications of this test check what they publish")
    os.environ.setdefault(EXECUTOR_VARIABLE, "local")
    os.environ.setdefault("AIS_INDICATORS_CORES", "1")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Loads all modules without looking for garbage, and never looks at what they hold afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_sessionfinish() -> None:
    """Lets the process that ends find again what it held."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files that take longest first, so that all processes end at about the same time."""
    schedule.sort(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Checks releases in marked tests and in the fixtures that they are the first to ask for."""
    is_marked = item.get_closest_marker("release_check") is not None
    with release_checks.checking(lambda _: is_marked):
        return (yield)


@pytest.fixture(scope="module")
def two_buckets() -> Iterator[None]:
    """Gives the lakes of a module two vessel buckets."""
    with few_buckets():
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_lakes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        release_checks.install(patch)
        new_tables.install(patch)
        yield


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """The one Spark session of the suite."""
    from ais_indicators.io.session import build_session  # noqa: PLC0415 - only tests of Spark load it

    os.environ["SPARK_LOCAL_DIRS"] = str(tmp_path_factory.mktemp("spark-local"))
    lake = Settings(tmp_path_factory.mktemp("spark-lake"), cores=2, shuffle_partitions=1, executor="spark")
    session = build_session(lake)
    yield session
    session.stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty data folder of its own."""
    return Settings(tmp_path / "data", shuffle_partitions=1)


@pytest.fixture
def spark_settings(settings: Settings, spark: "SparkSession") -> Settings:
    """The same whose work Spark does."""
    assert spark
    return replace(settings, cores=2, executor="spark")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, or a skip that says where it was looked for."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data is absent: no folder ../shared/data next to the repository")
    return SHARED_DATA


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """An object store that this process finds by its environment."""
    with running_store() as store:
        yield store


@pytest.fixture(scope="session")
def eight_weeks(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The lake of `tests.eight_weeks`, published week by week. Not to be changed."""
    folder = tmp_path_factory.mktemp("eight-weeks") / "copy"
    recipes.follow(publish_eight_weeks, folder)
    return Settings(folder / "data", shuffle_partitions=1)


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Tutorial:
    """Folder of a reader who has done the tutorial: six weeks of a simulated data set, seven releases."""
    folder = tmp_path_factory.mktemp("tutorial") / "copy"
    printed = recipes.follow(do_tutorial, folder)
    return Tutorial(folder, Reader(folder, printed))


@pytest.fixture(scope="session")
def planes_lake(tmp_path_factory: pytest.TempPathFactory) -> PlanesLake:
    """Two weeks of a simulated sky and the lake that follows its planes. Not to be changed."""
    folder = tmp_path_factory.mktemp("planes") / "copy"
    facts: dict[str, Any] = recipes.follow(follow_planes, folder)
    return PlanesLake(folder, **facts)
