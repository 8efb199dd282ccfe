import typing

import pytest

from chime_fixtures import types
from chime_fixtures.chime.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document

SESSION = load_document(SESSION_DOCUMENT)
COMPONENTS = load_document(SERVICE_DOCUMENT)["components"]["schemas"]
SCHEMAS = {**COMPONENTS, **SESSION["$defs"], "ProxySession": SESSION}
OBJECTS = sorted(name for name, schema in SCHEMAS.items() if schema["type"] == "object")
TYPES = {name: value for name, value in vars(types).items() if typing.is_typeddict(value)}
PLAIN = {"string": str, "integer": int, "boolean": bool}


def annotation(schema):
    """The type annotation of a schema."""
    if "$ref" in schema:
        name = "ProxySession" if schema["$ref"] == SESSION_DOCUMENT else schema["$ref"].rpartition("/")[2]
        return TYPES[name] if name in OBJECTS else annotation(SCHEMAS[name])
    if schema["type"] == "array":
        return list[annotation(schema["items"])]
    return typing.Literal[tuple(schema["enum"])] if "enum" in schema else PLAIN[schema["type"]]


def test_each_object_of_the_schemas_has_a_type_and_no_other():
    """Sessions, the objects inside them, and every request and response body have one."""
    assert sorted(TYPES) == OBJECTS


@pytest.mark.parametrize("name", OBJECTS)
def test_each_type_equals_its_schema(name):
    """Members in order, their types and enum values, and the required ones are those of the schema."""
    schema, each = SCHEMAS[name], TYPES[name]
    assert {
        "order": list(each.__annotations__),
        "members": typing.get_type_hints(each),
        "required": sorted(each.__required_keys__),
    } == {
        "order": list(schema["properties"]),
        "members": {member: annotation(value) for member, value in schema["properties"].items()},
        "required": sorted(schema.get("required", [])),
    }


@pytest.mark.parametrize("name", sorted(name for name, schema in SCHEMAS.items() if "enum" in schema))
def test_each_literal_has_the_enum_values_of_the_schema(name):
    """The values of a literal are those of the enumeration, in its order."""
    assert typing.get_args(getattr(types, name)) == tuple(SCHEMAS[name]["enum"])
