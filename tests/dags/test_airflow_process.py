"""Airflow's start and end on this machine, with a stand-in for Airflow: what it is given, and that nothing is left."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from setup import airflow_process
from setup.airflow_process import PARTS, Airflow, AirflowError

STUBBORN = """#!/bin/bash
[[ "$1" == pools ]] && { echo "$@" >> "$AIRFLOW_HOME/calls"; exit 0; }
[[ "$1" == db ]] && { echo "$@" >> "$AIRFLOW_HOME/calls"; exit ${DB_CODE:-0}; }
trap '' TERM
setsid sleep 1000 &
while true; do sleep 1; done
"""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")


@pytest.fixture
def airflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Airflow:
    stand_in = tmp_path / "airflow"
    stand_in.write_text(STUBBORN)
    stand_in.chmod(0o755)
    monkeypatch.setattr(airflow_process, "AIRFLOW", stand_in)
    monkeypatch.setattr(airflow_process, "STOP_SECONDS", 2)
    monkeypatch.setattr(Airflow, "_is_well", lambda _: True)
    return Airflow(tmp_path / "home", tmp_path / "data", 18080)


def test_parts_get_the_data_the_dags_the_connection_and_this_machine_alone(airflow: Airflow) -> None:
    given = airflow.environment
    assert given["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert given["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:18080/execution/"
    assert given["AIRFLOW__CORE__DAGS_FOLDER"] == str(airflow_process.ROOT / "dags")
    assert given["AIS_INDICATORS_DATA_DIR"].endswith("/data")
    assert json.loads(given["AIRFLOW_CONN_SPARK_DEFAULT"])["host"] == "local[2]"
    assert given["PATH"].startswith(str(airflow_process.SPARK_BIN))


def test_what_an_office_chose_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://office")
    given = Airflow(tmp_path, tmp_path, 18080).environment
    assert given["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql://office"


def test_set_up_makes_the_database_and_the_pool_in_a_home_of_its_owner_alone(airflow: Airflow) -> None:
    airflow.prepare()
    assert (airflow.home / "calls").read_text().splitlines() == [
        "db migrate",
        "pools set ais_lake 1 One task holds the lake at a time.",
    ]
    assert airflow.home.stat().st_mode & 0o077 == 0


def test_a_command_that_fails_says_so(airflow: Airflow) -> None:
    airflow.environment["DB_CODE"] = "3"
    with pytest.raises(AirflowError, match="`airflow db migrate` failed"):
        airflow.prepare()


def test_nothing_is_left_even_of_what_ignores_the_end_and_left_its_group(airflow: Airflow) -> None:
    with airflow:
        airflow.start()
        wait_for(lambda: len(list(airflow.processes())) >= 2 * len(PARTS))
        started = list(airflow.processes())
    assert not any(is_alive(pid) for pid in started)
    assert list(airflow.processes()) == []


def test_a_part_that_ends_is_noticed(airflow: Airflow) -> None:
    with airflow:
        airflow.start()
        os.kill(next(airflow.processes()), 9)
        wait_for(lambda: not stands(airflow))


def stands(airflow: Airflow) -> bool:
    try:
        airflow.watch()
    except AirflowError:
        return False
    return True


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
