"""The DAGs: what Airflow makes of them (in Airflow's own environment), and what they may import."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.errors import ExitCode
from ais_indicators.tasks import TASKS, edges, task, weekly_order
from setup.airflow_process import POOL

ROOT = Path(__file__).parents[2]
AIRFLOW_PYTHON = ROOT / ".venv-airflow" / "bin" / "python"
STEPS = {
    "daily_ingest": [task("ingest_messages")],
    "maintenance": [task("expire_messages"), task("maintain_lake")],
    "update_references": [task("load_ports"), task("load_gates"), task("load_vessels")],
    "weekly_indicators": [task("ingest_messages"), task("confirm_days"), *weekly_order()],
}
CASES = [(dag, step.name) for dag, steps in STEPS.items() for step in steps]
SUBMITTED = [(dag, name) for dag, name in CASES if name != "confirm_days"]
ARGUMENTS = {
    "weekly": ["--week", "2020-W53"],
    "delivery": [],
    "maintenance": [],
}
DAY_SECONDS = 24 * 3600


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow reads from the folder of DAGs."""
    if not AIRFLOW_PYTHON.exists():
        pytest.skip("Airflow's environment is not here; `make airflow-setup` gives it")
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("AIS_INDICATORS_DEADLINE_HOURS", None)
    script = Path(__file__).with_name("describe_dags.py")
    answer = subprocess.run(
        [AIRFLOW_PYTHON, script, ROOT / "dags"], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def dags(parsed: dict[str, Any]) -> dict[str, Any]:
    """All DAGs by name."""
    found: dict[str, Any] = parsed["dags"]
    return found


def test_all_dags_parse(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    assert sorted(parsed["dags"]) == sorted(STEPS)


def test_every_task_that_writes_is_in_a_dag() -> None:
    scheduled = {step.name for steps in STEPS.values() for step in steps}
    assert {t.name for t in TASKS if t.writes} <= scheduled


@pytest.mark.parametrize("name", STEPS)
def test_tasks_and_edges_are_those_of_the_registry(dags: dict[str, Any], name: str) -> None:
    steps = STEPS[name]
    expected = {t.name: sorted(before.name for before, after in edges(steps) if after is t) for t in steps}
    assert {task_id: found["upstream"] for task_id, found in dags[name]["tasks"].items()} == expected


def test_a_week_is_taken_in_then_confirmed_then_computed(dags: dict[str, Any]) -> None:
    tasks = dags["weekly_indicators"]["tasks"]
    assert [name for name, found in tasks.items() if not found["upstream"]] == ["ingest_messages"]
    assert tasks["confirm_days"]["upstream"] == ["ingest_messages"]
    assert [t.name for t in weekly_order() if "confirm_days" not in tasks[t.name]["upstream"]] == []


@pytest.mark.parametrize(
    ("name", "timetable", "schedule"),
    [
        ("daily_ingest", "CronTriggerTimetable", "0 2 * * *"),
        ("maintenance", "CronTriggerTimetable", "0 3 * * 4"),
        ("update_references", "CronTriggerTimetable", "0 1 * * *"),
        ("weekly_indicators", "CronDataIntervalTimetable", "0 0 * * 1"),
    ],
)
def test_schedule(dags: dict[str, Any], name: str, timetable: str, schedule: str) -> None:
    found = dags[name]
    assert (found["schedule_type"], found["schedule"], found["timezone"]) == (timetable, schedule, "UTC")


@pytest.mark.parametrize("name", STEPS)
def test_runs_and_tasks_go_one_after_the_other(dags: dict[str, Any], name: str) -> None:
    found = dags[name]
    assert (found["max_active_runs"], found["max_active_tasks"], found["catchup"]) == (1, 1, False)


@pytest.mark.parametrize("name", STEPS)
def test_dag_carries_tags_a_description_and_its_runbook(dags: dict[str, Any], name: str) -> None:
    found = dags[name]
    assert {"ais", "official-statistics"} < set(found["tags"])
    assert found["description"].endswith(".")
    assert "## When a task fails" in found["doc"]
    assert "docs/airflow.md" in found["doc"]
    assert [t.name for t in STEPS[name] if f"`{t.name}`" not in found["doc"]] == []


@pytest.mark.parametrize("name", STEPS)
def test_a_run_that_fails_or_never_ends_is_reported(dags: dict[str, Any], name: str) -> None:
    assert dags[name]["callbacks"] == ["alert_run"]
    assert 0 < dags[name]["timeout_seconds"] <= 2 * DAY_SECONDS


@pytest.mark.parametrize(("dag", "name"), CASES)
def test_task_has_owner_purpose_pool_retries_end_and_alert(dags: dict[str, Any], dag: str, name: str) -> None:
    found = dags[dag]["tasks"][name]
    assert found["owner"] == "ais-indicators"
    assert found["doc"].startswith(task(name).purpose)
    assert (found["pool"], found["pool_slots"]) == ("ais_lake", 1)
    assert found["retries"] == (0 if name == "check_release" else 2)
    assert found["retry_delay_seconds"] > 0
    assert 0 < found["timeout_seconds"] < dags[dag]["timeout_seconds"]
    assert found["callbacks"] == ["alert_task"]


@pytest.mark.parametrize(("dag", "name"), SUBMITTED)
def test_task_submits_its_job(dags: dict[str, Any], dag: str, name: str) -> None:
    found = dags[dag]["tasks"][name]
    assert (found["kind"], Path(found["application"])) == (
        "SparkSubmitOperator",
        ROOT / "jobs" / f"{name}.py",
    )
    folder = ["--each-in", f"references/{name.removeprefix('load_')}"]
    assert found["arguments"] == ARGUMENTS.get(task(name).cadence, folder)


def test_waiting_asks_the_command_line_and_holds_no_slot(dags: dict[str, Any]) -> None:
    found = dags["weekly_indicators"]["tasks"]["confirm_days"]
    assert (found["kind"], found["mode"], found["retry_exit_code"]) == (
        "BashSensor",
        "reschedule",
        ExitCode.NOT_YET,
    )
    command = ROOT / ".venv" / "bin" / "ais-indicators"
    assert found["arguments"] == [f"{command} ready --deadline-hours 36 --record --week 2020-W53"]


def test_the_pool_that_set_up_makes_is_that_of_the_tasks(dags: dict[str, Any]) -> None:
    assert {found["pool"] for dag in dags.values() for found in dag["tasks"].values()} == {POOL}


def test_dags_import_only_airflow_each_other_and_the_task_registry() -> None:
    foreign = {
        module
        for path in (ROOT / "dags").rglob("*.py")
        for module in imported_modules(path)
        if module.partition(".")[0] not in {"airflow", *sys.stdlib_module_names}
    }
    assert foreign == {
        "ais_indicators.tasks", "dags.common.alerts", "dags.common.house", "dags.common.weeks"
    }  # fmt: skip


def test_the_task_registry_needs_only_the_standard_library() -> None:
    modules = modules_loaded_by("ais_indicators.tasks")
    assert {"ais_indicators", "ais_indicators.tasks"} <= modules
    assert {module.partition(".")[0] for module in modules} - sys.stdlib_module_names == {"ais_indicators"}


def modules_loaded_by(module: str) -> set[str]:
    """Names of the modules that Python, without any site's packages, loads to import one."""
    code = f"import sys; before = set(sys.modules); import {module}; print(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def imported_modules(path: Path) -> set[str]:
    """Names of the modules that a file imports, wherever in it."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add("." * node.level + (node.module or ""))
    return modules
