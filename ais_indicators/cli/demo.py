"""The command `demo`: the complete pipeline on a simulated data set or on your own files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ais_indicators.cli.console import OUT, progress_bar
from ais_indicators.cli.feeds import ingest_files
from ais_indicators.cli.ports import load_ports
from ais_indicators.cli.simulation import DEFAULT_START, show_evaluation
from ais_indicators.cli.vessels import load_register
from ais_indicators.cli.weeks import run_weeks
from ais_indicators.errors import WrongUseError
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings

DEMO_SEED = 7
EVALUATION = "evaluation"


def demo(
    context: typer.Context,
    messages: Annotated[
        list[Path] | None,
        typer.Option("--input", help="Files of AIS messages to use instead of a simulated data set."),
    ] = None,
    ports: Annotated[Path | None, typer.Option(help="Port areas to use with the files.")] = None,
    week: Annotated[
        str | None, typer.Option(help="ISO week of the files, or first week to simulate.")
    ] = None,
    weeks: Annotated[int, typer.Option(min=1, help="Number of weeks to simulate.")] = 8,
    ships: Annotated[int, typer.Option(min=1, help="Number of ships to simulate.")] = 100,
) -> None:
    """Runs the complete pipeline once: on a simulated data set, compared with its ground truth, or on your own files.

    Example: ais-indicators demo --weeks 2
    """
    if messages:
        _run_files(context.obj, messages, ports, week)
    else:
        _run_ocean(context.obj, Week.parse(week or DEFAULT_START), weeks, ships)


def _run_files(settings: Settings, paths: Sequence[Path], ports: Path | None, week: str | None) -> None:
    if week is None:
        raise WrongUseError("give the week of the files, such as --week 2020-W01")
    asked = Week.parse(week)
    version = load_ports(settings, ports)
    ingest_files(settings, paths)
    run_weeks(settings, Period(asked, asked), ports_version=version)


def _run_ocean(settings: Settings, first: Week, weeks: int, ships: int) -> None:
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.operations.evaluate_lake import evaluate_lake, write_evaluation
    from ais_simulator import Simulation, simulate_weeks

    folder = settings.data_dir / "demo"
    with progress_bar("simulate") as advance:
        sea = simulate_weeks(Simulation(first.name, weeks, ships, DEMO_SEED), folder, advance=advance)
    version = load_ports(settings, sea.ports_file)
    load_register(settings, sea.register_file)
    ingest_files(settings, sea.message_files)
    run_weeks(settings, Period(first, first.plus(weeks - 1)), ports_version=version)
    found = evaluate_lake(settings, folder, rules=lake_rules(settings))
    show_evaluation(found.plain())
    for path in write_evaluation(settings, found, settings.data_dir / EVALUATION):
        OUT.print(str(path), soft_wrap=True, highlight=False)
