"""Errors that a user can act on, each with the exit code of the command line."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of `ais-indicators`, part of its contract."""

    DONE = 0
    UNEXPECTED = 1
    WRONG_USE = 2
    STOPPED_BY_GATE = 3
    BAD_INPUT = 4
    NOT_YET = 5
    INTERRUPTED = 130


class AisIndicatorsError(Exception):
    """One clear sentence for the user; printed without a traceback."""

    exit_code = ExitCode.UNEXPECTED


class WrongUseError(AisIndicatorsError):
    """The command was called in a way that cannot work."""

    exit_code = ExitCode.WRONG_USE


class LakeBusyError(WrongUseError):
    """Another process holds the lake: the same call later can work."""


class BadInputError(AisIndicatorsError):
    """A file or its content cannot be used."""

    exit_code = ExitCode.BAD_INPUT


class GateStoppedError(AisIndicatorsError):
    """A critical check failed: nothing is published."""

    exit_code = ExitCode.STOPPED_BY_GATE


class NotYetError(AisIndicatorsError):
    """It is too early: the same call later can work."""

    exit_code = ExitCode.NOT_YET
