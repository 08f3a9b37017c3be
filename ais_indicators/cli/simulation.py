"""Commands for simulated data sets: simulate, evaluate."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ais_indicators.cli.console import OUT, progress_bar, show_table
from ais_indicators.cli.flights import evaluate_flights
from ais_indicators.cli.integrity import percent, show_integrity
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.errors import WrongUseError

DEFAULT_START = "2026-W01"
MessageFormat = Annotated[
    Literal["noaa", "nmea", "dma", "ungp"], typer.Option("--format", help="Layout of the messages.")
]
ScenarioOption = Annotated[
    str,
    typer.Option(
        help="`clear` (no faults), `standard` (usual faults), `satellite` (no coast stations), or a YAML file "
        "with faults, traffic and shocks (docs/training.md)."
    ),
]


def simulate(
    out: Annotated[
        Path, typer.Option(help="Output directory; the files of an earlier simulation are replaced.")
    ],
    weeks: Annotated[int, typer.Option(min=1, help="Number of weeks.")] = 8,
    ships: Annotated[int, typer.Option(min=1, help="Number of ships.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Random seed: the same seed gives the same bytes.")] = 7,
    file_format: MessageFormat = "noaa",
    start: Annotated[str, typer.Option(help="First ISO week.")] = DEFAULT_START,
    scenario: ScenarioOption = "standard",
    thin: Annotated[
        int,
        typer.Option(min=0, help="Seconds between two fixes of a ship; 0: the full rate of ITU-R M.1371."),
    ] = 60,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Number of days written in parallel; default: one per core.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Simulates a data set with ports, ships, trade and radio, and writes the ground truth with the messages.

    Writes messages/ (one file per UTC day), register.csv, ports.geojson, gates.geojson and truth/.

    Example: ais-indicators simulate --weeks 8 --ships 100 --out ocean
    """
    from ais_simulator import Simulation, simulate_weeks

    wanted = Simulation(start, weeks, ships, seed, file_format, scenario, thin)
    with progress_bar("simulate") as advance:
        sea = simulate_weeks(wanted, out, jobs, advance)
    counts = {"messages": sea.rows, "days": len(sea.message_files), **sea.truth_rows}
    if as_json:
        print_json({"folder": str(out), **counts})
    else:
        show_table(f"Simulated into {out}", ("what", "rows"), list(counts.items()))


def evaluate(
    context: typer.Context,
    truth: Annotated[Path, typer.Option(help="Directory that `simulate` or `simulate-flights` wrote.")],
    release: Annotated[
        str | None, typer.Option(help="Evaluate the week of this release; default: the complete lake.")
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", help="Evaluate tonnes from this week on; earlier weeks are their history."),
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Evaluate tonnes up to this week.")] = None,
    out: Annotated[Path | None, typer.Option(help="Directory for the result as JSON and pictures.")] = None,
    as_json: AsJson = False,
) -> None:
    """Scores the results against the simulation's ground truth.

    Without --release it scores the events that lie completely inside the simulated weeks, and the tonnes of these weeks
    or of those from --from to --to.

    Example: ais-indicators evaluate --truth ocean --out evaluation
    """
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.operations.evaluate_lake import evaluate_lake, simulated_weeks, write_evaluation
    from ais_simulator.evaluation.flights import is_of_flights

    if is_of_flights(truth):
        if release or first or last:
            raise WrongUseError(
                "flights are evaluated over all simulated weeks; omit --release, --from and --to"
            )
        evaluate_flights(context.obj, truth, out, as_json)
        return
    weeks = simulated_weeks(truth, first, last) if first or last else None
    found = evaluate_lake(context.obj, truth, release, weeks, rules=lake_rules(context.obj))
    written = write_evaluation(context.obj, found, out) if out else []
    if as_json:
        print_json(found.plain())
        return
    show_evaluation(found.plain())
    for path in written:
        OUT.print(str(path), soft_wrap=True, highlight=False)


def show_evaluation(found: dict[str, Any]) -> None:
    """Prints an evaluation as tables."""
    rows = [
        (kind.replace("_", " "), of["true"], of["found"], percent(of["precision"]), percent(of["recall"]))
        for kind, of in ((kind, found[kind]) for kind in ("port_calls", "passages", "transits"))
        if of is not None
    ]
    show_table("Compared with the ground truth", ("event", "true", "found", "precision", "recall"), rows)
    by_class = [
        (name, of["true"], of["found"], percent(of["precision"]), percent(of["recall"]))
        for name, of in found["port_calls_by_class"].items()
    ]
    if by_class:
        show_table("Port calls by class", ("class", "true", "found", "precision", "recall"), by_class)
    errors = [
        (kind, *(found[f"{kind}_error_minutes"][part] for part in ("median", "p95")))
        for kind in ("arrival", "departure")
    ]
    show_table("Errors of times in minutes", ("time", "median", "95th percentile"), errors)
    causes = [
        (kind.replace("_", " "), cause, count)
        for kind, of_kind in found["causes"].items()
        for cause, count in of_kind.items()
    ]
    if causes:
        show_table("Errors by cause", ("events", "cause", "number"), causes)
    if found["integrity"] is not None:
        show_integrity(found["integrity"])
