"""The bulletin as an office publishes it: who, when, how to cite it, titles that say what is seen, and its PDF."""

import html
import json
import re
from pathlib import Path

import pypdf
import pytest

from ais_indicators.contracts.attributions import SIMULATED
from ais_indicators.publish.pages.catalogue import LANGUAGES, open_catalogue
from ais_indicators.releasing.write_bulletin import write_bulletin
from ais_indicators.settings import Settings
from tests.released_weeks import empty_lake, publish, publish_arrivals, usual_week, weeks_to
from tests.subject_rules import SHIP_RULES
from tests.unit.test_bulletin import BEFORE, NOW, YEAR_BEFORE, page_of, text_of


@pytest.fixture
def lake(tmp_path: Path) -> Settings:
    """Three weeks: the one before with 100 arrivals, that of the year before with 80, the newest with 110."""
    return publish_arrivals(tmp_path, {YEAR_BEFORE: 80.0, BEFORE: 100.0, NOW: 110.0})


OFFICE = """
publisher_name: National <Statistical> Office
publisher_homepage: https://nso.example/
contact_email: ships@nso.example
catalogue_title: Ships & ports
base_url: https://nso.example/ais/
doi: 10.1234/ships
release_lag_days: 25
"""


def about(page: str) -> dict[str, str]:
    """What the page says of its release, by the name of it."""
    section = page[page.index('<dl class="about">') : page.index("</dl>")]
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", section, flags=re.S)
    return {name: text_of(value).strip() for name, value in pairs}


def test_it_names_publisher_contact_next_release_citation_and_data(lake: Settings) -> None:
    (lake.data_dir / "publication.yaml").write_text(OFFICE, encoding="utf-8")
    page = page_of(lake)
    said = about(page)
    assert said["Publisher"] == "National &lt;Statistical&gt; Office"
    assert said["Contact"] == "ships@nso.example"
    assert said["Next release"] == "week 8 of 2026, on 20 March 2026"
    assert said["Citation"] == (
        "National &lt;Statistical&gt; Office (2026). Ships &amp; ports, week 7 of 2026, release "
        "2026-W07-000000000003, published 2 March 2026. https://doi.org/10.1234/ships"
    )
    assert said["Sources"] == "Made-up feed"
    links = re.findall(r'href="([^"#]+)"', page)
    assert links[:2] == ["https://nso.example/", "mailto:ships@nso.example"]
    data = [link.removeprefix("https://nso.example/ais/") for link in links[3:]]
    assert data == [
        "port_activity_weekly.csv",
        "chokepoint_transits_weekly.csv",
        "trade_flows_weekly.csv",
        "quality_weekly.csv",
        "datapackage.json",
    ]


@pytest.mark.parametrize(("lag_days", "is_ahead"), [(14, True), (13, True), (6, False), (5, False)])
def test_a_next_release_lies_not_before_the_release_itself(
    lake: Settings, lag_days: int, is_ahead: bool
) -> None:
    lag = f"release_lag_days: {lag_days}\n"  # week 8 ends on 22 February, the release is of 2 March
    (lake.data_dir / "publication.yaml").write_text(lag, encoding="utf-8")
    assert (about(page_of(lake))["Next release"] != "no date is announced") is is_ahead


def test_without_an_office_there_are_no_links_to_data_and_no_date(lake: Settings) -> None:
    said = about(page_of(lake, language="fr"))
    assert "Données" not in said
    assert said["Prochaine publication"] == "aucune date n'est annoncée"


@pytest.mark.parametrize("language", LANGUAGES)
def test_simulated_data_are_said_to_be_so_in_the_pages_language(tmp_path: Path, language: str) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, NOW, usual_week(), attributions=json.dumps([SIMULATED]))
    page = html.unescape(page_of(settings, language=language))
    words = open_catalogue(language, SHIP_RULES)
    notice = "This release is based on simulated data. It does not describe real ships, ports or trade."
    assert words.text(notice) in page
    assert words.text(SIMULATED) in page
    assert "NOAA" not in page
    assert (SIMULATED in page) is (language == "en")


def test_real_data_are_not_said_to_be_simulated(lake: Settings) -> None:
    assert "simulated" not in page_of(lake)


@pytest.mark.parametrize("language", LANGUAGES)
def test_not_available_is_said_once(tmp_path: Path, language: str) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, NOW, usual_week())
    page = page_of(settings, language=language)
    seen = text_of(re.sub(r'<span class="vh">.*?</span>', "", page))
    assert (
        seen.count(open_catalogue(language, SHIP_RULES).name("obs_status", "O")) == 1
    )  # in the key of the marks
    if language == "en":
        assert (
            "Week 6 of 2026 and week 7 of 2025 are not published, so nothing is compared with them." in seen
        )


def test_a_week_that_is_not_published_has_no_column(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, YEAR_BEFORE, usual_week())
    publish(settings, NOW, usual_week())
    text = text_of(page_of(settings))
    assert "Arrivals on the year Departures" in text
    assert "Week 6 of 2026 is not published, so nothing is compared with it." in text


def test_titles_of_charts_say_what_is_seen(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    for week, arrivals in zip(weeks_to(NOW, 5), (100.0, 104.0, 90.0, 100.0, 110.0), strict=True):
        publish(settings, week, usual_week(arrivals))
    page = page_of(settings)
    titles = [
        text_of(one).strip()
        for one in re.findall(r"<figcaption>(.*?)<span", page[: page.index('id="map-section"')])
    ]
    assert titles == [
        "Arrivals at ports: 110, up from 100, the most in 5 weeks",
        "Container ships: 55 of 110 arrivals; largest change: container ships (+5)",
        "Hours in port, median: 8.5 h, as in the week before; hours waiting, median: 3.3 h, as in the week before",
        "Tonnes put ashore: 110,000 t, up from 100,000 t, the most in 5 weeks",
    ]


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (100.0, 101.0, "not clearly different from 100,000 t in the week before"),
        (100.0, 110.0, "up from 100,000 t"),
        (100.0, 90.0, "down from 100,000 t"),
    ],
)
def test_a_title_calls_no_change_what_the_intervals_do_not_support(
    tmp_path: Path, before: float, now: float, said: str
) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, BEFORE, usual_week(before))
    publish(settings, NOW, usual_week(now))
    assert said in text_of(page_of(settings))


def test_the_pdf_has_page_numbers_and_the_release_on_each_page(lake: Settings, tmp_path: Path) -> None:
    _, path = write_bulletin(lake, "latest", tmp_path / "out", "fr", with_pdf=True, rules=SHIP_RULES)
    pages = [page.extract_text() or "" for page in pypdf.PdfReader(path).pages]
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert re.search(rf"publication 2026-W07-000000000003\s+{number} / {len(pages)}\s*$", text), number
