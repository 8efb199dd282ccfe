"""Discriminators: properties by whose value, one of a finite set, the subschemas of a `oneOf` exclude each other."""

from __future__ import annotations

import collections
from collections.abc import Callable, Hashable, Iterator, Sequence

from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.requirements import Conjunction
from chime_fixtures.engine.instances import OBJECT

MAX_PATH_LENGTH = 3
"""Property names on the path to a discriminator."""

Path = tuple[str, ...]
Values = frozenset[Hashable]
"""The keys of a finite set of values."""


class Discriminators:
    """The finite sets of values in the subschemas of one `oneOf`, by the path to the property.

    Args:
        variants: the constraints that each subschema has in any case; None if no value satisfies it.
        values_of: returns the finite set of values of a conjunction; None if it is not finite.
        object_of: returns the constraints on the objects of a conjunction; with True None if other types do, too.
    """

    def __init__(
        self,
        variants: Sequence[Clause | None],
        values_of: Callable[[Conjunction], Values | None],
        object_of: Callable[[Conjunction, bool], Clause | None],
    ) -> None:
        self._values_of = values_of
        self._object_of = object_of
        self._possible = [index for index, clause in enumerate(variants) if clause is not None]
        self._by_value: dict[Path, dict[Hashable, list[int]]] = collections.defaultdict(dict)
        self._by_path: dict[Path, set[int]] = collections.defaultdict(set)
        for index, clause in enumerate(variants):
            for path, values in self._finite_values(clause, ()):
                self._by_path[path].add(index)
                for value in values:
                    self._by_value[path].setdefault(value, []).append(index)
        # A property of a few subschemas alone excludes few others.
        self._others = {
            path: frozenset(self._possible) - known
            for path, known in self._by_path.items()
            if 2 * len(known) >= len(self._possible)
        }

    def compatible(self, clause: Clause) -> list[int]:
        """The indexes of the subschemas that no discriminator excludes from a clause."""
        compatible: set[int] | None = None
        for path, others in self._others.items():
            values = self._required_values(clause, path)
            if values is not None:
                by_value = self._by_value[path]
                found = {index for value in values for index in by_value.get(value, ())} | others
                compatible = found if compatible is None else compatible & found
        return self._possible if compatible is None else sorted(compatible)

    def _finite_values(self, clause: Clause | None, path: Path) -> Iterator[tuple[Path, Values]]:
        """The properties with finitely many values, whether they are required or not."""
        if clause is None or clause.json_type != OBJECT:
            return
        for name, requirements in clause.constraints.properties.items():
            values = self._values_of(requirements)
            if values is not None:
                yield (*path, name), values
            elif len(path) + 1 < MAX_PATH_LENGTH and (inner := self._object_of(requirements, False)) is not None:
                yield from self._finite_values(inner, (*path, name))

    def _required_values(self, clause: Clause, path: Path) -> Values | None:
        """The values at a path; None if they are not finite, or if a property on the path may be absent."""
        if clause.json_type != OBJECT:
            return None
        name = path[0]
        requirements = clause.constraints.properties.get(name)
        if requirements is None or name not in clause.constraints.required:
            return None
        if len(path) == 1:
            return self._values_of(requirements)
        inner = self._object_of(requirements, True)
        return None if inner is None else self._required_values(inner, path[1:])
