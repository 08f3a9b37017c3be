"""Explains machine and lake errors in one sentence with a next step.

A full disk, a read-only lake, a damaged file, a killed Spark: none is the user's mistake or a fault of the program.
After each of them the tables are consistent, because each changes in one commit; so the next step is to correct the
cause and to run the same command again.
"""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ais_indicators.errors import AisIndicatorsError
from ais_indicators.extras import explain_missing
from ais_indicators.settings import Settings

AGAIN: Final = "run the same command again; unfinished work is ignored"
NO_SPACE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_WRITABLE: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
NO_SPACE_SAID: Final = re.compile(
    r"no space left on device|disk quota exceeded|file too large", re.IGNORECASE
)
NOT_WRITABLE_SAID: Final = re.compile(r"read-only file system|permission denied|not permitted", re.IGNORECASE)
DAMAGED_SAID: Final = re.compile(
    r"magic bytes|is not a parquet file|corrupt|couldn't deserialize|end of stream|\.parquet not found"
    r"|does not exist.*\.parquet|read.{0,40}end of file",
    re.IGNORECASE,
)
PARQUET_FILE: Final = re.compile(r"[^\s'\"]+\.parquet")
STORE_LOST_SAID: Final = re.compile(
    r"network_connection|error sending request|curlcode: (6|7|28|35|52|56)|request_timeout|generic s3 error",
    re.IGNORECASE,
)
STORE_REFUSED_SAID: Final = re.compile(
    r"access_?denied|invalid_?access_?key|signature_?does_?not_?match|403 forbidden|401 unauthorized"
    r"|lacked the necessary privileges|missing_?credentials|no valid credential|expired_?token",
    re.IGNORECASE,
)
BUCKET_GONE_SAID: Final = re.compile(r"no_?such_?bucket", re.IGNORECASE)
WORKER_ENDED_SAID: Final = re.compile(r"python worker (exited|failed|did not)|EOFException", re.IGNORECASE)
SPARK_ENDED_SAID: Final = re.compile(
    r"java gateway|answer from java side|sending or receiving|SparkContext (was|has been) shut|connection refused",
    re.IGNORECASE,
)


@contextmanager
def friendly_errors(settings: Settings) -> Iterator[None]:
    """Converts disk, storage and Spark errors into `AisIndicatorsError` with a next step.

    Raises:
        AisIndicatorsError: Replaces the known errors; other errors are not changed.
    """
    try:
        yield
    except AisIndicatorsError:
        raise
    except Exception as error:
        sentence = explain(error, settings)
        if sentence is None:
            raise
        raise AisIndicatorsError(sentence) from error


def explain(error: BaseException, settings: Settings) -> str | None:
    """Returns the sentence for an error, or None if it is not one of these."""
    if missing := explain_missing(error):
        return missing
    code = error.errno if isinstance(error, OSError) else None
    text = str(error)
    if settings.lake_url and (sentence := _about_store(text, settings.lake_url)):
        return sentence
    if code in NO_SPACE or NO_SPACE_SAID.search(text):
        return f"there is no space left for {settings.data_dir}; free some space, then {AGAIN}"
    if (code in NOT_WRITABLE and not isinstance(error, ConnectionError)) or NOT_WRITABLE_SAID.search(text):
        place = getattr(error, "filename", None) or settings.data_dir
        return f"{place} cannot be written or read by this user, or is on a read-only disk; correct that, then {AGAIN}"
    if DAMAGED_SAID.search(text) or _is_missing_file_of_the_lake(error):
        return damaged(_table_and_file(text, settings))
    return _about_spark(error, text)


def damaged(what: str) -> str:
    """Returns the sentence for a part of the lake that cannot be read."""
    return f"{what} is damaged or missing; restore it from a copy of the lake, then {AGAIN}"


def parquet_file_of(error: BaseException) -> str:
    """Returns the last parts of the path in an error's text."""
    found = PARQUET_FILE.search(str(error))
    return "/".join(found[0].split("/")[-3:]) if found else "that it needs"


def _is_missing_file_of_the_lake(error: BaseException) -> bool:
    return isinstance(error, FileNotFoundError) and bool(PARQUET_FILE.search(str(error)))


def _table_and_file(text: str, settings: Settings) -> str:
    """Returns the table and the file that an error's text is about."""
    found = PARQUET_FILE.search(text)
    if found is None:
        return f"a file of {settings.lake_location}"
    path = found[0].removeprefix("file:")
    root = settings.lake_url.partition("://")[2] if settings.lake_url else settings.lake.name
    parts = path.partition(f"{root}/")[2].split("/", 2)
    if len(parts) < 3:  # noqa: PLR2004 - layer, table, file
        return f"the file {path}"
    layer, table, file = parts
    return f"the file {file} of the table {layer}.{table}"


def _about_store(text: str, url: str) -> str | None:
    if BUCKET_GONE_SAID.search(text):
        return f"there is no bucket for {url}; create it with the tools of the object store, then {AGAIN}"
    if STORE_REFUSED_SAID.search(text):
        return (
            f"the object store refuses access to {url}; check that AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
            f"AWS_REGION are set, here and for Spark's workers, and grant read and write access, then {AGAIN}"
        )
    if STORE_LOST_SAID.search(text):
        return (
            f"the object store of {url} does not answer; check that it is running and that AWS_ENDPOINT_URL is "
            f"its address, then {AGAIN}"
        )
    return None


def _about_spark(error: BaseException, text: str) -> str | None:
    if WORKER_ENDED_SAID.search(text):
        return f"a worker of Spark was killed from outside, usually for lack of memory; {AGAIN}"
    of_py4j = any(kind.__module__.startswith("py4j.") for kind in type(error).__mro__)
    is_spark = of_py4j or isinstance(error, ConnectionError | EOFError)
    if SPARK_ENDED_SAID.search(text) or (is_spark and not _is_from_java(text)):
        return f"Spark's Java process was killed from outside, usually for lack of memory; {AGAIN}"
    return None


def _is_from_java(text: str) -> bool:
    """Returns whether Java answered with an error of its own; a call whose answer was lost has one line without one."""
    return "An error occurred while calling" in text and "\n" in text.strip()
