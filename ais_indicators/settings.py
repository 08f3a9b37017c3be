"""Where things lie and how Spark is started. Never a threshold of the method."""

import os
from dataclasses import dataclass, field
from pathlib import Path

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
    """

    data_dir: Path
    cores: int = field(
        default_factory=lambda: int(os.environ.get("AIS_INDICATORS_CORES", os.cpu_count() or 1))
    )
    driver_memory: str = field(default_factory=lambda: os.environ.get("AIS_INDICATORS_DRIVER_MEMORY", "1g"))
    shuffle_partitions: int = 2

    @classmethod
    def from_environment(cls, data_dir: Path | str | None = None) -> "Settings":
        """Takes the data folder from the argument, else from the environment, else `./data`."""
        chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE) or DEFAULT_DATA_DIR
        return cls(data_dir=Path(chosen).expanduser().resolve())

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
