"""The engine on a case of drafts 4, 6, 7 or 2019-09, judged by the validators of the same draft."""

from __future__ import annotations

import functools
import re
import time
from dataclasses import dataclass, field
from typing import Any

import jsonschema
import jsonschema_rs
from referencing import Registry, Resource
from referencing.jsonschema import specification_with

from chime_fixtures.engine.contract import generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import NoValueFoundError, UnsatisfiableSchemaError, UnsupportedSchemaError
from chime_fixtures.engine.schema.options import dialect_named
from tests.support.conformance.cases import Case
from tests.support.conformance.harness import SUPPORTED, UNSATISFIABLE, UNSUPPORTED

OLDER_DRAFTS = {"draft2019-09": 428, "draft7": 311, "draft6": 275, "draft4": 198}
"""The number of schemas of each draft in the suite."""

Place = tuple[str | int, ...]
"""The location of an instance, a bar, and that of a keyword."""


class OutsideValidators:
    """Both validators of a case, of its draft, with its documents and with formats."""

    def __init__(self, case: Case) -> None:
        dialect = dialect_named(case.draft)
        # jsonschema-rs reads a document without `$schema` by draft 2020-12.
        declaring = [
            (uri, {"$schema": dialect.uri, **document} if isinstance(document, dict) else document)
            for uri, document in case.resources.items()
        ]
        registry = jsonschema_rs.Registry(declaring) if declaring else None
        first = getattr(jsonschema_rs, dialect.validator)
        self.first = first(case.schema, validate_formats=True, offline=True, registry=registry)
        second = getattr(jsonschema, dialect.validator)
        specification = specification_with(dialect.uri)
        documents = [
            (uri, Resource.from_contents(document, default_specification=specification))
            for uri, document in case.resources.items()
        ]
        resources = {"registry": Registry().with_resources(documents)} if documents else {}
        self.second = second(case.schema, format_checker=second.FORMAT_CHECKER, **resources)

    def accept(self, instance: Any) -> bool:
        """True if both accept the instance; one that can't judge it has no vote."""
        try:
            return self.first.is_valid(instance) and self.second.is_valid(instance)
        except (re.error, RecursionError):
            return self.first.is_valid(instance)

    def rejects_at(self, instance: Any) -> set[Place]:
        """The keywords that jsonschema-rs reports; two paths to one keyword count once."""
        return {(*error.instance_path, "|", *error.schema_path) for error in self.first.iter_errors(instance)}

    def second_rejects(self, instance: Any) -> bool | None:
        """True if jsonschema rejects the instance; None if it can't judge it."""
        try:
            return not self.second.is_valid(instance)
        except (re.error, RecursionError):
            return None


@dataclass(slots=True)
class DraftOutcome:
    """The engine's values and violations of a case, and what the validators say of them.

    Attributes:
        case: the case.
        status: supported, unsatisfiable or unsupported, which includes that no value was found.
        reason: the error, if it is not supported.
        values: the number of values and edges.
        rejected_values: those that a validator rejects.
        violations: the number of violations.
        mislabelled: those that jsonschema-rs does not reject by exactly one error, or whose verdict by jsonschema is
            not the one that the label names, with the errors.
        violable: the keywords that an invalid instance of the suite violates alone.
        violated: the keywords that our violations violate.
        seconds: the CPU time of the engine.
    """

    case: Case
    status: str = SUPPORTED
    reason: str = ""
    values: int = 0
    rejected_values: list[Any] = field(default_factory=list)
    violations: int = 0
    mislabelled: list[tuple[str, set[Place]]] = field(default_factory=list)
    violable: set[Place] = field(default_factory=set)
    violated: set[Place] = field(default_factory=set)
    seconds: float = 0

    @property
    def is_wrong(self) -> bool:
        """True if it is said to be unsatisfiable, and the suite has a valid instance."""
        return self.status == UNSATISFIABLE and any(is_valid for _, is_valid in self.case.tests)


@functools.cache
def outcome_by_draft(case: Case, *, values: int = 5) -> DraftOutcome:
    """Make values and violations of a case, and let the validators of its draft judge them."""
    outcome = DraftOutcome(case)
    validators = OutsideValidators(case)
    started = time.process_time()
    try:
        contract = case.contract()
        instances = [generate(contract, seed=1, index=index) for index in range(values)]
        instances += [edge.instance for edge in enumerate_edges(contract)]
        violations = enumerate_violations(contract)
    except (UnsatisfiableSchemaError, UnsupportedSchemaError, NoValueFoundError) as error:
        outcome.status = UNSATISFIABLE if isinstance(error, UnsatisfiableSchemaError) else UNSUPPORTED
        outcome.reason = str(error)
        return outcome
    outcome.seconds = time.process_time() - started
    outcome.values, outcome.violations = len(instances), len(violations)
    outcome.rejected_values = [instance for instance in instances if not validators.accept(instance)]
    for violation in violations:
        errors = validators.rejects_at(violation.instance)
        rejected = validators.second_rejects(violation.instance)
        if len(errors) != 1 or rejected is bool(violation.contested):
            outcome.mislabelled.append((violation.id, errors))
        outcome.violated |= {_keyword_path(error) for error in errors}
    alone = [validators.rejects_at(instance) for instance, is_valid in case.tests if not is_valid]
    outcome.violable = {_keyword_path(error) for errors in alone if len(errors) == 1 for error in errors}
    return outcome


def _keyword_path(error: Place) -> Place:
    """The path to a keyword, without that to the instance."""
    return error[error.index("|") + 1 :]
