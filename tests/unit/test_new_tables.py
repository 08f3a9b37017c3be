"""Tables that `tests.new_tables` makes from the record of another are those of Delta, but for their identity."""

from pathlib import Path

import pytest
from deltalake import DeltaTable

from ais_indicators.contracts.model import all_tables
from ais_indicators.io.delta import create_tables
from ais_indicators.settings import Settings
from tests import new_tables


def test_a_lake_of_copied_records_has_the_tables_that_delta_makes(tmp_path: Path) -> None:
    by_delta, first, second = (Settings(tmp_path / name) for name in ("by-delta", "first", "second"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeltaTable, "create", staticmethod(new_tables.MAKE_BY_DELTA))
        create_tables(by_delta)
        new_tables.install(patch)
        create_tables(first)
        assert create_tables(second) == list(all_tables())
        assert create_tables(second) == []
    for name in all_tables():
        made, copied = (DeltaTable(str(lake.table_path(name))) for lake in (by_delta, second))
        assert copied.version() == made.version() == 0
        assert copied.schema() == made.schema()
        assert copied.protocol() == made.protocol()
        before, after = made.metadata(), copied.metadata()
        assert (after.partition_columns, after.configuration) == (
            before.partition_columns,
            before.configuration,
        )
        assert after.description == before.description
        assert after.id != before.id
