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

_CLOSED = {"additionalProperties": False}


class Side:
    """A schema that is compared, with the verdicts of both validators.

    Args:
        document: the schema.
        name: its name in messages.
        wider: a schema that must accept a value, too.

    Attributes:
        graph: its resolved graph.
        validators: its validators.

    Raises:
        UnsupportedSchemaError: the schema uses what the engine does not support.
    """

    def __init__(self, document: SchemaDocument, name: str = "schema", *, wider: Side | None = None) -> None:
        self.document = document
        self._wider = wider
        self.name = name
        self.graph = SchemaGraph(document)
        self.validators = Validators(document, self.graph)

    def requirement(self, *, must_hold: bool) -> Requirement:
        """The requirement that a value satisfies, or violates, the schema."""
        root = self.graph.root
        return Requirement(root, must_hold, enter_scope((), root))

    def accepts(self, value: Any) -> bool:
        """True if both validators accept a value."""
        is_accepted = self.validators.is_valid(value) and not self.validators.is_contested(value)
        return is_accepted and (self._wider is None or self._wider.accepts(value))

    def rejects(self, value: Any) -> bool:
        """True if both validators reject a value."""
        try:
            is_valid = self.validators.decide(copy_json(value))
        except NOT_JSON:
            return False
        return not is_valid and not self.validators.is_contested(value)

    def closed(self) -> Side:
        """The same schema, whose objects have no property that it does not name.

        An object whose properties several schemas name together stays open.
        """
        targets = {id(schema.value) for schema in self.graph.schemas if self._names_all_properties(schema)}
        if not targets:
            return self
        document = self.document.extended(lambda value: _CLOSED if id(value) in targets else {})
        return Side(document, self.name, wider=self)

    def _names_all_properties(self, schema: Subschema) -> bool:
        naming = {"properties", *schema.dialect["additionalProperties"].depends_on, *schema.dialect.consuming}
        is_open = schema.keywords.keys() & {*naming, "additionalProperties"} == {"properties"}
        return is_open and schema not in self._conjoined and not any(True for _ in schema.in_place)

    @functools.cached_property
    def _conjoined(self) -> set[Subschema]:
        """The schemas that other keywords are applied beside, and those below a condition or a negation."""
        found: set[Subschema] = set()
        for schema in self.graph.schemas:
            supported = schema.keywords.keys() & schema.dialect.supported
            for keyword, child in schema.in_place:
                facts = schema.dialect[keyword]
                if facts.discards_annotations or facts.never_fails:
                    found |= _below(child)
                elif len(supported) > 1 or not (facts.role == "reference" or facts.is_reported_whole):
                    found.add(child)
        return found

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


def _below(start: Subschema) -> set[Subschema]:
    """A schema, and those that it contains or refers to."""
    found: set[Subschema] = set()
    stack = [start]
    while stack:
        schema = stack.pop()
        if schema not in found:
            found.add(schema)
            stack.extend(schema.successors)
    return found


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

    def has_contested_names(self, schema: Subschema, value: Any) -> bool:
        """True if jsonschema rejects a value by one subschema, and the schema has a pattern that it takes for none."""
        return self._of[schema].has_contested_names(schema, value)


@functools.lru_cache(maxsize=4096)
def _has_complement(pattern: str) -> bool:
    try:
        _ = Language.from_pattern(pattern, flavour="union").complement()
    except PatternError:
        return False
    return True
