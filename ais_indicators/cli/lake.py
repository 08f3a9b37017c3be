"""Commands on the lake as a whole and on the machine: init, doctor, status."""

from typing import Annotated, Any

import typer

from ais_indicators.cli.console import OUT, show_table, warn
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.errors import ExitCode, WrongUseError
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings


def init(context: typer.Context) -> None:
    """Makes the tables that are not there yet."""
    from ais_indicators.contracts.model import all_tables
    from ais_indicators.io.delta import create_tables

    settings: Settings = context.obj
    made = create_tables(settings)
    OUT.print(f"{len(made)} tables made, {len(all_tables()) - len(made)} were there, under {settings.lake}")


def doctor(context: typer.Context) -> None:
    """Checks the machine and the set-up, and says how to mend what is wrong."""
    from ais_indicators.doctor import examine

    findings = examine(context.obj)
    rows = [("ok" if f.ok else "mend", f.name, f.found, "" if f.ok else f.mend) for f in findings]
    show_table("Set-up", ("", "what", "found", "how to mend"), rows)
    if not all(f.ok for f in findings):
        raise typer.Exit(ExitCode.UNEXPECTED)


def maintain(
    context: typer.Context,
    expire: Annotated[
        bool, typer.Option("--expire", help="Remove raw messages that their source may be kept no longer.")
    ] = False,
    at: Annotated[
        str | None,
        typer.Option(help="Week to count back from; without it the newest that holds messages."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Looks after the lake.

    How long a source may be kept says `keep_weeks`, in its mapping file or in DATA_DIR/sources.yaml. Positions and
    figures stay; a release without its raw messages can no longer be recomputed, and is recorded as such.

    Example: ais-indicators maintain --expire
    """
    from ais_indicators import runner
    from ais_indicators.pipelines.job import Job

    if not expire:
        raise WrongUseError("say what to do: --expire")
    week = Week.parse(at) if at else None
    done = runner.run_task("expire_messages", Job(context.obj, Period(week, week) if week else None))
    if as_json:
        print_json(runner.to_plain(done))
        return
    rows = [(layout, len(done.weeks.get(layout, ())), count) for layout, count in done.rows.items()]
    show_table(f"Removed, counted back from {done.counted_from}", ("layout", "weeks", "messages"), rows)
    for week in done.spared:
        warn(f"{week} is past its time but was not computed; run it, then expire again")
    if done.lost_releases:
        OUT.print(
            f"can no longer be recomputed: {', '.join(done.lost_releases)}", soft_wrap=True, highlight=False
        )


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Shows weeks, files and tables of the lake."""
    from ais_indicators.pipelines.lake_status import read_status

    found = read_status(context.obj)
    if as_json:
        print_json(found)
        return
    files = found["files"]
    OUT.print(
        f"{files['ingested']:,} files: {files['rows_read']:,} rows read = {files['rows_accepted']:,} accepted + "
        f"{files['rows_quarantined']:,} in quarantine + {files['rows_set_aside']:,} set aside"
    )
    header = ("week", "messages", "late", "state", "stale tables", "final", "served release")
    shown = ("week", "messages", "late_messages", "state", "stale_tables", "is_final", "release_id")
    weeks = [
        [", ".join(week[name]) if name == "stale_tables" else week[name] for name in shown]
        for week in found["weeks"]
    ]
    show_table("Weeks", header, weeks, _what_to_do(found["weeks"]))
    rows = [[name, t["rows"], t["files"], t["version"]] for name, t in found["tables"].items()]
    show_table("Tables", ("table", "rows", "files", "version"), rows)


def _what_to_do(weeks: list[dict[str, Any]]) -> str | None:
    """What helps weeks that are not as they would come out now."""
    of = {state: [week["week"] for week in weeks if week["state"] == state] for state in ("touched", "late")}
    said = []
    if of["touched"]:
        said.append(f"`run --week {weeks[-1]['week']}` takes up late messages of {', '.join(of['touched'])}.")
    if of["late"]:
        said.append(
            f"Late messages of {', '.join(of['late'])} came after the weeks were final: only `backfill --from "
            f"{of['late'][0]}` takes them up."
        )
    return " ".join(said) or None
