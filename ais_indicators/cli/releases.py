"""Commands for releases: release list, show, diff, revisions, quality, withdraw, restore."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ais_indicators.cli.console import OUT, show_changes, show_table, warn
from ais_indicators.cli.options import AsJson, print_json

if TYPE_CHECKING:
    from ais_indicators.releasing.compare import ReleaseComparison
    from ais_indicators.releasing.history import ReleaseHistory
    from ais_indicators.releasing.record import Release
    from ais_indicators.releasing.withdraw import Decided

app = typer.Typer(no_args_is_help=True, help="What was published.")
ReleaseArgument = Annotated[str, typer.Argument(help="Identifier, or `latest`.")]
ByName = Annotated[str, typer.Option("--by", help="Person who decides.")]
Reason = Annotated[str, typer.Option("--reason", help="Reason, shown to readers of the data.")]
FirstWeek = Annotated[str | None, typer.Option("--from", help="First ISO week; default: all.")]
LastWeek = Annotated[str | None, typer.Option("--to", help="Last ISO week; default: all.")]


@app.command("list")
def list_releases(
    context: typer.Context,
    as_of: Annotated[
        str | None, typer.Option(help="Release, date or UTC time: show the releases as of then.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Lists the releases, newest last, and the candidates that wait to be published."""
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.releasing.candidates import find_candidates
    from ais_indicators.releasing.known_then import history_as_of

    history = history_as_of(context.obj, as_of)
    rows = [_entry(history, release) for release in history.releases]
    if as_json:
        print_json(rows)
        return
    header = (
        "id",
        "status",
        "served",
        "published (UTC)",
        "observations",
    )  # an identifier begins with its week
    show_table("Releases", header, [_for_people(row) for row in rows], whole=("id",))
    for waiting in [] if as_of else find_candidates(context.obj, history, lake_rules(context.obj)):
        against = f"differs from {waiting.release_id}" if waiting.release_id else "nothing is published"
        OUT.print(
            f"candidate {waiting.week}: {against}; check: {waiting.check}; `ais-indicators {waiting.publish_with}`",
            soft_wrap=True,
            highlight=False,
        )


@app.command("show")
def show(context: typer.Context, release_id: ReleaseArgument = "latest", as_json: AsJson = False) -> None:
    """Shows the inputs and provenance of a release."""
    from ais_indicators.io.expired import expired_through
    from ais_indicators.releasing.history import read_history, release_folder
    from ais_indicators.releasing.known_then import notes_of
    from ais_indicators.releasing.record import read_record

    history = read_history(context.obj)
    record = read_record(context.obj, history.find(release_id).release_id)
    shown = _entry(history, record)
    shown |= {name: value for name, value in record.to_plain().items() if name not in ("release_id", *shown)}
    expired = expired_through(context.obj)
    shown["can_be_recomputed"] = expired is None or record.week > expired.name
    shown["folder"] = str(release_folder(context.obj, record.release_id))
    shown["notes"] = notes_of(history, record)
    if as_json:
        print_json(shown)
        return
    rows = [(name, _formatted(value)) for name, value in shown.items()]
    show_table(f"Release {record.release_id}", ("what", "value"), rows)
    for note in shown["notes"]:
        warn(note)


@app.command("diff")
def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(help="A release.")],
    after: Annotated[
        str | None,
        typer.Argument(help="Another release of the same week; default: the one before the first."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Shows how two releases of a week, and their inputs, differ.

    Example: ais-indicators release diff 2026-W47-0123456789ab 2026-W47-ba9876543210
    """
    from ais_indicators.releasing.compare import compare_releases

    found = compare_releases(context.obj, before, after)
    if as_json:
        print_json(asdict(found) | {"is_same": found.is_same})
    else:
        _show_comparison(found)


@app.command("revisions")
def revisions(
    context: typer.Context, first: FirstWeek = None, last: LastWeek = None, as_json: AsJson = False
) -> None:
    """Shows how far headline values moved after first publication, by weeks since then.

    Example: ais-indicators release revisions --from 2026-W01 --to 2026-W26
    """
    from ais_indicators.io.subject import lake_rules
    from ais_indicators.periods import Week
    from ais_indicators.releasing.revisions import headline_revisions

    weeks = [Week.parse(text).name if text else None for text in (first, last)]
    found = headline_revisions(context.obj, *weeks, rules=lake_rules(context.obj))
    if as_json:
        print_json(found.to_dicts())
        return
    header = ("indicator", "lag, weeks", "weeks", "mean", "mean absolute", "relative, %", "revised, %")
    rows = [(*row[:5], None if row[5] is None else 100 * row[5], 100 * row[6]) for row in found.iter_rows()]
    show_table("Revisions since first published", header, rows, "Withdrawn releases are left out.")


@app.command("quality")
def quality(context: typer.Context, release_id: ReleaseArgument = "latest", as_json: AsJson = False) -> None:
    """Shows the quality indicators of a release: inputs, timeliness and revisions.

    Example: ais-indicators release quality latest --json
    """
    from ais_indicators.releasing.history import read_history
    from ais_indicators.releasing.quality import release_quality

    name = read_history(context.obj).find(release_id).release_id
    found = release_quality(context.obj, name)
    if as_json:
        print_json({"release": name, "indicators": found.to_dicts()})
        return
    show_table(f"Quality of {name}", ("indicator", "value", "unit", "status"), found.rows())


@app.command("withdraw")
def withdraw(
    context: typer.Context,
    release_id: ReleaseArgument,
    by_name: ByName,
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Withdraws a release: the previous one of its week is served again, and both stay on record.

    Example: ais-indicators release withdraw 2026-W47-0123456789ab --by "A. Person" --reason "ports mixed up"
    """
    from ais_indicators import runner
    from ais_indicators.releasing.withdraw import withdraw_release

    with runner.exclusive(context.obj):
        _show_decided(withdraw_release(context.obj, release_id, by_name, reason), as_json)


@app.command("restore")
def restore(
    context: typer.Context,
    release_id: ReleaseArgument,
    by_name: ByName,
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Ends a withdrawal: the release is served again as before."""
    from ais_indicators import runner
    from ais_indicators.releasing.withdraw import restore_release

    with runner.exclusive(context.obj):
        _show_decided(restore_release(context.obj, release_id, by_name, reason), as_json)


def _show_decided(done: "Decided", as_json: bool) -> None:
    if as_json:
        print_json(asdict(done))
        return
    now = f"served for {done.week} is {done.served}" if done.served else f"nothing is served for {done.week}"
    OUT.print(f"{done.event}: {done.release_id}; {now}", soft_wrap=True, highlight=False)


def _show_comparison(found: "ReleaseComparison") -> None:
    title = f"{found.week}: {found.after} against {found.before}"
    if found.is_same:
        OUT.print(f"{title}: all values are equal", soft_wrap=True, highlight=False)
    else:
        rows: list[Any] = [(table, *of.values()) for table, of in found.counts.items()]
        show_table(title, ("table", "observations", "new", "changed", "gone"), rows)
        heads = [(name, *values) for name, values in found.headlines.items()]
        show_table("Headline values", ("figure", "before", "after"), heads)
        show_changes("The largest change of each indicator", found.largest, ("before", "after"))
    OUT.print("Inputs that differ:" if found.causes else "Their inputs are the same.", highlight=False)
    for cause in found.causes:
        OUT.print(f"  {cause.kind}: {cause.said}", soft_wrap=True, highlight=False, markup=False)


def _entry(history: "ReleaseHistory", release: "Release") -> dict[str, Any]:
    """Returns the fields of a release for scripts."""
    return {
        "id": release.release_id,
        "week": release.week,
        "status": history.status(release),
        "served": history.is_served(release),
        "published_at_utc": release.published_at_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "observations": release.observations,
    }


def _for_people(entry: dict[str, Any]) -> list[Any]:
    """Returns the same fields for a terminal of 80 columns, with times to the minute."""
    published = entry["published_at_utc"].replace("T", " ")[: len("2026-11-21 09:00")]
    return [entry["id"], entry["status"], entry["served"], published, entry["observations"]]


def _formatted(value: Any) -> str:
    if value is None:
        return "not recorded, or none"
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
