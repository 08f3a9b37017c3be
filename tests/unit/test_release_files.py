"""Files of a release: the same observations give the same bytes, whole or not at all."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError, WrongUseError
from ais_indicators.publish import files
from ais_indicators.publish.files import (
    PORT_ACTIVITY,
    RELEASED_TABLES,
    ReleaseFiles,
    content_digest,
    export_release,
    write_release_files,
)

CSV, PARQUET = "port_activity_weekly.csv", "port_activity_weekly.parquet"


def observation(indicator: str = "arrivals", value: float | None = 1.0, **columns: str) -> dict[str, Any]:
    row = {"week": "2026-W47", "port_locode": "NLRTM", "vessel_class": "tanker", "indicator": indicator}
    return (
        row
        | {"adjustment": "N", "value": value, "unit": "calls", "obs_status": "P", "conf_status": "F"}
        | columns
    )


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(PORT_ACTIVITY))


def write(rows: pa.Table, folder: Path) -> ReleaseFiles:
    """Writes a release of port activity."""
    return write_release_files({PORT_ACTIVITY: rows}, folder)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


MANY = [
    observation(indicator, value / 7, port_locode=port, unit="h")
    for value, (port, indicator) in enumerate(
        (p, i) for p in ("_T", "NLRTM", "BEANR", "DEHAM") for i in ("arrivals", "median_hours_in_port")
    )
]


def test_text_is_plain_and_numbers_are_shortest_and_exact(tmp_path: Path) -> None:
    values = {
        "arrivals": 3.0,
        "departures": 0.0,
        "median_hours_in_port": 0.1 + 0.2,
        "share_complete_calls": None,
    }
    write(table([observation(i, v) for i, v in values.items()]), tmp_path / "r")
    lines = (tmp_path / "r" / CSV).read_bytes().decode("utf-8").split("\n")
    assert lines == [
        '"week","port_locode","vessel_class","indicator","adjustment","value","unit","obs_status","conf_status","status_reason"',
        '"2026-W47","NLRTM","tanker","arrivals","N",3,"calls","P","F",',
        '"2026-W47","NLRTM","tanker","departures","N",0,"calls","P","F",',
        '"2026-W47","NLRTM","tanker","median_hours_in_port","N",0.30000000000000004,"calls","P","F",',
        '"2026-W47","NLRTM","tanker","share_complete_calls","N",,"calls","P","F",',
        "",
    ]


def test_bytes_are_equal_when_written_twice_and_from_shuffled_rows(tmp_path: Path) -> None:
    shuffled = MANY[::2] + MANY[::-2]
    in_pieces = pa.concat_tables([table(shuffled[:3]), table(shuffled[3:])])
    first = write(table(MANY), tmp_path / "first")
    before = bytes_of(tmp_path / "first")
    again = write(table(MANY), tmp_path / "first")
    other = write(in_pieces, tmp_path / "other")
    assert before == bytes_of(tmp_path / "first") == bytes_of(tmp_path / "other")
    assert first.content_sha256 == again.content_sha256 == other.content_sha256
    assert set(before) == {CSV, PARQUET}


def test_partition_columns_of_a_reader_and_further_columns_change_nothing(tmp_path: Path) -> None:
    plain = table(MANY)
    read = plain.set_column(0, "week", plain["week"].dictionary_encode()).append_column("more", plain["unit"])
    read = read.replace_schema_metadata({"reader": "another"})
    write(plain, tmp_path / "plain")
    write(read, tmp_path / "read")
    assert bytes_of(tmp_path / "plain") == bytes_of(tmp_path / "read")


def test_rows_stand_in_the_order_of_the_key_in_both_files(tmp_path: Path) -> None:
    written = write(table(MANY[::-1]), tmp_path / "r")
    expected = table(
        sorted(MANY, key=lambda r: (r["week"], r["port_locode"], r["vessel_class"], r["indicator"]))
    )
    from_csv = pyarrow.csv.read_csv(tmp_path / "r" / CSV)
    assert from_csv.to_pylist() == expected.to_pylist()
    assert pyarrow.parquet.read_table(tmp_path / "r" / PARQUET).to_pylist() == expected.to_pylist()
    assert written.observations == len(MANY)


def test_the_hash_is_of_the_listed_csv_files_and_moves_with_a_value(tmp_path: Path) -> None:
    one = write(table([observation(value=1.0)]), tmp_path / "one")
    two = write(table([observation(value=2.0)]), tmp_path / "two")
    listed = f"{hashlib.sha256((tmp_path / 'one' / CSV).read_bytes()).hexdigest()}  {CSV}\n"
    assert one.content_sha256 == hashlib.sha256(listed.encode()).hexdigest()
    assert one.content_sha256 != two.content_sha256


def test_parquet_carries_no_metadata_of_its_own(tmp_path: Path) -> None:
    rows = table(MANY).replace_schema_metadata({"from": "a notebook"})
    write(rows, tmp_path / "r")
    assert pyarrow.parquet.read_metadata(tmp_path / "r" / PARQUET).metadata is None


def test_a_release_without_observations_has_its_header(tmp_path: Path) -> None:
    written = write(table([]), tmp_path / "r")
    assert (tmp_path / "r" / CSV).read_text(encoding="utf-8").count("\n") == 1
    assert pyarrow.parquet.read_table(tmp_path / "r" / PARQUET).num_rows == written.observations == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (table([observation(), observation(value=2.0)]), "more than one row"),
        (table([observation()]).drop_columns("unit"), "do not fit"),
        (table([observation()]).set_column(5, "unit", pa.array([None], pa.string())), "do not fit"),
        (table([observation()]).set_column(4, "value", pa.array(["many"])), "do not fit"),
    ],
    ids=["key twice", "column missing", "null where none may be", "no number"],
)
def test_rows_that_do_not_fit_are_refused_and_leave_nothing(
    tmp_path: Path, rows: pa.Table, message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        write(rows, tmp_path / "r")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_dies_while_writing_leaves_the_release_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_: pa.Table, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    write(table(MANY), tmp_path / "old")
    before = bytes_of(tmp_path / "old")
    monkeypatch.setattr(files, "write_parquet", dies)
    for name in ("old", "new"):
        with pytest.raises(KeyboardInterrupt):
            write(table([observation()]), tmp_path / name)
    assert bytes_of(tmp_path / "old") == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_export_copies_the_data_and_reports_what_the_columns_mean(
    tmp_path: Path, file_format: files.ExportFormat
) -> None:
    write(table(MANY), tmp_path / "release")
    out = tmp_path / "deep" / "out"
    for _ in range(2):
        data, columns, sources = export_release(tmp_path / "release", file_format, out, ["Office, port"])
    assert sorted(out.iterdir()) == sorted([data, columns, sources])
    assert sources.read_text(encoding="utf-8") == '"attribution"\n"Office, port"\n'
    assert data.read_bytes() == (tmp_path / "release" / data.name).read_bytes()
    described = pyarrow.csv.read_csv(columns)
    assert described.column_names == ["column", "type", "unit", "description"]
    assert described["column"].to_pylist() == arrow_schema(PORT_ACTIVITY).names


def test_export_leaves_other_files_of_the_folder_alone(tmp_path: Path) -> None:
    write(table(MANY), tmp_path / "release")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    export_release(tmp_path / "release", "csv", tmp_path / "out")
    assert (tmp_path / "out" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_export_of_what_is_no_release_or_no_format_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is not a release"):
        export_release(tmp_path, "csv", tmp_path / "out")
    with pytest.raises(WrongUseError, match="csv or parquet"):
        export_release(tmp_path, "xlsx", tmp_path / "out")  # type: ignore[arg-type]


def test_a_release_has_the_files_of_every_table_and_exports_them(tmp_path: Path) -> None:
    rows = {name: arrow_schema(name).empty_table() for name in RELEASED_TABLES} | {PORT_ACTIVITY: table(MANY)}
    written = write_release_files(rows, tmp_path / "r")
    names = [name.partition(".")[2] for name in RELEASED_TABLES]
    assert set(bytes_of(tmp_path / "r")) == {f"{n}.{kind}" for n in names for kind in ("csv", "parquet")}
    assert (written.observations, written.content_sha256) == (len(MANY), content_digest(rows))
    out = export_release(tmp_path / "r", "csv", tmp_path / "out")
    assert [path.name for path in out] == [
        f"{name}.{suffix}" for name in names for suffix in ("csv", "columns.csv", "sources.csv")
    ]


def test_the_same_rows_under_another_table_are_another_release() -> None:
    empty = {name: arrow_schema(name).empty_table() for name in RELEASED_TABLES}
    assert len({content_digest({name: rows}) for name, rows in empty.items()}) == len(RELEASED_TABLES)
