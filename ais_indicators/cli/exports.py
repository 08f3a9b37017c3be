"""The command `export`: the data of one release, or of all weeks as they were known at a moment."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ais_indicators.cli.console import OUT, warn
from ais_indicators.errors import WrongUseError


def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    release: Annotated[
        str | None, typer.Option(help="Identifier of the release, or `latest`.", show_default="latest")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Release, date (its end, UTC) or time: of each week what was served then, one file a table."
        ),
    ] = None,
    week: Annotated[
        str | None, typer.Option(help="With --as-of this ISO week alone, as its files were.")
    ] = None,
    file_format: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="Format of the data.")
    ] = "csv",
) -> None:
    """Writes the data of a release, or what was known at a moment: byte for byte what was published.

    Example: ais-indicators export --release latest --format csv --out outbox

    Example: ais-indicators export --as-of 2026-11-21 --out outbox
    """
    from ais_indicators.io.releases import read_history
    from ais_indicators.periods import Week
    from ais_indicators.pipelines.known_then import export_known, export_one, withdrawn_sentence

    if as_of is None:
        if week is not None:
            raise WrongUseError("--week needs --as-of; a release is of one week already")
        chosen = release or "latest"
        paths = export_one(context.obj, chosen, file_format, out)
        withdrawal = read_history(context.obj).withdrawn.get(chosen)
        if withdrawal:
            warn(withdrawn_sentence(withdrawal))
    else:
        if release is not None:
            raise WrongUseError("choose --release or --as-of, not both")
        paths = export_known(context.obj, as_of, file_format, out, Week.parse(week).name if week else None)
    for path in paths:
        OUT.print(str(path), soft_wrap=True, highlight=False)
