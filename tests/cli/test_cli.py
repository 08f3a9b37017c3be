"""The command line: exit codes, the one sentence of an error, JSON for scripts, and what the gate stops.

Most cases call `cli.main` in this process; those with `command` in their name start the installed command.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
import typer
from deltalake import write_deltalake

from ais_indicators import cli, runner
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.publish.files import RELEASED_TABLES, data_file_name
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import DATA_DIR_VARIABLE, Settings
from tests.caller import Caller, Said, said
from tests.messages import FIGURES, every_hour, position, rectangle_port, stay, table, write_noaa, write_ports

COMMAND = Path(sys.executable).parent / "ais-indicators"
FIRST, SECOND = "2020-W52", "2020-W53"
PORT_ACTIVITY = "gold.port_activity_weekly"


def ships(first_day: str, last_day: str, mmsi: int) -> list[dict[str, Any]]:
    """A ship that comes in, lies in port and goes out again."""
    keywords: dict[str, Any] = {"mmsi": mmsi, "ship_type": 80}
    return [
        position(f"{first_day}T00:00:00", latitude=50.3, sog_knots=12.0, **keywords),
        *stay(f"{first_day}T03:00:00", f"{last_day}T20:00:00", 120, **keywords),
        position(f"{last_day}T23:00:00", latitude=50.3, sog_knots=12.0, **keywords),
    ]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two weeks: the first is published, then a late file comes and both are, without a check."""
    folder = tmp_path_factory.mktemp("command-line")
    made = Settings(folder / "data", shuffle_partitions=1)
    ports = write_ports(folder / "ports.geojson", [rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1)])
    runner.run_task("load_ports", Job(made, paths=(ports,), port_version="first"))
    in_time, late, next_week = (
        write_noaa(folder / f"{last_day}.csv", [*ships(day, last_day, mmsi), *every_hour(*weeks)])
        for day, last_day, mmsi, weeks in (
            ("2020-12-22", "2020-12-23", 366000001, [Week.parse(FIRST)]),
            ("2020-12-24", "2020-12-25", 366000002, []),
            ("2020-12-29", "2020-12-30", 366000003, [Week.parse(SECOND)]),
        )
    )
    for files, name in (((in_time,), FIRST), ((late, next_week), SECOND)):
        runner.run_task("ingest_messages", Job(made, paths=files))
        runner.run_weekly(Job(made, Period(Week.parse(name), Week.parse(name))))
    return made


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    """Calls commands on the lake."""
    return Caller(lake.data_dir, capsys)


@pytest.fixture
def on_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Caller:
    """Calls commands on a folder where nothing is."""
    return Caller(tmp_path / "data", capsys)


# --- the installed command --------------------------------------------------------------------------------------


def start_command(*arguments: object, cwd: Path) -> Said:
    """Runs the installed command in a folder."""
    done = subprocess.run(
        [COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False
    )
    return said(done.returncode, done.stdout, done.stderr)


def test_the_command_ends_with_0_when_it_is_done(tmp_path: Path) -> None:
    answer = start_command("init", cwd=tmp_path)
    assert (answer.code, answer.sentences) == (0, [])
    assert (tmp_path / "data" / "lake" / "gold" / "port_activity_weekly" / "_delta_log").is_dir()


def test_the_command_ends_with_2_on_wrong_use(tmp_path: Path) -> None:
    answer = start_command("run", "--week", "2020-W60", cwd=tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert answer.sentences == ["'2020-W60' is not a week of 2020: Invalid week: 60"]


def test_the_command_ends_with_4_on_bad_input(tmp_path: Path) -> None:
    answer = start_command("ingest", "nowhere.csv", cwd=tmp_path)
    assert (answer.code, len(answer.sentences)) == (4, 1)
    assert "nowhere.csv: there is no such file" in answer.sentences[0]


# --- exit codes 2 and 4: one sentence, no traceback -------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "--week", "2020-53"], "'2020-53' is not an ISO week; write it like 2026-W47"),
        (["run", "--week", "2021-W53"], "'2021-W53' is not a week of 2021"),
        (["run", "--week", FIRST, "--nonsense"], "No such option: --nonsense"),
        (["run"], "--week"),
        (["nonsense"], "No such command 'nonsense'"),
        (
            ["run", "--week", FIRST, "--only", "nonsense"],
            "'nonsense' is not a weekly task; choose one of track_vessels,",
        ),
        (["run", "--week", FIRST, "--ports-version", "nonsense"], "unknown port version 'nonsense'"),
        (
            ["backfill", "--from", SECOND, "--to", FIRST],
            f"the period ends in {FIRST}, before it begins in {SECOND}",
        ),
        (["release", "show", "nonsense"], "there is no release 'nonsense'"),
        (["export", "--release", "nonsense", "--out", "out"], "there is no release 'nonsense'"),
        (
            ["export", "--format", "ods", "--out", "out"],
            "'ods' is not one of 'csv', 'parquet', 'xlsx', 'sdmx-csv', 'sdmx-ml', 'portwatch'",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_ends_with_2_and_one_sentence(
    call: Caller, arguments: Sequence[str], sentence: str
) -> None:
    answer = call(*arguments)
    assert (answer.code, len(answer.sentences)) == (2, 1)
    assert sentence in answer.sentences[0]


@pytest.mark.parametrize(
    "arguments", [["status"], ["release", "list"], ["ports", "list"], ["export", "--out", "out"]]
)
def test_a_lake_that_is_not_there_is_wrong_use(on_nothing: Caller, arguments: Sequence[str]) -> None:
    answer = on_nothing(*arguments)
    assert (answer.code, len(answer.sentences)) == (2, 1)
    assert "run `ais-indicators init` first" in answer.sentences[0]


def test_a_week_without_ports_is_wrong_use(on_nothing: Caller, tmp_path: Path) -> None:
    file = write_noaa(tmp_path / "day.csv", stay("2020-12-22T00:00:00", "2020-12-22T05:00:00"))
    assert on_nothing("ingest", file).code == 0
    answer = on_nothing("run", "--week", FIRST)
    assert (answer.code, len(answer.sentences)) == (2, 1)
    assert "no ports are loaded; run `ais-indicators ports load FILE`" in answer.sentences[0]


def test_a_missing_file_is_bad_input(call: Caller, tmp_path: Path) -> None:
    answer = call("ingest", tmp_path / "nowhere.csv")
    assert (answer.code, len(answer.sentences)) == (4, 1)
    assert "nowhere.csv: there is no such file; check the path" in answer.sentences[0]


def test_an_unknown_layout_is_bad_input(call: Caller, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("ship,when\n1,2\n", encoding="utf-8")
    answer = call("ingest", file)
    assert (answer.code, len(answer.sentences)) == (4, 1)
    assert "other.csv: unknown layout: it has no MMSI" in answer.sentences[0]


def test_a_refused_file_does_not_stop_the_others(on_nothing: Caller, tmp_path: Path) -> None:
    file = write_noaa(tmp_path / "day.csv", stay("2020-12-22T00:00:00", "2020-12-22T05:00:00"))
    answer = on_nothing("ingest", tmp_path / "nowhere.csv", file)
    assert (answer.code, len(answer.sentences)) == (4, 1)
    assert answer.sentences[0].startswith("1 of 2 files were refused: ")
    assert table(Settings(on_nothing.data_dir), "bronze.ais_messages").height == 6


@pytest.mark.parametrize("name", ["nowhere.geojson", "broken.geojson"])
def test_a_port_file_that_cannot_be_used_is_bad_input(call: Caller, tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureCollection"', encoding="utf-8")
    answer = call("ports", "load", tmp_path / name)
    assert (answer.code, len(answer.sentences)) == (4, 1)
    assert name in answer.sentences[0]


def test_a_week_before_all_messages_is_bad_input(call: Caller) -> None:
    answer = call("run", "--week", "2020-W01")
    assert (answer.code, len(answer.sentences)) == (4, 1)
    assert "there are no messages of 2020-W01 in the lake" in answer.sentences[0]


def test_debug_shows_the_traceback(on_nothing: Caller, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="there is no such file"):
        cli.main(["--debug", "--data-dir", str(on_nothing.data_dir), "ingest", str(tmp_path / "nowhere.csv")])


@pytest.mark.parametrize("arguments", [[], ["ports"], ["release"]], ids=["nothing", "ports", "release"])
def test_without_a_command_the_usage_is_shown(
    capsys: pytest.CaptureFixture[str], arguments: Sequence[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    answer = said(int(str(ended.value.code)), *capsys.readouterr())
    assert answer.code == 2
    assert "Usage:" in answer.out
    assert "no message" not in " ".join(answer.sentences)


# --- looking --------------------------------------------------------------------------------------------------


def test_releases_as_json_the_newest_last(call: Caller) -> None:
    listed = call.json("release", "list")
    short = [(entry["week"], entry["status"], entry["served"]) for entry in listed]
    assert short == [(FIRST, "published", False), (FIRST, "published", True), (SECOND, "published", True)]
    assert len({entry["id"] for entry in listed}) == 3
    assert all(entry["id"].startswith(entry["week"]) for entry in listed)


def test_a_release_as_json(call: Caller, lake: Settings) -> None:
    newest = read_releases(lake)[-1]
    for asked in ("latest", newest.release_id):
        shown = call.json("release", "show", asked)
        assert (shown["id"], shown["week"], shown["port_version"]) == (newest.release_id, SECOND, "first")
        assert shown["table_versions"].keys() >= {"bronze.ais_messages", "silver.port_calls", PORT_ACTIVITY}
        assert len(shown["input_hashes"]) == 3
        assert shown["attributions"] == ["NOAA MarineCadastre, US Coast Guard"]
        assert {"code_version", "rules_hash", "content_sha256"} <= shown.keys()
        assert (Path(shown["folder"]) / "port_activity_weekly.csv").is_file()


def test_an_earlier_release_can_still_be_shown_and_exported(
    call: Caller, lake: Settings, tmp_path: Path
) -> None:
    first, second = (r.release_id for r in read_releases(lake) if r.week == FIRST)
    assert call.json("release", "show", first)["served"] is False
    found = {}
    for release in (first, second):
        assert call("export", "--release", release, "--out", tmp_path / release).code == 0
        found[release] = (
            pl.read_csv(tmp_path / release / "port_activity_weekly.csv")
            .filter(port_locode="XXAAA", vessel_class="tanker", indicator="arrivals")["value"]
            .to_list()
        )
    assert found == {first: [1], second: [2]}


def test_the_state_as_json(call: Caller) -> None:
    found = call.json("status")
    files = found["files"]
    assert files["ingested"] == 3
    assert files["rows_read"] == files["rows_accepted"] + files["rows_quarantined"] + files["rows_set_aside"]
    assert [(week["week"], week["state"]) for week in found["weeks"]] == [
        (FIRST, "current"),
        (SECOND, "current"),
    ]
    assert found["tables"]["bronze.ais_messages"]["rows"] == files["rows_accepted"]
    assert [version["version"] for version in found["port_versions"]] == ["first"]


def test_the_state_as_text(call: Caller) -> None:
    out = call("status").out
    assert "3 files: " in out
    assert FIRST in out
    assert "bronze.ais_messages" in out


def test_ports_are_listed(call: Caller) -> None:
    assert call.json("ports", "list") == [{"version": "first", "sequence": 1, "ports": 1, "areas": 1}]
    assert "first" in call("ports", "list").out


def test_the_doctor_comes(call: Caller) -> None:
    answer = call("doctor")
    assert answer.code in (0, 1)
    assert (answer.code == 1) is ("fix " in answer.out)
    assert "Java" in answer.out


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_an_export_is_the_same_twice_and_names_no_release(
    call: Caller, lake: Settings, tmp_path: Path, file_format: str
) -> None:
    exports = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        assert call("export", "--release", "latest", "--format", file_format, "--out", folder).code == 0
        exports.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert exports[0] == exports[1]
    names = {
        data_file_name(table, ending)
        for table in RELEASED_TABLES
        for ending in (file_format, "columns.csv", "sources.csv")
    }
    if file_format == "csv":
        names |= {data_file_name(table, "csv-metadata.json") for table in RELEASED_TABLES}
        names |= {"codes.csv", "datapackage.json", "dcat.jsonld"}
    assert exports[0].keys() == names
    newest = read_releases(lake)[-1].release_id
    assert not any(newest.encode() in content for content in exports[0].values())


def test_the_data_folder_may_come_from_the_environment(
    lake: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(lake.data_dir))
    with pytest.raises(SystemExit) as ended:
        cli.main(["release", "list", "--json"])
    assert ended.value.code == 0
    assert len(json.loads(capsys.readouterr().out)) == 3


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Names of a group's commands, those of its groups included."""
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


COMMANDS = sorted(commands(typer.main.get_command(cli.app)))
CONTRACT = {"init", "doctor", "ingest", "run", "backfill", "status", "check", "gate", "publish", "export"}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help(on_nothing: Caller, path: tuple[str, ...]) -> None:
    answer = on_nothing(*path, "--help")
    assert (answer.code, answer.sentences) == (0, [])
    assert "Usage:" in answer.out
    assert not on_nothing.data_dir.exists()


def test_the_commands_of_the_contract_are_there() -> None:
    paths = {" ".join(path) for path in COMMANDS}
    assert {*CONTRACT, "ports load", "ports list", "release list", "release show"} <= paths


# --- exit code 3: the release check ----------------------------------------------------------------


def append_arrivals_without_ships(lake: Settings, week: str) -> None:
    """Appends, as another program would, 900 arrivals of 2 ships at a port, by class and in all."""
    rows = [
        {
            "week": week,
            "port_locode": "XXBOG",
            "vessel_class": vessel_class,
            "indicator": indicator,
            "value": value,
            "unit": unit,
            "obs_status": "P",
            "conf_status": "F",
            "adjustment": "N",
        }
        for vessel_class in ("tanker", "_T")
        for indicator, value, unit in (("arrivals", 900.0, "calls"), ("unique_vessels", 2.0, "ships"))
    ]
    bogus = pa.Table.from_pylist(rows, schema=arrow_schema(PORT_ACTIVITY))
    write_deltalake(str(lake.table_path(PORT_ACTIVITY)), bogus, mode="append")


@pytest.mark.release_check
def test_the_release_check_stops_arrivals_without_ships_and_the_release_stays(
    call: Caller, lake: Settings
) -> None:
    """With bogus rows all commands end with 3; a run recomputes the values."""
    releases = read_releases(lake)
    append_arrivals_without_ships(lake, SECOND)
    for command in ("check", "gate", "publish"):
        answer = call(command, "--week", SECOND)
        assert answer.code == 3
        output = "\n".join(answer.sentences)
        assert f"{SECOND}: arrivals_without_ships (2 of " in output
        assert "Traceback" not in output
        assert read_releases(lake) == releases
    failed = table(lake, "ops.check_results", week=SECOND).filter(~pl.col("passed"), severity="critical")
    assert failed.select("check_name", "failed_rows").rows() == [("arrivals_without_ships", 2)]
    runner.run_weekly(Job(lake, Period(Week.parse(SECOND), Week.parse(SECOND))), until=FIGURES)
    assert "XXBOG" not in set(table(lake, PORT_ACTIVITY)["port_locode"])
