"""The commands `bulletin` and `dashboard`: what they write and say, and how they end when they cannot."""

import json
from pathlib import Path

import pytest

from ais_indicators.errors import ExitCode
from ais_indicators.releasing.history import append_event, read_history
from tests.caller import Caller
from tests.released_weeks import empty_lake, publish, usual_week


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Caller:
    """The command line on a lake with two releases, of which the newer one is withdrawn."""
    settings = empty_lake(tmp_path)
    publish(settings, "2026-W06", usual_week(100.0))
    newer = publish(settings, "2026-W07", usual_week(110.0))
    append_event(settings, read_history(settings), newer, "withdrawn", "A. Person", "ports mixed up")
    return Caller(settings.data_dir, capsys)


def test_the_bulletin_is_of_the_newest_release_that_is_served(call: Caller, tmp_path: Path) -> None:
    said = call("bulletin", "--out", tmp_path / "new" / "outbox", "--json")
    path = tmp_path / "new" / "outbox" / "bulletin-2026-W06-000000000001-en.html"
    assert said.code == ExitCode.DONE
    assert json.loads(said.out) == {"release_id": "2026-W06-000000000001", "files": [str(path)]}
    assert "100 port calls began in week 6 of 2026." in path.read_text(encoding="utf-8")


def test_a_withdrawn_release_is_written_all_the_same_and_said_to_be_so(call: Caller, tmp_path: Path) -> None:
    said = call("bulletin", "--release", "2026-W07-000000000002", "--language", "es", "--out", tmp_path)
    assert said.code == ExitCode.DONE
    assert "was withdrawn" in " ".join(said.sentences)
    page = (tmp_path / "bulletin-2026-W07-000000000002-es.html").read_text(encoding="utf-8")
    assert "Esta publicación fue retirada." in page


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--release", "2026-W09-nothing"), "there is no release '2026-W09-nothing'"),
        (("--language", "de"), "'de' is not one of 'en', 'fr', 'es'"),
    ],
)
def test_wrong_use_is_one_sentence(
    call: Caller, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    said = call("bulletin", "--out", tmp_path / "out", *arguments)
    assert said.code == ExitCode.WRONG_USE
    assert sentence in " ".join(said.sentences)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["bulletin", "dashboard"])
def test_a_folder_without_a_lake_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    said = Caller(tmp_path / "nothing", capsys)(command)
    assert said.code == ExitCode.WRONG_USE
    assert "run `ais-indicators init` first" in " ".join(said.sentences)
