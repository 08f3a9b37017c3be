"""The bulletin's section on chokepoints and integrity: its sentences, its map, and what it keeps to itself."""

import re
from pathlib import Path

import pytest

from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.pages.bulletin import bulletin_page
from ais_indicators.publish.pages.catalogue import open_catalogue
from ais_indicators.publish.pages.integrity_section import IntegritySection, integrity_section, position
from ais_indicators.releasing.bulletin_data import read_bulletin_data
from tests.released_weeks import Row, empty_lake, integrity_week, interfered, publish, usual_week
from tests.subject_rules import SHIP_RULES

WEEK = "2026-W10"
INTERFERENCE, DARK = "gold.interference_weekly", "gold.dark_vessels_weekly"
STATUS = "gold.chokepoint_status_weekly"
HORMUZ = (26.3, 56.9)
SUPPRESSED: Row = {"observed_transits": None, "usual_transits": None, "obs_status": "Q", "conf_status": "A"}


def page_of(folder: Path, tables: dict[str, list[Row]], language: str = "en") -> tuple[str, str]:
    """Publishes a week; gives the page, and the text of its section."""
    settings = empty_lake(folder)
    publish(settings, WEEK, tables)
    page = bulletin_page(read_bulletin_data(settings, "latest", SHIP_RULES), language, SHIP_RULES)
    found = re.search(r'<section aria-labelledby="integrity-section">.*?</section>', page, flags=re.S)
    bare = re.sub(r"<svg\b.*?</svg>|<[^>]+>", " ", found[0] if found else "", flags=re.S)
    return page, re.sub(r"[\s\u00a0\u202f]+", " ", bare).strip()


def section_of(folder: Path, tables: dict[str, list[Row]]) -> IntegritySection:
    settings = empty_lake(folder)
    publish(settings, WEEK, tables)
    section = integrity_section(
        open_catalogue("en", SHIP_RULES), read_bulletin_data(settings, "latest", SHIP_RULES)
    )
    assert section is not None
    return section


def shocked_week() -> dict[str, list[Row]]:
    """Hormuz is closed and Suez restricted, a port is marked, and vessels were shown near Hormuz."""
    tables = usual_week() | integrity_week(hormuz="closed", suez="restricted", bering="not_known")
    for row in tables[PORT_ACTIVITY]:
        if row["port_locode"] == "XXAAA":
            row |= {"obs_status": "U", "status_reason": "vessels_dark"}
    tables[INTERFERENCE] = [interfered("84a", "circle", 25, HORMUZ), interfered("84b", "point", None, HORMUZ)]
    tables[DARK][0] |= {"dark_vessels": 60, "silent_vessel_hours": 4000.0}
    return tables


def test_a_quiet_week_has_one_sentence_and_no_map(tmp_path: Path) -> None:
    section = section_of(tmp_path, usual_week() | integrity_week(bering="not_known"))
    assert section.sentences == [
        "27 chokepoints have a known status, and all were open; no value is marked for dark ships or false positions."
    ]
    assert section.svg == ""


def test_a_week_without_any_known_chokepoint_does_not_say_that_all_were_open(tmp_path: Path) -> None:
    tables = usual_week() | integrity_week()
    for row in tables[STATUS]:
        row |= {"chokepoint_status": "not_known", "status_reason": "not_in_feed"}
    (sentence,) = section_of(tmp_path, tables).sentences
    assert sentence.startswith("The status of no chokepoint is known;")


def test_each_closed_or_restricted_chokepoint_has_a_sentence_with_what_is_usual(tmp_path: Path) -> None:
    _, text = page_of(tmp_path, shocked_week())
    usual = "a usual week has 102 (95 % interval 83 \u2013 121)."
    assert f"Strait of Hormuz: closed, with 5 transits; {usual}" in text
    assert f"Suez Canal: restricted, with 41 transits; {usual}" in text
    assert text.index("Hormuz") < text.index("Suez"), "the worst first"
    assert "Strait of Malacca" not in text
    assert "The status of 1 chokepoint is not known (not in the feed 1)." in text


def test_marks_say_where_why_and_how_many(tmp_path: Path) -> None:
    _, text = page_of(tmp_path, shocked_week())
    assert "Values are marked as of low reliability at Aaport: ships went dark." in text
    assert "60 ships went dark where other ships were received, for 4,000 ship hours." in text
    assert "False positions on a circle near 26.3° N, 56.9° E: 25 ships, 250 ship hours." in text


def test_numbers_that_are_held_back_are_said_to_be_and_are_not_on_the_page(tmp_path: Path) -> None:
    tables = shocked_week()
    for row in tables[STATUS]:
        if row["gate_code"] == "hormuz":
            row.update(SUPPRESSED)
    _, text = page_of(tmp_path, tables)
    assert "Strait of Hormuz: closed; the number of transits is suppressed." in text
    assert "The numbers of 1 further area are suppressed, because few ships were affected." in text
    assert "None" not in text


def test_a_place_that_only_an_outage_marked_is_not_said_to_be_interfered_with(tmp_path: Path) -> None:
    tables = usual_week() | integrity_week()
    for row in tables[PORT_ACTIVITY]:
        row |= {"obs_status": "U", "status_reason": "outage"}
    assert len(section_of(tmp_path, tables).sentences) == 1


@pytest.mark.parametrize(
    ("areas", "said"), [(5, ""), (6, "1 more area is in the data files"), (7, "2 more areas are")]
)
def test_the_areas_with_most_hours_are_named_and_the_others_counted(
    tmp_path: Path, areas: int, said: str
) -> None:
    tables = usual_week() | integrity_week()
    tables[INTERFERENCE] = [interfered(f"84{n}", "area", 5 + n, (n, -n)) for n in range(areas)]
    sentences = section_of(tmp_path, tables).sentences
    assert sentences[0].startswith("False positions over an area near")
    assert f": {4 + areas} ships" in sentences[0]
    assert len([one for one in sentences if "near" in one]) == min(areas, 5)
    assert any(said in one for one in sentences)


def test_the_map_shows_every_chokepoint_by_shape_and_the_areas(tmp_path: Path) -> None:
    page, _ = page_of(tmp_path, shocked_week())
    (svg,) = re.findall(r'<svg [^>]*aria-labelledby="integrity-title.*?</svg>', page, flags=re.S)
    assert svg.count("<g transform") == 28 + 2
    assert svg.count('fill="#b2182b"') == svg.count('fill="#b04a00"') == 1
    assert "Map of 28 chokepoints, 1 closed and 1 restricted, and of 2 areas" in svg


def test_a_release_of_an_earlier_build_has_no_such_section(tmp_path: Path) -> None:
    page, text = page_of(tmp_path, usual_week())
    assert text == ""
    assert "integrity-section" not in page


@pytest.mark.parametrize(
    ("language", "closed"), [("fr", "fermé, avec 5 passages"), ("es", "cerrado, con 5 tránsitos")]
)
def test_it_is_written_in_every_language(tmp_path: Path, language: str, closed: str) -> None:
    _, text = page_of(tmp_path, shocked_week(), language)
    assert closed in text
    assert "chokepoint" not in text


@pytest.mark.parametrize(
    ("place", "text"),
    [((26.31, 56.86), "26.3° N, 56.9° E"), ((-0.04, -79.7), "0.0° S, 79.7° W"), ((0, 0), "0.0° N, 0.0° E")],
)
def test_a_position_is_written_by_hemisphere(place: tuple[float, float], text: str) -> None:
    assert position(open_catalogue("en", SHIP_RULES), *place) == text
