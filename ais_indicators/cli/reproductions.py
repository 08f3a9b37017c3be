"""The command `reproduce`: recomputes a release from the lake as it was and compares every value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ais_indicators.cli.console import OUT, Bars, show_changes, show_table, warn
from ais_indicators.cli.options import AsJson, print_json
from ais_indicators.errors import ExitCode

if TYPE_CHECKING:
    from ais_indicators.releasing.reproduce import Reproduced


def reproduce(
    context: typer.Context,
    release: Annotated[str, typer.Argument(help="Identifier, `latest`, or `all`.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the temporary lake, under DATA_DIR/as_of.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Recomputes a release from the messages and references that it used, and compares every value.

    It starts with an empty, separate lake, ingests the files of messages that each week was computed from, and uses the
    current rules and software. Exit code 0: no value differs; 1: some differ, and it shows which, and which rules, code
    and packages differ from the release's.

    Example: ais-indicators reproduce all
    """
    from ais_indicators import runner
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.releasing.reproduce import reproduce_releases

    rules = lake_rules(context.obj)
    tasks = [step.name for step in runner.tasks_before_check(rules.subject) if step.name != "track_vessels"]
    with Bars() as bars:
        found = reproduce_releases(
            context.obj, release, tasks, runner.run_task, bars.begin, keep, rules=rules
        )
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
    show_table("Recomputed releases", ("release", "observations", "new", "changed", "gone", "outcome"), rows)
    for one in found:
        if one.largest:
            title = f"The largest change of each indicator: {one.release_id}"
            show_changes(title, one.largest, ("published", "computed"))
    for differs in dict.fromkeys(text for one in found for text in one.differs):
        warn(f"changed since: {differs}")
    same = sum(one.is_same for one in found)
    OUT.print(f"{same} of {len(found)} releases were reproduced, value by value", highlight=False)
