"""The task registry: every task has its job, pipeline and contracts; the order follows from the tables."""

import ast

import pytest

from ais_indicators import tasks
from ais_indicators.contracts.model import all_tables, load_contract
from ais_indicators.repository import find_folder
from ais_indicators.tasks import TASKS, Task, edges, of_cadence, task, upstream, weekly_order

ROOT = find_folder("schemas").parent
PIPELINES = ROOT / "ais_indicators" / "pipelines"
JOB_LINES = 10


@pytest.mark.parametrize("name", [t.name for t in TASKS])
def test_every_task_has_a_short_job_that_runs_it(name: str) -> None:
    text = (ROOT / "jobs" / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < JOB_LINES
    assert f'job_main("{name}")' in text
    assert ast.get_docstring(ast.parse(text)) == task(name).purpose


def test_no_job_is_without_a_task() -> None:
    assert {p.stem for p in (ROOT / "jobs").glob("*.py")} - {"__init__"} == {t.name for t in TASKS}


@pytest.mark.parametrize("name", [t.name for t in TASKS])
def test_every_task_has_a_pipeline_with_an_entry(name: str) -> None:
    tree = ast.parse((PIPELINES / f"{name}.py").read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assigned = {ast.unparse(of) for node in tree.body if isinstance(node, ast.Assign) for of in node.targets}
    assert "run" in defined | assigned


@pytest.mark.parametrize("table", sorted({table for t in TASKS for table in (*t.reads, *t.writes)}))
def test_every_table_has_a_contract(table: str) -> None:
    assert load_contract(table).table == table


def test_every_declared_table_is_written_by_a_task_or_by_the_runner() -> None:
    assert set(all_tables()) - {table for t in TASKS for table in t.writes} == {"ops.runs"}


def test_every_table_that_is_read_is_written_by_a_task() -> None:
    assert {table for t in TASKS for table in t.reads} <= {table for t in TASKS for table in t.writes}


def test_names_are_unique() -> None:
    assert len({t.name for t in TASKS}) == len(TASKS)


def test_the_tasks_have_no_cycle() -> None:
    done: set[str] = set()
    while ready := {t.name for t in TASKS if t.name not in done and {u.name for u in upstream(t)} <= done}:
        done |= ready
    assert done == {t.name for t in TASKS}


def test_each_weekly_task_comes_after_those_it_reads_from() -> None:
    order = [t.name for t in weekly_order()]
    assert sorted(order) == sorted(t.name for t in TASKS if t.cadence == "weekly")
    for name in order:
        before = {u.name for u in upstream(task(name)) if u.cadence == "weekly"}
        assert before <= set(order[: order.index(name)])


def test_the_order_is_the_same_each_time() -> None:
    assert all(weekly_order() == weekly_order() for _ in range(5))


def test_the_order_follows_from_the_tables_not_from_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "TASKS", TASKS[::-1])
    order = [t.name for t in tasks.weekly_order()]
    assert order[0] == "track_vessels"
    assert order[-2:] == ["check_release", "publish_release"]


def test_edges_come_from_tables_and_from_readiness() -> None:
    steps = (task("ingest_messages"), task("confirm_days"), task("track_vessels"), task("identify_vessels"))
    assert [(before.name, after.name) for before, after in edges(steps)] == [
        ("ingest_messages", "confirm_days"),
        ("ingest_messages", "track_vessels"),
        ("confirm_days", "track_vessels"),
        ("confirm_days", "identify_vessels"),
        ("track_vessels", "identify_vessels"),
    ]


def test_a_cadence_leaves_out_tasks_that_write_no_table() -> None:
    assert [t.name for t in of_cadence("reference")] == ["load_ports", "load_gates", "load_vessels"]
    assert [t.name for t in of_cadence("readiness")] == ["confirm_days"]


def test_an_unknown_task_is_an_error() -> None:
    with pytest.raises(KeyError):
        task("no_such_task")


def test_a_task_is_not_upstream_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Task(
        "own", reads=("silver.a",), writes=("silver.a",), cadence="weekly", purpose="Reads what it wrote."
    )
    monkeypatch.setattr(tasks, "TASKS", (own,))
    assert tasks.upstream(own) == ()
