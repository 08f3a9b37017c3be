"""What all tests share: one Spark session, scratch lakes, and the data folder where it is there."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from pyspark.sql import SparkSession

from ais_indicators.io.session import build_session
from ais_indicators.settings import Settings
from tests.eight_weeks import publish_eight_weeks
from tests.planes_lake import PlanesLake, follow_planes
from tests.tutorial import Tutorial, follow_tutorial

hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is no fault of an example
hypothesis.settings.load_profile("house")

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_LAKES = ("eight_weeks", "tutorial", "planes_lake")
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in a hook of the same name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps in one process what shares a lake, where tests run in several (`-n 2 --dist loadgroup`)."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        shared = next((lake for lake in SHARED_LAKES if lake in names), str(item.path))
        item.add_marker(pytest.mark.xdist_group(shared))


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
