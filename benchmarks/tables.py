"""Tables of the benchmark pages."""

from collections.abc import Iterable, Sequence
from typing import Final

GB: Final = 1e9
NOT_MEASURED: Final = "Not measured in this run."
TARGET_COLUMNS: Final = ("target", "wanted", "measured", "met")
Target = tuple[str, str, str, str]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a Markdown table, or a sentence where there is nothing to show."""
    body = list(rows)
    if not body:
        return NOT_MEASURED
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def gigabytes(size: float | None) -> str:
    """Formats bytes in GB; empty without any."""
    return f"{size / GB:.2f}" if size else ""


def target(
    name: str, measured: float | None, limit: float, aim: str = "", is_least: bool = False, digits: int = 2
) -> Target:
    """Returns the row of a target: its limit, what was measured, and whether that meets it.

    Args:
        name: What is measured, with its unit.
        measured: The value; None where it was not measured.
        limit: The greatest value that meets the target.
        aim: What is hoped for beyond it.
        is_least: The limit is the least value instead.
        digits: Decimals of the measured value.
    """
    wanted = f"at {'least' if is_least else 'most'} {limit:,.10g}{f' (aim {aim})' if aim else ''}"
    if measured is None:
        return name, wanted, "not measured", ""
    is_met = measured >= limit if is_least else measured <= limit
    return name, wanted, f"{measured:,.{digits}f}", "yes" if is_met else "**no**"
