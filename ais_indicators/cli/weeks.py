"""Commands that compute, check and publish a week: run, check, publish."""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ais_indicators.cli.console import OUT, Bars, progress_bar, show_fold, show_table, show_week, warn
from ais_indicators.cli.flights import show_airports
from ais_indicators.cli.options import Disclosure, GatesVersion, PortsVersion, WeekOption, protected_by
from ais_indicators.errors import ReleaseStoppedError, WrongUseError
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings

if TYPE_CHECKING:
    from ais_indicators.io.spread import Advance
    from ais_indicators.pipelines.publish_release import Published
    from ais_indicators.tasks import Task

FOLD: Final = "track_vessels"
CHECKING: Final = ("check_release", "publish_release")
CHECK_MODULE: Final = "ais_indicators.checks.release_check"


def run(
    context: typer.Context,
    week: WeekOption,
    only: Annotated[str | None, typer.Option(help="Run only this task.")] = None,
    until: Annotated[str | None, typer.Option(help="Stop after this task.")] = None,
    no_publish: Annotated[
        bool,
        typer.Option(
            "--no-publish",
            help="Stop after the release check and keep the week as a candidate for `publish`.",
        ),
    ] = False,
    ports_version: PortsVersion = None,
    gates_version: GatesVersion = None,
    disclosure: Disclosure = None,
) -> None:
    """Runs a week from its messages to its release.

    Example: ais-indicators run --week 2026-W47
    """
    if no_publish and (only or until):
        raise WrongUseError("--no-publish stops after the release check; omit --only and --until")
    last = "check_release" if no_publish else until
    settings = protected_by(context.obj, disclosure)
    run_weeks(settings, _one(week), only, last, ports_version, gates_version)


def check(context: typer.Context, week: WeekOption) -> None:
    """Runs the release check on a computed week; exit code 3 if a critical check fails."""
    asked = _one(week)
    from ais_indicators import runner
    from ais_indicators.job import Job

    try:
        with progress_bar("check_release") as advance:
            runner.run_task("check_release", Job(context.obj, asked, advance=advance))
    except ReleaseStoppedError:
        _show_checks(context.obj, week)
        raise
    _show_checks(context.obj, week)


def publish(
    context: typer.Context,
    week: WeekOption,
    override: Annotated[
        list[str] | None,
        typer.Option(help="Accept the failure of this critical check; repeatable."),
    ] = None,
    by_name: Annotated[str | None, typer.Option("--by", help="Person who accepts the failure.")] = None,
    reason: Annotated[str | None, typer.Option(help="Reason, shown to readers of the data.")] = None,
    not_before: Annotated[
        str | None, typer.Option(help="Embargo: nothing is published before this UTC time (exit code 5).")
    ] = None,
    disclosure: Disclosure = None,
) -> None:
    """Checks a computed week and publishes it; if no value differs, nothing changes.

    Earlier weeks whose values have changed since their publication are checked and published with it.

    Example: ais-indicators publish --week 2026-W47 --override CHECK --by "A. Person" --reason "a regatta"
    """
    asked = _one(week)
    from ais_indicators import runner
    from ais_indicators.checks.overrides import Override
    from ais_indicators.job import Job

    chosen = None
    if override or by_name or reason:
        chosen = Override(tuple(override or ()), by_name or "", reason or "")
    settings = protected_by(context.obj, disclosure)
    job = Job(settings, asked, override=chosen, not_before=_moment(not_before))
    with progress_bar("publish_release") as advance:
        job.advance = advance
        published = runner.run_task("publish_release", job)
    show_published(settings, published)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise WrongUseError(f"'{text}' is not a time; write it as 2026-12-01T09:00Z") from error
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _one(week: str) -> Period:
    return Period(Week.parse(week), Week.parse(week))


def run_weeks(
    settings: Settings,
    period: Period,
    only: str | None = None,
    until: str | None = None,
    ports_version: str | None = None,
    gates_version: str | None = None,
) -> None:
    """Runs the weekly tasks, and shows their results."""
    from ais_indicators import runner
    from ais_indicators.io.references import port_versions
    from ais_indicators.job import Job

    job = Job(settings, period, port_version=ports_version, gate_version=gates_version)
    with Bars() as bars:

        def begin(step: "Task") -> "Advance":
            if step.name == FOLD and only is None and until in (None, *CHECKING):
                load_check_meanwhile()
            return bars.begin(step.name)

        summaries = runner.run_weekly(job, only, until, begin)
    if "track_vessels" in summaries:
        newest = ports_version or port_versions(settings)[-1].version
        show_fold(period, summaries["track_vessels"], newest)
    if "publish_release" in summaries:
        show_published(settings, summaries["publish_release"])
    elif only is None and until is None:  # planes have no releases yet
        show_airports(settings, period.last)
    if "check_release" in summaries and until is not None:
        OUT.print(f"{period} waits as a candidate: `ais-indicators publish --week {period}`", highlight=False)


def load_check_meanwhile() -> threading.Thread:
    """Loads the release check in a thread while Spark folds: importing Great Expectations takes seconds."""
    thread = threading.Thread(target=import_module, args=(CHECK_MODULE,), name="load-release-check")
    thread.start()
    return thread


def _show_checks(settings: Settings, week: str) -> None:
    from ais_indicators.io.delta import read_rows

    rows = read_rows(settings, "ops.check_results", filters=[("week", "=", week)]).to_pylist()
    failed = [r for r in rows if not r["passed"]]
    show_table(
        f"Release check of {week}: {len(rows) - len(failed)} of {len(rows)} checks passed",
        ("failed check", "severity", "rows", "of", "found"),
        [(r["check_name"], r["severity"], r["failed_rows"], r["checked_rows"], r["detail"]) for r in failed],
        f"Data Docs: {settings.data_dir / 'data_docs' / week / 'index.html'}",
    )


def show_published(settings: Settings, published: "Sequence[Published]") -> None:
    """Prints the ports of the newest week, the warnings of the release check, and which releases are new."""
    from ais_indicators.io.delta import read_rows
    from ais_indicators.io.references import port_names
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.operations.heard_week import counted_activity, heard_week
    from ais_indicators.publish.files import PORT_ACTIVITY
    from ais_indicators.releasing.history import read_history, release_folder
    from ais_indicators.releasing.protect import disclosure_sentence

    last = published[-1]
    observations = read_rows(settings, PORT_ACTIVITY, filters=[("week", "=", last.week.name)])
    rules = lake_rules(settings)
    heard = heard_week(settings, last.week, rules)
    if not heard.has_values:
        observations = counted_activity(settings, last.week, rules).to_arrow()
    history = read_history(settings)
    record = history.find(last.release_id)
    show_week(last.week.name, observations, port_names(settings, record.port_version))
    if heard.sentence:
        warn(heard.sentence)
    for warning in last.checks.failed_warnings:
        warn(f"warning: {warning.check_name}: {warning.detail}")
    lines: dict[str, str | None] = {}
    for item in published:
        for passed in item.overridden:
            warn(f"{item.week}: {passed.sentence}")
        state = "published" if item.is_new else "unchanged"
        line = f"{state}: release {item.release_id} in {release_folder(settings, item.release_id)}"
        held_back = history.find(item.release_id).disclosure
        lines[line] = disclosure_sentence(held_back) if held_back else None
    _show_lines(lines)


def _show_lines(lines: Mapping[str, str | None]) -> None:
    """Prints one line per release, followed by its disclosure sentence, or that once at the end."""
    sentences = set(lines.values())
    for line, sentence in lines.items():
        OUT.print(line, soft_wrap=True, highlight=False)
        if sentence and len(sentences) > 1:
            OUT.print(sentence, soft_wrap=True, highlight=False)
    for sentence in sentences if len(sentences) == 1 else ():
        if sentence:
            OUT.print(sentence, soft_wrap=True, highlight=False)
