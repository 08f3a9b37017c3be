"""The command `tasks`, and the pages that are made from the tasks and from the command line."""

from pathlib import Path

import pytest

from ais_indicators.tasks import TASKS, weekly_order
from setup.commands_page import PAGE, render
from setup.handbook_pages import ordered_tasks
from tests.caller import Caller


def test_tasks_are_those_of_the_registry_in_their_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = Caller(tmp_path, capsys)
    weekly = call.json("tasks")
    assert [task["task"] for task in weekly] == [task.name for task in weekly_order()]
    assert weekly[0]["reads"] == list(weekly_order()[0].reads)
    every = [task["task"] for task in call.json("tasks", "--all")]
    assert every == [task.name for task in ordered_tasks()]
    assert sorted(every) == sorted(task.name for task in TASKS)
    printed = call("tasks").out
    assert [line.split()[1] for line in printed.splitlines() if line[:1].isdigit()] == [
        task.name for task in weekly_order()
    ]


def test_a_task_comes_after_those_whose_tables_it_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written: set[str] = set()
    later = {table for task in weekly_order() for table in task.writes}
    for task in Caller(tmp_path, capsys).json("tasks"):
        too_early = set(task["reads"]) & later - written - set(task["writes"]) - {"reference.gates"}
        assert too_early == set(), task["task"]
        written |= set(task["writes"])


def test_the_page_of_commands_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == render()
