"""What `receive` delivers is taken in by `ingest`: messages with their times, heartbeats into their own table."""

import gzip
import re
import socket
from pathlib import Path

import pytest

from ais_indicators.cli.receive import _report
from ais_indicators.errors import AisIndicatorsError
from ais_indicators.ingestion.source_check import look_at
from ais_indicators.receive.clock import ReceptionClock
from ais_indicators.receive.counters import HEADER, Counters
from ais_indicators.receive.intake import Feed, Intake
from ais_indicators.receive.service import Received
from ais_indicators.receive.spool import Spool, SpoolLimits
from ais_indicators.settings import Settings
from ais_indicators.sources.blocks import heartbeat_schema
from tests.caller import Caller
from tests.messages import table
from tests.stations import FRAGMENTS, MOORED, Clock, delivered
from tests.subject_rules import SHIP_RULES


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(tmp_path / "data", capsys)


def receive(folder: Path) -> Path:
    """An inbox with what two stations delivered in five minutes."""
    clock = Clock()
    reception = ReceptionClock(clock.wall, clock.steady)
    spool = Spool(folder / "spool", folder / "inbox", SpoolLimits())
    intake = Intake(spool, Counters(["north", "south"], reception.read()), reception)
    intake.take_datagram(Feed("north"), MOORED + b"\n" + MOORED[:-1] + b"0" + b"\nhello")
    for fragment in FRAGMENTS:
        intake.take_datagram(Feed("north"), fragment)
    clock.pass_seconds(300)
    intake.end_period()
    spool.end_part()
    spool.deliver()
    spool.close()
    return folder / "inbox"


def test_header_is_that_of_the_table() -> None:
    assert list(HEADER) == heartbeat_schema().names


def test_ingest_takes_in_an_inbox(tmp_path: Path, call: Caller) -> None:
    inbox = receive(tmp_path)

    first = call("ingest", inbox)
    second = call("ingest", inbox)

    assert (first.code, second.code) == (0, 0), first.sentences
    rows = table(Settings(call.data_dir), "bronze.receiver_heartbeats").sort("station")
    assert rows["station"].to_list() == ["north", "south"]
    assert rows["lines"].to_list() == [4, 0]
    assert rows["bad_checksums"].to_list() == [1, 0]
    assert rows["lost_lines"].to_list() == [1, 0]
    assert rows["silent_minutes"].to_list() == [4, 5]
    assert rows["clock_offset_seconds"].to_list() == [None, None]
    assert (rows["ended_at_utc"] - rows["started_at_utc"]).dt.total_seconds().to_list() == [300, 300]
    assert table(Settings(call.data_dir), "bronze.ais_messages").height == 1
    assert table(Settings(call.data_dir), "bronze.ais_static_messages").height == 1
    assert table(Settings(call.data_dir), "quarantine.messages")["reject_reasons"].to_list() == [
        "checksum_wrong"
    ]


def test_row_that_cannot_be_read_goes_to_quarantine(tmp_path: Path, call: Caller) -> None:
    lines = [
        ",".join(HEADER),
        "a,2026-11-18T10:00:00Z,2026-11-18T10:10:00Z,5,0,0,1,2,-1.5,0",
        "b,yesterday,2026-11-18T10:10:00Z,5,0,0,1,0,,0",
        "c,2026-11-18T10:00:00Z,2026-11-18T10:10:00Z,-5,0,0,1,0,,0",
        ",2026-11-18T10:00:00Z,2026-11-18T10:10:00Z,5.5,0,0,1,0,,0",
        "d,2026-11-18T10:00:00Z",
    ]
    path = tmp_path / "beat.csv.gz"
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode()))

    look = look_at(Settings(call.data_dir), path, rules=SHIP_RULES)
    said = call("ingest", path)

    assert said.code == 0, said.sentences
    rows = table(Settings(call.data_dir), "bronze.receiver_heartbeats")
    assert rows.select("station", "clock_offset_seconds").rows() == [("a", -1.5)]
    rejected = table(Settings(call.data_dir), "quarantine.messages").sort("file_line")
    assert rejected["file_line"].to_list() == [3, 4, 5, 6]
    assert set(rejected["reject_reasons"]) == {"unreadable_row"}
    assert (look.layout, look.rows_accepted, look.rows_quarantined) == (
        "receiver_heartbeat",
        1,
        4,
    )


def test_command_receives(tmp_path: Path, call: Caller) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = ("--spool", tmp_path / "spool", "--inbox", tmp_path / "inbox", "--duration", 0.2)

    said = call("receive", "--udp", f"north@127.0.0.1:{port}", *folders)

    assert said.code == 0, said.sentences
    assert f"udp 127.0.0.1:{port}" in said.out
    assert "0 lines stored, 0 lost" in said.out
    assert delivered(tmp_path / "inbox") == []


@pytest.mark.parametrize(
    "arguments", [(), ("--udp", "nowhere"), ("--udp", "127.0.0.1:0", "--station", "a,b")]
)
def test_wrong_use_is_refused(call: Caller, arguments: tuple[str, ...]) -> None:
    said = call("receive", *arguments)

    assert said.code == 2
    assert len(said.sentences) == 1


@pytest.mark.parametrize(
    ("received", "sentence"),
    [
        (Received(5, 3, 2), "2 lines were lost because the quota or the disk was full"),
        (Received(5, 0, 0, "read-only"), "files are left in spool (read-only)"),
    ],
)
def test_lost_lines_and_files_left_behind_are_errors(received: Received, sentence: str) -> None:
    with pytest.raises(AisIndicatorsError, match=re.escape(sentence)):
        _report(received, Path("spool"), Path("inbox"))
