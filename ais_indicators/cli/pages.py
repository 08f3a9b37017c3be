"""Commands that show releases to readers: bulletin, dashboard."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ais_indicators.cli.console import OUT, warn
from ais_indicators.cli.options import AsJson, print_json


def bulletin(
    context: typer.Context,
    release: Annotated[str, typer.Option(help="Identifier of the release, or `latest`.")] = "latest",
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("."),
    language: Annotated[Literal["en", "fr", "es"], typer.Option(help="Language of the page.")] = "en",
    pdf: Annotated[bool, typer.Option("--pdf", help="Write the page as PDF too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Writes the bulletin of a release's week: one page that holds all it shows and loads nothing.

    Example: ais-indicators bulletin --release latest --language fr --pdf --out outbox
    """
    from ais_indicators.io.releases import find_release
    from ais_indicators.pipelines.write_bulletin import write_bulletin

    record = find_release(context.obj, release)
    if record["status"] == "withdrawn":
        warn(f"release {record['release_id']} was withdrawn; the bulletin says so")
    paths = write_bulletin(context.obj, record["release_id"], out, language, pdf)
    if as_json:
        print_json({"release_id": record["release_id"], "files": [str(path) for path in paths]})
        return
    for path in paths:
        OUT.print(str(path), soft_wrap=True, highlight=False)


def dashboard(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any that is free.")
    ] = 8050,
    host: Annotated[
        str, typer.Option(help="Address to listen on; other than 127.0.0.1, others can read it too.")
    ] = "127.0.0.1",
    base_path: Annotated[
        str, typer.Option(help="Sub-path at which a reverse proxy shows the pages, such as /ships.")
    ] = "",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Host name that readers use; .office.example for all below it. Repeatable."),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="Address or network of a reverse proxy whose X-Forwarded headers count. Repeatable."
        ),
    ] = None,
) -> None:
    """Serves the releases as a web page to choose from, until Ctrl-C. It only reads.

    Example: ais-indicators dashboard --base-path /ships --allow-host stats.office.example
    """
    from ais_indicators.dashboard.address import LOOPBACK, read_address
    from ais_indicators.dashboard.serve import serve
    from ais_indicators.io.releases import read_history

    where = read_address(host, base_path, allow_host or (), trusted_proxy or ())
    read_history(context.obj)  # a folder without a lake is told now, not to each reader
    if host not in LOOPBACK:
        warn(f"whoever reaches {host} can read all releases: there is no log-in")
    serve(
        context.obj,
        where,
        port,
        lambda address: OUT.print(f"serving at {address}; Ctrl-C ends it", soft_wrap=True, highlight=False),
    )
