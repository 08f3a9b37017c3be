"""The process of one contestant: it takes commands, one JSON line each, and answers each with one line.

Its answers go to the pipe that was its standard output; whatever else is printed goes to standard error.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO, cast

from benchmarks.contract import Contestant, Place

Command = dict[str, Any]


def main() -> None:
    """Serves commands until the pipe is closed or `stop` is asked for."""
    answers = _take_over_stdout()
    contestant = cast(Contestant, importlib.import_module(f"benchmarks.{sys.argv[1]}"))
    actions = _actions(contestant)
    for line in sys.stdin:
        command = json.loads(line)
        answer = actions[command["action"]](command)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        if command["action"] == "stop":
            return


def _take_over_stdout() -> TextIO:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _actions(contestant: Contestant) -> dict[str, Callable[[Command], Any]]:
    return {
        "prepare": lambda c: contestant.prepare(_place(c)),
        "run": lambda c: _run(contestant, c),
        "weekly_counts": lambda _: contestant.weekly_counts(),
        "rows_out": lambda _: dict(contestant.rows_out()),
        "gate_and_release": lambda c: contestant.gate_and_release(c["weeks"]),
        "stop": lambda _: contestant.stop(),
    }


def _place(command: Command) -> Place:
    return Place(
        out=Path(command["out"]),
        ports_csv=Path(command["ports_csv"]),
        reference=Path(command["reference"]),
        cores=command["cores"],
    )


def _run(contestant: Contestant, command: Command) -> dict[str, Any]:
    began = time.perf_counter()
    stages = contestant.run_once([Path(path) for path in command["csv_paths"]], command["weeks"])
    return {"wall_s": time.perf_counter() - began, "stages_s": dict(stages)}


if __name__ == "__main__":
    main()
