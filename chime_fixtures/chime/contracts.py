"""The bundled contracts by name."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from chime_fixtures.chime.documents import OPTIONS, SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import SchemaNotFoundError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.sources.openapi import OpenAPIDocument

_COMPONENTS = "/components/schemas/"
_BODIES = {"request": "Request", "response": "Response"}


@functools.cache
def load_contract(name: str) -> Contract:
    """A bundled contract; the same object each time.

    Args:
        name: ``ProxySession``, ``<Operation>.request``, ``<Operation>.response``, another schema of the service by its
            name, or any schema of the OpenAPI document by its JSON Pointer.

    Raises:
        SchemaNotFoundError: no contract has that name; the message has the nearest name.
    """
    expression = f"load_contract({name!r})"
    session = load_document(SESSION_DOCUMENT)
    if name == session["title"]:
        return Contract(SchemaDocument(session, options=OPTIONS), name=name, expression=expression)
    service = _service()
    schemas: Mapping[str, Any] = service.schema["components"]["schemas"]
    pointer = name
    if not name.startswith("/"):
        operation, _, body = name.rpartition(".")
        component = operation + _BODIES[body] if body in _BODIES else name
        if component not in schemas:
            raise SchemaNotFoundError(name, contract_names())
        pointer = _COMPONENTS + component
    return Contract(service.at(pointer), name=name, expression=expression)


@functools.cache
def _service() -> SchemaDocument:
    """The whole OpenAPI document, and the session schema that it refers to."""
    session = load_document(SESSION_DOCUMENT)
    uri = f"{session['$id'].rpartition('/')[0]}/{SERVICE_DOCUMENT}"
    return SchemaDocument(load_document(SERVICE_DOCUMENT), others={session["$id"]: session}, uri=uri, options=OPTIONS)


def bundled_service() -> tuple[OpenAPIDocument, SchemaOptions]:
    """The bundled OpenAPI document with the session schema that it refers to, and the options for reading both."""
    document = _service()
    return OpenAPIDocument(document.by_uri, document.uri), OPTIONS


def contract_names() -> list[str]:
    """The names of the bundled contracts, each in the spelling that is documented, in alphabetical order."""
    names = {load_document(SESSION_DOCUMENT)["title"]}
    for component in _service().schema["components"]["schemas"]:
        for body, suffix in _BODIES.items():
            if component.endswith(suffix):
                names.add(f"{component.removesuffix(suffix)}.{body}")
                break
        else:
            names.add(component)
    return sorted(names)
