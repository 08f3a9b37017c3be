"""Commands that show releases to readers: bulletin, dashboard."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ais_indicators.cli.console import OUT, warn
from ais_indicators.cli.options import AsJson, print_json

AllowHost = Annotated[
    list[str] | None,
    typer.Option(help="Host name that readers use; .office.example for all its subdomains. Repeatable."),
]
TrustedProxy = Annotated[
    list[str] | None,
    typer.Option(
        help="Address or network of a reverse proxy whose X-Forwarded headers are trusted. Repeatable."
    ),
]


def bulletin(
    context: typer.Context,
    release: Annotated[str, typer.Option(help="Release identifier, or `latest`.")] = "latest",
    out: Annotated[Path, typer.Option(help="Output directory.")] = Path("."),
    language: Annotated[Literal["en", "fr", "es"], typer.Option(help="Language of the page.")] = "en",
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write the page as PDF.")] = False,
    as_json: AsJson = False,
) -> None:
    """Writes the bulletin of a release's week: one self-contained page that loads nothing from elsewhere.

    Example: ais-indicators bulletin --release latest --language fr --pdf --out outbox
    """
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.releasing.history import read_history
    from ais_indicators.releasing.write_bulletin import write_bulletin

    history = read_history(context.obj)
    release_id = history.find(release).release_id
    if release_id in history.withdrawn:
        warn(f"release {release_id} was withdrawn; the bulletin says so")
    paths = write_bulletin(context.obj, release_id, out, language, pdf, rules=lake_rules(context.obj))
    if as_json:
        print_json({"release_id": release_id, "files": [str(path) for path in paths]})
        return
    for path in paths:
        OUT.print(str(path), soft_wrap=True, highlight=False)


def dashboard(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any free port.")
    ] = 8050,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; with any other than 127.0.0.1, other machines can read the pages too."
        ),
    ] = "127.0.0.1",
    base_path: Annotated[
        str, typer.Option(help="Sub-path at which a reverse proxy shows the pages, such as /ships.")
    ] = "",
    allow_host: AllowHost = None,
    trusted_proxy: TrustedProxy = None,
) -> None:
    """Serves the releases as an interactive web page until Ctrl-C. Read-only.

    Example: ais-indicators dashboard --base-path /ships --allow-host stats.office.example
    """
    from ais_indicators.dashboard.address import LOOPBACK, read_address
    from ais_indicators.dashboard.serve import serve
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.releasing.history import read_history

    where = read_address(host, base_path, allow_host or (), trusted_proxy or ())
    read_history(context.obj)  # report a directory without a lake now, not to each reader
    if host not in LOOPBACK:
        warn(f"anyone who can reach {host} can read all releases: there is no login")
    serve(
        context.obj,
        where,
        port,
        lambda address: OUT.print(
            f"serving at {address}; press Ctrl-C to stop", soft_wrap=True, highlight=False
        ),
        lake_rules(context.obj),
    )
