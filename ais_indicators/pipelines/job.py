"""What a task is given when it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from ais_indicators.checks.overrides import Override
from ais_indicators.io.spread import Advance, Executor, open_executor
from ais_indicators.periods import Period
from ais_indicators.settings import Settings

Reopen = Literal["asked", "changed"]


@dataclass(frozen=True)
class Upkeep:
    """What to do for the lake.

    Attributes:
        optimize: Whether small files are put together and checkpoints are written.
        vacuum_days: Remove files that are part of no table since more days than this; None to remove none.
        dry_run: Say what would be done, and do nothing.
    """

    optimize: bool = True
    vacuum_days: float | None = None
    dry_run: bool = False


@dataclass
class Job:
    """One run of one task.

    Attributes:
        settings: Paths and machine settings.
        period: Weeks asked for; None for tasks that have none.
        paths: Files to take in.
        mapping: Mapping file by which the files are read; None to recognise them.
        delivered_at: When the files were delivered; None to go by the files.
        port_version: Port version to use or to give; None for the one that the task chooses.
        gate_version: Gate version to use or to give likewise.
        reopen: Whether the asked weeks are folded whatever stands, or from the first that would come out otherwise.
        override: Failed critical checks that a person lets pass.
        not_before: Moment before which nothing may be published.
        upkeep: What to do for the lake; None for what the schedule does.
        advance: Told of pieces done and pieces in all.
        say: Told of what a person should know: one sentence at a time.
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
    def executor(self) -> Executor:
        """Runs pieces of work side by side; its workers start when a task first needs them."""
        return open_executor(self.settings)

    @property
    def weeks(self) -> Period:
        """The asked weeks, for a task that needs them."""
        assert self.period is not None, "a weekly task was started without a week"  # noqa: S101
        return self.period
