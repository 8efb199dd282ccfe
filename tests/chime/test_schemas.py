"""The bundled documents against AWS's published models in the installed botocore."""

import itertools
import re

import botocore.session
import jsonschema
import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chime_fixtures.chime.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, document_source, load_document
from chime_fixtures.chime.operations import operations
from chime_fixtures.engine import pointer as json_pointer

SESSION = load_document(SESSION_DOCUMENT)
SERVICE = load_document(SERVICE_DOCUMENT)
COMPONENTS = SERVICE["components"]["schemas"]
BOTOCORE = botocore.session.get_session()
MODEL = BOTOCORE.get_service_model("chime-sdk-voice")

OLD_ID = "NonEmptyString128"
ACCEPTED = {
    # Differences from the newest model, by its shape and our keyword, with the reason.
    ("VoiceConnectorId", OLD_ID): "the newest model has another rule; the published pages keep the old one",
    ("NonEmptyString128", "spelling"): "a search for one character that is not white space of ECMA 262",
    ("E164PhoneNumber", "spelling"): "digits are written [0-9]: the meaning of a backslash-d differs between engines",
    ("Country", "spelling"): "{2} for {2,2}",
    ("AreaCode", "spelling"): "{3} for {3,3}",
    ("ProxySessionNameString", "spelling"): "{0,30} covers the empty name",
    ("errors", "members"): "Code and Message are in the Smithy and legacy models, and raw clients read them",
}
TYPES = {"structure": "object", "list": "array", "timestamp": "string"}
BOUNDS = {"string": ("minLength", "maxLength"), "list": ("minItems", "maxItems"), "integer": ("minimum", "maximum")}
COMPARED = ("type", "enum", "format", *itertools.chain(*BOUNDS.values()))
ANNOTATIONS = {"$schema", "$id", "$comment", "$defs", "title", "description"}
BLANKS = "\t\n\v\f\r \xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\x1c\x85"


def resolved(schema):
    """A schema after following its references into either of the two documents."""
    while "$ref" in schema:
        name, _, pointer = schema["$ref"].partition("#")
        in_session = name == SESSION_DOCUMENT or (not name and pointer.startswith("/$defs"))
        schema = json_pointer.resolve(SESSION if in_session else SERVICE, pointer)
    return schema


def differences(schema, shape):
    """The differences of a schema from a shape of the model, and of all schemas below: (shape, keyword)."""
    schema = resolved(schema)
    if shape.name == "VoiceConnectorId" and schema is SESSION["$defs"][OLD_ID]:
        yield shape.name, OLD_ID
        shape = MODEL.shape_for(OLD_ID)
    theirs = {"type": TYPES.get(shape.type_name, shape.type_name), "enum": getattr(shape, "enum", None) or None}
    if shape.serialization.get("timestampFormat") == "iso8601":
        theirs["format"] = "date-time"
    low, high = BOUNDS.get(shape.type_name, ("minimum", "maximum"))
    theirs |= {low: shape.metadata.get("min"), high: shape.metadata.get("max")}
    if "type" not in schema and all(isinstance(value, str) for value in schema.get("enum", [None])):
        # The enumeration alone says it, so that a value of another type violates one constraint.
        schema = {**schema, "type": "string"}
    yield from ((shape.name, key) for key in COMPARED if schema.get(key) != theirs.get(key))
    published = schema.get("x-published-pattern", schema.get("pattern"))
    if published != shape.metadata.get("pattern"):
        yield shape.name, "pattern"
    if published != schema.get("pattern"):
        yield shape.name, "spelling"
    if shape.type_name == "list":
        yield from differences(schema["items"], shape.member)
    if shape.type_name == "structure":
        yield from members(schema, shape.name, shape.members, shape.required_members)


def members(schema, name, theirs, required):
    """The differences of the members of an object."""
    if schema["type"] != "object":
        yield name, "type"
    if list(schema["properties"]) != list(theirs):
        yield name, "members"
    if sorted(schema.get("required", [])) != sorted(required):
        yield name, "required"
    for member, shape in theirs.items():
        if member in schema["properties"]:
            yield from differences(schema["properties"][member], shape)


def exchanges(operation):
    """The differences of the requests and responses of an operation."""
    theirs = MODEL.operation_model(operation.name)
    located = {name: each for name, each in theirs.input_shape.members.items() if "location" in each.serialization}
    bodied = {name: each for name, each in theirs.input_shape.members.items() if name not in located}
    ours = {each.name: each for each in operation.parameters}
    for name, shape in located.items():
        parameter = ours[shape.serialization["name"]]
        yield from differences(json_pointer.resolve(SERVICE, parameter.pointer), shape)
        if parameter.required != (name in theirs.input_shape.required_members):
            yield operation.name, name
    if operation.has_request != bool(bodied) or operation.has_response != bool(theirs.output_shape):
        yield operation.name, "bodies"
    if bodied:
        required = [name for name in theirs.input_shape.required_members if name in bodied]
        yield from members(COMPONENTS[f"{operation.name}Request"], theirs.input_shape.name, bodied, required)
    if theirs.output_shape:
        yield from differences(COMPONENTS[f"{operation.name}Response"], theirs.output_shape)


def test_each_difference_from_the_model_is_explained_and_each_explanation_is_needed():
    """Members, required ones, types, enumerations, formats, bounds and patterns are the model's, except for the table's rows."""
    found = set(differences(SESSION, MODEL.shape_for("ProxySession")))
    found |= set(itertools.chain(*map(exchanges, operations())))
    without = [shape.name for shape in MODEL.error_shapes if not shape.members]
    if without and COMPONENTS["ErrorResponse"]["properties"]:
        found.add(("errors", "members"))
    assert found == set(ACCEPTED)


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_each_operation_equals_the_models(operation):
    """Method, path, status, parameters, errors and the end of support are those of the model."""
    theirs = MODEL.operation_model(operation.name)
    described = SERVICE["paths"][operation.path][operation.method.lower()]
    located = [
        (each.serialization["name"], {"uri": "path", "querystring": "query"}[each.serialization["location"]])
        for each in theirs.input_shape.members.values()
        if "location" in each.serialization
    ]
    assert {
        "method": operation.method,
        "path": operation.path,
        "status": operation.success_status,
        "parameters": sorted((each.name, each.location) for each in operation.parameters),
        "errors": sorted((each.name, each.status) for each in operation.errors),
        "deprecated": described["deprecated"],
    } == {
        "method": theirs.http["method"],
        "path": theirs.http["requestUri"],
        "status": theirs.http.get("responseCode", 200),
        "parameters": sorted(located),
        "errors": sorted((each.name, each.metadata["error"]["httpStatusCode"]) for each in theirs.error_shapes),
        "deprecated": theirs.deprecated,
    }


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_each_body_is_named_by_its_operation(operation):
    """The component of a body has the operation's name, by which its contract is loaded."""
    described = SERVICE["paths"][operation.path][operation.method.lower()]
    bodies = {
        "Request": described.get("requestBody"),
        "Response": described["responses"][str(operation.success_status)],
    }
    found = {
        form: body["content"]["application/json"]["schema"]["$ref"]
        for form, body in bodies.items()
        if body and "content" in body
    }
    assert found == {
        form: f"#/components/schemas/{operation.name}{form}"
        for form in bodies
        if f"{operation.name}{form}" in COMPONENTS
    }
    assert bodies["Request"] is None or bodies["Request"]["required"]


def test_there_are_no_other_operations():
    """The model has no other operations for proxy sessions and the proxy of a connector."""
    theirs = {name for name in MODEL.operation_names if "ProxySession" in name or name.endswith("VoiceConnectorProxy")}
    assert {each.name for each in operations()} == theirs


def test_errors_name_their_shapes_in_the_header_and_their_codes_in_the_body():
    """Each shared error lists the shapes that its header may name; each code is in the model's enumeration."""
    codes = set(MODEL.shape_for("ErrorCode").enum)
    body = COMPONENTS["ErrorResponse"]
    found = {name: member["type"] for name, member in body["properties"].items()}
    assert (body["type"], found) == ("object", {"Code": "string", "Message": "string"})
    assert SERVICE["components"]["responses"]
    for response in SERVICE["components"]["responses"].values():
        header = response["headers"]["x-amzn-ErrorType"]
        names = [error["name"] for error in response["x-errors"]]
        assert (header["required"], header["schema"]) == (True, {"type": "string", "enum": names})
        assert {error["code"] for error in response["x-errors"]} <= codes
        assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}


def test_the_server_is_the_endpoint_of_a_client():
    """The host template, filled in, is the endpoint of a real client in that region."""
    (server,) = SERVICE["servers"]
    client = BOTOCORE.create_client(
        "chime-sdk-voice", region_name="eu-west-2", aws_access_key_id="a", aws_secret_access_key="b"
    )
    assert server["url"].format(region="eu-west-2") == client.meta.endpoint_url
    assert server["variables"]["region"]["default"] in BOTOCORE.get_available_regions("chime-sdk-voice")


def respelled():
    """Every pattern that was published in another notation: (name, ours, the published one, anchored)."""
    for name, schema in [*SESSION["$defs"].items(), *COMPONENTS.items()]:
        if "x-published-pattern" in schema:
            published = schema["x-published-pattern"]
            inner = re.fullmatch(r"\.\*(.*)\.\*", published)
            yield name, schema["pattern"], inner.group(1) if inner else f"^(?:{published})$"


@pytest.mark.parametrize(
    ("ours", "published"), [each[1:] for each in respelled()], ids=[name for name, *_ in respelled()]
)
def test_our_notation_of_a_pattern_equals_the_published_one(ours, published):
    """An independent engine for ECMA patterns accepts the same texts, with white space and other digits among them."""
    short = ["+", "0", "1", "9", "A", "Z", "a", "z", " ", "\n", "-", "\u0663", "\u2028"]
    texts = ["".join(each) for size in range(4) for each in itertools.product(short, repeat=size)]
    texts += [mark + digit * size for mark in ("", "+") for digit in "a19" for size in (14, 15, 16, 29, 30, 31)]
    texts += [*BLANKS, *(a + b for a in BLANKS for b in BLANKS), *map(chr, range(0x3100)), "a\nb", "\U0001f600"]
    by_ours, by_theirs = (
        [validator.is_valid(text) for text in texts]
        for validator in (jsonschema_rs.Draft202012Validator({"pattern": pattern}) for pattern in (ours, published))
    )
    assert [text for text, a, b in zip(texts, by_ours, by_theirs, strict=True) if a != b] == []
    assert set(by_ours) == {True, False}


def test_the_openapi_file_is_valid():
    """An independent validator of OpenAPI 3.1 reports nothing; the session schema is beside it, and nothing is fetched."""
    uri = f"file://{document_source(SERVICE_DOCUMENT)}"
    assert list(OpenAPIV31SpecValidator(SERVICE, base_uri=uri).iter_errors()) == []


def locations(schema, name, source):
    """Each schema that is not a reference: (dotted name, schema, source)."""
    source = schema.get("x-source", source)
    yield name, schema, source
    for member, child in schema.get("properties", {}).items():
        if "$ref" not in child:
            yield from locations(child, f"{name}.{member}", source)
    if "items" in schema and "$ref" not in schema["items"]:
        yield from locations(schema["items"], f"{name}.items", source)


def definitions():
    """Every named schema of both documents, and the schemas inside it."""
    for name, schema in [("ProxySession", SESSION), *SESSION["$defs"].items(), *COMPONENTS.items()]:
        yield from locations(schema, name, "")


def references(value):
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        value = value.values()
    if not isinstance(value, str | int):
        for item in value:
            yield from references(item)


def test_each_schema_satisfies_the_metaschema():
    """Jsonschema's meta-schema accepts the session document and each schema of the OpenAPI document."""
    for _, schema, _ in definitions():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("document", [SESSION, SERVICE], ids=["session", "service"])
def test_references_stay_inside_the_two_documents(document):
    """Each reference resolves in one of the two documents."""
    found = set(references(document))
    assert found
    for reference in found:
        name, _, pointer = reference.partition("#")
        assert name in ("", SESSION_DOCUMENT)
        assert json_pointer.resolve(SESSION if name else document, pointer)


def test_everything_has_a_description_and_a_source():
    """Definitions, members and operations have a description and a source, parameters and headers a description."""
    operations_ = [each for path in SERVICE["paths"].values() for each in path.values()]
    sourced = [SESSION, *operations_, *SERVICE["components"]["responses"].values(), *SESSION["$defs"].values()]
    for schema in [SESSION, *SESSION["$defs"].values(), *COMPONENTS.values()]:
        sourced += schema.get("properties", {}).values()
    sourced += COMPONENTS.values()
    described = [parameter for operation in operations_ for parameter in operation["parameters"]]
    for response in SERVICE["components"]["responses"].values():
        described += response["headers"].values()
    assert [each for each in [*sourced, *described] if not each.get("description")] == []
    assert [each for each in sourced if not each.get("x-source")] == []


def rows():
    """The table of sources in schemas/README.md: name -> (keywords, letters of the sources)."""
    text = document_source("README.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 4:
            for name in re.findall(r"`([^`]+)`", cells[0]):
                yield name, (set(re.findall(r"`([^`]+)`", cells[1])), set(cells[2].split(", ")))


def test_the_readme_of_the_schemas_has_a_row_for_each_keyword():
    """The table lists each assertion with its location and source, and nothing else."""
    letters = {"P": "API page", "M": "model chime-sdk-voice", "L": "model chime 2018-05-01", "S": "Smithy model"}
    expected = {}
    for name, schema, source in definitions():
        asserting = {key for key in schema if key not in ANNOTATIONS and not key.startswith("x-")}
        expected[name] = (asserting, {letter for letter, words in letters.items() if words in source})
    listed = dict(rows())
    assert {name: row for name, row in listed.items() if name in expected} == expected
    described = {key for path in SERVICE["paths"].values() for each in path.values() for key in each}
    assert set(listed) - set(expected) == {
        *described - {"description", "x-source"},
        "servers",
        "x-amzn-ErrorType",
        "code",
    }
