"""Commands for the gates of chokepoints: gates load, gates list."""

from pathlib import Path
from typing import Annotated

import typer

from ais_indicators.cli.console import OUT, show_table, warn
from ais_indicators.cli.options import AsJson, print_json

app = typer.Typer(no_args_is_help=True, help="Gates of chokepoints and their versions.")


@app.command("load")
def load(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="GeoJSON polygons of gates and their sides; default: the packaged chokepoints."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Name of the version; default: a hash of the content.")
    ] = None,
) -> None:
    """Loads gates as a new version; weeks that were computed before keep theirs.

    A lake without gates loads the packaged ones when its first week runs. `simulate` writes its gates as gates.geojson.

    Example: ais-indicators gates load gates.geojson --version 2026-1
    """
    from ais_indicators import runner
    from ais_indicators.job import Job

    job = Job(context.obj, paths=(file,) if file else (), gate_version=version)
    loaded = runner.run_task("load_gates", job)
    for problem in loaded.problems:
        warn(f"gates: {problem}")
    new = "loaded" if loaded.is_new else "is already loaded"
    OUT.print(f"gate version {loaded.version} {new}: {loaded.gates:,} gates, {loaded.areas:,} areas")


@app.command("list")
def list_versions(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the loaded versions, oldest first."""
    from ais_indicators.io.gate_references import gate_versions

    versions = [vars(v) for v in gate_versions(context.obj)]
    if as_json:
        print_json(versions)
    else:
        header = ("version", "loaded as", "gates", "areas")
        show_table("Gate versions", header, [list(v.values()) for v in versions])
