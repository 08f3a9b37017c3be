"""How a file is packed, and its bytes without the packing.

A file is known by its content, not by the ending of its name.
"""

import csv
import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Final, Literal

import pyarrow as pa

from ais_indicators.errors import BadInputError

FileFormat = Literal["csv", "gzip", "zstd", "zip", "parquet"]

_MAGIC: Final[tuple[tuple[bytes, FileFormat], ...]] = (
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)
START_BYTES: Final = 16 * 1024
"""Size of the beginning of a file from which its layout is recognised; no header is longer."""

_DAMAGE: Final = (
    OSError,
    EOFError,
    OverflowError,
    ValueError,  # pa.ArrowInvalid, text that is none in an archive's list of names, places before the file's start
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    pa.ArrowException,
)
"""What the readers of archives and Parquet raise on bytes that were changed or cut off."""

_SAID_CHARACTERS: Final = 200


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turns every way in which a file can be damaged into one sentence.

    Raises:
        BadInputError: What is done inside failed because of the file.
    """
    try:
        yield
    except PermissionError as error:
        raise BadInputError(f"{name}: cannot be read; change its permissions") from error
    except (NotImplementedError, RuntimeError) as error:  # zipfile raises them for methods and passwords
        problem = f"{name}: has an unknown compression ({said(error)}); unpack it first"
        raise BadInputError(problem) from error
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        raise BadInputError(f"{name}: is damaged or truncated ({said(error)}); fetch it again") from error


def said(error: BaseException) -> str:
    """Returns a library's message about a file as one short line."""
    words = "".join(c if c.isprintable() else " " for c in str(error)).split()
    return " ".join(words)[:_SAID_CHARACTERS] or type(error).__name__


def packing_of(start: bytes) -> FileFormat:
    """Names the format of a file by its first bytes."""
    return next((packed for magic, packed in _MAGIC if start.startswith(magic)), "csv")


def table_names(path: Path, packed: FileFormat) -> list[str]:
    """Returns the files in an archive, without what some systems add to it; else the file itself."""
    if packed != "zip":
        return [path.name]
    with zipfile.ZipFile(path) as archive:
        names = [item.filename for item in archive.infolist() if not item.is_dir()]
    if len(set(names)) < len(names):  # by its name only the last of them could be read
        raise BadInputError(f"{path.name}: holds two files of one name; unpack it and hand in its files")
    return sorted(name for name in names if not name.startswith("__MACOSX/"))


def is_table(name: str) -> bool:
    """Returns whether a file in an archive calls itself a table; logs of sentences have endings of many kinds."""
    return name.lower().endswith(".csv")


def opened(path: Path, packed: FileFormat, name: str) -> AbstractContextManager[IO[bytes]]:
    """Opens one table of a file as uncompressed bytes; `name` is one of `table_names`."""
    if packed == "zip":
        return _opened_member(path, name)
    if packed == "csv":
        return path.open("rb")
    stream: AbstractContextManager[IO[bytes]] = pa.input_stream(str(path), compression=packed)
    return stream


@contextmanager
def _opened_member(path: Path, name: str) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
        yield stream


def start_of(stream: IO[bytes]) -> bytes:
    """Returns the beginning of a file, large enough to recognise its layout."""
    return stream.read(START_BYTES)


def header_line(start: bytes) -> bytes:
    """Returns the first line with its line feed, or as much of it as a header can be long."""
    return start[: start.find(b"\n") + 1] or start


def header_names(line: bytes, delimiter: str = ",") -> tuple[str, ...]:
    """Names of the columns; none where the line is no text."""
    try:
        text = line.decode("utf-8-sig").strip("\r\n")
        return tuple(name.strip() for name in next(csv.reader([text], delimiter=delimiter), []))
    except (UnicodeDecodeError, csv.Error):
        return ()
