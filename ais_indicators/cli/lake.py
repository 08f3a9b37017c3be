"""Commands for the lake and the machine: init, doctor, status."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ais_indicators.cli.console import OUT, show_table
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.errors import ExitCode
from ais_indicators.settings import Settings


def init(
    context: typer.Context,
    subject: Annotated[
        str | None,
        typer.Option(help="Subject of the lake, `ships` or `planes`; never both.", show_default="ships"),
    ] = None,
) -> None:
    """Creates missing tables.

    Example: ais-indicators --data-dir air init --subject planes
    """
    from ais_indicators.contracts.model import all_tables
    from ais_indicators.io.delta import create_tables
    from ais_indicators.io.subject import as_subject, make_for

    settings: Settings = context.obj
    if subject is not None:
        make_for(settings, as_subject(subject))
    made = create_tables(settings)
    OUT.print(
        f"{len(made)} tables created, {len(all_tables()) - len(made)} existed already, under {settings.lake_location}"
    )


def doctor(
    context: typer.Context,
    settings: Annotated[
        bool,
        typer.Option(
            "--settings",
            help="Only print settings that fit this machine, as shell commands.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Checks the machine and the installation, and shows how to correct faults.

    Example: eval "$(ais-indicators doctor --settings)"
    """
    from ais_indicators.doctor import examine, fitting_settings

    if settings:
        _show_settings(fitting_settings().environment, as_json)
        return
    findings = examine(context.obj)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        rows = [("ok" if f.ok else "fix", f.name, f.found, "" if f.ok else f.remedy) for f in findings]
        show_table("Set-up", ("", "what", "found", "how to correct it"), rows)
    if not all(f.ok for f in findings):
        raise typer.Exit(ExitCode.UNEXPECTED)


def _show_settings(environment: Mapping[str, str], as_json: bool) -> None:
    """Prints environment variables for a shell or a script."""
    if as_json:
        print_json(dict(environment))
        return
    for name, value in environment.items():
        OUT.print(f"export {name}={value}", highlight=False)


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Shows the weeks, files and tables of the lake."""
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.operations.lake_status import read_status

    found = read_status(context.obj, lake_rules(context.obj))
    if as_json:
        print_json(found)
        return
    files = found["files"]
    OUT.print(
        f"{files['ingested']:,} files: {files['rows_read']:,} rows read = {files['rows_accepted']:,} accepted + "
        f"{files['rows_quarantined']:,} in quarantine + {files['rows_set_aside']:,} set aside"
    )
    header = ("week", "messages", "late", "state", "stale tables", "final", "served release", "candidate")
    shown = (
        "week",
        "messages",
        "late_messages",
        "state",
        "stale_tables",
        "is_final",
        "release_id",
        "candidate",
    )
    weeks = [
        [len(week[name]) or None if name == "stale_tables" else week[name] for name in shown]
        for week in found["weeks"]
    ]
    show_table("Weeks", header, weeks, _what_to_do(found["weeks"]), whole=("week", "served release"))
    rows = [[name, t["rows"], t["files"], t["version"]] for name, t in found["tables"].items()]
    show_table("Tables", ("table", "rows", "files", "version"), rows)


def _what_to_do(weeks: list[dict[str, Any]]) -> str | None:
    """Suggests actions for weeks that are not up to date."""
    helped = ("touched", "late", "stale")
    of = {state: [week["week"] for week in weeks if week["state"] == state] for state in helped}
    said = []
    if of["touched"]:
        said.append(f"`run --week {weeks[-1]['week']}` includes late messages of {', '.join(of['touched'])}.")
    if of["late"]:
        said.append(
            f"Late messages of {', '.join(of['late'])} came after the weeks were final: only `backfill --from "
            f"{of['late'][0]} --to {of['late'][-1]}` includes them."
        )
    if of["stale"]:
        said.append(
            "The inputs of stale weeks have changed: the next `run` or `backfill` of any week recomputes their values."
        )
    return " ".join(said) or None
