"""Input of a task."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from ais_indicators.checks.overrides import Override
from ais_indicators.io.spread import Advance, Executor, open_executor
from ais_indicators.io.subject import lake_rules
from ais_indicators.periods import Period
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

Reopen = Literal["asked", "changed"]


@dataclass(frozen=True)
class Upkeep:
    """Maintenance work on the lake.

    Attributes:
        optimize: Whether small files are combined and checkpoints are written.
        vacuum_days: Remove files that have not been part of a table for more days than this; None to remove none.
        dry_run: Report what would be done, and change nothing.
    """

    optimize: bool = True
    vacuum_days: float | None = None
    dry_run: bool = False


@dataclass
class Job:
    """One run of one task.

    Attributes:
        settings: Paths and machine settings.
        period: Requested weeks; None for tasks that have none.
        paths: Files to ingest.
        mapping: Mapping file by which the files are read; None to recognise them.
        delivered_at: When the files were delivered; None to use the files' own times.
        port_version: Port version to use or to give; None for the one that the task chooses.
        gate_version: Gate version to use or to give; None for the one that the task chooses.
        reopen: Whether the requested weeks are folded in any case, or from the first that is not up to date.
        override: Failed critical checks that a person overrides.
        not_before: Time before which nothing must be published.
        upkeep: Maintenance work; None for the default of the schedule.
        advance: Called with pieces done and in total.
        say: Called with notes for people, one sentence at a time.
    """

    settings: Settings
    period: Period | None = None
    paths: tuple[Path, ...] = ()
    mapping: Path | None = None
    delivered_at: datetime | None = None
    port_version: str | None = None
    gate_version: str | None = None
    reopen: Reopen = "asked"
    override: Override | None = None
    not_before: datetime | None = None
    upkeep: Upkeep | None = None
    advance: Advance | None = None
    say: Callable[[str], None] = field(default=lambda _: None)

    @cached_property
    def rules(self) -> Rules:
        """Returns the thresholds of the lake's subject."""
        return lake_rules(self.settings)

    @cached_property
    def executor(self) -> Executor:
        """Returns the executor of pieces of work; its workers start when a task first needs them."""
        return open_executor(self.settings)

    @property
    def weeks(self) -> Period:
        """Returns the requested weeks, for a task that needs them."""
        assert self.period is not None, "a weekly task was started without a week"  # noqa: S101
        return self.period
