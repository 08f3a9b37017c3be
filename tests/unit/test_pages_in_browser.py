"""Bulletin and dashboard in a real browser: what readers see, do and hear, with scripts and without."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_selenium_python import Axe
from selenium.webdriver import Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from ais_indicators.dashboard.address import Address
from ais_indicators.dashboard.serve import serve
from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.releasing.write_bulletin import write_bulletin
from ais_indicators.settings import Settings
from tests.released_weeks import empty_lake, integrity_week, publish, usual_week, weeks_to
from tests.subject_rules import SHIP_RULES

WIDE, NARROW = 1400, 390
PATIENCE_S = 30
GRAVE = ("serious", "critical")
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Eight weeks and the one a year before the last; in the last a port is suppressed and another poorly heard."""
    settings = empty_lake(tmp_path_factory.mktemp("browser"))
    publish(settings, "2025-W08", usual_week(80.0))
    for number, week in enumerate(weeks_to("2026-W08", 8)):
        tables = usual_week(100.0 + number)
        tables |= integrity_week(hormuz="closed") if number == 7 else {}
        for row in tables[PORT_ACTIVITY] if number == 7 else ():
            if row["port_locode"] == "XXCCC":
                row |= {"value": None, "obs_status": "Q", "conf_status": "A"}
            if row["port_locode"] == "XXAAA":
                row |= {"obs_status": "U"}
        publish(settings, week, tables)
    return settings


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    """The one headless browser of the module, with a log of what it asks for."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no chromium and chromedriver on this machine: the pages were not opened in a browser")
    options = ChromeOptions()
    options.binary_location = chromium
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


@pytest.fixture(scope="module")
def bulletin(lake: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the bulletin's file."""
    (path,) = write_bulletin(lake, "latest", tmp_path_factory.mktemp("out"), "en", rules=SHIP_RULES)
    return path.as_uri()


@pytest.fixture(scope="module")
def dashboard(lake: Settings) -> str:
    """Address of the dashboard, served by a thread that ends with the tests."""
    addresses: list[str] = []
    is_there = threading.Event()

    def ready(address: str) -> None:
        addresses.append(address)
        is_there.set()

    threading.Thread(target=serve, args=(lake, Address(), 0, ready, SHIP_RULES), daemon=True).start()
    assert is_there.wait(PATIENCE_S)
    return addresses[0]


def open_page(browser: Chrome, address: str, width: int = WIDE) -> None:
    """Opens a page at a width, after what was logged before is forgotten."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == NARROW},
    )
    for log in ("browser", "performance"):
        logged(browser, log)
    browser.get(address)


def logged(browser: Chrome, log: str) -> list[dict[str, Any]]:
    """What was logged since it was asked the last time."""
    entries: list[dict[str, Any]] = browser.get_log(log)  # type: ignore[no-untyped-call]
    return entries


def asked_for(browser: Chrome) -> list[str]:
    """Every address that the page asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in logged(browser, "performance")]
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


def faults(browser: Chrome) -> list[str]:
    """Serious and critical faults of accessibility, each with what it is about."""
    axe = Axe(browser)
    axe.inject()
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in axe.run()["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def shown_ports(browser: Chrome) -> list[str]:
    rows = browser.find_elements(By.CSS_SELECTOR, "#ports tbody tr:not([hidden]) th")
    return [row.text for row in rows]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("page", ["bulletin", "dashboard", "fault"])
def test_a_page_loads_alone_without_errors_and_fits(
    browser: Chrome, bulletin: str, dashboard: str, page: str, width: int
) -> None:
    both = "?place=_T&place=XXAAA&class=_T&class=container&indicator=arrivals&indicator=median_hours_waiting"
    address = {"bulletin": bulletin, "dashboard": dashboard + both, "fault": dashboard + "?from=x&lang=es"}[
        page
    ]
    open_page(browser, address, width)
    errors = [entry for entry in logged(browser, "browser") if entry["level"] == "SEVERE"]
    assert [e for e in errors if page != "fault" or "400" not in e["message"]] == []
    assert [url for url in asked_for(browser) if url != address and not url.endswith("/favicon.ico")] == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert faults(browser) == []


def test_the_table_sorts_by_its_headers_and_says_so(browser: Chrome, bulletin: str) -> None:
    open_page(browser, bulletin)
    first = shown_ports(browser)
    arrivals = browser.find_element(By.XPATH, "//table[@id='ports']//th[button[text()='Arrivals']]")
    button, live = (
        arrivals.find_element(By.TAG_NAME, "button"),
        browser.find_element(By.CSS_SELECTOR, "form.find [role=status]"),
    )
    assert arrivals.get_attribute("aria-sort") is None
    button.send_keys(Keys.ENTER)
    assert arrivals.get_attribute("aria-sort") == "descending"
    assert live.text == "sorted by Arrivals, falling"
    assert shown_ports(browser) == [first[0], first[1], "Ceport"]
    button.click()
    assert arrivals.get_attribute("aria-sort") == "ascending"
    assert shown_ports(browser) == [
        first[1],
        first[0],
        "Ceport",
    ]  # suppressed values stay last, never as zero
    browser.find_element(By.XPATH, "//table[@id='ports']//button[text()='Country']").click()
    assert arrivals.get_attribute("aria-sort") is None
    assert shown_ports(browser) == ["Aaport", "Ceport", first[1]]  # France, Spain, United Kingdom


def test_the_table_is_searched_and_says_how_many_rows_are_left(browser: Chrome, bulletin: str) -> None:
    open_page(browser, bulletin)
    field, live = (
        browser.find_element(By.ID, "ports-find"),
        browser.find_element(By.CSS_SELECTOR, "form.find [role=status]"),
    )
    assert live.text == "3 of 3 rows shown"
    field.send_keys("CEP")
    assert shown_ports(browser) == ["Ceport"]
    assert live.text == "1 of 3 rows shown"
    field.send_keys("xyz")
    assert (shown_ports(browser), live.text) == ([], "0 of 3 rows shown")
    field.clear()
    field.send_keys(" ", Keys.BACKSPACE)
    Select(browser.find_element(By.ID, "ports-choice")).select_by_visible_text("France")
    assert shown_ports(browser) == ["Aaport"]


def test_without_scripts_the_bulletin_reads_and_the_dashboard_works(
    browser: Chrome, bulletin: str, dashboard: str
) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_page(browser, bulletin)
        assert len(shown_ports(browser)) == 3
        assert not browser.find_element(By.CSS_SELECTOR, "form.find").is_displayed()
        assert browser.find_elements(By.CSS_SELECTOR, "#ports thead button") == []
        open_page(browser, dashboard)
        browser.find_element(By.CSS_SELECTOR, "input[value=departures]").click()
        browser.find_element(By.CSS_SELECTOR, "form.ask button").click()
        WebDriverWait(browser, PATIENCE_S).until(lambda one: "indicator=departures" in one.current_url)
        captions = [one.text for one in browser.find_elements(By.CSS_SELECTOR, "figcaption")]
        assert captions == ["arrivals", "departures"]
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_view_is_an_address_that_gives_the_same_view_again(browser: Chrome, dashboard: str) -> None:
    open_page(browser, dashboard)
    Select(browser.find_element(By.ID, "place")).select_by_visible_text("Aaport")
    browser.find_element(By.ID, "from").send_keys("2026-W05")
    browser.find_element(By.CSS_SELECTOR, "form.ask button").click()
    WebDriverWait(browser, PATIENCE_S).until(lambda one: "place=XXAAA" in one.current_url)
    address = browser.current_url
    table = browser.find_element(By.CSS_SELECTOR, "main table").text
    assert "2026-W05" in table
    assert "2026-W04" not in table
    open_page(browser, address, NARROW)
    assert browser.find_element(By.CSS_SELECTOR, "main table").text == table
    chosen = Select(browser.find_element(By.ID, "place")).all_selected_options
    assert [one.text for one in chosen] == ["All ports", "Aaport"]


def test_a_suppressed_value_is_heard_as_confidential(browser: Chrome, bulletin: str) -> None:
    open_page(browser, bulletin)
    cell = browser.find_element(By.XPATH, "//table[@id='ports']//tr[th[contains(., 'Ceport')]]/td[2]")
    assert cell.get_attribute("textContent") == "c confidential"


def test_a_phone_shows_arrivals_first_and_the_country_under_the_port(browser: Chrome, bulletin: str) -> None:
    open_page(browser, bulletin, NARROW)
    heads = browser.find_elements(By.CSS_SELECTOR, "#ports thead th")
    shown = [
        head.text for head in heads if head.is_displayed() and head.rect["x"] + head.rect["width"] <= NARROW
    ]
    assert shown[:2] == ["Port", "Arrivals"]
    port = browser.find_element(By.CSS_SELECTOR, "#ports tbody th")
    under = browser.execute_script("return getComputedStyle(arguments[0], '::after').content", port)
    assert under == '"France"'
    open_page(browser, bulletin)
    shown = [head.text for head in browser.find_elements(By.CSS_SELECTOR, "#ports thead th")]
    assert shown[:3] == ["Port", "Country", "Arrivals"]
    port = browser.find_element(By.CSS_SELECTOR, "#ports tbody th")
    assert browser.execute_script("return getComputedStyle(arguments[0], '::after').content", port) == "none"


def test_charts_have_week_numbers_on_their_axes_and_values_at_the_ends_of_lines(
    browser: Chrome, bulletin: str
) -> None:
    open_page(browser, bulletin)
    arrivals, _, hours, tonnes = (
        " ".join(str(text.get_attribute("textContent")) for text in figure.find_elements(By.TAG_NAME, "text"))
        for figure in browser.find_elements(By.CSS_SELECTOR, ".charts figure > svg")
    )
    assert re.findall(r"W\d\d(?:20\d\d)?", arrivals)[-1].startswith("W08")
    assert re.findall(r"Jan|Feb|Dec", arrivals) == []
    assert arrivals.endswith(" 107")
    assert "hours in port,median8.5\u00a0h" in hours
    assert "hours waiting,median3.3\u00a0h" in hours
    assert tonnes.endswith(" 107,000\u00a0t")


def test_every_picture_has_a_name_and_its_data(browser: Chrome, bulletin: str) -> None:
    open_page(browser, bulletin)
    pictures = browser.find_elements(By.CSS_SELECTOR, "figure > svg[role=img]")
    assert len(pictures) == 6
    for picture in pictures:
        title, words = (
            browser.find_element(By.ID, name).get_attribute("textContent")
            for name in str(picture.get_attribute("aria-labelledby")).split()
        )
        assert title
        assert words
    ids = [one.get_attribute("id") for one in browser.find_elements(By.CSS_SELECTOR, "[id]")]
    assert len(ids) == len(set(ids))
    assert Path(bulletin.removeprefix("file://")).stat().st_size < 2_000_000
