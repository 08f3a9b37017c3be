"""A strait that is blocked and a port that closes show in the week in which they happen, and not elsewhere."""

from pathlib import Path

import polars as pl
import pytest
import yaml

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.notebook import open_table
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks

pytestmark = pytest.mark.usefixtures("two_buckets")
BEFORE, THEN, AFTER = "2026-W02", "2026-W03", "2026-W04"
FROM, TO = "2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z"
STRAIT, PORT, FERRY_PARTNER = "dover", "FIHEL", "EEMUU"
"""The ferry of the closed port sails to its partner, whose arrivals fall with it."""

SHOCKS = [
    {"kind": "strait_blocked", "gate": STRAIT, "from_utc": FROM, "to_utc": TO},
    {"kind": "port_closed", "port_locode": PORT, "from_utc": FROM, "to_utc": TO},
]
TASKS = (
    "track_vessels",
    "identify_vessels",
    "assess_coverage",
    "compute_port_activity",
    "derive_voyages",
    "compute_chokepoint_activity",
    "assess_chokepoints",
)
Table = dict[tuple[str, str], float]
"""Values by place and week."""


def computed(folder: Path, shocks: list[dict[str, str]]) -> Settings:
    """A lake with three weeks of forty ships."""
    folder.mkdir()
    scenario = folder / "scenario.yaml"
    scenario.write_text(yaml.safe_dump({"upon": "clear", "shocks": shocks}), encoding="utf-8")
    wanted = Simulation(BEFORE, 3, 40, 5, scenario=str(scenario), thin_s=900)
    sea = simulate_weeks(wanted, folder / "sea", jobs=1)
    lake = Settings(folder / "data", shuffle_partitions=1)
    runner.run_task("load_ports", Job(lake, paths=(sea.ports_file,)))
    runner.run_task("ingest_messages", Job(lake, paths=sea.message_files))
    job = Job(lake, Period(Week.parse(BEFORE), Week.parse(AFTER)))
    runner.run_tasks(job, [step for step in runner.tasks_before_check("ships") if step.name in TASKS])
    return lake


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Settings]:
    folder = tmp_path_factory.mktemp("shocks")
    return {"plain": computed(folder / "plain", []), "shocked": computed(folder / "shocked", SHOCKS)}


def values(lake: Settings, table: str, place: str, indicator: str) -> Table:
    """Values of an indicator over all classes and directions."""
    rows = open_table(table, data_dir=lake.data_dir).filter(indicator=indicator, vessel_class="_T").collect()
    if "direction" in rows.columns:
        rows = rows.filter(direction="_T")
    return {(row[place], row["week"]): row["value"] for row in rows.filter(pl.col(place) != "_T").to_dicts()}


def transits(lake: Settings) -> Table:
    return values(lake, "gold.chokepoint_transits_weekly", "gate_code", "transits")


def arrivals(lake: Settings) -> Table:
    return values(lake, "gold.port_activity_weekly", "port_locode", "arrivals")


def total(of: Table, week: str, *but: str) -> float:
    return sum(value for (place, when), value in of.items() if when == week and place not in but)


def test_a_blocked_strait_has_no_transit_in_its_week_alone(lakes: dict[str, Settings]) -> None:
    plain, shocked = transits(lakes["plain"]), transits(lakes["shocked"])
    assert plain[STRAIT, THEN] > 0
    assert shocked[STRAIT, THEN] == 0
    assert min(shocked[STRAIT, BEFORE], shocked[STRAIT, AFTER]) > 0
    assert total(shocked, THEN, STRAIT) >= 0.7 * total(plain, THEN, STRAIT) > 5


def test_every_chokepoint_has_a_status_in_every_week(lakes: dict[str, Settings]) -> None:
    """Three weeks are too few to know a usual one: what is heard is not known for that reason, the rest for others."""
    rows = open_table("gold.chokepoint_status_weekly", data_dir=lakes["shocked"].data_dir).collect()
    assert rows.group_by("week").len().sort("week").rows() == [(week, 28) for week in (BEFORE, THEN, AFTER)]
    assert set(rows["chokepoint_status"]) == {"not_known"}
    closed = rows.filter(gate_code=STRAIT, week=THEN).row(0, named=True)
    assert (closed["observed_transits"], closed["status_reason"]) == (0, "too_few_weeks")


def test_dark_vessels_and_senders_have_rows_in_every_week(lakes: dict[str, Settings]) -> None:
    lake = lakes["plain"].data_dir
    dark = open_table("gold.dark_vessels_weekly", data_dir=lake).collect()
    assert dark.filter(region_code="_T")["week"].sort().to_list() == [BEFORE, THEN, AFTER]
    coverage = open_table("gold.coverage_weekly", data_dir=lake).collect()
    assert coverage["heard_vessel_hours"].null_count() == 0
    cells = coverage.filter(place_kind="cell").group_by("week").agg(pl.col("heard_vessel_hours").sum())
    hours = (
        open_table("silver.message_hours", data_dir=lake)
        .collect()
        .group_by("week")
        .agg(pl.col("vessels").sum())
    )
    assert cells.sort("week").rows() == hours.cast({"vessels": pl.Float64}).sort("week").rows()


def test_a_closed_port_has_no_arrival_in_its_week_alone(lakes: dict[str, Settings]) -> None:
    plain, shocked = arrivals(lakes["plain"]), arrivals(lakes["shocked"])
    assert plain[PORT, THEN] >= 10
    assert shocked[PORT, THEN] == 0
    for week in (BEFORE, AFTER):
        assert shocked[PORT, week] == pytest.approx(plain[PORT, week], abs=2)
        assert total(shocked, week, PORT) == pytest.approx(total(plain, week, PORT), rel=0.15)
    others = total(shocked, THEN, PORT, FERRY_PARTNER), total(plain, THEN, PORT, FERRY_PARTNER)
    assert others[0] == pytest.approx(others[1], rel=0.15)
