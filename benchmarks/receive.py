"""`python -m benchmarks.receive`: sends messages by UDP and TCP on the loopback and counts what `receive` delivers.

Every message has a number in its payload, so that one that is missing, there twice or damaged is noticed. The sender
keeps to a schedule: where it is late, it sends what is due at once, as a burst.
"""

import argparse
import csv
import gzip
import io
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import table

SLICES_PER_SECOND: Final = 100
ARMOUR: Final = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
DIGITS: Final = 6
HEAD = """# Receiving live messages

`ais-indicators receive` takes {rate:,} messages a second by UDP and, at the same time, {rate:,} by TCP on the loopback
for {seconds:g} seconds, and delivers a file every {minutes:g} minutes. Each message has its own number. The delivered
files are read and compared with what was sent.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `receive.md` and `receive.json`; returns 1 where a message was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receive", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long to send")
    parser.add_argument("--rate", type=int, default=2000, help="messages a second by UDP, and as many by TCP")
    parser.add_argument("--rotate-minutes", type=float, default=1.0, help="how often a file is delivered")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("receive", chosen)
    with tempfile.TemporaryDirectory(prefix="ais-receive-") as folder:
        values = measure(Path(folder), chosen.rate, chosen.seconds, chosen.rotate_minutes)
    write_page("receive", chosen.out, values, text_of(values), records)
    print(f"sent {values['sent']:,}, missing {values['missing']:,}")
    return int(values["missing"] or values["twice"] or values["damaged"])


def measure(folder: Path, rate: int, seconds: float, rotate_minutes: float) -> dict[str, Any]:
    """Runs the receiver, sends, stops it with SIGTERM, and reads what it delivered."""
    command = [
        sys.executable, "-c", "from ais_indicators.cli import command; command()", "--data-dir",
        str(folder / "data"), "receive",
        "--udp", "udp@127.0.0.1:0", "--tcp-listen", "tcp@127.0.0.1:0", "--rotate-minutes", str(rotate_minutes),
        "--spool", str(folder / "spool"), "--inbox", str(folder / "inbox"),
    ]  # fmt: skip
    receiver = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        ports = read_ports(receiver)
        began = time.monotonic()
        sent = send(ports, rate, seconds)
        wall = time.monotonic() - began
        process = psutil.Process(receiver.pid)
        cpu, memory = sum(process.cpu_times()[:2]), process.memory_info().rss
        receiver.send_signal(signal.SIGTERM)
        receiver.communicate(timeout=120)
    finally:
        receiver.kill()
        receiver.wait()
    return {
        "rate": rate,
        "seconds": seconds,
        "rotate_minutes": rotate_minutes,
        "sent": 2 * sent,
        **compare(folder / "inbox", sent),
        "exit_code": receiver.returncode,
        "sending_s": wall,
        "processor_share": cpu / wall,
        "memory_bytes": memory,
    }


def read_ports(receiver: "subprocess.Popen[str]") -> dict[str, int]:
    """Reads the ports that the receiver prints."""
    if receiver.stdout is None:
        raise RuntimeError("the receiver has no output")
    ports: dict[str, int] = {}
    for line in receiver.stdout:
        kind, _, address = line.strip().partition(" ")
        ports[kind] = int(address.rpartition(":")[2])
        if {"udp", "tcp-listen"} <= ports.keys():
            return ports
    raise RuntimeError("the receiver ended at its start")


def send(ports: dict[str, int], rate: int, seconds: float) -> int:
    """Sends by UDP and TCP on schedule; returns the messages by each."""
    total = round(rate * seconds)
    sent, began = 0, time.monotonic()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.create_connection(("127.0.0.1", ports["tcp-listen"])) as tcp,
    ):
        udp.connect(("127.0.0.1", ports["udp"]))
        while sent < total:
            due = min(total, int((time.monotonic() - began) * rate) + 1)
            lines = [message(number) for number in range(sent, due)]
            for line in lines:
                udp.send(line)
            tcp.sendall(b"".join(line + b"\r\n" for line in lines))
            sent = due
            time.sleep(1 / SLICES_PER_SECOND)
    return sent


def message(number: int) -> bytes:
    """Makes a position report with a number in the first characters of its payload after the type.

    >>> message(65)
    b'!AIVDM,1,1,,A,1000011CELMBO7SS?wH0@Jv00000,0*56'
    """
    digits = "".join(ARMOUR[number >> 6 * place & 63] for place in reversed(range(DIGITS)))
    text = f"AIVDM,1,1,,A,1{digits}CELMBO7SS?wH0@Jv00000,0"
    return f"!{text}*{reduce(xor, text.encode()):02X}".encode()


def compare(inbox: Path, sent: int) -> dict[str, Any]:
    """Counts what arrived, by station, and what the heartbeats say."""
    arrived: Counter[bytes] = Counter()
    files = 0
    for path in inbox.glob("receive-*.nmea.gz"):
        files += 1
        for line in gzip.decompress(path.read_bytes()).splitlines():
            station = line.partition(b"s:")[2][:3]
            arrived[station + line.rpartition(b"\\")[2]] += 1
    wanted = {station + message(number) for number in range(sent) for station in (b"udp", b"tcp")}
    beats = [
        row
        for path in inbox.glob("receive-*.heartbeat.csv.gz")
        for row in csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode()))
    ]
    return {
        "files": files,
        "missing": len(wanted - arrived.keys()),
        "twice": sum(count - 1 for count in arrived.values()),
        "damaged": len(arrived.keys() - wanted),
        "lines_by_heartbeat": sum(int(row["lines"]) for row in beats),
        "lost_by_heartbeat": sum(int(row["lost_lines"]) for row in beats),
    }


def text_of(values: dict[str, Any]) -> str:
    """The page."""
    head = HEAD.format(rate=values["rate"], seconds=values["seconds"], minutes=values["rotate_minutes"])
    is_met = not (values["missing"] or values["twice"] or values["damaged"])
    target = ("messages that are missing", "0", f"{values['missing']:,}", "yes" if is_met else "no")
    rows = [
        ("messages sent", f"{values['sent']:,}"),
        ("delivered twice", f"{values['twice']:,}"),
        ("damaged", f"{values['damaged']:,}"),
        ("files delivered", f"{values['files']:,}"),
        ("lines by the heartbeats", f"{values['lines_by_heartbeat']:,}"),
        ("lost lines by the heartbeats", f"{values['lost_by_heartbeat']:,}"),
        ("seconds of sending", f"{values['sending_s']:.1f}"),
        ("share of one core", f"{values['processor_share']:.0%}"),
        ("memory at the end, MB", f"{values['memory_bytes'] / 1e6:.0f}"),
    ]
    return "\n".join(
        [head, table(("target", "wanted", "measured", "met"), [target]), "", table(("", ""), rows), ""]
    )


if __name__ == "__main__":
    sys.exit(main())
