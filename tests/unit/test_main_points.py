"""The main points of a bulletin: three to five, with what drove them, in words that the interval supports."""

from pathlib import Path
from typing import Any

import pytest

from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.pages.catalogue import LANGUAGES, open_catalogue
from ais_indicators.publish.pages.main_points import main_points
from ais_indicators.releasing.bulletin_data import read_bulletin_data
from ais_indicators.settings import Settings
from tests.released_weeks import activity, empty_lake, imports, integrity_week, publish, transits, usual_week
from tests.subject_rules import SHIP_RULES

BEFORE, NOW = "2026-W06", "2026-W07"
STRAITS, FLOWS = "gold.chokepoint_transits_weekly", "gold.trade_flows_weekly"
Tables = dict[str, list[dict[str, Any]]]


def points(settings: Settings, language: str = "en") -> list[str]:
    said = main_points(
        open_catalogue(language, SHIP_RULES), read_bulletin_data(settings, "latest", SHIP_RULES)
    )
    return [point.replace("\u00a0", " ").replace("\u202f", " ") for point in said]


def published(tmp_path: Path, now: Tables, before: Tables | None = None) -> Settings:
    settings = empty_lake(tmp_path)
    if before is not None:
        publish(settings, BEFORE, before)
    publish(settings, NOW, now)
    return settings


def changed(tables: Tables, port: str = "_T", **of: float) -> Tables:
    """A week with other values: of a port's indicators by name, or of the total's classes as `class_NAME`."""
    for row in tables[PORT_ACTIVITY]:
        name = row["indicator"] if row["vessel_class"] == "_T" else f"class_{row['vessel_class']}"
        if row["port_locode"] == port and name in of:
            row["value"] = of[name]
    return tables


def test_arrivals_come_with_the_classes_and_ports_that_drove_their_change(tmp_path: Path) -> None:
    now = changed(usual_week(110.0), class_container=62.0, class_tanker=48.0)
    first = points(published(tmp_path, now, usual_week(100.0)))[0]
    assert first == (
        "110 port calls began in week 7 of 2026. That is +10.0% on the week before. The change on the week before "
        "comes mainly from container ships (+12) and, by port, from Aaport (+5), "
        '<script>alert(1)</script> & "Port" (+3).'
    )


def test_what_moved_against_the_total_did_not_drive_it(tmp_path: Path) -> None:
    now = changed(changed(usual_week(90.0), class_container=55.0, class_tanker=35.0), "XXAAA", arrivals=60.0)
    first = points(published(tmp_path, now, usual_week(100.0)))[0]
    assert "from tankers (\u221215) and, by port, from" in first
    assert "container" not in first
    assert "Aaport" not in first


def test_without_an_earlier_week_nothing_is_compared(tmp_path: Path) -> None:
    said = points(published(tmp_path, usual_week(110.0)))
    assert said[0] == "110 port calls began in week 7 of 2026."
    assert not any("week before" in point for point in said)


def test_hours_name_the_large_port_that_changed_most(tmp_path: Path) -> None:
    now = changed(changed(usual_week(), median_hours_in_port=9.5), "XXCCC", median_hours_in_port=12.5)
    second = points(published(tmp_path, now, usual_week()))[1]
    assert second == (
        "Ships that departed had been in port for 9.5 h in the median (+1.0 h on the week before). Those that had "
        "waited before they berthed had waited for 3.3 h (0.0 h on the week before). Among the ports with most "
        "departures, the largest change was at Ceport (+4.0 h)."
    )


@pytest.mark.parametrize(("error", "is_certain"), [(1000.0, True), (20_000.0, False)])
def test_tonnes_are_rounded_and_their_change_is_certain_or_not(
    tmp_path: Path, error: float, is_certain: bool
) -> None:
    weeks = [
        usual_week() | {FLOWS: [imports(tonnes, error), imports(tonnes / 2, error, "FRA", "country")]}
        for tonnes in (100_000.0, 109_504.0)
    ]
    third = points(published(tmp_path, weeks[1], weeks[0]))[2]
    assert ("Ships put 109,500 t ashore (90 % interval 107,900 \u2013 111,100)" in third) is is_certain
    assert ("Ships put 110,000 t ashore (90 % interval 80,000 \u2013 140,000)" in third) is not is_certain
    assert ("is not certain" in third) is not is_certain
    assert ("mainly from France (+4,800 t)" in third) is is_certain


@pytest.mark.parametrize(
    ("row", "status", "why"),
    [
        ({}, "closed", " Its status: closed."),
        ({}, "open", ""),
        (
            {"obs_status": "U", "status_reason": "vessels_dark"},
            "closed",
            " The value is marked: ships went dark.",
        ),
    ],
)
def test_the_strait_that_changed_most_comes_with_what_is_known_of_the_cause(
    tmp_path: Path, row: dict[str, str], status: str, why: str
) -> None:
    before = usual_week() | {STRAITS: [transits("suez", 40.0), transits("panama", 30.0)]}
    now = usual_week() | integrity_week(suez=status)
    now[STRAITS] = [transits("suez", 12.0) | row, transits("panama", 33.0)]
    said = points(published(tmp_path, now, before))[3]
    assert said == f"Of the chokepoints, Suez Canal changed most: 12 passages after 40 the week before.{why}"


def test_the_last_point_says_how_many_ports_are_not_reliable_and_why(tmp_path: Path) -> None:
    assert points(published(tmp_path / "all", usual_week()))[-1] == (
        "The counts of all 3 ports have neither gaps nor low reliability."
    )
    now = usual_week()
    for row in now[PORT_ACTIVITY]:
        if row["port_locode"] == "XXAAA":
            row |= {"obs_status": "U", "status_reason": "receiver_outage"}
    reason = open_catalogue("en", SHIP_RULES).name("status_reason", "receiver_outage")
    assert points(published(tmp_path / "some", now))[-1] == (
        "1 of 3 ports have counts of low reliability, estimated, suppressed or missing. "
        f"The most common reason: {reason}."
    )


def test_there_are_three_to_five(tmp_path: Path) -> None:
    full = published(tmp_path / "full", usual_week(110.0) | {STRAITS: [transits("suez", 9.0)]}, usual_week())
    assert len(points(full)) == 5
    few = [activity("_T", 5.0), activity("_T", 5.0, "unique_vessels"), activity("XXAAA", 5.0)]
    few_rows = published(tmp_path / "few", {PORT_ACTIVITY: few})
    assert points(few_rows)[1] == "5 ships were in ports."
    assert len(points(few_rows)) == 3


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_other_languages_say_as_much_without_english_words(tmp_path: Path, language: str) -> None:
    settings = published(tmp_path, usual_week(110.0) | {STRAITS: [transits("suez", 9.0)]}, usual_week())
    said = points(settings, language)
    assert len(said) == 5
    for word in (" the ", " of ", " and ", " ships", "week"):
        assert not any(word in point for point in said), word
