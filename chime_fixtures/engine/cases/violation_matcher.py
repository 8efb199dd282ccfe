"""The violations and constraints of a contract that an invalid instance realises, by the errors of jsonschema-rs.

A constraint at a location is identified by its evaluation path: the keywords, names and indices that lead from the
schema to the keyword, through references. The items of an array, and the properties that no schema lists, have the
same path. A level of a recursive schema that has no violations of its own has those of the outermost level.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from chime_fixtures.engine.cases.signatures import Signature, signature
from chime_fixtures.engine.cases.violations import CatalogueEntry
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.normal_form.targets import ViolationTarget
from chime_fixtures.engine.schema.dialects import KeywordFacts
from chime_fixtures.engine.schema.error_locations import FALSE, Failure
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.violation import Constraint, Violation

Path = tuple[str, ...]
"""An evaluation path, without the empty names that jsonschema-rs leaves out."""

MAX_KNOWN_PATHS = 4096
"""Evaluation paths into recursive schemas that are remembered."""


class ConstraintPaths:
    """The constraints of a schema by evaluation path.

    Args:
        form: the normal form of the schema.
    """

    def __init__(self, form: NormalForm) -> None:
        self._root = form.root_requirement
        constraints = {(each.path, each.schema_pointer): each for each in form.constraints}
        self._constraints: dict[Path, Constraint] = {}
        self._facts: dict[Path, KeywordFacts | None] = {}
        self._by_keyword: dict[tuple[str, str], list[Path]] = {}
        for target in form.violation_targets:
            path = _path_to(target)
            if path not in self._constraints:
                self._constraints[path] = constraints[target.path, target.schema_pointer]
                self._facts[path] = target.facts
                steps = target.evaluation_path.steps
                uri = steps[-1].schema.uri if steps else self._root.schema.uri
                self._by_keyword.setdefault((uri, target.schema_pointer), []).append(path)
        for paths in self._by_keyword.values():
            paths.sort(key=len)
        self._known: dict[Path, Path | None] = {path: path for path in self._constraints}
        self._capacity = len(self._known) + MAX_KNOWN_PATHS

    def path(self, failure: Failure) -> Path | None:
        """The path of a constraint that failed, at the outermost level of a recursive schema if it is a deeper one."""
        path = failure.evaluation_path
        try:
            return self._known[path]
        except KeyError:
            known = self._outermost(failure)
            if len(self._known) < self._capacity:
                self._known[path] = known
            return known

    def facts(self, path: Path) -> KeywordFacts | None:
        """The facts of the keyword; None for a `false` schema."""
        return self._facts[path]

    def constraints(self, failures: Iterable[Failure]) -> tuple[Constraint, ...]:
        """The constraints that failed, each once."""
        paths = map(self.path, failures)
        return tuple(dict.fromkeys(self._constraints[path] for path in paths if path is not None))

    def _outermost(self, failure: Failure) -> Path | None:
        paths = self._by_keyword.get((failure.uri, failure.schema_pointer), ())
        schemas = _schemas_along(self._root, failure.evaluation_path)
        return next((known for known in paths if _is_without_cycle(known, failure.evaluation_path, schemas)), None)


def _path_to(target: ViolationTarget) -> Path:
    tokens: list[str] = []
    for step in target.evaluation_path.steps:
        tokens += [step.keyword] if step.subkey is None else [step.keyword, str(step.subkey)]
    keyword = target.evaluation_path.keyword
    tokens += [] if keyword is None or keyword == FALSE else [keyword]
    return tuple(token for token in tokens if token != "")


def _schemas_along(root: Requirement, path: Path) -> list[Subschema | None]:
    """The schema after each number of tokens; None if they lead to no schema."""
    schemas: list[Subschema | None] = [None] * (len(path) + 1)
    requirement, position = root, 0
    while position < len(path):
        schema = schemas[position] = requirement.schema
        keyword, subkey = path[position], path[position + 1 : position + 2]
        targets = requirement.targets_of(keyword)
        child = targets[0] if targets else schema.children.get(keyword)
        position += 1
        if not isinstance(child, Subschema):
            child = next((each for name, each in schema.subschemas(keyword) if (str(name),) == subkey), None)
            position += 1
        if child is None:
            return schemas
        requirement = requirement.to(child)
    schemas[-1] = requirement.schema
    return schemas


def _is_without_cycle(known: Path, path: Path, schemas: list[Subschema | None]) -> bool:
    """True if a path is a known one with a cycle: tokens that lead from a schema to itself."""
    extra = len(path) - len(known)
    for position in range(len(known) + 1 if extra > 0 else 0):
        if (
            schemas[position] is not None
            and schemas[position] is schemas[position + extra]
            and path[position + extra :] == known[position:]
        ):
            return True
        if known[position : position + 1] != path[position : position + 1]:
            return False
    return False


class _Cases:
    """Violations of one constraint at one location, as positions in the catalogue.

    Attributes:
        exact: the violations by signature.
        general: one for each kind: the first of the kind; if the keyword has no kinds, the one without a variant.
    """

    def __init__(self) -> None:
        self.exact: dict[Signature, list[int]] = {}
        self.general: dict[Hashable, list[int]] = {}

    def add(self, position: int, sign: Signature, label: Violation) -> None:
        self.exact.setdefault(sign, []).append(position)
        # A number makes an id unique; it is not a variant.
        if sign.kind is not None or label.variant is None or label.variant.isdigit():
            self.general.setdefault(sign.kind, [position])

    def of(self, sign: Signature) -> list[int]:
        return self.exact.get(sign) or self.general.get(sign.kind) or []


class ViolationMatcher:
    """The violations that an invalid instance realises.

    Args:
        paths: the constraints of the schema.
        validators: its validators.
        catalogue: its violations.
    """

    def __init__(self, paths: ConstraintPaths, validators: Validators, catalogue: Iterable[CatalogueEntry]) -> None:
        self._paths = paths
        self._validators = validators
        self._ids: list[str] = []
        self._cases: dict[Path, dict[Indices, _Cases]] = {}
        for entry in catalogue:
            self._add(entry)

    def _add(self, entry: CatalogueEntry) -> None:
        violation = entry.shared
        position = len(self._ids)
        self._ids.append(violation.id)
        for failure in self._validators.failures(violation.instance):
            path = self._paths.path(failure)
            if path is not None and failure.schema_pointer == violation.schema_pointer:
                groups = self._cases.setdefault(path, {})
                sign = signature(self._paths.facts(path), failure)
                groups.setdefault(_indices(failure), _Cases()).add(position, sign, violation)

    def ids(self, instance: Any) -> tuple[str, ...]:
        """The ids of the violations that an instance realises, in the order of the catalogue; none if it is valid.

        Raises:
            InvalidDocumentError: the instance is not JSON.
        """
        failures = self._validators.failures(instance)
        positions = {position for failure in failures for position in self._positions(failure)}
        return tuple([self._ids[position] for position in sorted(positions)])

    def _positions(self, failure: Failure) -> Iterator[int]:
        path = self._paths.path(failure)
        groups = None if path is None else self._cases.get(path)
        if path is None or groups is None:
            return
        sign = signature(self._paths.facts(path), failure)
        # A violation of the first item stands for any item, one of the second for any further item.
        indices = _indices(failure)
        for group, cases in groups.items():
            # Of a deep level of a recursive schema the innermost indices count.
            if all(map(operator.le, group, indices[len(indices) - len(group) :])):
                yield from cases.of(sign)


Indices = tuple[int, ...]
"""The indices of a location in an instance, with -1 for each property."""


def _indices(failure: Failure) -> Indices:
    return tuple([token if isinstance(token, int) else -1 for token in failure.location])
