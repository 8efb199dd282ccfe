"""The shipped documents: found in the package when it is installed, beside it in a checkout."""

from __future__ import annotations

import functools
import importlib.resources
from importlib.resources.abc import Traversable
from typing import Any

import orjson

from chime_fixtures.engine.errors import SchemaNotFoundError

SESSION_DOCUMENT = "proxy_session.schema.json"
SERVICE_DOCUMENT = "chime_sdk_voice.openapi.json"


def document_source(file_name: str) -> Traversable:
    """Where a shipped document stands.

    Raises:
        SchemaNotFoundError: the kit ships no document of that name.
    """
    package = importlib.resources.files("chime_fixtures")
    # A wheel holds the schemas inside the package; a checkout and an editable install have them beside it.
    for folder in (package / "schemas", package / ".." / "schemas"):
        source = folder / file_name
        if source.is_file():
            return source
    raise SchemaNotFoundError(file_name, (SESSION_DOCUMENT, SERVICE_DOCUMENT))


@functools.cache
def load_document(file_name: str) -> dict[str, Any]:
    """One shipped document, parsed once.

    Raises:
        SchemaNotFoundError: the kit ships no document of that name.
    """
    document: dict[str, Any] = orjson.loads(document_source(file_name).read_bytes())
    return document
