"""Commands for ship registers: vessels load, vessels list."""

from pathlib import Path
from typing import Annotated

import typer

from ais_indicators.cli.console import OUT, progress_bar, show_table, warn
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Ship registers and their versions.")


@app.command("load")
def load(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet with the columns imo, mmsi, name, class, operator, dwt, gt, length, width, "
            "design_draught, displacement, as far as available."
        ),
    ],
    version: Annotated[
        str | None, typer.Option(help="Name of the version; default: a hash of the content.")
    ] = None,
) -> None:
    """Loads a ship register as a new version, which the next runs use.

    Example: ais-indicators vessels load register.csv --version 2026-11
    """
    load_register(context.obj, file, version)


@app.command("list")
def list_versions(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the loaded versions, oldest first."""
    from ais_indicators.io.vessel_registers import register_versions

    versions = [vars(version) for version in register_versions(context.obj)]
    if as_json:
        print_json(versions)
    else:
        header = ("version", "loaded as", "ships")
        show_table("Registers", header, [list(version.values()) for version in versions])


def load_register(settings: Settings, file: Path, version: str | None = None) -> None:
    """Loads a register, and shows problems in it."""
    from ais_indicators import runner
    from ais_indicators.job import Job

    with progress_bar("load_vessels") as advance:
        job = Job(settings, paths=(file,), port_version=version, advance=advance)
        loaded = runner.run_task("load_vessels", job)
    for problem in loaded.problems:
        warn(f"vessels: {problem}")
    new = "loaded" if loaded.is_new else "is already loaded"
    OUT.print(f"register {loaded.version} {new}: {loaded.vessels:,} ships")
