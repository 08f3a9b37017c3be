"""Command line: one module per group of commands.

Commands import what they run only when they run, so that help and usage errors appear at once.
"""

from ais_indicators.cli.entry import app, command, main

__all__ = ["app", "command", "main"]
