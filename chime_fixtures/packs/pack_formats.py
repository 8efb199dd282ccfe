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
    members = [f"  {_encode(name)}: {_encode(value)}" for name, value in head.items()]
    for kind, cases in pack.sets.items():
        lines = ",\n".join(f"    {_encode(case.as_dict())}" for case in cases)
        members.append(f"  {_encode(kind)}: [\n{lines}\n  ]" if cases else f"  {_encode(kind)}: []")
    text = ",\n".join(members)
    return f"{{\n{text}\n}}\n".encode()


def test_suite(pack: Pack) -> bytes:
    """A file of the JSON Schema test suite: groups of tests of one schema.

    Raises:
        UnsupportedSchemaError: the schema can't be bundled.
    """
    groups = [
        {
            "description": description,
            "schema": schema,
            "tests": [
                {"description": case.id, "comment": case.summary, "data": case.instance, "valid": case.valid}
                for case in cases
            ],
        }
        for description, schema, cases in _groups(pack)
    ]
    return f"{json.dumps(groups, indent=1)}\n".encode()


def bowtie(pack: Pack) -> bytes:
    """The standard input of `bowtie run`: a test case on each line, as in the format of the test suite.

    Raises:
        UnsupportedSchemaError: the schema can't be bundled.
    """
    lines = [
        _encode(
            {
                "description": description,
                "schema": schema,
                "tests": [
                    {"description": case.id, "comment": case.summary, "instance": case.instance, "valid": case.valid}
                    for case in cases
                ],
            }
        )
        for description, schema, cases in _groups(pack)
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
    "test-suite": PackFormat(test_suite),
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


def _encode(value: Any) -> str:
    return json.dumps(value, allow_nan=False)
