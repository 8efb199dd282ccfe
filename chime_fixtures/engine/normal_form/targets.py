"""Every evaluation path to a keyword that can be violated, with its location in an instance."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.items import first_item, has_list
from chime_fixtures.engine.dnf.requirements import EvaluationPath, PathStep, Requirement
from chime_fixtures.engine.instances import STRING
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_ecma, matched_by_none
from chime_fixtures.engine.schema.dialects import KeywordFacts
from chime_fixtures.engine.schema.error_locations import FALSE
from chime_fixtures.engine.schema.graph import Subschema

MAX_VISITS = 24
"""Visits of one subschema, so that mutual recursion stays finite and small."""

MAX_RECURSIVE_VISITS = 3
"""Visits of one subschema if it is already on the path."""

MAX_STEPS = 48
"""Steps of one path."""

MAX_NAME_LENGTH = 24
"""The maximum length of a name that is constructed for a property that no schema lists."""


@dataclass(frozen=True, slots=True)
class ViolationTarget:
    """One constraint that can be violated, at one location.

    Attributes:
        evaluation_path: the path to its keyword.
        path: its location, with ``*`` for items and properties that no schema lists.
        pointer: its location in an instance, as a validator reports it.
        keyword: the keyword, as a validator reports it.
        value: the value of the keyword that limits it, which is the keyword itself but for booleans of draft 4.
        schema_pointer: the location of the keyword, or of the false schema.
        facts: the facts of the keyword; None for a false schema.
    """

    evaluation_path: EvaluationPath
    path: str
    pointer: str
    keyword: str
    value: Any
    schema_pointer: str
    facts: KeywordFacts | None

    @property
    def location_path(self) -> EvaluationPath:
        """The path to the location, with nothing violated."""
        return EvaluationPath(self.evaluation_path.steps, None)


def violation_targets(root: Requirement) -> Iterator[ViolationTarget]:
    """Every target below a schema, in the schema's order; a recursive location is entered once."""
    yield from _walk(root, (), "", "", collections.Counter())


def _walk(
    requirement: Requirement,
    steps: tuple[PathStep, ...],
    path: str,
    pointer: str,
    visits: collections.Counter[Subschema],
) -> Iterator[ViolationTarget]:
    schema = requirement.schema
    is_name = EvaluationPath(steps, None).to_name is not None
    visits[schema] += 1
    recursion = sum(step.schema is schema for step in steps)
    if visits[schema] > (MAX_RECURSIVE_VISITS if recursion > 1 else MAX_VISITS):
        return
    if schema.value is False:
        yield _false_schema(schema, steps, path, pointer)
        return
    for keyword, value in schema.keywords.items():
        for subkey in subkeys_of(schema, keyword, value):
            evaluation_path = EvaluationPath(steps, keyword, subkey)
            facts = schema.dialect[keyword]
            if is_name and facts.json_type not in {None, STRING}:
                continue
            limit = value if facts.limit_keyword is None else schema.keywords[facts.limit_keyword]
            yield ViolationTarget(evaluation_path, path, pointer, keyword, limit, schema.at(keyword), facts)
    if recursion > 1 or len(steps) > MAX_STEPS:
        return
    for step in _steps(requirement):
        after = requirement.to(step.schema)
        if is_name and not schema.dialect[step.keyword].is_in_place:
            continue
        if step.instance_token is None:
            yield from _walk(after, (*steps, step), path, pointer, visits)
            continue
        inner_pointer = json_pointer.join([step.instance_token], base=pointer)
        is_named = step.keyword == "properties"
        inner_path = json_pointer.join([step.instance_token], base=path) if is_named else path + "/*"
        yield from _walk(after, (*steps, step), inner_path, inner_pointer, visits)


def _false_schema(schema: Subschema, steps: tuple[PathStep, ...], path: str, pointer: str) -> ViolationTarget:
    applicators = (step.keyword for step in reversed(steps) if step.keyword not in schema.dialect.references)
    keyword = next(applicators, FALSE)
    return ViolationTarget(EvaluationPath(steps, FALSE), path, pointer, keyword, False, schema.pointer, None)


# Parts of a keyword ---------------------------------------------------------------------------------------------------


def _pairs(schema: Subschema, value: Any) -> Iterable[Any]:
    names = ((name, others) for name, others in value.items() if isinstance(others, list))
    return ((name, other) for name, others in names for other in others if other != name)


SUBKEYS: dict[str, Callable[[Subschema, Any], Iterable[Any]]] = {
    "required": lambda schema, value: value,
    "dependentRequired": _pairs,
    "dependencies": _pairs,
    "minimum (beside a boolean)": lambda schema, value: () if schema.keywords.get("exclusiveMinimum") else (None,),
    "maximum (beside a boolean)": lambda schema, value: () if schema.keywords.get("exclusiveMaximum") else (None,),
    "exclusiveMinimum (boolean)": lambda schema, value: (None,) if value and "minimum" in schema.keywords else (),
    "exclusiveMaximum (boolean)": lambda schema, value: (None,) if value and "maximum" in schema.keywords else (),
    # jsonschema-rs reports the array if no further item is allowed.
    "additionalItems": lambda schema, value: () if value or not has_list(schema) else (None,),
    # Too few items are reported as `minContains` if it is there.
    "contains": lambda schema, value: () if "minContains" in schema.keywords else (None,),
    "additionalProperties": lambda schema, value: () if value else (None,),
}
"""The parts of a keyword that are violated one by one; None for the whole keyword, which is the default."""


def subkeys_of(schema: Subschema, keyword: str, value: Any) -> Iterable[Any]:
    """The parts of a keyword that are violated one by one; none if the keyword is not violated itself."""
    facts = schema.dialect.keywords.get(keyword)
    if facts is None or not facts.can_be_violated:
        return ()
    if facts.evaluated_by is not None and facts.evaluated_by not in schema.keywords:
        return ()
    subkeys = SUBKEYS.get(facts.rule)
    return (None,) if subkeys is None else subkeys(schema, value)


# Steps of a path ------------------------------------------------------------------------------------------------------


def _steps(requirement: Requirement) -> Iterator[PathStep]:
    """The steps from a schema to those that it applies to the same value, or to a part of it."""
    schema = requirement.schema
    for keyword in schema.keywords:
        steps = STEPS.get(schema.dialect[keyword].rule)
        if steps is not None:
            yield from steps(requirement, keyword)


def _to_references(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    return (PathStep(keyword, None, target, None) for target in requirement.targets_of(keyword))


def _in_place(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    schema = requirement.schema
    evaluated_by = schema.dialect[keyword].evaluated_by
    if evaluated_by is None or evaluated_by in schema.keywords:
        yield from (PathStep(keyword, subkey, child, None) for subkey, child in schema.subschemas(keyword))


def _to_properties(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    subschemas = requirement.schema.subschemas(keyword)
    return (PathStep(keyword, name, child, str(name)) for name, child in subschemas)


def _to_names(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    return (PathStep(keyword, None, child, None) for _, child in requirement.schema.subschemas(keyword))


def _to_prefix_items(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    return (PathStep(keyword, index, child, index) for index, child in enumerate(requirement.schema.children[keyword]))


def _to_items(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    first = first_item(requirement.schema)
    return (PathStep(keyword, None, requirement.schema.children[keyword], index) for index in (first, first + 1))


def _to_schema_or_array(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    steps = _to_prefix_items if has_list(requirement.schema) else _to_items
    return steps(requirement, keyword)


def _to_additional_items(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    schema = requirement.schema
    return _to_items(requirement, keyword) if has_list(schema) and schema.keywords[keyword] is not False else iter(())


def _to_unlisted_properties(requirement: Requirement, keyword: str) -> Iterator[PathStep]:
    """The steps into properties that no schema lists, each with a constructed name."""
    schema = requirement.schema
    if schema.keywords[keyword] is False:
        return
    names = schema.keywords.get("properties", {})
    patterns = tuple(schema.keywords.get("patternProperties", ()))
    for subkey, child in schema.subschemas(keyword):
        # If each name of one pattern matches another one too, both apply to it.
        for excluded in (tuple(pattern for pattern in patterns if pattern != subkey), ()):
            name = next(_candidate_names(schema, subkey, excluded, names), None)
            if name is not None:
                yield PathStep(keyword, subkey, child, name)
                break
            if subkey is None:
                break


def _candidate_names(
    schema: Subschema, pattern: str | int | None, excluded: tuple[str, ...], names: dict[str, Any]
) -> Iterator[str]:
    """Names that match a pattern, if there is one, and no excluded pattern."""
    try:
        language = Language.all_strings() if pattern is None else matched_by_all(str(pattern))
        for other in excluded:
            language &= matched_by_none(other)
        for _, child in schema.subschemas("propertyNames"):
            language &= _allowed_names(child)
    except PatternError:
        return
    # An empty name is missing in the locations that jsonschema-rs reports.
    for length in (7, *(length for length in language.lengths(MAX_NAME_LENGTH) if length), 0):
        if language.has_length(length):
            name = language.construct(length, "unknown")
            if name not in names:
                yield name
    # It is possible that `properties` lists every name that matches the pattern.
    yield from (name for name in names if pattern is not None and name in matched_by_ecma(str(pattern)))


def _allowed_names(schema: Subschema) -> Language:
    """The names that a schema of `propertyNames` allows by its own pattern and lengths."""
    pattern = schema.keywords.get("pattern")
    language = Language.all_strings() if pattern is None else matched_by_all(pattern)
    return language.between(schema.keywords.get("minLength", 0), schema.keywords.get("maxLength"))


STEPS: dict[str, Callable[[Requirement, str], Iterator[PathStep]]] = {
    "$ref": _to_references,
    "$dynamicRef": _to_references,
    "$recursiveRef": _to_references,
    "allOf": _in_place,
    "then": _in_place,
    "else": _in_place,
    "dependentSchemas": _in_place,
    "dependencies": _in_place,
    "properties": _to_properties,
    "prefixItems": _to_prefix_items,
    "items": _to_items,
    "items (schema or array)": _to_schema_or_array,
    "additionalItems": _to_additional_items,
    "patternProperties": _to_unlisted_properties,
    "additionalProperties": _to_unlisted_properties,
    "propertyNames": _to_names,
}
"""The steps of a path through each reference, and each applicator that a validator does not report itself."""
