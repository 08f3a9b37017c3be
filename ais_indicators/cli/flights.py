"""The command that simulates flights, and the output of their evaluation."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ais_indicators.cli.console import OUT, progress_bar, show_table, week_ports
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.periods import Week
from ais_indicators.settings import Settings

DEFAULT_START = "2026-W01"
MOST_PLANES = 4096
FormatOption = Annotated[
    Literal["csv", "parquet"], typer.Option("--format", help="File format of the state vectors.")
]
ScenarioOption = Annotated[
    Literal["clear", "standard"], typer.Option(help="`clear`: no faults; `standard`: usual faults.")
]


def simulate_flights(
    out: Annotated[
        Path, typer.Option(help="Output directory; the files of an earlier simulation are replaced.")
    ],
    weeks: Annotated[int, typer.Option(min=1, help="Number of weeks.")] = 2,
    planes: Annotated[int, typer.Option(min=1, max=MOST_PLANES, help="Number of planes.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Random seed: the same seed gives the same bytes.")] = 7,
    file_format: FormatOption = "csv",
    start: Annotated[str, typer.Option(help="First ISO week.")] = DEFAULT_START,
    scenario: ScenarioOption = "standard",
    interval: Annotated[
        int, typer.Option(min=1, max=60, help="Seconds between two state vectors of a plane.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Simulates flights between airports in OpenSky's columns, and writes the ground truth with them.

    Writes messages/ (one file per UTC day), airports.geojson and truth/.

    Example: ais-indicators simulate-flights --weeks 2 --planes 20 --out sky
    """
    from ais_simulator.flights import Sky
    from ais_simulator.flights import simulate_flights as simulate

    wanted = Sky(start, weeks, planes, seed, scenario, file_format, interval)
    with progress_bar("simulate-flights") as advance:
        sky = simulate(wanted, out, advance)
    counts = {
        "state_vectors": sky.rows,
        "days": len(sky.message_files),
        "flights": sky.flights,
        **sky.truth_rows,
    }
    if as_json:
        print_json({"folder": str(out), **counts})
    else:
        show_table(f"Simulated into {out}", ("what", "rows"), list(counts.items()))


def evaluate_flights(settings: Settings, truth: Path, out: Path | None, as_json: bool) -> None:
    """Compares a lake of planes with the ground truth of simulated flights, and shows the result."""
    from ais_indicators.operations.evaluate_flights import evaluate_flights as evaluate
    from ais_indicators.operations.evaluate_flights import write_flight_evaluation

    found = evaluate(settings, truth)
    written = write_flight_evaluation(found, out) if out else []
    if as_json:
        print_json(found.plain())
        return
    _show(found.plain())
    for path in written:
        OUT.print(str(path), soft_wrap=True, highlight=False)


def show_airports(settings: Settings, week: Week) -> None:
    """Prints the values of a week of a lake of planes, which are not released."""
    from ais_indicators.io.delta import read_rows
    from ais_indicators.io.references import last_port_version, port_names
    from ais_indicators.publish.files import PORT_ACTIVITY

    observations = read_rows(settings, PORT_ACTIVITY, filters=[("week", "=", week.name)])
    found = week_ports(observations, port_names(settings, last_port_version(settings)))
    show_table(
        f"Airports in {week}",
        ("airport", "name", "arr.", "dep.", "planes", "on ground", "h stay"),
        [
            [code, name, arrived, left, planes, there, hours]
            for code, name, arrived, _, left, planes, there, hours, _ in found
        ],
        "Full stops, departures, planes seen on the ground, stays in progress at the week's end, median hours of stay. "
        "These values are in gold.port_activity_weekly and are not released.",
    )


def _show(found: dict[str, Any]) -> None:
    rows = [
        (
            name,
            of["true"],
            of["found"],
            _percent(of["precision"]),
            _percent(of["recall"]),
            of["median_minutes_late"],
        )
        for name, of in ((name, found[name]) for name in ("arrivals", "departures"))
    ]
    show_table(
        "Compared with the ground truth",
        ("end", "true", "found", "precision", "recall", "median minutes late"),
        rows,
    )
    figures = found["weekly_figures"]
    OUT.print(
        f"{figures['equal']} of {figures['compared']} weekly values are equal, the others differ by "
        f"{figures['largest_difference']} at most; {found['touch_and_goes_counted_as_arrivals']} touch-and-goes "
        "were counted as arrivals"
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"
