"""Receiving: the spool's parts, deliveries, recovery, quota and faults of the disk."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais_indicators.errors import WrongUseError
from ais_indicators.receive.clock import ReceptionClock
from ais_indicators.receive.counters import Counters
from ais_indicators.receive.intake import Feed, Intake
from ais_indicators.receive.spool import Spool, SpoolLimits
from tests.stations import MOORED, NOON, SAILING, Clock, delivered, heartbeats

LINE = MOORED + b"\n"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "spool", tmp_path / "inbox"


@pytest.fixture
def spool(folders: tuple[Path, Path]) -> Iterator[Spool]:
    opened = Spool(*folders, SpoolLimits(part_seconds=60, part_bytes=500, quota_bytes=1500))
    yield opened
    opened.close()


def write(spool: Spool, text: bytes = LINE, seconds: float = 0) -> bool:
    return spool.write(text, NOON + seconds, seconds)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "lock")


def test_part_is_due_by_time_and_by_size(spool: Spool) -> None:
    assert not spool.is_due(1000)
    write(spool)
    assert [spool.is_due(59.9), spool.is_due(60)] == [False, True]
    write(spool, LINE * 10, 1)
    assert spool.is_due(1)


def test_delivery_leaves_nothing_in_the_spool(spool: Spool, folders: tuple[Path, Path]) -> None:
    write(spool)
    spool.end_part()
    write(spool, SAILING + b"\n", 1)
    spool.note_heartbeat(b"a\n", NOON, is_final=False)
    spool.note_heartbeat(b"b\n", NOON, is_final=True)

    paths = spool.deliver()

    assert delivered(folders[1]) == [MOORED]
    assert [gzip.decompress(path.read_bytes()) for path in paths if ".heartbeat" in path.name] == [b"b\n"]
    assert files(folders[1]) == sorted(path.name for path in paths)
    assert [name[-10:] for name in files(folders[0])] == [".nmea.open"]


def test_same_lines_give_the_same_file(spool: Spool) -> None:
    contents = set()
    for second in (0, 1):
        write(spool, LINE, second)
        spool.end_part()
        contents |= {path.read_bytes() for path in spool.deliver()}

    assert len(contents) == 1


def test_second_process_is_refused(spool: Spool, folders: tuple[Path, Path]) -> None:
    assert not spool.is_full
    with pytest.raises(WrongUseError, match="another `ais-indicators receive`"):
        Spool(*folders, SpoolLimits())


@pytest.mark.parametrize(("cut", "lost"), [(MOORED[:20], 1), (b"", 0)])
def test_part_of_a_killed_process_is_delivered_without_its_cut_line(
    folders: tuple[Path, Path], cut: bytes, lost: int
) -> None:
    for folder in folders:
        folder.mkdir()
    (folders[0] / "receive-1.nmea.open").write_bytes(LINE * 200 + cut)
    (folders[0] / "receive-2.nmea.open").write_bytes(MOORED[:9])
    (folders[0] / "receive-3.heartbeat.csv.open").write_bytes(b"station\nx\n")
    (folders[0] / "receive-4.heartbeat.csv.new").write_bytes(b"stat")
    (folders[1] / ".receive-0.nmea.gz.part").write_bytes(b"half")
    (folders[0] / "receive-0.nmea").write_bytes(LINE)

    spool = Spool(*folders, SpoolLimits())
    spool.deliver()

    assert spool.recovered_cuts == lost + 1
    assert delivered(folders[1]) == [MOORED] * 201
    assert heartbeats(folders[1]) == [{"station": "x"}]
    assert files(folders[0]) == []
    assert len(files(folders[1])) == 3
    spool.close()


def test_full_quota_refuses_new_lines_and_deletes_nothing(spool: Spool, folders: tuple[Path, Path]) -> None:
    while write(spool, LINE * 5):
        spool.end_part()
    before = files(folders[0])

    assert spool.is_full
    assert not write(spool)
    assert files(folders[0]) == before
    spool.deliver()
    spool.measure()
    assert not spool.is_full  # compressed, the parts take less
    assert write(spool)


def test_room_in_the_inbox_ends_the_refusal(folders: tuple[Path, Path]) -> None:
    spool = Spool(*folders, SpoolLimits(quota_bytes=50))
    assert write(spool)
    spool.end_part()
    (path,) = spool.deliver()
    spool.measure()
    assert not write(spool)

    path.unlink()
    spool.measure()

    assert write(spool)
    spool.close()


def test_full_disk_leaves_no_half_line(
    spool: Spool, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(spool)
    real, calls = os.write, [0]

    def short_write(descriptor: int, data: bytes) -> int:
        calls[0] += 1
        if calls[0] > 1:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[:10])

    monkeypatch.setattr(os, "write", short_write)
    assert not write(spool, SAILING + b"\n")
    monkeypatch.undo()
    assert write(spool, SAILING + b"\n")
    spool.end_part()
    spool.deliver()

    assert delivered(folders[1]) == [MOORED, SAILING]


def test_part_that_cannot_be_cut_back_is_ended(
    spool: Spool, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    write(spool)
    for name in ("write", "ftruncate"):
        monkeypatch.setattr(os, name, fail)
    assert not write(spool, SAILING + b"\n")
    monkeypatch.undo()
    assert write(spool, SAILING + b"\n")
    spool.end_part()
    spool.deliver()

    assert sorted(delivered(folders[1])) == sorted([MOORED, SAILING])


def test_delivery_that_fails_is_made_later(
    spool: Spool, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(spool)
    spool.end_part()
    spool.note_heartbeat(b"station\nx\n", NOON, is_final=True)
    real = Path.rename
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError("read-only")))
    with pytest.raises(OSError, match="read-only"):
        spool.deliver()
    monkeypatch.setattr(Path, "rename", real)

    spool.deliver()
    spool.close()
    Spool(*folders, SpoolLimits()).deliver()

    assert delivered(folders[1]) == [MOORED]
    assert heartbeats(folders[1]) == [{"station": "x"}]


def test_jump_of_the_clock_ends_part_and_period(spool: Spool, folders: tuple[Path, Path]) -> None:
    clock = Clock()
    reception = ReceptionClock(clock.wall, clock.steady)
    intake = Intake(spool, Counters(["north"], reception.read()), reception)
    feed = Feed("north")
    for jump in (0.0, -3600.0, -3.0):
        clock.pass_seconds(4)
        clock.utc += jump
        intake.take_stream(feed, LINE)
    spool.end_part()
    intake.end_period()
    spool.deliver()

    parts = sorted(folders[1].glob("*.nmea.gz"), key=lambda path: path.stat().st_mtime_ns)
    times = [gzip.decompress(part.read_bytes()).split(b"c:")[1:] for part in parts]
    assert sorted(len(part) for part in times) == [1, 2]
    first, second = sorted((part for part in times), key=len)
    assert [int(text[:10]) for text in first] == [NOON + 4]
    assert [int(text[:10]) for text in second] == [NOON + 8 - 3600, NOON + 12 - 3600 - 3]
    assert sorted((row["lines"], row["clock_jumps"]) for row in heartbeats(folders[1])) == [
        ("1", "0"),
        ("2", "1"),
    ]
