"""A closed set of documents: what was handed over can be referred to, and nothing else is ever read or fetched."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import orjson
from jsonschema_specifications import REGISTRY
from referencing import Registry
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT202012, SchemaRegistry

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract.options import Options
from chime_fixtures.errors import InvalidDocumentError, SchemaNotFoundError

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ANONYMOUS = "urn:chime-fixtures:schema"
_METASCHEMAS = {
    uri: REGISTRY[uri].contents for uri in REGISTRY if uri.startswith("https://json-schema.org/draft/2020-12/")
}


class Documents:
    """Schemas by URI, and the place in one of them where a contract begins.

    Attributes:
        uri: the URI of the first document.
        pointer: where in it the contract begins.
        by_uri: every document that a reference may reach; the metaschemas of draft 2020-12 are among them when one of
            the others speaks of them.
        options: what the author says about formats and annotations.
    """

    def __init__(
        self,
        first: Any,
        *,
        pointer: str = "",
        others: Mapping[str, Any] | None = None,
        uri: str | None = None,
        options: Options | None = None,
    ) -> None:
        self.uri = uri or _identifier(first) or _ANONYMOUS
        self.pointer = pointer
        self.options = options or Options()
        self.by_uri: dict[str, Any] = {self.uri: first, **(others or {})}
        self._is_alone = len(self.by_uri) == 1
        if _speaks_of_metaschemas(self.by_uri.values()):
            self.by_uri |= {uri: document for uri, document in _METASCHEMAS.items() if uri not in self.by_uri}
        try:
            self.schema = json_pointer.resolve(first, pointer)
        except (LookupError, ValueError) as error:
            raise SchemaNotFoundError(f"{self.uri}#{pointer}") from error

    @property
    def is_plain(self) -> bool:
        """Whether the first document, by itself and whole, is the contract."""
        return not self.pointer and self._is_alone

    @property
    def entry(self) -> Any:
        """A schema that stands for the contract when the documents are in a registry."""
        return self.schema if self.is_plain else self.entry_at(self.uri, self.pointer)

    @staticmethod
    def entry_at(uri: str, pointer: str) -> dict[str, str]:
        """A schema that stands for any place of the documents."""
        return {"$schema": DIALECT, "$ref": f"{uri}#{quote(pointer, safe='/~$')}"}

    @functools.cache  # noqa: B019  # few documents live, and as long as their contract
    def registry(self) -> SchemaRegistry:
        """The documents, and the metaschemas, for `referencing`; whatever else is asked for is refused."""
        closed: SchemaRegistry = Registry(retrieve=_refuse)  # type: ignore[call-arg]  # attrs renames the field
        return closed.with_resources(
            [(uri, DRAFT202012.create_resource(document)) for uri, document in self.by_uri.items()]
        )


def _refuse(uri: str) -> NoReturn:
    raise NoSuchResource(ref=uri)  # type: ignore[call-arg]  # attrs makes the parameter


def _identifier(document: Any) -> str | None:
    identifier = document.get("$id") if isinstance(document, dict) else None
    return identifier if isinstance(identifier, str) and ":" in identifier else None


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


def _speaks_of_metaschemas(documents: Iterable[Any]) -> bool:
    """Whether a reference leads to json-schema.org; `$schema` is no reference."""
    stack = list(documents)
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            for keyword in ("$ref", "$dynamicRef"):
                reference = value.get(keyword)
                if isinstance(reference, str) and reference.startswith("https://json-schema.org/draft/2020-12/"):
                    return True
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return False


def read_documents(
    path: str | Path,
    *,
    pointer: str = "",
    resources: Iterable[str | Path] = (),
    options: Options | None = None,
) -> Documents:
    """The document in a file, with the further files that its references may reach.

    A reference finds a file by its ``$id``, else by its place relative to the first one.

    Raises:
        InvalidDocumentError: a file can't be read, or holds no JSON.
        SchemaNotFoundError: nothing stands at the pointer.
    """
    first = read_schema(path)
    uri = _identifier(first) or Path(path).absolute().as_uri()
    others: dict[str, Any] = {}
    for resource in resources:
        document = read_schema(resource)
        # Known by both names, since an author may refer to either.
        others[Path(resource).absolute().as_uri()] = document
        others[_identifier(document) or Path(resource).absolute().as_uri()] = document
    return Documents(first, pointer=pointer, others=others, uri=uri, options=options)
