"""The command `backfill`: recomputes past weeks and shows what that would change in what is published."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ais_indicators.cli.console import OUT, Bars, show_fold, show_table
from ais_indicators.cli.options import (
    AsJson,
    Disclosure,
    GatesVersion,
    PortsVersion,
    print_json,
    protected_by,
)
from ais_indicators.cli.weeks import show_published
from ais_indicators.errors import WrongUseError
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from ais_indicators.tasks import Task

if TYPE_CHECKING:
    from ais_indicators.job import Job, Reopen
    from ais_indicators.operations.backfill_plan import BackfillPlan
    from ais_indicators.releasing.differences import WeekDifference
    from ais_indicators.releasing.record import ReleaseRecord

SHOWN_WEEKS = 60
AsOf = Annotated[
    str | None,
    typer.Option(
        help="Recompute from what was known when this release was published, in a separate lake "
        "DATA_DIR/as_of/RELEASE."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and change nothing.")]
Publish = Annotated[
    bool, typer.Option("--publish", help="Check the weeks and publish those that differ as new releases.")
]
RecomputeAll = Annotated[
    bool, typer.Option("--anew", help="Recompute all given weeks, including those that are up to date.")
]


def backfill(
    context: typer.Context,
    first: Annotated[str, typer.Option("--from", help="First ISO week.")],
    last: Annotated[str, typer.Option("--to", help="Last ISO week.")],
    as_of: AsOf = None,
    dry_run: DryRun = False,
    only: Annotated[str | None, typer.Option(help="Run only this task.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Number of cores to use; default: all.")] = None,
    publish: Publish = False,
    recompute_all: RecomputeAll = False,
    ports_version: PortsVersion = None,
    gates_version: GatesVersion = None,
    disclosure: Disclosure = None,
    as_json: AsJson = False,
) -> None:
    """Recomputes past weeks, from messages to values.

    Shows first what it will read and write and the estimated duration. Nothing is published without --publish: at the
    end it shows how the values differ from what is published. You can stop it (Ctrl-C) and continue with the same
    command; only --anew and --as-of start again from the first week.

    Example: ais-indicators backfill --from 2024-W01 --to 2024-W08 --dry-run
    """
    _require_publishable(publish, as_of, only)
    from ais_indicators import runner
    from ais_indicators.io.subject import lake_subject
    from ais_indicators.job import Job
    from ais_indicators.operations.backfill_plan import plan_backfill

    period = Period(Week.parse(first), Week.parse(last))
    tasks = runner.tasks_before_check(lake_subject(context.obj), only)
    living = protected_by(context.obj, disclosure)
    with _lake(living, jobs, as_of, keep=not dry_run) as (settings, release):
        reopen: Reopen = "asked" if recompute_all or as_of else "changed"
        job = Job(settings, period, port_version=ports_version, gate_version=gates_version, reopen=reopen)
        plan = plan_backfill(job, tasks)
        if not as_json:
            _show_plan(plan, publish)
        elif dry_run:
            print_json(_plain(plan))
        if dry_run:
            return
        _run(job, tasks, as_json)
        differences = _differences(living, job, plan, release)
        published = _publish(job) if publish else None
    if as_json:
        _print_result(plan, differences, published)
        return
    _show_differences(differences, release, is_published=publish)
    if published:
        show_published(settings, published)


def _print_result(plan: "BackfillPlan", differences: "Sequence[WeekDifference]", published: Any) -> None:
    """Prints the plan and what came of it as JSON."""
    from ais_indicators import runner

    changes = [asdict(one) | {"week": one.week.name} for one in differences]
    print_json(_plain(plan) | {"differences": changes, "published": runner.to_plain(published)})


def _require_publishable(publish: bool, as_of: str | None, only: str | None) -> None:
    """Raises an error if `--publish` is given with an option that excludes it.

    Raises:
        WrongUseError: `--publish` is given with `--as-of` or `--only`.
    """
    if publish and as_of:
        raise WrongUseError(
            "--as-of recomputes what was known then, which is already published: omit --publish"
        )
    if publish and only:
        raise WrongUseError(
            f"--publish needs all tasks, not only {only}; publish a week with `publish --week`"
        )


@contextmanager
def _lake(
    settings: Settings, jobs: int | None, as_of: str | None, *, keep: bool
) -> Iterator[tuple[Settings, "ReleaseRecord | None"]]:
    """Provides the lake to compute in and the release that it is as of; removes a lake made only for a dry run."""
    chosen = replace(settings, cores=jobs) if jobs else settings
    if as_of is None:
        yield chosen, None
        return
    from ais_indicators.releasing.as_of import as_of_folder, lake_as_of
    from ais_indicators.releasing.history import find_release

    release = find_release(settings, as_of)
    folder = as_of_folder(settings, release)
    was_there = folder.exists()
    try:
        yield lake_as_of(chosen, release), release
    finally:
        if not (keep or was_there):
            shutil.rmtree(folder, ignore_errors=True)


def _run(job: "Job", tasks: Sequence[Task], as_json: bool) -> None:
    from ais_indicators import runner
    from ais_indicators.io.references import last_port_version

    with Bars() as bars:
        summaries = runner.run_tasks(job, tasks, lambda step: bars.begin(step.name))
    if "track_vessels" in summaries and not as_json:
        show_fold(job.weeks, summaries["track_vessels"], job.port_version or last_port_version(job.settings))


def _publish(job: "Job") -> Any:
    from ais_indicators import runner

    with Bars() as bars:
        job.advance = bars.begin("publish_release")
        return runner.run_task("publish_release", job)


def _differences(
    living: Settings, job: "Job", plan: "BackfillPlan", release: "ReleaseRecord | None"
) -> "list[WeekDifference]":
    from ais_indicators.releasing.differences import difference_to, release_differences

    if release is not None:
        return [difference_to(job.settings, Week.parse(release.week), release, living, job.rules)]
    return release_differences(living, sorted({*job.weeks, *map(Week.parse, plan.released)}), job.rules)


def _plain(plan: "BackfillPlan") -> dict[str, Any]:
    from ais_indicators import runner

    plain: dict[str, Any] = runner.to_plain(plan)
    return plain | {
        "asked": [week.name for week in plan.asked],
        "folded": [week.name for week in plan.folded] if plan.folded else [],
    }


def _show_plan(plan: "BackfillPlan", publish: bool) -> None:
    if plan.folded:
        what = f"{plan.folded} will be recomputed from {plan.messages:,} messages"
    else:
        what = f"the tracks and calls of {plan.asked} are up to date; nothing to recompute"
    rows = [
        ("weeks", what),
        ("recomputed", _runs(plan.stale)),
        ("tasks", ", ".join(plan.tasks)),
        ("reads", ", ".join(plan.reads)),
        ("writes", ", ".join(plan.writes)),
        ("released weeks", ", ".join(plan.released) or "none"),
        ("releases", "those that differ are published again" if publish else "unchanged"),
        ("estimated duration", _duration(plan.seconds)),
    ]
    show_table(f"Backfill of {plan.asked}", ("what", ""), rows)


def _runs(names: Sequence[str]) -> str:
    """Abbreviates weeks to the first and last of each run of consecutive weeks."""
    runs: list[list[Week]] = []
    for week in map(Week.parse, names):
        if runs and week.minus(runs[-1][-1]) == 1:
            runs[-1].append(week)
        else:
            runs.append([week])
    return ", ".join(str(Period(run[0], run[-1])) for run in runs) or "none"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _show_differences(
    differences: "Sequence[WeekDifference]", release: "ReleaseRecord | None", *, is_published: bool
) -> None:
    """Prints how values differ from what is published."""
    differ = [one for one in differences if not one.is_same]
    rows = [
        (
            one.week.name,
            one.new,
            one.changed,
            one.gone,
            *map(_whole, (*one.headlines["arrivals"], *one.headlines["tonnes"])),
        )
        for one in differ[:SHOWN_WEEKS]
    ]
    if rows:
        header = ("week", "new", "changed", "gone", "arrivals", "now", "tonnes", "now")
        show_table(
            "Values that differ from what is published",
            header,
            rows,
            "Arrivals and tonnes: published value and new value.",
        )
    if len(differ) > SHOWN_WEEKS:
        OUT.print(f"{len(differ) - SHOWN_WEEKS} more weeks differ", highlight=False)
    if release is not None and not differ:
        OUT.print(f"release {release.release_id} is reproduced: all observations are equal", highlight=False)
    elif not differ:
        OUT.print("no value differs from what is published", highlight=False)
    elif not is_published and release is None:
        OUT.print("nothing was published; repeat the command with --publish to publish", highlight=False)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
