"""Receiving over the loopback: UDP, TCP, HTTP, reconnection, quota and deliveries."""

import asyncio
import gzip
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ais_indicators.errors import WrongUseError
from ais_indicators.receive import inputs, service
from ais_indicators.receive.addresses import Address
from ais_indicators.receive.clock import ReceptionClock
from ais_indicators.receive.inputs import TcpClientInput
from ais_indicators.receive.intake import Feed, Intake
from ais_indicators.receive.service import Plan, Received, receive_until
from ais_indicators.receive.spool import SpoolLimits
from tests.stations import FRAGMENTS, MOORED, NOON, SAILING, Clock, base_station, block, delivered, heartbeats

Ports = list[int]
Scenario = Callable[[Ports], Awaitable[None]]
TAG = block("s:north,c:1795000000")
SOUTH = block("s:south,c:1795000000")


def plan_in(folder: Path, *kinds: str, quota: int = 10**9) -> Plan:
    """Inputs on ports that the system chooses; a kind may name its station before an @."""
    named = [kind.rpartition("@") for kind in kinds]
    addresses = [(kind, Address("127.0.0.1", 0, station or "north")) for station, _, kind in named]
    return Plan(addresses, folder / "spool", folder / "inbox", SpoolLimits(quota_bytes=quota))


def run(plan: Plan, scenario: Scenario, clock: Clock | None = None) -> Received:
    """Receives while a scenario sends to the ports of the inputs, in their order."""

    async def both() -> Received:
        stop, is_ready = asyncio.Event(), asyncio.Event()
        ports: Ports = []

        def ready(_: str, address: tuple[str, int]) -> None:
            ports.append(address[1])
            if len(ports) == len(plan.inputs):
                is_ready.set()

        still = clock or Clock()
        reception = ReceptionClock(still.wall, still.steady)
        receiving = asyncio.create_task(receive_until(stop, replace(plan, ready=ready), reception))
        await asyncio.wait_for(is_ready.wait(), 5)
        await scenario(ports)
        stop.set()
        return await asyncio.wait_for(receiving, 5)

    return asyncio.run(both())


def send_datagrams(port: int, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", port))


async def post(port: int, body: bytes, headers: str = "") -> tuple[bytes, bytes]:
    """Sends one post; gives its status line and the rest of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST / HTTP/1.1\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    writer.write(head.encode() + body)
    status = await reader.readline()
    rest = await reader.read()
    writer.close()
    return status, rest


def test_datagrams_with_several_sentences_and_no_line_end(tmp_path: Path) -> None:
    async def scenario(ports: Ports) -> None:
        send_datagrams(ports[0], MOORED + SAILING, *FRAGMENTS, b"hello")

    received = run(plan_in(tmp_path, "udp"), scenario)

    assert delivered(tmp_path / "inbox") == [TAG + line for line in (MOORED, SAILING, *FRAGMENTS)]
    assert received == Received(stored=4, lost=1, refused=0)


def test_datagrams_that_the_system_drops_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(_: Ports) -> None:
        monkeypatch.setattr(inputs, "_dropped_by_system", lambda _: 7)

    assert run(plan_in(tmp_path, "udp"), scenario).lost == 7
    (row,) = heartbeats(tmp_path / "inbox")
    assert row["lost_lines"] == "7"


def test_stream_with_half_a_line_at_its_close(tmp_path: Path) -> None:
    async def scenario(ports: Ports) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        writer.write(MOORED + b"\r\n" + SAILING[:20])
        writer.close()
        await writer.wait_closed()

    received = run(plan_in(tmp_path, "tcp-listen"), scenario)

    assert delivered(tmp_path / "inbox") == [TAG + MOORED]
    assert received == Received(stored=1, lost=1, refused=0)


def test_bytes_that_have_arrived_are_taken_at_a_stop(tmp_path: Path) -> None:
    writers = []

    async def scenario(ports: Ports) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        writers.append(writer)
        await asyncio.sleep(0.02)
        writer.write((MOORED + b"\n") * 5000 + SAILING)

    received = run(plan_in(tmp_path, "tcp-listen"), scenario)

    assert received == Received(stored=5001, lost=0, refused=0)


def test_two_stations_that_hear_the_same_message(tmp_path: Path) -> None:
    async def scenario(ports: Ports) -> None:
        send_datagrams(ports[0], MOORED)
        send_datagrams(ports[1], MOORED, block("s:buoy") + MOORED)

    run(plan_in(tmp_path, "udp", "south@udp"), scenario)

    buoy = block("s:buoy,c:1795000000")
    assert sorted(delivered(tmp_path / "inbox")) == sorted([TAG + MOORED, SOUTH + MOORED, buoy + MOORED])
    counts = {row["station"]: row["lines"] for row in heartbeats(tmp_path / "inbox")}
    assert counts == {"north": "1", "south": "1", "buoy": "1"}


def test_offset_of_the_clock_is_in_the_heartbeat(tmp_path: Path) -> None:
    times = [datetime.fromtimestamp(NOON, UTC) + timedelta(seconds=offset) for offset in (90, 91, 92)]

    async def scenario(ports: Ports) -> None:
        send_datagrams(ports[0], *map(base_station, times), MOORED)

    run(plan_in(tmp_path, "udp"), scenario)

    (row,) = heartbeats(tmp_path / "inbox")
    assert (row["clock_offset_seconds"], row["base_station_reports"], row["lines"]) == ("91.0", "3", "4")


def test_posts_of_ais_catcher(tmp_path: Path) -> None:
    message = {"class": "AIS", "rxtime": "20221102171324", "nmea": [line.decode() for line in FRAGMENTS]}
    body = json.dumps({"stationid": "roof", "msgs": [message, {"nmea": [MOORED.decode()]}]}).encode()
    answers = []

    async def scenario(ports: Ports) -> None:
        answers.append(await post(ports[0], body, "Expect: 100-continue\r\n"))
        answers.append(await post(ports[0], gzip.compress(body), "Content-Encoding: gzip\r\n"))
        answers.append(await post(ports[0], b"{}"))
        answers.append(await post(ports[0], b"x", "Content-Encoding: gzip\r\n"))

    received = run(plan_in(tmp_path, "http"), scenario)

    roof = block("s:roof,c:1667409204")
    lines = [roof + FRAGMENTS[0], roof + FRAGMENTS[1], block("s:roof,c:1795000000") + MOORED]
    assert delivered(tmp_path / "inbox") == lines * 2
    assert received == Received(stored=6, lost=2, refused=0)
    first, *others = [status for status, _ in answers]
    assert first == b"HTTP/1.1 100 Continue\r\n"
    assert b"HTTP/1.1 200 OK" in answers[0][1]
    assert [status.split()[1] for status in others] == [b"200", b"400", b"400"]


def test_connection_stays_open_for_further_posts(tmp_path: Path) -> None:
    body = json.dumps({"msgs": [{"nmea": [MOORED.decode()]}]}).encode()
    request = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def scenario(ports: Ports) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        for _ in range(2):
            writer.write(request)
            assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert b"405" in await reader.read()
        writer.close()

    assert run(plan_in(tmp_path, "http"), scenario).stored == 2


def test_post_that_is_cut_off_is_counted(tmp_path: Path) -> None:
    async def scenario(ports: Ports) -> None:
        for text in (b"", b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"):
            reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
            writer.write(text)
            writer.write_eof()
            await reader.read()
            writer.close()

    assert run(plan_in(tmp_path, "http"), scenario) == Received(stored=0, lost=1, refused=0)


def test_full_quota_is_reported(tmp_path: Path) -> None:
    body = json.dumps({"msgs": [{"nmea": [MOORED.decode()]}]}).encode()

    async def scenario(ports: Ports) -> None:
        status, _ = await post(ports[1], body)
        assert status.startswith(b"HTTP/1.1 507")
        send_datagrams(ports[0], MOORED, SAILING)

    plan = plan_in(tmp_path, "udp", "south@http", quota=0)
    received = run(plan, scenario)

    assert received == Received(stored=0, lost=3, refused=3)
    assert delivered(tmp_path / "inbox") == []
    lost = {row["station"]: row["lost_lines"] for row in heartbeats(tmp_path / "inbox")}
    assert lost == {"north": "2", "south": "1"}


class Noting(Intake):
    """Keeps what a client passes on."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def take_stream(self, _: Feed, data: bytes) -> bool:
        self.taken.append(data)
        return True

    def end_stream(self, _: Feed) -> None:
        pass


class Refusing:
    """Refuses three connections, closes the fourth at once, and sends a line on each later one."""

    def __init__(self) -> None:
        self.calls, self.port, self._connect = 0, 0, asyncio.open_connection

    async def connect(self, *_: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.calls += 1
        if self.calls <= 3:
            raise ConnectionRefusedError
        return await self._connect("127.0.0.1", self.port)

    async def serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.calls > 4:
            writer.write(MOORED + b"\n")
        writer.close()


def test_client_connects_again_with_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    sleep, station, intake = asyncio.sleep, Refusing(), Noting()

    async def note_pause(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    async def scenario() -> None:
        server = await asyncio.start_server(station.serve, "127.0.0.1", 0)
        station.port = server.sockets[0].getsockname()[1]
        monkeypatch.setattr(asyncio, "open_connection", station.connect)
        monkeypatch.setattr(asyncio, "sleep", note_pause)
        client = TcpClientInput(Address("127.0.0.1", station.port, "north"), intake)
        running = asyncio.create_task(client.run(lambda *_: None))
        while len(intake.taken) < 2:
            await sleep(0.001)
        running.cancel()
        server.close()

    asyncio.run(scenario())

    assert pauses[:5] == [1, 2, 4, 8, 1]


def test_client_takes_what_a_station_sends(tmp_path: Path) -> None:
    received: list[Received] = []

    async def both() -> None:
        stop = asyncio.Event()

        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(MOORED + b"\n" + SAILING + b"\n")
            await writer.drain()
            stop.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        plan = replace(plan_in(tmp_path), inputs=[("tcp", Address("127.0.0.1", port, "north"))])
        clock = Clock()
        received.append(await receive_until(stop, plan, ReceptionClock(clock.wall, clock.steady)))
        server.close()

    asyncio.run(both())

    assert received == [Received(stored=2, lost=0, refused=0)]


def test_files_are_delivered_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(service, "NOTE_SECONDS", 0.0)
    plan = replace(plan_in(tmp_path, "udp"), limits=SpoolLimits(part_seconds=0.2))
    clock, noted = Clock(), []

    async def scenario(ports: Ports) -> None:
        send_datagrams(ports[0], MOORED)
        while not list((tmp_path / "spool").glob("*.heartbeat.csv.open")):
            await asyncio.sleep(0.005)
        noted.append(len(list((tmp_path / "inbox").iterdir())))
        clock.pass_seconds(1)
        while len(list((tmp_path / "inbox").glob("receive-*.gz"))) < 2:
            await asyncio.sleep(0.005)
        send_datagrams(ports[0], SAILING)

    received = run(plan, scenario, clock)

    assert noted == [0]
    assert received == Received(stored=2, lost=0, refused=0)
    assert [int(row["lines"]) for row in heartbeats(tmp_path / "inbox")].count(1) == 2
    assert len(list((tmp_path / "inbox").glob("*.nmea.gz"))) == 2
    assert not list((tmp_path / "spool").glob("receive-*"))


def test_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = Address("127.0.0.1", taken.getsockname()[1], "north")
        plan = replace(plan_in(tmp_path), inputs=[("tcp-listen", address)])
        with pytest.raises(WrongUseError, match="cannot listen"):
            asyncio.run(receive_until(asyncio.Event(), plan, ReceptionClock()))
