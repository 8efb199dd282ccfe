"""The outside judge of OpenAPI schemas: openapi-schema-validator, by version and direction."""

from openapi_schema_validator import OAS30ReadValidator, OAS30Validator, OAS30WriteValidator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

JUDGES = {
    ("3.0.3", None): OAS30Validator,
    ("3.0.3", "request"): OAS30WriteValidator,
    ("3.0.3", "response"): OAS30ReadValidator,
    ("3.1.0", None): OAS31Validator,
    # It has no validator for a direction.
    ("3.1.0", "request"): OAS31Validator,
    ("3.1.0", "response"): OAS31Validator,
}


def openapi_document(schemas, version="3.0.3", **members):
    """A document with these schemas as components, and an operation that receives and returns `Order`."""
    content = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    operation = {"operationId": "createOrder", "requestBody": content, "responses": {"201": content}}
    return {
        "openapi": version,
        "info": {"title": "Orders", "version": "1"},
        "paths": {"/orders": {"post": operation}},
        "components": {"schemas": schemas},
        **members,
    }


def judge_of(document, direction=None, name="Order"):
    """The validator of a component, as published, with formats."""
    specification = DRAFT4 if document["openapi"].startswith("3.0") else DRAFT202012
    registry = Registry().with_resource("urn:document", specification.create_resource(document))
    judge = JUDGES[document["openapi"], direction]
    entry = {"$ref": f"urn:document#/components/schemas/{name}"}
    return judge(entry, registry=registry, format_checker=judge.FORMAT_CHECKER)
