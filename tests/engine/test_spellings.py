"""Patterns with another spelling beside them: values match both, and violations that match one are contested."""

import copy

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import UnsupportedSchemaError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaOptions

pytestmark = pytest.mark.filterwarnings("ignore:schema. /enum/")
"""Constants that a spelling excludes are never reached."""

OPTIONS = SchemaOptions(spellings=["x-original"])
SCHEMAS = {
    "digits": {"type": "string", "pattern": "^[0-9]{2,6}$", "x-original": "^\\d{2,6}$"},
    "blanks": {"type": "string", "maxLength": 2, "pattern": "[^\\t\\n\\u000b\\f\\r ]", "x-original": "\\S"},
    "words in a list": {
        "type": "array",
        "items": {"$ref": "#/$defs/word"},
        "minItems": 1,
        "$defs": {"word": {"type": "string", "pattern": "^[A-Za-z0-9_]+$", "x-original": "^\\w+$"}},
    },
    "a narrower spelling": {
        "type": "object",
        "properties": {"a": {"type": "string", "pattern": "^[a-f]*$", "x-original": "^[a-c]*$", "default": "f"}},
        "required": ["a"],
    },
    "an alternative": {"anyOf": [{"type": "string", "pattern": "^[0-9]$", "x-original": "^\\d$"}, {"type": "null"}]},
    "an enumeration": {"enum": ["x", "\u0661", "7"], "pattern": "^[^a-z]$", "x-original": "^[0-9]$"},
}


def respelled(value):
    """The schema with the other spelling of each pattern."""
    if isinstance(value, list):
        return [respelled(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {name: respelled(item) for name, item in value.items()}
    return {**changed, "pattern": changed["x-original"]} if "x-original" in changed else changed


def verdicts(schema, value):
    """The verdicts of both validators, by the schema and by its other spelling."""
    for each in (schema, respelled(schema)):
        yield jsonschema_rs.Draft202012Validator(each, validate_formats=True).is_valid(value)
        yield Draft202012Validator(each, format_checker=FormatChecker()).is_valid(value)


@pytest.fixture(params=SCHEMAS.values(), ids=SCHEMAS)
def schema(request):
    return copy.deepcopy(request.param)


def test_values_match_each_spelling(schema):
    """Both validators accept each value and each edge by either spelling."""
    contract = Contract(SchemaDocument(schema, options=OPTIONS))
    values = [generate(contract, seed=1, index=index) for index in range(60)]
    edges = enumerate_edges(contract)
    assert edges
    for value in [*values, *(edge.instance for edge in edges)]:
        assert all(verdicts(schema, value)), value
        assert contract.contested(value) == ()


def test_violations_that_match_a_spelling_are_contested(schema):
    """A violation is contested exactly if a validator accepts it by one of the spellings."""
    contract = Contract(SchemaDocument(schema, options=OPTIONS))
    violations = enumerate_violations(contract)
    assert violations
    for violation in violations:
        assert bool(violation.contested) is any(verdicts(schema, violation.instance)), violation.id


def test_spellings_only_change_what_is_contested():
    """The same violations are found without the option; with it, more of them are contested."""
    schema = SCHEMAS["digits"]
    plain = enumerate_violations(schema)
    spelled = enumerate_violations(Contract(SchemaDocument(schema, options=OPTIONS)))
    assert [(each.id, each.instance) for each in plain] == [(each.id, each.instance) for each in spelled]
    more = {each.id for each in spelled if each.contested} - {each.id for each in plain if each.contested}
    assert more == {"pattern.unicode-digit"}


def test_an_instance_of_disputed_spelling_is_contested():
    """An instance that the schema accepts, and a validator rejects by the other spelling, is contested."""
    contract = Contract(SchemaDocument(SCHEMAS["blanks"], options=OPTIONS))
    assert contract.is_valid("\x1c")
    assert contract.contested("\x1c") == ("jsonschema",)
    assert Contract(SCHEMAS["blanks"]).contested("\x1c") == ()
    copied = copy.deepcopy(contract)
    assert copied.contested("\x1c") == ("jsonschema",)


def test_an_unsupported_spelling_is_an_error():
    """A spelling that can't be honoured is reported with its location."""
    schema = {"properties": {"a": {"pattern": "^a$", "x-original": "^(a)\\1$"}}}
    with pytest.raises(UnsupportedSchemaError, match="/properties/a/x-original"):
        Contract(SchemaDocument(schema, options=OPTIONS))
