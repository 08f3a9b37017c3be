"""Memory of the workers."""

import pyarrow as pa


def use_steady_memory() -> None:
    """Makes Arrow use the C library's memory, which keeps freed memory for the next block of rows.

    Arrow's own allocator returns it to the system at once. Blocks of the same few megabytes follow each other, so each
    would get new pages, and clearing these takes a fifth of the time of ingest.
    """
    pa.set_memory_pool(pa.system_memory_pool())


def give_back_memory() -> None:
    """Returns memory that Arrow has freed to the system, so that workers do not hold their peaks at the same time."""
    pa.default_memory_pool().release_unused()
