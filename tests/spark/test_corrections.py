"""Candidates, embargo, withdrawals and overrides: what people decide, and that it stays on record."""

import json
import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from ais_indicators import runner
from ais_indicators.checks.results import CheckResult
from ais_indicators.checks.weeks import WeekChecks
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.pipelines import check_release, publish_release
from ais_indicators.publish.files import PORT_ACTIVITY, RELEASED_TABLES, data_file_name
from ais_indicators.releasing.history import read_history, release_folder
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.eight_weeks import LATE_WEEK, WEEKS
from tests.messages import stay, write_noaa

CSV = data_file_name(PORT_ACTIVITY, "csv")
WHO = ("--by", "A. Person", "--reason", "ports mixed up")
FAILED = CheckResult("arrivals_without_ships", PORT_ACTIVITY, "critical", False, 2, 40, "2 of 40 rows")
NOT_UNIQUE = CheckResult(
    f"{PORT_ACTIVITY}.key_unique", PORT_ACTIVITY, "critical", False, 2, 40, "2 of 40 rows"
)
HOLDS = CheckResult("release_not_empty", PORT_ACTIVITY, "critical", True, 0, 1, "holds")


@pytest.fixture
def lake(eight_weeks: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of the eight weeks; the gate finds nothing."""
    shutil.copytree(eight_weeks.data_dir, tmp_path / "data")
    gate_finds(monkeypatch)
    return Settings(tmp_path / "data", shuffle_partitions=1)


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(lake.data_dir, capsys)


def gate_finds(monkeypatch: pytest.MonkeyPatch, *results: CheckResult) -> None:
    for module in (publish_release, check_release):
        monkeypatch.setattr(module, "check_week", lambda _job, week: WeekChecks(week, (*results, HOLDS)))


def served(lake: Settings, week: Week) -> str | None:
    row = read_history(lake).served.get(week.name)
    return row.release_id if row else None


def vintages(lake: Settings, week: Week) -> list[str]:
    return [row.release_id for row in read_releases(lake) if row.week == week.name]


def change_figures(lake: Settings, week: Week) -> None:
    """Adds values of one more port, as another program would."""
    row = dict.fromkeys(arrow_schema(PORT_ACTIVITY).names) | {
        "week": week.name,
        "port_locode": "XXNEW",
        "vessel_class": "_T",
        "indicator": "arrivals",
        "value": 1.0,
        "unit": "calls",
        "obs_status": "P",
        "adjustment": "N",
        "conf_status": "F",
    }
    table = pa.Table.from_pylist([row], schema=arrow_schema(PORT_ACTIVITY))
    write_deltalake(str(lake.table_path(PORT_ACTIVITY)), table, mode="append")


# --- withdrawals ------------------------------------------------------------------------------------------------


def test_a_withdrawal_serves_the_release_before_and_both_stay_on_record(call: Caller, lake: Settings) -> None:
    *earlier, first, last = vintages(lake, LATE_WEEK)
    for release in earlier:
        call("release", "withdraw", release, *WHO)
    done = call.json("release", "withdraw", last, *WHO)
    assert (done["event"], done["served"]) == ("withdrawn", first)
    history = read_history(lake)
    standing = {row.release_id: (history.status(row), history.is_served(row)) for row in history.releases}
    assert (standing[first], standing[last]) == (("published", True), ("withdrawn", False))
    assert read_history(lake).as_of(last).served[LATE_WEEK.name].release_id == last
    assert call("release", "withdraw", last, *WHO).code == 2
    done = call.json("release", "withdraw", first, *WHO)
    assert done["served"] is None
    assert served(lake, LATE_WEEK) is None
    done = call.json("release", "restore", last, "--by", "B. Person", "--reason", "it was right")
    assert done["served"] == last
    assert call("release", "restore", last, *WHO).code == 2
    events = [(e.event, e.release_id, e.by_name) for e in read_history(lake).events]
    assert events[-3:] == [
        ("withdrawn", last, "A. Person"),
        ("withdrawn", first, "A. Person"),
        ("restored", last, "B. Person"),
    ]


def test_latest_is_never_a_withdrawn_release_and_an_export_of_one_says_so(
    call: Caller, lake: Settings, tmp_path: Path
) -> None:
    newest = read_releases(lake)[-1].release_id
    assert call.json("release", "show", "latest")["id"] == newest
    call("release", "withdraw", newest, *WHO)
    assert call.json("release", "show", "latest")["id"] == read_releases(lake)[-2].release_id
    answer = call("export", "--release", newest, "--out", tmp_path / "out")
    assert answer.code == 0
    override_note = "This release was withdrawn by A. Person"
    assert any(override_note in line and "ports mixed up" in line for line in answer.sentences)
    for table in RELEASED_TABLES:
        for suffix in ("sources.csv", "notes.csv"):
            assert override_note in (tmp_path / "out" / data_file_name(table, suffix)).read_text(
                encoding="utf-8"
            )
    assert (tmp_path / "out" / CSV).read_bytes() == (release_folder(lake, newest) / CSV).read_bytes()
    assert call("export", "--release", "latest", "--out", tmp_path / "out").sentences == []
    assert not list((tmp_path / "out").glob("*.notes.csv"))


@pytest.mark.parametrize(
    "lacking", [("--by", "A. Person"), ("--reason", "so"), ("--by", " ", "--reason", "so")]
)
def test_a_decision_without_name_or_reason_is_wrong_use(
    call: Caller, lake: Settings, lacking: tuple[str, ...]
) -> None:
    assert call("release", "withdraw", vintages(lake, LATE_WEEK)[-1], *lacking).code == 2
    assert read_history(lake).events == ()


def test_withdrawn_values_are_not_published_again_but_others_are(call: Caller, lake: Settings) -> None:
    *earlier, first, last = vintages(lake, LATE_WEEK)
    call("release", "withdraw", last, *WHO)
    refused = call("publish", "--week", LATE_WEEK.name)
    assert refused.code == 2
    assert f"`ais-indicators release restore {last}`" in refused.sentences[-1]
    assert call("publish", "--week", WEEKS[-1].name).code == 0
    assert served(lake, LATE_WEEK) == first
    (waiting,) = (week for week in call.json("status")["weeks"] if week["candidate"])
    assert waiting["week"] == LATE_WEEK.name
    assert f"release restore {last}" in call("release", "list").out
    change_figures(lake, LATE_WEEK)
    assert call("publish", "--week", LATE_WEEK.name).code == 0
    assert served(lake, LATE_WEEK) not in (first, last)
    assert vintages(lake, LATE_WEEK)[:-1] == [*earlier, first, last]


# --- candidates -------------------------------------------------------------------------------------------------


def test_a_candidate_waits_until_it_is_published(call: Caller, lake: Settings, tmp_path: Path) -> None:
    before, week = read_history(lake), WEEKS[-1]
    late = stay(f"{week.monday}T05:00:00", f"{week.monday}T20:00:00", 60, mmsi=366000102, ship_type=70)
    runner.run_task("ingest_messages", Job(lake, paths=(write_noaa(tmp_path / "more.csv", late),)))
    answer = call("run", "--week", week.name, "--no-publish")
    assert answer.code == 0
    assert f"publish --week {week}" in answer.out
    assert read_history(lake) == before
    assert [w["week"] for w in call.json("status")["weeks"] if w["candidate"]] == [week.name]
    assert f"publish --week {week}" in call("release", "list").out
    assert call("publish", "--week", week.name, "--not-before", "2999-01-01T09:00Z").code == 5
    assert call("publish", "--week", week.name, "--not-before", "soon").code == 2
    assert read_history(lake) == before
    assert call("publish", "--week", week.name, "--not-before", "2020-01-01T09:00Z").code == 0
    assert served(lake, week) == read_releases(lake)[-1].release_id != before.releases[-1].release_id
    assert not [w for w in call.json("status")["weeks"] if w["candidate"]]
    assert call("run", "--week", week.name, "--no-publish", "--until", "track_vessels").code == 2


# --- overrides --------------------------------------------------------------------------------------------------


def test_an_override_publishes_and_is_in_record_manifest_and_export(
    call: Caller, lake: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = WEEKS[-1]
    change_figures(lake, week)
    gate_finds(monkeypatch, FAILED)
    assert call("publish", "--week", week.name).code == 3
    asked = ("publish", "--week", week.name, "--override", FAILED.check_name)
    answer = call(*asked, "--by", "A. Person", "--reason", "a regatta")
    assert answer.code == 0
    override_note = "arrivals_without_ships failed (2 of 40 rows) and was overridden by A. Person: a regatta"
    assert f"{week}: {override_note}" in answer.sentences
    shown = call.json("release", "show", "latest")
    assert shown["notes"] == [override_note]
    assert [(o["check"], o["by_name"], o["reason"]) for o in shown["overrides"]] == [
        (FAILED.check_name, "A. Person", "a regatta")
    ]
    manifest = json.loads((Path(shown["folder"]) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["overrides"] == shown["overrides"]
    assert manifest["checks"][FAILED.check_name] == "2 of 40 failed"
    for number, asked_for in enumerate((("--release", "latest"), ("--as-of", shown["id"]))):
        out = tmp_path / str(number)
        assert call("export", *asked_for, "--out", out).code == 0
        noted = pl.read_csv(out / data_file_name(PORT_ACTIVITY, "notes.csv"))["note"].to_list()
        assert len(noted) == 1
        assert noted[0].endswith(override_note)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--override", FAILED.check_name), "--by NAME and --reason TEXT"),
        (("--by", "A", "--reason", "b"), "--override CHECK"),
        (("--override", "nonsense", "--by", "A", "--reason", "b"), "unknown check 'nonsense'"),
        (("--override", HOLDS.check_name, "--by", "A", "--reason", "b"), "did not fail as a critical check"),
        (("--override", NOT_UNIQUE.check_name, "--by", "A", "--reason", "b"), "structure of the data"),
    ],
)
def test_an_override_that_cannot_be_is_wrong_use(
    call: Caller,
    lake: Settings,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    before = read_history(lake)
    gate_finds(monkeypatch, FAILED, NOT_UNIQUE)
    answer = call("publish", "--week", WEEKS[-1].name, *arguments)
    assert answer.code == 2
    assert sentence in answer.sentences[-1]
    assert read_history(lake) == before


def test_an_override_lets_no_other_check_pass(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    gate_finds(monkeypatch, FAILED, NOT_UNIQUE)
    answer = call(
        "publish", "--week", WEEKS[-1].name, "--override", FAILED.check_name, "--by", "A", "--reason", "b"
    )
    assert answer.code == 3
    assert NOT_UNIQUE.check_name in "\n".join(answer.sentences)
