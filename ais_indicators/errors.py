"""Errors that a user can act on, each with an exit code of the command line."""

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
    """An error with one clear sentence for the user, printed without a traceback."""

    exit_code = ExitCode.UNEXPECTED


class WrongUseError(AisIndicatorsError):
    """The command was called with arguments that cannot work."""

    exit_code = ExitCode.WRONG_USE


class LakeBusyError(WrongUseError):
    """Another process holds the lake; the same call can succeed later."""


class BadInputError(AisIndicatorsError):
    """A file or its content cannot be used."""

    exit_code = ExitCode.BAD_INPUT


class ReleaseStoppedError(AisIndicatorsError):
    """A critical check failed, so nothing is published."""

    exit_code = ExitCode.STOPPED_BY_GATE


class NotYetError(AisIndicatorsError):
    """It is too early; the same call can succeed later."""

    exit_code = ExitCode.NOT_YET
