"""Two OpenAPI documents, or two AWS models, are compared operation by operation, each message in its own direction."""

import copy

import pytest

from chime_fixtures.engine.diff import diff
from chime_fixtures.engine.errors import InvalidOptionError

ORDER = {
    "type": "object",
    "required": ["item"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "item": {"type": "string", "maxLength": 8},
        "notes": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}},
    },
}
REFERENCE = {"$ref": "#/components/schemas/Order"}


def body(schema, media_type="application/json"):
    return {"content": {media_type: {"schema": schema}}}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "orders", "version": "1"},
    "paths": {
        "/orders": {
            "parameters": [{"name": "trace", "in": "header", "schema": {"type": "string"}}],
            "get": {
                "operationId": "listOrders",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
                "responses": {"200": {"description": "", **body({"type": "array", "items": REFERENCE})}},
            },
            "post": {
                "operationId": "createOrder",
                "requestBody": body(REFERENCE),
                "responses": {"201": {"description": "", **body(REFERENCE)}},
            },
        },
        "/orders/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"responses": {"200": {"description": "", **body(REFERENCE)}}},
            "delete": {"operationId": "deleteOrder", "responses": {"204": {"description": ""}}},
        },
    },
    "components": {"schemas": {"Order": ORDER, "Note": {"type": "string"}}},
}
LIST, CREATE = DOCUMENT["paths"]["/orders"]["get"], DOCUMENT["paths"]["/orders"]["post"]


def changes(change, **options):
    """The breaking and unproved changes after a change of a copy of the document."""
    new = copy.deepcopy(DOCUMENT)
    change(new)
    found = diff(DOCUMENT, new, **options)
    return [
        (each.verdict, each.direction, each.summary.partition(" [")[0])
        for each in found
        if each.verdict != "compatible"
    ]


def at(*path):
    """A function that returns a part of a document."""

    def part(document):
        for name in path:
            document = document[name]
        return document

    return part


ORDERS, ONE = at("paths", "/orders"), at("paths", "/orders/{id}")
CASES = {
    "an operation is removed": (
        lambda document: ONE(document).pop("delete"),
        [("breaking", "request", "deleteOrder: the operation was removed")],
    ),
    "an operation is added": (lambda document: ONE(document).update(put={"responses": {}}), []),
    "a parameter is added": (
        lambda document: ORDERS(document)["get"]["parameters"].append({"name": "page", "in": "query", "schema": {}}),
        [],
    ),
    "a required parameter is added": (
        lambda document: ORDERS(document)["get"]["parameters"].append({"name": "page", "in": "query", "required": True}),
        [("breaking", "request", "listOrders parameter query page: a required parameter was added")],
    ),
    "a parameter becomes required": (
        lambda document: ORDERS(document)["parameters"][0].update(required=True),
        [
            ("breaking", "request", "listOrders parameter header trace: the parameter became required"),
            ("breaking", "request", "createOrder parameter header trace: the parameter became required"),
        ],
    ),
    "a parameter is removed": (
        lambda document: ORDERS(document)["get"]["parameters"].clear(),
        [
            (
                *("not proved", "request"),
                "listOrders parameter query limit: the parameter was removed; the service may reject or ignore it",
            )
        ],
    ),
    "a parameter is narrower": (
        lambda document: ORDERS(document)["get"]["parameters"][0]["schema"].update(maximum=50),
        [("breaking", "request", "listOrders parameter query limit: (root): 51 is greater than the maximum of 50")],
    ),
    "a parameter of the path has another name": (
        lambda document: document["paths"].update(
            {"/orders/{order}": {**ONE(document), "parameters": [{**ONE(document)["parameters"][0], "name": "order"}]}}
        )
        or document["paths"].pop("/orders/{id}"),
        [],
    ),
    "the body becomes required": (
        lambda document: ORDERS(document)["post"]["requestBody"].update(required=True),
        [("breaking", "request", "createOrder request: the body became required")],
    ),
    "another media type": (
        lambda document: ORDERS(document)["post"].update(requestBody=body(REFERENCE, "application/xml")),
        [("breaking", "request", "createOrder request: the media type application/json was removed")],
    ),
    "a status is added": (
        lambda document: ORDERS(document)["post"]["responses"].update({"202": {"description": ""}}),
        [("breaking", "response", "createOrder 202 response: the status was added")],
    ),
    "a status is removed": (lambda document: ONE(document)["delete"]["responses"].clear(), []),
    "the body of a response is removed": (
        lambda document: ORDERS(document)["post"]["responses"]["201"].pop("content"),
        [("breaking", "response", "createOrder 201 response: the body was removed")],
    ),
    "a property is wider": (
        lambda document: at("components", "schemas", "Order", "properties", "item")(document).pop("maxLength"),
        [
            ("breaking", "response", f'{name} response: {place}/item: "aaaaaaaaa" (9 characters) is longer than the maximum of 8')
            for name, place in (("listOrders 200", "/0"), ("createOrder 201", ""), ("GET /orders/{id} 200", ""))
        ],
    ),
    "a property is added": (
        lambda document: at("components", "schemas", "Order", "properties")(document).update(size={"type": "integer"}),
        [],
    ),
    "a read-only property becomes required": (
        lambda document: at("components", "schemas", "Order")(document).update(required=["item", "id"]),
        [],
    ),
    "a required property is added": (
        lambda document: at("components", "schemas", "Order")(document).update(required=["item", "notes"]),
        [("breaking", "request", 'createOrder request: (root): "notes" is required')],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES)
def test_one_change(change, expected):
    """Each change has one line for each message that it breaks."""
    assert changes(change) == expected


def test_a_direction():
    """Only messages of that direction are compared."""
    change, expected = CASES["a property is wider"]
    assert (changes(change, direction="request"), changes(change, direction="response")) == ([], expected)


def test_a_range_of_statuses():
    """A new status is compared with the range, or the default, of the old document."""
    old, new = copy.deepcopy(DOCUMENT), copy.deepcopy(DOCUMENT)
    ORDERS(old)["post"]["responses"] = {"2XX": {"description": "", **body({"type": "string"})}}
    ORDERS(new)["post"]["responses"] = {"200": {"description": "", **body({"type": "integer"})}}
    assert [each.summary for each in diff(old, new).breaking] == [
        'createOrder 200 response: (root): 0 is not of type "string" [type]'
    ]


def test_equal_messages_are_not_read(monkeypatch):
    """Equal schemas are skipped as they are written, also if their descriptions differ."""
    monkeypatch.setattr("chime_fixtures.engine.diff.service_comparison.Side", None)
    new = copy.deepcopy(DOCUMENT)
    new["components"]["schemas"]["Order"]["description"] = "An order."
    assert diff(DOCUMENT, new).changes == ()


def test_a_service_and_a_schema():
    """A document with operations is not compared with a schema."""
    with pytest.raises(InvalidOptionError, match="only the old contract describes operations; name a schema in it"):
        diff(DOCUMENT, {"type": "string"})


def test_an_unsupported_message():
    """A message that can't be read is not proved, with the first reason; the others are compared."""
    new = copy.deepcopy(DOCUMENT)
    broken = {"$ref": "other.json", "items": {"pattern": "("}}
    ORDERS(new)["post"]["requestBody"] = body(broken)
    (change,) = diff(DOCUMENT, new, direction="request").changes
    assert change.verdict == "not proved"
    assert change.summary.startswith("createOrder request: unsupported schema: ")
    assert change.summary.endswith("; and 1 more")


def test_an_aws_model_and_an_openapi_document():
    """Their messages have different parts, so that they are not compared as wholes."""
    with pytest.raises(InvalidOptionError, match="an AWS model has no parameters and statuses as OpenAPI has"):
        diff(DOCUMENT, AWS)


AWS = {
    "metadata": {"protocol": "rest-json", "serviceId": "Orders"},
    "operations": {
        "Create": {
            "http": {"method": "POST", "requestUri": "/orders"},
            "input": {"shape": "Request"},
            "output": {"shape": "Response"},
            "errors": [{"shape": "Conflict"}],
        }
    },
    "shapes": {
        "Request": {"type": "structure", "members": {"Name": {"shape": "Name"}}},
        "Response": {"type": "structure", "members": {"Name": {"shape": "Name"}}},
        "Name": {"type": "string", "max": 8},
        "Conflict": {"type": "structure", "members": {}},
    },
}
AWS_CASES = {
    "an optional member is added": (
        lambda model: model["shapes"]["Request"]["members"].update(Size={"shape": "Name"}),
        [],
    ),
    "a required member is added": (
        lambda model: model["shapes"]["Request"].update(
            required=["Size"], members={"Name": {"shape": "Name"}, "Size": {"shape": "Name"}}
        ),
        ['Create request: (root): "Size" is required [required]'],
    ),
    "a member of a request is removed": (
        lambda model: model["shapes"]["Request"]["members"].clear(),
        ['Create request: (root): {"Name": ""} has a property that is not allowed: "Name" [additionalProperties]'],
    ),
    "a member of a response is removed": (lambda model: model["shapes"]["Response"]["members"].clear(), []),
    "an error is added": (lambda model: model["operations"]["Create"]["errors"].append({"shape": "Gone"}), []),
    "another path": (
        lambda model: model["operations"]["Create"]["http"].update(requestUri="/order"),
        ["Create: POST /orders became POST /order"],
    ),
}


@pytest.mark.parametrize(("change", "expected"), AWS_CASES.values(), ids=AWS_CASES)
def test_an_aws_model(change, expected):
    """A client sends the members of its model alone, and ignores other ones in responses, and unknown errors."""
    new = copy.deepcopy(AWS)
    change(new)
    assert [each.summary for each in diff(AWS, new).breaking] == expected
