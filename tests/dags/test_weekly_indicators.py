"""The weekly DAG: what Airflow makes of it (in Airflow's own environment), and what it may import."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.tasks import task, upstream, weekly_order

ROOT = Path(__file__).parents[2]
AIRFLOW_PYTHON = ROOT / ".venv-airflow" / "bin" / "python"
SCHEDULED = [task("ingest_messages"), *weekly_order()]


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
    script = Path(__file__).with_name("describe_dags.py")
    answer = subprocess.run(
        [AIRFLOW_PYTHON, script, ROOT / "dags"], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def weekly(parsed: dict[str, Any]) -> dict[str, Any]:
    """The weekly DAG, the only one."""
    assert list(parsed["dags"]) == ["weekly_indicators"]
    dag: dict[str, Any] = parsed["dags"]["weekly_indicators"]
    return dag


def test_all_dags_parse(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}


def test_tasks_and_edges_are_those_of_the_registry(weekly: dict[str, Any]) -> None:
    names = {t.name for t in SCHEDULED}
    expected = {t.name: sorted({u.name for u in upstream(t)} & names) for t in SCHEDULED}
    assert {name: found["upstream"] for name, found in weekly["tasks"].items()} == expected


def test_every_task_follows_the_ingest(weekly: dict[str, Any]) -> None:
    assert [name for name, found in weekly["tasks"].items() if not found["upstream"]] == ["ingest_messages"]


def test_one_week_a_run_when_the_week_is_over(weekly: dict[str, Any]) -> None:
    assert (weekly["schedule_type"], weekly["schedule"], weekly["timezone"]) == (
        "CronDataIntervalTimetable",
        "0 0 * * 1",
        "UTC",
    )


def test_weeks_and_tasks_run_one_after_the_other(weekly: dict[str, Any]) -> None:
    assert (weekly["max_active_runs"], weekly["max_active_tasks"], weekly["catchup"]) == (1, 1, False)


def test_the_dag_carries_tags_and_its_runbook(weekly: dict[str, Any]) -> None:
    assert {"ais", "weekly"} <= set(weekly["tags"])
    assert "## When a task fails" in weekly["doc"]
    assert [t.name for t in SCHEDULED if f"`{t.name}`" not in weekly["doc"]] == []


@pytest.mark.parametrize("name", [t.name for t in SCHEDULED])
def test_task_submits_its_job_for_the_iso_week(weekly: dict[str, Any], name: str) -> None:
    found = weekly["tasks"][name]
    assert Path(found["application"]) == ROOT / "jobs" / f"{name}.py"
    assert found["arguments"] == ["--week", "2020-W53"]


@pytest.mark.parametrize("name", [t.name for t in SCHEDULED])
def test_task_has_an_owner_a_purpose_and_an_end(weekly: dict[str, Any], name: str) -> None:
    found = weekly["tasks"][name]
    assert found["owner"] == "ais-indicators"
    assert found["doc"].startswith(task(name).purpose)
    assert 0 < found["timeout_seconds"] <= 12 * 3600


def test_a_verdict_is_not_asked_for_again(weekly: dict[str, Any]) -> None:
    retries = {name: found["retries"] for name, found in weekly["tasks"].items()}
    assert retries == {t.name: 0 if t.name == "check_release" else 2 for t in SCHEDULED}


def test_dags_import_only_airflow_and_the_task_registry() -> None:
    foreign = {
        module
        for path in (ROOT / "dags").glob("*.py")
        for module in imported_modules(path)
        if module.partition(".")[0] not in {"airflow", *sys.stdlib_module_names}
    }
    assert foreign == {"ais_indicators.tasks"}


@pytest.mark.parametrize("name", ["tasks.py", "__init__.py"])
def test_the_task_registry_needs_only_the_standard_library(name: str) -> None:
    modules = imported_modules(ROOT / "ais_indicators" / name)
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names


def imported_modules(path: Path) -> set[str]:
    """Names of the modules that a file imports, wherever in it."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add("." * node.level + (node.module or ""))
    return modules
