"""The bundled schema documents: in the package if it is installed, beside it in a checkout."""

from __future__ import annotations

import functools
import importlib.resources
from importlib.resources.abc import Traversable
from typing import Any

import orjson

from chime_fixtures.engine.errors import SchemaNotFoundError
from chime_fixtures.engine.schema.options import SchemaOptions

SESSION_DOCUMENT = "proxy_session.schema.json"
SERVICE_DOCUMENT = "chime_sdk_voice.openapi.json"
PACK_DOCUMENT = "pack.schema.json"

OPTIONS = SchemaOptions(spellings=["x-published-pattern"])
"""The options for reading the bundled documents: their patterns are respelled, with the published ones beside them."""


def document_source(file_name: str) -> Traversable:
    """The file of a bundled document.

    Raises:
        SchemaNotFoundError: no bundled document has that name.
    """
    package = importlib.resources.files("chime_fixtures")
    # A wheel has the schemas inside the package; a checkout and an editable install have them beside it.
    for folder in (package / "schemas", package / ".." / "schemas"):
        source = folder / file_name
        if source.is_file():
            return source
    raise SchemaNotFoundError(file_name, (SESSION_DOCUMENT, SERVICE_DOCUMENT, PACK_DOCUMENT))


@functools.cache
def load_document(file_name: str) -> dict[str, Any]:
    """A bundled document, parsed once.

    Raises:
        SchemaNotFoundError: no bundled document has that name.
    """
    document: dict[str, Any] = orjson.loads(document_source(file_name).read_bytes())
    return document
