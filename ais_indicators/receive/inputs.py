"""Inputs by UDP and TCP; each passes its bytes to the intake until it is cancelled."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from ais_indicators.receive.addresses import Address
from ais_indicators.receive.intake import Feed, Intake

LOG: Final = logging.getLogger(__name__)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Ready = Callable[[str, tuple[str, int]], None]
"""Called with the kind of an input and the address that it listens on."""

UDP_BUFFER_BYTES: Final = 16 * 1024 * 1024
"""Requested buffer size; the system grants what `net.core.rmem_max` allows."""

_DATAGRAM_BYTES: Final = 65536
_DATAGRAMS_AT_ONCE: Final = 500
_MOST_SENDERS: Final = 1000
_READ_BYTES: Final = 65536
_DRAIN_SECONDS: Final = 0.05
"""Time that a TCP input waits for more bytes when it must end."""

_DRAIN_READS: Final = 100
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
_KEEPALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3))
"""Ends a connection whose other side is gone, after two minutes."""

_PROC_UDP: Final = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
_INODE_COLUMN: Final = 9


class UdpInput:
    """Listens for datagrams."""

    def __init__(self, address: Address, intake: Intake) -> None:
        family, kind, protocol, _, target = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
        )[0]
        self._intake, self._station = intake, address.station
        self._feeds: dict[object, Feed] = {}
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UDP_BUFFER_BYTES)
        self._socket.setblocking(False)
        self._socket.bind(target)
        self._dropped = 0

    async def run(self, ready: Ready) -> None:
        """Receives datagrams until it is cancelled, and then those that have arrived."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket, self._read_some)
        ready("udp", self._socket.getsockname()[:2])
        try:
            await asyncio.Event().wait()
        finally:
            loop.remove_reader(self._socket)
            while self._read_some():
                pass
            self.count_dropped()
            self._socket.close()

    def count_dropped(self) -> None:
        """Counts the datagrams that the system dropped since the last call, each as one lost line."""
        dropped = _dropped_by_system(self._socket)
        if dropped is not None and dropped > self._dropped:
            self._intake.counters.lose(self._station, dropped - self._dropped)
            self._dropped = dropped

    def _read_some(self) -> bool:
        """Reads waiting datagrams; returns whether there can be more."""
        for _ in range(_DATAGRAMS_AT_ONCE):
            try:
                data, sender = self._socket.recvfrom(_DATAGRAM_BYTES)
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:  # an ICMP answer to an earlier datagram
                LOG.warning("udp: %s", error)
                return False
            self._intake.take_datagram(self._feed_of(sender), data)
        return True

    def _feed_of(self, sender: object) -> Feed:
        """Finds the feed of a sender, since tag blocks of two senders must not mix."""
        if sender not in self._feeds:
            if len(self._feeds) >= _MOST_SENDERS:
                self._feeds.clear()
            self._feeds[sender] = Feed(self._station)
        return self._feeds[sender]


class TcpServerInput:
    """Accepts connections of stations; each connection is a stream of its own."""

    def __init__(self, address: Address, intake: Intake) -> None:
        self._address, self._intake = address, intake

    async def run(self, ready: Ready) -> None:
        """Serves until it is cancelled, and then reads what has arrived."""
        await serve(self._address, self._serve_one, "tcp-listen", ready)

    async def _serve_one(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await _pump(reader, Feed(self._address.station), self._intake)


class TcpClientInput:
    """Connects to a station, and reconnects whenever the connection ends."""

    def __init__(
        self, address: Address, intake: Intake, first_pause_seconds: float = FIRST_PAUSE_SECONDS
    ) -> None:
        self._address, self._intake = address, intake
        self._first_pause = first_pause_seconds

    async def run(self, ready: Ready) -> None:
        """Receives until it is cancelled; pauses double up to a minute and start again after bytes arrived."""
        pause = self._first_pause
        while True:
            try:
                reader, writer = await asyncio.open_connection(self._address.host, self._address.port)
            except OSError as error:
                LOG.warning("tcp %s:%d: %s", self._address.host, self._address.port, error)
            else:
                ready("tcp", (self._address.host, self._address.port))
                if await self._receive(reader, writer):
                    pause = self._first_pause
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Reads one connection to its end; returns whether anything arrived."""
        try:
            keep_alive(writer)
            return await _pump(reader, Feed(self._address.station), self._intake)
        finally:
            writer.close()


async def serve(address: Address, handler: Handler, kind: str, ready: Ready) -> None:
    """Accepts TCP connections until it is cancelled; then ends the handlers of those that are open.

    Args:
        address: Where to listen.
        handler: Takes one connection; it is closed afterwards.
        kind: What to call the input.
        ready: Called when it listens.
    """
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            keep_alive(writer)
            await handler(reader, writer)
        except OSError as error:
            LOG.warning("%s: %s", kind, error)
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, address.host, address.port)
    ready(kind, server.sockets[0].getsockname()[:2])
    try:
        await asyncio.Event().wait()
    finally:
        server.close()
        open_tasks = list(tasks)
        for task in open_tasks:
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)


def keep_alive(writer: asyncio.StreamWriter) -> None:
    """Makes the system detect when the other side is gone."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _pump(reader: asyncio.StreamReader, feed: Feed, intake: Intake) -> bool:
    """Reads a stream to its end, also when cancelled; returns whether anything arrived."""
    has_bytes = False
    try:
        while data := await reader.read(_READ_BYTES):
            has_bytes = True
            intake.take_stream(feed, data)
    except OSError as error:
        LOG.warning("%s: %s", feed.station, error)
    except asyncio.CancelledError:
        await _drain(reader, feed, intake)
        raise
    finally:
        intake.end_stream(feed)
    return has_bytes


async def _drain(reader: asyncio.StreamReader, feed: Feed, intake: Intake) -> None:
    """Reads what has already arrived on a connection that is about to be closed."""
    with contextlib.suppress(TimeoutError, OSError):
        for _ in range(_DRAIN_READS):
            data = await asyncio.wait_for(reader.read(_READ_BYTES), _DRAIN_SECONDS)
            if not data:
                return
            intake.take_stream(feed, data)


def _dropped_by_system(listening: socket.socket) -> int | None:
    """Returns the datagrams that the system dropped since the socket was opened; None if it does not report it."""
    inode = str(os.fstat(listening.fileno()).st_ino)
    for path in _PROC_UDP:
        with contextlib.suppress(OSError):
            for line in path.read_text(encoding="ascii").splitlines()[1:]:
                columns = line.split()
                if columns[_INODE_COLUMN] == inode:
                    return int(columns[-1])
    return None
