"""A simulated data set computed in any way: parts of a week, weeks, all at once, and files out of order give the same
rows.
"""

from collections.abc import Callable
from functools import partial

import polars as pl
import pytest

from ais_indicators.periods import Period
from ais_indicators.settings import Settings
from benchmarks.reliability import ways
from benchmarks.reliability.ways import World
from setup.object_store import ObjectStore
from tests.examples import is_full
from tests.messages import content

pytestmark = pytest.mark.usefixtures("two_buckets")
SHIPS, WEEKS, SEED = 6, 2, 1


def mid_week(world: World, lake: Settings) -> None:
    """Runs the first week at once, and the second when three of its days and when all have come."""
    first, second = world.weeks
    files = world.files_of(second)
    for week, part in ((first, world.files_of(first)), (second, files[:3]), (second, files[3:])):
        ways.ingest(lake, part)
        ways.compute(lake, Period(week, week))


IN_PARTS = partial(ways.daily, whole_weeks=1) if is_full() else mid_week
"""A run after each day of a week in `make test-all`, a run in its middle and one at its end in `make test`."""


WAYS: dict[str, Callable[[World, Settings], None]] = {"backfill": ways.backfill, "in parts": IN_PARTS}
if is_full():
    WAYS["shuffled"] = partial(ways.shuffled, seed=SEED)
"""Files in any order: `make test` has them with the small lake of `test_orders_of_runs`."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return ways.make_world(tmp_path_factory.mktemp("any-way"), SHIPS, WEEKS, SEED)


@pytest.fixture(scope="module")
def wanted(world: World) -> dict[str, pl.DataFrame]:
    """Returns the tables of the weekly way."""
    lake = world.new_lake("weekly")
    ways.weekly(world, lake)
    return content(lake)


def test_the_ocean_fills_the_tables(wanted: dict[str, pl.DataFrame]) -> None:
    for name in (
        "silver.port_calls",
        "silver.voyages",
        "gold.port_activity_weekly",
        "gold.trade_flows_weekly",
    ):
        assert wanted[name].height > 0, name


@pytest.mark.skipif(
    not is_full(), reason="`make test` compares lakes in an object store in two other modules"
)
def test_a_lake_in_an_object_store_holds_the_same_rows(
    world: World, wanted: dict[str, pl.DataFrame], object_store: ObjectStore
) -> None:
    stored = ways.on_store(world, world.new_lake("store"), f"{object_store.url}/any-way")
    assert ways.difference(stored, wanted) == ""
    assert not list(stored.lake.rglob("*.parquet"))  # all of it lies there, nothing here


@pytest.mark.parametrize("name", WAYS)
def test_any_road_gives_the_same_rows(
    world: World,
    wanted: dict[str, pl.DataFrame],
    name: str,
) -> None:
    lake = world.new_lake(name)
    WAYS[name](world, lake)
    assert ways.difference(lake, wanted) == ""
