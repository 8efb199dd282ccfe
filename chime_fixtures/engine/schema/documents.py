"""A closed set of documents: what was handed over can be referred to, and nothing else is ever read or fetched."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import jsonschema_rs
import orjson
from jsonschema_specifications import REGISTRY
from referencing import Registry
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT202012, SchemaRegistry

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import InvalidDocumentError, SchemaNotFoundError
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.schema.resources import Resources, joined

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOWHERE = "https://schema.invalid/"
"""What a schema is called that has no name of its own, and what a relative one is relative to."""

_DRAFT = DIALECT.removesuffix("schema")
_METASCHEMAS = {uri: REGISTRY[uri].contents for uri in REGISTRY if uri.startswith(_DRAFT)}


class DocumentSet:
    """Schemas by URI, with all that is the same for every contract that begins in one of them.

    Attributes:
        by_uri: every document that a reference may reach; the metaschemas of draft 2020-12 are among them when one of
            the others speaks of them.
        options: what the author says about formats and annotations.
        resources: where each schema of them stands.
    """

    def __init__(self, by_uri: Mapping[str, Any], options: SchemaOptions) -> None:
        self.by_uri = dict(by_uri)
        self.options = options
        self.resources = Resources(by_uri)
        if any(reference.startswith(_DRAFT) for reference in self.resources.references):
            for uri, document in _METASCHEMAS.items():
                if self.by_uri.setdefault(uri, document) is document:
                    self.resources.add(uri, document)

    @functools.cached_property
    def registry(self) -> SchemaRegistry:
        """The documents for `referencing`; whatever else is asked for is refused."""
        closed: SchemaRegistry = Registry(retrieve=_refuse)  # type: ignore[call-arg]  # attrs renames the field
        return closed.with_resources(
            [(uri, DRAFT202012.create_resource(document)) for uri, document in self.by_uri.items()]
        )

    @functools.cached_property
    def rs_registry(self) -> jsonschema_rs.Registry:
        """The documents for the judge."""
        return jsonschema_rs.Registry(list(self.by_uri.items()))


class SchemaDocument:
    """A library, and the place in it where a contract begins.

    Args:
        first: the document in which it begins.
        pointer: where in it.
        others: further documents by URI.
        uri: the URI of the first document, where it does not name itself.
        options: what the author says about formats and annotations.

    Attributes:
        document_set: every document that a reference may reach.
        uri: the URI of the first document.
        pointer: where in it the contract begins.
        schema: what stands there.

    Raises:
        SchemaNotFoundError: nothing stands at the pointer.
    """

    def __init__(
        self,
        first: Any,
        *,
        pointer: str = "",
        others: Mapping[str, Any] | None = None,
        uri: str | None = None,
        options: SchemaOptions | None = None,
    ) -> None:
        self.uri = uri or _uri(first, _NOWHERE)
        documents = {self.uri: first, **(others or {})}
        self._is_alone = len(documents) == 1
        self.document_set = DocumentSet(documents, options or SchemaOptions())
        self.pointer = pointer
        self.schema = _resolved(first, self.uri, pointer)

    def __reduce__(self) -> tuple[Any, ...]:
        """For a pickle: what was handed over; the rest is worked out again, as it knows schemas by their identity."""
        others = {
            uri: each for uri, each in self.by_uri.items() if uri != self.uri and each is not _METASCHEMAS.get(uri)
        }
        options = self.options.formats, self.options.annotations
        return _again, (self.by_uri[self.uri], self.pointer, others, self.uri, *options)

    def at(self, pointer: str) -> SchemaDocument:
        """The same library with another place of the same document.

        Raises:
            SchemaNotFoundError: nothing stands at the pointer.
        """
        found = copy.copy(self)
        found.pointer = pointer
        found.schema = _resolved(self.by_uri[self.uri], self.uri, pointer)
        return found

    @property
    def by_uri(self) -> Mapping[str, Any]:
        """Every document that a reference may reach."""
        return self.document_set.by_uri

    @property
    def options(self) -> SchemaOptions:
        """What the author says about formats and annotations."""
        return self.document_set.options

    @property
    def is_plain(self) -> bool:
        """Whether the first document, by itself and whole, is the contract."""
        return not self.pointer and self._is_alone

    @property
    def entry_schema(self) -> Any:
        """A schema that stands for the contract when the documents are in a registry."""
        return self.schema if self.is_plain else self.entry_at(self.uri, self.pointer)

    @staticmethod
    def entry_at(uri: str, pointer: str) -> dict[str, str]:
        """A schema that stands for any place of the documents."""
        return {"$schema": DIALECT, "$ref": f"{uri}#{quote(pointer, safe='/~$')}"}


def _again(
    first: Any, pointer: str, others: dict[str, Any], uri: str, formats: dict[str, str | None], words: frozenset[str]
) -> SchemaDocument:
    options = SchemaOptions(formats=formats, annotations=words)
    return SchemaDocument(first, pointer=pointer, others=others, uri=uri, options=options)


def _resolved(document: Any, uri: str, pointer: str) -> Any:
    try:
        return json_pointer.resolve(document, pointer)
    except (LookupError, ValueError) as error:
        raise SchemaNotFoundError(f"{uri}#{pointer}") from error


def _refuse(uri: str) -> NoReturn:
    raise NoSuchResource(ref=uri)  # type: ignore[call-arg]  # attrs makes the parameter


def _uri(document: Any, base: str) -> str:
    """What a document calls itself, as seen from where it was found; else that place."""
    identifier = document.get("$id") if isinstance(document, dict) else None
    return joined(base, identifier) if isinstance(identifier, str) else base


def read_schema(path: str | Path) -> Any:
    """One JSON document from a file that the caller named.

    Raises:
        InvalidDocumentError: it can't be read, or it is no JSON.
    """
    try:
        return orjson.loads(Path(path).read_bytes())
    except OSError as error:
        raise InvalidDocumentError(str(path), f"cannot be read: {error.strerror or error}") from error
    except orjson.JSONDecodeError as error:
        raise InvalidDocumentError(str(path), f"is no JSON: {error}") from error


def read_documents(
    path: str | Path,
    *,
    pointer: str = "",
    resources: Iterable[str | Path] = (),
    options: SchemaOptions | None = None,
) -> SchemaDocument:
    """The document in a file, with the further files that its references may reach.

    A reference finds a file by its ``$id``, else by its place relative to the first one.

    Raises:
        InvalidDocumentError: a file can't be read, or holds no JSON.
        SchemaNotFoundError: nothing stands at the pointer.
    """
    first = read_schema(path)
    uri = _uri(first, Path(path).absolute().as_uri())
    others: dict[str, Any] = {}
    for resource in resources:
        document = read_schema(resource)
        # Known by both names, since an author may refer to either.
        place = Path(resource).absolute().as_uri()
        others[place] = others[_uri(document, place)] = document
    return SchemaDocument(first, pointer=pointer, others=others, uri=uri, options=options)
