"""Schema documents from files: JSON or YAML by the ending of the name, and folders of them."""

from __future__ import annotations

import codecs
import datetime as dt
import functools
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import jiter
import orjson

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.engine.schema.dialects import Dialect
from chime_fixtures.engine.schema.documents import DEFAULT_URI, SchemaDocument, default_dialect, document_uri
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.schema.resources import Resources
from chime_fixtures.engine.sources.openapi import OpenAPIDocument, is_openapi

MAX_FILE_BYTES = 256 * 2**20
"""The largest file that is read: about four times the largest published OpenAPI document."""

_DUPLICATE = re.compile(r'Detected duplicate key (?P<name>".*") at line (?P<line>[0-9]+) column [0-9]+\Z', re.DOTALL)

YAML_ENDINGS = (".yaml", ".yml")
ENDINGS = (".json", *YAML_ENDINGS)
"""The endings of the names of the files in a folder that are read."""

# UTF-32 first: its mark in little-endian order begins with that of UTF-16.
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def read_document(path: str | PathLike[str]) -> Any:
    """One document from a file: YAML if its name ends in .yaml or .yml, else JSON.

    The text is UTF-8, or what its byte order mark says.

    Raises:
        InvalidDocumentError: the file can't be read, or is not JSON or YAML.
    """
    if str(path).lower().endswith(YAML_ENDINGS):
        from chime_fixtures.engine.sources.yaml import parse_yaml

        return parse_yaml(_read_text(path), str(path))
    return read_json(path)


def read_json(path: str | PathLike[str]) -> Any:
    """One JSON document from a file, whatever its name.

    Raises:
        InvalidDocumentError: the file can't be read, or is not JSON, or an object in it has a duplicate member.
    """
    text = _read_text(path)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        hint = "" if str(path).lower().endswith(".json") else "; the name of a YAML file must end in .yaml or .yml"
        raise InvalidDocumentError(str(path), f"is not valid JSON: {error}{hint}") from error
    _require_distinct_members(text, path)
    return document


def _require_distinct_members(text: str, path: str | PathLike[str]) -> None:
    """Raise if an object has a duplicate member, of which a parser would keep one."""
    try:
        jiter.from_json(text.encode(), catch_duplicate_keys=True)
    except ValueError as error:
        # Other errors are limits of jiter.
        found = _DUPLICATE.match(str(error))
        if found is not None:
            reason = f"line {found['line']}: duplicate member {found['name']}; remove one"
            raise InvalidDocumentError(str(path), reason) from error


def read_documents(
    path: str | PathLike[str],
    *,
    pointer: str = "",
    resources: Iterable[str | PathLike[str]] = (),
    options: SchemaOptions | None = None,
) -> SchemaDocument:
    """The schema at a pointer of a file, with the further files that its references may reach.

    An OpenAPI document is read as one, unless the options name a dialect.

    Args:
        path: the file; the pointer may follow it, as ``api.yaml#/components/schemas/Order``.
        pointer: the location of the schema in it.
        resources: further files, and folders.
        options: the options for reading them.

    Raises:
        InvalidDocumentError: a file can't be read, or is not JSON or YAML; a folder has no such file; or different
            files have the same `$id`, in folders only if a reference reaches it; or the pointer leads to no schema of
            an OpenAPI document.
        SchemaNotFoundError: the document has nothing at the pointer.
    """
    options = options or SchemaOptions()
    if not pointer:
        path, pointer = split_fragment(path)
    uri, by_uri = read_all(path, resources=resources, options=options)
    if options.dialect is None and is_openapi(by_uri[uri]):
        return OpenAPIDocument(by_uri, uri, str(path)).at(pointer, options)
    return SchemaDocument(by_uri.pop(uri), pointer=pointer, others=by_uri, uri=uri, options=options)


def read_all(
    path: str | PathLike[str],
    *,
    resources: Iterable[str | PathLike[str]],
    options: SchemaOptions,
    read: Callable[[str | PathLike[str]], Any] = read_document,
) -> tuple[str, dict[str, Any]]:
    """The URI of the document in a file, and by URI that document and further ones that its references may reach.

    A reference reaches a file by its ``$id``, or by its path relative to the first file. Of a folder, the files that
    references reach are read, and the others are ignored, whatever they contain.

    Args:
        path: the file.
        resources: further files, and folders, whose files that end in .json, .yaml or .yml are found recursively;
            those in hidden folders are not.
        options: the options for reading them.
        read: reads the first file.

    Raises:
        InvalidDocumentError: a file can't be read, or is not JSON or YAML; a folder has no such file; or different
            files have the same `$id`, in folders only if a reference reaches it.
    """
    first = read(path)
    location = _uri_of(path)
    uri = document_uri(first, location)
    by_uri = {uri: first}
    in_folders: list[Path] = []
    for resource in resources:
        if Path(resource).is_dir():
            in_folders += _files_below(Path(resource))
        elif _uri_of(resource) != location:
            _add_file(by_uri, resource)
    if uri != location and (len(by_uri) > 1 or in_folders):
        by_uri[location] = first
    if in_folders:
        dialect = default_dialect(first, options)[0]
        by_uri |= _reached(Resources(by_uri, dialect), in_folders, dialect)
    return uri, by_uri


def read_openapi(
    document: str | PathLike[str] | Mapping[str, Any],
    *,
    resources: Iterable[str | PathLike[str]],
    options: SchemaOptions,
) -> OpenAPIDocument:
    """An OpenAPI document: a file, which is parsed again only after it has changed, or the document itself.

    Raises:
        InvalidDocumentError: a file can't be read, or is not an OpenAPI document of a supported version.
    """
    if isinstance(document, Mapping):
        uri, source = DEFAULT_URI, None
        by_uri = {uri: _as_json(document)}
        for resource in resources:
            _add_file(by_uri, resource)
    else:
        source = str(document)
        uri, by_uri = read_all(document, resources=resources, options=options, read=_read_unless_known)
    if not is_openapi(by_uri[uri]):
        raise InvalidDocumentError(source or "the document", "is not an OpenAPI document: it has no member openapi")
    return OpenAPIDocument(by_uri, uri, source)


def _as_json(document: Mapping[str, Any]) -> Any:
    """A document as its JSON text has it: names that are numbers, and dates, which YAML libraries make, are text."""
    try:
        return json.loads(json.dumps(document, default=_iso, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidDocumentError("the document", f"is not JSON: {error}") from error


def _iso(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a type of JSON")


def _read_unless_known(path: str | PathLike[str]) -> Any:
    try:
        stat = Path(path).stat()
    except OSError:
        return read_document(path)
    return _read_version(str(path), stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=4)
def _read_version(path: str, modified: int, size: int) -> Any:
    """The document in a file, which is not changed: each contract has a copy of its schemas."""
    return read_document(path)


def split_fragment(path: str | PathLike[str]) -> tuple[str, str]:
    """The path of a file, and the JSON Pointer that follows it after ``#``, unless the name of a file contains it."""
    text = os.fspath(path)
    parts = text.split("#")
    prefixes = ["#".join(parts[:count]) for count in range(len(parts), 0, -1)]
    name = next((prefix for prefix in prefixes if os.path.isfile(prefix)), parts[0])  # noqa: PTH113  # NUL is allowed
    return name, text[len(name) + 1 :]


def _by_uri(document: Any, path: str | PathLike[str]) -> dict[str, Any]:
    """A document by its `$id` and by the URI of its file, since an author may refer to either.

    The `$id` is first: references in the document are relative to it.
    """
    location = _uri_of(path)
    return {document_uri(document, location): document, location: document}


def _add_file(by_uri: dict[str, Any], path: str | PathLike[str]) -> None:
    """Add the document in a file; another one may have its `$id` only if it is a copy."""
    for uri, document in _by_uri(read_document(path), path).items():
        if by_uri.setdefault(uri, document) != document:
            raise InvalidDocumentError(str(path), f"has the $id {uri} of another document; pass one of them")


def _uri_of(path: str | PathLike[str]) -> str:
    return Path(os.path.abspath(path)).as_uri()  # noqa: PTH100  # `..` is removed, as from a reference, and links stay


def _files_below(folder: Path) -> list[Path]:
    """The JSON and YAML files below a folder, sorted, without those in hidden folders."""
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in names if name.lower().endswith(ENDINGS)]
    if not found:
        raise InvalidDocumentError(str(folder), f"is a folder without a file that ends in {', '.join(ENDINGS)}")
    return sorted(found)


def _reached(resources: Resources, paths: Iterable[Path], dialect: Dialect) -> dict[str, Any]:
    """The documents of folders that references reach, also by way of each other, by URI."""
    candidates: dict[str, list[_Candidate]] = {}
    for candidate in (_Candidate(path, dialect) for path in paths):
        for uri in candidate.uris:
            candidates.setdefault(uri, []).append(candidate)
    found: dict[str, Any] = {}
    while new := sorted(uri for uri in resources.references if uri in candidates and uri not in resources.roots):
        for uri in new:
            chosen, *rest = candidates[uri]
            for other in rest:
                if other.document() != chosen.document():
                    reason = f"has the $id {uri} of another file, {other.path}; pass one of them as a resource"
                    raise InvalidDocumentError(str(chosen.path), reason)
            for each, document in _by_uri(chosen.document(), chosen.path).items():
                if each not in resources.roots:
                    found[each] = document
                    resources.add(each, document)
    return found


class _Candidate:
    """A file of a folder, which is a document of the contract if a reference reaches it.

    Attributes:
        path: the file.
        uris: the URIs by which references reach it: its own, and each `$id` in it.
    """

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self.path = path
        self._document: Any = None
        self._error: InvalidDocumentError | None = None
        location = _uri_of(path)
        self.uris = {location}
        try:
            self._document = read_document(path)
        except InvalidDocumentError as error:
            self._error = error
        else:
            self.uris.update(Resources(_by_uri(self._document, path), dialect).roots)

    def document(self) -> Any:
        """The document; if it can't be read, its error is raised."""
        if self._error is not None:
            raise self._error
        return self._document


def _read_text(path: str | PathLike[str]) -> str:
    """The text of a file, without its byte order mark."""
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InvalidDocumentError(str(path), f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise InvalidDocumentError(str(path), f"cannot be read: {error}") from error
    if len(raw) > MAX_FILE_BYTES:
        raise InvalidDocumentError(str(path), f"has more than {MAX_FILE_BYTES} bytes; split it into several files")
    mark = next((mark for mark in _BYTE_ORDER_MARKS if raw.startswith(mark)), b"")
    encoding = _BYTE_ORDER_MARKS.get(mark, "utf-8")
    try:
        text = raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"is not {encoding.upper()} at byte {error.start + len(mark)}; save it as UTF-8"
        raise InvalidDocumentError(str(path), reason) from error
    if "\0" in text[:2]:
        raise InvalidDocumentError(str(path), "is UTF-16 or UTF-32 without a byte order mark; save it as UTF-8")
    return text
