"""Input by HTTP: the JSON that AIS-catcher posts (`-H URL`), with sentences in `msgs[].nmea`."""

import asyncio
import json
import logging
import zlib
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from ais_indicators.receive.addresses import Address, is_station
from ais_indicators.receive.inputs import Ready, serve
from ais_indicators.receive.intake import Feed, Intake

LOG: Final = logging.getLogger(__name__)
MOST_BODY_BYTES: Final = 16 * 1024 * 1024
_MOST_HEADERS: Final = 100
_MOST_FEEDS: Final = 1000
_TIMEOUT_SECONDS: Final = 120.0
_IDLE_SECONDS: Final = 3600.0
"""Maximum time that a connection can be idle between two posts."""

_UNZIP_ANY: Final = zlib.MAX_WBITS | 32
"""Recognises gzip and zlib by their headers."""


class BadPostError(Exception):
    """An invalid request.

    Attributes:
        status: Answer to it.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class HttpInput:
    """Accepts posts of stations and answers each once its lines are stored."""

    def __init__(self, address: Address, intake: Intake) -> None:
        self._address, self._intake = address, intake
        self._feeds: dict[str, Feed] = {}

    async def run(self, ready: Ready) -> None:
        """Serves until it is cancelled."""
        await serve(self._address, self._serve_one, "http", ready)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of one connection."""
        stays = True
        while stays:
            try:
                first = await _read_first_line(reader)
                if not first:
                    return
                request = _read_request(first, reader, writer)
                body, stays = await asyncio.wait_for(request, _TIMEOUT_SECONDS)
                status = self._take(body)
            except BadPostError as error:
                LOG.warning("http: %s", error)
                status, stays = error.status, False
                self._intake.counters.lose(self._address.station)
            except (asyncio.IncompleteReadError, TimeoutError, asyncio.LimitOverrunError, ValueError):
                self._intake.counters.lose(self._address.station)
                return
            writer.write(
                f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Length: 0\r\n"
                f"Connection: {'keep-alive' if stays else 'close'}\r\n\r\n".encode()
            )
            await writer.drain()

    def _take(self, body: bytes) -> HTTPStatus:
        """Stores the lines of a post."""
        station, items = read_post(body)
        name = station if station is not None and is_station(station) else self._address.station
        feed = self._feeds.get(name) or Feed(name)
        if len(self._feeds) < _MOST_FEEDS:
            self._feeds[name] = feed
        is_stored = self._intake.take_items(feed, items)
        return HTTPStatus.OK if is_stored else HTTPStatus.INSUFFICIENT_STORAGE


def read_post(body: bytes) -> tuple[str | None, list[tuple[bytes, float | None]]]:
    """Reads a post of AIS-catcher.

    Args:
        body: JSON with `stationid` (or `station`) and `msgs`, each with `nmea` (a list) and `rxtime` (UTC,
            `20221102171324`).

    Returns:
        The station that it names, and its sentences with their times of reception in seconds since 1970.

    Raises:
        BadPostError: It has another form.
    """
    try:
        post = json.loads(body)
        messages = post["msgs"]
        items = [
            (sentence.encode("ascii", "replace"), _received_at(message))
            for message in messages
            for sentence in _as_list(message["nmea"])
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadPostError(
            HTTPStatus.BAD_REQUEST, f"not a post of AIS-catcher with msgs and nmea ({error!r})"
        ) from error
    station = post.get("stationid") or post.get("station")
    return (station if isinstance(station, str) and station else None), items


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _received_at(message: dict[str, Any]) -> float | None:
    """Returns the time at which the station received a message; None if it gives none."""
    try:
        return datetime.strptime(str(message["rxtime"]), "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except (KeyError, ValueError):
        return None


async def _read_first_line(reader: asyncio.StreamReader) -> bytes:
    """Waits for a request; returns its first line, or nothing if the connection ends or stays idle."""
    try:
        return (await asyncio.wait_for(reader.readline(), _IDLE_SECONDS)).strip()
    except TimeoutError:
        return b""


async def _read_request(
    first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[bytes, bool]:
    """Reads one request after its first line.

    Returns:
        Its body and whether the connection stays open.

    Raises:
        BadPostError: It is not a POST with a body of known length below the limit.
    """
    headers: dict[str, str] = {}
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip().lower()
        if len(headers) > _MOST_HEADERS:
            raise BadPostError(HTTPStatus.BAD_REQUEST, "too many headers")
    if not first.upper().startswith(b"POST "):
        raise BadPostError(HTTPStatus.METHOD_NOT_ALLOWED, "only POST is accepted")
    length = headers.get("content-length", "")
    if not length.isdigit():
        raise BadPostError(HTTPStatus.LENGTH_REQUIRED, "Content-Length is required")
    if int(length) > MOST_BODY_BYTES:
        raise BadPostError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MOST_BODY_BYTES} bytes")
    if headers.get("expect") == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await reader.readexactly(int(length))
    stays = headers.get("connection") != "close" and b"HTTP/1.0" not in first
    return _unpacked(body, headers.get("content-encoding", "")), stays


def _unpacked(body: bytes, encoding: str) -> bytes:
    """Decompresses a body up to the maximum size."""
    if encoding in ("", "identity"):
        return body
    try:
        unzip = zlib.decompressobj(_UNZIP_ANY)
        text = unzip.decompress(body, MOST_BODY_BYTES)
    except zlib.error as error:
        raise BadPostError(HTTPStatus.BAD_REQUEST, f"Content-Encoding {encoding}: {error}") from error
    if unzip.unconsumed_tail:
        raise BadPostError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MOST_BODY_BYTES} bytes")
    return text
