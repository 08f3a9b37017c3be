"""The methodology page: its values are those of the rules, and all references to it lead to a section."""

import re
from pathlib import Path

import pytest

from ais_indicators.rules import load_rules
from tests.handbook_pages import DOCS, ROOT

PAGE = (DOCS / "methodology.md").read_text(encoding="utf-8")
VALUE = re.compile(r"(?P<value>\d[\d.,]*) ?(?P<unit>[A-Za-z0-9/]+)? \(`(?P<rule>[a-z0-9_]+)`\)")
NAMED = re.compile(r"\(`([a-z0-9_]+)`\)")
SECTION = re.compile(r"^## (\d+)\. ", re.MULTILINE)
SUBSECTION = re.compile(r"^\*\*(\d+\.\d+) ", re.MULTILINE)
REFERENCE = re.compile(r"\bmethodology (\d+(?:\.\d+)?(?:(?:, | and )\d+(?:\.\d+)?)*)")
WITHOUT_VALUE = {"shared_mmsi_numbers", "ais_type_max_length_m", "short_stop_classes"}
"""Rules that are lists, which the page names without their values."""

UNITS = {
    "h": "h", "min": "min", "s": "s", "d": "d", "km": "km", "m": "m", "knots": "knots", "weeks": "weeks",
    "lines": "lines", "degrees": "degrees", "tracks": "tracks", "fixes": "fixes", "vessels": "vessels",
    "ships": "ships", "draws": "draws", "messages": "messages", "t/m3": "t/m3", "times": "factor",
}  # fmt: skip
"""Units as the page writes them, and as the rules do; a share has none."""


def sections() -> set[str]:
    """Numbers of sections and of their parts."""
    return {*SECTION.findall(PAGE), *SUBSECTION.findall(PAGE)}


def sources() -> list[Path]:
    """Files that refer to sections of the page."""
    folders = (
        "ais_indicators",
        "ais_simulator",
        "jobs",
        "dags",
        "quality",
        "schemas",
        "tests",
        "benchmarks",
        "studies",
    )
    files = [
        path for folder in folders for kind in ("*.py", "*.yaml") for path in (ROOT / folder).rglob(kind)
    ]
    return sorted({*files, *DOCS.glob("*.md"), ROOT / "README.md"} - {Path(__file__)})


@pytest.mark.parametrize("found", list(VALUE.finditer(PAGE)), ids=lambda one: one["rule"])
def test_values_are_those_of_the_rules(found: re.Match[str]) -> None:
    rule = load_rules()[found["rule"]]
    assert float(found["value"].replace(",", "")) == float(rule.value)
    if found["unit"] is not None:
        assert UNITS[found["unit"]] == rule.unit


def test_every_rule_that_is_named_has_its_value() -> None:
    with_value = {found["rule"] for found in VALUE.finditer(PAGE)}
    assert set(NAMED.findall(PAGE)) - with_value == WITHOUT_VALUE


def test_sections_are_numbered_without_a_gap() -> None:
    numbers = [int(number) for number in SECTION.findall(PAGE)]
    assert numbers == list(range(1, len(numbers) + 1))
    parts = [tuple(map(int, number.split("."))) for number in SUBSECTION.findall(PAGE)]
    assert parts == sorted(parts)
    for section in {section for section, _ in parts}:
        of_section = [part for number, part in parts if number == section]
        assert of_section == list(range(1, len(of_section) + 1))


def test_every_reference_leads_to_a_section() -> None:
    lost = []
    for path in sources():
        for found in REFERENCE.finditer(path.read_text(encoding="utf-8")):
            numbers = re.findall(r"\d+(?:\.\d+)?", found[1])
            lost += [
                f"{path.relative_to(ROOT)}: {found[0]}" for number in numbers if number not in sections()
            ]
    assert lost == []
