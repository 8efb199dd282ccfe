"""Components and operations of OpenAPI documents, by name, pointer and file."""

import itertools
import json

import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import (
    EngineError,
    InvalidDocumentError,
    InvalidOptionError,
    SchemaNotFoundError,
    UnknownNameError,
    UnsupportedSchemaError,
)
from chime_fixtures.engine.sources import files


def content(**schemas):
    """The content of a body, by media type."""
    return {"content": {name.replace("_", "/"): {"schema": {"const": value}} for name, value in schemas.items()}}


def response(value):
    return {"description": "", "content": {"application/json": {"schema": {"const": value}}}}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders": {
            "post": {
                "operationId": "createOrder",
                "requestBody": {"$ref": "#/components/requestBodies/Order"},
                "responses": {
                    "default": response("default"),
                    "4XX": response("4XX"),
                    "404": response("404"),
                    "202": response("202"),
                    "201": {"$ref": "#/components/responses/Created"},
                    "204": {"description": "No content."},
                },
            },
            "get": {"responses": {"2XX": response("any success")}},
        },
        "/orders/{id}": {"$ref": "#/components/pathItems/Order"},
        "/reports": {"get": {"operationId": "getReport", "responses": {"default": response("report")}}},
    },
    "webhooks": {"paid": {"post": {"operationId": "orderPaid", "requestBody": content(application_json="paid")}}},
    "components": {
        "schemas": {"Order": {"type": "object", "required": ["item"], "properties": {"item": {"$ref": "#/components/schemas/Item"}}},
                    "Item": {"enum": ["tea", "cake"]}, "Unused": {"type": "strin"}},
        "requestBodies": {"Order": {"$ref": "#/components/requestBodies/Same"},
                          "Same": content(text_plain="text", **{"application_merge-patch+json": "merge", "application_json": "json"})},
        "responses": {"Created": response("201")},
        "pathItems": {"Order": {"put": {"operationId": "replaceOrder", "requestBody": content(**{"multipart_form-data": "form", "text_csv": "csv"})}}},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ({"operation": "createOrder"}, "json"),
        ({"operation": "createOrder", "part": "request", "media_type": "text/plain"}, "text"),
        ({"operation": "createOrder", "media_type": "application/merge-patch+json"}, "merge"),
        ({"operation": "createOrder", "part": "response"}, "201"),
        ({"operation": "createOrder", "status": 202}, "202"),
        ({"operation": "createOrder", "status": "404"}, "404"),
        ({"operation": "createOrder", "status": 409}, "4XX"),
        ({"operation": "createOrder", "status": 500}, "default"),
        ({"operation": "POST /orders"}, "json"),
        ({"operation": "get /orders", "part": "response"}, "any success"),
        ({"operation": "GET /orders", "status": 200}, "any success"),
        ({"operation": "replaceOrder"}, "form"),
        ({"operation": "PUT /orders/{id}", "media_type": "text/csv"}, "csv"),
        ({"operation": "getReport", "part": "response"}, "report"),
        ({"operation": "orderPaid"}, "paid"),
    ],
)
def test_a_body_of_an_operation(arguments, value):
    """JSON is preferred to other media types, and the first of 2xx to other responses; references are followed."""
    assert generate(Contract.from_openapi(DOCUMENT, **arguments)) == value


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"component": "Ordr"}, SchemaNotFoundError, "unknown schema 'Ordr'; did you mean 'Order'?"),
        ({"component": "X"}, SchemaNotFoundError, "unknown schema 'X'; use one of Item, Order, Unused"),
        ({"operation": "createorder"}, UnknownNameError, "unknown operation 'createorder'; did you mean 'createOrder'?"),
        ({"operation": "DELETE /orders"}, UnknownNameError, "did you mean '(GET|POST) /orders'"),
        ({"operation": "getReport"}, InvalidOptionError, "'getReport' has no request with a schema; use getReport default response"),
        ({"operation": "orderPaid", "status": 200}, InvalidOptionError, "'orderPaid' has no response of status 200 with a schema; use orderPaid request"),
        ({"operation": "createOrder", "media_type": "a/b"}, InvalidOptionError, "media_type must be text/plain, .* for 'createOrder request', not 'a/b'"),
        ({"operation": "createOrder", "part": "reply"}, InvalidOptionError, "part must be request or response, not 'reply'"),
        ({"component": "Order", "operation": "createOrder"}, InvalidOptionError, "requires a component or an operation, not both"),
        ({"component": "Order", "status": 200}, InvalidOptionError, "requires a component or an operation, not both"),
        ({}, InvalidDocumentError, r"name a schema, as Contract.from_openapi\(document, 'Order'\); schemas: Order, Item, Unused; operations: createOrder, replaceOrder, getReport, orderPaid"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_one_clear_line(arguments, error, message):
    """It lists the names that there are, or the closest one."""
    with pytest.raises(error, match=message) as caught:
        Contract.from_openapi(DOCUMENT, **arguments)
    assert "\n" not in str(caught.value)


def test_a_whole_document_is_not_a_schema():
    """It is refused wherever a schema is taken; a schema with a member of that name is not."""
    for function in (Contract, Contract.of, generate):
        with pytest.raises(InvalidDocumentError, match="is an OpenAPI document, not a schema; .* schemas: Order, Item"):
            function(DOCUMENT)
    with pytest.raises(InvalidDocumentError, match="is a document of Swagger 2.0"):
        Contract({"swagger": "2.0", "definitions": {}})
    assert Contract({**DOCUMENT, "$ref": "#/components/schemas/Item"}, annotations=DOCUMENT).is_valid("tea")


def test_names_identify_the_contract():
    """Those of the component, and of the operation with its part."""
    assert Contract.from_openapi(DOCUMENT, "Order").name == "Order"
    assert Contract.from_openapi(DOCUMENT, operation="createOrder").name == "createOrder request"
    assert Contract.from_openapi(DOCUMENT, operation="createOrder", status=409).name == "createOrder 4XX response"


def test_a_contract_contains_what_it_needs():
    """The document of a contract has the schemas that it reaches, at their own pointers, and not the faulty others."""
    contract = Contract.from_openapi(DOCUMENT, "Order")
    (document,) = contract.document.by_uri.values()
    assert document == {
        "components": {"schemas": {name: DOCUMENT["components"]["schemas"][name] for name in ("Order", "Item")}}
    }
    with pytest.raises(UnsupportedSchemaError, match="/components/schemas/Unused/type"):
        Contract.from_openapi(DOCUMENT, "Unused")
    contract.schema["properties"]["item"]["description"] = "changed"
    assert "description" not in DOCUMENT["components"]["schemas"]["Order"]["properties"]["item"]


def test_schemas_in_arrays_keep_their_index():
    """A reference may lead to any schema, as that of a parameter."""
    parameters = [
        {"name": "a", "schema": {"type": "string"}},
        {"name": "b", "schema": {"type": "integer", "maximum": 5}},
    ]
    paths = {"/orders": {"parameters": parameters}}
    schema = {"type": "array", "minItems": 1, "items": {"$ref": "#/paths/~1orders/parameters/1/schema"}}
    contract = Contract.from_openapi({**DOCUMENT, "paths": paths, "components": {"schemas": {"A": schema}}}, "A")
    assert contract.is_valid([5])
    assert [each.schema_pointer for each in contract.check([9])] == ["/paths/~1orders/parameters/1/schema/maximum"]


def test_an_unresolved_reference_is_an_error():
    """Nothing is fetched."""
    reasons = {
        "#/components/schemas/Nope": "this document has nothing at '#/components/schemas/Nope'",
        "https://example.test/api.json#/Order": "is not in the given documents, and nothing is fetched",
    }
    for reference, reason in reasons.items():
        document = {**DOCUMENT, "components": {"schemas": {"A": {"properties": {"b": {"$ref": reference}}}}}}
        with pytest.raises(UnsupportedSchemaError, match=reason):
            Contract.from_openapi(document, "A")


def test_the_document_may_be_made_in_python():
    """The keys of responses may be numbers, as `yaml.safe_load` makes them."""
    responses = {201: response("made"), 404: response("none")}
    document = {**DOCUMENT, "paths": {"/orders": {"post": {"responses": responses}}}}
    assert generate(Contract.from_openapi(document, operation="POST /orders", part="response")) == "made"
    assert generate(Contract.from_openapi(document, operation="POST /orders", status=404)) == "none"
    with pytest.raises(InvalidDocumentError, match="the document: is not JSON"):
        Contract.from_openapi({**document, "info": {"day": object()}}, "Order")


@pytest.mark.parametrize(
    "document",
    [
        {"openapi": "3.1.0"},
        {"openapi": "3.0.3", "paths": None, "components": None},
        {"openapi": "3.0.3", "paths": {"/a": None, "/b": {"get": None, "put": {"responses": [], "requestBody": 5}}}},
        {"openapi": "3.0.3", "paths": {"/a": {"$ref": "#/paths/~1a"}, "/b": {"$ref": 5}, "/c": {"$ref": "#/nowhere"}}},
        {"openapi": "3.1.0", "components": {"schemas": []}, "webhooks": "none"},
    ],
)
def test_a_faulty_document_has_no_names(document):
    """It is an error of this package, whatever is wrong."""
    for arguments in ({"component": "Order"}, {"operation": "createOrder"}, {"operation": "PUT /b"}, {}):
        with pytest.raises(EngineError):
            Contract.from_openapi(document, **arguments)


@pytest.mark.parametrize(
    "schema",
    [
        {"required": ["a", {}, ["b"]], "properties": {"a": {"readOnly": True}}},
        {"properties": [], "allOf": {}, "items": 5},
        {"properties": {"a": 5}, "required": True},
        {"format": ["byte"], "type": {}},
        {"format": "byte", "minLength": "3", "maxLength": []},
        {"format": "int32", "minimum": "3", "exclusiveMinimum": True},
        {"enum": {}, "nullable": "yes"},
        ["a"],
        None,
    ],
)
def test_a_faulty_schema_is_reported(schema):
    """With its location, by both versions and directions."""
    for version, part in itertools.product(("3.0.3", "3.1.0"), (None, "request", "response")):
        document = {**DOCUMENT, "openapi": version, "components": {"schemas": {"A": schema}}}
        with pytest.raises(UnsupportedSchemaError, match="/components/schemas/A"):
            Contract.from_openapi(document, "A", part=part)


def test_deep_nesting_is_reported():
    """As for other schemas."""
    schema = {}
    for _ in range(400):
        schema = {"properties": {"a": schema}}
    with pytest.raises(UnsupportedSchemaError, match="is nested too deeply; flatten it"):
        Contract.from_openapi({**DOCUMENT, "components": {"schemas": {"A": schema}}}, "A")


# Files ----------------------------------------------------------------------------------------------------------------

YAML = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Order"}
      responses:
        201:
          description: The order.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
components:
  schemas:
    Order:
      type: object
      required: [id, item]
      properties:
        id: {type: integer, readOnly: true}
        item: {$ref: "items.json#/Item"}
      additionalProperties: false
"""
ITEM = {"Item": {"type": "string", "nullable": True, "enum": ["tea", None]}}


@pytest.fixture
def api(tmp_path):
    """A document in YAML that refers to another file."""
    (tmp_path / "items.json").write_text(json.dumps(ITEM))
    path = tmp_path / "api.yaml"
    path.write_text(YAML)
    return path


def test_files_are_read_and_refer_to_each_other(api):
    """The other file, or its folder, is a resource; its schemas are those of the same version."""
    for resource in (api.parent / "items.json", api.parent):
        created = Contract.from_openapi(api, operation="createOrder", status=201, resources=[resource])
        assert {generate(created, index=index)["item"] for index in range(20)} == {"tea", None}
        assert not created.is_valid({"id": 1, "item": "cake"})
    with pytest.raises(UnsupportedSchemaError, match="items.json#/Item' is not in the given documents"):
        Contract.from_openapi(api, "Order")


def test_from_file_recognises_an_openapi_document(api):
    """The pointer to a body gives the direction, a wrong one the closest component."""
    resources = [api.parent / "items.json"]
    assert generate(Contract.from_file(api, pointer="/components/schemas/Order", resources=resources)).keys() == {
        "id",
        "item",
    }
    body = "/content/application~1json/schema"
    request = Contract.from_file(api, pointer=f"/paths/~1orders/post/requestBody{body}", resources=resources)
    answer = Contract.from_file(api, pointer=f"/paths/~1orders/post/responses/201{body}", resources=resources)
    assert [generate(request).keys(), generate(answer).keys()] == [{"item"}, {"id", "item"}]
    with pytest.raises(SchemaNotFoundError, match="did you mean '.*api.yaml#/components/schemas/Order'"):
        Contract.from_file(api, pointer="/components/schemas/Ordr")
    for pointer in ("", "/info", "/components", "/components/schemas", "/paths", "/paths/~1orders/post/requestBody"):
        with pytest.raises(
            InvalidDocumentError, match="not a schema.*; name a schema, as .*#/components/schemas/Order"
        ):
            Contract.from_file(api, pointer=pointer)


def test_a_file_with_its_own_dialect_keeps_it(tmp_path):
    """A JSON Schema of another draft that an OpenAPI document refers to is read by its own draft."""
    item = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"pair": {"items": [{"const": 1}], "additionalItems": False, "type": "array"}},
    }
    (tmp_path / "item.json").write_text(json.dumps(item))
    path = tmp_path / "api.json"
    path.write_text(json.dumps({**DOCUMENT, "components": {"schemas": {"A": {"$ref": "item.json#/definitions/pair"}}}}))
    contract = Contract.from_openapi(path, "A", resources=[tmp_path / "item.json"])
    assert [contract.is_valid(value) for value in ([1], [2], [1, 1])] == [True, False, False]


def test_a_dialect_of_the_user_reads_the_document_as_json_schema(tmp_path):
    """Without the meaning that OpenAPI adds."""
    path = tmp_path / "api.json"
    path.write_text(json.dumps({**DOCUMENT, "openapi": "3.0.3"}))
    contract = Contract.from_file(path, pointer="/components/schemas/Item", dialect="draft 7")
    assert contract.document.dialect.name == "draft 7"


def test_a_file_is_parsed_once(api, monkeypatch):
    """The cost of a further contract does not depend on the size of the document; a changed file is read again."""
    read = []
    monkeypatch.setattr(
        files, "read_document", lambda path, known=files.read_document: read.append(path) or known(path)
    )
    for _ in range(3):
        Contract.from_openapi(api, operation="createOrder", resources=[api.parent / "items.json"])
    assert [str(path) for path in read].count(str(api)) == 1
    api.write_text(YAML.replace("[id, item]", "[item]"))
    assert Contract.from_openapi(api, "Order", resources=[api.parent / "items.json"]).schema["required"] == ["item"]
