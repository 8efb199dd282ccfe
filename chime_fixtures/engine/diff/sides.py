"""One side of a comparison: a schema with its graph and its validators, whether or not it has a value."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from chime_fixtures.engine.dnf.requirements import Requirement, enter_scope
from chime_fixtures.engine.instances import copy_json
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema
from chime_fixtures.engine.schema.options import OPENAPI_FORMATS
from chime_fixtures.engine.schema.rejections import NOT_JSON
from chime_fixtures.engine.schema.validators import Validators


class Side:
    """A schema that is compared, with the verdicts of both validators.

    Args:
        document: the schema.
        name: its name in messages.

    Attributes:
        graph: its resolved graph.
        validators: its validators.

    Raises:
        UnsupportedSchemaError: the schema uses what the engine does not support.
    """

    def __init__(self, document: SchemaDocument, name: str = "schema") -> None:
        self.document = document
        self.name = name
        self.graph = SchemaGraph(document)
        self.validators = Validators(document, self.graph)

    def requirement(self, *, must_hold: bool) -> Requirement:
        """The requirement that a value satisfies, or violates, the schema."""
        root = self.graph.root
        return Requirement(root, must_hold, enter_scope((), root))

    def accepts(self, value: Any) -> bool:
        """True if both validators accept a value."""
        return self.validators.is_valid(value) and not self.validators.is_contested(value)

    def rejects(self, value: Any) -> bool:
        """True if both validators reject a value."""
        try:
            is_valid = self.validators.decide(copy_json(value))
        except NOT_JSON:
            return False
        return not is_valid and not self.validators.is_contested(value)

    @functools.cached_property
    def formats(self) -> dict[str, str | None]:
        """The asserted formats by name: the pattern of a custom one, or None for one of the specification."""
        options = self.document.options
        names = {schema.keywords["format"] for schema in self.graph.schemas if "format" in schema.keywords}
        asserted = (name for name in sorted(names) if options.format(name) is not None)
        return {name: options.formats.get(name) for name in asserted}

    @functools.cached_property
    def ignored_formats(self) -> frozenset[str]:
        """The formats in the schema that assert nothing about a string."""
        names = {schema.keywords["format"] for schema in self.graph.schemas if "format" in schema.keywords}
        return frozenset(names - self.formats.keys() - OPENAPI_FORMATS)

    @functools.cached_property
    def has_exact_patterns(self) -> bool:
        """True if the strings that match no pattern of the schema are known completely."""
        return all(_has_complement(pattern) for _, pattern in self.graph.patterns)

    @functools.cached_property
    def is_dynamically_scoped(self) -> bool:
        """True if the schema has a reference whose target depends on the path that leads to it."""
        return any(schema.is_dynamically_scoped for schema in self.graph.schemas)


class SidesValidators:
    """The validators of several sides, each for its own subschemas.

    Args:
        sides: the sides.
    """

    def __init__(self, sides: Iterable[Side]) -> None:
        self._of = {
            schema: side.validators
            for side in sides
            for by_pointer in side.graph.by_location.values()
            for schema in by_pointer.values()
        }

    def is_part_valid(self, schema: Subschema, value: Any) -> bool:
        """True if jsonschema-rs accepts a value by one subschema alone."""
        return self._of[schema].is_part_valid(schema, value)

    def accepts_respelled(self, schema: Subschema, value: Any) -> bool:
        """True if no validator rejects a value by one subschema with other spellings."""
        return self._of[schema].accepts_respelled(schema, value)


@functools.lru_cache(maxsize=4096)
def _has_complement(pattern: str) -> bool:
    try:
        _ = Language.from_pattern(pattern, flavour="union").complement()
    except PatternError:
        return False
    return True
