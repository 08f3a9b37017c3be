"""The dashboard: what it answers, what it refuses, and its headers for the browser."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from ais_indicators.dashboard.address import Address
from ais_indicators.dashboard.app import create_app
from ais_indicators.dashboard.serve import serve
from ais_indicators.errors import WrongUseError
from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.settings import Settings
from tests.released_weeks import HOSTILE, activity, empty_lake, integrity_week, publish, usual_week
from tests.subject_rules import SHIP_RULES


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Three weeks, the second of them published twice; one port suppressed in the last."""
    settings = empty_lake(tmp_path_factory.mktemp("dashboard"))
    publish(settings, "2026-W05", usual_week(80.0))
    publish(settings, "2026-W06", usual_week(100.0))
    publish(settings, "2026-W06", usual_week(104.0))
    tables = usual_week(110.0)
    for row in tables[PORT_ACTIVITY]:
        if row["port_locode"] == "XXCCC":
            row |= {"value": None, "obs_status": "Q", "conf_status": "A"}
    tables[PORT_ACTIVITY].append(activity("XXAAA", 66.0, obs_status="E", adjustment="COVERAGE"))
    publish(settings, "2026-W07", tables)
    return settings


@pytest.fixture
def reader(lake: Settings) -> FlaskClient:
    return create_app(lake, rules=SHIP_RULES).test_client()


def lines(answer: Any) -> list[str]:
    return str(answer.get_data(as_text=True)).splitlines()


def test_without_a_question_it_shows_all_ports(reader: FlaskClient) -> None:
    answer = reader.get("/")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert '<option value="_T" selected>All ports</option>' in page
    assert ">110</td>" in page
    assert "newest week: week 7 of 2026" in page


def test_the_data_are_the_rows_as_they_were_published(reader: FlaskClient) -> None:
    answer = reader.get("/figures.csv?place=XXAAA&place=XXCCC&indicator=arrivals&from=2026-W07")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ais-indicators-ports.csv"'
    assert lines(answer) == [
        "week,port_locode,vessel_class,indicator,adjustment,value,unit,obs_status,conf_status,status_reason,release_id",
        "2026-W07,XXAAA,_T,arrivals,COVERAGE,66.0,calls,E,F,,2026-W07-000000000004",
        "2026-W07,XXAAA,_T,arrivals,N,55.0,calls,P,F,,2026-W07-000000000004",
        "2026-W07,XXCCC,_T,arrivals,N,,calls,Q,A,,2026-W07-000000000004",
    ]


def test_what_was_known_then_is_shown(reader: FlaskClient) -> None:
    asked = "/figures.csv?from=2026-W06&to=2026-W06&as_of="
    now, then = (lines(reader.get(asked + moment))[1] for moment in ("", "2026-W06-000000000002"))
    assert ",104.0," in now
    assert ",100.0," in then
    assert ",100.0," in lines(reader.get(asked + "2026-03-02T09:02Z"))[1]


def test_a_suppressed_value_is_a_mark(reader: FlaskClient) -> None:
    page = reader.get("/?place=XXCCC&from=2026-W06").get_data(as_text=True)
    assert '<td>c<span class="vh"> confidential</span></td>' in page
    assert '<td data-v="21">21</td>' in page


def test_a_value_of_low_reliability_shows_its_reason_where_one_is_published(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    for week, reason in (("2026-W05", None), ("2026-W06", "vessels_dark")):
        marked = [activity("XXAAA", 40.0, obs_status="U", status_reason=reason)]
        publish(settings, week, usual_week(80.0) | {PORT_ACTIVITY: marked})
    reader = create_app(settings, rules=SHIP_RULES).test_client()
    page = reader.get("/?place=XXAAA").get_data(as_text=True)
    assert re.findall(r'class="w">(2026-W0\d)</th><td.*?(<small>.*?</small>)?</td>', page) == [
        ("2026-W06", "<small>ships went dark</small>"),
        ("2026-W05", ""),
    ]
    french = reader.get("/?place=XXAAA&lang=fr").get_data(as_text=True)
    assert "<small>des navires ont cessé d" in french


def test_the_status_of_chokepoints_goes_with_their_values(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, "2026-W05", usual_week())
    publish(settings, "2026-W06", usual_week() | integrity_week(suez="closed"))
    publish(settings, "2026-W07", usual_week() | integrity_week(suez="not_known"))
    reader = create_app(settings, rules=SHIP_RULES).test_client()
    page = reader.get("/?subject=straits&place=suez").get_data(as_text=True)
    table = page[page.index('<table id="chokepoint-status"') :]
    rows = [
        re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr>.*?</tr>", table, flags=re.S)[1:]
    ]
    assert rows == [
        ["2026-W07", "Suez", "Canal", "not", "known", "not", "in", "the", "feed"],
        ["2026-W06", "Suez", "Canal", "closed"],
    ]
    assert "chokepoint-status" not in reader.get("/").get_data(as_text=True)
    assert "chokepoint-status" not in reader.get("/?subject=straits&place=suez&to=2026-W05").get_data(
        as_text=True
    )


def test_straits_are_another_subject_in_the_languages_words(reader: FlaskClient) -> None:
    page = reader.get("/?subject=straits&lang=fr&indicator=unique_vessels").get_data(as_text=True)
    assert "Canal de Suez, toutes catégories" in page
    assert '<td data-v="6">6</td>' in page


def test_a_week_without_a_row_is_left_out_and_a_row_of_0_is_shown(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    without = usual_week(80.0)
    without[PORT_ACTIVITY] = [row for row in without[PORT_ACTIVITY] if row["port_locode"] != "XXAAA"]
    idle = [activity("XXAAA", 0.0), activity("XXAAA", None, "median_hours_in_port", obs_status="M")]
    publish(settings, "2026-W03", without)
    publish(settings, "2026-W05", without | {PORT_ACTIVITY: without[PORT_ACTIVITY] + idle})
    publish(settings, "2026-W06", usual_week(80.0))
    asked = "/?place=XXAAA&indicator=arrivals&indicator=median_hours_in_port"
    page = create_app(settings, rules=SHIP_RULES).test_client().get(asked).get_data(as_text=True)
    rows = re.findall(r'class="w">(2026-W0\d)</th><td[^>]*>([^<]*)', page)
    assert rows == [("2026-W06", "40"), ("2026-W05", "0"), ("2026-W06", "8.5"), ("2026-W05", "\u2013")]


def test_a_week_without_a_row_of_a_strait_is_left_out(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    publish(settings, "2026-W05", usual_week(80.0) | {"gold.chokepoint_transits_weekly": []})
    publish(settings, "2026-W06", usual_week(80.0))
    asked = "/?subject=straits&place=suez&indicator=transits"
    page = create_app(settings, rules=SHIP_RULES).test_client().get(asked).get_data(as_text=True)
    assert re.findall(r'class="w">(2026-W0\d)</th><td[^>]*>([^<]*)', page) == [("2026-W06", "7")]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("?from=2026-47", "&#39;2026-47&#39; is not an ISO week; write it like 2026-W47"),
        ("?to=2026-W54", "is not an ISO week"),
        ("?from=2026-W07&to=2026-W06", "the last week, 2026-W06, is before the first, 2026-W07"),
        ("?indicator=profit", "&#39;profit&#39; is no indicator; there are arrivals, departures"),
        ("?class=yacht", "&#39;yacht&#39; is no class"),
        ("?subject=ships", "&#39;ships&#39; is no subject; there are ports, straits"),
        ("?place=XXZZZ", "there is no place &#39;XXZZZ&#39; in the port or gate file in use"),
        ("?lang=de", "&#39;de&#39; is no lang; there are en, fr, es"),
        ("?colour=red", "there is no parameter &#39;colour&#39;; there are subject, place"),
        ("?as_of=yesterday", "nothing is known as of &#39;yesterday&#39;; give a release"),
        ("?as_of=2020-01-01", "nothing is known as of &#39;2020-01-01&#39;"),
        ("?as_of=" + "9" * 101, "&#39;as_of&#39; holds too much: at most 60 values of 100 characters"),
        ("?" + "place=_T&" * 61, "&#39;place&#39; holds too much"),
        (
            "?class=_T&class=container&class=tanker&place=_T&place=XXAAA&place=XXBBB",
            "9 series are more than a chart",
        ),
        ("?lang=es&from=x", "«x» no es una semana ISO; escríbala como 2026-W47"),
    ],
)
def test_what_cannot_be_shown_is_said_beside_the_form(reader: FlaskClient, asked: str, said: str) -> None:
    answer = reader.get("/" + asked)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert said in page
    assert '<form class="ask"' in page


def test_eight_series_are_not_too_many(reader: FlaskClient) -> None:
    asked = "/?class=_T&class=container&place=_T&place=XXAAA&place=XXBBB&place=XXCCC"
    assert reader.get(asked).status_code == 200


def test_the_data_refuse_in_plain_text(reader: FlaskClient) -> None:
    answer = reader.get("/figures.csv?indicator=profit")
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert lines(answer)[0].startswith("'profit' is no indicator")


def test_whatever_is_asked_comes_back_escaped(reader: FlaskClient) -> None:
    page = reader.get("/?as_of=<script>alert(2)</script>&from=%22onfocus=%22").get_data(as_text=True)
    assert "<script>alert(2)" not in page
    assert '"onfocus=' not in page
    shown = reader.get("/?place=XXBBB").get_data(as_text=True)
    assert HOSTILE not in shown
    assert "&lt;script&gt;alert(1)" in shown


@pytest.mark.parametrize("path", ["/", "/?from=x", "/figures.csv", "/bulletin/latest", "/nothing"])
def test_every_answer_forbids_the_browser_to_load_anything(reader: FlaskClient, path: str) -> None:
    headers = reader.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_view_links_to_itself_in_the_other_languages(reader: FlaskClient) -> None:
    page = reader.get("/?place=XXAAA&indicator=departures&from=2026-W06").get_data(as_text=True)
    asked = "subject=ports&amp;place=XXAAA&amp;class=_T&amp;indicator=departures&amp;from=2026-W06"
    assert f'href="./?{asked}&amp;lang=fr"' in page
    assert f'href="figures.csv?{asked}&amp;lang=en"' in page


def test_the_bulletin_of_a_release_is_served_too(reader: FlaskClient) -> None:
    page = reader.get("/bulletin/2026-W06-000000000003?lang=fr").get_data(as_text=True)
    assert "104 escales ont commencé la semaine 6 de 2026." in page
    answer = reader.get("/bulletin/2026-W06-nothing")
    assert answer.status_code == 400
    assert lines(answer)[0].startswith("there is no release '2026-W06-nothing'")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_written(reader: FlaskClient, method: str) -> None:
    assert getattr(reader, method)("/").status_code == 405


def test_on_the_machine_itself_it_answers_to_no_other_name(reader: FlaskClient) -> None:
    assert reader.get("/", headers={"Host": "elsewhere.example"}).status_code == 400
    assert reader.get("/", headers={"Host": "192.0.2.7:8050"}).status_code == 400
    assert reader.get("/", headers={"Host": "localhost:8050"}).status_code == 200
    assert reader.get("/", headers={"Host": "[::1]:8050"}).status_code == 200


def test_a_lake_without_releases_says_so(tmp_path: Path) -> None:
    answer = create_app(empty_lake(tmp_path), rules=SHIP_RULES).test_client().get("/?lang=fr")
    assert answer.status_code == 400
    assert "rien n&#39;est encore publié" in answer.get_data(as_text=True)


def test_a_new_release_shows_without_a_restart(tmp_path: Path) -> None:
    settings = empty_lake(tmp_path)
    reader = create_app(settings, rules=SHIP_RULES).test_client()
    publish(settings, "2026-W05", usual_week(80.0))
    assert len(lines(reader.get("/figures.csv"))) == 2
    publish(settings, "2026-W06", usual_week(90.0))
    assert len(lines(reader.get("/figures.csv"))) == 3


def test_a_taken_port_is_reported(lake: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            WrongUseError, match=f"cannot listen on 127.0.0.1:{port} .* choose another with --port"
        ):
            serve(lake, Address(), port, lambda _address: None, SHIP_RULES)
