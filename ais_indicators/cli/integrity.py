"""Output of the integrity scores: false positions, lost positions, dark vessels, closed chokepoints."""

from collections.abc import Mapping
from typing import Any

from ais_indicators.cli.console import OUT, show_table

NOT_SCORED = "not scored"


def show_integrity(found: Mapping[str, Any]) -> None:
    """Prints the scores as tables, and names what could not be scored."""
    show_table("Vessel-hours", ("hours", "number", "what", "thereof", "share"), _hours(found))
    if "spoofing" in found or "jamming" in found:
        show_table("Under false or lost positions", ("what", "number"), _consequences(found))
    if "dark" in found:
        _show_dark(found["dark"])
    if found.get("status"):
        _show_status(found["status"])
    for reason in found["not_scored"]:
        OUT.print(f"{NOT_SCORED}: {reason}", soft_wrap=True, highlight=False)


def _hours(found: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    names = {
        "spoofing": ("with a false position", "found"),
        "jamming": ("with lost positions", "found"),
        "clean": ("without a false position", "rejected"),
    }
    return [
        (label, found[part]["hours"], what, _number(found[part][what]), percent(found[part][f"{what}_share"]))
        for part, (label, what) in names.items()
        if part in found
    ]


def _consequences(found: Mapping[str, Any]) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    if (spoofing := found.get("spoofing")) is not None:
        places = ", ".join(spoofing["false_places"])
        rows += [
            ("port calls where the vessel was not", spoofing["false_calls"]),
            ("transits where the vessel was not", spoofing["false_transits"]),
            *([("at", places)] if places else []),
        ]
    for kind in ("spoofing", "jamming"):
        if kind in found:
            rows += [
                (f"weeks with {kind}", found[kind]["weeks"]),
                (f"weeks in which {kind} was found", _number(found[kind]["weeks_named"])),
                (f"weeks in which {kind} was found wrongly", _number(found[kind]["weeks_named_wrongly"])),
            ]
    return rows


def _show_dark(dark: Mapping[str, Any]) -> None:
    summary = [
        ("vessel-hours", dark["hours"]),
        ("ports and chokepoints with a fall", dark["falls"]),
        ("thereof marked", dark["marked"]),
    ]
    summary += [
        (f"vessels dark for 12 h or more in {week}, true and found", f"{of['true']}, {_number(of['found'])}")
        for week, of in dark["vessels_by_week"].items()
    ]
    show_table("Dark vessels", ("what", "number"), summary)
    rows = [
        (one["week"], one["place"], one["true"], _number(one["value"]), one["obs_status"] or "")
        for one in dark["unmarked"]
    ]
    if rows:
        show_table("Falls without a mark", ("week", "place", "true", "published", "status"), rows)


def _show_status(status: Mapping[str, Any]) -> None:
    wrong = ", ".join(status["called_closed_wrongly"]) or "none"
    rows = [
        ("weeks of closed chokepoints", status["closed"]),
        ("thereof classified as closed", status["called_closed"]),
        ("wrongly classified as closed", wrong),
        *((f"status of {name}", said or "no row") for name, said in status["by_week"].items()),
    ]
    show_table("Closed chokepoints", ("what", "value"), rows)


def percent(share: float | None) -> str:
    """Formats a share as a percentage; empty for None."""
    return "" if share is None else f"{100 * share:.2f} %"


def _number(value: float | None) -> Any:
    return NOT_SCORED if value is None else value
