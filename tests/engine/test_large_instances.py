"""Sizes of instances: large arrays of large items, and full instances of deep schemas, stay small."""

import random

import jsonschema
import jsonschema_rs
import pytest

from chime_fixtures.engine import instances
from chime_fixtures.engine.cases import baseline
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import iter_violations
from chime_fixtures.engine.values import RandomChoices, size_limit

TEXT = {"type": "string", "maxLength": 2000}
ARTICLE = {"type": "object", "properties": {"title": TEXT, "body": TEXT}, "required": ["title"]}
LISTS = {
    "texts": {"type": "array", "minItems": 100, "items": {**TEXT, "minLength": 20}},
    "objects": {"type": "array", "minItems": 100, "items": ARTICLE},
    "different texts": {"type": "array", "minItems": 100, "uniqueItems": True, "items": TEXT},
    "different objects": {"type": "array", "minItems": 50, "uniqueItems": True, "items": ARTICLE},
    "tuples": {"type": "array", "minItems": 50, "prefixItems": [TEXT] * 50, "items": TEXT},
    "lists of lists": {"type": "array", "minItems": 20, "items": {"type": "array", "minItems": 20, "items": TEXT}},
}


@pytest.mark.parametrize("schema", LISTS.values(), ids=LISTS)
def test_items_after_a_large_part_of_an_array_are_small(monkeypatch, schema):
    """An array takes its limit, one further item and small items; values and violations keep their labels."""
    monkeypatch.setattr(size_limit, "MAX_CHARACTERS", 5000)
    contract = Contract({**schema, "maxItems": schema["minItems"] + 5})
    judges = jsonschema_rs.Draft202012Validator(contract.schema), jsonschema.Draft202012Validator(contract.schema)
    values = [generate(contract, index=index) for index in range(2)]
    assert all(judge.is_valid(value) for judge in judges for value in values)
    assert max(map(instances.size, values)) < 60_000
    assert all(len({instances.size(item) for item in value}) > 5 for value in values)
    (violation,) = iter_violations(contract, pointer="", keyword="maxItems")
    (error,) = judges[0].iter_errors(violation.instance)
    assert error.kind.name == "maxItems"
    assert instances.size(violation.instance) < 60_000


def test_different_items_are_large_if_there_are_too_few_small_ones(monkeypatch):
    """A set of texts has as many members as it must have, though only nine of them are short."""
    monkeypatch.setattr(size_limit, "MAX_CHARACTERS", 20)
    lines = {"type": "array", "minItems": 40, "uniqueItems": True, "items": {"type": "string", "pattern": "^a*$"}}
    contract = Contract({**lines, "items": {**lines["items"], "maxLength": 4000}})
    value = generate(contract)
    assert jsonschema_rs.Draft202012Validator(contract.schema).is_valid(value)


@pytest.mark.parametrize("names", [{}, {"propertyNames": {"pattern": "^[a-z]{2}$"}}], ids=["any", "few"])
def test_properties_after_a_large_part_of_an_object_are_small(monkeypatch, names):
    """An object with many properties that no schema lists takes its limit, one further property and small ones."""
    monkeypatch.setattr(size_limit, "MAX_CHARACTERS", 5000)
    schema = {"type": "object", "minProperties": 200, "additionalProperties": ARTICLE, **names}
    contract = Contract(schema)
    values = [generate(contract, index=index) for index in range(3)]
    assert all(map(jsonschema_rs.Draft202012Validator(schema).is_valid, values))
    assert max(map(instances.size, values)) < 60_000


def test_a_full_instance_with_many_long_examples_is_small(monkeypatch):
    """A baseline takes its limit of characters, one further value and small ones."""
    monkeypatch.setattr(size_limit, "MAX_CHARACTERS", 5000)
    text = {"type": "string", "examples": ["x" * 2000]}
    contract = Contract({"type": "array", "minItems": 300, "items": text})
    assert instances.size(baseline.full_instance(contract.builder)) < 20_000


def chain(levels, item):
    """Objects in lists in objects, each of which must have its only two properties."""
    properties = {"number": {"type": "integer"}}
    if levels:
        properties["list"] = {"type": "array", "minItems": 1, "items": chain(levels - 1, item)}
    return {"type": "object", "properties": properties, "additionalProperties": False, **item(list(properties))}


RULES = {"minProperties": lambda names: {"minProperties": len(names)}, "required": lambda names: {"required": names}}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_full_instance_of_a_deep_schema_is_small(rule):
    """Each level has one item once the instance is large, so that the number of values is not exponential."""
    levels = 50
    contract = Contract(chain(levels, rule))
    full = Baseline.full(contract.validators, contract.builder)
    assert jsonschema_rs.Draft202012Validator(contract.schema).is_valid(full.instance)
    assert len(full.nodes) < 2 * baseline.MAX_FULL_VALUES + 3 * levels
    assert {pointer.count("/") for pointer in full.nodes} == set(range(2 * levels + 2))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_catalogue_has_locations_that_the_full_instance_lacks(monkeypatch, rule):
    """A constraint on a second item that the full instance does not have is violated in another instance."""
    monkeypatch.setattr(baseline, "MAX_FULL_VALUES", 5)
    contract = Contract(chain(3, rule))
    full = Baseline.full(contract.validators, contract.builder)
    (violation,) = iter_violations(contract, pointer="/list/1/list/1/number", keyword="type", contested=False)
    assert violation.pointer not in full.nodes
    (error,) = jsonschema_rs.Draft202012Validator(contract.schema).iter_errors(violation.instance)
    assert error.instance_path == ["list", 1, "list", 1, "number"]


def test_parts_of_a_full_instance_share_their_choices(monkeypatch):
    """Parts found at random take a number of choices together; the others have required parts alone."""
    monkeypatch.setattr(baseline, "MAX_REQUIRED_VALUES", 5)
    monkeypatch.setattr(baseline, "MAX_ALL_CHOICES", 100)
    wide = {"type": "object", "properties": {f"p{number}": {"type": "integer"} for number in range(20)}}
    names = [f"part{number}" for number in range(20)]
    contract = Contract({"type": "object", "required": names, "properties": dict.fromkeys(names, wide)})
    value = baseline.full_instance(contract.builder)
    assert jsonschema_rs.Draft202012Validator(contract.schema).is_valid(value)
    assert sum(bool(value[name]) for name in names) < 8


@pytest.mark.slow
def test_the_parts_beside_a_long_path_share_their_choices():
    """A value that is constructed for a deep location is small, though each of its levels may be large."""
    beside = {"type": "object", "properties": {f"p{number}": {"type": "integer"} for number in range(30)}}
    schema = {"enum": ["first", "last"]}
    for _ in range(40):
        properties = {"next": schema, "beside": beside}
        schema = {"type": "object", "properties": properties, "required": ["next", "beside"]}
    directed = Contract(schema).builder.directed
    judge = jsonschema_rs.Draft202012Validator(schema)
    deepest = [path for location, (_, path) in directed.paths.items() if location.member is not None]
    assert len(deepest) == 2
    for seed, path in enumerate(deepest):
        value = directed.construct(path, RandomChoices(random.Random(seed)))
        assert judge.is_valid(value)
        assert instances.size(value) < 10_000
        assert ["first", "last"][path.constant] in repr(value)
