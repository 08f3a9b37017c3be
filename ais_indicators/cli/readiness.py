"""The command `ready`: whether the run of a week can start; a scheduler calls it repeatedly."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ais_indicators.cli.console import OUT, warn
from ais_indicators.cli.options import AsJson, WeekOption, print_json
from ais_indicators.errors import ExitCode, LakeBusyError
from ais_indicators.periods import Period, Week

if TYPE_CHECKING:
    from ais_indicators.pipelines.confirm_days import DaysOfWeek


def ready(
    context: typer.Context,
    week: WeekOption,
    deadline_hours: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Hours after the week's end from which an incomplete week is also ready; default: never.",
        ),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Record in ops.runs what a ready week lacked.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Checks that all UTC days of a week have messages; exit code 5 while it is worth waiting.

    Example: ais-indicators ready --week 2026-W47 --deadline-hours 36
    """
    from ais_indicators.io.subject import lake_rules

    asked = Week.parse(week)
    from ais_indicators import runner
    from ais_indicators.job import Job
    from ais_indicators.pipelines.confirm_days import days_of_week

    days = days_of_week(context.obj, asked, lake_rules(context.obj))
    goes = days.is_complete or is_over(asked, deadline_hours, datetime.now(UTC))
    if goes and record:
        try:
            runner.run_task("confirm_days", Job(context.obj, Period(asked, asked)))
        except LakeBusyError as error:
            warn(str(error))
            raise typer.Exit(ExitCode.NOT_YET) from error
    _show(days, goes, as_json)
    if not goes:
        raise typer.Exit(ExitCode.NOT_YET)


def is_over(week: Week, deadline_hours: float | None, now: datetime) -> bool:
    """Returns whether the deadline of a week has passed."""
    return deadline_hours is not None and now >= week.end + timedelta(hours=deadline_hours)


def _show(days: "DaysOfWeek", goes: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "week": days.week.name,
                "ready": goes,
                "complete": days.is_complete,
                "present": days.present,
                "missing": days.missing,
                "heard_to_end": days.heard_to_end,
            }
        )
    elif days.is_complete:
        OUT.print(f"{days.week} is complete")
    elif goes:
        warn(f"warning: {days.week} is past its deadline and is used incomplete: {days.lack}")
    else:
        OUT.print(f"{days.week} is not complete yet: {days.lack}", soft_wrap=True, highlight=False)
