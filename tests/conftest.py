"""What all tests share: one Spark session, scratch lakes, and the data folder where it is there."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from pyspark.sql import SparkSession
from xdist.scheduler import LoadFileScheduling

from ais_indicators.io.session import build_session
from ais_indicators.settings import Settings
from setup.object_store import ObjectStore, known_to_workers, running_store
from tests.eight_weeks import publish_eight_weeks
from tests.planes_lake import PlanesLake, follow_planes
from tests.tutorial import Tutorial, follow_tutorial

hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is no fault of an example
hypothesis.settings.load_profile("house")

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_LAKES = (("eight_weeks",), ("tutorial", "planes_lake"))
"""Lakes that take long to make, as the tests ask for them: those together that one file asks for."""

SHARED_DATA = REPOSITORY.parent / "shared" / "data"


class FilesOfALake(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Deals tests out to processes file by file, those files to the same one that share a lake."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return shared_lakes(file) or file


@cache
def shared_lakes(file: str) -> str:
    """Names of the lakes that a test file shares with others, nothing where it has its own."""
    text = (REPOSITORY / file).read_text(encoding="utf-8")
    asked = (lakes for lakes in SHARED_LAKES if any(f"{lake}: " in text for lake in lakes))
    return next(map(" ".join, asked), "")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesOfALake:
    """Tells pytest-xdist how to deal tests out; its own groups do not work with this version of pytest."""
    return FilesOfALake(config, log)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The one Spark session of the suite."""
    os.environ["SPARK_LOCAL_DIRS"] = str(tmp_path_factory.mktemp("spark-local"))
    session = build_session(Settings(tmp_path_factory.mktemp("spark-lake"), shuffle_partitions=1))
    yield session
    session.stop()


@pytest.fixture
def settings(tmp_path: Path, spark: SparkSession) -> Settings:
    """An empty data folder of its own; asking for it keeps all lakes in the one session."""
    assert spark
    return Settings(tmp_path / "data", shuffle_partitions=1)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, or a skip that says where it was looked for."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data is absent: no folder ../shared/data beside the repository")
    return SHARED_DATA


@pytest.fixture(scope="session")
def object_store(spark: SparkSession) -> Iterator[ObjectStore]:
    """An object store that this process and Spark's workers find by their environment."""
    assert spark
    with running_store() as store, known_to_workers(store):
        yield store


@pytest.fixture(scope="session")
def eight_weeks(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The lake of `tests.eight_weeks`, published week by week. Not to be changed."""
    assert spark
    return publish_eight_weeks(tmp_path_factory.mktemp("eight-weeks"))


@pytest.fixture(scope="session")
def tutorial(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Tutorial:
    """The folder of a reader who has done the handbook's tutorial: six weeks of a simulated ocean, eight releases."""
    assert spark
    return follow_tutorial(tmp_path_factory.mktemp("tutorial"))


@pytest.fixture(scope="session")
def planes_lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> PlanesLake:
    """Two weeks of a simulated sky and the lake that follows its planes. Not to be changed."""
    assert spark
    return follow_planes(tmp_path_factory.mktemp("planes"))
