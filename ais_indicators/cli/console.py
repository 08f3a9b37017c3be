"""Output of the command line: tables, progress bars and messages."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Task as RichTask
from rich.table import Table
from rich.text import Text

from ais_indicators.periods import Period
from ais_indicators.rules import Rules

if TYPE_CHECKING:
    import pyarrow as pa

    from ais_indicators.ingestion.source_check import Look
    from ais_indicators.io.spread import Advance
    from ais_indicators.pipelines.ingest_messages import FileReport
    from ais_indicators.pipelines.track_vessels import FoldSummary
    from ais_indicators.releasing.compare import Change

OUT = Console()
ERR = Console(stderr=True)
SHOWN_PORTS = 25
COLUMNS_ABREAST = 6
MOST_FILES_IN_TABLE = 10
MOST_COUNTED = 99_999
"""Above this number of pieces, progress is shown in per cent: the two numbers do not fit next to a bar."""

WIDTH_OF_BARS = 70
"""Terminals narrower than this show no bar, only title, progress and time."""

CARGO_CLASSES = ("container", "dry_bulk", "general_cargo", "roro", "cargo_unspecified", "tanker")
TOTAL = "_T"
PLAIN = "N"
"""Adjustment of a value that is as it was counted."""


def show_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    caption: str | None = None,
    whole: Sequence[str] = (),
) -> None:
    """Prints a table; numbers are right-aligned with thousands separators.

    Args:
        title: Line above the table.
        header: Column names.
        rows: Cells of each row.
        caption: Line below the table.
        whole: Columns that a narrow terminal must not truncate, because readers copy them into the next command.
    """
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left")
    for place, name in enumerate(header):
        numeric = all(isinstance(row[place], int | float) or row[place] is None for row in rows)
        table.add_column(
            name,
            justify="right" if numeric and rows else "left",
            overflow="ellipsis",
            no_wrap=name in whole,
            min_width=max((len(as_text(row[place])) for row in rows), default=0) if name in whole else None,
        )
    for row in rows:
        table.add_row(*(as_text(cell) for cell in row))
    OUT.print(table)


def show_changes(title: str, changes: "Sequence[Change]", sides: tuple[str, str]) -> None:
    """Prints the values that differ between two computations, one column per computation."""
    rows = [
        (c.key["indicator"], ", ".join(v for n, v in c.key.items() if n != "indicator"), c.before, c.after)
        for c in changes
    ]
    show_table(title, ("indicator", "of", *sides), rows)


def as_text(cell: Any) -> str:
    """Formats a cell: `1,234`, `3.5`, `0.083`, empty for None."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        is_small_share = abs(cell) < 1 and round(cell, 1) != cell
        return f"{cell:.3f}" if is_small_share else f"{cell:,.1f}"
    return str(cell)


class _PiecesColumn(MofNCompleteColumn):
    """Shows pieces done and in total, `7/260`, or per cent if there are very many."""

    def render(self, task: RichTask) -> Text:
        if task.total is None or task.total <= MOST_COUNTED:
            return super().render(task)
        return Text(f"{task.percentage:.0f} %", style="progress.download")


class Bars:
    """Progress bars, one per task, drawn on a terminal and one line each elsewhere; used in a `with` statement."""

    def __init__(self) -> None:
        bars = (BarColumn(),) if ERR.width >= WIDTH_OF_BARS else ()
        left = (TextColumn("left"), TimeRemainingColumn()) if bars else ()
        title = TextColumn("{task.description:<24}")
        self._progress = Progress(
            SpinnerColumn(), title, *bars, _PiecesColumn(), TimeElapsedColumn(), *left, console=ERR
        )
        self._bar: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()
        self._progress.stop()

    def begin(self, title: str) -> "Advance":
        """Finishes the previous bar and starts another; returns a callback `(done, total)`."""
        self._finish()
        self._bar = bar = self._progress.add_task(title, total=None)

        def advance(done: int, total: int) -> None:
            self._progress.update(bar, completed=done, total=total)

        return advance

    def _finish(self) -> None:
        if self._bar is not None:
            total = self._progress.tasks[self._bar].total or 1
            self._progress.update(self._bar, completed=total, total=total)
            self._progress.stop_task(self._bar)


@contextmanager
def progress_bar(title: str) -> "Iterator[Advance]":
    """Shows one progress bar for one task."""
    with Bars() as bars:
        yield bars.begin(title)


def week_ports(observations: "pa.Table", names: dict[str, str]) -> list[list[Any]]:
    """Returns one row per port of a week: code, name, then its indicators, busiest port first; None for missing values.

    Args:
        observations: Rows of `gold.port_activity_weekly` of one week.
        names: Name of each port code.
    """
    of_all: dict[str, dict[str, Any]] = {}
    cargo: Counter[str] = Counter()
    for row in observations.to_pylist():
        if row.get("adjustment", PLAIN) != PLAIN:
            continue
        if row["vessel_class"] == TOTAL and row["port_locode"] != TOTAL:
            of_all.setdefault(row["port_locode"], {})[row["indicator"]] = row["value"]
        elif row["vessel_class"] in CARGO_CLASSES and row["indicator"] == "arrivals":
            cargo[row["port_locode"]] += int(row["value"] or 0)
    by_size = sorted(
        of_all.items(), key=lambda i: (-(i[1].get("arrivals") or 0), -(i[1].get("unique_vessels") or 0), i[0])
    )
    return [
        [
            port,
            names.get(port, ""),
            _count(values.get("arrivals")),
            cargo[port],
            _count(values.get("departures")),
            _count(values.get("unique_vessels")),
            _count(values.get("calls_in_progress")),
            values.get("median_hours_in_port"),
            values.get("median_hours_waiting"),
        ]
        for port, values in by_size
    ]


def _count(value: float | None) -> int | None:
    return None if value is None else int(value)


def show_week(week: str, observations: "pa.Table", names: dict[str, str]) -> None:
    """Prints the table of a week's ports."""
    rows = week_ports(observations, names)
    more = f"{len(rows) - SHOWN_PORTS} more ports are in the release. " if len(rows) > SHOWN_PORTS else ""
    show_table(
        f"Ports in {week}",
        ("port", "name", "arr.", "cargo", "dep.", "ships", "in port", "h stay", "h wait"),
        rows[:SHOWN_PORTS],
        f"{more}Arrivals, those of cargo ships and tankers, departures, ships seen in a call, calls in progress at "
        "the week's end, median hours of stay and of waiting.",
    )


def show_ingested(files: "Sequence[FileReport]", rules: Rules) -> None:
    """Prints one row per file (one line each and a total if there are many), then the reasons of quarantine."""
    if len(files) > MOST_FILES_IN_TABLE:
        _show_file_lines(files)
    else:
        _show_file_table(files)
    reasons: Counter[str] = Counter()
    set_aside: Counter[str] = Counter()
    for file in files:
        reasons.update(file.reasons)
        set_aside.update(file.set_aside)
        _warn_of_file(file.name, file, rules)
    for what, counts in (("in quarantine", reasons), ("set aside", set_aside)):
        if counts:
            listed = ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
            OUT.print(f"{what}: {listed}", soft_wrap=True, highlight=False)


def _show_file_table(files: "Sequence[FileReport]") -> None:
    """Prints a table of files, followed by their notes."""
    rows = [
        [f.name, f.outcome, f.rows_read, f.rows_accepted, f.rows_quarantined, f.rows_set_aside] for f in files
    ]
    show_table("Files", ("file", "", "read", "accepted", "quarantined", "set aside"), rows)
    for file in files:
        if file.detail and file.outcome != "refused":
            OUT.print(f"{file.name}: {file.detail}", soft_wrap=True, highlight=False)


def _show_file_lines(files: "Sequence[FileReport]") -> None:
    """Prints one line per file and a total, in columns without a box, because long names would break a box."""
    of_all = [sum(column) for column in zip(*map(_file_counts, files), strict=True)]
    counts = [[f"{count:,}" for count in row] for row in (*map(_file_counts, files), of_all)]
    names = [*(file.name for file in files), f"{len(files):,} files"]
    outcomes = [*(file.outcome for file in files), ""]
    details = [*(file.detail if file.outcome != "refused" else "" for file in files), ""]
    name_width = max(map(len, names))
    widths = [max(map(len, column)) for column in zip(*counts, strict=True)]
    OUT.print("file: rows read = accepted + quarantined + set aside", highlight=False)
    for name, outcome, row, detail in zip(names, outcomes, counts, details, strict=True):
        read, *parts = (f"{text:>{width}}" for text, width in zip(row, widths, strict=True))
        line = (
            f"{name:<{name_width}}  {read} = {' + '.join(parts)}  {outcome}{f'; {detail}' if detail else ''}"
        )
        OUT.print(line.rstrip(), soft_wrap=True, highlight=False, markup=False)


def _file_counts(file: "FileReport") -> tuple[int, int, int, int]:
    return file.rows_read, file.rows_accepted, file.rows_quarantined, file.rows_set_aside


def show_look(look: "Look", rules: Rules) -> None:
    """Prints the layout of a file, some of its rows as they would be stored, and what would be rejected."""
    OUT.print(f"{look.file_name}: {look.layout}, {look.title}", soft_wrap=True, highlight=False)
    for name, rows in look.samples.items():
        filled = [column for column in rows[0] if any(row[column] is not None for row in rows)]
        for start in range(0, len(filled), COLUMNS_ABREAST):
            shown = filled[start : start + COLUMNS_ABREAST]
            show_table(name, shown, [[_plain(row[column]) for column in shown] for row in rows])
    OUT.print(
        f"{look.rows_read:,} rows read = {look.rows_accepted:,} would be accepted + {look.rows_quarantined:,} "
        f"would go to quarantine + {look.rows_set_aside:,} set aside",
        soft_wrap=True,
        highlight=False,
    )
    lost = [[name, count, look.examples.get(name, "")] for name, count in look.reasons.items()]
    if lost:
        show_table("Would go to quarantine", ("reason", "rows", "such as"), lost)
    if look.set_aside:
        show_table("Would be set aside", ("what", "messages"), list(look.set_aside.items()))
    _warn_of_file(look.file_name, look, rules)


def _warn_of_file(file_name: str, read: "FileReport | Look", rules: Rules) -> None:
    """Warns of a file in which most MMSIs lost digits, coordinates seem to be swapped, or texts are not in UTF-8."""
    from ais_indicators.sources.lost_digits import spreadsheet_warning

    if sentence := spreadsheet_warning(file_name, read.rows_read, read.reasons, rules):
        warn(sentence)
    if read.is_exchanged:
        warn(
            f"{file_name}: latitude and longitude seem to be swapped: hardly any position is near a port and most may "
            f"be on land; swapped, they are near ports or at sea. Inspect the file and swap both in its mapping"
        )
    if read.unreadable_texts:
        warn(
            f"{file_name}: {read.unreadable_texts:,} rows have a name, call sign or destination that is not in UTF-8, "
            f"which was left empty; convert the file, for instance with iconv -f LATIN1 -t UTF-8"
        )


def _plain(value: Any) -> Any:
    """Formats the numbers of a message without thousands separators."""
    return str(value) if isinstance(value, int | float) else value


def show_fold(asked: Period, fold: "FoldSummary", newest_ports: str) -> None:
    """Prints what the fold did, and a warning if it kept an earlier version of the ports."""
    rejected = ", ".join(f"{name} {count:,}" for name, count in fold.rejected.items()) or "none"
    if fold.period is None:
        OUT.print(f"tracks and calls of {asked} are up to date; nothing to recompute", highlight=False)
        return
    OUT.print(
        f"folded {fold.period}: {fold.messages:,} messages = {fold.accepted:,} positions + "
        f"{fold.messages - fold.accepted:,} in quarantine ({rejected})",
        soft_wrap=True,
        highlight=False,
    )
    if fold.port_version != newest_ports:
        warn(
            f"{asked} has port version {fold.port_version}, not the newest one {newest_ports}: a week keeps the "
            f"ports it was computed with; `backfill --ports-version {newest_ports}` recomputes it"
        )


def warn(sentence: str) -> None:
    """Prints a warning in yellow to standard error."""
    ERR.print(sentence, style="yellow", soft_wrap=True, highlight=False, markup=False)


def fail(sentence: str) -> None:
    """Prints an error in red to standard error."""
    ERR.print(sentence, style="red", soft_wrap=True, highlight=False, markup=False)
