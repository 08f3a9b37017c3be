"""Calls the command line as a person or a script does, and keeps what it says."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ais_indicators import cli


class Said(NamedTuple):
    """What a command ended with.

    Attributes:
        code: Its exit code.
        out: What it printed.
        sentences: What it said on the stream of errors, without progress bars.
    """

    code: int
    out: str
    sentences: list[str]


def said(code: int, out: str, err: str) -> Said:
    """Sorts the lines of a command's end."""
    return Said(code, out, [line for line in err.splitlines() if line.strip() and "━" not in line])


class Caller:
    """Calls the command line in this process on one data folder."""

    def __init__(self, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data_dir = data_dir
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(["--data-dir", str(self.data_dir), *map(str, arguments)])
        assert isinstance(ended.value.code, int)
        return said(ended.value.code, *self.capsys.readouterr())

    def json(self, *arguments: object) -> Any:
        """What a command prints for scripts."""
        answer = self(*arguments, "--json")
        assert answer.code == 0
        return json.loads(answer.out)
