"""The kinds of schema that public collections contain, each as a small schema written by hand."""

import itertools

import jsonschema
import jsonschema_rs
import pytest

from chime_fixtures.engine.cases import violations
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.dnf import search
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import NoValueFoundError
from chime_fixtures.engine.normal_form import normalise, property_rules, sizes
from chime_fixtures.engine.regex import Language
from tests.support.schemas import MAY_DECLARE_UNREACHED


def nest(levels, width):
    """Optional objects below optional objects, all different."""
    numbers = itertools.count()

    def level(depth):
        if not depth:
            return {"type": "string", "minLength": next(numbers)}
        return {"type": "object", "properties": {f"p{index}": level(depth - 1) for index in range(width)}}

    return level(levels)


@pytest.mark.parametrize(
    "schema",
    [
        nest(3, 6),
        {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "more": nest(3, 6)}},
        {"type": "array", "items": nest(3, 6)},
        {"oneOf": [{"type": "null"}, {"type": "object", "patternProperties": {"^x-": nest(3, 6)}}]},
    ],
    ids=["members", "beside a required one", "items", "patterns"],
)
def test_optional_parts_are_expanded_on_first_use(monkeypatch, schema):
    """A contract expands only what its smallest value contains; the rest is expanded when a value needs it."""
    expanded = []
    branches_of = normalise.branches_of

    def counted(*arguments):
        expanded.append(arguments)
        return branches_of(*arguments)

    monkeypatch.setattr(normalise, "branches_of", counted)
    contract = Contract(schema)
    assert len(expanded) <= 10
    for index in range(20):
        generate(contract, index=index)
    assert len(expanded) > 40


def closed(*names, required=()):
    return {
        "type": "object",
        "properties": {name: {"type": "integer"} for name in names},
        "additionalProperties": False,
        "required": list(required),
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [closed("a", "b"), closed("b", "c"), closed("c", "d")]},
        {"oneOf": [closed("unknown"), closed("unknown", "a"), {"type": "object", "required": ["unknowN"]}]},
        {"type": "object", "allOf": [{"not": closed("unknown", "unknowm", "unknowo")}, {"not": closed("b")}]},
        {"type": "object", "propertyNames": {"maxLength": 1}, "not": closed(*"abcdefgh")},
    ],
)
@MAY_DECLARE_UNREACHED
def test_members_outside_closed_objects_have_names(schema):
    """A member that must be outside several closed objects has one, also if the usual name is taken."""
    validator = jsonschema_rs.Draft202012Validator(schema)
    other = jsonschema.Draft202012Validator(schema)
    contract = Contract(schema)
    values = [generate(contract, index=index) for index in range(60)]
    assert all(map(validator.is_valid, values))
    assert all(map(other.is_valid, values))
    assert len({tuple(sorted(value)) for value in values}) > 2


def test_a_finite_language_is_that_of_its_alternatives():
    """It accepts its strings and no other, and has the automaton of the pattern that lists them."""
    names = ["", "a", "ab", "abc", "b\0", "\U0010ffff", "é", "ab"]
    language = Language.finite(names)
    assert set(language.strings()) == set(names)
    assert not any(other in language for other in ("c", "abcd", "b", "\0", "\ud800"))
    listed = Language.from_pattern("^(?:|a|ab|abc|b\\0|\U0010ffff|é)$")
    for joined in (language - listed, listed - language):
        assert joined.is_empty
    assert (Language.all_strings() - language).construct(2, "ab") != "ab"


@pytest.mark.slow
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 2**53, "not": {"multipleOf": 6.5}},
        {"type": "number", "not": {"anyOf": [{"multipleOf": 0.3}, {"multipleOf": 7}]}},
        {"type": "integer", "not": {"multipleOf": 2.125}},
        {"type": "object", "patternProperties": {"a": {"type": "number", "minimum": 1, "not": {"multipleOf": 1.5}}}},
    ],
)
def test_a_large_number_is_not_a_multiple_for_any_validator(schema):
    """A large number that jsonschema takes for a multiple, since it divides floats, is drawn again."""
    validator = jsonschema_rs.Draft202012Validator(schema)
    other = jsonschema.Draft202012Validator(schema)
    contract = Contract(schema)
    values = [generate(contract, index=index) for index in range(200)]
    assert all(map(validator.is_valid, values))
    assert all(map(other.is_valid, values))


def test_equal_sets_of_names_are_constructed_once():
    """Products are cached by their operands, finite languages by their strings; a large automaton is not."""
    letters = Language.from_pattern("^[a-m]+$")
    assert Language.finite(["a", "b"]) is Language.finite(["b", "a", "b"])
    assert letters - Language.finite(["a", "b"]) is letters - Language.finite(["b", "a"])
    assert letters & Language.all_strings() is letters & Language.all_strings()
    assert letters - letters is not letters & letters
    many = [f"member-{number}" for number in range(500)]
    assert Language.finite(many) is not Language.finite(many)


@pytest.mark.parametrize(
    ("left", "right", "states"),
    [("^a.{200}$", "^b.{200}$", 3), ("^a[0-9]{100}$", "^a[0-4]{100}$", 104), ("^(a|b){50}$", "^[bc]{60}", 55)],
)
def test_a_product_has_one_state_for_all_rejected_strings(left, right, states):
    """A product of patterns follows neither of them from a state in which the other one can't match."""
    product = Language.from_pattern(left) & Language.from_pattern(right)
    assert len(product.dfa.transitions) <= states
    difference = Language.from_pattern(left) - Language.from_pattern(right)
    assert all(text not in Language.from_pattern(right) for text in itertools.islice(difference.strings(), 10))


@pytest.mark.slow
def test_an_address_may_have_counts_of_its_own():
    """A format and a pattern that bound the same parts of a string are combined."""
    schema = {"type": "string", "format": "email", "pattern": '^[^\\s@"]{1,64}@[^\\s@]{1,255}$'}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    contract = Contract(schema)
    assert all(validator.is_valid(generate(contract, index=index)) for index in range(30))


def test_a_violation_that_an_earlier_item_lacks_is_constructed_once(monkeypatch):
    """If no value violates a constraint alone on one item, none is constructed for the other items."""
    pointers = []
    constructed = violations.Search._constructed  # calls are counted

    def counted(search, target, baseline):
        pointers.append((target.schema_pointer, target.pointer))
        return constructed(search, target, baseline)

    monkeypatch.setattr(violations.Search, "_constructed", counted)
    code = {"type": "string", "enum": ["ab", "cd"], "minLength": 1}
    part = {"type": "object", "required": ["code"], "properties": {"code": code}}
    contract = Contract({"type": "array", "minItems": 3, "prefixItems": [part], "items": part})
    assert "minLength" in {each.constraint.keyword for each in contract.catalogue.implied}
    lengths = [pointer for schema_pointer, pointer in pointers if schema_pointer.endswith("minLength")]
    assert lengths == ["/0/code", "/1/code"]


def test_a_search_is_given_up_whatever_was_generated_before(monkeypatch):
    """The limit counts the branches that decide, also those that are known, so that the catalogue stays the same."""
    monkeypatch.setattr(sizes, "MAX_EXAMINED_BRANCHES", 12)
    kinds = [
        {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind}, kind: {"enum": [1, kind]}}}
        for kind in "abcdef"
    ]
    schema = {"type": "object", "properties": {"one": {"oneOf": kinds}, "two": {"anyOf": kinds}}}
    first, second = Contract(schema), Contract(schema)
    for index in range(30):
        generate(second, index=index)
    assert [each.id for each in enumerate_violations(first)] == [each.id for each in enumerate_violations(second)]
    monkeypatch.undo()
    assert len(enumerate_violations(Contract(schema))) >= len(enumerate_violations(first))


def variants(count):
    return [closed("kind", f"only{number}", f"also{number}") for number in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "not": {"anyOf": variants(20)}},
        {"type": "object", "maxProperties": 1, "allOf": [{"not": each} for each in variants(20)]},
        {
            "type": "object",
            "minProperties": 2,
            "oneOf": [{"required": ["kind"], "not": {"anyOf": variants(20)}}, False],
        },
    ],
    ids=["not anyOf", "one member", "beside a required one"],
)
def test_a_name_outside_many_closed_objects_is_found_at_once(monkeypatch, schema):
    """A set of names is intersected with another one only if its first name is not in it already."""
    intersections = []
    both = property_rules._NameSet.__and__

    def counted(names, other):
        intersections.append(other)
        return both(names, other)

    monkeypatch.setattr(property_rules._NameSet, "__and__", counted)
    contract = Contract(schema)
    values = [generate(contract, index=index) for index in range(20)]
    assert all(map(jsonschema_rs.Draft202012Validator(schema).is_valid, values))
    assert len(intersections) < 2000


@pytest.mark.filterwarnings("ignore::chime_fixtures.engine.errors.SchemaWarning")
def test_a_search_stops_after_many_examined_alternatives(monkeypatch):
    """Values of the clauses that were found by then are valid; if there are none, the error names the limit."""
    unions = [{"anyOf": [{"required": [f"{part}{kind}"]} for kind in "abcdef"]} for part in range(9)]
    schema = {"type": "object", "allOf": unions}
    monkeypatch.setattr(search, "MAX_EXAMINED_ALTERNATIVES", 500)
    contract = Contract(schema)
    values = [generate(contract, index=index) for index in range(20)]
    assert all(map(jsonschema_rs.Draft202012Validator(schema).is_valid, values))
    with pytest.raises(NoValueFoundError, match="500 examined alternatives"):
        Contract({**schema, "maxProperties": 3})
