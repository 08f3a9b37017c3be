"""Keeps each test process to one thread in `make test`; to be loaded before the libraries that start threads.

Two test processes share two cores and work on small tables, as workers do. `make test-all` leaves the libraries their
usual threads, so that results are also compared with many threads.
"""

from tests.examples import is_full

if not is_full():
    import ais_indicators.one_thread  # noqa: F401 - it sets the environment
