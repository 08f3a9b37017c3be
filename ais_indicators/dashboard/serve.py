"""Serves the dashboard's pages over HTTP."""

from collections.abc import Callable
from typing import Final

from waitress import create_server

from ais_indicators.dashboard.address import Address
from ais_indicators.dashboard.app import create_app
from ais_indicators.errors import WrongUseError
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

THREADS: Final = 4


def serve(
    settings: Settings, address: Address, port: int, ready: Callable[[str], None], rules: Rules
) -> None:
    """Serves until it is interrupted.

    Args:
        settings: Settings of the lake whose releases are shown.
        address: Where to listen, and the address for readers.
        port: Port to listen on; 0 for any free port.
        ready: Called with the address when it is ready.
        rules: Rules of the lake's subject.

    Raises:
        WrongUseError: The port is taken, or the machine has no such address.
    """
    host = address.host
    try:
        server = create_server(
            create_app(settings, address, rules=rules),
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=False,  # the application drops them itself
        )
    except OSError as error:
        raise WrongUseError(
            f"cannot listen on {host}:{port} ({error.strerror or error}); choose another with --port or --host"
        ) from error
    shown = f"[{host}]" if ":" in host else host
    ready(f"http://{shown}:{server.effective_port}{address.base_path}/")
    try:
        server.run()
    finally:
        server.close()
