"""Preview of a file before ingest: its layout, some rows as they would be stored, and what would be rejected."""

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.errors import BadInputError
from ais_indicators.ingestion.chunk import seem_exchanged, unreadable_texts
from ais_indicators.ingestion.known_layouts import known_layouts, mappings_to_read, source_times
from ais_indicators.io.subject import refusal
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.sources import (
    BRONZE_MESSAGES,
    FILE_LINE,
    SourceBlock,
    guess_delivery,
    inspect,
    plan,
    read_chunk,
)
from ais_indicators.sources.mapping import load_mapping

SHOWN_ROWS: Final = 10
UNSAID: Final = ("reject_reasons", FILE_LINE)


@dataclass
class Look:
    """Preview of a file.

    Attributes:
        file_name: The file.
        layout: Name of its layout.
        title: Description of the layout.
        rows_read: Rows in the file.
        rows_accepted: Rows that would go to bronze.
        rows_quarantined: Rows that would go to quarantine.
        rows_set_aside: Messages without a ship's position or identity.
        reasons: Rows for quarantine by reason; a row with two counts for both.
        examples: The first line or row of each reason.
        set_aside: What would be set aside, by kind.
        samples: The first rows of each table as they would be stored.
        is_exchanged: Whether latitude and longitude seem to be swapped.
        unreadable_texts: Rows of which a name, call sign or destination is no text in UTF-8.
    """

    file_name: str
    layout: str
    title: str
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_set_aside: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    set_aside: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    is_exchanged: bool = False
    unreadable_texts: int = 0

    def plain(self) -> dict[str, Any]:
        """Returns all of it as JSON types."""
        samples = {
            table: [{name: _plain(value) for name, value in row.items()} for row in rows]
            for table, rows in self.samples.items()
        }
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**said, "reasons": dict(self.reasons), "set_aside": dict(self.set_aside), "samples": samples}


def look_at(
    settings: Settings,
    path: Path,
    mapping: Path | None = None,
    advance: Callable[[int, int], None] | None = None,
    *,
    rules: Rules,
) -> Look:
    """Reads a complete file and stores nothing.

    Args:
        settings: Settings of the lake whose mapping files are used.
        path: The file.
        mapping: A mapping file to use instead of those.
        advance: Called with the chunks read and in total.
        rules: Rules of the lake's subject.

    Raises:
        BadInputError: The file cannot be used.
    """
    mappings = [load_mapping(mapping)] if mapping else mappings_to_read(settings)
    source = inspect(path, mappings, times=source_times(settings), rules=rules)
    if mapping and source.layout != mappings[0].layout:
        raise BadInputError(
            f"{path.name}: is {source.layout}, not the {mappings[0].layout} of {mapping.name}"
        )
    if problem := refusal(path.name, source.members[0].layout.subject, settings):
        raise BadInputError(problem)
    titles = {entry["layout"]: entry["title"] for entry in known_layouts(settings)}
    look = Look(source.name, source.layout, titles.get(source.layout, mappings[0].title if mappings else ""))
    with tempfile.TemporaryDirectory(prefix="ais-check-") as scratch:
        chunks = plan(source, Path(scratch), rules=rules)
        for number, chunk in enumerate(chunks):
            for block in read_chunk(chunk, rules):
                _take(look, block, path, rules)
            if advance:
                advance(number + 1, len(chunks))
    return look


def _take(look: Look, block: SourceBlock, path: Path, rules: Rules) -> None:
    """Counts a block, and keeps its first rows."""
    for table, rows in block.by_table:
        look.unreadable_texts += unreadable_texts(rows)
        if rows.num_rows:
            times = rows if "observed_at_utc" in rows.column_names else block.rows
            split = apply_row_rules(rows, table, guess_delivery(path, times["observed_at_utc"], rules), rules)
            if table == BRONZE_MESSAGES and not look.samples.get(table):
                look.is_exchanged = seem_exchanged(split.accepted, rules)
            look.rows_accepted += split.accepted.num_rows
            look.reasons.update(split.reasons)
            _keep_examples(look, split.rejected)
            sample = look.samples.setdefault(table, [])
            shown = split.accepted.drop_columns(FILE_LINE).slice(0, SHOWN_ROWS - len(sample))
            sample += shown.to_pylist()
            look.rows_quarantined += split.rejected.num_rows
    look.reasons.update(block.unreadable["reject_reasons"].to_pylist())
    _keep_examples(look, block.unreadable)
    look.rows_quarantined += block.unreadable.num_rows
    look.set_aside.update(block.set_aside)
    look.rows_set_aside += sum(block.set_aside.values())
    look.rows_read = look.rows_accepted + look.rows_quarantined + look.rows_set_aside
    look.samples = {table: rows for table, rows in look.samples.items() if rows}


def _keep_examples(look: Look, rejected: pa.Table) -> None:
    """Keeps the first row of each reason that has none yet."""
    for reason in set(rejected["reject_reasons"].to_pylist()):
        for one in reason.split(","):
            if one not in look.examples:
                first = rejected["reject_reasons"].to_pylist().index(reason)
                look.examples[one] = _as_text(rejected.slice(first, 1).to_pylist()[0])


def _as_text(row: dict[str, Any]) -> str:
    """Formats the line as delivered, or the values that were read, with its number."""
    line = f"line {row[FILE_LINE]}: "
    if row.get("raw_row") is not None:
        return line + str(row["raw_row"])
    said = {name: value for name, value in row.items() if value is not None and name not in UNSAID}
    return line + ", ".join(f"{name} {_plain(value)}" for name, value in list(said.items())[:5])


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else value.isoformat()
