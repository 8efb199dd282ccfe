import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from chime_fixtures import Fault, types
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document
from chime_fixtures.chime.operations import operations
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import faults
from chime_fixtures.stub import ChimeStub

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


def test_names_of_operations_and_errors():
    """The literals have the operations of the OpenAPI document and their modelled errors."""
    assert sorted(typing.get_args(types.OperationName)) == sorted(operation.name for operation in operations())
    errors = {error.name.removesuffix("Exception") for operation in operations() for error in operation.errors}
    assert sorted(typing.get_args(types.ErrorName)) == sorted(errors)


def test_names_of_faults():
    """The literal has each fault of the table that has no parameter, in its order, and the others are made by `Fault`."""
    rows = re.findall(r"^``([a-z:-]+)(<.*>)?``", faults.__doc__, re.MULTILINE)
    assert typing.get_args(types.FaultName) == tuple(name for name, parameter in rows if not parameter)
    assert {f"{name}:" for name, _ in vars(Fault).items() if isinstance(vars(Fault)[name], classmethod)} == {
        name for name, parameter in rows if parameter
    }
    for name in typing.get_args(types.FaultName):
        faults.parse_fault(name, operations(), load_contract("ProxySession"))


def test_faults_with_a_parameter():
    """A `Fault` is the fault of its text."""
    stub = ChimeStub()
    for fault in (Fault.error("NotFound"), Fault.latency(0.2), Fault.violation("Name.maxLength")):
        stub.fail(fault)
    assert [fault.spec.text for fault in stub.faults] == ["error:NotFound", "latency:0.2", "violation:Name.maxLength"]
    for seconds in (-1, float("nan"), float("inf")):
        with pytest.raises(InvalidOptionError, match="seconds must be finite and 0 or more, not"):
            Fault.latency(seconds)


@pytest.mark.slow
def test_type_checkers_find_misspelt_names(tmp_path):
    """The file of typical and of wrong uses is clean under mypy, whose unused-ignore check finds a use that is accepted."""
    usage = Path(__file__).parent / "support" / "typed_stub.py"
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(usage)],
        cwd=usage.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("Success"), done.stdout + done.stderr
