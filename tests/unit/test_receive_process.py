"""Receiving in a process of its own: signals, and a kill in the middle of a write."""

import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ais_indicators.receive.spool import Spool, SpoolLimits
from tests.stations import MOORED, SAILING, delivered, heartbeats

PROGRAM = """
import sys
from pathlib import Path
from ais_indicators.receive.addresses import Address
from ais_indicators.receive.service import Plan, receive
folder = Path(sys.argv[1])
show = lambda kind, address: print(address[1], flush=True)
inputs = [("tcp-listen", Address("127.0.0.1", 0, "north"))]
print(receive(Plan(inputs, folder / "spool", folder / "inbox", ready=show)), flush=True)
"""


def start(folder: Path) -> tuple["subprocess.Popen[str]", socket.socket]:
    """Starts a receiver in a process of its own and connects to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, socket.create_connection(("127.0.0.1", int(process.stdout.readline())))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_delivers_what_has_arrived(tmp_path: Path, number: signal.Signals) -> None:
    process, connection = start(tmp_path)
    connection.sendall((MOORED + b"\n") * 1000 + SAILING)
    wait_for_bytes(tmp_path / "spool")
    process.send_signal(number)
    output, _ = process.communicate(timeout=10)
    connection.close()

    assert process.returncode == 0
    assert "stored=1001, lost=0" in output
    lines = delivered(tmp_path / "inbox")
    assert [line.rpartition(b"\\")[2] for line in lines] == [MOORED] * 1000 + [SAILING]
    assert [row["lines"] for row in heartbeats(tmp_path / "inbox")] == ["1001"]


def test_kill_in_the_middle_of_a_write(tmp_path: Path) -> None:
    process, connection = start(tmp_path)
    connection.sendall((MOORED + b"\n") * 1000)
    wait_for_bytes(tmp_path / "spool")
    process.kill()
    process.communicate(timeout=10)
    connection.close()
    (part,) = (tmp_path / "spool").glob("*.open")
    with part.open("ab") as stream:  # what a write leaves that was cut off
        stream.write(SAILING[:25])
    stored = part.read_bytes().count(b"\n")

    spool = Spool(tmp_path / "spool", tmp_path / "inbox", SpoolLimits())
    spool.deliver()
    spool.close()

    assert spool.recovered_cuts == 1
    assert len(delivered(tmp_path / "inbox")) == stored > 0
    assert not list((tmp_path / "spool").glob("receive-*"))


def wait_for_bytes(spool: Path) -> None:
    """Waits until a receiver has written something."""
    deadline = datetime.now(UTC) + timedelta(seconds=5)
    while not any(path.stat().st_size for path in spool.glob("receive-*.open")):
        assert datetime.now(UTC) < deadline
        os.sched_yield()
