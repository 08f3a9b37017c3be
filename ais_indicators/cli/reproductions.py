"""The command `reproduce`: a release computed again from the lake as it was, and compared value by value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ais_indicators.cli.console import OUT, Bars, show_changes, show_table, warn
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.errors import ExitCode

if TYPE_CHECKING:
    from ais_indicators.pipelines.reproduce_releases import Reproduced


def reproduce(
    context: typer.Context,
    release: Annotated[str, typer.Argument(help="Identifier, `latest`, or `all`.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the lake that was computed in, under DATA_DIR/as_of.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Computes a release again from the messages and references that it rests on, and compares every value.

    It begins with an empty lake beside yours, takes in the files of messages as each week was folded with them, and
    uses the rules and the software as they are now. Exit code 0: no value differs; 1: some do, and it shows which, and
    which rules, code and packages are others than the release's.

    Example: ais-indicators reproduce all
    """
    from ais_indicators import runner
    from ais_indicators.pipelines.reproduce_releases import reproduce_releases

    tasks = [step.name for step in runner.tasks_before_gate() if step.name != "track_vessels"]
    with Bars() as bars:
        found = reproduce_releases(context.obj, release, tasks, runner.run_task, bars.begin, keep)
    if as_json:
        print_json([runner.to_plain(one) | {"is_same": one.is_same} for one in found])
    else:
        _show(found)
    if any(not one.is_same and not one.impossible for one in found):
        raise typer.Exit(ExitCode.UNEXPECTED)


def _show(found: "Sequence[Reproduced]") -> None:
    rows = [
        (
            one.release_id,
            one.observations,
            one.new,
            one.changed,
            one.gone,
            one.impossible or ("same" if one.is_same else "differs"),
        )
        for one in found
    ]
    show_table(
        "Releases computed again", ("release", "observations", "new", "changed", "gone", "outcome"), rows
    )
    for one in found:
        if one.largest:
            title = f"The largest change of each indicator: {one.release_id}"
            show_changes(title, one.largest, ("published", "computed"))
    for differs in dict.fromkeys(text for one in found for text in one.differs):
        warn(f"otherwise now: {differs}")
    same = sum(one.is_same for one in found)
    OUT.print(f"{same} of {len(found)} releases came out the same, value by value", highlight=False)
