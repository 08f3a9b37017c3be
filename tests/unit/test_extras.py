"""Dependencies: every import is declared, every declared package is imported, and an absent extra is explained."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from ais_indicators.extras import EXTRAS, explain_missing

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
READ_AS_DATA = {"searoute", "delta-spark"}
"""Packages of which only data files are read, or whose version must be that of the jars."""
UNSTARTED = """
import sys
blocked = set({blocked!r})
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError("no " + name, name=name)
sys.meta_path.insert(0, Blocker())
from ais_indicators.cli.entry import main
main({arguments!r})
"""


def declared(extra: str | None) -> set[str]:
    """Names of the packages of an extra, or of those that are always needed."""
    lines = PROJECT["dependencies"] if extra is None else PROJECT["optional-dependencies"][extra]
    return {Requirement(line).name for line in lines} - {"ais-indicators"}


PACKAGES = ("ais_indicators", "ais_simulator")


def imported() -> set[str]:
    """Top-level names of all that modules of the package import from elsewhere."""
    names = set()
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - set(PACKAGES)


@cache
def installed() -> Mapping[str, list[str]]:
    """Packages by import name; looking through the environment takes half a second."""
    return metadata.packages_distributions()


def distributions(name: str) -> set[str]:
    """The packages that give an import name."""
    return {re.sub(r"[._]+", "-", of).lower() for of in installed()[name]}


EXTRA_NAMES = sorted(PROJECT["optional-dependencies"].keys() - {"develop"})


def test_every_import_is_declared_and_every_package_is_imported() -> None:
    packages = {name: distributions(name) for name in imported()}
    every = declared(None).union(*(declared(extra) for extra in EXTRA_NAMES))
    assert {name for name, of in packages.items() if not of & every} == set()
    assert every - set().union(*packages.values()) == READ_AS_DATA


@pytest.mark.parametrize("extra", EXTRA_NAMES)
def test_an_extra_has_the_packages_that_its_modules_import(extra: str) -> None:
    ours = {name for name, of in EXTRAS.items() if of == extra}
    assert {d for name in ours for d in distributions(name)} & declared(extra) == declared(extra)
    assert declared(extra) & declared(None) == set()


def test_the_locked_versions_lie_in_the_declared_ranges() -> None:
    locked = dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+)", (ROOT / "requirements.lock").read_text(), re.M))
    lines = [
        *PROJECT["dependencies"],
        *(line for of in PROJECT["optional-dependencies"].values() for line in of),
    ]
    ranges = [Requirement(line) for line in lines]
    wrong = {
        of.name
        for of in ranges
        if of.name != PROJECT["name"] and not of.specifier.contains(locked.get(of.name.lower(), "0"))
    }
    assert wrong == set()
    assert not [of.name for of in ranges if "==" in str(of.specifier)]


def start(blocked: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a Python that lacks some packages."""
    code = UNSTARTED.format(blocked=blocked, arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_commands_start_without_any_extra() -> None:
    done = start(sorted(EXTRAS), "--help")
    assert (done.returncode, done.stderr) == (0, "")


def test_an_absent_extra_is_one_sentence_that_says_what_to_install(tmp_path: Path) -> None:
    weeks = ("--from", "2026-W01", "--to", "2026-W01", "--out", str(tmp_path / "out.geojson"))
    done = start(["sklearn"], "--data-dir", str(tmp_path), "ports", "derive", *weeks)
    assert done.returncode != 0
    assert "pip install 'ais-indicators[derive-ports]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_packages_of_extras_are_explained() -> None:
    assert explain_missing(ModuleNotFoundError("x", name="pysdmx.io")) is not None
    assert explain_missing(ModuleNotFoundError("x", name="numpy")) is None
    assert explain_missing(ValueError("sklearn")) is None
