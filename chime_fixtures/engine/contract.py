"""The noun of the house: one JSON Schema with everything that follows from it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from chime_fixtures.chime.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document
from chime_fixtures.engine.dnf.requirements import EvaluationPath
from chime_fixtures.engine.errors import Problem, SchemaNotFoundError, UnsupportedSchemaError
from chime_fixtures.engine.normal_form.nodes import Node
from chime_fixtures.engine.normal_form.normalise import Normaliser
from chime_fixtures.engine.normal_form.targets import ViolationTarget, violation_targets
from chime_fixtures.engine.schema.documents import SchemaDocument, read_documents
from chime_fixtures.engine.schema.graph import SchemaGraph
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.schema.validators import CROSS_CHECK_ENGINE, NOT_JSON, Validators
from chime_fixtures.engine.violation import Constraint, Violation

_COMPONENTS = "/components/schemas/"
_FORMS = {"request": "Request", "response": "Response"}


class Contract:
    """A JSON Schema (draft 2020-12) as the source of values, edges, violations and verdicts.

    Args:
        schema: the schema, or documents that hold it.
        name: what to call it in messages.

    Attributes:
        root: the normal form of the schema, which the other rooms read.
        constraints: every assertion with the place it speaks of.

    Raises:
        UnsupportedSchemaError: it asks for what the engine does not drive; every place is named.
        UnsatisfiableSchemaError: no value satisfies it.
        SchemaNotFoundError: the documents have nothing at their pointer.
    """

    def __init__(self, schema: dict[str, Any] | bool | SchemaDocument, *, name: str | None = None) -> None:
        self.documents = schema if isinstance(schema, SchemaDocument) else SchemaDocument(schema)
        self.name = name or _title(self.documents.schema)
        self._is_of_value = not isinstance(schema, SchemaDocument) and name is None
        try:
            self._survey = SchemaGraph(self.documents)
            self.validators = Validators(self.documents, self._survey)
            self._normaliser = Normaliser(self._survey, self.documents.options, self.validators)
        except RecursionError:
            raise UnsupportedSchemaError([Problem("schema", "", "is nested too deep")]) from None
        self.root: Node = self._normaliser.root
        self._accepts = self.validators.is_valid

    @staticmethod
    def load(name: str) -> Contract:
        """A shipped contract.

        Args:
            name: ``ProxySession``, ``<Operation>.request``, ``<Operation>.response``, another schema of the service by
                its name, or any schema of the OpenAPI file by its JSON Pointer.

        Raises:
            SchemaNotFoundError: none has that name; the message has the nearest.
        """
        return _load(name)

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        pointer: str = "",
        resources: Iterable[str | Path] = (),
        formats: Mapping[str, str | None] | None = None,
        annotations: Iterable[str] = (),
    ) -> Contract:
        """The contract at a JSON Pointer of a file; only the files named here are read, and nothing is fetched.

        Args:
            path: a JSON file that is a schema, or has one at the pointer.
            pointer: where the contract begins, as ``/components/schemas/Order``.
            resources: further files that references may reach, by their ``$id`` or their place relative to `path`.
            formats: the pattern of a format by its name (ECMA 262, found anywhere, as in `pattern`), or None where the
                format is to be passed over.
            annotations: keywords that assert nothing, besides those that begin with ``x-``.

        Raises:
            InvalidDocumentError: a file can't be read, or holds no JSON.
            SchemaNotFoundError: nothing stands at the pointer.
            UnsupportedSchemaError: it asks for what the engine does not drive.
            UnsatisfiableSchemaError: no value satisfies it.
        """
        options = SchemaOptions(formats=formats, annotations=annotations)
        return cls(read_documents(path, pointer=pointer, resources=resources, options=options))

    @classmethod
    def of(cls, schema: Contract | dict[str, Any] | bool) -> Contract:
        """The contract itself, or the one that a schema makes."""
        return schema if isinstance(schema, Contract) else cls(schema)

    @property
    def is_exact(self) -> bool:
        """Whether each value that is constructed from the nodes is valid by construction alone."""
        return self._normaliser.is_exact

    @functools.cached_property
    def violation_targets(self) -> tuple[ViolationTarget, ...]:
        """Everything that can be broken, in the schema's order."""
        return tuple(violation_targets(self._normaliser.root_requirement))

    @functools.cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every assertion with the place it speaks of, in the schema's order."""
        found = {
            (breach.path, breach.schema_pointer): Constraint(
                breach.path, breach.keyword, breach.value, breach.schema_pointer
            )
            for breach in self.violation_targets
        }
        return tuple(found.values())

    def violating(self, route: EvaluationPath) -> Node:
        """The node of instances that satisfy everything but what stands at the end of a route."""
        return self._normaliser.violating(route)

    @property
    def schema(self) -> Any:
        """The schema as it was written."""
        return self.documents.schema

    def is_valid(self, instance: Any) -> bool:
        """Whether the judge accepts the instance; what is not JSON is not valid."""
        try:
            return self._accepts(instance)
        except NOT_JSON:
            return False

    def check(self, instance: Any) -> tuple[Violation, ...]:
        """Everything the judge complains of, in the schema's order; empty when the instance is valid.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        if self.is_valid(instance):
            return ()
        return tuple(self.validators.violations(instance))

    def contested(self, instance: Any) -> tuple[str, ...]:
        """The engines whose verdict differs from the judge's."""
        opinion = self.validators.cross_check(instance)
        agrees = opinion is not None and (not opinion) == self.is_valid(instance)
        return () if agrees else (CROSS_CHECK_ENGINE,)

    def __repr__(self) -> str:
        """The call that made it, to be pasted; the name alone where files or a service model did."""
        if self._is_of_value:
            return f"Contract({self.schema!r})"
        with contextlib.suppress(SchemaNotFoundError):
            if _load(self.name) is self:
                return f"Contract.load({self.name!r})"
        return f"Contract({self.name!r})"


def _title(schema: Any) -> str:
    title = schema.get("title") if isinstance(schema, dict) else None
    return title if isinstance(title, str) else "schema"


@functools.cache
def _load(name: str) -> Contract:
    session = load_document(SESSION_DOCUMENT)
    if name == session["title"]:
        return Contract(session, name=name)
    service = _service()
    schemas: Mapping[str, Any] = service.schema["components"]["schemas"]
    pointer = name
    if not name.startswith("/"):
        operation, _, form = name.rpartition(".")
        component = operation + _FORMS[form] if form in _FORMS else name
        if component not in schemas:
            raise SchemaNotFoundError(name, _names(schemas, session["title"]))
        pointer = _COMPONENTS + component
    return Contract(service.at(pointer), name=name)


@functools.cache
def _service() -> SchemaDocument:
    """The OpenAPI document, whole, and the session that it refers to."""
    session = load_document(SESSION_DOCUMENT)
    uri = f"{session['$id'].rpartition('/')[0]}/{SERVICE_DOCUMENT}"
    return SchemaDocument(load_document(SERVICE_DOCUMENT), others={session["$id"]: session}, uri=uri)


def _names(components: Collection[str], session: str) -> list[str]:
    """Each loadable name, in the spelling that is documented."""
    names = {session}
    for component in components:
        for form, suffix in _FORMS.items():
            if component.endswith(suffix):
                names.add(f"{component.removesuffix(suffix)}.{form}")
                break
        else:
            names.add(component)
    return sorted(names)
