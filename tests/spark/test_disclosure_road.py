"""From messages to protected releases: contributors, profiles, vintages, and what a release says of its losses."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators import runner
from ais_indicators.errors import WrongUseError
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.publish.files import PORT_ACTIVITY, RELEASED_TABLES, data_file_name
from ais_indicators.releasing.contributions import read_contributions
from ais_indicators.releasing.differences import release_differences
from ais_indicators.releasing.history import find_release, release_folder
from ais_indicators.settings import DISCLOSURE_VARIABLE, Settings
from ais_indicators.transforms.contributions import PORT_VALUES
from tests.caller import Caller
from tests.messages import Row, every_hour, position, rectangle_port, stay, table, write_noaa, write_ports
from tests.subject_rules import SHIP_RULES

W52 = Week.parse("2020-W52")
PLACES = {"XXAAA": 50.0, "XXBBB": 52.0, "XXCCC": 54.0}
TANKER, CARGO = 80, 70


def calls(port: str, ship_type: int, ships: int, first_mmsi: int, day: str = "2020-12-22") -> list[Row]:
    """Ships that come to a port, lie there and go."""
    rows: list[Row] = []
    for mmsi in range(first_mmsi, first_mmsi + ships):
        of_ship: dict[str, Any] = {"mmsi": mmsi, "ship_type": ship_type}
        latitude = PLACES[port]
        rows += [
            position(f"{day}T00:00:00", latitude=latitude + 0.4, sog_knots=12.0, **of_ship),
            *stay(f"{day}T03:00:00", f"{day}T18:00:00", 120, latitude=latitude, **of_ship),
            position(f"{day}T21:00:00", latitude=latitude + 0.4, sog_knots=12.0, **of_ship),
        ]
    return rows


WORLD = [
    *every_hour(W52),
    *calls("XXAAA", TANKER, 1, 366000100),
    *calls("XXAAA", CARGO, 5, 366000110),
    *calls("XXBBB", TANKER, 4, 366000200),
    *calls("XXBBB", CARGO, 4, 366000210),
    *calls("XXCCC", TANKER, 5, 366000300),
    *calls("XXCCC", CARGO, 3, 366000310),
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One week with its values, published openly and then under the profile `confidential`."""
    folder = tmp_path_factory.mktemp("disclosure")
    made = Settings(folder / "data", shuffle_partitions=1)
    areas = [rectangle_port(code, 0.9, at - 0.1, 1.1, at + 0.1) for code, at in PLACES.items()]
    ports = write_ports(folder / "ports.geojson", areas)
    runner.run_task("load_ports", Job(made, paths=(ports,), port_version="first"))
    runner.run_task("ingest_messages", Job(made, paths=(write_noaa(folder / "week.csv", WORLD),)))
    for step in runner.tasks_before_check("ships"):
        runner.run_task(step.name, Job(made, Period(W52, W52)))
    return made


def publish(lake: Settings, profile: str) -> str:
    protected = replace(lake, disclosure=profile)
    (done,) = runner.run_task("publish_release", Job(protected, Period(W52, W52)))
    release: str = done.release_id
    return release


def read_release(lake: Settings, release: str, name: str = PORT_ACTIVITY) -> pl.DataFrame:
    return pl.read_parquet(release_folder(lake, release) / data_file_name(name, "parquet"))


def test_contributors_count_the_ships_behind_each_cell(lake: Settings) -> None:
    behind = table(lake, "gold.contributors_weekly", table_name=PORT_ACTIVITY)
    ships = {(row["port_locode"], row["vessel_class"]): row["ships"] for row in behind.iter_rows(named=True)}
    assert ships["XXAAA", "tanker"] == 1
    assert ships["XXAAA", "_T"] == 6
    assert ships["_T", "tanker"] == 10
    assert ships["_T", "_T"] == 22
    gold = table(lake, PORT_ACTIVITY, indicator="unique_vessels")
    assert {(r["port_locode"], r["vessel_class"]): r["value"] for r in gold.iter_rows(named=True)} == ships


def test_a_second_run_of_the_task_changes_nothing(lake: Settings) -> None:
    assert runner.run_task("compute_contributors", Job(lake, Period(W52, W52))) == []


def test_what_vessels_contribute_adds_up_to_gold(lake: Settings) -> None:
    own = read_contributions(lake, W52, SHIP_RULES)[PORT_ACTIVITY]
    sums = own.group_by("port_locode", "vessel_class").agg(pl.col(PORT_VALUES).sum())
    gold = table(lake, PORT_ACTIVITY, adjustment="N").pivot(
        "indicator", index=["port_locode", "vessel_class"], values="value"
    )
    both = sums.join(gold, on=["port_locode", "vessel_class"], suffix="_gold")
    assert both.height == sums.height > 0
    for name in PORT_VALUES:
        assert (both[name] == both[f"{name}_gold"].fill_null(0.0)).all(), name


def test_the_profiles_make_releases_of_one_week_and_gold_stays(lake: Settings) -> None:
    gold = {name: table(lake, name) for name in RELEASED_TABLES}
    secret = publish(lake, "confidential")
    rows = read_release(lake, secret)
    lone = rows.filter(port_locode="XXAAA", vessel_class="tanker")
    assert set(lone["conf_status"].to_list()) == {"A"}
    assert lone["value"].null_count() == lone.height
    assert rows.filter(conf_status="D").height > 0
    assert publish(lake, "confidential") == secret, "the same values again are not a new release"
    assert [
        d.is_same for d in release_differences(replace(lake, disclosure="confidential"), [W52], SHIP_RULES)
    ] == [True]
    plain = publish(lake, "open")
    for name in RELEASED_TABLES:
        assert table(lake, name).equals(gold[name])
        assert read_release(lake, plain, name).sort(pl.all()).equals(gold[name].sort(pl.all()))
        if "conf_status" in gold[name].columns:
            assert set(gold[name]["conf_status"].to_list()) <= {"F"}


def test_a_release_says_what_it_lost(lake: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    release = publish(lake, "confidential")
    record = find_release(lake, release)
    disclosure = record.disclosure
    assert disclosure is not None
    rows = read_release(lake, release)
    assert disclosure.profile == "confidential"
    assert disclosure.tables[PORT_ACTIVITY]["primary"] == 1
    assert disclosure.tables[PORT_ACTIVITY]["observations"] == rows.filter(obs_status="Q").height
    manifest = json.loads((release_folder(lake, release) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["disclosure"] == record.to_plain()["disclosure"]
    call = Caller(lake.data_dir, capsys)
    assert call.json("release", "show", release)["disclosure"] == record.to_plain()["disclosure"]
    answer = call("publish", "--week", W52.name, "--disclosure", "confidential")
    assert answer.code == 0
    assert "disclosure profile confidential:" in answer.out
    assert "because contributors know their own part" in answer.out


@pytest.mark.parametrize("command", ["run", "publish", "backfill"])
def test_an_unknown_profile_is_wrong_use(
    lake: Settings, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    weeks = ["--from", W52.name, "--to", W52.name] if command == "backfill" else ["--week", W52.name]
    answer = Caller(lake.data_dir, capsys)(command, *weeks, "--disclosure", "secret")
    assert answer.code == 2
    assert "unknown disclosure profile 'secret'; choose open or confidential" in answer.sentences[0]


def test_the_environment_chooses_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(tmp_path).disclosure == "open"
    monkeypatch.setenv(DISCLOSURE_VARIABLE, "confidential")
    assert Settings.from_environment(tmp_path).disclosure == "confidential"


def test_an_unknown_profile_of_the_environment_publishes_nothing(lake: Settings) -> None:
    with pytest.raises(WrongUseError, match="unknown disclosure profile"):
        publish(lake, "secret")
