"""The command `receive`: writes live sentences of an office's own stations to files for `ingest`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ais_indicators.cli.console import OUT
from ais_indicators.errors import AisIndicatorsError, WrongUseError
from ais_indicators.receive.addresses import check_station, parse_address

if TYPE_CHECKING:
    from ais_indicators.receive.service import Received

_MINUTE_SECONDS: Final = 60
_MEGABYTE: Final = 1_000_000
_GIGABYTE: Final = 1_000_000_000
Udp = Annotated[list[str], typer.Option(help="Listen for datagrams at [STATION@]HOST:PORT.")]
Tcp = Annotated[list[str], typer.Option(help="Connect to a station at [STATION@]HOST:PORT.")]
TcpListen = Annotated[list[str], typer.Option(help="Accept stations at [STATION@]HOST:PORT.")]
Http = Annotated[
    list[str], typer.Option(help="Accept HTTP posts of AIS-catcher (-H) at [STATION@]HOST:PORT.")
]
Station = Annotated[str, typer.Option(help="Station name for inputs whose address has none.")]
SpoolFolder = Annotated[Path, typer.Option(help="Directory for lines that are not delivered yet.")]
Inbox = Annotated[Path, typer.Option(help="Directory from which `ingest` reads files.")]
RotateMinutes = Annotated[float, typer.Option(help="Maximum time that a file covers.", min=0.01)]
RotateMb = Annotated[
    float, typer.Option("--rotate-mb", help="Maximum size of a file before compression.", min=0.001)
]
QuotaGb = Annotated[
    float, typer.Option("--quota-gb", help="Maximum size of spool and delivered files in gigabytes.", min=0.0)
]
Duration = Annotated[
    float | None, typer.Option(help="Stop after this number of seconds.", show_default="never")
]


def receive(
    udp: Udp = [],  # noqa: B006 - typer reads the default and never changes it
    tcp: Tcp = [],  # noqa: B006
    tcp_listen: TcpListen = [],  # noqa: B006
    http: Http = [],  # noqa: B006
    station: Station = "station",
    spool: SpoolFolder = Path("spool"),
    inbox: Inbox = Path("inbox"),
    rotate_minutes: RotateMinutes = 60.0,
    rotate_mb: RotateMb = 64.0,
    quota_gb: QuotaGb = 10.0,
    duration: Duration = None,
) -> None:
    """Receives AIS sentences by UDP, TCP or HTTP and delivers them as files for `ingest`.

    Each line gets a tag block with station and time of reception if it has none. Each input option can be given more
    than once. SIGTERM and Ctrl-C deliver what has arrived. Exit code 1: lines were lost because the quota or disk was
    full, or a file could not be delivered.

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
    _report(receive(Plan(inputs, spool, inbox, limits, duration, _show_ready)), spool, inbox)


def _report(received: "Received", spool: Path, inbox: Path) -> None:
    """Prints what was received.

    Raises:
        AisIndicatorsError: Lines were lost for lack of room, or files are left in the spool.
    """
    _show(f"{received.stored} lines stored, {received.lost} lost")
    if received.refused:
        raise AisIndicatorsError(
            f"{received.refused} lines were lost because the quota or the disk was full; free space in {inbox}, "
            f"or increase --quota-gb"
        )
    if received.undelivered:
        raise AisIndicatorsError(
            f"files are left in {spool} ({received.undelivered}); the next start delivers them"
        )


def _show_ready(kind: str, address: tuple[str, int]) -> None:
    """Prints where an input listens, or what it is connected to."""
    _show(f"{kind} {address[0]}:{address[1]}")


def _show(text: str) -> None:
    OUT.print(text, soft_wrap=True, highlight=False, markup=False)
    OUT.file.flush()
