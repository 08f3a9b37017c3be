"""The command line: one module a group of commands.

Commands import what they run when they run, so that help and the refusal of wrong use come at once.
"""

from ais_indicators.cli.entry import app, command, main

__all__ = ["app", "command", "main"]
