"""Every contract is valid, describes itself in full, and gives one set of types to all engines."""

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from pydantic import ValidationError

from ais_indicators.checks.model import VIEWS_TABLE, Check, ChecksFile, checks_of, load_checks
from ais_indicators.contracts.model import (
    Bound,
    Column,
    Contract,
    RuleReference,
    all_tables,
    bound_value,
    load_contract,
)
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.repository import find_folder
from ais_indicators.rules import load_rules
from ais_indicators.tasks import TASKS
from tests.subject_rules import SHIP_RULES

TABLES = all_tables()
UNIT_OF_SUFFIX = {
    "_at_utc": "UTC",
    "_degrees": "degrees",
    "_hours": "h",
    "_knots": "knots",
    "_m": "m",
    "_minutes": "min",
}
TYPES_WITHOUT_BOUNDS = {"string", "boolean", "binary", "date", "timestamp"}

A_COLUMN = {"name": "mmsi", "type": "long", "description": "Number of the sender."}
A_CONTRACT = {
    "table": "silver.things",
    "one_row": "One thing.",
    "key": ["mmsi"],
    "partition_by": [],
    "columns": [A_COLUMN],
}


def each_table(test: Any) -> Any:
    return pytest.mark.parametrize("contract", [load_contract(t) for t in TABLES], ids=TABLES)(test)


def bounds(column: Column) -> dict[str, float]:
    names = ("minimum", "maximum", "below", "censored_from")
    given: dict[str, Bound] = {name: getattr(column, name) for name in names}
    return {
        name: number
        for name, bound in given.items()
        if (number := bound_value(bound, SHIP_RULES)) is not None
    }


def rules_of(column: Column) -> set[str]:
    values = [getattr(column, name) for name in Column.model_fields]
    return {value.rule for value in values if isinstance(value, RuleReference)}


# --- each table ----------------------------------------------------------------------------------


def test_a_schema_file_is_named_after_its_table() -> None:
    assert [load_contract(table).table for table in TABLES] == list(TABLES)


@each_table
def test_a_table_says_what_one_row_is(contract: Contract) -> None:
    assert re.fullmatch(r"(One|The|All) .+\.", contract.one_row)


@each_table
def test_a_key_is_never_null(contract: Contract) -> None:
    assert [name for name in contract.key if contract.column(name).nullable] == []


def test_every_table_of_the_task_registry_has_a_contract() -> None:
    named = {table for task in TASKS for table in (*task.reads, *task.writes)}
    assert named - set(TABLES) == set()


def test_every_table_with_checks_has_a_contract() -> None:
    assert {check.table for check in load_checks()} <= {*TABLES, VIEWS_TABLE}


# --- each column, by table -----------------------------------------------------------------------


@each_table
def test_a_column_is_described_in_a_sentence(contract: Contract) -> None:
    assert [c.name for c in contract.columns if not c.description.strip().endswith(".")] == []


@each_table
def test_a_unit_in_the_name_is_the_declared_one(contract: Contract) -> None:
    named = [
        (c, unit) for c in contract.columns for end, unit in UNIT_OF_SUFFIX.items() if c.name.endswith(end)
    ]
    assert [c.name for c, unit in named if c.unit != unit] == []


@each_table
def test_every_timestamp_is_utc_by_its_name(contract: Contract) -> None:
    wrong = [c.name for c in contract.columns if (c.type == "timestamp") != c.name.endswith("_utc")]
    assert wrong == []


@each_table
def test_a_measured_number_has_a_unit_of_its_own_or_in_its_row(contract: Contract) -> None:
    without = [c.name for c in contract.columns if c.type == "double" and c.unit is None]
    assert without == [] or "unit" in contract.column_names


@each_table
def test_bounds_leave_room_and_are_for_numbers(contract: Contract) -> None:
    for column in contract.columns:
        given = bounds(column)
        assert not (given and column.type in TYPES_WITHOUT_BOUNDS), column.name
        low = given.pop("minimum", float("-inf"))
        assert all(low < high for high in given.values()), column.name


@each_table
def test_allowed_texts_are_for_text_and_differ(contract: Contract) -> None:
    listed = [c for c in contract.columns if c.one_of]
    assert [c.name for c in listed if c.type != "string" or len(set(c.one_of)) != len(c.one_of)] == []


@each_table
def test_every_rule_that_a_column_refers_to_exists(contract: Contract) -> None:
    assert {name for column in contract.columns for name in rules_of(column)} <= set(load_rules())


# --- types ---------------------------------------------------------------------------------------


def test_a_timestamp_is_of_microseconds_in_utc() -> None:
    field = arrow_schema("bronze.ais_messages").field("observed_at_utc")
    assert field.type == pa.timestamp("us", "UTC")


def test_files_leave_out_the_columns_of_their_path() -> None:
    with_path, without = (arrow_schema("bronze.ais_messages", flag).names for flag in (True, False))
    assert set(with_path) - set(without) == {"observed_on", "ship_bucket"}


# --- what is refused -----------------------------------------------------------------------------


def test_the_contract_that_the_bad_ones_are_made_from_is_good() -> None:
    assert Contract.model_validate(A_CONTRACT).column_names == ("mmsi",)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"key": ["imo"]}, id="key without a column"),
        pytest.param({"partition_by": ["week"]}, id="partition without a column"),
        pytest.param({"columns": [A_COLUMN, A_COLUMN]}, id="repeated column"),
        pytest.param({"colour": "blue"}, id="unknown word about the table"),
        pytest.param({"columns": [{**A_COLUMN, "type": "float"}]}, id="unknown type"),
        pytest.param({"columns": [{**A_COLUMN, "minimun": 0}]}, id="misspelt bound"),
        pytest.param({"columns": [{"name": "mmsi", "type": "long"}]}, id="no description"),
        pytest.param({"columns": [{**A_COLUMN, "maximum": {"rules": "x"}}]}, id="misspelt rule reference"),
    ],
)
def test_a_bad_contract_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Contract.model_validate(A_CONTRACT | change)


def test_a_bound_by_an_unknown_rule_is_refused_when_it_is_read() -> None:
    with pytest.raises(KeyError, match="no_such_rule"):
        bound_value(RuleReference(rule="no_such_rule"), SHIP_RULES)


def test_an_undeclared_table_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        load_contract("gold.no_such_table")


# --- checks that a column cannot express ---------------------------------------------------------

A_CHECK = {
    "name": "a_check",
    "table": "gold.port_activity_weekly",
    "severity": "critical",
    "owner": "port statistics",
    "reason": "It shows.",
    "rows": "SELECT * FROM {batch}",
    "holds": "value <= {rule:share_maximum}",
}


def test_checks_refer_to_rules_that_exist() -> None:
    assert {name for check in load_checks() for name in check.rules} <= set(load_rules())


def test_the_checks_of_all_tables_are_all_checks() -> None:
    found = [check for table in (*TABLES, VIEWS_TABLE) for check in checks_of(table)]
    assert sorted(c.name for c in found) == sorted(c.name for c in load_checks())


def test_two_checks_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="repeated check names: a_check"):
        ChecksFile.model_validate({"checks": [A_CHECK, A_CHECK]})


def test_numbers_take_the_place_of_their_names() -> None:
    check = Check.model_validate(A_CHECK | {"rows": "SELECT *, {fact:weeks} AS weeks FROM {batch}"})
    assert (check.rules, check.facts) == (("share_maximum",), ("weeks",))
    assert check.rows_query({"weeks": 3}, SHIP_RULES) == "SELECT *, 3.0 AS weeks FROM {batch}"
    assert "WHERE NOT coalesce(value <= 1.0, false)" in check.failing_query({"weeks": 3}, SHIP_RULES)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"severity": "fatal"}, id="unknown severity"),
        pytest.param({"rows": "SELECT 1"}, id="rows from elsewhere"),
        pytest.param({"holds": "value <= {limit}"}, id="unnamed number"),
        pytest.param({"holds": "value <= {setting:limit}"}, id="unknown kind of number"),
        pytest.param({"owner": None}, id="nobody's"),
    ],
)
def test_a_bad_check_is_refused(change: dict[str, Any]) -> None:
    Check.model_validate(A_CHECK)
    with pytest.raises(ValidationError):
        Check.model_validate(A_CHECK | change)


def test_a_check_needs_each_fact_it_names() -> None:
    check = Check.model_validate(A_CHECK | {"holds": "value <= {fact:weeks}"})
    with pytest.raises(KeyError, match="weeks"):
        check.failing_query({}, SHIP_RULES)


@pytest.mark.parametrize("folder", ["schemas", "quality"])
def test_yaml_files_repeat_no_word(folder: str) -> None:
    """YAML readers keep the last of two equal words in silence."""
    for path in sorted(Path(find_folder(folder)).glob("*.yaml")):
        assert repeated_words(yaml.compose(path.read_text(encoding="utf-8"))) == [], path.name


def repeated_words(node: yaml.Node | None) -> list[str]:
    if isinstance(node, yaml.SequenceNode):
        return [word for item in node.value for word in repeated_words(item)]
    if not isinstance(node, yaml.MappingNode):
        return []
    words = [key.value for key, _ in node.value]
    inner = [word for _, value in node.value for word in repeated_words(value)]
    return sorted({word for word in words if words.count(word) > 1}) + inner
