"""Commands on what was published: release list, release show, export."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ais_indicators.cli.console import OUT, show_table
from ais_indicators.cli.options import AsJson, print_json

app = typer.Typer(no_args_is_help=True, help="What was published.")
TEXTS_OF_JSON = ("figure_files", "table_versions", "input_hashes", "attributions", "warnings", "disclosure")


@app.command("list")
def list_releases(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the releases, the newest last."""
    from ais_indicators.io.releases import read_releases

    rows = [_entry(row) for row in read_releases(context.obj)]
    if as_json:
        print_json(rows)
    else:
        header = ("id", "week", "status", "served", "published", "observations")
        show_table("Releases", header, [list(row.values()) for row in rows])


@app.command("show")
def show(
    context: typer.Context,
    release_id: Annotated[str, typer.Argument(help="Identifier, or `latest`.")] = "latest",
    as_json: AsJson = False,
) -> None:
    """Shows what a release rests on."""
    from ais_indicators.io.expired import expired_through
    from ais_indicators.io.releases import find_release, release_folder

    record = find_release(context.obj, release_id)
    shown = _entry(record) | {
        name: json.loads(value) if name in TEXTS_OF_JSON and value is not None else value
        for name, value in record.items()
        if name not in ("release_id", "week", "status", "is_served", "published_at_utc", "observations")
    }
    expired = expired_through(context.obj)
    shown["can_be_recomputed"] = expired is None or record["week"] > expired.name
    shown["folder"] = str(release_folder(context.obj, record["release_id"]))
    if as_json:
        print_json(shown)
    else:
        rows = [(k, json.dumps(v) if isinstance(v, list | dict) else str(v)) for k, v in shown.items()]
        show_table(f"Release {record['release_id']}", ("what", "value"), rows)


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
    from ais_indicators.io.releases import find_release, release_folder
    from ais_indicators.publish.files import export_release

    record = find_release(context.obj, release)
    folder, sources = release_folder(context.obj, record["release_id"]), json.loads(record["attributions"])
    for path in export_release(folder, file_format, out, sources):
        OUT.print(str(path), soft_wrap=True, highlight=False)


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """What scripts read of a release."""
    return {
        "id": row["release_id"],
        "week": row["week"],
        "status": row["status"],
        "served": row["is_served"],
        "published_at_utc": row["published_at_utc"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "observations": row["observations"],
    }
