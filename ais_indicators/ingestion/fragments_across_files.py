"""Joins messages whose fragments are in two files: at the end of one and at the beginning of another.

A fragment that its own file cannot complete waits in quarantine. After each delivery all of them are examined again;
the lines that form complete messages are written as one small log, which is ingested like any file and replaces the
previous one. So the result depends on which files are in the lake, not on their order.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.ingestion.chunk import QUARANTINE
from ais_indicators.io.delta import active_files, open_delta, read_file
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.sources.nmea.fragments import assemble
from ais_indicators.sources.nmea.reading import AT_FILE_EDGE
from ais_indicators.sources.nmea.sentences import scan

FILE_NAME: Final = "fragments-across-files.nmea"
NOTHING: Final = "# no !AIVDM, fragments of one message are in different files\n"
COLUMNS: Final = ["observed_at_utc", "raw_row", "file_sha256", "reject_reasons"]


def write_joined(settings: Settings, logs: Collection[str], was_written: bool, rules: Rules) -> Path | None:
    """Writes the lines of all messages that only several files together hold.

    Args:
        settings: Settings of the lake.
        logs: Marks of the files of sentences in it: only their quarantine is read, to which other feeds also write.
        was_written: Whether an earlier log of such lines is in the lake, so that an empty one has to replace it.
        rules: Rules of the lake's subject.

    Returns:
        The log to ingest; None if it is not needed.
    """
    files = [
        f for f in active_files(open_delta(settings, QUARANTINE)) if Path(f.path).name.split("-")[0] in logs
    ]
    waiting = [_waiting(read_file(settings, QUARANTINE, file, COLUMNS)) for file in files]
    text = joined_text(pa.concat_tables(waiting), rules) if waiting else ""
    if not text and not was_written:
        return None
    path = settings.staging / FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or NOTHING, encoding="utf-8")
    return path


def _waiting(rows: pa.Table) -> pa.Table:
    """Returns the fragments that another file may complete."""
    return rows.filter(pc.equal(rows["reject_reasons"], AT_FILE_EDGE))


def joined_text(waiting: Any, rules: Rules) -> str:
    """Returns the lines of complete messages, each preceded by its time, message after message.

    Args:
        waiting: Columns `observed_at_utc`, `raw_row` and `file_sha256`, one row per fragment.
        rules: Rules of the lake's subject.
    """
    rows = sorted(waiting.to_pylist(), key=lambda r: (r["observed_at_utc"], r["raw_row"], r["file_sha256"]))
    lines = [f"{row['observed_at_utc']:%Y-%m-%dT%H:%M:%S.%fZ} {_sentence(row['raw_row'])}" for row in rows]
    text = np.frombuffer("".join(f"{line}\n" for line in lines).encode(), np.uint8).copy()
    sentences = scan(text, rules)
    whole = sentences["line"][assemble(text, sentences, rules).chained]
    return "".join(f"{lines[line]}\n" for line in whole.tolist())


def _sentence(line: str) -> str:
    """Returns the line without a leading column of time; a tag block is kept, because it names the station."""
    starts = [place for place in (line.find("\\"), line.find("!")) if place >= 0]
    return line[min(starts) :]
