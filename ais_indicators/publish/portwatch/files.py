"""Files of an export in PortWatch's columns."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ais_indicators.publish.files import remove_old_notes, staged_folder, write_beside, write_csv
from ais_indicators.publish.portwatch.identities import see_that_it_adds_up
from ais_indicators.publish.portwatch.layout import Layout


def export_portwatch(
    tables: Mapping[Layout, pl.DataFrame], out: Path, attributions: Sequence[str], notes: Sequence[str]
) -> list[Path]:
    """Writes each file with the meaning of its columns, its sources and notes.

    Args:
        tables: Rows of each file.
        out: Folder to write to, created if missing.
        attributions: Texts that the sources require.
        notes: What a reader must know about the values.

    Returns:
        For each file the data, the meaning of its columns, its sources and, if any, its notes.

    Raises:
        BadInputError: Something does not add up.
    """
    names: list[str] = []
    for layout, rows in tables.items():
        see_that_it_adds_up(rows, layout)
    with staged_folder(out) as staged:
        for layout, rows in tables.items():
            write_csv(rows.to_arrow(compat_level=pl.CompatLevel.oldest()), staged / f"{layout.name}.csv")
            beside = write_beside(staged, layout.name, layout.contract, attributions, notes)
            names += [f"{layout.name}.csv", *beside]
    remove_old_notes(out, [layout.name for layout in tables], notes)
    return [out / name for name in names]
