"""Command receive: live sentences of an office's own stations into files for `ingest`."""

from pathlib import Path
from typing import Annotated, Final

import typer

from ais_indicators.cli.console import OUT
from ais_indicators.errors import AisIndicatorsError, WrongUseError
from ais_indicators.receive.addresses import check_station, parse_address

_MINUTE_SECONDS: Final = 60
_MEGABYTE: Final = 1_000_000
_GIGABYTE: Final = 1_000_000_000
AddressList = list[str]


def receive(
    udp: Annotated[AddressList, typer.Option(help="Listen for datagrams at [STATION@]HOST:PORT.")] = [],  # noqa: B006
    tcp: Annotated[AddressList, typer.Option(help="Connect to a station at [STATION@]HOST:PORT.")] = [],  # noqa: B006
    tcp_listen: Annotated[AddressList, typer.Option(help="Accept stations at [STATION@]HOST:PORT.")] = [],  # noqa: B006
    http: Annotated[
        AddressList, typer.Option(help="Take posts of AIS-catcher (-H) at [STATION@]HOST:PORT.")
    ] = [],  # noqa: B006
    station: Annotated[str, typer.Option(help="Station of inputs whose address names none.")] = "station",
    spool: Annotated[Path, typer.Option(help="Folder of lines that are not delivered yet.")] = Path("spool"),
    inbox: Annotated[Path, typer.Option(help="Folder that `ingest` takes files from.")] = Path("inbox"),
    rotate_minutes: Annotated[float, typer.Option(help="Longest time that a file covers.", min=0.01)] = 60.0,
    rotate_mb: Annotated[
        float, typer.Option("--rotate-mb", help="Size before compression at which a file ends.", min=0.001)
    ] = 64.0,
    quota_gb: Annotated[
        float, typer.Option("--quota-gb", help="Most gigabytes of spool and delivered files.", min=0.0)
    ] = 10.0,
    duration: Annotated[
        float | None, typer.Option(help="Seconds after which to stop.", show_default="never")
    ] = None,
) -> None:
    """Receives AIS sentences by UDP, TCP or HTTP and delivers them as files for `ingest`.

    Each line gets a tag block with station and time of reception where it has none. Each option for an input can be
    given more than once. SIGTERM and Ctrl-C deliver what has arrived. Exit code 1: lines were lost because quota or
    disk were full, or a file could not be delivered.

    Example: ais-indicators receive --udp north@0.0.0.0:10110 --tcp south@192.0.2.7:5631
    """
    from ais_indicators.receive.service import Plan, receive
    from ais_indicators.receive.spool import SpoolLimits

    check_station(station)
    given = {"udp": udp, "tcp": tcp, "tcp-listen": tcp_listen, "http": http}
    inputs = [(kind, parse_address(text, station)) for kind, texts in given.items() for text in texts]
    if not inputs:
        raise WrongUseError("no input; give --udp, --tcp, --tcp-listen or --http with HOST:PORT")
    limits = SpoolLimits(
        rotate_minutes * _MINUTE_SECONDS, int(rotate_mb * _MEGABYTE), int(quota_gb * _GIGABYTE)
    )
    received = receive(Plan(inputs, spool, inbox, limits, duration, _show_ready))
    _show(f"{received.stored} lines stored, {received.lost} lost")
    if received.refused:
        raise AisIndicatorsError(
            f"{received.refused} lines were lost because the quota or the disk was full; make room in {inbox}, or "
            "raise --quota-gb"
        )
    if received.undelivered:
        raise AisIndicatorsError(
            f"files are left in {spool} ({received.undelivered}); the next start delivers them"
        )


def _show_ready(kind: str, address: tuple[str, int]) -> None:
    """Prints where an input listens, or what it has connected to."""
    _show(f"{kind} {address[0]}:{address[1]}")


def _show(text: str) -> None:
    OUT.print(text, soft_wrap=True, highlight=False, markup=False)
    OUT.file.flush()
