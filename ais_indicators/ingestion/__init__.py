"""Takes files of messages into bronze: their layout, their chunks, and one atomic commit a file."""
