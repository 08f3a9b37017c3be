"""Commands for port areas: ports load, ports list, ports derive."""

from pathlib import Path
from typing import Annotated

import typer

from ais_indicators.cli.console import OUT, progress_bar, show_table, warn
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Port areas and their versions.")


@app.command("load")
def load(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="GeoJSON polygons or the World Port Index CSV; default: the packaged list of ports."
        ),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Name of the version; default: a hash of the content.")
    ] = None,
) -> None:
    """Loads port areas as a new version; weeks that were computed before keep theirs."""
    load_ports(context.obj, file, version)


@app.command("list")
def list_versions(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the loaded versions, oldest first."""
    from ais_indicators.io.references import port_versions

    versions = [vars(v) for v in port_versions(context.obj)]
    if as_json:
        print_json(versions)
    else:
        header = ("version", "loaded as", "ports", "areas")
        show_table("Port versions", header, [list(v.values()) for v in versions])


@app.command("derive")
def derive(
    context: typer.Context,
    first: Annotated[str, typer.Option("--from", help="First ISO week of positions to use.")],
    last: Annotated[str, typer.Option("--to", help="Last ISO week.")],
    out: Annotated[Path, typer.Option(help="GeoJSON file to write; it must not exist yet.")],
    ports_version: Annotated[
        str | None, typer.Option(help="Port version to start from; default: the one that was loaded last.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Derives berths and anchorages from where ships stopped, as a port file to edit and load.

    Example: ais-indicators ports derive --from 2026-W40 --to 2026-W47 --out derived.geojson
    """
    period = Period(Week.parse(first), Week.parse(last))
    from ais_indicators import runner
    from ais_indicators.job import Job

    with progress_bar("derive_ports") as advance:
        job = Job(context.obj, period, paths=(out,), port_version=ports_version, advance=advance)
        derived = runner.run_task("derive_ports", job)
    if as_json:
        print_json(runner.to_plain(derived))
        return
    for sentence in (
        f"{derived.path}: {derived.berths:,} berths and {derived.anchorages:,} anchorages of {derived.ports:,} "
        f"ports, in addition to the areas of port version {derived.port_version}",
        f"omitted: {derived.far_from_ports:,} areas far from any port, {derived.drawn_already:,} that exist "
        f"already, {derived.sparse_cells:,} cells with too few ships",
        f"review it, then run: ais-indicators ports load {derived.path}",
    ):
        OUT.print(sentence, soft_wrap=True, highlight=False)


def load_ports(settings: Settings, file: Path | None, version: str | None = None) -> str:
    """Loads port areas, shows problems in them, and returns the name of the version."""
    from ais_indicators import runner
    from ais_indicators.job import Job

    with progress_bar("load_ports") as advance:
        job = Job(settings, paths=(file,) if file else (), port_version=version, advance=advance)
        loaded = runner.run_task("load_ports", job)
    for problem in loaded.problems:
        warn(f"ports: {problem}")
    new = "loaded" if loaded.is_new else "is already loaded"
    OUT.print(f"port version {loaded.version} {new}: {loaded.ports:,} ports, {loaded.areas:,} areas")
    return str(loaded.version)
