import json

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis.errors import InvalidArgument
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import UnsupportedSchemaError
from chime_fixtures.engine.strategies import from_schema, violations_of
from chime_fixtures.strategies import (
    evolved_proxy_sessions,
    invalid_proxy_sessions,
    proxy_session_violations,
    proxy_sessions,
)
from tests.support.drawing import drawn
from tests.support.sizes import IS_NIGHTLY

SESSION = load_contract("ProxySession")


@pytest.mark.slow
def test_valid_sessions_are_valid_for_both_validators():
    """Both validators accept every session."""
    first = jsonschema_rs.Draft202012Validator(SESSION.schema, validate_formats=True)
    second = Draft202012Validator(SESSION.schema, format_checker=FormatChecker())
    count = 1000 if IS_NIGHTLY else 150
    values = drawn(proxy_sessions(), count)
    assert len(values) == count
    assert all(map(first.is_valid, values))
    assert all(map(second.is_valid, values))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strategy", "count"),
    [
        (proxy_sessions, 300 if IS_NIGHTLY else 80),
        (evolved_proxy_sessions, 100 if IS_NIGHTLY else 30),
        (invalid_proxy_sessions, 900 if IS_NIGHTLY else 450),
    ],
)
def test_boto3s_form_has_no_unknown_member(strategy, count):
    """On the wire a session or a participant may have an unknown member; botocore drops it."""
    schema = json.loads(json.dumps(load_contract("ProxySession").schema))
    for each in (schema, *schema["$defs"].values()):
        if "properties" in each:
            each["additionalProperties"] = False
    closed = Draft202012Validator(schema, format_checker=None)
    counts = {"wire": count, "boto3": 300 if IS_NIGHTLY else 50}
    as_text = {form: json.dumps(drawn(strategy(form=form), counts[form]), default=str) for form in counts}
    unknown = {
        form: sum(
            error.validator == "additionalProperties" for each in json.loads(text) for error in closed.iter_errors(each)
        )
        for form, text in as_text.items()
    }
    assert unknown["wire"] > 2
    assert unknown["boto3"] == 0


def test_invalid_sessions_are_plain_and_break_one_constraint():
    """Strategies named invalid yield plain instances, each with exactly one error."""
    validator = jsonschema_rs.Draft202012Validator(SESSION.schema, validate_formats=True)
    for value in drawn(invalid_proxy_sessions(), 300 if IS_NIGHTLY else 100):
        assert len(list(validator.iter_errors(value))) == 1


def test_violations_keep_their_label():
    """Strategies named violations yield labelled instances, and jsonschema-rs reports the label."""
    validator = jsonschema_rs.Draft202012Validator(SESSION.schema, validate_formats=True)
    for violation in drawn(proxy_session_violations(keyword="pattern"), 200 if IS_NIGHTLY else 80):
        (error,) = validator.iter_errors(violation.instance)
        assert (str(error.schema_path[-1]), violation.keyword) == ("pattern", "pattern")


def clear(value):
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        clear(inner)
    if isinstance(value, dict | list):
        value.clear()


@pytest.mark.slow
def test_a_consumer_may_change_its_input():
    """A change of a drawn instance changes neither the list of violations nor a later instance."""
    before = repr(enumerate_violations(SESSION))
    for value in drawn(invalid_proxy_sessions(), 400 if IS_NIGHTLY else 150):
        clear(value)
    assert repr(enumerate_violations(SESSION)) == before


def test_an_unknown_violation_is_an_error_at_the_first_draw():
    """A location or keyword without a violation is an error that has both."""
    with pytest.raises(InvalidArgument, match=r"no violation of ProxySession has pointer='/Nope'"):
        drawn(invalid_proxy_sessions(pointer="/Nope"), 1)


def test_any_supported_schema_has_strategies():
    """Numbers, unions and recursion of a custom schema are drawn; an unsupported schema is an error at the first draw."""
    schema = {
        "type": ["object", "number", "string"],
        "properties": {"child": {"$ref": "#"}, "n": {"type": "integer", "maximum": 3}},
        "exclusiveMinimum": 0.5,
        "maxLength": 4,
    }
    validator = jsonschema_rs.Draft202012Validator(schema)
    values = drawn(from_schema(schema), 300 if IS_NIGHTLY else 100)
    assert all(map(validator.is_valid, values))
    assert {type(value) for value in values} == {dict, int, float, str}
    assert all(len(list(validator.iter_errors(each.instance))) == 1 for each in drawn(violations_of(schema), 100))
    unsupported = from_schema({"fromat": "date"})
    with pytest.raises(UnsupportedSchemaError):
        drawn(unsupported, 1)


@pytest.mark.slow
def test_no_health_check_fails():
    """With every health check active, a hundred examples are drawn, valid and invalid as named."""
    examples = []

    @settings(max_examples=100, suppress_health_check=[], database=None)
    @given(proxy_sessions(), invalid_proxy_sessions())
    def draw(valid, invalid):
        examples.append((valid, invalid))

    draw()
    assert len(examples) >= 100
    assert all(SESSION.is_valid(valid) and not SESSION.is_valid(invalid) for valid, invalid in examples)
