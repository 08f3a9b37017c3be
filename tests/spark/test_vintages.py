"""Vintages: every release stays, what was known then comes back exactly, and each can be computed again."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ais_indicators import open_released, releases, revisions, rules
from ais_indicators.io.delta import read_rows
from ais_indicators.publish.files import RELEASED_TABLES, data_file_name
from ais_indicators.releasing import reproduce as reproduce_releases
from ais_indicators.releasing.history import read_history, release_folder
from ais_indicators.releasing.record import RELEASES, ReleaseRecord, read_releases
from ais_indicators.releasing.tables import read_basis
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.eight_weeks import LATE_FILE, LATE_TAKEN_UP, LATE_WEEK, WEEKS
from tests.examples import is_full

PORT_ACTIVITY = "gold.port_activity_weekly"
CSV = data_file_name(PORT_ACTIVITY, "csv")


@pytest.fixture
def published(eight_weeks: Settings) -> Settings:
    """Eight weeks, published one by one. Not to be changed."""
    return eight_weeks


@pytest.fixture
def call(published: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(published.data_dir, capsys)


def vintages(lake: Settings, week: str) -> list[str]:
    return [row.release_id for row in read_releases(lake) if row.week == week]


def newest_known(lake: Settings, release_id: str) -> str:
    return str(read_basis(release_folder(lake, release_id))["newest_week"])


# --- late data ------------------------------------------------------------------------------------------------


def test_a_late_file_changes_only_weeks_inside_the_window_and_gives_a_new_vintage(
    published: Settings,
) -> None:
    made_with_it = {row.week for row in read_releases(published) if row.newest_week == LATE_TAKEN_UP.name}
    assert LATE_WEEK.name in made_with_it
    assert min(made_with_it) >= WEEKS[1].name  # voyages of the week before end with calls of the late one
    arrivals = [
        pl.read_csv(release_folder(published, release) / CSV)
        .filter(port_locode="XXAAA", vessel_class="_T", indicator="arrivals")["value"]
        .item()
        for release in vintages(published, LATE_WEEK.name)
    ]
    assert (arrivals[0], arrivals[-1]) == (6, 7)
    assert [newest_known(published, r) for r in vintages(published, LATE_WEEK.name)][-1] == LATE_TAKEN_UP.name


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_what_was_known_then_comes_back_byte_for_byte(
    call: Caller, published: Settings, tmp_path: Path, file_format: str
) -> None:
    for number, row in enumerate(read_releases(published)):
        out = tmp_path / str(number)
        asked = ("--as-of", row.release_id, "--week", row.week, "--format", file_format)
        assert call("export", *asked, "--out", out).code == 0
        for table in RELEASED_TABLES:
            name = data_file_name(table, file_format)
            assert (out / name).read_bytes() == (
                release_folder(published, row.release_id) / name
            ).read_bytes()


def test_all_weeks_as_of_a_release_are_the_releases_served_then(
    call: Caller, published: Settings, tmp_path: Path
) -> None:
    first, *_, last = vintages(published, LATE_WEEK.name)
    for release in (first, last):
        assert call("export", "--as-of", release, "--out", tmp_path / release).code == 0
        listed = pl.read_csv(tmp_path / release / "vintages.csv")
        assert listed["week"].to_list() == sorted(listed["week"].unique())
        assert release in listed["release_id"].to_list()
        lines = (tmp_path / release / CSV).read_text(encoding="utf-8").splitlines()
        parts = [
            (release_folder(published, r) / CSV).read_text(encoding="utf-8").splitlines()
            for r in listed["release_id"]
        ]
        assert lines == [parts[0][0], *(line for part in parts for line in part[1:])]
        frame = open_released(PORT_ACTIVITY, as_of=release, data_dir=published.data_dir).collect()
        assert_frame_equal(
            frame.drop("release_id"),
            pl.concat(
                pl.read_parquet(release_folder(published, r) / data_file_name(PORT_ACTIVITY, "parquet"))
                for r in listed["release_id"]
            ),
        )
    assert pl.read_csv(tmp_path / first / "vintages.csv").height == 3
    assert pl.read_csv(tmp_path / last / "vintages.csv").height == 5  # the asked week is published after it


def test_a_moment_between_two_releases_shows_the_first(published: Settings, call: Caller) -> None:
    history = read_history(published)
    first, second = (history.find(r) for r in vintages(published, LATE_WEEK.name)[:2])
    before = second.published_at_utc
    just_before = (before - (before - first.published_at_utc) / 2).isoformat()
    assert history.as_of(just_before).served[LATE_WEEK.name].release_id == first.release_id
    assert history.as_of(before.isoformat()).served[LATE_WEEK.name].release_id == second.release_id
    listed = call.json("release", "list", "--as-of", just_before)
    assert next(e for e in listed if e["id"] == first.release_id)["served"]
    assert second.release_id not in {entry["id"] for entry in listed}
    assert releases(just_before, published.data_dir).height == len(listed)
    assert call("release", "list", "--as-of", "2001-01-01").code == 2
    assert call("release", "list", "--as-of", "some day").code == 2


def test_the_difference_of_two_vintages_names_the_late_file_and_the_values(
    call: Caller, published: Settings
) -> None:
    *_, before, after = vintages(published, LATE_WEEK.name)
    for arguments in ((before, after), (after,)):
        found = call.json("release", "diff", *arguments)
        assert (found["before"], found["after"], found["is_same"]) == (before, after, False)
        assert found["headlines"]["arrivals"][1] - found["headlines"]["arrivals"][0] == 1
        (said,) = (cause["said"] for cause in found["causes"] if cause["kind"] == "data")
        assert LATE_FILE in said
        assert not {"rules", "ports", "gates", "register", "code"} & {c["kind"] for c in found["causes"]}
        assert all(change["before"] != change["after"] for change in found["largest"])
    out = call("release", "diff", before, after).out
    assert LATE_FILE in out
    assert call("release", "diff", before, vintages(published, WEEKS[0].name)[0]).code == 2
    assert call("release", "diff", vintages(published, WEEKS[0].name)[0]).code == 2


def test_revisions_are_those_of_the_late_file(call: Caller, published: Settings) -> None:
    rows = {(r["indicator"], r["lag_weeks"]): r for r in call.json("release", "revisions")}
    assert (rows["arrivals", 2]["weeks"], rows["arrivals", 2]["share_revised"]) == (6, 0.0)
    late = rows["arrivals", 3]
    assert (late["weeks"], late["mean_revision"], late["mean_absolute_revision"]) == (5, 0.2, 0.2)
    assert late["share_revised"] == 0.2
    assert rows["arrivals", 4]["weeks"] == 4
    found = revisions(LATE_WEEK.name, LATE_WEEK.name, published.data_dir)
    assert found.filter(indicator="arrivals", lag_weeks=3)["mean_revision"].item() == 1.0
    assert "arrivals" in call("release", "revisions").out


def test_the_quality_of_a_release_reports_how_late_it_was_and_how_far_it_moved(
    call: Caller, published: Settings
) -> None:
    first, *_, last = vintages(published, LATE_WEEK.name)
    qualities = {release: quality(call, release) for release in (first, last)}
    in_file = pl.read_csv(release_folder(published, last) / data_file_name("gold.quality_weekly", "csv"))
    assert set(in_file["indicator"]) < set(qualities[last])
    assert qualities[first]["revision_of_arrivals"] == 0.0
    arrivals = {r: headline(published, r) for r in (first, last)}
    assert qualities[last]["revision_of_arrivals"] == pytest.approx(1 / arrivals[first])
    row = read_history(published).find(last)
    days = (row.published_at_utc - LATE_WEEK.end).total_seconds() / 86_400
    assert qualities[last]["timeliness_days"] == pytest.approx(days)
    assert "timeliness_days" in call("release", "quality", last).out


def quality(call: Caller, release: str) -> dict[str, float]:
    found = call.json("release", "quality", release)
    assert found["release"] == release
    return {row["indicator"]: row["value"] for row in found["indicators"]}


def headline(published: Settings, release: str) -> float:
    rows = pl.read_csv(release_folder(published, release) / CSV)
    one = rows.filter(port_locode="_T", vessel_class="_T", indicator="arrivals", adjustment="N")
    return float(one["value"].item())


def test_a_record_is_written_as_it_was_read(published: Settings) -> None:
    rows = read_rows(published, RELEASES).to_pylist()
    assert rows
    assert [ReleaseRecord.model_validate(row).to_row() for row in rows] == rows


def test_a_release_reports_what_it_rests_on(published: Settings) -> None:
    for row in read_releases(published):
        folder = release_folder(published, row.release_id)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert read_basis(folder, "rules.json") == rules.rule_values("ships")
        counts = manifest["row_counts"]["week"]
        assert counts["bronze.ais_messages"] == counts["silver.positions"] + counts["quarantine.messages"] > 0
        assert manifest["gate_version"].startswith("packaged")
        assert not {"published_at_utc", "figure_files", "folded_weeks"} & manifest.keys()
        assert {"python", "polars", "deltalake"} <= manifest["packages"].keys()


# --- computed again -------------------------------------------------------------------------------------------


def test_every_release_of_eight_weeks_comes_out_the_same(
    call: Caller, published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make test-all` computes all of them again, `make test` the last before the late file and the one with it."""
    history = read_history(published)
    if not is_full():
        ids = vintages(published, LATE_WEEK.name)[-2:]
        few = tuple(row for row in history.releases if row.release_id in ids)
        history = replace(history, releases=few)
    monkeypatch.setattr(reproduce_releases, "read_history", lambda _: history)
    found = call.json("reproduce", "all")
    assert [one["release_id"] for one in found] == [row.release_id for row in history.releases]
    assert len(found) >= 2
    assert all(one["is_same"] and one["observations"] > 0 and one["differs"] == [] for one in found)
    assert list((published.data_dir / "as_of").iterdir()) == []


def test_after_a_change_of_a_rule_it_differs_and_names_the_rule(
    call: Caller, published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = dict(rules.load_rules("ships"))
    old = changed["revision_weeks"]
    changed["revision_weeks"] = rules.Rule(old.name, 1, old.unit, old.reason, old.source)
    monkeypatch.setattr(rules, "load_rules", lambda _: changed)
    values = rules.Rules.for_subject("ships").model_copy(update={old.name: 1})
    monkeypatch.setattr(rules.Rules, "for_subject", lambda _: values)
    rules.rules_hash.cache_clear()
    try:
        answer = call("reproduce", vintages(published, LATE_WEEK.name)[-1], "--json")
    finally:
        rules.rules_hash.cache_clear()
    (found,) = json.loads(answer.out)
    assert (answer.code, found["is_same"]) == (1, False)
    assert found["changed"] > 0
    assert found["differs"] == [f"rule revision_weeks was {old.value} weeks, is 1 weeks"]
