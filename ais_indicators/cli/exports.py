"""The command `export`: the data of one release, or of all weeks as known at a given time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ais_indicators.cli.console import OUT, warn
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.errors import WrongUseError

if TYPE_CHECKING:
    from ais_indicators.releasing.export_formats import Exported
    from ais_indicators.releasing.known_then import Known
    from ais_indicators.settings import Settings

Since = Annotated[
    str | None,
    typer.Option(
        help="SDMX: only the differences from what was served at this release, date or time (all weeks unless "
        "--release or --week is given): new observations are appended, changed ones replaced, removed ones deleted."
    ),
]
SdmxVersionOption = Annotated[
    Literal["3.0", "2.1"],
    typer.Option("--sdmx-version", help="Version of SDMX-ML data; structures are written in both versions."),
]
Daily = Annotated[
    bool, typer.Option("--daily", help="PortWatch: add the daily values of these weeks from the lake.")
]
Describe = Annotated[
    bool, typer.Option(help="Add machine-readable descriptions of the CSV files: CSVW, Frictionless, DCAT.")
]
CsvFor = Annotated[
    Literal["programs", "excel"],
    typer.Option(
        "--csv-for",
        help="CSV: `programs`, byte for byte as published; `excel`, with the separator and decimal mark of --locale, "
        "a byte order mark, and names next to the codes.",
    ),
]
LocaleOption = Annotated[
    str | None,
    typer.Option(
        help="Language and country of the reader's Excel, such as de-DE: a semicolon between columns where decimals "
        "have a comma.",
        show_default="language of publication.yaml",
    ),
]

ReleaseOption = Annotated[
    str | None, typer.Option(help="Release identifier, or `latest`.", show_default="latest")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        help="Release, date (end of day, UTC) or time: what was served then for each week, one file per table."
    ),
]
WeekAsOf = Annotated[
    str | None, typer.Option(help="With --as-of: only this ISO week, with its files as they were.")
]
FileFormat = Annotated[
    Literal["csv", "parquet", "xlsx", "sdmx-csv", "sdmx-ml", "portwatch"],
    typer.Option("--format", help="Data format."),
]


def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Output directory.")],
    release: ReleaseOption = None,
    as_of: AsOf = None,
    week: WeekAsOf = None,
    file_format: FileFormat = "csv",
    since: Since = None,
    sdmx_version: SdmxVersionOption = "3.0",
    daily: Daily = False,
    describe: Describe = True,
    csv_for: CsvFor = "programs",
    locale: LocaleOption = None,
    as_json: AsJson = False,
) -> None:
    """Writes the data of a release, or what was known at a given time; CSV and Parquet are byte for byte as published.

    Example: ais-indicators export --release latest --format csv --out outbox

    Example: ais-indicators export --as-of 2026-11-21 --format xlsx --out outbox

    Example: ais-indicators export --release latest --csv-for excel --locale de-DE --out outbox

    Example: ais-indicators export --as-of 2026-11-21 --format sdmx-ml --out outbox

    Example: ais-indicators export --since 2026-11-14 --format sdmx-csv --out outbox

    Example: ais-indicators export --as-of 2026-11-21 --format portwatch --out outbox
    """
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.releasing.export_formats import Asked, export_known

    known = _asked_for(context.obj, release, as_of, week, since)
    asked = Asked(file_format, out, since, sdmx_version, daily, describe, csv_for, locale)
    exported = export_known(context.obj, known, asked, lake_rules(context.obj))
    if as_json:
        print_json({"files": [str(path) for path in exported.files], "changes": exported.changes})
        return
    _show(exported)


def _asked_for(
    settings: "Settings", release: str | None, as_of: str | None, week: str | None, since: str | None
) -> "Known":
    """Returns the requested releases, with a warning for a withdrawn one.

    Raises:
        WrongUseError: The options exclude each other, or there are no such releases.
    """
    from ais_indicators.periods import Week
    from ais_indicators.releasing.history import read_history
    from ais_indicators.releasing.known_then import known_at, known_release, withdrawn_sentence

    if as_of is not None and release is not None:
        raise WrongUseError("choose --release or --as-of, not both")
    is_of_all = as_of is not None or (since is not None and release is None)
    if week is not None and not is_of_all:
        raise WrongUseError("--week needs --as-of; a release already covers one week")
    if is_of_all:
        return known_at(settings, as_of, Week.parse(week).name if week else None)
    chosen = release or "latest"
    known = known_release(settings, chosen)
    withdrawal = read_history(settings).withdrawn.get(chosen)
    if withdrawal:
        warn(withdrawn_sentence(withdrawal))
    return known


def _show(exported: "Exported") -> None:
    """Prints the files, one per line, and the actions of an update to standard error."""
    from ais_indicators.publish.sdmx.rows import APPEND, DELETE, REPLACE

    for path in exported.files:
        OUT.print(str(path), soft_wrap=True, highlight=False)
    for table, of in exported.changes.items():
        warn(f"{table}: {of[APPEND]:,} to append, {of[REPLACE]:,} to replace, {of[DELETE]:,} to delete")
