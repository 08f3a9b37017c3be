"""Locations and machine settings, such as how Spark is started. Thresholds of the method are not here."""

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from ais_indicators.errors import WrongUseError

Profile = Literal["local", "cluster"]
PROFILES: Final[tuple[Profile, ...]] = ("local", "cluster")
PROFILE_VARIABLE = "AIS_INDICATORS_PROFILE"
MASTER_VARIABLE = "AIS_INDICATORS_SPARK_MASTER"
DEFAULT_MASTER = "spark://127.0.0.1:17077"
"""Address at which `make cluster` starts Spark's master."""

ExecutorName = Literal["spark", "local"]
ExecutorChoice = Literal["auto", "spark", "local"]
EXECUTORS: Final[tuple[ExecutorChoice, ...]] = ("auto", "spark", "local")
EXECUTOR_VARIABLE = "AIS_INDICATORS_EXECUTOR"

DISCLOSURE_VARIABLE = "AIS_INDICATORS_DISCLOSURE"
DEFAULT_DISCLOSURE = "open"

DATA_DIR_VARIABLE = "AIS_INDICATORS_DATA_DIR"
DEFAULT_DATA_DIR = "data"

LAKE_URL_VARIABLE = "AIS_INDICATORS_LAKE_URL"
LAKE_URL: Final = re.compile(r"s3a?://[a-z0-9][a-z0-9.-]+(/[^/\s]+)*")


@dataclass(frozen=True)
class Settings:
    """Paths and machine settings of one run.

    Attributes:
        data_dir: Root directory for tables, releases and logs.
        cores: Spark's local threads, or the local executor's processes.
        driver_memory: Heap of the Spark driver, which on one machine is the executor too.
        shuffle_partitions: Partitions of the narrow tables' shuffles.
        profile: `local`: this machine; `cluster`: the workers of `spark_master`.
        spark_master: Address of the cluster's master.
        executor: Engine for the work per vessel: `spark`, `local` processes without Java, or `auto` for what fits the
            profile.
        disclosure: Name of the disclosure profile that releases are protected by (`quality/disclosure.yaml`).
        lake_url: Address of the tables in an object store (`s3a://bucket/folder`); None if they are in `data_dir`.
    """

    data_dir: Path
    cores: int = field(
        default_factory=lambda: int(os.environ.get("AIS_INDICATORS_CORES", os.cpu_count() or 1))
    )
    driver_memory: str = field(default_factory=lambda: os.environ.get("AIS_INDICATORS_DRIVER_MEMORY", "1g"))
    shuffle_partitions: int = 2
    profile: Profile = field(default_factory=lambda: _profile(os.environ.get(PROFILE_VARIABLE) or "local"))
    spark_master: str = field(default_factory=lambda: os.environ.get(MASTER_VARIABLE, DEFAULT_MASTER))
    executor: ExecutorChoice = field(
        default_factory=lambda: _executor(os.environ.get(EXECUTOR_VARIABLE) or "auto")
    )
    disclosure: str = field(default_factory=lambda: os.environ.get(DISCLOSURE_VARIABLE) or DEFAULT_DISCLOSURE)
    lake_url: str | None = None

    def __post_init__(self) -> None:
        if self.profile == "cluster" and self.used_executor != "spark":
            raise WrongUseError("the profile cluster needs the executor spark")

    @classmethod
    def from_environment(
        cls,
        data_dir: Path | str | None = None,
        profile: str | None = None,
        lake_url: str | None = None,
        executor: str | None = None,
    ) -> "Settings":
        """Reads data folder, profile, lake and executor from the arguments, else the environment, else the defaults.

        Raises:
            WrongUseError: There is no such profile or executor, they exclude each other, or the lake's address is not
                that of an object store.
        """
        chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE) or DEFAULT_DATA_DIR
        return cls(
            data_dir=Path(chosen).expanduser().resolve(),
            profile=_profile(profile or os.environ.get(PROFILE_VARIABLE) or "local"),
            executor=_executor(executor or os.environ.get(EXECUTOR_VARIABLE) or "auto"),
            lake_url=_lake_url(lake_url or os.environ.get(LAKE_URL_VARIABLE)),
        )

    def at(self, data_dir: Path) -> "Settings":
        """Returns the settings for another data folder, with the lake in it."""
        return replace(self, data_dir=data_dir, lake_url=None)

    @property
    def used_executor(self) -> ExecutorName:
        """Returns the executor: `auto` is Spark on a cluster, and processes on one machine, which start sooner."""
        if self.executor == "auto":
            return "spark" if self.profile == "cluster" else "local"
        return self.executor

    @property
    def lake(self) -> Path:
        """Returns the folder on this machine for Delta tables (`lake/<layer>/<table>`), lock and scratch files."""
        return self.data_dir / "lake"

    @property
    def lake_location(self) -> str:
        """Returns path or address of the root of the Delta tables."""
        return self.lake_url or str(self.lake)

    @property
    def releases(self) -> Path:
        """Returns the root of the published files, one folder per release."""
        return self.data_dir / "releases"

    @property
    def staging(self) -> Path:
        """Returns the scratch space of running jobs; the next run removes what a killed run left there."""
        return self.lake / "_staging"

    def table_location(self, table: str) -> str:
        """Returns path or address of the Delta table `layer.name`."""
        layer, name = table.split(".", 1)
        return f"{self.lake_location}/{layer}/{name}"

    def table_path(self, table: str) -> Path:
        """Returns the folder of the Delta table `layer.name` in a lake on this machine.

        Raises:
            WrongUseError: The lake lies in an object store.
        """
        if self.lake_url:
            raise WrongUseError(f"{table} has no folder on this machine: the lake is in {self.lake_url}")
        return Path(self.table_location(table))


def _lake_url(url: str | None) -> str | None:
    """Returns the address without a trailing slash.

    Raises:
        WrongUseError: It is not the address of an object store.
    """
    address = (url or "").rstrip("/")
    if address and not LAKE_URL.fullmatch(address):
        raise WrongUseError(
            f"'{url}' is not the address of a lake; give one such as s3a://BUCKET/FOLDER, or omit it"
        )
    return address or None


def _profile(name: str) -> Profile:
    """Returns the profile of that name.

    Raises:
        WrongUseError: There is no such profile.
    """
    for profile in PROFILES:
        if profile == name:
            return profile
    raise WrongUseError(f"unknown profile '{name}'; choose {' or '.join(PROFILES)}")


def _executor(name: str) -> ExecutorChoice:
    """Returns the executor of that name.

    Raises:
        WrongUseError: There is no such executor.
    """
    for executor in EXECUTORS:
        if executor == name:
            return executor
    raise WrongUseError(f"unknown executor '{name}'; choose {', '.join(EXECUTORS)}")
