"""Every way through a schema to something that can be broken: an assertion at a place of an instance."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.applicators import targets
from chime_fixtures.engine.dnf.items import first_item
from chime_fixtures.engine.dnf.requirements import EvaluationPath, PathStep, Requirement
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_ecma, matched_by_none
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.keywords import ASSERTIONS, STAND_FOR_THEMSELVES

MAX_VISITS = 24
"""So many times at most one schema is entered, so that what refers to each other often stays finite and small."""

_IN_PLACE = ("allOf", "then", "else", "dependentSchemas")

MAX_RECURSIVE_VISITS = 3
"""And so many times one that was entered on the way already."""


@dataclass(frozen=True, slots=True)
class ViolationTarget:
    """One thing that can be broken, at one place.

    Attributes:
        evaluation_path: how it is reached; without its keyword, the place alone.
        path: the place, with ``*`` for items and unnamed members.
        pointer: the place in an instance, as a validator reports it.
        keyword: the keyword as it is reported.
        value: what the keyword is set to.
        schema_pointer: where the keyword, or the false schema, stands.
    """

    evaluation_path: EvaluationPath
    path: str
    pointer: str
    keyword: str
    value: Any
    schema_pointer: str

    @property
    def location_path(self) -> EvaluationPath:
        """The way to the place, with nothing broken."""
        return EvaluationPath(self.evaluation_path.steps, None)


def violation_targets(start: Requirement) -> Iterator[ViolationTarget]:
    """Everything that can be broken below a schema, in the schema's order; a recursive place is entered once."""
    yield from _walk(start, (), "", "", collections.Counter())


def _walk(
    literal: Requirement, steps: tuple[PathStep, ...], path: str, pointer: str, met: collections.Counter[Subschema]
) -> Iterator[ViolationTarget]:
    schema = literal.schema
    met[schema] += 1
    depth = sum(step.schema is schema for step in steps)
    if met[schema] > (MAX_RECURSIVE_VISITS if depth > 1 else MAX_VISITS):
        return
    if schema.value is False:
        yield _false(schema, steps, path, pointer)
        return
    for keyword, value in schema.keywords.items():
        yield from _own(schema, keyword, value, steps, path, pointer)
    if depth > 1 or len(steps) > 48:
        return
    for step in _steps(literal):
        if step.instance_token is None:
            yield from _walk(literal.to(step.schema), (*steps, step), path, pointer, met)
            continue
        is_named = step.keyword == "properties"
        down = json_pointer.join([step.instance_token], base=pointer)
        along = json_pointer.join([step.instance_token], base=path) if is_named else path + "/*"
        yield from _walk(literal.to(step.schema), (*steps, step), along, down, met)


def _own(
    schema: Subschema, keyword: str, value: Any, steps: tuple[PathStep, ...], path: str, pointer: str
) -> Iterator[ViolationTarget]:
    """What a keyword of the schema itself can be broken by."""

    def breach(part: Any = None, said: str = keyword) -> ViolationTarget:
        return ViolationTarget(EvaluationPath(steps, said, part), path, pointer, said, value, schema.at(said))

    if keyword == "required":
        yield from (breach(name) for name in value)
    elif keyword == "dependentRequired":
        yield from (breach((name, other)) for name, others in value.items() for other in others if other != name)
    elif keyword == "contains":
        if "minContains" not in schema.keywords:
            yield breach()
    elif keyword in {"minContains", "maxContains"}:
        if "contains" in schema.keywords:
            yield breach()
    elif keyword in ASSERTIONS or keyword in STAND_FOR_THEMSELVES or (keyword == "additionalProperties" and not value):
        yield breach()


def _false(schema: Subschema, steps: tuple[PathStep, ...], path: str, pointer: str) -> ViolationTarget:
    last = next((step for step in reversed(steps)), None)
    keyword = last.keyword if last is not None else "false"
    return ViolationTarget(EvaluationPath(steps, "false"), path, pointer, keyword, False, schema.pointer)


def _steps(literal: Requirement) -> Iterator[PathStep]:
    """Where one can go on from a schema, to the same value or to a part of it."""
    schema = literal.schema
    for keyword in schema.keywords:
        if keyword in {"$ref", "$dynamicRef"}:
            yield from (PathStep(keyword, None, target, None) for target in targets(literal))
        elif keyword in _IN_PLACE:
            if keyword not in {"then", "else"} or "if" in schema.keywords:
                yield from (PathStep(keyword, part, child, None) for part, child in schema.parts(keyword))
        elif keyword == "properties":
            yield from (PathStep(keyword, name, child, str(name)) for name, child in schema.parts(keyword))
        elif keyword == "prefixItems":
            yield from (PathStep(keyword, index, child, index) for index, child in enumerate(schema.children[keyword]))
        elif keyword == "items":
            first = first_item(literal)
            yield from (PathStep(keyword, None, schema.children[keyword], index) for index in (first, first + 1))
        elif keyword in {"patternProperties", "additionalProperties"} and schema.keywords[keyword] is not False:
            yield from _unnamed(schema, keyword)


def _unnamed(schema: Subschema, keyword: str) -> Iterator[PathStep]:
    """The members that no schema names, each with a name that will do."""
    names = schema.keywords.get("properties", {})
    others = tuple(schema.keywords.get("patternProperties", ()))
    for part, child in schema.parts(keyword):
        # Where each name of one pattern has another one in it too, both have their say.
        for excluded in (tuple(pattern for pattern in others if pattern != part), ()):
            name = next(_candidates(schema, part, excluded, names), None)
            if name is not None:
                yield PathStep(keyword, part, child, name)
                break
            if part is None:
                break


def _candidates(
    schema: Subschema, part: str | int | None, excluded: tuple[str, ...], names: dict[str, Any]
) -> Iterator[str]:
    try:
        language = Language.all_strings() if part is None else matched_by_all(str(part))
        for pattern in excluded:
            language &= matched_by_none(pattern)
        for _, other in schema.parts("propertyNames"):
            language &= _names(other)
    except PatternError:
        return
    # An empty name is lost in what one of the judges reports.
    for length in (7, *(length for length in language.lengths(24) if length), 0):
        if language.has_length(length):
            name = language.construct(length, "unknown")
            if name not in names:
                yield name
    # Every name of the pattern may be one that the schema lists, too.
    yield from (name for name in names if part is not None and name in matched_by_ecma(str(part)))


def _names(schema: Subschema) -> Language:
    """What a name must be, as far as its schema says so by itself."""
    pattern = schema.keywords.get("pattern")
    language = Language.all_strings() if pattern is None else matched_by_all(pattern)
    return language.between(schema.keywords.get("minLength", 0), schema.keywords.get("maxLength"))
