"""The two jars that give Spark its Delta tables: fetched once, checked by hash, kept in the environment.

Fetching is a step of the set-up (`python -m ais_indicators.io.jars`), never of a run. Resolving Delta's
coordinates at each start of Spark would pull some thirty jars, most of them older than the ones Spark itself
ships; these two are enough, so nothing is resolved transitively.
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
"""Ends a download that hangs. The jars come in seconds on any working line."""


@dataclass(frozen=True)
class Jar:
    """One jar, pinned.

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
        """Name of the file, the one that Maven repositories give it."""
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
"""Puts a jar into a folder under its `file_name`.

Raises OSError or subprocess.SubprocessError where it cannot.
"""


def jar_folder() -> Path:
    """Where the jars are kept: `$AIS_INDICATORS_JARS`, else inside the Python environment."""
    chosen = os.environ.get(JARS_VARIABLE)
    return Path(chosen).expanduser() if chosen else Path(sys.prefix) / "share" / "ais-indicators" / "jars"


def fetch_command() -> str:
    """The command that fetches the jars into this environment."""
    return f"{sys.executable} -m ais_indicators.io.jars"


def jar_paths(folder: Path | None = None) -> list[Path]:
    """Gives the jars for `spark.jars`. Looks at presence and size only, so a session starts at once.

    Args:
        folder: Where they lie; `jar_folder()` if not given.

    Raises:
        AisIndicatorsError: One is missing or has another size; the message names the command that mends it.
    """
    place = folder or jar_folder()
    for jar in JARS:
        path = place / jar.file_name
        if not path.is_file():
            raise AisIndicatorsError(f"the jar {path} is missing; fetch it with: {fetch_command()}")
        if path.stat().st_size != jar.size_bytes:
            raise AisIndicatorsError(f"the jar {path} is damaged; fetch it anew with: {fetch_command()}")
    return [place / jar.file_name for jar in JARS]


def find_fault(jar: Jar, folder: Path) -> str | None:
    """Says what is wrong with a jar in a folder, its hash included; None if nothing is."""
    path = folder / jar.file_name
    if not path.is_file():
        return f"{path} is missing"
    found = hash_of(path)
    return None if found == jar.sha256 else f"{path} has sha256 {found}, not {jar.sha256}"


def hash_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def spark_jar_folder() -> Path:
    """Where pyspark keeps the jars that every start of Spark loads.

    Raises:
        FileNotFoundError: There is no pyspark.
    """
    pyspark = find_spec("pyspark")
    if pyspark is None or not pyspark.submodule_search_locations:
        raise FileNotFoundError("there is no pyspark in this environment")
    return Path(pyspark.submodule_search_locations[0]) / "jars"


def link_into_spark(paths: Sequence[Path], folder: Path | None = None) -> None:
    """Links the jars beside Spark's own, so that a plain `spark-submit` has Delta on its class path too.

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
    """Whether Spark loads the jars at every start."""
    return all(((folder or spark_jar_folder()) / path.name).exists() for path in paths)


def java_program() -> str:
    """The Java that Spark will start: the one of `$JAVA_HOME`, else the first on the path."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def fetch_with_ivy(jar: Jar, folder: Path) -> None:
    """Fetches a jar with the Ivy that ships with pyspark, from Ivy's own default repository.

    Raises:
        OSError: There is no pyspark, no Ivy in it, or no Java.
        subprocess.SubprocessError: Ivy failed.
    """
    ivy = next(iter(sorted(spark_jar_folder().glob("ivy-*.jar"))), None)
    if ivy is None:
        raise FileNotFoundError("pyspark ships no Ivy here")
    with tempfile.TemporaryDirectory(dir=folder) as cache:
        _call(
            *(java_program(), "-jar", str(ivy), "-warn", "-cache", cache, "-notransitive", "-types", "jar"),
            *("-dependency", jar.organisation, jar.artifact, jar.version, "-confs", "default"),
            *("-retrieve", str(folder / "[artifact]-[revision].[ext]")),
        )


def fetch_with_maven(jar: Jar, folder: Path) -> None:
    """Fetches a jar with Maven, which goes by the user's own mirrors and proxies.

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
    """Fetches the jars that are missing or damaged. A jar appears under its name only whole and checked.

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
        f"{jar.file_name} could not be fetched ({'; '.join(faults)}); once the network is there, repeat: "
        f"{fetch_command()}; or put the file into {place} by hand"
    )


def _try_way(way: FetchWay, jar: Jar, scratch: Path) -> str | None:
    """What went wrong with one way; None if the jar is in the scratch folder, checked."""
    try:
        way(jar, scratch)
    except subprocess.CalledProcessError as error:
        lines = (error.stdout or "").strip().splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), str(error))
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return find_fault(jar, scratch)


def _call(*command: str) -> None:
    """Runs a program, looked up and without a shell or input, its output kept for the error."""
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(f"the program {command[0]} is not here")
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
    """Entry of `python -m ais_indicators.io.jars`."""
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
