"""Keeps received lines in a folder, and delivers finished parts to the inbox atomically."""

import contextlib
import fcntl
import gzip
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from ais_indicators.errors import WrongUseError

PREFIX: Final = "receive-"
PART_ENDING: Final = ".nmea"
HEARTBEAT_ENDING: Final = ".heartbeat.csv"
OPEN_ENDING: Final = ".open"
_LOCK_NAME: Final = "lock"
_TAIL_BYTES: Final = 4096


@dataclass(frozen=True)
class SpoolLimits:
    """When a part ends, and how much disk it can use.

    Attributes:
        part_seconds: Maximum duration of a part.
        part_bytes: Size at which a part ends, before compression.
        quota_bytes: Maximum size of spool and delivered parts together.
    """

    part_seconds: float = 3600.0
    part_bytes: int = 64_000_000
    quota_bytes: int = 10_000_000_000


class Spool:
    """Folder with the part that is being written, and finished files that wait for delivery.

    Attributes:
        recovered_cuts: Incomplete lines that were dropped from parts of a killed process.
    """

    def __init__(self, folder: Path, inbox: Path, limits: SpoolLimits) -> None:
        self.recovered_cuts = 0
        self._folder, self._inbox, self._limits = folder, inbox, limits
        for needed in (folder, inbox):
            needed.mkdir(parents=True, exist_ok=True)
        self._lock = _take_lock(folder)
        self._part: int | None = None
        self._part_path = folder
        self._part_bytes = 0
        self._part_since = 0.0
        self._ended_parts: list[tuple[int, Path]] = []
        self._heartbeat_path: Path | None = None
        self._heartbeats: list[tuple[Path, bytes, bool]] = []
        self._recover()
        self._settled_bytes = 0
        self.measure()

    @property
    def is_full(self) -> bool:
        """Returns whether the quota is used up."""
        return self._settled_bytes + self._part_bytes >= self._limits.quota_bytes

    def write(self, text: bytes, utc: float, steady: float) -> bool:
        """Appends complete lines to the part, so that they survive the end of this process.

        Args:
            text: Lines with their line ends.
            utc: Time in seconds since 1970, for the name of a new part.
            steady: Time of a clock that never jumps, in seconds.

        Returns:
            False if the quota is used up or the disk refuses; then none of them is stored.
        """
        if self.is_full:
            return False
        try:
            if self._part is None:
                self._open_part(utc, steady)
            _write_all(self._part, text)
        except OSError:
            self._cut_back()
            return False
        self._part_bytes += len(text)
        return True

    def is_due(self, steady: float) -> bool:
        """Returns whether the part has reached its maximum duration or size."""
        is_old = steady - self._part_since >= self._limits.part_seconds
        return self._part is not None and (is_old or self._part_bytes >= self._limits.part_bytes)

    def end_part(self) -> None:
        """Ends the part; the next call of `deliver` makes it durable, which can take long on a slow disk."""
        if self._part is None:
            return
        self._ended_parts.append((self._part, self._part_path))
        self._settled_bytes += self._part_bytes
        self._part, self._part_bytes = None, 0

    def note_heartbeat(self, content: bytes, utc: float, is_final: bool) -> None:
        """Keeps the heartbeat of the period so far, or the final one, for the next call of `deliver`."""
        if self._heartbeat_path is None:
            self._heartbeat_path = self._folder / (_new_name(utc) + HEARTBEAT_ENDING + OPEN_ENDING)
        self._heartbeats.append((self._heartbeat_path, content, is_final))
        if is_final:
            self._heartbeat_path = None

    def deliver(self) -> list[Path]:
        """Moves every finished file to the inbox, compressed; each appears there complete or not at all.

        What cannot be delivered waits for the next call. Runs in a separate thread, one call at a time.

        Returns:
            The files in the inbox.

        Raises:
            OSError: The inbox or the disk refuses a file.
        """
        while self._ended_parts:
            _close_part(*self._ended_parts.pop(0))
        try:
            while self._heartbeats:
                _write_heartbeat(*self._heartbeats[0])
                del self._heartbeats[0]
        finally:  # deliver parts even if there is no room for a heartbeat
            endings = (PART_ENDING, HEARTBEAT_ENDING)
            finished = sorted(p for p in self._folder.iterdir() if p.name.endswith(endings))
            paths = [self._deliver_file(path) for path in finished]
        return paths

    def measure(self) -> None:
        """Measures again how much of the quota is used, since other programs remove files from the inbox."""
        used = 0
        for folder in (self._folder, self._inbox):
            for path in folder.glob(f"{PREFIX}*"):
                with contextlib.suppress(FileNotFoundError):  # delivered or removed in the meantime
                    used += path.stat().st_size
        self._settled_bytes = used - self._part_bytes

    def close(self) -> None:
        """Ends the part without delivering it, and frees the folder for another process."""
        self.end_part()
        while self._ended_parts:
            _close_part(*self._ended_parts.pop(0))
        self._lock.close()

    def _open_part(self, utc: float, steady: float) -> None:
        path = self._folder / (_new_name(utc) + PART_ENDING + OPEN_ENDING)
        self._part = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._part_path, self._part_bytes, self._part_since = path, 0, steady

    def _cut_back(self) -> None:
        """Removes the part of lines that could not be written; ends the part if that also fails."""
        if self._part is None:
            return
        try:
            os.ftruncate(self._part, self._part_bytes)
        except OSError:
            self.end_part()

    def _recover(self) -> None:
        """Finishes what a killed process left open; drops a line that it did not write completely."""
        for path in sorted(self._folder.glob(f"{PREFIX}*.new")):
            path.unlink()
        for path in sorted(self._folder.glob(f"{PREFIX}*{OPEN_ENDING}")):
            finished = path.with_suffix("")
            if finished.exists():  # a heartbeat whose final version exists
                path.unlink()
                continue
            if _drop_cut_line(path):
                self.recovered_cuts += 1
            if path.stat().st_size:
                path.rename(finished)
            else:
                path.unlink()
        for path in self._inbox.glob(f".{PREFIX}*.part"):
            if (self._folder / path.name.removeprefix(".").removesuffix(".gz.part")).exists():
                path.unlink()

    def _deliver_file(self, path: Path) -> Path:
        target = self._inbox / f"{path.name}.gz"
        temporary = self._inbox / f".{path.name}.gz.part"
        with temporary.open("wb") as stream, path.open("rb") as source:
            _compress(source, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.rename(target)
        _sync_folder(self._inbox)
        path.unlink()
        return target


def _close_part(part: int, path: Path) -> None:
    """Makes a part durable, closes it and marks it as finished."""
    try:
        os.fsync(part)
    finally:
        os.close(part)
        path.rename(path.with_suffix(""))


def _write_heartbeat(path: Path, content: bytes, is_final: bool) -> None:
    """Replaces a heartbeat by a later one; the final one is marked as finished."""
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.rename(path.with_suffix("") if is_final else path)
    if is_final:
        path.unlink(missing_ok=True)


def _compress(source: IO[bytes], target: IO[bytes]) -> None:
    """Writes gzip without name and time, so that the same lines always give the same file."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as packed:
        shutil.copyfileobj(source, packed)


def _take_lock(folder: Path) -> IO[bytes]:
    """Ensures that one process at a time writes to a spool.

    Raises:
        WrongUseError: Another process uses the folder.
    """
    lock = (folder / _LOCK_NAME).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise WrongUseError(
            f"{folder}: another `ais-indicators receive` uses this spool; stop it, or choose another --spool"
        ) from error
    return lock


def _new_name(utc: float) -> str:
    """Makes a name that is unique on all machines: a later file of the same name would replace the earlier rows."""
    start = datetime.fromtimestamp(utc, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{PREFIX}{start}-{secrets.token_hex(4)}"


def _write_all(descriptor: int | None, text: bytes) -> None:
    rest = memoryview(text)
    while rest and descriptor is not None:
        rest = rest[os.write(descriptor, rest) :]


def _drop_cut_line(path: Path) -> bool:
    """Truncates a file after its last line end; returns whether an incomplete line was dropped."""
    with path.open("r+b") as stream:
        size = end = stream.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - _TAIL_BYTES)
            stream.seek(begin)
            place = stream.read(end - begin).rfind(b"\n")
            if place >= 0:
                end = begin + place + 1
                break
            end = begin
        stream.truncate(end)
        os.fsync(stream.fileno())
    return end < size


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
