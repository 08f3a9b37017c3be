"""Addresses of the dashboard: the host names that it answers to, its sub-path, and the proxies that it trusts.

A page of another site can make its own host name resolve to this machine and then read answers as if they were its own
(DNS rebinding). So the server answers only to names that the operator allows. An IP address instead of a name cannot be
misused this way; the server answers to any if it listens for other machines.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.middleware.proxy_fix import ProxyFix

from ais_indicators.errors import WrongUseError

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
HOSTS_ASKED_FOR: Final = "ais_indicators.hosts"
"""Key of the request's environment: every host name that the request was sent to."""

_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]{1,5})?\Z")
_ALLOWED: Final = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\Z")
_BASE_PATH: Final = re.compile(r"(/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+)+\Z")
_FORWARDED: Final = tuple(
    f"HTTP_X_FORWARDED_{name}" for name in ("FOR", "HOST", "PORT", "PROTO", "PREFIX", "SERVER")
)


@dataclass(frozen=True)
class Address:
    """One address of the dashboard; made by `read_address`.

    Attributes:
        host: Address that the server listens on.
        base_path: Sub-path on the public server, such as `/ships`; empty for none.
        allowed_hosts: Further host names that it answers to; `.office.example` means all names below it.
        trusted_proxies: Networks of the proxies whose forwarded headers are trusted.
    """

    host: str = LOOPBACK[0]
    base_path: str = ""
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    def allows(self, host: str) -> bool:
        """Returns whether the server answers to a `Host` header."""
        parts = _HOST.match(host)
        if parts is None:
            return False
        name = (parts["v6"] or parts["name"]).lower().rstrip(".")
        if name in LOOPBACK or name == self.host.lower() or _is_named(name, self.allowed_hosts):
            return True
        return self.host not in LOOPBACK and _is_address(name)

    def trusts(self, peer: str) -> bool:
        """Returns whether the machine that sent a request is one of the trusted proxies."""
        try:
            found = ip_address(peer)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self.trusted_proxies)


def read_address(
    host: str = LOOPBACK[0],
    base_path: str = "",
    allow_hosts: Iterable[str] = (),
    trusted_proxies: Iterable[str] = (),
) -> Address:
    """Validates the address of the dashboard.

    Args:
        host: Address to listen on.
        base_path: Sub-path on the public server; `/` and the empty text are none.
        allow_hosts: Host names, without scheme and port.
        trusted_proxies: IP addresses or networks (`10.0.0.0/8`).

    Raises:
        WrongUseError: A sub-path, host name or address cannot be used.
    """
    path = base_path.rstrip("/")
    if path and not _BASE_PATH.match(path):
        raise WrongUseError(f"--base-path '{base_path}' is not a path such as /statistics/ships")
    names = tuple(_allowed_name(name) for name in allow_hosts)
    return Address(host, path, names, tuple(_network(text) for text in trusted_proxies))


class BehindProxies:
    """A WSGI application that removes the sub-path from each request and reads forwarded headers of trusted proxies."""

    def __init__(self, app: WSGIApplication, address: Address) -> None:
        """Takes the application of the pages and the address at which they are reached."""
        self._app = app
        self._forwarded = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
        self._address = address

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request; forwarded headers from machines that are not trusted are dropped."""
        hosts = [environ.get("HTTP_HOST", "")]
        is_trusted = self._address.trusts(environ.get("REMOTE_ADDR", ""))
        environ.pop("HTTP_FORWARDED", None)
        if is_trusted:
            forwarded = environ.get("HTTP_X_FORWARDED_HOST", "").split(",")[-1].strip()
            hosts += [forwarded] if forwarded else []
        else:
            for name in _FORWARDED:
                environ.pop(name, None)
        environ[HOSTS_ASKED_FOR] = tuple(hosts)
        self._take_off_base_path(environ)
        return (self._forwarded if is_trusted else self._app)(environ, start_response)

    def _take_off_base_path(self, environ: WSGIEnvironment) -> None:
        """Moves the sub-path into `SCRIPT_NAME`; if a proxy has removed it, there is nothing to move."""
        base, path = self._address.base_path, environ.get("PATH_INFO", "")
        if base and (path == base or path.startswith(f"{base}/")):
            environ["SCRIPT_NAME"] = base
            environ["PATH_INFO"] = path.removeprefix(base)


def _is_named(name: str, allowed: Sequence[str]) -> bool:
    return any(name.endswith(one) if one.startswith(".") else name == one for one in allowed)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _allowed_name(text: str) -> str:
    """Writes a host name as browsers send it."""
    try:
        name = text.strip().rstrip(".").lower()
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not (_ALLOWED.match(name) or _is_address(name)):
        raise WrongUseError(f"--allow-host '{text}' is not a host name such as stats.office.example")
    return name


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise WrongUseError(f"--trusted-proxy '{text}' is not an IP address or a network") from error
