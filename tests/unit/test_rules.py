"""The typed rules: the file's names and values, frozen, and errors for a file that does not fit."""

from typing import Any

import pytest
from pydantic import ValidationError

from ais_indicators.errors import BadInputError
from ais_indicators.repository import find_folder
from ais_indicators.rules import (
    RULES_FILE,
    SUBJECTS,
    PlaneRules,
    Rules,
    Subject,
    checked,
    load_rules,
)
from ais_indicators.yaml_text import parse_yaml
from tests.subject_rules import SHIP_RULES


def as_in_yaml(value: Any) -> Any:
    """Returns a value with lists in place of tuples."""
    if isinstance(value, tuple):
        return [as_in_yaml(item) for item in value]
    if isinstance(value, dict):
        return {key: as_in_yaml(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("subject", SUBJECTS)
def test_fields_are_the_names_and_values_of_the_file(subject: Subject) -> None:
    in_file = {name: rule.value for name, rule in load_rules(subject).items()}
    typed = Rules.for_subject(subject)
    assert list(type(typed).model_fields) == list(in_file)
    assert {name: as_in_yaml(typed.value(name)) for name in in_file} == in_file


def test_whole_numbers_of_ships_stay_whole() -> None:
    """Pages and checks write a value as text, so 30 must not become 30.0."""
    in_file = parse_yaml((find_folder("quality") / RULES_FILE).read_text(encoding="utf-8"))["rules"]
    for name, body in in_file.items():
        if isinstance(body["value"], int | float):
            assert repr(Rules.for_subject("ships").value(name)) == repr(body["value"]), name


def test_rules_know_their_subject_and_are_read_once() -> None:
    for subject in SUBJECTS:
        assert Rules.for_subject(subject) is Rules.for_subject(subject)
        assert Rules.for_subject(subject).subject == subject
    assert isinstance(Rules.for_subject("planes"), PlaneRules)


def test_rules_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SHIP_RULES.gap_hours = 5.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"new_rule": 1}, "new_rule: Extra inputs are not permitted"),
        ({"gap_hours": None}, "gap_hours: Input should be a valid number"),
        ({"revision_weeks": 1.5}, "revision_weeks: Input should be a valid integer"),
        (
            {"hull_deadweight_share": {"tanker": "most"}},
            "hull_deadweight_share.tanker: Input should be a valid",
        ),
    ],
    ids=["unknown", "no value", "another type", "inside"],
)
def test_a_file_that_does_not_fit_is_one_clear_error(changed: dict[str, Any], message: str) -> None:
    values = Rules.for_subject("ships").model_dump() | changed
    with pytest.raises(BadInputError, match=f"^quality/rules.yaml: {message}.*; correct the file$"):
        checked(Rules, values)


def test_a_missing_rule_is_an_error() -> None:
    values = Rules.for_subject("ships").model_dump()
    del values["gap_hours"]
    with pytest.raises(BadInputError, match="gap_hours: Field required"):
        checked(Rules, values)


def test_a_name_that_no_rule_has_is_an_error() -> None:
    with pytest.raises(KeyError, match="no_such_rule"):
        SHIP_RULES.value("no_such_rule")
    with pytest.raises(KeyError, match="model_fields"):
        SHIP_RULES.value("model_fields")
