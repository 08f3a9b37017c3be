"""The typed rules: the file's names and values, frozen, and errors for a file that does not fit."""

from typing import Any

import pytest
from pydantic import ValidationError

from ais_indicators.repository import find_folder
from ais_indicators.rules import (
    RULES_FILE,
    SUBJECTS,
    PlaneRules,
    Rules,
    Subject,
    following,
    load_rules,
    rules,
)
from ais_indicators.yaml_text import parse_yaml


def as_in_yaml(value: Any) -> Any:
    """Returns a value with lists in place of tuples."""
    if isinstance(value, tuple):
        return [as_in_yaml(item) for item in value]
    if isinstance(value, dict):
        return {key: as_in_yaml(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("subject", SUBJECTS)
def test_fields_are_the_names_and_values_of_the_file(subject: Subject) -> None:
    with following(subject):
        in_file = {name: rule.value for name, rule in load_rules().items()}
    typed = Rules.for_subject(subject)
    assert list(type(typed).model_fields) == list(in_file)
    assert {name: as_in_yaml(typed.value(name)) for name in in_file} == in_file


def test_whole_numbers_of_ships_stay_whole() -> None:
    """Pages and checks write a value as text, so 30 must not become 30.0."""
    in_file = parse_yaml((find_folder("quality") / RULES_FILE).read_text(encoding="utf-8"))["rules"]
    for name, body in in_file.items():
        if isinstance(body["value"], int | float):
            assert repr(Rules.for_subject("ships").value(name)) == repr(body["value"]), name


def test_rules_follow_the_subject_and_are_read_once() -> None:
    assert rules() is Rules.for_subject("ships")
    with following("planes"):
        assert rules() is Rules.for_subject("planes")
    assert isinstance(Rules.for_subject("planes"), PlaneRules)


def test_rules_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        rules().gap_hours = 5.0  # type: ignore[misc]


def test_a_rule_without_a_field_a_missing_rule_and_a_wrong_type_are_one_error_each() -> None:
    values = Rules.for_subject("ships").model_dump()
    with pytest.raises(ValidationError, match=r"new_rule\n.*not permitted"):
        Rules.model_validate({**values, "new_rule": 1})
    with pytest.raises(ValidationError, match=r"gap_hours\n.*required"):
        Rules.model_validate({name: value for name, value in values.items() if name != "gap_hours"})
    with pytest.raises(ValidationError, match=r"revision_weeks\n.*integer"):
        Rules.model_validate({**values, "revision_weeks": 1.5})


def test_a_name_that_no_rule_has_is_an_error() -> None:
    with pytest.raises(KeyError, match="no_such_rule"):
        rules().value("no_such_rule")
    with pytest.raises(KeyError, match="model_fields"):
        rules().value("model_fields")
