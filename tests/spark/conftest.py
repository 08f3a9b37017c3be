"""The small lake of `tests.small_lake` for the tests that run its weeks."""

from pathlib import Path

import polars as pl
import pytest

from ais_indicators.settings import Settings
from tests import recipes
from tests.messages import content
from tests.small_lake import backfill_lake, copied, make_lake


@pytest.fixture(scope="session")
def lake_with_ports(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake that holds ports and nothing else. Not to be changed."""
    return _follow(make_lake, tmp_path_factory.mktemp("with-ports"))


@pytest.fixture
def lake(lake_with_ports: Settings, tmp_path: Path) -> Settings:
    """A copy of it."""
    return copied(lake_with_ports, tmp_path)


@pytest.fixture(scope="session")
def backfilled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """All files, then the three weeks in one backfill, to which all other orders are compared. Not to be changed."""
    return _follow(backfill_lake, tmp_path_factory.mktemp("backfilled"))


@pytest.fixture(scope="session")
def expected(backfilled: Settings) -> dict[str, pl.DataFrame]:
    """Rows of the backfill in every silver and gold table, and those that its fold rejected."""
    return content(backfilled)


def _follow(recipe: recipes.Recipe, folder: Path) -> Settings:
    recipes.follow(recipe, folder / "copy")
    return Settings(folder / "copy" / "data", shuffle_partitions=1)
