"""Ways in which public scripts read PortWatch's files, on ours with pandas and DuckDB: they run unchanged."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ais_indicators.publish.places import Places
from ais_indicators.publish.portwatch.days import all_days, calls_by_day, tonnes_by_day, transits_by_day
from ais_indicators.publish.portwatch.files import export_portwatch
from ais_indicators.publish.portwatch.layout import (
    CALLS,
    CAPACITY,
    CHOKEPOINTS_DAILY,
    EXPORT,
    IMPORT,
    PORTS_DAILY,
    STRAITS,
    TRANSITS,
)
from ais_indicators.publish.portwatch.tables import laid_out, port_rows, strait_rows
from tests.release_lake import (
    ACTIVITY,
    DAILY,
    DAYS,
    ENDED_VOYAGES,
    ENTERED_TRANSITS,
    EVENTS,
    FLOWS,
    SECOND,
    SECOND_ROWS,
    VOYAGES,
)
from tests.release_lake import TRANSITS as WEEKLY
from tests.release_lake import transits as weekly_transits
from tests.unit.test_portwatch import frame

PLACES = Places({"NLRTM": "Europoort", "WPI10": "Tiny"}, {"NLRTM": "NLD"}, dict.fromkeys(STRAITS, "ours"))
IMF_NAMES = [
    "Suez Canal",
    "Panama Canal",
    "Bosporus Strait",
    "Bab el-Mandeb Strait",
    "Malacca Strait",
    "Strait of Hormuz",
    "Cape of Good Hope",
    "Gibraltar Strait",
    "Dover Strait",
    "Oresund Strait",
    "Taiwan Strait",
    "Korea Strait",
    "Tsugaru Strait",
    "Luzon Strait",
    "Lombok Strait",
    "Ombai Strait",
    "Bohai Strait",
    "Torres Strait",
    "Sunda Strait",
    "Makassar Strait",
    "Magellan Strait",
    "Yucatan Channel",
    "Windward Passage",
    "Mona Passage",
    "Balabac Strait",
    "Bering Strait",
    "Mindoro Strait",
    "Kerch Strait",
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Ports and chokepoints by day; all chokepoints but Suez were observed and had no transit."""
    released = [
        row for row in SECOND_ROWS[WEEKLY] if row["gate_code"] == "suez" and row["indicator"] == "transits"
    ]
    released += [weekly_transits(code, "_T", 0.0, week=SECOND) for code in STRAITS if code != "suez"]
    straits = strait_rows(frame(WEEKLY, released))
    ports = port_rows(frame(ACTIVITY, SECOND_ROWS[ACTIVITY]), frame(FLOWS, SECOND_ROWS[FLOWS]))
    passed, voyages = frame(EVENTS, ENTERED_TRANSITS), frame(VOYAGES, ENDED_VOYAGES)
    found = {
        CALLS: calls_by_day(frame("gold.port_activity_daily", DAILY)),
        IMPORT: tonnes_by_day(voyages, "tonnes_unloaded"),
        EXPORT: tonnes_by_day(voyages, "tonnes_loaded"),
        TRANSITS: transits_by_day(passed),
        CAPACITY: transits_by_day(passed).clear(),
    }
    weekly = {**ports, **straits}
    days = {measure: all_days(rows, weekly[measure]) for measure, rows in found.items()}
    folder = tmp_path_factory.mktemp("portwatch")
    export_portwatch(
        {layout: laid_out(days, layout, PLACES) for layout in (PORTS_DAILY, CHOKEPOINTS_DAILY)},
        folder,
        [],
        [],
    )
    return folder / "portwatch_ports_daily.csv", folder / "portwatch_chokepoints_daily.csv"


def test_all_28_chokepoints_have_the_names_of_imf_in_the_order_of_their_numbers(
    files: tuple[Path, Path],
) -> None:
    rows = pd.read_csv(files[1])
    number = rows["portid"].str.removeprefix("chokepoint").astype(int)
    names = rows.assign(number=number).drop_duplicates("number").sort_values("number")
    assert names["number"].tolist() == list(range(1, 29))
    assert names["portname"].tolist() == IMF_NAMES


def test_pandas_takes_a_chokepoint_by_its_name_and_sums_its_weeks(files: tuple[Path, Path]) -> None:
    """As scripts that look for disruptions do: one `portname`, by date, resampled and rolled."""
    rows = pd.read_csv(files[1], encoding="utf-8-sig")
    rows["date"] = pd.to_datetime(rows["date"])
    weeks = {
        name: rows[rows["portname"] == name].set_index("date").sort_index()["n_total"].resample("W").sum()
        for name in ("Suez Canal", "Strait of Hormuz")
    }
    assert weeks["Suez Canal"].to_dict() == {pd.Timestamp(DAYS[6]): 5}
    assert weeks["Strait of Hormuz"].to_dict() == {pd.Timestamp(DAYS[6]): 0}
    wide = rows.pivot(index="date", columns="portname", values="n_total")
    assert wide.shape == (7, 28)
    assert wide.notna().all(axis=None)
    assert wide["Suez Canal"].rolling(7).mean().iloc[-1] == pytest.approx(5 / 7)


def test_pandas_drops_the_object_id_and_makes_records_as_openbb_does(files: tuple[Path, Path]) -> None:
    """As the IMF provider of OpenBB reads the bulk file of ports."""
    rows = pd.read_csv(files[0])
    rows["date"] = pd.to_datetime(rows["date"]).dt.date
    rows = rows.drop(columns=["ObjectId", "year", "month", "day"])
    records = rows.to_dict(orient="records")
    rotterdam = [row for row in records if row["portid"] == "port1114"]
    assert {(row["portname"], row["ISO3"], row["country"]) for row in rotterdam} == {
        ("Rotterdam", "NLD", "Netherlands")
    }
    assert [row["date"] for row in rotterdam] == list(DAYS)
    assert [row["portcalls"] for row in rotterdam] == [5, 0, 0, 0, 0, 0, 3]
    assert sum(row["import"] for row in rotterdam) == 100.5


def test_duckdb_loads_every_column_as_text_and_casts_what_it_keeps(files: tuple[Path, Path]) -> None:
    """As scripts that stage the file in a database do, with their check that no day is missing."""
    with duckdb.connect() as database:
        database.execute("CREATE TABLE staged AS FROM read_csv(?, all_varchar = true)", [str(files[1])])
        database.execute(
            "CREATE TABLE kept AS "
            "SELECT portid, portname, date::DATE AS day, nullif(n_total, '')::DOUBLE AS n FROM staged"
        )
        gaps = database.execute(
            "SELECT portname FROM kept GROUP BY portname "
            "HAVING max(day) - min(day) + 1 <> count(*) OR count(n) <> count(*)"
        )
        assert gaps.fetchall() == []
        found = database.execute("SELECT count(*), count(DISTINCT portname), sum(n) FROM kept")
        assert found.fetchall() == [(196, 28, 5.0)]
        numbers = database.execute("SELECT count(DISTINCT ObjectId), max(ObjectId::INT) FROM staged")
        assert numbers.fetchall() == [(196, 196)]


def test_epochs_and_days_of_the_date_agree(files: tuple[Path, Path]) -> None:
    """As readers of the service do, which take year, month and day rather than the date."""
    for path in files:
        rows = pd.read_csv(path)
        made = [datetime(int(y), int(m), int(d)).date() for y, m, d in rows[["year", "month", "day"]].values]
        assert made == [date.fromisoformat(text) for text in rows["date"]]
