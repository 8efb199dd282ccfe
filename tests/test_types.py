import typing

import pytest

from chime_fixtures import types
from chime_fixtures.chime.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document

SESSION = load_document(SESSION_DOCUMENT)
COMPONENTS = load_document(SERVICE_DOCUMENT)["components"]["schemas"]
SCHEMAS = {**COMPONENTS, **SESSION["$defs"], "ProxySession": SESSION}
OBJECTS = sorted(name for name, schema in SCHEMAS.items() if schema["type"] == "object")
SHAPES = {name: value for name, value in vars(types).items() if typing.is_typeddict(value)}
PLAIN = {"string": str, "integer": int, "boolean": bool}


def annotation(schema):
    """What a schema is to a type checker."""
    if "$ref" in schema:
        name = "ProxySession" if schema["$ref"] == SESSION_DOCUMENT else schema["$ref"].rpartition("/")[2]
        return SHAPES[name] if name in OBJECTS else annotation(SCHEMAS[name])
    if schema["type"] == "array":
        return list[annotation(schema["items"])]
    return typing.Literal[tuple(schema["enum"])] if "enum" in schema else PLAIN[schema["type"]]


def test_each_object_of_the_schemas_has_a_shape_and_no_other():
    """Sessions, what is inside them, and every body that is sent or answered."""
    assert sorted(SHAPES) == OBJECTS


@pytest.mark.parametrize("name", OBJECTS)
def test_each_shape_is_the_schemas(name):
    """Members in their order, their types and constants, and which are required: all as in the schema."""
    schema, shape = SCHEMAS[name], SHAPES[name]
    assert {
        "order": list(shape.__annotations__),
        "members": typing.get_type_hints(shape),
        "required": sorted(shape.__required_keys__),
    } == {
        "order": list(schema["properties"]),
        "members": {member: annotation(each) for member, each in schema["properties"].items()},
        "required": sorted(schema.get("required", [])),
    }


@pytest.mark.parametrize("name", sorted(name for name, schema in SCHEMAS.items() if "enum" in schema))
def test_each_literal_has_the_constants_of_the_schema(name):
    """The constants of a literal are those of the enumeration, in its order."""
    assert typing.get_args(getattr(types, name)) == tuple(SCHEMAS[name]["enum"])
