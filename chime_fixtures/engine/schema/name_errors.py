"""Errors of property names, for objects with very many names.

jsonschema-rs copies the whole object into the error of each name, so that these errors take memory in proportion to the
square of the number of names. Here a validator reports such an object once, and each of its names is checked alone.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import UnsupportedSchemaError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema

MAX_COPIED_NAMES = 500
"""Names of an object that jsonschema-rs may copy into the error of each of them; this takes 40 MB."""


class CompiledValidator(Protocol):
    """A validator of jsonschema-rs."""

    def is_valid(self, instance: Any) -> bool:
        """True if it accepts the instance."""

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """The errors of the instance."""


@dataclass(frozen=True, slots=True)
class PropertyNameError:
    """The error of one property name, with the attributes of an error of jsonschema-rs that violations need.

    Attributes:
        kind: the kind, with the error of the name.
        instance: the object.
        instance_path: its location.
        path: the keywords that lead to the one that failed.
    """

    kind: Any
    instance: Any
    instance_path: list[str | int]
    path: list[str | int]


class NameErrors:
    """The errors of instances whose objects have very many names.

    Args:
        document: the schema.
        graph: its resolved graph.
        compile_schema: compiles a schema of the document for jsonschema-rs.
        locate: returns the document and the location of the keyword of an error.
    """

    def __init__(
        self,
        document: SchemaDocument,
        graph: SchemaGraph,
        compile_schema: Callable[..., CompiledValidator],
        locate: Callable[[Any], tuple[str, list[str | int]]],
    ) -> None:
        self._document = document
        self._graph = graph
        self._compile = compile_schema
        self._locate = locate
        self._validators: dict[Subschema, CompiledValidator] = {}

    def errors(self, instance: Any) -> Iterator[Any] | None:
        """The errors of an instance; None if jsonschema-rs reports them with little memory, or can't report less."""
        if not self._schemas or not _has_many_names(instance) or self._by_object is None:
            return None
        return self._with_each_name(self._by_object.iter_errors(instance))

    @functools.cached_property
    def _schemas(self) -> dict[Subschema, str]:
        """The schemas of names, each with its keyword."""
        return {
            child: keyword
            for schema in self._graph.schemas
            for keyword in schema.children
            if schema.dialect[keyword].is_applied_to_names
            for _, child in schema.subschemas(keyword)
        }

    @functools.cached_property
    def _by_object(self) -> CompiledValidator | None:
        """The validator that reports each object once.

        None if a schema of names depends on the path to it, or is false: then the object is reported, not its names.
        """
        if any(schema.is_dynamically_scoped or schema.value is False for schema in self._schemas):
            return None
        document = self._document
        keywords = dict.fromkeys(self._schemas.values(), self._keyword_class())
        # Releases before 0.42 have no custom keywords.
        with contextlib.suppress(UnsupportedSchemaError):
            return self._compile(document.entry_schema, document.dialect, is_plain=document.is_plain, keywords=keywords)
        return None

    def _keyword_class(self) -> type:
        """The keyword, as a class for jsonschema-rs."""
        by_pointer: dict[str, list[Subschema]] = {}
        for schema in self._schemas:
            by_pointer.setdefault(schema.pointer, []).append(schema)
        validator_of = self._validator

        class NamesOfObject:
            # The arguments are those of the protocol of jsonschema-rs.
            def __init__(self, parent_schema: Any, value: Any, schema_path: list[str | int]) -> None:  # noqa: ARG002
                schemas = by_pointer.get(json_pointer.join(schema_path), [])
                if len(schemas) != 1:
                    raise ValueError("the path does not say in which of the documents it is")
                self._validator = validator_of(schemas[0])

            def validate(self, instance: Any) -> None:
                if isinstance(instance, dict) and not all(self._validator.is_valid({name: None}) for name in instance):
                    raise ValueError("a property name is invalid")

        return NamesOfObject

    def _validator(self, schema: Subschema) -> CompiledValidator:
        """The validator of objects by the schema of their names alone."""
        known = self._validators.get(schema)
        if known is None:
            entry = self._document.entry_at(schema.uri, schema.pointer, schema.dialect)
            names = {"$schema": entry["$schema"], self._schemas[schema]: {"$ref": entry["$ref"]}}
            known = self._validators[schema] = self._compile(names, schema.dialect, is_plain=False)
        return known

    def _with_each_name(self, errors: Iterable[Any]) -> Iterator[Any]:
        """The errors, with those of the names in place of that of their object."""
        by_location = self._graph.by_location
        for error in errors:
            uri, tokens = self._locate(error)
            # An error at the location of a schema, not of a keyword, is that of an object.
            schema = by_location.get(uri, {}).get(json_pointer.join(tokens))
            if schema not in self._schemas:
                yield error
                continue
            instance, instance_path, path = error.instance, error.instance_path, error.schema_path
            for name in instance:
                for each in self._validator(schema).iter_errors({name: None}):
                    # The first steps are the keyword and the reference to the schema of the names.
                    below = each.kind.error.evaluation_path[2:]
                    yield PropertyNameError(each.kind, instance, instance_path, [*path, *below])


def _has_many_names(instance: Any) -> bool:
    """True if an object in the instance has more than `MAX_COPIED_NAMES` names."""
    stack = [instance]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if len(value) > MAX_COPIED_NAMES:
                return True
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return False
