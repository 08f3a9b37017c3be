"""Pages of the handbook as tests read them: what they name, and what they let a reader run.

A block to run is below `<!-- run -->` (`<!-- run: 5 -->` where the command ends with another exit code than 0), a
file to write below `<!-- file: NAME -->`, and what the block before must have printed below `<!-- shows -->`, a line or
a part of one each. `2026-W06-IDENTIFIER` in a command means the newest release of that week, which a reader takes
from the list of releases.
"""

import glob
import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from ais_indicators import cli, releases

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
COMMAND = "ais-indicators"
MARKED = re.compile(
    r"^(?P<indent> *)<!-- (?P<kind>run|file|shows)(?:: (?P<detail>\S+))? -->\n"
    r"\s*```(?P<language>\w+)\n(?P<text>.*?)^\s*```$",
    re.MULTILINE | re.DOTALL,
)
FENCED = re.compile(r"^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
IDENTIFIER = re.compile(r"(\d{4}-W\d\d)-IDENTIFIER")
INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """One marked block of a page.

    Attributes:
        kind: What it is for.
        detail: Name of the file, or the exit code.
        language: `bash`, `python` or that of the file.
        text: What it holds.
        line: Line of its mark on the page.
    """

    kind: Literal["run", "file", "shows"]
    detail: str | None
    language: str
    text: str
    line: int


def blocks_of(page: Path) -> Iterator[Block]:
    """The marked blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    for found in MARKED.finditer(text):
        indent = len(found["indent"])
        lines = [line[indent:] for line in found["text"].splitlines()]
        kind: Any = found["kind"]
        at = text.count("\n", 0, found.start()) + 1
        yield Block(kind, found["detail"], found["language"], "\n".join(lines) + "\n", at)


def commands_in(text: str) -> Iterator[str]:
    """Every line of a fenced block, and every code word, that calls the command."""
    for block in FENCED.finditer(text):
        for line in block["text"].replace("\\\n", " ").splitlines():
            yield from (part.strip() for part in line.split("&&") if part.strip().startswith(COMMAND))
    for code in INLINE.findall(FENCED.sub("", text)):
        if code.startswith(f"{COMMAND} "):
            yield code


def _files_of(word: str) -> list[str]:
    """Files that a word names as the shell would take it; whole, since Spark's workers began in another folder."""
    return [str(Path(found).resolve()) for found in sorted(glob.glob(word))]


@dataclass
class Reader:
    """Does what pages say, in one folder, and keeps what was printed.

    Attributes:
        folder: Where everything is written.
        printed: What the last block printed.
        names: What Python blocks have defined.
    """

    folder: Path
    printed: str = ""
    names: dict[str, Any] = field(default_factory=dict)

    def follow(self, page: Path) -> None:
        """Runs a page from top to bottom."""
        for block in blocks_of(page):
            where = f"{page.name}, line {block.line}"
            if block.kind == "file":
                assert block.detail
                (self.folder / block.detail).write_text(block.text, encoding="utf-8")
            elif block.kind == "shows":
                self._compare(block, where)
            elif block.language == "python":
                self._run_python(block, where)
            else:
                self._run_commands(block, where)

    def _compare(self, block: Block, where: str) -> None:
        printed = " ".join(self.printed.split())
        for line in block.text.splitlines():
            assert " ".join(line.split()) in printed, f"{where}: {line!r} is not in:\n{self.printed}"

    def _run_python(self, block: Block, where: str) -> None:
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(block.text, where, "exec"), self.names)  # noqa: S102
        self.printed = out.getvalue()

    def _run_commands(self, block: Block, where: str) -> None:
        self.printed = ""
        for line in block.text.replace("\\\n", " ").splitlines():
            code, printed = self._run_command(line)
            self.printed += printed
            assert code == int(block.detail or 0), f"{where}: {line} ended with {code}:\n{printed}"

    def _run_command(self, line: str) -> tuple[int, str]:
        """One command, in this process, whose Spark session it shares; the shell's globs are taken apart here."""
        words = shlex.split(IDENTIFIER.sub(self._release_of, line), comments=True)
        assert words[0] == COMMAND, f"only {COMMAND} can be run, not {line}"
        arguments = [part for word in words[1:] for part in (_files_of(word) or [word])]
        out = io.StringIO()
        with redirect_stdout(out), pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        return int(ended.value.code or 0), out.getvalue()

    def _release_of(self, named: re.Match[str]) -> str:
        found = releases(data_dir=self.folder / "data").filter(week=named[1])["release_id"]
        return str(found[-1])
