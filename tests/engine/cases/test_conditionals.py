"""Violations of the constraints below `then` and `else`, which no single valid instance shows."""

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_implied, enumerate_violations

KINDS = ["bash", "docker", "helm", "maven", "npm", "gradle"]


def step(kind):
    """A step of one kind has a closed configuration with a member of its own."""
    return {
        "properties": {
            "configuration": {
                "type": "object",
                "additionalProperties": False,
                "required": [f"{kind}_image"],
                "properties": {
                    f"{kind}_image": {"type": "string", "maxLength": 20},
                    "runtime": {
                        "if": {"properties": {"version": {"const": "latest"}}, "required": ["version"]},
                        "then": {"required": ["digest"]},
                        "else": {"properties": {"digest": {"maxLength": len(kind)}}},
                    },
                },
            }
        }
    }


UNION = {
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": KINDS}, "configuration": {}},
    "allOf": [
        {"if": {"required": ["type"], "properties": {"type": {"const": kind}}}, "then": step(kind)} for kind in KINDS
    ],
}

SCHEMAS = {
    "a union below anyOf": {
        "type": "object",
        "anyOf": [{"required": ["steps"]}, {"required": ["name"]}],
        "properties": {"steps": {"type": "array", "items": UNION}, "name": {"type": "string"}},
    },
    "a condition on a number": {
        "type": "object",
        "required": ["port"],
        "properties": {"port": {"type": "integer", "minimum": 1, "maximum": 65535}},
        "if": {"properties": {"port": {"maximum": 1023}}},
        "then": {"required": ["root"], "properties": {"root": {"type": "boolean"}}},
        "else": {"properties": {"user": {"type": "string", "minLength": 2}}, "maxProperties": 3},
    },
    "a property that only one side allows": {
        "type": "object",
        "properties": {"country": {"enum": ["US", "FR"]}, "code": {"maxLength": 2}},
        "if": {"required": ["country"], "properties": {"country": {"const": "US"}}},
        "then": {"required": ["state"]},
        "else": {"properties": {"state": False}, "minProperties": 1},
    },
    "a condition beside a dependency": {
        "type": "object",
        "properties": {"card": {"type": "string"}, "country": {"enum": ["US", "FR", "JP"]}},
        "dependentSchemas": {"card": {"properties": {"code": {"pattern": "^[0-9]{3}$"}}, "required": ["code"]}},
        "if": {"properties": {"country": {"const": "US"}}, "required": ["country"]},
        "then": {"properties": {"state": {"enum": ["WA", "OR"]}}, "required": ["state"]},
        "else": {
            "if": {"properties": {"country": {"const": "JP"}}, "required": ["country"]},
            "then": {"properties": {"prefecture": {"maxLength": 8}}, "required": ["prefecture", "card"]},
            "else": {"properties": {"region": {"minimum": 10}}, "not": {"required": ["state"]}},
        },
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_constraint_of_each_side_is_violated_alone(name):
    """No constraint is left out, and both validators report exactly the label."""
    contract = Contract(SCHEMAS[name])
    violations = enumerate_violations(contract)
    violated = {violation.schema_pointer for violation in violations}
    assert [str(item) for item in enumerate_implied(contract)] == []
    assert {item.schema_pointer for item in contract.constraints} == violated
    decisive, cross_check = jsonschema_rs.validator_for(SCHEMAS[name]), Draft202012Validator(SCHEMAS[name])
    for violation in violations:
        errors = list(decisive.iter_errors(violation.instance))
        assert [json_pointer.join(error.instance_path) for error in errors] == [violation.pointer], violation.id
        (error,) = cross_check.iter_errors(violation.instance)
        if violation.keyword == "properties":
            # Of a `false` schema jsonschema-rs reports the name of the property last, and jsonschema no keyword.
            assert list(map(str, errors[0].schema_path))[-2] == violation.keyword
            assert error.validator is None
        else:
            assert str(errors[0].schema_path[-1]) == violation.keyword
            assert (json_pointer.join(error.absolute_path), error.validator) == (violation.pointer, violation.keyword)


def test_each_kind_of_mistake_is_made_on_each_side():
    """The constraints below a `then` have all variants, as those of the valid instance have."""
    violations = enumerate_violations(SCHEMAS["a union below anyOf"])
    of_types = [each for each in violations if each.keyword == "type" and each.pointer.endswith("_image")]
    variants = {}
    for violation in of_types:
        variants.setdefault(violation.pointer, set()).add(violation.variant)
    assert {pointer.rpartition("/")[2] for pointer in variants} == {f"{kind}_image" for kind in KINDS}
    first = variants["/steps/0/configuration/bash_image"]
    assert len(first) > 3
    assert all(variants[f"/steps/0/configuration/{kind}_image"] == first for kind in KINDS)


def test_constraints_below_one_condition_share_its_instance(monkeypatch):
    """Each `then` and `else` takes a fixed number of instances, however many constraints are below it."""
    counts = []
    for size in (10, 40):
        made = []

        def counted(self, *args, made=made, init=Baseline.__init__, **options):
            made.append(1)
            init(self, *args, **options)

        with monkeypatch.context() as patch:
            patch.setattr(Baseline, "__init__", counted)
            members = {f"m{number}": {"type": "string"} for number in range(size)}
            sides = {"then": {"properties": members}, "else": {"properties": members | {"z": {"type": "integer"}}}}
            enumerate_violations({"if": {"required": ["kind"]}, "type": "object", **sides})
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_a_constraint_that_two_paths_reach_is_violated_once():
    """Ids are numbered for other constraints, not for one that is found again."""
    shared = {"properties": {"n": {"maximum": 5, "minimum": 1}}}
    schema = {
        "$defs": {"shared": shared},
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": ["a", "b", "c"]}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": "a"}}}, "then": {"properties": {"n": {"minimum": 2}}}},
            {"if": {"properties": {"kind": {"const": "b"}}}, "then": {"$ref": "#/$defs/shared"}},
            {"if": {"properties": {"kind": {"const": "c"}}}, "then": {"$ref": "#/$defs/shared"}},
        ],
    }
    ids = [each.id for each in enumerate_violations(schema) if each.pointer == "/n"]
    assert ids == sorted(set(ids), key=ids.index)
    found = {each.schema_pointer: each.id for each in enumerate_violations(schema) if each.pointer == "/n"}
    assert set(found) == {
        "/allOf/0/then/properties/n/minimum",
        "/$defs/shared/properties/n/maximum",
        "/$defs/shared/properties/n/minimum",
    }
    assert {"n.minimum", "n.minimum.2", "n.maximum"} <= set(ids)
    assert not {"n.minimum.3", "n.maximum.2"} & set(ids)


def test_a_value_that_a_condition_is_about_has_all_kinds_of_violations():
    """Optional properties that the other side of an `if` rejects are left out."""
    schema = {
        "type": "object",
        "properties": {"member": {"type": "boolean"}, "number": {"type": "string"}},
        "required": ["member"],
        "if": {"properties": {"member": {"const": True}}},
        "then": {"properties": {"number": {"maxLength": 10}}},
        "else": {"properties": {"number": {"minLength": 15}}},
    }
    ids = {each.id for each in enumerate_violations(schema)}
    assert {f"member.type.{kind}" for kind in ("null", "array", "as-text", "integer", "object")} <= ids


CONDITION = {"if": {"minLength": 3}, "then": {"pattern": "^a"}, "else": {"pattern": "^b"}}


@pytest.mark.parametrize(
    "arrays", [{"prefixItems": [CONDITION]}, {"items": CONDITION}, {"prefixItems": [{}, CONDITION]}]
)
def test_the_items_of_a_path_are_not_the_properties_of_an_object(arrays):
    """An object with the properties "0" and "1" does not hide the items 0 and 1 of an array."""
    schema = {"type": ["object", "array"], "properties": {"0": {}, "1": {}}, "required": ["0", "1"], **arrays}
    schema |= {"minItems": 2}
    decisive = jsonschema_rs.validator_for(schema)
    found = {}
    for violation in enumerate_violations(schema):
        (error,) = decisive.iter_errors(violation.instance)
        assert json_pointer.join(error.instance_path) == violation.pointer
        found.setdefault(violation.schema_pointer.rpartition("/")[0], set()).add(type(violation.instance))
    sides = {pointer.rpartition("/")[2]: types for pointer, types in found.items()}
    assert sides["then"] == sides["else"] == {list}
