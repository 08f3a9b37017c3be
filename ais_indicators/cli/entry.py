"""Assembles the commands and ends each with an exit code and, on failure, one sentence."""

import gc
import sys
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from ais_indicators.cli import (
    backfills,
    demo,
    exports,
    feeds,
    flights,
    gates,
    lake,
    maintenance,
    pages,
    ports,
    readiness,
    receive,
    releases,
    reproductions,
    simulation,
    task_list,
    vessels,
    weeks,
)
from ais_indicators.cli.console import fail
from ais_indicators.errors import AisIndicatorsError, ExitCode
from ais_indicators.process_exit import exit_after
from ais_indicators.settings import EXECUTOR_VARIABLE, LAKE_URL_VARIABLE, PROFILE_VARIABLE, Settings

COLLECTION_THRESHOLDS: Final = (50_000, 20, 100)
"""Thresholds of Python's garbage collector, higher than the default: libraries create many objects and few cycles, and

the searches take a twelfth of the time of a check and release.
"""

USAGE = "`ais-indicators --help` and `ais-indicators COMMAND --help` show the usage"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Official fast indicators from ship-tracking data (AIS).",
)
app.command()(lake.init)
app.command()(lake.doctor)
app.command()(receive.receive)
app.command()(feeds.ingest)
app.add_typer(feeds.app, name="sources")
app.add_typer(ports.app, name="ports")
app.add_typer(gates.app, name="gates")
app.add_typer(vessels.app, name="vessels")
app.command()(weeks.run)
app.command()(backfills.backfill)
app.command()(lake.status)
app.command()(task_list.tasks)
app.command()(readiness.ready)
app.command()(maintenance.maintain)
app.command()(weeks.check)
app.command("gate", hidden=True)(weeks.check)  # former name
app.command()(weeks.publish)
app.add_typer(releases.app, name="release")
app.command()(exports.export)
app.command()(pages.bulletin)
app.command()(pages.dashboard)
app.command()(reproductions.reproduce)
app.command()(simulation.simulate)
app.command("simulate-flights")(flights.simulate_flights)
app.command()(simulation.evaluate)
app.command()(demo.demo)


ExecutorOption = Annotated[
    str | None,
    typer.Option(
        help="Engine for the work per vessel. `spark`; `local`: processes on this machine, without Java; "
        "`auto`: `spark` with the profile `cluster`, else `local`.",
        envvar=EXECUTOR_VARIABLE,
        show_default="auto",
    ),
]
LakeUrl = Annotated[
    str | None,
    typer.Option(
        help="Address of the tables in an object store, such as s3a://BUCKET/FOLDER.",
        envvar=LAKE_URL_VARIABLE,
        show_default="in the data folder",
    ),
]


@app.callback()
def _root(
    context: typer.Context,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Root directory for tables, releases and logs.",
            envvar="AIS_INDICATORS_DATA_DIR",
            show_default="./data",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help="`local`: this machine; `cluster`: the workers of AIS_INDICATORS_SPARK_MASTER.",
            envvar=PROFILE_VARIABLE,
            show_default="local",
        ),
    ] = None,
    executor: ExecutorOption = None,
    lake_url: LakeUrl = None,
    debug: Annotated[bool, typer.Option(help="Show the traceback of errors.")] = False,
) -> None:
    from ais_indicators.io.failures import friendly_errors
    from ais_indicators.io.subject import lake_subject

    context.obj = Settings.from_environment(data_dir, profile, lake_url, executor)
    with friendly_errors(context.obj):
        lake_subject(context.obj)  # no command works on a lake of an unknown subject
    context.meta["debug"] = debug


def command() -> None:
    """Starts the process `ais-indicators`."""
    gc.set_threshold(*COLLECTION_THRESHOLDS)
    exit_after(main)


def main(arguments: list[str] | None = None) -> None:
    """Runs one command; converts errors into one sentence and an exit code."""
    _run(sys.argv[1:] if arguments is None else arguments)


def _run(given: list[str]) -> None:
    try:
        code = _built()(given, standalone_mode=False)
    except TyperException as error:
        if (
            type(error).__name__ != "NoArgsIsHelpError"
        ):  # the help is printed already; the class is private in typer
            fail(f"{_first_line(error.format_message()).rstrip('.')}; {USAGE}")
        sys.exit(int(ExitCode.WRONG_USE))
    except (KeyboardInterrupt, typer.Abort):
        code = int(ExitCode.INTERRUPTED)
    except AisIndicatorsError as error:
        if "--debug" in given:
            raise
        fail(str(error))
        sys.exit(int(error.exit_code))
    except Exception as error:
        if "--debug" in given:
            raise
        fail(_explained(error, given))
        sys.exit(int(ExitCode.UNEXPECTED))
    if code == ExitCode.INTERRUPTED:  # typer's own answer to Ctrl-C too
        fail("interrupted; run the same command again to go on")
    sys.exit(code if isinstance(code, int) else int(ExitCode.DONE))


@cache
def _built() -> TyperGroup:
    """Returns the command line, built once for all calls of this process."""
    built = typer.main.get_command(app)
    assert isinstance(built, TyperGroup)  # noqa: S101 - it has several commands
    return built


def _explained(error: Exception, given: list[str]) -> str:
    """Explains a machine or lake error in a sentence; else returns the error's own text."""
    from ais_indicators.io.failures import explain

    folder, lake_url = (
        given[given.index(option) + 1] if option in given[:-1] else None
        for option in ("--data-dir", "--lake-url")
    )
    sentence = explain(error, Settings.from_environment(folder, lake_url=lake_url))
    return sentence or f"unexpected {type(error).__name__}: {_first_line(str(error))} (--debug shows more)"


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[0]
