"""Starts an object store in memory on this machine until it is ended (`make object-store`).

Environment: `OBJECT_STORE_PORT` (else 17555). See `docs/object-store.md`.
"""

import os
import sys
from typing import Final

from setup.foreground import run_until_ended, say, watch_on
from setup.object_store import running_store

PORT: Final = 17555
PORT_VARIABLE: Final = "OBJECT_STORE_PORT"


def serve() -> None:
    """Starts, says how to use it, and waits."""
    with running_store(int(os.environ.get(PORT_VARIABLE) or PORT)) as store:
        say("An object store runs in memory; what it holds is gone with it. Use it from another terminal:")
        for name, value in store.environment.items():
            say(f"export {name}={value}")
        say(f"export AIS_INDICATORS_LAKE_URL={store.url}/lake")
        say("ais-indicators init")
        say("Ctrl-C ends it.")
        watch_on(store.watch)


if __name__ == "__main__":
    sys.exit(run_until_ended(serve, "The object store has ended", OSError))
