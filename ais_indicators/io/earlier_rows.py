"""Reads rows of earlier builds: columns that they lack, and codes that have another name today."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema


def with_absent_columns(rows: pa.Table, table: str, names: Sequence[str]) -> pa.Table:
    """Gives rows the current columns and codes, with the contract's value for rows of earlier builds."""
    contract, types = load_contract(table), arrow_schema(table)
    for name in names:
        absent = contract.column(name).absent
        if name not in rows.column_names:
            values = pa.array([absent] * rows.num_rows, types.field(name).type)
            rows = rows.append_column(pa.field(name, values.type), values)
        elif absent is not None and rows[name].null_count:
            rows = rows.set_column(rows.column_names.index(name), name, pc.fill_null(rows[name], absent))
        for former, code in contract.column(name).former_codes:
            renamed = pc.if_else(pc.equal(rows[name], former), code, rows[name])
            rows = rows.set_column(rows.column_names.index(name), name, renamed)
    return rows.select(list(names))
