"""Runs all inputs, ends parts and periods on time, and delivers everything when it is stopped."""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from ais_indicators.errors import WrongUseError
from ais_indicators.receive.addresses import Address
from ais_indicators.receive.clock import ReceptionClock
from ais_indicators.receive.counters import Counters
from ais_indicators.receive.http import HttpInput
from ais_indicators.receive.inputs import Ready, TcpClientInput, TcpServerInput, UdpInput
from ais_indicators.receive.intake import Intake
from ais_indicators.receive.spool import Spool, SpoolLimits

LOG: Final = logging.getLogger(__name__)
INPUTS: Final[dict[str, Callable[[Address, Intake], "Input"]]] = {
    "udp": UdpInput,
    "tcp": TcpClientInput,
    "tcp-listen": TcpServerInput,
    "http": HttpInput,
}
"""Kinds of inputs."""

TICK_SECONDS: Final = 0.5
NOTE_SECONDS: Final = 60.0
"""Interval at which the heartbeat so far is written: a killed process loses at most this part of its counts."""


class Input(Protocol):
    """Interface of one input."""

    async def run(self, ready: Ready) -> None:
        """Receives until it is cancelled."""


@dataclass(frozen=True)
class Plan:
    """Inputs, folders and limits of a run.

    Attributes:
        inputs: Kind and address of each input.
        spool: Folder of the spool.
        inbox: Folder that `ingest` reads.
        limits: When a part ends; a heartbeat period is as long as a part.
        duration_seconds: When to stop; None for never.
        ready: Called when an input listens or has connected.
    """

    inputs: Sequence[tuple[str, Address]]
    spool: Path
    inbox: Path
    limits: SpoolLimits = field(default_factory=SpoolLimits)
    duration_seconds: float | None = None
    ready: Ready = lambda _kind, _address: None


@dataclass(frozen=True)
class Received:
    """Counts of a run.

    Attributes:
        stored: Lines that were stored.
        lost: Lines that arrived and were not stored.
        refused: Those for which the quota or the disk had no room.
        undelivered: Why files are left in the spool; empty if none is.
    """

    stored: int
    lost: int
    refused: int
    undelivered: str = ""


def receive(plan: Plan, clock: ReceptionClock | None = None) -> Received:
    """Receives until SIGTERM or SIGINT, or until the duration is over; then delivers what arrived.

    Raises:
        WrongUseError: An input cannot listen, or another process uses the spool.
    """
    return asyncio.run(_receive_until_signal(plan, clock or ReceptionClock()))


async def _receive_until_signal(plan: Plan, clock: ReceptionClock) -> Received:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return await receive_until(stop, plan, clock)


async def receive_until(stop: asyncio.Event, plan: Plan, clock: ReceptionClock) -> Received:
    """Receives until an event is set, or until the duration is over; then delivers what arrived.

    Raises:
        WrongUseError: An input cannot listen, or another process uses the spool.
    """
    spool = Spool(plan.spool, plan.inbox, plan.limits)
    try:
        counters = Counters([address.station for _, address in plan.inputs], clock.read())
        if spool.recovered_cuts:
            counters.lose(plan.inputs[0][1].station, spool.recovered_cuts)
        return await _Service(plan, Intake(spool, counters, clock)).run(stop)
    finally:
        spool.close()


class _Service:
    """State of one run."""

    def __init__(self, plan: Plan, intake: Intake) -> None:
        self._plan, self._intake, self._spool = plan, intake, intake.spool
        self._period_since = self._noted_at = intake.clock.read().steady
        self._delivery: asyncio.Task[str] | None = None
        self._inputs: list[Input] = []

    async def run(self, stop: asyncio.Event) -> Received:
        if self._plan.duration_seconds is not None:
            asyncio.get_running_loop().call_later(self._plan.duration_seconds, stop.set)
        self._inputs = [_make_input(kind, address, self._intake) for kind, address in self._plan.inputs]
        tasks = [asyncio.create_task(one.run(self._plan.ready)) for one in self._inputs]
        try:
            await self._work_until(stop, tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            problem = await self._finish()
        counters = self._intake.counters
        return Received(counters.stored, counters.lost, self._intake.refused, problem)

    async def _work_until(self, stop: asyncio.Event, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Ends parts and periods on time.

        Raises:
            WrongUseError: An input cannot listen.
        """
        stopping = asyncio.create_task(stop.wait())
        try:
            self._deliver_soon()
            while not stopping.done():
                await asyncio.wait(
                    [stopping, *tasks], timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for task in tasks:
                    if task.done() and (error := task.exception()) is not None:
                        raise _unusable_input(error)
                self._tick()
        finally:
            stopping.cancel()

    def _tick(self) -> None:
        """Performs the actions that are due."""
        now = self._intake.clock.read_steady()
        is_period_over = now - self._period_since >= self._plan.limits.part_seconds
        is_note_due = now - self._noted_at >= NOTE_SECONDS
        if is_period_over or is_note_due:
            self._count_dropped()
        if self._spool.is_due(now):
            self._spool.end_part()
            self._deliver_soon()
        if is_period_over:
            self._period_since = self._noted_at = now
            self._intake.end_period()
            self._deliver_soon()
        elif is_note_due:
            self._noted_at = now
            self._intake.note_period()
            self._deliver_soon()

    def _count_dropped(self) -> None:
        for one in self._inputs:
            if isinstance(one, UdpInput):
                one.count_dropped()

    def _deliver_soon(self) -> None:
        """Delivers in a thread; a running delivery leaves the rest to the next tick."""
        if self._delivery is None or self._delivery.done():
            self._delivery = asyncio.create_task(self._deliver())

    async def _deliver(self) -> str:
        """Delivers what is finished; returns the reason if something could not be delivered."""
        try:
            await asyncio.to_thread(self._spool.deliver)
        except OSError as error:
            LOG.warning("delivery: %s; it is tried again", error)
            return str(error)
        finally:
            self._spool.measure()
        return ""

    async def _finish(self) -> str:
        """Ends the part and the period and delivers both."""
        self._spool.end_part()
        self._intake.end_period()
        if self._delivery is not None:
            await self._delivery
        return await self._deliver()


def _make_input(kind: str, address: Address, intake: Intake) -> Input:
    try:
        return INPUTS[kind](address, intake)
    except OSError as error:
        raise _unusable_input(error) from error


def _unusable_input(error: BaseException) -> BaseException:
    if isinstance(error, OSError):
        return WrongUseError(f"cannot listen: {error}; check the address and that no other program uses it")
    return error
