"""The command `maintain`: maintains the tables of the lake."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ais_indicators.cli.console import OUT, progress_bar, show_table, warn
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.errors import WrongUseError
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings

if TYPE_CHECKING:
    from ais_indicators.pipelines.expire_messages import ExpiredMessages
    from ais_indicators.pipelines.maintain_lake import TableUpkeep

BYTES_PER_MEGABYTE = 1e6
ExpireAt = Annotated[
    str | None,
    typer.Option(help="With --expire: week to count back from; default: the newest week with messages."),
]
Optimize = Annotated[
    bool | None,
    typer.Option(
        "--optimize/--no-optimize",
        help="Combine small files and write log checkpoints.",
        show_default="yes, except with only --expire",
    ),
]
Vacuum = Annotated[
    float | None,
    typer.Option(
        metavar="DAYS", min=0, help="Remove files that have not been part of a table for this number of days."
    ),
]


def maintain(
    context: typer.Context,
    expire: Annotated[
        bool, typer.Option("--expire", help="Remove raw messages past the retention period of their source.")
    ] = False,
    at: ExpireAt = None,
    optimize: Optimize = None,
    vacuum: Vacuum = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Maintains the tables of the lake.

    Files that are needed to recompute a release are never removed, whatever --vacuum says; readers who opened a table
    before keep their files for the same number of days. --expire removes raw messages past their source's retention
    period (`keep_weeks`, in its mapping file or in DATA_DIR/sources.yaml); positions and values are kept, and releases
    that can no longer be recomputed are recorded as such.

    Example: ais-indicators maintain --vacuum 7 --dry-run
    """
    if expire and dry_run:
        raise WrongUseError("--dry-run covers --optimize and --vacuum only; omit --expire")
    looks_after = optimize or vacuum is not None or (optimize is None and not expire)
    if not (looks_after or expire):
        raise WrongUseError("choose what to do: --optimize, --vacuum DAYS or --expire")
    expired = _expire(context.obj, at) if expire else None
    done = _look_after(context.obj, optimize is not False, vacuum, dry_run) if looks_after else ()
    if as_json:
        print_json(_plain(expired, done, dry_run))
        return
    if expired:
        _show_expired(expired)
    if looks_after:
        _show_upkeep(done, dry_run)


def _expire(settings: Settings, at: str | None) -> "ExpiredMessages":
    from ais_indicators import runner
    from ais_indicators.job import Job

    week = Week.parse(at) if at else None
    done: ExpiredMessages = runner.run_task(
        "expire_messages", Job(settings, Period(week, week) if week else None)
    )
    return done


def _look_after(
    settings: Settings, optimize: bool, vacuum: float | None, dry_run: bool
) -> "tuple[TableUpkeep, ...]":
    from ais_indicators import runner
    from ais_indicators.job import Job, Upkeep

    with progress_bar("maintain_lake") as advance:
        job = Job(settings, upkeep=Upkeep(optimize, vacuum, dry_run), advance=advance)
        done: tuple[TableUpkeep, ...] = runner.run_task("maintain_lake", job)
    return done


def _plain(
    expired: "ExpiredMessages | None", done: "tuple[TableUpkeep, ...]", dry_run: bool
) -> dict[str, Any]:
    from ais_indicators import runner
    from ais_indicators.pipelines.maintain_lake import total

    plain: dict[str, Any] = runner.to_plain(expired) if expired else {}
    if done:
        plain |= {"dry_run": dry_run, "tables": [asdict(one) for one in done]} | total(done)
    return plain


def _show_expired(done: "ExpiredMessages") -> None:
    rows = [(layout, len(done.weeks.get(layout, ())), count) for layout, count in done.rows.items()]
    show_table(f"Removed, counted back from {done.counted_from}", ("layout", "weeks", "messages"), rows)
    for week in done.spared:
        warn(f"{week} is past its retention period but was not computed; run it, then run --expire again")
    if done.lost_releases:
        OUT.print(
            f"can no longer be recomputed: {', '.join(done.lost_releases)}", soft_wrap=True, highlight=False
        )


def _show_upkeep(done: "tuple[TableUpkeep, ...]", dry_run: bool) -> None:
    from ais_indicators.pipelines.maintain_lake import total

    rows = [
        (
            one.table,
            one.files_before,
            one.files_after,
            one.checkpoint,
            one.removed_files,
            one.removed_bytes / BYTES_PER_MEGABYTE,
            one.protected_files,
        )
        for one in done
        if one.files_after != one.files_before or one.checkpoint or one.removed_files or one.protected_files
    ]
    header = ("table", "files", "after", "checkpoint", "removed", "MB", "kept for releases")
    show_table("Would be done" if dry_run else "Done", header, rows)
    sums = total(done)
    verb = "would be removed" if dry_run else "removed"
    OUT.print(
        f"{sums['removed_files']:,} files {verb}, {sums['removed_bytes'] / BYTES_PER_MEGABYTE:,.1f} MB; "
        f"{sums['protected_files']:,} old ones stay for releases",
        highlight=False,
    )
