"""What a reader must know of the machine: sizes and versions, no names and no paths."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("pyspark", "delta-spark", "deltalake", "pyarrow", "duckdb", "h3ronpy", "numba", "polars", "numpy")
BUSY_LOAD = 0.5


def facts(cores: int) -> dict[str, str]:
    """Facts of the machine and of the software, by name."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "measured on": datetime.now(UTC).date().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} cores, {cores} used by each contestant",
        "memory": f"{memory_gib:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Java": _java(),
        **{package: version(package) for package in PACKAGES},
    }


def load() -> float:
    """Runnable processes of the last minute: a benchmark wants a quiet machine."""
    return os.getloadavg()[0]


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else "java"
    printed = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "([^"]+)"', printed)
    return found[1] if found else "unknown"
