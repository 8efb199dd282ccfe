"""The formats of a pack: its own, that of the JSON Schema test suite, and that of Bowtie.

Every format is JSON in ASCII: other characters are escaped, so that no editor changes or hides them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.packs.bundling import bundle
from chime_fixtures.packs.cases import Kind, Pack, PackCase
from chime_fixtures.sampling.folder import fingerprint

PACK_VERSION = 1
"""The version of a pack's own format; a change that its readers notice increases it."""

_GENERATOR = "chime-fixtures"


def native(pack: Pack) -> bytes:
    """The document that `schemas/pack.schema.json` describes, with one case on each line."""
    document = pack.contract.document
    head = {
        "pack_version": PACK_VERSION,
        "generator": {"name": _GENERATOR, "version": metadata.version(_GENERATOR)},
        "contract": pack.contract.name,
        "dialect": document.dialect.uri,
        "schema_sha256": schema_digest(document),
    }
    sets: dict[str, list[dict[str, Any]]] = {
        kind: [case.as_dict() for case in cases] for kind, cases in pack.sets.items()
    }
    return f"{_object(head, sets)}\n".encode()


def json_schema_test_suite(pack: Pack) -> bytes:
    """A file of the JSON Schema test suite: groups of tests of one schema, with one test on each line.

    Raises:
        UnsupportedSchemaError: the schema can't be bundled.
    """
    groups = [
        _object({"description": description, "schema": schema}, {"tests": [_test(case, "data") for case in cases]})
        for description, schema, cases in _groups(pack)
    ]
    return "[\n{}\n]\n".format(",\n".join(groups)).encode()


def bowtie(pack: Pack) -> bytes:
    """The standard input of `bowtie run`: a test case on each line, as in the format of the test suite.

    Raises:
        UnsupportedSchemaError: the schema can't be bundled.
    """
    lines = [
        _encode({"description": each, "schema": schema, "tests": [_test(case, "instance") for case in cases]})
        for each, schema, cases in _groups(pack)
    ]
    return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class PackFormat:
    """A format of a pack.

    Attributes:
        encode: returns the content of a file.
        has_contested: True if it can mark the contested cases; a pack of another format is written without them.
    """

    encode: Callable[[Pack], bytes]
    has_contested: bool = False


PACK_FORMATS: Mapping[str, PackFormat] = {
    "native": PackFormat(native, has_contested=True),
    "test-suite": PackFormat(json_schema_test_suite),
    "bowtie": PackFormat(bowtie),
}
"""The formats of a pack by name."""


def schema_digest(document: SchemaDocument) -> str:
    """The SHA-256 of a schema, and of the documents that it may refer to; their locations do not count."""
    if document.is_plain:
        return fingerprint(document.schema)
    first = fingerprint(document.by_uri[document.uri])
    others = sorted(fingerprint(other) for uri, other in document.by_uri.items() if uri != document.uri)
    return fingerprint([document.pointer, first, *others])


def _groups(pack: Pack) -> Iterator[tuple[str, Any, list[PackCase]]]:
    """The description, schema and cases of each group that has cases."""
    for kind, cases in pack.sets.items():
        schema = bundle(pack.contract.document, is_list=kind == "lists")
        groups: dict[str, list[PackCase]] = {}
        for case in cases:
            groups.setdefault(_description(pack.contract.name, kind, case), []).append(case)
        yield from ((description, schema, group) for description, group in groups.items())


def _description(name: str, kind: Kind, case: PackCase) -> str:
    """The group of a case: those that the official suite has among the optional tests are in groups of their own."""
    if case.lossy:
        return f"{name}: {kind} (optional: bignum)"
    if case.keyword == "format" and not case.valid:
        return f"{name}: {kind} (optional: format)"
    return f"{name}: {kind}"


def _test(case: PackCase, member: str) -> dict[str, Any]:
    """A test of the suite or of Bowtie, with the instance in the given member."""
    return {"description": case.id, "comment": case.summary, member: case.instance, "valid": case.valid}


def _object(members: Mapping[str, Any], lists: Mapping[str, list[dict[str, Any]]]) -> str:
    """A JSON object with each member on a line, and each item of the lists."""
    lines = [f"  {_encode(name)}: {_encode(value)}" for name, value in members.items()]
    for name, items in lists.items():
        text = ",\n".join(f"    {_encode(item)}" for item in items)
        lines.append(f"  {_encode(name)}: [\n{text}\n  ]" if items else f"  {_encode(name)}: []")
    return "{{\n{}\n}}".format(",\n".join(lines))


def _encode(value: Any) -> str:
    return json.dumps(value, allow_nan=False)
