"""The two jars that give Spark its Delta tables: fetched once, checked by hash, kept in the environment.

Fetching is part of the set-up (`python -m ais_indicators.io.jars`), never of a run. Resolving Delta's coordinates at
each start of Spark would fetch some thirty jars, most of them older than the ones that Spark includes; these two are
enough, so nothing is resolved transitively.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ais_indicators.errors import AisIndicatorsError

JARS_VARIABLE = "AIS_INDICATORS_JARS"
FETCH_TIMEOUT_SECONDS = 600.0
"""Limit for a download that hangs. The jars take seconds on a working connection."""


@dataclass(frozen=True)
class Jar:
    """One pinned jar.

    Attributes:
        organisation: Maven group.
        artifact: Maven artifact.
        version: Its version.
        size_bytes: Size of the file, which a session checks at its start.
        sha256: Hash of the file, which fetching and the doctor check.
    """

    organisation: str
    artifact: str
    version: str
    size_bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        """Returns the name of the file in Maven repositories."""
        return f"{self.artifact}-{self.version}.jar"


DELTA_VERSION = "4.4.0"
JARS: tuple[Jar, ...] = (
    Jar(
        organisation="io.delta",
        artifact="delta-spark_4.2_2.13",
        version=DELTA_VERSION,
        size_bytes=9_515_916,
        sha256="27d4fd8b1f879535c573ed1c718177d6a27f24d3e626ba02e216369725721ead",
    ),
    Jar(
        organisation="io.delta",
        artifact="delta-storage",
        version=DELTA_VERSION,
        size_bytes=113_863,
        sha256="c46735481fa8e326b0957be02b4420cbcab4b325bb08009b7f2045a95133f1cc",
    ),
)

FetchWay = Callable[[Jar, Path], None]
"""Puts a jar into a folder under its `file_name`; raises OSError or subprocess.SubprocessError on failure."""


def jar_folder() -> Path:
    """Returns the folder of the jars: `$AIS_INDICATORS_JARS`, else inside the Python environment."""
    chosen = os.environ.get(JARS_VARIABLE)
    return Path(chosen).expanduser() if chosen else Path(sys.prefix) / "share" / "ais-indicators" / "jars"


def fetch_command() -> str:
    """Returns the command that fetches the jars into this environment."""
    return f"{sys.executable} -m ais_indicators.io.jars"


def jar_paths(folder: Path | None = None) -> list[Path]:
    """Returns the jars for `spark.jars`. Checks presence and size only, so a session starts at once.

    Args:
        folder: Their folder; `jar_folder()` if not given.

    Raises:
        AisIndicatorsError: One is missing or has another size; the message names the command that corrects it.
    """
    place = folder or jar_folder()
    for jar in JARS:
        path = place / jar.file_name
        if not path.is_file():
            raise AisIndicatorsError(f"the jar {path} is missing; fetch it with: {fetch_command()}")
        if path.stat().st_size != jar.size_bytes:
            raise AisIndicatorsError(f"the jar {path} is damaged; fetch it again with: {fetch_command()}")
    return [place / jar.file_name for jar in JARS]


def find_fault(jar: Jar, folder: Path) -> str | None:
    """Describes what is wrong with a jar in a folder, including its hash; None if nothing is."""
    path = folder / jar.file_name
    if not path.is_file():
        return f"{path} is missing"
    found = hash_of(path)
    return None if found == jar.sha256 else f"{path} has sha256 {found}, not {jar.sha256}"


def hash_of(path: Path) -> str:
    """Hashes a file with SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def spark_jar_folder() -> Path:
    """Returns the folder of the jars that every start of Spark loads.

    Raises:
        FileNotFoundError: There is no pyspark.
    """
    pyspark = find_spec("pyspark")
    if pyspark is None or not pyspark.submodule_search_locations:
        raise FileNotFoundError("there is no pyspark in this environment")
    return Path(pyspark.submodule_search_locations[0]) / "jars"


def link_into_spark(paths: Sequence[Path], folder: Path | None = None) -> None:
    """Links the jars into Spark's own folder, so that a plain `spark-submit` also has Delta on its class path.

    Args:
        paths: The jars.
        folder: Spark's folder of jars; `spark_jar_folder()` if not given.
    """
    for path in paths:
        link = (folder or spark_jar_folder()) / path.name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(path)


def is_linked(paths: Sequence[Path], folder: Path | None = None) -> bool:
    """Returns whether Spark loads the jars at every start."""
    return all(((folder or spark_jar_folder()) / path.name).exists() for path in paths)


def java_program() -> str:
    """Returns the Java that Spark will start: the one of `$JAVA_HOME`, else the first on the path."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def fetch_with_ivy(jar: Jar, folder: Path) -> None:
    """Fetches a jar with the Ivy included in pyspark, from Ivy's own default repository.

    Raises:
        OSError: There is no pyspark, no Ivy in it, or no Java.
        subprocess.SubprocessError: Ivy failed.
    """
    ivy = next(iter(sorted(spark_jar_folder().glob("ivy-*.jar"))), None)
    if ivy is None:
        raise FileNotFoundError("this pyspark has no Ivy")
    with tempfile.TemporaryDirectory(dir=folder) as cache:
        _call(
            *(java_program(), "-jar", str(ivy), "-warn", "-cache", cache, "-notransitive", "-types", "jar"),
            *("-dependency", jar.organisation, jar.artifact, jar.version, "-confs", "default"),
            *("-retrieve", str(folder / "[artifact]-[revision].[ext]")),
        )


def fetch_with_maven(jar: Jar, folder: Path) -> None:
    """Fetches a jar with Maven, which uses the user's own mirrors and proxies.

    Raises:
        OSError: There is no Maven.
        subprocess.SubprocessError: Maven failed.
    """
    coordinates = f"{jar.organisation}:{jar.artifact}:{jar.version}"
    _call(
        *("mvn", "--quiet", "--batch-mode", "dependency:copy"),
        *(f"-Dartifact={coordinates}", f"-DoutputDirectory={folder}", "-Dmdep.overWriteReleases=true"),
    )


WAYS: tuple[FetchWay, ...] = (fetch_with_ivy, fetch_with_maven)


def fetch_jars(folder: Path | None = None, ways: Sequence[FetchWay] = WAYS) -> list[Path]:
    """Fetches the jars that are missing or damaged. A jar appears under its name only complete and checked.

    Args:
        folder: Where to keep them; `jar_folder()` if not given.
        ways: What to try, in order.

    Returns:
        The jars' paths.

    Raises:
        AisIndicatorsError: No way gave a jar with the pinned hash.
    """
    place = folder or jar_folder()
    place.mkdir(parents=True, exist_ok=True)
    for jar in JARS:
        if find_fault(jar, place) is not None:
            _fetch(jar, place, ways)
    return jar_paths(place)


def _fetch(jar: Jar, place: Path, ways: Sequence[FetchWay]) -> None:
    """Tries each way in a scratch folder on the same disk, then moves the checked file into place."""
    faults: list[str] = []
    for way in ways:
        with tempfile.TemporaryDirectory(dir=place, prefix=".fetch-") as scratch:
            fault = _try_way(way, jar, Path(scratch))
            if fault is None:
                (Path(scratch) / jar.file_name).replace(place / jar.file_name)
                return
            faults.append(f"{way.__name__}: {fault}")
    raise AisIndicatorsError(
        f"{jar.file_name} could not be fetched ({'; '.join(faults)}); once the network is available, repeat: "
        f"{fetch_command()}; or put the file into {place} manually"
    )


def _try_way(way: FetchWay, jar: Jar, scratch: Path) -> str | None:
    """Tries one way; returns what went wrong, or None if the jar is in the scratch folder, checked."""
    try:
        way(jar, scratch)
    except subprocess.CalledProcessError as error:
        lines = (error.stdout or "").strip().splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), str(error))
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return find_fault(jar, scratch)


def _call(*command: str) -> None:
    """Runs a program, looked up on the path, without a shell or input; keeps its output for the error."""
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(f"the program {command[0]} is not installed")
    subprocess.run(  # noqa: S603
        [program, *command[1:]],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=FETCH_TIMEOUT_SECONDS,
    )


def main() -> None:
    """Runs `python -m ais_indicators.io.jars`."""
    try:
        paths = fetch_jars()
        link_into_spark(paths)
        for path in paths:
            sys.stdout.write(f"{path}\n")
    except AisIndicatorsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(int(error.exit_code))


if __name__ == "__main__":
    main()
