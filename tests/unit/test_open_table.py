"""`open_table`: one table in four forms, as it is now and as it was published, without Spark."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ais_indicators
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import commit, create_tables
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.notebook import Form, Moment
from ais_indicators.publish.files import PORT_ACTIVITY, write_release_files
from ais_indicators.releasing.history import release_folder
from ais_indicators.releasing.record import append_release
from ais_indicators.settings import DATA_DIR_VARIABLE, Settings
from tests.release_records import release_record

WEEK, FORMS = "2026-W46", get_args(Form)
FIRST, SECOND = f"{WEEK}-first", f"{WEEK}-second"


def arrivals(value: float) -> pa.Table:
    """One observation: arrivals at one port."""
    row = {"week": WEEK, "port_locode": "NLRTM", "vessel_class": "_T", "indicator": "arrivals"}
    row |= {"adjustment": "N", "unit": "calls", "obs_status": "P", "conf_status": "F"}
    return pa.Table.from_pylist([row | {"value": value}], schema=arrow_schema(PORT_ACTIVITY))


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Published as 5 on the 17th and as 7 on the 24th of November; gold holds 9 by now."""
    settings = Settings(tmp_path / "data")
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(settings.data_dir))
    create_tables(settings)
    for number, (name, day, value) in enumerate(((FIRST, 17, 5.0), (SECOND, 24, 7.0)), start=1):
        files = write_release_files({PORT_ACTIVITY: arrivals(value)}, release_folder(settings, name))
        record = release_record(
            release_id=name,
            release_sequence=number,
            week=WEEK,
            published_at_utc=datetime(2026, 11, day, 9, tzinfo=UTC),
            content_sha256=files.content_sha256,
            observations=files.observations,
        )
        append_release(settings, record)
    rows = arrivals(9.0).drop_columns("week")
    folder = table_folder(settings, PORT_ACTIVITY)
    commit(settings, PORT_ACTIVITY, [stage(folder, PORT_ACTIVITY, rows, {"week": WEEK}, "now")])
    return settings


def rows_of(opened: Any) -> list[dict[str, Any]]:
    """The rows of a table in any form."""
    if isinstance(opened, pl.LazyFrame):
        return opened.collect().to_dicts()
    if isinstance(opened, duckdb.DuckDBPyRelation):
        opened = opened.to_arrow_table()
    if isinstance(opened, pd.DataFrame):
        return [{str(name): value for name, value in row.items()} for row in opened.to_dict("records")]
    assert isinstance(opened, pa.Table)
    rows: list[dict[str, Any]] = opened.to_pylist()
    return rows


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_the_same_rows_now(form: Form) -> None:
    opened: Any = ais_indicators.open_table(PORT_ACTIVITY, form=form)
    assert rows_of(opened) == arrivals(9.0).to_pylist()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_the_rows_that_were_published_and_their_release(form: Form) -> None:
    opened: Any = ais_indicators.open_table(PORT_ACTIVITY, as_of=FIRST, form=form)
    assert rows_of(opened) == [arrivals(5.0).to_pylist()[0] | {"release_id": FIRST}]


@pytest.mark.parametrize(
    ("as_of", "value"),
    [
        (FIRST, 5.0),
        (SECOND, 7.0),
        ("2026-11-17", 5.0),
        (date(2026, 11, 23), 5.0),
        (date(2026, 11, 24), 7.0),
        ("2026-11-24T08:59Z", 5.0),
        (datetime(2026, 11, 24, 9), 7.0),
        (datetime(2026, 11, 24, 8, 59, 59, tzinfo=UTC), 5.0),
    ],
    ids=str,
)
def test_as_of_takes_a_release_a_date_and_a_time(as_of: Moment, value: float) -> None:
    opened = ais_indicators.open_table(PORT_ACTIVITY, as_of=as_of)
    assert opened.collect()["value"].to_list() == [value]


def test_types_are_the_contracts_now_and_then() -> None:
    now = ais_indicators.open_table(PORT_ACTIVITY, form="arrow")
    then = ais_indicators.open_table(PORT_ACTIVITY, as_of=SECOND, form="arrow")
    assert {f.name: f.type for f in now.schema} == {f.name: f.type for f in arrow_schema(PORT_ACTIVITY)}
    assert then.drop_columns("release_id").schema.types == now.schema.types


def test_a_released_table_that_no_release_holds_is_empty_with_its_columns() -> None:
    opened = ais_indicators.open_table("gold.trade_flows_weekly", as_of=SECOND, form="arrow")
    assert opened.num_rows == 0
    assert opened.column_names == [*arrow_schema("gold.trade_flows_weekly").names, "release_id"]


def test_polars_and_duckdb_read_only_what_is_asked_for() -> None:
    assert isinstance(ais_indicators.open_table(PORT_ACTIVITY), pl.LazyFrame)
    asked = ais_indicators.open_table(PORT_ACTIVITY, form="duckdb").filter("indicator = 'departures'")
    assert asked.fetchall() == []


@pytest.mark.parametrize(
    ("table", "chosen", "sentence"),
    [
        ("silver.port_calls", {"as_of": SECOND}, "'silver.port_calls' is not released.*omit as_of"),
        (PORT_ACTIVITY, {"as_of": "2026-11-16"}, "nothing was published by 2026-11-16"),
        (PORT_ACTIVITY, {"as_of": "soon"}, "'soon' is not a recorded release, a date"),
        (PORT_ACTIVITY, {"as_of": SECOND, "version": 1}, "version or as_of, not both"),
        (PORT_ACTIVITY, {"form": "xlsx"}, "unknown form 'xlsx'; choose polars, arrow, pandas, duckdb"),
        ("gold.nothing", {}, "no table gold.nothing"),
    ],
    ids=["not released", "too early", "no moment", "both", "form", "table"],
)
def test_what_cannot_be_opened_is_said_in_one_sentence(
    table: str, chosen: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(WrongUseError, match=sentence):
        ais_indicators.open_table(table, **chosen)
