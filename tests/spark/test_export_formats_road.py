"""Exports of a lake that the pipeline itself filled and published: every format has the releases' content."""

from pathlib import Path

import polars as pl
import pytest
from frictionless import validate

from ais_indicators.contracts.measures import to_observed
from ais_indicators.publish.files import RELEASED_TABLES, file_stem
from ais_indicators.publish.portwatch.identities import broken_identities
from ais_indicators.publish.portwatch.layout import (
    CHOKEPOINTS_DAILY,
    CHOKEPOINTS_WEEKLY,
    PORTS_DAILY,
    PORTS_WEEKLY,
)
from ais_indicators.publish.sdmx.components import component_id, stem
from ais_indicators.publish.vintages import contract_rows
from ais_indicators.releasing.known_then import known_at
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.sdmx_reader import read_sdmx1


@pytest.fixture
def call(eight_weeks: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(eight_weeks.data_dir, capsys)


def test_sdmx_holds_every_key_and_value_of_the_releases(
    call: Caller, eight_weeks: Settings, tmp_path: Path
) -> None:
    asked = ("export", "--as-of", "2100-01-01", "--format")
    assert call(*asked, "sdmx-csv", "--out", tmp_path / "csv").code == 0
    assert call(*asked, "sdmx-ml", "--out", tmp_path / "ml").code == 0
    structures = read_sdmx1(tmp_path / "ml" / "structures.sdmx30.xml")
    for table in RELEASED_TABLES:
        rows = to_observed(contract_rows(known_at(eight_weeks).vintages, table), table)
        lines = pl.read_csv(tmp_path / "csv" / f"{file_stem(table)}.sdmx.csv", infer_schema=False)
        assert lines["TIME_PERIOD"].to_list() == rows["week"].to_list()
        assert lines["OBS_VALUE"].cast(pl.Float64).to_list() == rows["value"].to_list()
        assert lines["OBS_STATUS"].to_list() == rows["obs_status"].to_list()
        for name in ("indicator", "vessel_class", "port_locode", "reporter", "partner"):
            if name in rows.columns:
                assert lines[component_id(name)].to_list() == rows[name].to_list()
        path = tmp_path / "ml" / f"{file_stem(table)}.sdmx30.xml"
        message = read_sdmx1(path, structures.structure[stem(table)])
        assert len(message.data[0].obs) == rows.height


def test_portwatch_files_add_up_to_the_totals_of_the_release(
    call: Caller, eight_weeks: Settings, tmp_path: Path
) -> None:
    asked = ("export", "--as-of", "2100-01-01", "--format", "portwatch")
    assert call(*asked, "--out", tmp_path / "out").code == 0
    for layout in (PORTS_WEEKLY, CHOKEPOINTS_WEEKLY):
        rows = pl.read_csv(
            tmp_path / "out" / f"{layout.name}.csv", try_parse_dates=True, infer_schema_length=None
        )
        assert broken_identities(rows, layout) == []
    assert validate(str(tmp_path / "out" / "datapackage.json")).valid
    ports = pl.read_csv(tmp_path / "out" / f"{PORTS_WEEKLY.name}.csv")
    released = contract_rows(known_at(eight_weeks).vintages, "gold.port_activity_weekly")
    counted = released.filter(
        pl.col("port_locode") != "_T",
        ~pl.col("vessel_class").is_in(["_T", "passenger", "other"]),
        indicator="arrivals",
        adjustment="N",
    )
    assert ports["portcalls"].sum() == counted["value"].sum() > 0


def test_the_days_of_what_is_served_add_up(call: Caller, tmp_path: Path) -> None:
    asked = ("export", "--release", "latest", "--format", "portwatch", "--daily")
    assert call(*asked, "--out", tmp_path / "out").code == 0
    for daily, weekly, measures in (
        (PORTS_DAILY, PORTS_WEEKLY, ("portcalls", "import", "export", "import_tanker")),
        (CHOKEPOINTS_DAILY, CHOKEPOINTS_WEEKLY, ("n_total", "capacity_tanker")),
    ):
        days, weeks = (
            pl.read_csv(tmp_path / "out" / f"{one.name}.csv", try_parse_dates=True, infer_schema_length=None)
            for one in (daily, weekly)
        )
        assert broken_identities(days, daily) == []
        for measure in measures:
            of_days, of_weeks = (rows[measure].cast(pl.Float64).sum() for rows in (days, weeks))
            assert of_days == pytest.approx(of_weeks)
