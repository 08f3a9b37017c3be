"""Commands for files of AIS messages: ingest, sources list, sources check."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ais_indicators.cli.console import progress_bar, show_ingested, show_look, show_table
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Layouts of files of AIS messages.")
MappingOption = Annotated[
    Path | None,
    typer.Option(
        help="Mapping file (YAML) that describes the layout of the files, or the name of an example; default: the "
        "layout is recognised."
    ),
]


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files of AIS messages, or directories of such files.")],
    delivered_at: Annotated[
        datetime | None,
        typer.Option(help="Delivery time of the files (UTC); default: modification time of each file."),
    ] = None,
    mapping: MappingOption = None,
) -> None:
    """Ingests files of AIS messages; the same content twice changes nothing.

    Layouts: raw NMEA (!AIVDM), NOAA MarineCadastre, Danish Maritime Authority, UN Global Platform, and those that
    mapping files describe; as text, gzip, zstd, zip or Parquet. `ais-indicators sources list` lists them.

    Example: ais-indicators ingest AIS_2024_01_01.zip station-7.nmea.gz
    """
    delivery = delivered_at.replace(tzinfo=UTC) if delivered_at else None
    ingest_files(context.obj, paths, delivery, mapping)


@app.command("list")
def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the supported layouts, the office's own mapping files first."""
    from ais_indicators.ingestion.known_layouts import known_layouts

    layouts = known_layouts(context.obj)
    if as_json:
        print_json(layouts)
    else:
        header = ("layout", "description", "format", "mapping file", "licence", "keep weeks")
        show_table("Layouts", header, [list(layout.values())[: len(header)] for layout in layouts])


@app.command("check")
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File of AIS messages.")],
    mapping: MappingOption = None,
    as_json: AsJson = False,
) -> None:
    """Shows the layout of a file, ten rows as they would be stored, and what would be rejected; changes nothing.

    Example: ais-indicators sources check vendor.csv --mapping vendor.yaml
    """
    from ais_indicators.ingestion.source_check import look_at
    from ais_indicators.io.subject import lake_rules

    rules = lake_rules(context.obj)
    with progress_bar("check") as advance:
        look = look_at(context.obj, file, mapping, advance, rules=rules)
    if as_json:
        print_json(look.plain())
    else:
        show_look(look, rules)


def ingest_files(
    settings: Settings,
    paths: Sequence[Path],
    delivered_at: datetime | None = None,
    mapping: Path | None = None,
) -> None:
    """Ingests files and shows the result for each.

    Raises:
        BadInputError: A file was refused; the others were ingested.
    """
    from ais_indicators import runner
    from ais_indicators.job import Job

    with progress_bar("ingest_messages") as advance:
        job = Job(settings, paths=tuple(paths), delivered_at=delivered_at, mapping=mapping, advance=advance)
        summary = runner.run_task("ingest_messages", job)
    show_ingested(summary.files, job.rules)
    summary.stop_on_refusal()
