"""jsonschema-rs's `covers` is an oracle: it may not contradict the comparison, and a witness settles a contradiction."""

import json
import warnings

import jsonschema
import jsonschema_rs
import pytest

from chime_fixtures.engine.diff import diff
from chime_fixtures.engine.errors import EngineError
from tests.support.random_schemas import random_schema
from tests.support.schema_changes import changed, smaller_values
from tests.support.sizes import IS_NIGHTLY

HAS_ALGEBRA = hasattr(jsonschema_rs, "canonicalize")
COUNT = 2000 if IS_NIGHTLY else 40
UNKNOWN = "unknown"
CONTRADICTIONS = {("compatible", "no"), ("breaking", "yes")}

pytestmark = pytest.mark.skipif(not HAS_ALGEBRA, reason="the algebra came with jsonschema-rs 0.50")


def by_algebra(old, new):
    """The answer of jsonschema-rs to "does the new schema accept each value of the old one?": yes, no or unknown."""
    draft = jsonschema_rs.Draft202012
    first, second = (jsonschema_rs.canonicalize(each, draft=draft, validate_formats=True) for each in (old, new))
    try:
        return second.covers(first).value
    except ValueError:
        return UNKNOWN


def verdicts(schema, value):
    """The verdicts of both validators, formats on."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return {
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(value),
        jsonschema.Draft202012Validator(schema, format_checker=checker).is_valid(value),
    }


def has_wrong_witness(old, new, found):
    """True if a witness is not valid by the old schema, or not invalid by the new one, for either validator."""
    witnesses = [change.witness.instance for change in found.breaking]
    return any(verdicts(old, each) != {True} or verdicts(new, each) != {False} for each in witnesses)


def violates(schema, value, keyword):
    """True if jsonschema-rs reports this keyword of the schema."""
    errors = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(value)
    return any(error.schema_path and error.schema_path[-1] == keyword for error in errors)


def is_not_minimal(old, new, found):
    """True if there is one break, and a value that is one step smaller than its witness violates the same keyword."""
    if len(found.breaking) != 1:
        return False
    change = found.breaking[0]
    smaller = (each for each in smaller_values(change.witness.instance) if verdicts(old, each) == {True})
    return any(verdicts(new, each) == {False} and violates(new, each, change.keyword) for each in smaller)


def contradictions(pairs):
    """The pairs on which comparison and algebra differ, or with a witness that is wrong or not minimal."""
    for old, new in pairs:
        try:
            found = diff(old, new, direction="request")
        except EngineError:
            continue
        if has_wrong_witness(old, new, found) or is_not_minimal(old, new, found):
            yield "witness", json.dumps(old), json.dumps(new)
        if (found.verdict, by_algebra(old, new)) in CONTRADICTIONS:
            yield found.verdict, json.dumps(old), json.dumps(new)


def pairs(start, stop):
    """Pairs of random schemas: two thirds are a schema and a small change of it."""
    for seed in range(start, stop):
        schema = random_schema(seed)
        yield schema, changed(schema, seed) if seed % 3 else random_schema(seed + 1_000_000)


@pytest.mark.slow
def test_the_algebra_does_not_contradict_the_comparison_on_random_schemas():
    """Every keyword occurs; both verdicts are frequent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert list(contradictions(pairs(0, COUNT))) == []


CASES = [
    ({"type": "integer", "minimum": 1}, {"exclusiveMinimum": 0}, "compatible"),
    ({"type": "number", "minimum": 1}, {"exclusiveMinimum": 1}, "breaking"),
    ({"multipleOf": 6}, {"multipleOf": 4}, "breaking"),
    ({"multipleOf": 12}, {"multipleOf": 4}, "compatible"),
    ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "compatible"),
    ({"required": ["a"]}, {"minProperties": 1}, "compatible"),
    ({"required": ["a"], "type": "object"}, {"required": ["b"]}, "breaking"),
    ({"properties": {"a": False}}, {"properties": {"a": {"type": "string"}}}, "compatible"),
    ({"items": {"type": "string"}, "maxItems": 2}, {"contains": {"type": "integer"}}, "breaking"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "verdict"), CASES, ids=str)
def test_both_agree(old, new, verdict):
    """The algebra has the same answer, or none."""
    found = diff(old, new, direction="request")
    assert found.verdict == verdict
    assert not has_wrong_witness(old, new, found)
    assert (verdict, by_algebra(old, new)) not in CONTRADICTIONS
