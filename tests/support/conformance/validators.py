"""Two independent validators of one schema and its resources, with their verdicts and errors in one form.

Neither fetches anything. Each returns None for what it can't validate, such as a pattern that it can't compile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.support.conformance.cases import Case
from tests.support.conformance.reported_errors import ErrorNormaliser, ReportedError

Verdict = bool | None
ReportedErrors = frozenset[ReportedError] | None


class Validators:
    """jsonschema-rs and jsonschema, compiled for one case of the suite."""

    def __init__(self, case: Case) -> None:
        schema, resources = case.schema, case.resources
        self._normaliser = ErrorNormaliser(schema, resources)
        registry: Registry[Any] = Registry().with_resources(
            [(uri, DRAFT202012.create_resource(document)) for uri, document in resources.items()]
        )
        # A bare FormatChecker has the `time` of draft 3, which has no offset.
        checker = Draft202012Validator.FORMAT_CHECKER
        self._plain = Draft202012Validator(schema, registry=registry, format_checker=checker)
        self._rs = _attempt(
            lambda: jsonschema_rs.Draft202012Validator(
                schema,
                validate_formats=True,
                offline=True,
                registry=jsonschema_rs.Registry(list(resources.items())) if resources else None,
            )
        )

    def verdicts(self, instance: Any) -> tuple[Verdict, Verdict]:
        """True for each validator that accepts the instance."""
        first = _attempt(lambda: self._rs.is_valid(instance))
        return first, _attempt(lambda: self._plain.is_valid(instance))

    def errors(self, instance: Any) -> tuple[ReportedErrors, ReportedErrors]:
        """The errors of each validator."""
        first = _attempt(lambda: self._normaliser.by_jsonschema_rs(self._rs, instance))
        return first, _attempt(lambda: self._normaliser.by_jsonschema(instance))

    def common_error(self, instance: Any) -> ReportedError | None:
        """The error that both validators report, if each reports one and it is the same."""
        first, second = self.errors(instance)
        if first is None or first != second or len(first) != 1:
            return None
        return next(iter(first))


def _attempt(validate: Callable[[], Any]) -> Any:
    try:
        return validate()
    except Exception:
        return None
