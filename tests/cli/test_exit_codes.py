"""Exit codes of the command line, and one sentence instead of a traceback."""

from pathlib import Path

import pytest

from ais_indicators.cli import main


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["init"], 0, ""),
        (["status", "--json"], 0, ""),
        (["release", "list", "--json"], 0, ""),
        (["run", "--week", "2026-W99"], 2, "is not a week of 2026"),
        (["run"], 2, "Missing"),
        (["export", "--release", "nope", "--out", "out"], 2, "there is no release 'nope'"),
        (["ingest", "nowhere.csv"], 4, "there is no such file"),
    ],
)
def test_exit_code(
    arguments: list[str], code: int, sentence: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as made:
        main(["--data-dir", str(tmp_path / "data"), "init"])
    assert made.value.code == 0
    with pytest.raises(SystemExit) as ended:
        main(["--data-dir", str(tmp_path / "data"), *arguments])
    assert ended.value.code == code
    complaint = " ".join(capfd.readouterr().err.split())
    assert sentence in complaint
    assert "Traceback" not in complaint
