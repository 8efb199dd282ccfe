"""The cases of the official suite: each schema with its instances and the documents that it may refer to."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaOptions

SUITE = Path(__file__).parent / "suite"
NEWEST_DRAFT = "draft2020-12"
_BASE = "http://localhost:1234/"


@dataclass(frozen=True, slots=True)
class Case:
    """One schema of the suite.

    Attributes:
        name: ``<file>:<number>``, as in ``allOf:3``.
        file: the file of the suite, without the suffix.
        description: the suite's description.
        schema: the schema.
        tests: each instance, and true if it is valid.
        resources: the documents that its references may reach, by URI.
        draft: the draft, as the suite calls it.
    """

    name: str
    file: str
    description: str
    schema: Any = field(hash=False)
    tests: tuple[tuple[Any, bool], ...] = field(hash=False)
    resources: dict[str, Any] = field(hash=False)
    draft: str = NEWEST_DRAFT

    def contract(self) -> Contract:
        """A new contract, with nothing cached from an earlier one."""
        if not self.resources and self.draft == NEWEST_DRAFT:
            return Contract(self.schema, name=self.name)
        has_dialect = isinstance(self.schema, dict) and "$schema" in self.schema
        options = SchemaOptions(dialect="auto" if has_dialect else self.draft)
        return Contract(SchemaDocument(self.schema, others=self.resources, options=options), name=self.name)


@functools.cache
def cases(draft: str = NEWEST_DRAFT) -> tuple[Case, ...]:
    """All schemas of a draft in the suite, in its order."""
    return tuple(_cases(draft))


def _cases(draft: str) -> Iterator[Case]:
    remotes = dict(_lines("remotes.ndjson"))
    numbers: dict[str, int] = {}
    for group in _lines(f"{draft}.ndjson"):
        file = group["file"]
        numbers[file] = number = numbers.get(file, -1) + 1
        yield Case(
            name=f"{file}:{number}",
            file=file,
            description=group["description"],
            schema=group["schema"],
            tests=tuple((data, valid) for data, valid in group["tests"]),
            resources=_reachable(group["schema"], remotes),
            draft=draft,
        )


def _reachable(schema: Any, remotes: dict[str, Any]) -> dict[str, Any]:
    """The documents whose file names are in a schema, or in such a document; the others may be of other drafts."""
    found: dict[str, Any] = {}
    texts = [json.dumps(schema)] if _BASE in json.dumps(schema) else []
    while texts:
        text = texts.pop()
        for uri in remotes.keys() - found.keys():
            if uri.rsplit("/", 1)[1] in text:
                found[uri] = remotes[uri]
                texts.append(json.dumps(remotes[uri]))
    return dict(sorted(found.items()))


def _lines(name: str) -> Iterator[Any]:
    return map(json.loads, (SUITE / name).read_text(encoding="ascii").splitlines())
