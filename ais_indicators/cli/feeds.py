"""Commands on files of AIS messages: ingest."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ais_indicators.cli.console import progress_bar, show_ingested
from ais_indicators.settings import Settings


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
    ingest_files(context.obj, paths, delivered_at.replace(tzinfo=UTC) if delivered_at else None)


def ingest_files(settings: Settings, paths: Sequence[Path], delivered_at: datetime | None = None) -> None:
    """Takes files in and shows what became of each.

    Raises:
        BadInputError: A file was refused; the others are in the lake.
    """
    from ais_indicators import runner
    from ais_indicators.pipelines.job import Job

    with progress_bar("ingest_messages") as advance:
        job = Job(settings, paths=tuple(paths), delivered_at=delivered_at, advance=advance)
        summary = runner.run_task("ingest_messages", job)
    show_ingested(summary.files)
    summary.stop_on_refusal()
