import json
import re
import subprocess
import sys
import typing
from datetime import datetime
from pathlib import Path

import pytest
from mypy_boto3_chime_sdk_voice import type_defs
from pydantic import ConfigDict, TypeAdapter, ValidationError

from chime_fixtures import (
    Fault,
    ProxySessionFactory,
    operation_requests,
    operation_responses,
    proxy_session_lists,
    proxy_sessions,
    realistic_proxy_sessions,
    types,
)
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document
from chime_fixtures.chime.operations import operations
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import faults
from chime_fixtures.stub import ChimeStub
from tests.support.drawing import drawn
from tests.support.sizes import ONLY_NIGHTLY

TOP = Path(__file__).parents[1]
SESSION = load_document(SESSION_DOCUMENT)
COMPONENTS = load_document(SERVICE_DOCUMENT)["components"]["schemas"]
SCHEMAS = {**COMPONENTS, **SESSION["$defs"], "ProxySession": SESSION}
OBJECTS = sorted(name for name, schema in SCHEMAS.items() if schema.get("type") == "object")
TYPES = {name: value for name, value in vars(types).items() if typing.is_typeddict(value)}
PLAIN = {"string": str, "integer": int, "boolean": bool}


def annotation(schema):
    """The type annotation of a schema."""
    if "$ref" in schema:
        name = "ProxySession" if schema["$ref"] == SESSION_DOCUMENT else schema["$ref"].rpartition("/")[2]
        return TYPES[name] if name in OBJECTS else annotation(SCHEMAS[name])
    if schema.get("type") == "array":
        return list[annotation(schema["items"])]
    return typing.Literal[tuple(schema["enum"])] if "enum" in schema else PLAIN[schema["type"]]


def test_each_object_of_the_schemas_has_a_type_and_no_other():
    """Sessions, the objects inside them, and every request and response body have one; boto3's sessions have another."""
    assert sorted(TYPES.keys() - {"Boto3ProxySession"}) == OBJECTS


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


def test_a_session_of_boto3s_form_has_datetimes():
    """Its type has the members of a session, with datetimes for timestamps."""
    members = typing.get_type_hints(types.ProxySession)
    stamps = {name: datetime for name in members if name.endswith("Timestamp")}
    assert typing.get_type_hints(types.Boto3ProxySession) == {**members, **stamps}
    assert not types.Boto3ProxySession.__required_keys__


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


USES = [Path(__file__).parent / "support" / name for name in ("typed_stub.py", "typed_use.py")]


@ONLY_NIGHTLY
@pytest.mark.slow
def test_mypy_accepts_typical_uses():
    """The files of typical and of wrong uses are clean: the unused-ignore check finds a wrong use that is accepted."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *map(str, USES)],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("Success"), done.stdout + done.stderr


@pytest.mark.slow
def test_pyright_accepts_typical_uses(tmp_path):
    """The same files are clean for pyright in its standard mode, which finds an error in another one."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from chime_fixtures import load_contract\nname: int = load_contract('ProxySession')\n")
    settings = {
        "typeCheckingMode": "standard",
        "include": [str(wrong), *map(str, USES)],
        "extraPaths": [str(TOP)],
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "-p", str(tmp_path), "--pythonpath", sys.executable]
    done = subprocess.run([*command, "--outputjson"], capture_output=True, text=True, check=False)
    result = json.loads(done.stdout)
    assert result["summary"]["filesAnalyzed"] == 3
    found = [(Path(each["file"]).name, each["message"].splitlines()[0]) for each in result["generalDiagnostics"]]
    assert found == [("wrong.py", 'Type "Contract" is not assignable to declared type "int"')]


BOTO3_SESSIONS = {
    "drawn": lambda: drawn(proxy_sessions(form="boto3"), 60),
    "complete": lambda: drawn(proxy_sessions(form="boto3", required="all"), 20),
    "realistic": lambda: drawn(realistic_proxy_sessions(form="boto3"), 20),
    "related": lambda: [each for sessions in drawn(proxy_session_lists(form="boto3"), 30) for each in sessions],
    "factory": lambda: ProxySessionFactory(form="boto3").batch(20),
}


def mistakes(name, values):
    """The errors by which pydantic rejects values of a type of boto3's stubs, strictly and without other members."""
    kind = getattr(type_defs, f"{name}TypeDef")
    adapter = TypeAdapter(list[kind], config=ConfigDict(strict=True, extra="forbid"))
    try:
        adapter.validate_python(as_integers(values))
    except ValidationError as error:
        return [(each["type"], each["loc"][1:]) for each in error.errors()]
    return []


def as_integers(value):
    """The value with integers for numbers such as 1.0, which JSON Schema calls integers and botocore returns as floats."""
    if isinstance(value, dict):
        return {name: as_integers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_integers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.mark.slow
@pytest.mark.parametrize("source", BOTO3_SESSIONS)
def test_sessions_of_boto3s_form_fit_the_types_of_its_stubs(source):
    """Each session is a ProxySessionTypeDef."""
    assert mistakes("ProxySession", BOTO3_SESSIONS[source]()) == []
    assert {
        kind for kind, _ in mistakes("ProxySession", [{"Tenant": 1, "CreatedTimestamp": "2026-04-07T12:00:00Z"}])
    } == {
        "extra_forbidden",
        "datetime_type",
    }


@pytest.mark.slow
@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_arguments_and_results_fit_the_types_of_its_stubs(operation):
    """Each is of the operation's type; a member of a response, which the published model does not require, may lack."""
    requests = drawn(operation_requests(operation.name, form="boto3"), 20)
    assert mistakes(f"{operation.name}Request", requests) == []
    response = f"{operation.name}Response" if operation.response else "EmptyResponseMetadata"
    found = mistakes(response, drawn(operation_responses(operation.name, form="boto3"), 20))
    assert {each for each in found if each[0] != "missing" or len(each[1]) > 1} == set()
