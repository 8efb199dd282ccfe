"""The two outside judges of one schema and its resources: what each accepts, and what each complains of.

None of them fetches anything. Each answers None to what it can't judge: a pattern that it can't compile, say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.support.conformance.cases import Case
from tests.support.conformance.normaliser import Breach, Normaliser

Verdict = bool | None
Breaches = frozenset[Breach] | None


class Judges:
    """Both judges, by name, of one case of the suite."""

    names = ("jsonschema-rs", "jsonschema")

    def __init__(self, case: Case) -> None:
        schema, resources = case.schema, case.resources
        self._normaliser = Normaliser(schema, resources)
        registry: Registry[Any] = Registry().with_resources(
            [(uri, DRAFT202012.create_resource(document)) for uri, document in resources.items()]
        )
        # A bare FormatChecker would have the `time` of draft 3, which takes no offset.
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
        """Whether each accepts the instance."""
        first = _attempt(lambda: self._rs.is_valid(instance))
        return first, _attempt(lambda: self._plain.is_valid(instance))

    def breaches(self, instance: Any) -> tuple[Breaches, Breaches]:
        """What each complains of."""
        first = _attempt(lambda: self._normaliser.by_jsonschema_rs(self._rs, instance))
        return first, _attempt(lambda: self._normaliser.by_jsonschema(instance))

    def only(self, instance: Any) -> Breach | None:
        """The one breach that both find, if they find the same one and nothing else."""
        first, second = self.breaches(instance)
        if first is None or first != second or len(first) != 1:
            return None
        return next(iter(first))


def _attempt(judge: Callable[[], Any]) -> Any:
    try:
        return judge()
    except Exception:
        return None
