"""Checks the machine before a run; each finding says how to correct a fault.

`observe` collects facts, `assess` evaluates them, `examine` does both. Nothing is changed and Spark is not started.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ais_indicators.contracts.model import all_tables
from ais_indicators.io.delta import is_table
from ais_indicators.io.jars import JARS, fetch_command, find_fault, jar_folder, java_program
from ais_indicators.machine import (
    BYTES_PER_GIB,
    CORES_VARIABLE,
    Choice,
    choose,
    expected_bytes,
    memory_bytes,
    usable_cores,
)
from ais_indicators.settings import Settings

DISTRIBUTION = "ais-indicators"
JAVA_RELEASE = 17
"""Release of Java that Spark and Delta are run and tested with."""
JAVA_TIMEOUT_SECONDS = 60.0
TIED_PACKAGES = ("pyspark", "delta-spark", "deltalake", "pyarrow", "great-expectations")
"""Packages whose versions must fit each other."""
RIVAL_PACKAGE = "pyspark-client"
"""Overwrites files of pyspark if both are installed in one environment."""
MINIMUM_MEMORY_GIB = 4
"""Needed by Spark's driver, two Python workers and one ship bucket's day."""
MINIMUM_FREE_DISK_GIB = 5
"""Needed by one country's week of messages, its tables and the scratch space of a run."""


@dataclass(frozen=True)
class Finding:
    """One finding about one requirement.

    Attributes:
        name: The requirement.
        ok: Whether it is met.
        found: What is present.
        remedy: How to correct it, one sentence; empty if nothing is wrong.
    """

    name: str
    ok: bool
    found: str
    remedy: str


@dataclass(frozen=True)
class Observed:
    """Facts that `observe` collected about the machine.

    Attributes:
        java: What `java -version` printed; None if it could not be started.
        jar_faults: Fault of each jar by file name, None for a good jar.
        installed: Version of each installed package of interest.
        ranges: Version that each package should have.
        memory_bytes: Total memory that this process may use.
        cores: Cores that it may use.
        chosen_cores: Cores that the settings use.
        data_dir: Folder of all state.
        data_dir_is_writable: Whether files can be made there.
        free_disk_bytes: Free space there.
        missing_tables: Declared tables that do not exist.
    """

    java: str | None
    jar_faults: Mapping[str, str | None]
    installed: Mapping[str, str]
    ranges: Mapping[str, str]
    memory_bytes: int
    cores: int
    chosen_cores: int
    data_dir: Path
    data_dir_is_writable: bool
    free_disk_bytes: int
    missing_tables: tuple[str, ...]


def examine(settings: Settings) -> list[Finding]:
    """Checks the machine for these settings."""
    return assess(observe(settings))


def fitting_settings() -> Choice:
    """Returns the settings with which a country's weekly job runs on this machine."""
    return choose(memory_bytes(), usable_cores())


def observe(settings: Settings) -> Observed:
    """Collects facts about Java, jars, packages, memory, disk and tables. Changes nothing."""
    place = _nearest_folder(settings.data_dir)
    return Observed(
        java=_ask_java(),
        jar_faults={jar.file_name: find_fault(jar, jar_folder()) for jar in JARS},
        installed=_installed_versions((*TIED_PACKAGES, RIVAL_PACKAGE)),
        ranges=_declared_ranges(),
        memory_bytes=memory_bytes(),
        cores=usable_cores(),
        chosen_cores=settings.cores,
        data_dir=settings.data_dir,
        data_dir_is_writable=os.access(place, os.W_OK | os.X_OK),
        free_disk_bytes=shutil.disk_usage(place).free,
        missing_tables=tuple(t for t in all_tables() if not is_table(settings, t)),
    )


def assess(seen: Observed) -> list[Finding]:
    """Evaluates the facts and says how to correct what is wrong."""
    return [
        _assess_java(seen.java),
        *(_assess_jar(name, fault) for name, fault in seen.jar_faults.items()),
        *(_assess_version(name, seen.installed.get(name), seen.ranges.get(name)) for name in TIED_PACKAGES),
        _assess_rival(seen.installed),
        _assess_amount("memory", seen.memory_bytes, MINIMUM_MEMORY_GIB, "Use a machine with more memory."),
        _assess_cores(seen),
        _assess_amount(
            "free disk",
            seen.free_disk_bytes,
            MINIMUM_FREE_DISK_GIB,
            f"Free space on the disk of {seen.data_dir}, or choose another folder with --data-dir.",
        ),
        _assess_writable(seen.data_dir, seen.data_dir_is_writable),
        _assess_tables(seen.missing_tables),
    ]


def java_release(printed: str) -> int | None:
    """Reads the release from the output of `java -version`.

    >>> java_release('openjdk version "17.0.15" 2025-04-15')
    17
    >>> java_release('java version "1.8.0_392"')
    8
    """
    match = re.search(r'version "(?:1\.)?(\d+)', printed)
    return int(match[1]) if match else None


def read_ranges(requirements: Iterable[str]) -> dict[str, str]:
    """Reads the range of versions of each required package, those of extras included.

    >>> read_ranges(["numpy<3,>=2.4", 'pyspark[connect]>=4.2; extra == "spark"'])
    {'numpy': '<3,>=2.4', 'pyspark': '>=4.2'}
    """
    return {of.name: str(of.specifier) for of in map(Requirement, requirements)}


def _assess_java(printed: str | None) -> Finding:
    release = java_release(printed) if printed else None
    found = f"Java {release}" if release else "no Java"
    remedy = f"Install Java {JAVA_RELEASE} (`make java` tries to) and set JAVA_HOME or PATH to it."
    return _finding("Java", release == JAVA_RELEASE, found, remedy)


def _assess_jar(name: str, fault: str | None) -> Finding:
    return _finding(f"jar {name}", fault is None, fault or "present, sha256 right", f"Run: {fetch_command()}")


def _assess_version(name: str, installed: str | None, wanted: str | None) -> Finding:
    found = f"{installed or 'not installed'}, wanted {wanted or 'nowhere'}"
    fits = installed is not None and wanted is not None and SpecifierSet(wanted).contains(installed)
    return _finding(name, fits, found, "Run: make setup")


def _assess_rival(installed: Mapping[str, str]) -> Finding:
    both = "pyspark" in installed and RIVAL_PACKAGE in installed
    remedy = f"Delete .venv and run `make setup`: {RIVAL_PACKAGE} has overwritten files of pyspark."
    return _finding(
        "one pyspark", not both, f"{RIVAL_PACKAGE} is {'' if both else 'not '}installed with it", remedy
    )


def _assess_amount(name: str, found_bytes: int, needed_gib: int, remedy: str) -> Finding:
    found = f"{found_bytes / BYTES_PER_GIB:.1f} GiB, at least {needed_gib} GiB needed"
    return _finding(name, found_bytes >= needed_gib * BYTES_PER_GIB, found, remedy)


def _assess_cores(seen: Observed) -> Finding:
    """Evaluates whether the settings use at most the available cores and memory."""
    fitting = choose(seen.memory_bytes, seen.cores).cores
    needed = expected_bytes(seen.chosen_cores) / BYTES_PER_GIB
    found = f"{seen.chosen_cores} of {seen.cores}, which need {needed:.1f} GiB"
    remedy = f'Run: export {CORES_VARIABLE}={fitting}, or `eval "$(ais-indicators doctor --settings)"`'
    return _finding("cores", seen.chosen_cores <= fitting, found, remedy)


def _assess_writable(data_dir: Path, is_writable: bool) -> Finding:
    remedy = f"Give this user the right to write {data_dir}, or choose another folder with --data-dir."
    return _finding(
        "data folder", is_writable, f"{data_dir} is {'' if is_writable else 'not '}writable", remedy
    )


def _assess_tables(missing: tuple[str, ...]) -> Finding:
    found = f"missing: {', '.join(missing)}" if missing else "all present"
    return _finding("tables", not missing, found, "Run: ais-indicators init")


def _finding(name: str, ok: bool, found: str, remedy: str) -> Finding:
    """Makes a finding; a fulfilled requirement has no remedy."""
    return Finding(name, ok, found, "" if ok else remedy)


def _ask_java() -> str | None:
    """Returns the output of `java -version` (on standard error, as Java does); None if there is no Java."""
    program = shutil.which(java_program())
    if program is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603
            [program, "-version"],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=JAVA_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stderr


def _installed_versions(names: tuple[str, ...]) -> dict[str, str]:
    """Returns the versions of those packages that are installed."""
    versions: dict[str, str] = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _declared_ranges() -> dict[str, str]:
    """Returns the ranges of versions that the installed project requires."""
    try:
        return read_ranges(metadata.requires(DISTRIBUTION) or [])
    except metadata.PackageNotFoundError:
        return {}


def _nearest_folder(path: Path) -> Path:
    """Returns the folder itself, or its nearest existing parent."""
    return next(p for p in (path, *path.parents) if p.is_dir())
