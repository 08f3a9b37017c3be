"""The doctor: each need on both sides of its boundary, and a sentence that says how to correct it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.doctor import Finding, Observed, assess, examine, java_release, read_ranges
from ais_indicators.io.delta import create_tables
from ais_indicators.settings import Settings

GIB = 2**30
INSTALLED = {
    "pyspark": "4.2.0",
    "delta-spark": "4.4.0",
    "deltalake": "1.6.6",
    "pyarrow": "26.0.1",
    "great-expectations": "1.24.1",
}
RANGES = {
    "pyspark": "<5,>=4.2",
    "delta-spark": "<4.5,>=4.4",
    "deltalake": "<2,>=1.6",
    "pyarrow": "<27,>=26.0",
    "great-expectations": "<2,>=1.24",
}
HEALTHY = Observed(
    java='openjdk version "17.0.15" 2025-04-15',
    jar_faults={"a.jar": None},
    installed=INSTALLED,
    ranges=RANGES,
    memory_bytes=4 * GIB,
    cores=2,
    chosen_cores=2,
    data_dir=Path("data"),
    data_dir_is_writable=True,
    free_disk_bytes=5 * GIB,
    missing_tables=(),
)


def faults(**change: Any) -> list[Finding]:
    """What is wrong with a healthy machine after a change."""
    return [finding for finding in assess(replace(HEALTHY, **change)) if not finding.ok]


def test_a_healthy_machine_has_nothing_to_correct() -> None:
    findings = assess(HEALTHY)
    assert all(f.ok and not f.remedy for f in findings)
    assert len({f.name for f in findings}) == len(findings)


@pytest.mark.parametrize(
    ("change", "name", "remedy"),
    [
        ({"java": None}, "Java", "make java"),
        ({"java": 'openjdk version "16.0.2"'}, "Java", "make java"),
        ({"java": 'openjdk version "18.0.1"'}, "Java", "make java"),
        ({"java": "gibberish"}, "Java", "make java"),
        ({"jar_faults": {"a.jar": "a.jar is missing"}}, "jar a.jar", "ais_indicators.io.jars"),
        ({"installed": INSTALLED | {"deltalake": "1.5.9"}}, "deltalake", "make setup"),
        ({"installed": {k: v for k, v in INSTALLED.items() if k != "pyarrow"}}, "pyarrow", "make setup"),
        ({"ranges": {k: v for k, v in RANGES.items() if k != "pyarrow"}}, "pyarrow", "make setup"),
        ({"installed": INSTALLED | {"pyarrow": "27.0.0"}}, "pyarrow", "make setup"),
        ({"installed": INSTALLED | {"pyspark-client": "4.2.0"}}, "one pyspark", "make setup"),
        ({"memory_bytes": 4 * GIB - 1}, "memory", "more memory"),
        ({"chosen_cores": 3, "cores": 2, "memory_bytes": 64 * GIB}, "cores", "AIS_INDICATORS_CORES=2"),
        ({"chosen_cores": 3, "cores": 8}, "cores", "AIS_INDICATORS_CORES=2"),
        ({"free_disk_bytes": 5 * GIB - 1}, "free disk", "--data-dir"),
        ({"data_dir_is_writable": False}, "data folder", "--data-dir"),
        ({"missing_tables": ("gold.releases",)}, "tables", "ais-indicators init"),
    ],
)
def test_one_fault_gives_one_finding_that_says_how_to_correct_it(
    change: dict[str, Any], name: str, remedy: str
) -> None:
    (finding,) = faults(**change)
    assert finding.name == name
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    ("printed", "release"),
    [
        ('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17),
        ('java version "1.8.0_392"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "17.0.15"', 17),
        ("", None),
    ],
)
def test_the_release_of_java_is_read(printed: str, release: int | None) -> None:
    assert java_release(printed) == release


@pytest.mark.parametrize(
    ("requirement", "ranges"),
    [
        ("pyspark==4.2.0", {"pyspark": "==4.2.0"}),
        ("pandas<3,>=2.3", {"pandas": "<3,>=2.3"}),
        ('pyspark[connect,ml]<5,>=4.2; extra == "spark"', {"pyspark": "<5,>=4.2"}),
    ],
)
def test_ranges_are_read_from_requirements(requirement: str, ranges: dict[str, str]) -> None:
    assert read_ranges([requirement]) == ranges


def test_the_doctor_changes_nothing_and_looks_at_this_machine(tmp_path: Path) -> None:
    findings = {f.name: f for f in examine(Settings(data_dir=tmp_path / "not" / "made"))}
    assert list(tmp_path.iterdir()) == []
    assert findings["data folder"].ok
    assert findings["pyspark"].ok
    assert "gold.releases" in findings["tables"].found


def test_java_that_is_not_there_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    found = {f.name: f for f in examine(Settings(data_dir=tmp_path))}
    assert found["Java"].found == "no Java"


def test_tables_that_are_there_are_not_missing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    create_tables(settings)
    assert next(f for f in examine(settings) if f.name == "tables").ok
