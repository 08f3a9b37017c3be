"""The bulletin: what it says of a release, that it says it twice in the same bytes, and what it never shows."""

import io
import json
import re
import sys
from pathlib import Path

import h3
import pypdf
import pytest

from ais_indicators.errors import WrongUseError
from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.pages.bulletin import bulletin_page
from ais_indicators.publish.publication import read_publication
from ais_indicators.releasing.bulletin_data import read_bulletin_data
from ais_indicators.releasing.history import append_event, read_history
from ais_indicators.releasing.write_bulletin import write_bulletin
from ais_indicators.settings import Settings
from tests.released_weeks import (
    HOSTILE,
    activity,
    empty_lake,
    publish,
    publish_arrivals,
    put_rows,
    transits,
    usual_week,
)
from tests.subject_rules import SHIP_RULES

NOW, BEFORE, YEAR_BEFORE = "2026-W07", "2026-W06", "2025-W07"
MEGABYTE = 1_000_000
STRAITS = "gold.chokepoint_transits_weekly"


@pytest.fixture
def lake(tmp_path: Path) -> Settings:
    """Three weeks: the one before with 100 arrivals, that of the year before with 80, the newest with 110."""
    return publish_arrivals(tmp_path, {YEAR_BEFORE: 80.0, BEFORE: 100.0, NOW: 110.0})


def page_of(settings: Settings, release: str = "latest", language: str = "en") -> str:
    return bulletin_page(read_bulletin_data(settings, release, SHIP_RULES), language, SHIP_RULES)


def text_of(page: str) -> str:
    """What a reader reads: no tags, style, script or SVG, single spaces."""
    bare = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", bare))


def row_of(page: str, port: str) -> list[str]:
    """The cells of a port in the table of ports, without what is said to listeners only."""
    table = page[page.index('<table id="ports"') :]
    row = next(row for row in re.findall(r"<tr>.*?</tr>", table, flags=re.S) if f">{port}</th>" in row)
    return [
        re.sub(r'<span class="vh">.*?</span>|<[^>]+>', "", cell)
        for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
    ]


def test_it_reports_the_week_and_how_it_changed(lake: Settings) -> None:
    text = text_of(page_of(lake))
    assert "Experimental statistics" in text
    assert "110 port calls began in week 7 of 2026." in text
    assert "That is +10.0% on the week before; +37.5% on the year before." in text
    assert "9 February 2026 to 15 February 2026" in text
    assert (
        "107,000 \u2013 113,000" in text
    )  # the published interval of the tonnes, 106,710 to 113,290, rounded
    assert "Made-up feed" in text


def test_changes_of_ports_are_differences_of_arrivals(lake: Settings) -> None:
    cells = row_of(page_of(lake), "Aaport")
    assert cells == ["Aaport", "France", "55", "+5", "+15", "55", "55", "55", "8.5", "3.3"]


def test_the_same_release_gives_the_same_bytes_and_later_ones_change_nothing(lake: Settings) -> None:
    name = read_history(lake).find("latest").release_id
    pages = {page_of(lake, name) for _ in range(2)}
    publish(lake, BEFORE, usual_week(50.0))
    publish(lake, "2026-W08", usual_week(500.0))
    assert {page_of(lake, name)} == pages


def test_a_revision_is_shown_beside_what_was_first_published(lake: Settings) -> None:
    publish(lake, NOW, usual_week(120.0), newest_week="2026-W08")
    text = text_of(page_of(lake))
    assert "Releases of week 7 of 2026 so far" in text
    assert "Arrivals at ports 1 3 +3.33 3.33 33.3%" in text  # one of three weeks, by 10
    assert "±0.0 on average after 8 weeks" in text  # the only week that is as old has not moved
    assert "Another release of this week is served in place of this one: 2026-W07-000000000004." in text_of(
        page_of(lake, "2026-W07-000000000003")
    )


def test_a_withdrawn_release_says_so_by_whom_and_why(lake: Settings) -> None:
    history = read_history(lake)
    name = history.find("latest").release_id
    append_event(lake, history, name, "withdrawn", "A. Person", "ports <mixed> up")
    page = page_of(lake, name, "fr")
    assert "Cette publication a été retirée." in page
    assert "Retirée par A. Person le " in page
    assert "ports &lt;mixed&gt; up" in page


def test_what_a_person_let_pass_is_on_the_page(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    said = {"check": "every_day_heard", "found": "1 of 7 days", "by_name": "B", "reason": "a known outage"}
    publish(settings, NOW, usual_week(), overrides=json.dumps([said]))
    assert "every_day_heard failed (1 of 7 days) and was overridden by B: a known outage" in text_of(
        page_of(settings)
    )


@pytest.fixture
def protected(tmp_path: Path) -> Settings:
    """A release of which a port is suppressed, after a week in which it was not."""
    settings = empty_lake(tmp_path / "protected")
    publish(settings, BEFORE, usual_week(100.0))
    tables = usual_week(110.0)
    for row in tables[PORT_ACTIVITY]:
        if row["port_locode"] == "XXCCC":
            row |= {"value": None, "obs_status": "Q", "conf_status": "A"}
    held = {"cells": 4, "primary": 1, "secondary": 0, "observations": 6}
    record = json.dumps({"profile": "confidential", "tables": {PORT_ACTIVITY: held}})
    publish(settings, NOW, tables, disclosure=record)
    return settings


def test_a_suppressed_value_is_a_mark_and_never_zero_and_nothing_is_computed_from_it(
    protected: Settings,
) -> None:
    page = page_of(protected)
    assert row_of(page, "Ceport") == ["Ceport", "Spain", "c", ":", "c", "c", "c", "c", "c"]
    assert "confidential" in page
    assert "(profile confidential): 6 observations" in text_of(page)


def test_a_protected_release_shows_no_cells_and_an_open_one_does(protected: Settings, lake: Settings) -> None:
    assert "Cells are not shown: this release is protected" in page_of(protected)
    cell = {"week": NOW, "h3_res6": h3.str_to_int(h3.latlng_to_cell(49.5, 0.1, 6)), "vessel_class": "tanker"}
    counts = {"messages": 9, "unique_vessels": 1, "hours": 20.0}
    for settings in (protected, lake):
        version = put_rows(settings, "gold.cell_activity_weekly", [cell | counts], {"week": NOW})
        versions = json.dumps({"gold.cell_activity_weekly": version})
        disclosure = (
            {} if settings is lake else {"disclosure": json.dumps({"profile": "confidential", "tables": {}})}
        )
        publish(settings, NOW, usual_week(111.0), table_versions=versions, **disclosure)
    assert 'fill="#b3cde3"' in page_of(lake)  # 20 hours: from 10 to 100
    assert "cells are not part of the release" in page_of(lake)
    assert 'fill="#b3cde3"' not in page_of(protected)


def test_an_outage_is_missing_and_an_adjusted_value_is_beside_a_poor_one(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, BEFORE, usual_week(100.0))
    tables = usual_week(100.0)
    rows = [row for row in tables[PORT_ACTIVITY] if row["port_locode"] != "XXCCC"]
    for row in rows:
        if row["port_locode"] == "XXAAA" and row["indicator"] == "arrivals":
            row |= {"value": 40.0, "obs_status": "U"}
    rows += [activity("XXAAA", 55.0, obs_status="E", adjustment="COVERAGE")]
    rows += [activity("XXCCC", None, name, obs_status="O") for name in ("arrivals", "departures")]
    publish(settings, NOW, tables | {PORT_ACTIVITY: rows})
    page = page_of(settings)
    assert row_of(page, "Aaport")[2:4] == ["40u", "+5"]
    assert row_of(page, "Ceport")[2:6] == [":", ":", ":", ":"]


def test_a_port_without_a_row_is_not_taken_for_one_without_calls(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    without = usual_week(100.0)
    without[PORT_ACTIVITY] = [row for row in without[PORT_ACTIVITY] if row["port_locode"] != "XXCCC"]
    publish(settings, BEFORE, without)
    publish(settings, NOW, usual_week(100.0))
    assert row_of(page_of(settings), "Ceport")[2:5] == ["20", ":", "20"]


def test_an_indicator_without_a_row_is_not_taken_for_0(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    week = usual_week(100.0)
    gone = ("XXCCC", "departures")
    week[PORT_ACTIVITY] = [r for r in week[PORT_ACTIVITY] if (r["port_locode"], r["indicator"]) != gone]
    publish(settings, NOW, week)
    assert row_of(page_of(settings), "Ceport")[2:5] == ["20", ":", "20"]


def test_a_port_with_rows_of_0_had_no_calls(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    idle = usual_week(100.0)
    for row in idle[PORT_ACTIVITY]:
        if row["port_locode"] == "XXCCC":
            none = (None, "M") if row["unit"] == "h" else (0.0, "P")
            row["value"], row["obs_status"] = none
    publish(settings, BEFORE, idle)
    publish(settings, NOW, usual_week(100.0))
    first = read_history(settings).releases[0].release_id
    nothing = "\u2013"
    assert row_of(page_of(settings), "Ceport")[2:5] == ["20", "+20", "20"]
    assert row_of(page_of(settings, first), "Ceport")[2:] == [*"0000", nothing, nothing]


@pytest.mark.parametrize(("status", "mark"), [("O", ":"), ("M", "\u2013"), ("Q", "c")])
def test_hours_without_a_value_have_the_mark_of_their_status_in_the_files(
    tmp_path: Path, status: str, mark: str
) -> None:
    settings = empty_lake(tmp_path)
    week = usual_week(100.0)
    for row in week[PORT_ACTIVITY]:
        if row["port_locode"] == "XXCCC" and row["unit"] == "h":
            row |= {"value": None, "obs_status": status}
    publish(settings, NOW, week)
    cells = row_of(page_of(settings), "Ceport")
    assert (cells[2], cells[-2:]) == ("20", [mark, mark])


def test_a_closed_canal_reads_0_and_its_hours_have_nothing_to_measure(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    hours = transits("suez", 12.5, "median_hours", "h")
    publish(settings, BEFORE, usual_week(100.0))
    closed = [transits("suez", 0), transits("suez", 0, "unique_vessels", "ships")]
    publish(
        settings,
        NOW,
        usual_week(100.0) | {STRAITS: [*closed, hours | {"value": None, "obs_status": "M"}]},
    )
    cells = row_of(page_of(settings), "Suez Canal")
    assert cells[:4] == ["Suez Canal", "0", "\u22127", "0"]
    assert cells[5] == "\u2013"


def test_a_strait_without_a_row_is_not_taken_for_one_that_nobody_passed(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, BEFORE, usual_week(100.0) | {"gold.chokepoint_transits_weekly": []})
    publish(settings, NOW, usual_week(100.0))
    assert row_of(page_of(settings), "Suez Canal")[1:3] == ["7", ":"]


def test_names_are_escaped_and_nothing_is_loaded_from_elsewhere(lake: Settings) -> None:
    page = page_of(lake)
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;Port&#34;" in page
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == [f'href="{read_publication().licence_url}"']
    assert len(re.findall(r"https?:|//[a-z]", page)) == 2  # of that link, which loads nothing
    assert "default-src &#39;none&#39;; style-src" in page
    assert len(page.encode()) < MEGABYTE


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Statistiques expérimentales"), ("es", "Estadísticas experimentales")]
)
def test_it_is_written_in_other_languages(lake: Settings, language: str, title: str) -> None:
    page = page_of(lake, language=language)
    assert f'<html lang="{language}">' in page
    assert title in page
    for english in ("Experimental", "Arrivals", "week before", "container ships"):
        assert english not in text_of(page)


def test_french_has_a_space_before_its_colons(lake: Settings) -> None:
    text = text_of(page_of(lake, language="fr"))
    assert "Navires dans les ports\u00a0: " in text or "Navires dans les ports : " in text
    assert re.findall(r"\w+:\s", text) == []


def test_a_release_without_trade_straits_and_quality_is_reported_all_the_same(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, NOW, {PORT_ACTIVITY: usual_week()[PORT_ACTIVITY]}, port_version="gone", disclosure=None)
    text = text_of(page_of(settings))
    assert "This release holds no quality indicators." in text
    assert "There is nothing to draw" in text
    assert "straits-section" not in text
    assert "That is" not in text


def test_files_appear_whole_and_the_pdf_has_the_same_bytes_twice(lake: Settings, tmp_path: Path) -> None:
    first, second = (
        write_bulletin(lake, "latest", tmp_path / name, "es", with_pdf=True, rules=SHIP_RULES)
        for name in ("a", "b")
    )
    assert [path.name for path in first] == [
        f"bulletin-2026-W07-000000000003-es.{kind}" for kind in ("html", "pdf")
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [path.name for path in first]
    reader = pypdf.PdfReader(io.BytesIO(first[1].read_bytes()))
    assert "110 escalas comenzaron" in (reader.pages[0].extract_text() or "").replace("\n", " ")
    assert str(reader.root_object["/Lang"]) == "es"


def test_without_the_systems_libraries_a_pdf_is_refused_and_nothing_is_written(
    lake: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Missing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'\nand more")

    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(
        WrongUseError, match=r"lacks \(cannot load library 'libpango-1.0-0'\); install it with"
    ):
        write_bulletin(lake, "latest", tmp_path / "out", "en", with_pdf=True, rules=SHIP_RULES)
    assert not (tmp_path / "out").exists()


def test_a_week_53_is_held_against_week_52_and_says_so(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, "2025-W52", usual_week(50.0))
    publish(settings, "2026-W53", usual_week(100.0))
    text = text_of(page_of(settings))
    assert "+100.0% on the year before" in text
    assert "A week 53 is compared with week 52 of the year before." in text
