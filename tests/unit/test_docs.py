"""The documents that are written from contracts, rules and checks."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import ais_indicators.checks.docs as quality_docs
from ais_indicators.checks.docs import documents, render_quality, stale_documents
from ais_indicators.checks.model import load_checks
from ais_indicators.contracts.docs import markdown_table, number_text, render_schemas
from ais_indicators.contracts.model import all_tables, load_contract
from ais_indicators.rules import load_rules
from tests.subject_rules import SHIP_RULES


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sends the documents to a scratch folder."""
    texts = {tmp_path / path.parent.name / path.name: text for path, text in documents().items()}
    for path in texts:
        path.parent.mkdir()
    monkeypatch.setattr(quality_docs, "documents", lambda: texts)
    return tmp_path


def call(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(quality_docs.main)
    return CliRunner().invoke(app, list(arguments))


# --- schemas/README.md ---------------------------------------------------------------------------


def test_every_table_and_column_is_documented() -> None:
    sections = render_schemas(SHIP_RULES).split("\n## ")[1:]
    assert [section.split("\n")[0] for section in sections] == list(all_tables())
    for section, table in zip(sections, all_tables(), strict=True):
        contract = load_contract(table)
        assert contract.one_row in section
        assert [c.name for c in contract.columns if f"| `{c.name}` | {c.type} |" not in section] == []


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("bronze.ais_messages", "mmsi", "never null; at least 201000000 (`ship_mmsi_minimum`)"),
        ("bronze.ais_messages", "mmsi", "1193046, 123456789, 999999999 (`shared_mmsi_numbers`)"),
        ("bronze.ais_messages", "cog_degrees", "| degrees | at least 0; below 360; 360 means missing |"),
        ("bronze.ais_messages", "sog_knots", "102.2 (`sog_censored_from_knots`) means that or more"),
        ("bronze.ais_messages", "longitude", "`longitude_not_available`, `longitude_out_of_range`"),
        ("gold.port_activity_weekly", "week", "matches `^[0-9]{4}-W[0-5][0-9]$`"),
        ("ops.check_results", "severity", "one of `critical`, `warning`"),
    ],
)
def test_limits_are_in_words(table: str, column: str, words: str) -> None:
    section = render_schemas(SHIP_RULES).split(f"\n## {table}\n")[1].split("\n## ")[0]
    line = next(line for line in section.splitlines() if line.startswith(f"| `{column}` "))
    assert words in line


def test_key_partitions_and_rules_over_columns_are_named() -> None:
    text = render_schemas(SHIP_RULES)
    assert (
        "Key: `week`, `port_locode`, `vessel_class`, `indicator`, `adjustment`. Partitions: `week`." in text
    )
    assert "Key: none, rows can repeat. Partitions: `observed_on`, `ship_bucket`." in text
    assert "- `null_island`: Latitude and longitude are both exactly 0." in text


# --- quality/README.md ---------------------------------------------------------------------------


def test_every_rule_is_documented() -> None:
    text = render_quality()
    for rule in load_rules().values():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{rule.name}` "))
        assert f"| {number_text(rule.value)} | {rule.unit} | {rule.reason} | {rule.source} |" in line


def test_every_check_is_documented() -> None:
    sections = render_quality().split("\n### ")[1:]
    assert [section.split("\n")[0] for section in sections] == [check.name for check in load_checks()]
    for section, check in zip(sections, load_checks(), strict=True):
        assert (
            f"{check.severity.capitalize()}, level {check.level}, on `{check.table}`. Owner: {check.owner}."
            in section
        )
        assert check.reason in section
        assert check.holds in section


# --- layout --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (0.5, "0.5"),
        (201000000, "201000000"),
        ([0, 1.0], "0, 1"),
        ({6: "passenger"}, "6: passenger"),
    ],
)
def test_numbers_are_written_plainly(value: object, text: str) -> None:
    assert number_text(value) == text


def test_a_cell_keeps_to_its_line_and_column() -> None:
    assert (
        markdown_table(("a", "b"), [("x|y", "two\nlines")])
        == "| a | b |\n| --- | --- |\n| x\\|y | two lines |"
    )


def test_the_same_text_every_time() -> None:
    assert documents() == documents()


# --- the entry -----------------------------------------------------------------------------------


def test_documents_are_written_once_and_then_fresh(folders: Path) -> None:
    assert call().output == "wrote schemas/README.md\nwrote quality/README.md\n"
    assert (folders / "quality/README.md").read_text(encoding="utf-8") == render_quality()
    assert call().output == ""
    assert call("--check").exit_code == 0


def test_a_stale_document_is_named_and_left_alone(folders: Path) -> None:
    call()
    stale = folders / "schemas/README.md"
    stale.write_text("old", encoding="utf-8")
    result = call("--check")
    assert (result.exit_code, result.output) == (1, "schemas/README.md is stale: run `make docs`\n")
    assert stale.read_text(encoding="utf-8") == "old"


def test_a_missing_document_is_stale(folders: Path) -> None:
    assert set(stale_documents()) == {folders / "schemas/README.md", folders / "quality/README.md"}
    assert call("--check").exit_code == 1


def test_documents_are_written_without_great_expectations() -> None:
    """Its import takes seconds, and who writes documents has no use for it."""
    code = "import sys, ais_indicators.checks.docs; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
