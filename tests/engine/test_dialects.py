"""One record of facts a keyword, one dispatch table a layer; an invented keyword costs one entry a table."""

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from chime_fixtures.engine import instances
from chime_fixtures.engine.cases.mutators import MUTATORS
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.dnf.clauses import KeywordRules, schema_rules
from chime_fixtures.engine.dnf.expand import RULES
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import SchemaWarning, UnsupportedSchemaError
from chime_fixtures.engine.instances import NUMBER
from chime_fixtures.engine.normal_form.targets import STEPS, SUBKEYS
from chime_fixtures.engine.schema.dialects import KeywordFacts
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12, DRAFTS
from chime_fixtures.engine.schema.openapi_dialects import OPENAPI_3_0, OPENAPI_3_1, openapi_dialect
from chime_fixtures.engine.schema.options import SchemaOptions

DIALECTS = [
    *DRAFTS,
    *(
        openapi_dialect(base.uri, direction)
        for base in (OPENAPI_3_0, OPENAPI_3_1)
        for direction in (None, "request", "response")
    ),
]
KEYWORDS = [facts for dialect in DIALECTS for facts in dialect.keywords.values()]


def test_every_keyword_has_its_entry_in_each_table():
    """Rules for each keyword that is not an annotation, mutators for each label, steps for each other applicator."""
    assert RULES.keys() == {facts.rule for facts in KEYWORDS if facts.role != "annotation"}
    assert MUTATORS.keys() == {facts.rule for facts in KEYWORDS if facts.can_be_violated}
    followed = {
        facts.rule
        for facts in KEYWORDS
        if facts.role in {"applicator", "reference"} and not facts.is_reported_whole and not facts.never_fails
    }
    assert STEPS.keys() == followed
    assert SUBKEYS.keys() <= MUTATORS.keys()


@pytest.mark.parametrize("draft", DIALECTS, ids=repr)
def test_facts_name_keywords_of_the_dialect(draft):
    """A keyword that evaluates another, limits it, or stands for it in the cross-check, is one of the same dialect."""
    keywords = draft.keywords.values()
    named = {name for facts in keywords for name in (facts.evaluated_by, facts.cross_check_alias, facts.limit_keyword)}
    assert named - {None} <= draft.supported


def test_unknown_keywords_and_formats_are_annotations():
    """One warning names them with their locations; `annotations` and `formats` silence it, `strict` refuses them."""
    schema = {"even": True, "items": {"format": "order-id", "x-note": 1}, "properties": {"a": {"even": False}}}
    message = "schema: ignored as unknown in draft 2020-12: keyword even at /even, format order-id at /items/format$"
    with pytest.warns(SchemaWarning, match=message) as caught:
        contract = Contract(schema)
    assert len(caught) == 1
    assert contract.is_valid({"a": 1})
    Contract(schema, annotations=["even"], formats={"order-id": None})
    with pytest.raises(UnsupportedSchemaError, match="unsupported schema, 3 problems"):
        Contract(schema, strict=True)


@pytest.mark.parametrize("name", ["int32", "int64", "float", "double", "byte", "binary", "password"])
def test_formats_of_openapi_are_known(name):
    """They assert nothing, and nobody is warned."""
    assert Contract({"format": name}).is_valid("x")


@pytest.mark.parametrize(
    ("keyword", "value", "meant"),
    [
        ("maxLenght", 5, "maxLength"),
        ("MinLength", 5, "minLength"),
        ("requierd", ["a"], "required"),
        ("additionalproperties", False, "additionalProperties"),
        ("uniqueItem", True, "uniqueItems"),
    ],
)
def test_a_misspelt_keyword_is_an_error(keyword, value, meant):
    """A word near an assertion or applicator, with a value that is legal for it, is not ignored."""
    with pytest.raises(UnsupportedSchemaError, match=f"{keyword}: is not a keyword of .*; did you mean '{meant}'"):
        Contract({keyword: value})
    Contract({keyword: value}, annotations=[keyword])


@pytest.mark.parametrize(("keyword", "value"), [("maxLenght", "5"), ("typo", "string"), ("_items", {}), ("titel", "A")])
def test_another_unknown_keyword_is_not_a_mistake(keyword, value):
    """A value that is not legal for the near keyword, a short word, a sign first, a word near an annotation."""
    with pytest.warns(SchemaWarning, match=keyword):
        Contract({keyword: value})


# An assertion `even` (numbers alone) and an applicator `unless`, which means the same as `not`.
EVEN = KeywordFacts(name="even", json_type=NUMBER, check=lambda value, instance, is_valid: is_even(instance) is value)
UNLESS = KeywordFacts(
    name="unless",
    role="applicator",
    nesting="schema",
    is_in_place=True,
    is_reported_whole=True,
    is_independent=False,
    discards_annotations=True,
    check=lambda value, instance, is_valid: not is_valid(value, instance),
)


def is_even(instance):
    """True for other types than numbers, too, so that `even: true` accepts them."""
    is_number = instances.json_type(instance) == NUMBER
    return not is_number or (instances.is_integer(instance) and int(instance) % 2 == 0)


def subschemas(requirement, *, must_hold):
    """The requirement by the subschema of `unless`."""
    return [(requirement.to(child, must_hold=must_hold),) for _, child in requirement.schema.subschemas("unless")]


@pytest.fixture
def invented(monkeypatch):
    """The dialect with both keywords, and one entry in each table that needs one."""
    even = KeywordRules(
        lambda requirement, value, json_type, options: [(lambda clause: multiple_of_two(clause, value),)],
        lambda requirement, value, json_type, options: [(lambda clause: multiple_of_two(clause, not value),)],
    )
    unless = schema_rules(
        lambda requirement: subschemas(requirement, must_hold=False),
        lambda requirement: subschemas(requirement, must_hold=True),
    )
    monkeypatch.setitem(RULES, "even", even)
    monkeypatch.setitem(RULES, "unless", unless)
    monkeypatch.setitem(MUTATORS, "even", lambda context: iter([("next", context.value + 1)]))
    monkeypatch.setitem(MUTATORS, "unless", lambda context: iter(()))
    return DRAFT_2020_12.extended(EVEN, UNLESS)


def multiple_of_two(clause, even):
    """Add the constraint to a clause."""
    if even:
        clause.constraints.multiples = (*clause.constraints.multiples, 2)
    else:
        clause.constraints.not_multiples = (*clause.constraints.not_multiples, 2)


SCHEMA = {
    "type": "object",
    "required": ["Count", "Name"],
    "properties": {
        "Count": {"type": "integer", "minimum": 0, "maximum": 50, "even": True},
        "Name": {"type": "string", "minLength": 1, "unless": {"maxLength": 2}},
    },
}


def contract_of(schema, dialect):
    return Contract(SchemaDocument(schema, options=SchemaOptions(dialect=dialect)))


def outside_validators():
    """Both validators with the two keywords, written apart from the engine."""

    class Even:
        def __init__(self, parent_schema, value, schema_path):  # noqa: ARG002  # the protocol of jsonschema-rs
            self.value = value

        def validate(self, instance):
            if isinstance(instance, int) and (instance % 2 == 0) is not self.value:
                raise ValueError

    class Unless:
        def __init__(self, parent_schema, value, schema_path):  # noqa: ARG002  # the protocol of jsonschema-rs
            self.validator = jsonschema_rs.validator_for(value)

        def validate(self, instance):
            if self.validator.is_valid(instance):
                raise ValueError

    def even(validator, value, instance, schema):
        if isinstance(instance, int) and (instance % 2 == 0) is not value:
            yield ValidationError("even")

    def unless(validator, value, instance, schema):
        if validator.evolve(schema=value).is_valid(instance):
            yield ValidationError("unless")

    first = jsonschema_rs.Draft202012Validator(SCHEMA, keywords={"even": Even, "unless": Unless})
    return first, extend(Draft202012Validator, {"even": even, "unless": unless})(SCHEMA)


def test_invented_keywords_get_values(invented):
    """Both validators accept every constructed value."""
    contract = contract_of(SCHEMA, invented)
    values = [generate(contract, seed=1, index=index) for index in range(100)]
    assert all(validator.is_valid(value) for validator in outside_validators() for value in values)
    assert len({value["Count"] for value in values}) > 10


def test_invented_keywords_get_labelled_violations(invented):
    """Each is violated alone, with its own label; the label of the applicator stands for itself, as that of `not`."""
    contract = contract_of(SCHEMA, invented)
    violations = {each.id: each for each in enumerate_violations(contract)}
    for name, keyword, pointer in (("Count.even.next", "even", "/Count"), ("Name.unless", "unless", "/Name")):
        violation = violations[name]
        assert (violation.keyword, violation.pointer, violation.contested) == (keyword, pointer, ())
        assert violation.schema_pointer == f"/properties{pointer}/{keyword}"
        for validator in outside_validators():
            (error,) = validator.iter_errors(violation.instance)
            assert list(error.instance_path if hasattr(error, "instance_path") else error.absolute_path) == [
                pointer[1:]
            ]
        (found,) = contract.check(violation.instance)
        assert (found.keyword, found.pointer, found.schema_pointer) == (keyword, pointer, violation.schema_pointer)
    assert len(violations["Name.unless"].value) in {1, 2}


def test_invented_keywords_are_violated_inside_other_applicators(invented):
    """A path through `allOf` and `items` reaches them, and `not` and `anyOf` negate them."""
    schema = {
        "allOf": [{"type": "array", "minItems": 1, "items": {"type": "integer", "even": False}}],
        "items": {"not": {"even": True}, "anyOf": [{"unless": {"minimum": 100}}, {"const": 1001}]},
    }
    contract = contract_of(schema, invented)
    values = [generate(contract, seed=1, index=index) for index in range(50)]
    assert all(item % 2 == 1 and (item < 100 or item == 1001) for value in values for item in value)
    assert {each.keyword for each in enumerate_violations(contract)} >= {"type", "minItems", "anyOf"}


def test_invented_keywords_are_cross_checked_behind_a_reference(invented):
    """Jsonschema has them for a schema that declares its draft, too, when a reference leads to it."""
    schema = {"$schema": DRAFT_2020_12.uri, "properties": {"a": {"$ref": "#"}}, "even": True}
    contract = contract_of(schema, invented)
    assert contract.validators.cross_check({"a": {"a": 3}}) == [("/a/a", "even")]
    assert {each.contested for each in enumerate_violations(contract, keyword="even")} == {()}
