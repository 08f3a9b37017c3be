"""A webhook on this machine, for tests of alerts."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

SECRET = "T0p/s3cret-path"  # noqa: S105 - of the tests alone


class Webhook:
    """What was posted to a server, and what it answers.

    Attributes:
        address: Where it listens; its path is a secret.
        status: The code that it answers with.
        received: What was posted.
    """

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/{SECRET}"
        self.status = 200
        self.received: list[dict[str, Any]] = []


@contextmanager
def listening() -> Iterator[Webhook]:
    """A webhook that listens until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            webhook.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(webhook.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        webhook = Webhook(server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield webhook
        finally:
            server.shutdown()
            thread.join()
