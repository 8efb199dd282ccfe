"""Parts of an instance that validators check alone, in place of the whole instance.

A case differs from a baseline at one location. The part that contains the location has the same errors alone as in the
whole instance, for these reasons:

1. The validator accepts the baseline, so each error of the changed instance is due to the change.
2. Of every value that contains the part, only the value of one property or item changes. The names of its properties
   and the number of its items do not, so that the same schemas apply to it in place: those that `$ref` and `allOf`
   reach, those that `dependentSchemas` applies because a property is present, and the `then` or `else` beside an `if`
   that applies no schema to the changed property or item.
3. None of these schemas has a keyword that depends on the values of several parts, or on the verdict of a subschema
   (`KeywordFacts.is_independent`), unless its subschemas apply nothing to the changed property or item. Hence each of
   their errors is an error of a subschema that an applicator (`properties`, `items`) applies to the changed property or
   item. At the part these are all the schemas that apply.

A keyword that depends only on which items are equal (`KeywordFacts.compares_items`) has the verdict that it has for the
baseline as long as the changed item is equal to another one neither before nor after the change.

The tests compare the errors of parts with those of whole instances, for both validators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.part_applicators import APPLYING_VERDICTS, PART_APPLICATORS
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement, enter_scope
from chime_fixtures.engine.schema.dialects import KeywordFacts
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.validators import Validators


@dataclass(frozen=True, slots=True)
class Part:
    """A location of an instance, and the schemas that decide about its value alone.

    Attributes:
        pointer: the location.
        requirements: the requirements that each of these schemas holds.
        schemas: the schemas, with references resolved.
        is_local: False for a whole instance that its schema decides about only with the documents around it.
    """

    pointer: str
    requirements: Conjunction
    schemas: tuple[Subschema, ...]
    is_local: bool = True


@dataclass(frozen=True, slots=True)
class _Parts:
    """The innermost parts that contain one location.

    Attributes:
        for_any: the part that decides about any value at the location.
        for_most: the part that decides about a value that is not equal to one of `rivals`.
        unconditional: the part that decides about any value whichever `then` and `else` apply around it.
        rivals: the values at the same location of items that are equal but for this location.
    """

    for_any: Part
    for_most: Part
    unconditional: Part
    rivals: tuple[Any, ...]


class Parts:
    """The parts of one instance.

    Args:
        validators: the validators of the schema, which decide if a name matches a pattern.
        requirements: the requirements on the whole instance.
        instance: the instance.
    """

    def __init__(self, validators: Validators, requirements: Conjunction, instance: Any) -> None:
        self._validators = validators
        self._root = tuple(Requirement(each.schema, True, each.dynamic_scope) for each in requirements)
        self._instance = instance
        self._found: dict[str, _Parts] = {}
        self._containers: dict[str, _Container] = {}

    def smallest(self, pointer: str) -> Part:
        """The innermost part that contains a location and can be checked alone, whatever its value is."""
        return self._at(pointer).for_any

    def unconditional(self, pointer: str) -> Part:
        """The innermost part like `smallest` whose schemas apply whichever `then` and `else` apply around it."""
        return self._at(pointer).unconditional

    def deciding(self, pointer: str, value: Any) -> Part:
        """The innermost part that contains a location and can be checked alone with another value there."""
        found = self._at(pointer)
        has_equal = any(instances.may_be_equal(value, rival) for rival in found.rivals)
        return found.for_any if has_equal else found.for_most

    def _at(self, pointer: str) -> _Parts:
        found = self._found.get(pointer)
        if found is None:
            found = self._found[pointer] = self._find(pointer)
        return found

    def _find(self, pointer: str) -> _Parts:
        schemas = _local_schemas(self._root)
        part = for_any = unconditional = Part("", self._root, schemas or (), is_local=schemas is not None)
        location, requirements, value = "", self._root, self._instance
        is_conditional = False
        rivals: list[Any] | None = None
        tokens = json_pointer.split(pointer)
        for depth, token in enumerate(tokens):
            container = self._container(location, requirements, value)
            children = self._children_at(container, value, token)
            child = _child(value, token)
            if children is None or child is _ABSENT:
                break
            if container.compares_items:
                found = _rivals(value, int(token), tokens[depth + 1 :])
                if found is None:
                    break
                rivals = [*(rivals or ()), *found]
            is_conditional = is_conditional or children.is_conditional
            requirements, location, value = children.requirements, json_pointer.join([token], base=location), child
            schemas = _local_schemas(requirements)
            if schemas is not None:
                part = Part(location, requirements, schemas)
                for_any = part if rivals is None else for_any
                unconditional = unconditional if is_conditional else for_any
        return _Parts(for_any, part, unconditional, tuple(rivals or ()))

    def changed(self, part: Part, pointer: str, value: Any) -> Any:
        """The value of a part with another value at a location in it, whose pointer is into the whole instance."""
        if part.pointer == pointer:
            return value
        old = json_pointer.resolve(self._instance, part.pointer)
        return json_pointer.with_value(old, pointer[len(part.pointer) :], value)

    def accepted_values(self, part: Part) -> Iterator[tuple[Subschema, Any]]:
        """The properties and items in a part, each with a schema by which a validator of the instance accepts it.

        The verdict of these schemas does not depend on the path that leads to them.
        """
        stack = [(part.requirements, json_pointer.resolve(self._instance, part.pointer))]
        while stack:
            requirements, value = stack.pop()
            for child_requirements, child in self._children(requirements, value):
                for each in child_requirements:
                    if not each.schema.is_dynamically_scoped:
                        yield each.schema, child
                if isinstance(child, dict | list):
                    stack.append((child_requirements, child))

    def _children(self, requirements: Conjunction, value: Any) -> Iterator[tuple[Conjunction, Any]]:
        """The properties and items of a value, each with the requirements of the applicators on it."""
        if not isinstance(value, dict | list):
            return
        applied = _applied(requirements, lambda name: name in value)
        applying = [(each, keywords) for each in applied if (keywords := _part_applicators(each.schema))]
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for token, child in parts if applying else ():
            found = (
                requirement.to(schema)
                for requirement, keywords in applying
                for keyword in keywords
                for schema in PART_APPLICATORS[requirement.schema.dialect[keyword].rule](
                    requirement.schema, value, str(token), self._validators
                )
                or ()
            )
            yield tuple(dict.fromkeys(found)), child

    def _container(self, pointer: str, requirements: Conjunction, value: Any) -> _Container:
        known = self._containers.get(pointer)
        if known is None:
            known = self._containers[pointer] = _Container(requirements, value)
        return known

    def _children_at(self, container: _Container, value: Any, token: str) -> _Chosen | None:
        """The requirements on one property or item; None if they depend on other parts."""
        if token not in container.children:
            container.children[token] = self._find_children(container, value, token)
        return container.children[token]

    def _find_children(self, container: _Container, value: Any, token: str) -> _Chosen | None:
        chosen = self._chosen(container, value, token)
        if chosen is None:
            return None
        found: list[Requirement] = []
        for requirement, keywords in (*container.applicators, *_with_applicators(chosen.requirements)):
            for keyword in keywords:
                applicator = PART_APPLICATORS[requirement.schema.dialect[keyword].rule]
                children = applicator(requirement.schema, value, token, self._validators)
                if children is None:
                    return None
                found += [requirement.to(child) for child in children]
        return _Chosen(tuple(dict.fromkeys(found)), chosen.is_conditional)

    def _chosen(self, container: _Container, value: Any, token: str) -> _Chosen | None:
        """The requirements that keywords in place add where one part changes; None if they depend on its value."""
        added: dict[Requirement, None] = {}
        is_conditional = False
        relating = list(container.relating)
        while relating:
            requirement, keyword = relating.pop()
            chosen = self._chosen_by(container, requirement, keyword, value, token)
            if chosen is None:
                return None
            is_conditional = is_conditional or chosen.is_conditional
            for each in _applied(chosen.requirements, lambda name: name in value):
                if each not in added and each not in container.applied:
                    added[each] = None
                    relating += [(each, name) for name in _relating_keywords(each.schema)]
        return _Chosen(tuple(added), is_conditional)

    def _chosen_by(
        self, container: _Container, requirement: Requirement, keyword: str, value: Any, token: str
    ) -> _Chosen | None:
        schema = requirement.schema
        facts = schema.dialect[keyword]
        if not facts.is_in_place:
            return None if _may_apply(facts, value) else _NONE_CHOSEN
        if facts.never_fails:
            return _NONE_CHOSEN
        children = _subschemas(requirement, keyword)
        is_affected = self._is_affected(children, value, token)
        if facts.rule not in APPLYING_VERDICTS:
            return None if is_affected else _NONE_CHOSEN
        conditions = _subschemas(requirement, facts.evaluated_by or keyword)
        if self._is_affected(conditions, value, token):
            return None
        if not conditions or not is_affected:
            return _NONE_CHOSEN
        verdict = self._verdict(container, conditions, value)
        if verdict is None:
            return None
        return _Chosen(children if verdict is APPLYING_VERDICTS[facts.rule] else (), True)

    def _is_affected(self, requirements: Conjunction, value: Any, token: str) -> bool:
        """True if the verdict of one of the schemas on a value may change with the value of one property or item."""
        seen: set[Requirement] = set()
        stack = list(requirements)
        while stack:
            requirement = stack.pop()
            if requirement in seen:
                continue
            seen.add(requirement)
            schema = requirement.schema
            stack += map(requirement.to, requirement.targets)
            for keyword in schema.keywords:
                facts = schema.dialect[keyword]
                if facts.is_in_place:
                    stack += [requirement.to(child) for _, child in schema.subschemas(keyword)]
                elif not facts.is_independent:
                    if _may_apply(facts, value):
                        return True
                elif keyword in schema.children:
                    children = PART_APPLICATORS[facts.rule](schema, value, token, self._validators)
                    if children is None or any(child.value is not True for child in children):
                        return True
        return False

    def _verdict(self, container: _Container, conditions: Conjunction, value: Any) -> bool | None:
        """The verdict of both validators on the value of a container by some schemas; None if they have none."""
        if conditions not in container.verdicts:
            schemas = _local_schemas(conditions)
            verdict = None
            if schemas is not None:
                is_valid = all(self._validators.is_part_valid(schema, value) for schema in schemas)
                errors = self._validators.cross_check_part(schemas, value)
                verdict = is_valid if errors is not None and is_valid is not bool(errors) else None
            container.verdicts[conditions] = verdict
        return container.verdicts[conditions]


class _Chosen(NamedTuple):
    """Requirements that apply where one property or item changes.

    Attributes:
        requirements: the requirements.
        is_conditional: True if others might apply beside other values (`then`, `else`).
    """

    requirements: Conjunction
    is_conditional: bool


_NONE_CHOSEN = _Chosen((), False)

_Applicators = Sequence[tuple[Requirement, Sequence[str]]]


class _Container:
    """The schemas that apply in place to one value, as long as its property names and its number of items stay.

    Attributes:
        applied: the requirements that these schemas hold.
        applicators: those that have keywords that apply subschemas to properties and items, with these keywords.
        relating: the keywords that relate several parts, but for their equality, each with its requirement.
        compares_items: True if a keyword of them depends on which items are equal.
        children: the requirements on each property or item, as far as they are known.
        verdicts: the verdicts of schemas on the value, as far as they are known.
    """

    def __init__(self, requirements: Conjunction, value: Any) -> None:
        self.applied = _applied(requirements, lambda name: name in value)
        self.applicators = _with_applicators(self.applied)
        relating = [(each, keyword) for each in self.applied for keyword in _relating_keywords(each.schema)]
        self.relating = [(each, keyword) for each, keyword in relating if keyword not in each.schema.dialect.comparing]
        self.compares_items = len(self.relating) < len(relating) and isinstance(value, list)
        self.children: dict[str, _Chosen | None] = {}
        self.verdicts: dict[Conjunction, bool | None] = {}


def _relating_keywords(schema: Subschema) -> Iterator[str]:
    """The keywords of a schema that depend on the values of several parts, or on the verdict of a subschema."""
    dialect, keywords = schema.dialect, schema.keywords
    for keyword in dialect.dependent & (keywords.keys() - dialect.applied_by_presence):
        if keyword not in dialect.comparing or keywords[keyword] is not False:
            yield keyword


def _may_apply(facts: KeywordFacts, value: Any) -> bool:
    """True if an assertion about values of one type may apply to a value."""
    return facts.json_type in {None, instances.json_type(value)}


def _subschemas(requirement: Requirement, keyword: str) -> Conjunction:
    return tuple(requirement.to(child) for _, child in requirement.schema.subschemas(keyword))


def _with_applicators(applied: Iterable[Requirement]) -> _Applicators:
    return [(each, keywords) for each in applied if (keywords := _part_applicators(each.schema))]


def applied_if_present(requirements: Conjunction) -> Iterable[Requirement]:
    """The requirements that apply in place to a value that has every property that applies a schema."""
    return _applied(requirements, lambda name: True)


def _applied(requirements: Conjunction, is_present: Callable[[Any], bool]) -> dict[Requirement, None]:
    applied: dict[Requirement, None] = {}
    stack = list(reversed(requirements))
    while stack:
        requirement = stack.pop()
        if requirement in applied:
            continue
        applied[requirement] = None
        schema = requirement.schema
        following = [requirement.to(target) for target in requirement.targets]
        for keyword in schema.dialect.unconditional:
            following += [requirement.to(child) for _, child in schema.subschemas(keyword)]
        for keyword in schema.dialect.applied_by_presence & schema.keywords.keys():
            following += [requirement.to(child) for name, child in schema.subschemas(keyword) if is_present(name)]
        stack.extend(reversed(following))
    return applied


def _part_applicators(schema: Subschema) -> list[str]:
    """The keywords of a schema that apply subschemas to properties and items, each regardless of the others."""
    facts = ((name, schema.dialect[name]) for name in schema.children)
    return [name for name, each in facts if each.is_independent and not each.is_in_place]


_ABSENT = object()


def _child(value: Any, token: str) -> Any:
    if isinstance(value, dict):
        return value.get(token, _ABSENT)
    if isinstance(value, list) and token.isdigit() and int(token) < len(value):
        return value[int(token)]
    return _ABSENT


def _rivals(items: list[Any], index: int, tokens: Sequence[str]) -> list[Any] | None:
    """The value at a location below an item, in each other item that differs from it only there.

    None if another item is equal.
    """
    rivals = []
    for each in (*items[:index], *items[index + 1 :]):
        own, other = items[index], each
        for token in tokens:
            if other is _ABSENT or not instances.may_be_equal(_without(own, token), _without(other, token)):
                other = _ABSENT
                break
            own, other = _child(own, token), _child(other, token)
        if other is _ABSENT:
            continue
        if own is not _ABSENT and instances.may_be_equal(own, other):
            return None
        rivals.append(other)
    return rivals


def _without(value: Any, token: str) -> Any:
    """An array or object without one item or property."""
    if isinstance(value, dict):
        return {name: child for name, child in value.items() if name != token}
    if isinstance(value, list) and token.isdigit():
        return [*value[: int(token)], *value[int(token) + 1 :]]
    return value


def _local_schemas(requirements: Conjunction) -> tuple[Subschema, ...] | None:
    """The schemas that give a value alone the verdict that it has at its location; None if no schemas do."""
    schemas: dict[Subschema, None] = {}
    for each in requirements:
        requirement = _without_plain_references(each)
        schema = requirement.schema
        if (schema.is_dynamically_scoped and not _is_entered(requirement)) or _refers_to_false(requirement):
            return None
        if schema.value is not True:
            schemas[schema] = None
    return tuple(schemas)


def _is_entered(requirement: Requirement) -> bool:
    """True if the dynamic scope is the one in which a validator of the schema alone begins."""
    schema = requirement.schema
    return requirement.dynamic_scope == enter_scope((), schema) and schema.resource == schema.uri


def _refers_to_false(requirement: Requirement) -> bool:
    """True for a `false` schema, which is reported as the applicator that holds it, and for a reference to one."""
    schema = requirement.schema
    if not schema.static_refs and not schema.dynamic_refs:
        return schema.value is False
    return any(_refers_to_false(requirement.to(target)) for target in requirement.targets)


def _without_plain_references(requirement: Requirement) -> Requirement:
    """The requirement, with a schema that contains only a reference replaced by its target."""
    while True:
        schema = requirement.schema
        if not schema.static_refs and not schema.dynamic_refs:
            return requirement
        dialect = schema.dialect
        keywords = schema.keywords.keys() & dialect.supported
        if len(keywords) != 1 or dialect[next(iter(keywords))].role != "reference":
            return requirement
        requirement = requirement.to(requirement.targets[0])
