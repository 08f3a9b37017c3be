"""The jars: refused when missing or damaged, with the command that corrects it; fetched completely or not at all."""

import hashlib
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from ais_indicators.errors import AisIndicatorsError
from ais_indicators.io import jars
from ais_indicators.io.jars import FetchWay, Jar, fetch_command, fetch_jars, find_fault, jar_folder, jar_paths

CONTENT = b"a jar for the tests"


@pytest.fixture
def jar(monkeypatch: pytest.MonkeyPatch) -> Jar:
    """One small jar, pinned in place of the real ones."""
    small = Jar("org.example", "small", "1.0", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr(jars, "JARS", (small,))
    return small


def brings(content: bytes) -> FetchWay:
    """A way that brings this content."""

    def way(jar: Jar, folder: Path) -> None:
        (folder / jar.file_name).write_bytes(content)

    return way


def breaks_off(jar: Jar, folder: Path) -> None:
    """A way that leaves half a file and fails as a program does."""
    (folder / jar.file_name).write_bytes(CONTENT[:5])
    raise subprocess.CalledProcessError(1, "fetch", output="downloading ...\nthe line went dead\n")


def is_not_here(_jar: Jar, _folder: Path) -> None:
    """A way whose program is missing."""
    raise FileNotFoundError("the program fetch is not here")


def test_the_pinned_jars_fit_the_python_package() -> None:
    assert metadata.version("delta-spark") == jars.DELTA_VERSION
    assert {j.version for j in jars.JARS} == {jars.DELTA_VERSION}


@pytest.mark.usefixtures("jar")
def test_a_missing_jar_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(AisIndicatorsError) as caught:
        jar_paths(tmp_path)
    assert str(tmp_path / "small-1.0.jar") in str(caught.value)
    assert fetch_command() in str(caught.value)
    assert fetch_command().endswith("python -m ais_indicators.io.jars")


def test_a_jar_of_another_size_is_refused_at_the_start_of_a_session(jar: Jar, tmp_path: Path) -> None:
    (tmp_path / jar.file_name).write_bytes(CONTENT[:-1])
    with pytest.raises(AisIndicatorsError, match=r"damaged.*ais_indicators\.io\.jars"):
        jar_paths(tmp_path)


def test_a_jar_of_the_right_size_with_another_hash_has_a_fault(jar: Jar, tmp_path: Path) -> None:
    (tmp_path / jar.file_name).write_bytes(CONTENT.upper())
    assert jar_paths(tmp_path) == [tmp_path / jar.file_name]
    assert "sha256" in (find_fault(jar, tmp_path) or "")


@pytest.mark.parametrize(
    "there", [None, CONTENT[:-1], CONTENT.upper()], ids=["missing", "other size", "other hash"]
)
def test_what_is_not_right_is_fetched(jar: Jar, tmp_path: Path, there: bytes | None) -> None:
    if there is not None:
        (tmp_path / jar.file_name).write_bytes(there)
    assert fetch_jars(tmp_path, (brings(CONTENT),)) == [tmp_path / jar.file_name]
    assert (tmp_path / jar.file_name).read_bytes() == CONTENT


def test_what_is_right_is_not_fetched_again(jar: Jar, tmp_path: Path) -> None:
    (tmp_path / jar.file_name).write_bytes(CONTENT)
    assert fetch_jars(tmp_path, ()) == [tmp_path / jar.file_name]


@pytest.mark.parametrize("first", [breaks_off, is_not_here, brings(b"not the jar")])
def test_the_second_way_is_taken_where_the_first_fails(jar: Jar, tmp_path: Path, first: FetchWay) -> None:
    fetch_jars(tmp_path, (first, brings(CONTENT)))
    assert [path.name for path in tmp_path.iterdir()] == [jar.file_name]


@pytest.mark.usefixtures("jar")
def test_a_corrupt_download_never_is_under_the_jars_name(tmp_path: Path) -> None:
    with pytest.raises(AisIndicatorsError) as caught:
        fetch_jars(tmp_path, (breaks_off, is_not_here, brings(b"not the jar")))
    assert list(tmp_path.iterdir()) == []
    for part in ("the line went dead", "the program fetch is not here", "sha256", fetch_command()):
        assert part in str(caught.value)


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIS_INDICATORS_JARS", str(tmp_path))
    assert jar_folder() == tmp_path


@pytest.mark.usefixtures("jar")
def test_the_entry_point_reports_the_fault_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIS_INDICATORS_JARS", str(tmp_path))
    monkeypatch.setattr(jars, "_fetch", lambda *_: None)
    with pytest.raises(SystemExit):
        jars.main()
    assert len(capsys.readouterr().err.splitlines()) == 1
