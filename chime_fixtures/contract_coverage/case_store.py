"""A store of the cases and goals of contracts, in a folder that stays between runs.

To enumerate the edges and hazards of a session takes 0.3 s, and its goals as long again; to read them takes 10 ms.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from chime_fixtures.contract_coverage.goals import Goal, goals_of
from chime_fixtures.engine.cases import Edge, Hazard
from chime_fixtures.engine.contract import Contract

T = TypeVar("T")

MAX_FILES = 64
"""Files that are kept: the latest ones."""

_PACKAGE = Path(__file__).parents[1]
_VALIDATORS = ("jsonschema", "jsonschema-rs")


class CaseStore:
    """The edges, hazards and goals of contracts.

    Args:
        folder: the folder, which is created with the first file; None keeps nothing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def edges(self, contract: Contract) -> tuple[Edge, ...]:
        """The edges of a contract."""
        return self._stored("edges", contract, lambda: contract.edges)

    def hazards(self, contract: Contract) -> tuple[Hazard, ...]:
        """The hazards of a contract."""
        return self._stored("hazards", contract, lambda: contract.hazards)

    def goals(self, contract: Contract, *, is_served: bool, with_hints: bool) -> tuple[Goal, ...]:
        """The goals of a contract; the options are those of `goals_of`."""
        part = f"goals of {'a served' if is_served else 'any'} contract {'with' if with_hints else 'without'} hints"
        return self._stored(part, contract, lambda: goals_of(contract, is_served=is_served, with_hints=with_hints))

    def _stored(self, part: str, contract: Contract, make: Callable[[], T]) -> T:
        if self._folder is None or (package := _package_digest()) is None:
            return make()
        name = hashlib.sha256(f"{part}\0{digest(contract)}\0{package}".encode()).hexdigest()
        path = self._folder / f"{name}.pickle"
        # Whatever is wrong with the file, the value can be made again.
        with contextlib.suppress(Exception):
            value: T = pickle.loads(path.read_bytes())  # noqa: S301  # written by this class
            return value
        value = make()
        with contextlib.suppress(OSError):
            self._write(path, pickle.dumps(value))
        return value

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file at once, since other workers may write it too, and remove the oldest ones."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
        files = sorted(path.parent.glob("*.pickle"), key=lambda each: each.stat().st_mtime, reverse=True)
        for old in files[MAX_FILES:]:
            old.unlink(missing_ok=True)


def digest(contract: Contract) -> str:
    """A digest of everything that the cases of a contract depend on, besides this package."""
    document = contract.document
    options = document.options
    content = [
        contract.name,
        document.uri,
        document.pointer,
        document.by_uri,
        options.formats,
        sorted(options.annotations),
        options.spellings,
        document.dialect.name,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=repr).encode()).hexdigest()


@functools.cache
def _package_digest() -> str | None:
    """A digest of the versions of Python, of the validators and of the files of this package; None if it has none."""
    stamps = sorted(_stamps(_PACKAGE)) if _PACKAGE.is_dir() else []
    if not stamps:
        return None
    versions = [sys.version, *(importlib.metadata.version(name) for name in _VALIDATORS)]
    return hashlib.sha256(repr([versions, stamps]).encode()).hexdigest()


def _stamps(folder: Path | str) -> Iterator[tuple[str, int, int]]:
    """The path, the time of modification and the size of each module and document below a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _stamps(entry.path)
            elif not entry.name.endswith(".pyc"):
                status = entry.stat()
                yield entry.path, status.st_mtime_ns, status.st_size
