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

SUITE = Path(__file__).parent / "suite"
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
    """

    name: str
    file: str
    description: str
    schema: Any = field(hash=False)
    tests: tuple[tuple[Any, bool], ...] = field(hash=False)
    resources: dict[str, Any] = field(hash=False)

    def contract(self) -> Contract:
        """A new contract, with nothing cached from an earlier one."""
        if not self.resources:
            return Contract(self.schema, name=self.name)
        return Contract(SchemaDocument(self.schema, others=self.resources), name=self.name)


@functools.cache
def cases() -> tuple[Case, ...]:
    """All schemas of the suite, in its order."""
    return tuple(_cases())


def _cases() -> Iterator[Case]:
    remotes = dict(_lines("remotes.ndjson"))
    numbers: dict[str, int] = {}
    for group in _lines("groups.ndjson"):
        file = group["file"]
        numbers[file] = number = numbers.get(file, -1) + 1
        refers = _BASE in json.dumps(group["schema"])
        yield Case(
            name=f"{file}:{number}",
            file=file,
            description=group["description"],
            schema=group["schema"],
            tests=tuple((data, valid) for data, valid in group["tests"]),
            resources=remotes if refers else {},
        )


def _lines(name: str) -> Iterator[Any]:
    return map(json.loads, (SUITE / name).read_text(encoding="ascii").splitlines())
