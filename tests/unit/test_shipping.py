"""The package that a cluster's workers get: everything in it, the same bytes for the same package."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ais_indicators.errors import WrongUseError
from ais_indicators.io.session import cluster_options
from ais_indicators.io.shipping import package_archive
from ais_indicators.settings import DEFAULT_MASTER, EXECUTOR_VARIABLE, PROFILE_VARIABLE, Settings


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package_archive(tmp_path_factory.mktemp("shipping"))


def test_the_same_package_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    again = package_archive(tmp_path)
    assert again.name == archive.name
    assert again.read_bytes() == archive.read_bytes()


def test_what_is_sent_runs_by_itself_and_finds_rules_contracts_and_compiled_code(
    archive: Path, tmp_path: Path
) -> None:
    """Away from the checkout, as in a worker's folder."""
    with zipfile.ZipFile(archive) as content:
        content.extractall(tmp_path / "shipped")
    text = (
        "from ais_indicators.fold import kernel\n"
        "from ais_indicators.contracts.model import all_tables\n"
        "from ais_indicators.compiled_cache import cache_folder\n"
        "from ais_indicators.rules import Rules\n"
        "from pathlib import Path\n"
        "gap_hours = Rules.for_subject('ships').gap_hours\n"
        "print(Path(kernel.__file__).resolve(), cache_folder(), len(all_tables()), gap_hours)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", text],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": "shipped"},
        capture_output=True,
        text=True,
        check=True,
    )
    place, cache, tables, _ = answer.stdout.split()
    assert Path(place).is_relative_to(tmp_path / "shipped")
    assert Path(cache).is_relative_to(tmp_path / "shipped")
    assert int(tables) > 20


def test_no_scratch_of_python_is_sent(archive: Path) -> None:
    names = zipfile.ZipFile(archive).namelist()
    assert not [name for name in names if name.endswith(".pyc")]
    assert {"ais_indicators/runner.py", "schemas/silver.positions.yaml", "quality/rules.yaml"} <= set(names)


def test_a_cluster_is_sent_jars_and_package(tmp_path: Path) -> None:
    options = cluster_options(Settings(tmp_path, cores=3))
    assert options["spark.cores.max"] == "3"
    assert options["spark.jars"].count(".jar") == 2
    assert options["spark.archives"].endswith(f"#{options['spark.executorEnv.PYTHONPATH']}")


def test_the_profile_comes_from_the_argument_else_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings.from_environment().profile, Settings.from_environment().spark_master) == (
        "local",
        DEFAULT_MASTER,
    )
    monkeypatch.setenv(EXECUTOR_VARIABLE, "spark")
    assert Settings.from_environment(profile="cluster").profile == "cluster"
    monkeypatch.setenv(PROFILE_VARIABLE, "cluster")
    assert Settings.from_environment().profile == "cluster"
    assert Settings.from_environment(profile="local").profile == "local"
    with pytest.raises(WrongUseError, match="choose local or cluster"):
        Settings.from_environment(profile="cloud")
