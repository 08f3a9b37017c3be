"""Small files of a lake are read as pyarrow's data sets read them, and faults are reported in the same way."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ais_indicators.io import store
from ais_indicators.io.store import read_parquet

ROWS = pa.table({"mmsi": [1, 2, 3], "name": ["a", None, "a"], "share": [0.5, None, 1.0]})


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "week=2026-W01" / "rows.parquet"
    path.parent.mkdir()
    pq.write_table(ROWS, path)
    return str(path)


@pytest.mark.parametrize("columns", [None, [], ["share"], ["share", "mmsi"]])
@pytest.mark.parametrize("texts", [None, ["name"], ["name", "station"]])
def test_a_small_file_reads_as_a_large_one(
    file: str, columns: list[str] | None, texts: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = read_parquet(file, columns=columns, read_dictionary=texts)
    monkeypatch.setattr(store, "SMALL_BYTES", 0)
    assert small.equals(read_parquet(file, columns=columns, read_dictionary=texts), check_metadata=True)
    assert small.num_rows == ROWS.num_rows


def test_small_files_make_no_data_set(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pq, "read_table")
    assert read_parquet(file).equals(ROWS)


def test_an_absent_column_is_an_error(file: str) -> None:
    with pytest.raises(pa.ArrowInvalid, match="station"):
        read_parquet(file, columns=["mmsi", "station"])


def test_a_file_that_is_cut_short_or_gone_is_an_error(file: str) -> None:
    whole = Path(file).read_bytes()
    Path(file).write_bytes(whole[:-20])
    with pytest.raises(pa.ArrowInvalid, match=r"rows\.parquet"):
        read_parquet(file)
    Path(file).unlink()
    with pytest.raises(FileNotFoundError, match=r"rows\.parquet"):
        read_parquet(file)
