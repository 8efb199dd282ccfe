"""The shipped files against the models that AWS published, as the installed botocore has them."""

import jsonschema
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from openapi_spec_validator import OpenAPIV31SpecValidator

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document
from chime_fixtures.operations import operations

SESSION = load_document(SESSION_DOCUMENT)
SERVICE = load_document(SERVICE_DOCUMENT)
MODEL = ServiceModel(Loader().load_service_model("chime-sdk-voice", "service-2"))

ACCEPTED = {
    # Where our files say something else than the newest model, and why.
    "VoiceConnectorId": "botocore 1.44.5 narrowed the pattern and dropped the lengths; the published pages keep the old rule",
    "ProxySession.VoiceConnectorId": "the same member of the answer",
    "NonEmptyString128": "the pattern is written with an explicit class of blanks, which every engine reads alike",
    "E164PhoneNumber": "digits are written [0-9]: what a backslash-d means differs between engines",
    "Country": "{2} for the model's {2,2}",
    "AreaCode": "{3} for the model's {3,3}",
    "ProxySessionNameString": "the branch for the empty name is part of {0,30}",
}


def resolved(schema):
    """A schema with its reference followed."""
    while "$ref" in schema:
        name, _, pointer = schema["$ref"].partition("#")
        schema = json_pointer.resolve(
            SESSION if "proxy_session" in name or pointer.startswith("/$defs") else SERVICE, pointer
        )
    return schema


def differences(schema, shape, path):
    """Where a schema and a shape of the model part: (path, what is ours, what is theirs)."""
    schema = resolved(schema)
    ours = {
        key: schema.get(key)
        for key in ("type", "enum", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum")
    }
    theirs = dict.fromkeys(ours)
    theirs["type"] = {"structure": "object", "list": "array", "timestamp": "string"}.get(
        shape.type_name, shape.type_name
    )
    theirs["enum"] = list(getattr(shape, "enum", [])) or None
    low, high = {"string": ("minLength", "maxLength"), "list": ("minItems", "maxItems")}.get(
        shape.type_name, ("minimum", "maximum")
    )
    theirs[low], theirs[high] = shape.metadata.get("min"), shape.metadata.get("max")
    found = [(path, shape.name, key, ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]]
    if (schema.get("x-published-pattern") or schema.get("pattern")) != shape.metadata.get("pattern"):
        found.append((path, shape.name, "pattern", schema.get("pattern"), shape.metadata.get("pattern")))
    if shape.type_name == "list":
        found += differences(schema["items"], shape.member, path + "/*")
    if shape.type_name == "structure":
        found += structure(schema, shape, path)
    return found


def structure(schema, shape, path, skip=()):
    """The same for members, required ones included."""
    members = {name: each for name, each in shape.members.items() if name not in skip}
    required = [name for name in shape.required_members if name not in skip]
    found = []
    if set(schema["properties"]) != set(members):
        found.append((path, shape.name, "members", sorted(schema["properties"]), sorted(members)))
    if sorted(schema.get("required", [])) != sorted(required):
        found.append((path, shape.name, "required", schema.get("required"), required))
    for name, member in members.items():
        found += differences(schema["properties"][name], member, f"{path}/{name}")
    return found


def everything():
    """Every difference between our files and the model."""
    found = structure(SESSION, MODEL.shape_for("ProxySession"), "")
    for operation in operations():
        theirs = MODEL.operation_model(operation.name)
        carried = [name for name, each in theirs.input_shape.members.items() if "location" in each.serialization]
        if operation.has_request:
            found += structure(
                SERVICE["components"]["schemas"][f"{operation.name}Request"],
                theirs.input_shape,
                operation.name,
                carried,
            )
        if operation.has_response:
            response = SERVICE["components"]["schemas"][f"{operation.name}Response"]
            for name, member in theirs.output_shape.members.items():
                if name not in ("ProxySession", "ProxySessions"):
                    found += differences(response["properties"][name], member, f"{operation.name}.{name}")
    return found


def test_each_difference_from_the_model_is_an_accepted_one():
    """Members, required members, types, constants, bounds and patterns are the model's, but for what the table explains."""
    found = everything()
    explained = {
        "VoiceConnectorId": [each for each in found if each[0].endswith("/VoiceConnectorId")],
    }
    left = [each for each in found if not each[0].endswith("/VoiceConnectorId")]
    assert left == []
    assert {each[2] for each in explained["VoiceConnectorId"]} <= {"minLength", "maxLength", "pattern"}


@pytest.mark.parametrize("name", [name for name in ACCEPTED if "VoiceConnectorId" not in name])
def test_each_explained_spelling_is_still_needed(name):
    """A row of the table whose pattern has become the model's own must go."""
    ours = SESSION["$defs"].get(name) or SERVICE["components"]["schemas"][name]
    assert ours["pattern"] != ours["x-published-pattern"]
    if name in MODEL.shape_names:
        assert ours["x-published-pattern"] == MODEL.shape_for(name).metadata["pattern"]


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_each_operation_is_the_models(operation):
    """Method, path, status, parameters and errors are those of the model."""
    theirs = MODEL.operation_model(operation.name)
    assert operation.method == theirs.http["method"]
    assert operation.path == theirs.http["requestUri"].partition("?")[0]
    assert operation.success_status == theirs.http.get("responseCode", 200)
    located = {
        (each.serialization["name"], {"uri": "path", "querystring": "query"}[each.serialization["location"]])
        for each in theirs.input_shape.members.values()
        if "location" in each.serialization
    }
    assert {(each.name, each.where) for each in operation.parameters} == located
    errors = {(each.name, each.metadata["error"]["httpStatusCode"]) for each in theirs.error_shapes}
    assert {(each.name, each.status) for each in operation.errors} == errors


def test_the_openapi_file_is_valid():
    """An outside validator of OpenAPI 3.1 has nothing to say, with the session schema beside it and nothing fetched."""
    from chime_fixtures.contract.documents import document_source

    uri = str(document_source(SERVICE_DOCUMENT))
    assert list(OpenAPIV31SpecValidator(SERVICE, base_uri=f"file://{uri}").iter_errors()) == []


def test_the_session_schema_is_valid_by_the_metaschema():
    """Jsonschema's own metaschema accepts the file."""
    jsonschema.Draft202012Validator.check_schema(SESSION)


def test_every_member_says_what_it_is_and_where_that_comes_from():
    """Each of the 13 members and each definition has a description; members and definitions have a source."""
    assert len(SESSION["properties"]) == 13
    for described in [
        *SESSION["properties"].values(),
        *SESSION["$defs"].values(),
        *SERVICE["components"]["schemas"].values(),
    ]:
        if "$ref" not in described or "properties" in described:
            assert described["description"].endswith(".")
            assert described["x-source"]


def test_the_readme_of_the_schemas_has_a_row_for_each_definition():
    """Each constrained definition and each of its keywords stands in the table of sources."""
    from chime_fixtures.contract.documents import document_source

    text = document_source("README.md").read_text(encoding="utf-8")
    for name, schema in [*SESSION["$defs"].items(), *SERVICE["components"]["schemas"].items()]:
        row = next((line for line in text.splitlines() if line.startswith(f"| `{name}` ")), "")
        asserted = [
            key
            for key in schema
            if not key.startswith("x-") and key not in ("description", "$ref", "properties", "items")
        ]
        assert [key for key in asserted if f"`{key}`" not in row] == [], name
