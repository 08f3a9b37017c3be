"""The command line: arguments in, tables or JSON out. What is done stands in `runner` and the pipelines."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import typer
from typer.exceptions import TyperException

from ais_indicators import runner
from ais_indicators.console import (
    OUT,
    Bars,
    fail,
    progress_bar,
    show_fold,
    show_ingested,
    show_table,
    show_week,
    warn,
)
from ais_indicators.contracts.model import all_tables
from ais_indicators.doctor import examine
from ais_indicators.errors import AisIndicatorsError, ExitCode, GateStoppedError
from ais_indicators.io.delta import create_tables, read_rows
from ais_indicators.io.references import port_names, port_versions
from ais_indicators.io.releases import find_release, read_releases, release_folder
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.ingest_messages import IngestSummary
from ais_indicators.pipelines.job import Job
from ais_indicators.pipelines.lake_status import read_status
from ais_indicators.publish.files import RELEASED_TABLE, export_release
from ais_indicators.settings import Settings
from ais_indicators.simulate import simulate_weeks

DEMO_WEEK = "2026-W20"
DEMO_SHIPS = 60
DEMO_SEED = 7

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Official fast indicators from ship-tracking data (AIS).",
)
ports_app = typer.Typer(no_args_is_help=True, help="Port areas and their versions.")
release_app = typer.Typer(no_args_is_help=True, help="What was published.")
app.add_typer(ports_app, name="ports")
app.add_typer(release_app, name="release")

WeekOption = Annotated[str, typer.Option("--week", help="ISO week, such as 2026-W47.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
PortsVersion = Annotated[
    str | None,
    typer.Option(help="Port version to fold with, in place of the one that the week was folded with before."),
]


@app.callback()
def _root(
    context: typer.Context,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of all state.", envvar="AIS_INDICATORS_DATA_DIR", show_default="./data"),
    ] = None,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
) -> None:
    context.obj = Settings.from_environment(data_dir)
    context.meta["debug"] = debug


@app.command()
def init(context: typer.Context) -> None:
    """Makes the tables that are not there yet."""
    settings: Settings = context.obj
    made = create_tables(settings)
    OUT.print(f"{len(made)} tables made, {len(all_tables()) - len(made)} were there, under {settings.lake}")


@app.command()
def doctor(context: typer.Context) -> None:
    """Checks the machine and the set-up, and says how to mend what is wrong."""
    findings = examine(context.obj)
    rows = [("ok" if f.ok else "mend", f.name, f.found, "" if f.ok else f.mend) for f in findings]
    show_table("Set-up", ("", "what", "found", "how to mend"), rows)
    if not all(f.ok for f in findings):
        raise typer.Exit(ExitCode.UNEXPECTED)


@app.command()
def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files of AIS messages, or folders with such files.")],
    delivered_at: Annotated[
        datetime | None,
        typer.Option(help="When the files were delivered (UTC); without it each file's modification time."),
    ] = None,
) -> None:
    """Takes in files of AIS messages; the same content twice changes nothing.

    Example: ais-indicators ingest AIS_2024_01_01.zip AIS_2024_01_02.zip
    """
    delivery = delivered_at.replace(tzinfo=UTC) if delivered_at else None
    with progress_bar("ingest_messages") as advance:
        job = Job(context.obj, paths=tuple(paths), delivered_at=delivery, advance=advance)
        summary = runner.run_task("ingest_messages", job)
    _show_ingested(summary)


@ports_app.command("load")
def load_ports(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="GeoJSON polygons or the World Port Index CSV; without it a default list of ports."
        ),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Name of the version; else a hash of the content.")
    ] = None,
) -> None:
    """Loads port areas as a new version; weeks that were folded before keep theirs."""
    _load_ports(context.obj, file, version)


@ports_app.command("list")
def list_ports(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the loaded versions, the oldest first."""
    versions = [vars(v) for v in port_versions(context.obj)]
    if as_json:
        _print_json(versions)
    else:
        show_table(
            "Port versions", ("version", "loaded as", "ports", "areas"), [list(v.values()) for v in versions]
        )


@app.command()
def run(
    context: typer.Context,
    week: WeekOption,
    only: Annotated[str | None, typer.Option(help="Run this task alone.")] = None,
    until: Annotated[str | None, typer.Option(help="Stop after this task.")] = None,
    ports_version: PortsVersion = None,
) -> None:
    """Runs a week from its messages to its release.

    Example: ais-indicators run --week 2026-W47
    """
    _run_weeks(context.obj, Period(Week.parse(week), Week.parse(week)), only, until, ports_version)


@app.command()
def backfill(
    context: typer.Context,
    first: Annotated[str, typer.Option("--from", help="First ISO week.")],
    last: Annotated[str, typer.Option("--to", help="Last ISO week.")],
    ports_version: PortsVersion = None,
) -> None:
    """Runs consecutive weeks in one go.

    Example: ais-indicators backfill --from 2024-W01 --to 2024-W08
    """
    _run_weeks(context.obj, Period(Week.parse(first), Week.parse(last)), None, None, ports_version)


@app.command()
def gate(context: typer.Context, week: WeekOption) -> None:
    """Runs the quality gate on a week as it stands; exit code 3 when a critical check fails."""
    asked = Period(Week.parse(week), Week.parse(week))
    try:
        with progress_bar("check_release") as advance:
            runner.run_task("check_release", Job(context.obj, asked, advance=advance))
    except GateStoppedError:
        _show_checks(context.obj, week)
        raise
    _show_checks(context.obj, week)


@app.command()
def publish(context: typer.Context, week: WeekOption) -> None:
    """Gates a week as it stands and publishes it; without new figures nothing changes."""
    asked = Period(Week.parse(week), Week.parse(week))
    with progress_bar("publish_release") as advance:
        published = runner.run_task("publish_release", Job(context.obj, asked, advance=advance))
    _show_published(context.obj, published)


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Shows weeks, files and tables of the lake."""
    found = read_status(context.obj)
    if as_json:
        _print_json(found)
        return
    files = found["files"]
    OUT.print(
        f"{files['ingested']:,} files: {files['rows_read']:,} rows read = {files['rows_accepted']:,} accepted + "
        f"{files['rows_quarantined']:,} in quarantine + {files['rows_set_aside']:,} set aside"
    )
    header = ("week", "messages", "state", "final", "ports", "served release")
    show_table("Weeks", header, [list(week.values()) for week in found["weeks"]])
    rows = [[name, t["rows"], t["files"], t["version"]] for name, t in found["tables"].items()]
    show_table("Tables", ("table", "rows", "files", "version"), rows)


@release_app.command("list")
def list_releases(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the releases, the newest last."""
    rows = [_release_entry(row) for row in read_releases(context.obj)]
    if as_json:
        _print_json(rows)
    else:
        header = ("id", "week", "status", "served", "published", "observations")
        show_table("Releases", header, [list(row.values()) for row in rows])


@release_app.command("show")
def show_release(
    context: typer.Context,
    release_id: Annotated[str, typer.Argument(help="Identifier, or `latest`.")] = "latest",
    as_json: AsJson = False,
) -> None:
    """Shows what a release rests on."""
    record = find_release(context.obj, release_id)
    texts = ("table_versions", "input_hashes", "warnings")
    shown = _release_entry(record) | {
        name: json.loads(value) if name in texts else value
        for name, value in record.items()
        if name not in ("release_id", "week", "status", "is_served", "published_at_utc", "observations")
    }
    shown["folder"] = str(release_folder(context.obj, record["release_id"]))
    if as_json:
        _print_json(shown)
    else:
        rows = [(k, json.dumps(v) if isinstance(v, list | dict) else str(v)) for k, v in shown.items()]
        show_table(f"Release {record['release_id']}", ("what", "value"), rows)


@app.command()
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    release: Annotated[str, typer.Option(help="Identifier of the release, or `latest`.")] = "latest",
    file_format: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="Format of the data.")
    ] = "csv",
) -> None:
    """Writes the data of a release: a function of the release alone, byte for byte.

    Example: ais-indicators export --release latest --format csv --out outbox
    """
    record = find_release(context.obj, release)
    for path in export_release(release_folder(context.obj, record["release_id"]), file_format, out):
        OUT.print(str(path), soft_wrap=True, highlight=False)


@app.command()
def demo(
    context: typer.Context,
    messages: Annotated[
        list[Path] | None, typer.Option("--input", help="Files in place of a simulated week.")
    ] = None,
    ports: Annotated[Path | None, typer.Option(help="Port areas that go with the files.")] = None,
    week: WeekOption = DEMO_WEEK,
) -> None:
    """Runs the whole road once: on a small simulated week, or on files of yours."""
    settings: Settings = context.obj
    asked = Week.parse(week)
    paths = messages
    if paths is None:
        with progress_bar("simulate") as advance:
            sea = simulate_weeks(
                asked.name, 1, DEMO_SHIPS, DEMO_SEED, settings.data_dir / "demo", progress=advance
            )
        paths, ports = list(sea.message_files), ports or sea.ports_file
    version = _load_ports(settings, ports, None)
    with progress_bar("ingest_messages") as advance:
        summary = runner.run_task("ingest_messages", Job(settings, paths=tuple(paths), advance=advance))
    _show_ingested(summary)
    _run_weeks(settings, Period(asked, asked), None, None, version)


def main(arguments: list[str] | None = None) -> None:
    """Entry of the command; turns errors into one sentence and an exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(given, standalone_mode=False)
    except TyperException as error:
        fail(
            f"{_first_line(error)}; `ais-indicators --help` and `ais-indicators COMMAND --help` tell the usage"
        )
        sys.exit(int(ExitCode.WRONG_USE))
    except (KeyboardInterrupt, typer.Abort):
        fail("interrupted; run the same command again to go on")
        sys.exit(int(ExitCode.UNEXPECTED))
    except Exception as error:
        if "--debug" in given:
            raise
        known = isinstance(error, AisIndicatorsError)
        fail(
            str(error)
            if known
            else f"unexpected {type(error).__name__}: {_first_line(error)} (--debug shows more)"
        )
        sys.exit(int(error.exit_code if isinstance(error, AisIndicatorsError) else ExitCode.UNEXPECTED))
    sys.exit(code if isinstance(code, int) else int(ExitCode.DONE))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]


def _show_checks(settings: Settings, week: str) -> None:
    rows = read_rows(settings, "ops.check_results", filters=[("week", "=", week)]).to_pylist()
    failed = [r for r in rows if not r["passed"]]
    show_table(
        f"Gate of {week}: {len(rows) - len(failed)} of {len(rows)} checks hold",
        ("failed check", "severity", "rows", "of", "found"),
        [(r["check_name"], r["severity"], r["failed_rows"], r["checked_rows"], r["detail"]) for r in failed],
        f"Data Docs: {settings.data_dir / 'data_docs' / week / 'index.html'}",
    )


def _load_ports(settings: Settings, file: Path | None, version: str | None) -> str:
    with progress_bar("load_ports") as advance:
        job = Job(settings, paths=(file,) if file else (), port_version=version, advance=advance)
        loaded = runner.run_task("load_ports", job)
    for problem in loaded.problems:
        warn(f"ports: {problem}")
    new = "loaded" if loaded.is_new else "is loaded already"
    OUT.print(f"port version {loaded.version} {new}: {loaded.ports:,} ports, {loaded.areas:,} areas")
    return str(loaded.version)


def _show_ingested(summary: IngestSummary) -> None:
    show_ingested(summary.files)
    summary.stop_on_refusal()


def _run_weeks(
    settings: Settings, period: Period, only: str | None, until: str | None, ports_version: str | None
) -> None:
    job = Job(settings, period, port_version=ports_version)
    with Bars() as bars:
        summaries = runner.run_weekly(job, only, until, lambda step: bars.begin(step.name))
    if "track_vessels" in summaries:
        newest = ports_version or port_versions(settings)[-1].version
        show_fold(period, summaries["track_vessels"], newest)
    if "publish_release" in summaries:
        _show_published(settings, summaries["publish_release"])


def _show_published(settings: Settings, published: Any) -> None:
    last = published[-1]
    observations = pl.DataFrame(read_rows(settings, RELEASED_TABLE, filters=[("week", "=", last.week.name)]))
    record = find_release(settings, last.release_id)
    show_week(last.week.name, observations, port_names(settings, record["port_version"]))
    for warning in last.checks.failed_warnings:
        warn(f"warning: {warning.check_name}: {warning.detail}")
    for item in published:
        state = "published" if item.is_new else "unchanged"
        folder = release_folder(settings, item.release_id)
        OUT.print(f"{state}: release {item.release_id} in {folder}", soft_wrap=True, highlight=False)


def _release_entry(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["release_id"],
        "week": row["week"],
        "status": row["status"],
        "served": row["is_served"],
        "published_at_utc": row["published_at_utc"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "observations": row["observations"],
    }


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
