"""Releases of earlier builds have the code `C` of adjusted values: read as `COVERAGE`, exported as published."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from frictionless import validate

from ais_indicators.io.delta import read_rows
from ais_indicators.publish.files import data_file_name
from ais_indicators.publish.vintages import contract_rows
from ais_indicators.releasing.frames import rows_of_vintages
from ais_indicators.releasing.known_then import known_at, released_table
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.release_lake import ACTIVITY, SECOND, SECOND_ROWS, append_rows, arrivals, make_lake, publish
from tests.unit.test_machine_descriptions import csvw_faults

OLD_ID, NEW_ID = f"{SECOND}-old", f"{SECOND}-new"


def rows_with(code: str) -> list[dict[str, object]]:
    adjusted = arrivals("NLRTM", "_T", 10.0, week=SECOND, adjustment=code, obs_status="E")
    return [*SECOND_ROWS[ACTIVITY], adjusted]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake in which an earlier build published a week and this one did again. Not to be changed."""
    settings = make_lake(tmp_path_factory.mktemp("former-codes"))
    for sequence, (release, code) in enumerate(((OLD_ID, "C"), (NEW_ID, "COVERAGE")), start=4):
        publish(
            settings, release, sequence, SECOND_ROWS | {ACTIVITY: rows_with(code)}, date(2021, 2, sequence)
        )
    append_rows(settings, ACTIVITY, rows_with("C"))
    return settings


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(lake.data_dir, capsys)


def test_rows_of_the_lake_and_of_releases_have_the_code_of_today(lake: Settings) -> None:
    stored = pl.DataFrame(read_rows(lake, ACTIVITY, ["adjustment"]))
    vintages = known_at(lake, OLD_ID, SECOND).vintages
    assert [one.release_id for one in vintages] == [OLD_ID]
    for rows in (
        stored,
        contract_rows(vintages, ACTIVITY),
        rows_of_vintages(vintages, ACTIVITY, pl.lit(True)),
    ):
        assert set(rows["adjustment"]) == {"N", "COVERAGE"}
    assert "C" in released_table(lake, ACTIVITY, OLD_ID, {SECOND}).collect()["adjustment"]


def test_files_of_an_earlier_build_are_as_published_and_frictionless_and_csvw_accept_them(
    call: Caller, lake: Settings, tmp_path: Path
) -> None:
    name = data_file_name(ACTIVITY, "csv")
    assert call("export", "--release", OLD_ID, "--format", "csv", "--out", tmp_path / "out").code == 0
    assert (tmp_path / "out" / name).read_bytes() == (lake.releases / OLD_ID / name).read_bytes()
    assert validate(str(tmp_path / "out" / "datapackage.json")).valid
    assert csvw_faults(tmp_path / "out" / f"{name}-metadata.json") == []
    fields = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    codes = next(
        field["codes"]
        for one in fields["resources"]
        for field in one["schema"]["fields"]
        if field["name"] == "adjustment"
    )
    assert codes["C"] == codes["COVERAGE"] == "Adjusted for coverage"


def test_a_new_name_of_a_code_is_not_a_change(call: Caller, tmp_path: Path) -> None:
    asked = ("--release", NEW_ID, "--since", OLD_ID, "--format", "sdmx-csv", "--out", tmp_path / "out")
    assert call.json("export", *asked)["changes"][ACTIVITY] == {"D": 0, "R": 0, "A": 0}
    assert call("export", "--release", OLD_ID, "--format", "sdmx-csv", "--out", tmp_path / "old").code == 0
    lines = pl.read_csv(tmp_path / "old" / "port_activity_weekly.sdmx.csv", infer_schema=False)
    assert set(lines["ADJUSTMENT"]) == {"N", "COVERAGE"}
