"""An object store that speaks S3, in the memory of a process of its own: to try a lake on `s3a://` where there is none.

`make object-store` starts one (`setup.start_object_store`). It is moto's, which is made for tests: what it holds is
gone with it, and anyone on this machine may read it. `docs/object-store.md` explains how an office configures its own.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from pyarrow import fs
from pyspark.sql import SparkSession
from werkzeug.serving import BaseWSGIServer, make_server

HOST: Final = "127.0.0.1"
BUCKET: Final = "ais"
REGION: Final = "us-east-1"
KEYS: Final = {"AWS_ACCESS_KEY_ID": "anyone", "AWS_SECRET_ACCESS_KEY": "anything", "AWS_REGION": REGION}


class ObjectStore:
    """An object store with one bucket, in a process of its own; it keeps what it holds while it is stopped.

    Attributes:
        url: Address of the bucket, for `--lake-url`.
        environment: Variables that those who use it need.
    """

    url: Final = f"s3a://{BUCKET}"

    def __init__(self, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import answer_orders; answer_orders({port})"],
            cwd=Path(__file__).resolve().parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.environment = {**KEYS, "AWS_ENDPOINT_URL": f"http://{HOST}:{self._answer()}"}

    def stop(self) -> None:
        """Answers no more."""
        self._order("stop")

    def go_on(self) -> None:
        """Answers again, at the same port."""
        self._order("go on")

    def watch(self) -> None:
        """Sees that it runs.

        Raises:
            OSError: It has ended.
        """
        if self._process.poll() is not None:
            raise OSError("the object store has ended unexpectedly")

    def end(self) -> None:
        """Ends it, with what it holds."""
        with self._process as process:
            process.communicate()

    def _order(self, words: str) -> None:
        assert self._process.stdin  # noqa: S101 - it was made with pipes
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        self._answer()

    def _answer(self) -> str:
        assert self._process.stdout  # noqa: S101 - as above
        said = self._process.stdout.readline().strip()
        if not said:
            raise OSError("the object store did not start; another process may hold its port")
        return said


def answer_orders(port: int) -> None:
    """Runs the store's process: starts, reports its port, and stops and continues as ordered on its input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gives the orders
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server, thread = _start_server(port)
    port = server.port
    files = fs.S3FileSystem(
        access_key=KEYS["AWS_ACCESS_KEY_ID"],
        secret_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region=REGION,
        endpoint_override=f"http://{HOST}:{port}",
        allow_bucket_creation=True,
    )
    files.create_dir(BUCKET)
    _tell(str(port))
    for order in sys.stdin:
        if order.strip() == "stop":
            server.shutdown()
            thread.join()  # the port is free only then
        else:
            server, thread = _start_server(port)
        _tell("done")


def _start_server(port: int) -> tuple[BaseWSGIServer, threading.Thread]:
    """Starts to answer, at any free port for 0, and returns the server and its thread.

    Moto's own server searches the folders of all services for the service of each request, which takes longer than
    the answer. Here all requests go to S3.
    """
    app = create_backend_app("s3")
    server = make_server(HOST, port, app, threaded=True, request_handler=MotoRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    return server, thread


def _tell(answer: str) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


@contextmanager
def running_store(port: int = 0) -> Iterator[ObjectStore]:
    """Starts a store and puts what names it into this process's environment, for as long as the body runs.

    Args:
        port: Where it answers; any free one without it.
    """
    store = ObjectStore(port)
    before = {name: os.environ.get(name) for name in store.environment}
    os.environ.update(store.environment)
    try:
        yield store
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        store.end()


@contextmanager
def known_to_workers(store: ObjectStore) -> Iterator[None]:
    """Gives the running Spark session's workers the address of the store."""
    variables: dict[str, str] = SparkSession.active().sparkContext.environment
    variables.update(store.environment)
    try:
        yield
    finally:
        for name in store.environment:
            del variables[name]
