"""Where things lie and how Spark is started. Never a threshold of the method."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from ais_indicators.errors import WrongUseError

Profile = Literal["local", "cluster"]
PROFILES: Final[tuple[Profile, ...]] = ("local", "cluster")
PROFILE_VARIABLE = "AIS_INDICATORS_PROFILE"
MASTER_VARIABLE = "AIS_INDICATORS_SPARK_MASTER"
DEFAULT_MASTER = "spark://127.0.0.1:17077"
"""Where `make cluster` starts Spark's master."""

DISCLOSURE_VARIABLE = "AIS_INDICATORS_DISCLOSURE"
DEFAULT_DISCLOSURE = "open"

DATA_DIR_VARIABLE = "AIS_INDICATORS_DATA_DIR"
DEFAULT_DATA_DIR = "data"


@dataclass(frozen=True)
class Settings:
    """Paths and machine settings of one run.

    Attributes:
        data_dir: All state lies under it.
        cores: Spark's local threads.
        driver_memory: Heap of the Spark driver, which on one machine is the executor too.
        shuffle_partitions: Partitions of the narrow tables' shuffles.
        profile: `local`: Spark's threads of this process; `cluster`: the workers of `spark_master`.
        spark_master: Address of the cluster's master.
        disclosure: Name of the disclosure profile that releases are protected by (`quality/disclosure.yaml`).
    """

    data_dir: Path
    cores: int = field(
        default_factory=lambda: int(os.environ.get("AIS_INDICATORS_CORES", os.cpu_count() or 1))
    )
    driver_memory: str = field(default_factory=lambda: os.environ.get("AIS_INDICATORS_DRIVER_MEMORY", "1g"))
    shuffle_partitions: int = 2
    profile: Profile = field(default_factory=lambda: _profile(os.environ.get(PROFILE_VARIABLE) or "local"))
    spark_master: str = field(default_factory=lambda: os.environ.get(MASTER_VARIABLE, DEFAULT_MASTER))
    disclosure: str = field(default_factory=lambda: os.environ.get(DISCLOSURE_VARIABLE) or DEFAULT_DISCLOSURE)

    @classmethod
    def from_environment(cls, data_dir: Path | str | None = None, profile: str | None = None) -> "Settings":
        """Takes data folder and profile from the arguments, else from the environment, else `./data` and `local`.

        Raises:
            WrongUseError: There is no such profile.
        """
        chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE) or DEFAULT_DATA_DIR
        found = cls(data_dir=Path(chosen).expanduser().resolve())
        return replace(found, profile=_profile(profile)) if profile else found

    @property
    def lake(self) -> Path:
        """Root of the Delta tables, `lake/<layer>/<table>`."""
        return self.data_dir / "lake"

    @property
    def releases(self) -> Path:
        """Root of the published files, one folder a release."""
        return self.data_dir / "releases"

    @property
    def staging(self) -> Path:
        """Scratch space of running jobs; whatever a killed run left here is removed by the next."""
        return self.lake / "_staging"

    def table_path(self, table: str) -> Path:
        """Folder of the Delta table `layer.name`."""
        layer, name = table.split(".", 1)
        return self.lake / layer / name


def _profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        WrongUseError: There is none.
    """
    for profile in PROFILES:
        if profile == name:
            return profile
    raise WrongUseError(f"there is no profile '{name}'; choose {' or '.join(PROFILES)}")
