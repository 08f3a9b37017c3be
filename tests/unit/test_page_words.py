"""The words of the pages: every message and code in every language, and numbers as each writes them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from babel.messages.extract import extract_from_dir

from ais_indicators.contracts.code_names import code_names
from ais_indicators.contracts.measures import observed_contract
from ais_indicators.contracts.model import load_contract
from ais_indicators.errors import WrongUseError
from ais_indicators.geo.gates import read_gates
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.publish.headlines import HEADLINES
from ais_indicators.publish.pages.catalogue import LANGUAGES, open_catalogue, read_messages
from ais_indicators.publish.pages.dashboard_view import SUBJECTS
from ais_indicators.publish.pages.headline_section import WAITING
from ais_indicators.publish.pages.port_section import SHOWN
from ais_indicators.repository import PACKAGE
from tests.subject_rules import SHIP_RULES

PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
FOLDERS = (PACKAGE / "publish" / "pages", PACKAGE / "dashboard")
FUNCTIONS = {"text": None, "_": None, "plural": (1, 2)}


def messages_in_use() -> set[str | tuple[str, ...]]:
    """Every sentence that a template or module gives to the catalogue."""
    return {
        message
        for folder in FOLDERS
        for _, _, message, _, _ in extract_from_dir(
            folder,
            method_map=[("**.py", "python"), ("**.j2", "jinja2")],
            options_map={"**.j2": {"extensions": "jinja2.ext.i18n"}},
            keywords=FUNCTIONS,
        )
    }


def codes_in_use() -> Iterator[tuple[str, str]]:
    """Every code that a page can show, with its context."""
    activity, flows = load_contract(RELEASED_TABLES[0]), load_contract("gold.trade_flows_weekly")
    columns = {
        "vessel_class": activity.column("vessel_class"),
        "obs_status": activity.column("obs_status"),
        "conf_status": activity.column("conf_status"),
        "indicator": activity.column("indicator"),
        "transit_indicator": load_contract("gold.chokepoint_transits_weekly").column("indicator"),
        "quality_indicator": load_contract("gold.quality_weekly").column("indicator"),
        "direction": flows.column("direction"),
        "chokepoint_status": load_contract("gold.chokepoint_status_weekly").column("chokepoint_status"),
        "interference_kind": load_contract("gold.interference_weekly").column("kind"),
    }
    for context, column in columns.items():
        yield from ((context, code) for code in column.one_of)
    for table in RELEASED_TABLES:
        yield "table", table
        yield from (("unit", code) for code in observed_contract(table).column("unit").one_of)
    yield from (("status_reason", code) for code in code_names("status_reason"))
    yield from (("gate", gate.code) for gate in read_gates())
    yield from (("subject", code) for code in SUBJECTS)
    yield from (("indicator_short", code) for code in SHOWN)
    yield from ((context, one.name) for one in HEADLINES for context in ("headline", "headline_short"))
    yield "headline", WAITING
    yield "axis", "week"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_name(language: str) -> None:
    words = open_catalogue(language, SHIP_RULES)
    catalog = read_messages(language)
    missing = [
        (context, code)
        for context, code in codes_in_use()
        if not (m := catalog.get(code, context)) or not m.string
    ]
    assert missing == []
    assert words.name("vessel_class", "no_such_class") == "no_such_class"


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_sentence_is_translated_with_its_placeholders(language: str) -> None:
    catalog, wanted = read_messages(language), messages_in_use()
    assert len(wanted) > 100
    faults = []
    for message in sorted(wanted, key=str):
        forms = message if isinstance(message, tuple) else (message,)
        found = catalog.get(forms[0])
        string = "" if found is None else found.string
        strings = [string] if isinstance(string, str) else [str(one) for one in string or ()]
        names = {match for form in forms for match in PLACEHOLDER.findall(form)}
        if len(strings) != len(forms) or not all(strings):
            faults.append(f"not translated: {message}")
        faults += [
            f"other placeholders: {text}" for text in strings if set(PLACEHOLDER.findall(text)) != names
        ]
    assert faults == []


def test_no_catalogue_keeps_what_nobody_says() -> None:
    used = {message[0] if isinstance(message, tuple) else message for message in messages_in_use()}
    for language in LANGUAGES:
        ids = [
            m.id[0] if isinstance(m.id, tuple) else m.id
            for m in read_messages(language)
            if m.id and not m.context
        ]
        assert sorted(set(ids) - used) == []
        assert not any(message.fuzzy for message in read_messages(language) if message.id)


@pytest.mark.parametrize(
    ("language", "number", "percent", "change", "day", "week", "country"),
    [
        ("en", "1,234,567.5", "12.3%", "\u22120.4%", "9 February 2026", "week 7 of 2026", "Spain"),
        ("fr", "1 234 567,5", "12,3 %", "\u22120,4 %", "9 février 2026", "semaine 7 de 2026", "Espagne"),
        ("es", "1.234.567,5", "12,3 %", "\u22120,4 %", "9 de febrero de 2026", "semana 7 de 2026", "España"),
    ],
)  # fmt: skip
def test_each_language_writes_numbers_and_dates_its_own_way(
    language: str, number: str, percent: str, change: str, day: str, week: str, country: str
) -> None:
    words = open_catalogue(language, SHIP_RULES)

    def plain(text: str) -> str:
        return re.sub(r"[\u00a0\u202f]", " ", text)

    assert plain(words.number(1234567.46, 1)) == number
    assert plain(words.percent(0.1234)) == percent
    assert plain(words.percent_change(-0.0041)) == change
    assert words.day(datetime(2026, 2, 9).date()) == day
    assert words.week("2026-W07") == week
    assert words.country("ESP") == country
    assert plain(words.moment(datetime(2026, 2, 9, 8, 5, 59, tzinfo=UTC))) == f"{day}, 08:05 UTC"


@pytest.mark.parametrize(
    ("value", "text"), [(0.04, "0.0"), (-0.04, "0.0"), (0.05, "+0.1"), (-0.05, "\u22120.1"), (2.5, "+2.5")]
)
def test_a_change_has_a_sign_unless_it_rounds_to_zero(value: float, text: str) -> None:
    assert open_catalogue("en", SHIP_RULES).change(value, 1) == text


def test_a_code_without_a_country_is_as_it_is() -> None:
    assert open_catalogue("en", SHIP_RULES).country("XKX") == "XKX"
    assert open_catalogue("en", SHIP_RULES).country(None) == ""


def test_another_language_is_refused_by_name() -> None:
    with pytest.raises(WrongUseError, match="available in 'de'; choose en, fr, es"):
        open_catalogue("de", SHIP_RULES)
