"""Clauses: conjunctions of constraints on a value of one JSON type; alternatives: disjunctions of them.

A clause begins without constraints; each keyword adds some; the clause is copied where a keyword leaves a choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from chime_fixtures.engine.dnf.requirements import PathStep, Requirement
from chime_fixtures.engine.instances import ARRAY, NUMBER, OBJECT, STRING, is_integer, is_written, json_type, key
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.options import SchemaOptions

Number = int | float


@dataclass(slots=True)
class NumberConstraints:
    """Bounds, each as (value, True if the value itself is excluded), and multiples.

    `integer` is True for numbers without a fraction, `is_float` for those that are written with one, as 1.0.
    """

    integer: bool | None = None
    is_float: bool | None = None
    low: tuple[Number, bool] | None = None
    high: tuple[Number, bool] | None = None
    multiples: tuple[Number, ...] = ()
    not_multiples: tuple[Number, ...] = ()

    def may_contain(self, number: Number) -> bool:
        """False if a number is found to violate one of the bounds."""
        is_above = self.low is None or (number, False) >= self.low
        return is_above and (
            self.high is None or number < self.high[0] or (number, self.high[1]) == (self.high[0], False)
        )

    def above(self, bound: Number, excluded: bool) -> None:
        """Require the value to be at least, or more than, the bound."""
        if self.low is None or (bound, excluded) > self.low:
            self.low = (bound, excluded)

    def below(self, bound: Number, excluded: bool) -> None:
        """Require the value to be at most, or less than, the bound."""
        if self.high is None or (bound, not excluded) < (self.high[0], not self.high[1]):
            self.high = (bound, excluded)


@dataclass(slots=True)
class StringConstraints:
    """Languages that contain the string, and bounds on its length."""

    languages: tuple[Language, ...] = ()
    minimum: int = 0
    maximum: int | None = None

    def may_contain(self, text: str) -> bool:
        """False if a string is found to violate one of them."""
        if len(text) < self.minimum or (self.maximum is not None and len(text) > self.maximum):
            return False
        try:
            return all(text in language for language in self.languages)
        except PatternError:
            return True

    def at_least(self, length: int) -> None:
        """Require a minimum length."""
        self.minimum = max(self.minimum, length)

    def at_most(self, length: int) -> None:
        """Require a maximum length."""
        self.maximum = length if self.maximum is None else min(self.maximum, length)


@dataclass(frozen=True, slots=True)
class PropertyNames:
    """A set of property names: those that match a pattern, or all but some.

    Attributes:
        pattern: the pattern that the names match.
        names: names that are not in the set.
        patterns: patterns that the names do not match.
        annotation_consumer: a schema; the names that it has evaluated are not in the set.
        is_contested: True if they are in the set by jsonschema alone.
    """

    pattern: str | None = None
    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    annotation_consumer: Subschema | None = None
    is_contested: bool = False


@dataclass(slots=True)
class ObjectConstraints:
    """Properties by name, by pattern and by set of names.

    Attributes:
        properties: the requirements on a property, by its name.
        pattern_properties: the requirement on the properties whose names match a pattern.
        additional: the requirement on the properties in a set of names.
        some_property: a property that must be present, in a set of names.
        property_names: the requirements on each name.
        invalid_names: the requirements on the name of some property that must be present.
        dependent_required: properties that must be present if another is.
        evaluated: by schema with `unevaluatedProperties`: the evaluated names and patterns; None for all.
    """

    properties: dict[str, tuple[Requirement, ...]] = field(default_factory=dict)
    pattern_properties: tuple[tuple[str, Requirement], ...] = ()
    additional: tuple[tuple[PropertyNames, Requirement], ...] = ()
    some_property: tuple[tuple[PropertyNames, Requirement], ...] = ()
    property_names: tuple[Requirement, ...] = ()
    invalid_names: tuple[Requirement, ...] = ()
    required: dict[str, None] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()
    dependent_required: tuple[tuple[str, tuple[str, ...]], ...] = ()
    minimum: int = 0
    maximum: int | None = None
    evaluated: dict[Subschema, PropertyNames | None] = field(default_factory=dict)

    def copy(self) -> ObjectConstraints:
        """The same constraints, to which others may be added."""
        return replace(
            self, properties=dict(self.properties), required=dict(self.required), evaluated=dict(self.evaluated)
        )

    def constrain_property(self, name: str, requirement: Requirement) -> None:
        """Constrain the property of a name, if it is present."""
        self.properties[name] = (*self.properties.get(name, ()), requirement)

    def require(self, *names: str) -> None:
        """Require properties of these names."""
        self.required |= dict.fromkeys(names)

    def forbid(self, name: str) -> None:
        """Forbid a property."""
        self.forbidden |= {name}

    def at_least(self, count: int) -> None:
        """Require a minimum number of properties."""
        self.minimum = max(self.minimum, count)

    def at_most(self, count: int) -> None:
        """Require a maximum number of properties."""
        self.maximum = count if self.maximum is None else min(self.maximum, count)

    def evaluate(self, requirement: Requirement, names: frozenset[str], patterns: tuple[str, ...]) -> None:
        """Mark properties of these names and patterns as evaluated, for each annotation consumer."""
        for consumer in requirement.annotation_consumers:
            known = self.evaluated.get(consumer, PropertyNames())
            if known is not None:
                self.evaluated[consumer] = PropertyNames(None, known.names | names, (*known.patterns, *patterns))

    def evaluate_all(self, consumers: tuple[Subschema, ...]) -> None:
        """Mark each property as evaluated for these annotation consumers."""
        self.evaluated |= dict.fromkeys(consumers)


@dataclass(frozen=True, slots=True)
class SomeItems:
    """Items that must meet a requirement, wherever they are.

    Attributes:
        requirement: the requirement.
        counts: the possible numbers of these items, the preferred one first.
        is_complete: False if other numbers are possible, too.
        other: the requirement on all other items; None if they are free.
        first: the index from which the items may be.
        starts: the preferred indexes of the first of them; the others follow it.
        consumers: the annotation consumers for which the items are evaluated.
    """

    requirement: Requirement
    counts: tuple[int, ...] = (1,)
    is_complete: bool = True
    other: Requirement | None = None
    first: int = 0
    starts: tuple[int, ...] = (0,)
    consumers: tuple[Subschema, ...] = ()

    def __call__(self, clause: Clause) -> None:
        """Add the items to a clause."""
        constraints = clause.constraints
        constraints.some_items = (*constraints.some_items, self)
        constraints.ordered = max(constraints.ordered, self.first)
        fewest = min(self.counts)
        constraints.at_least(fewest + self.first if fewest else 0)


@dataclass(slots=True)
class ArrayConstraints:
    """Items by their index.

    Attributes:
        items: the requirement on the items from a first index up to another one, or to the end.
        some_items: items that must be present, with a requirement each.
        unevaluated: the requirement on the items that a schema with `unevaluatedItems` has not evaluated; if False, on
            one such item that must be present.
        evaluated: by such a schema: the index from which items are not evaluated, and single items that are; None if
            all items are.
        is_unique: True if no two items may be equal.
        has_duplicates: True if two items must be equal.
        ordered: the number of first items whose requirements depend on their index; those after it may be in any order.
    """

    items: tuple[tuple[int, int | None, Requirement], ...] = ()
    some_items: tuple[SomeItems, ...] = ()
    minimum: int = 0
    maximum: int | None = None
    is_unique: bool = False
    has_duplicates: bool = False
    ordered: int = 0
    unevaluated: tuple[tuple[Subschema, Requirement, bool], ...] = ()
    evaluated: dict[Subschema, tuple[int, frozenset[int]] | None] = field(default_factory=dict)

    def copy(self) -> ArrayConstraints:
        """The same constraints, to which others may be added."""
        return replace(self, evaluated=dict(self.evaluated))

    def constrain_items(self, start: int, stop: int | None, requirement: Requirement) -> None:
        """Constrain the items from `start` up to `stop`, or to the end."""
        self.items = (*self.items, (start, stop, requirement))
        self.ordered = max(self.ordered, start if stop is None else stop)

    def at_least(self, count: int) -> None:
        """Require a minimum number of items."""
        self.minimum = max(self.minimum, count)

    def at_most(self, count: int) -> None:
        """Require a maximum number of items."""
        self.maximum = count if self.maximum is None else min(self.maximum, count)

    def evaluate(
        self, consumers: tuple[Subschema, ...], first: int | None, single: frozenset[int] = frozenset()
    ) -> None:
        """Mark the items before `first`, or all, and single ones, as evaluated for these annotation consumers."""
        for consumer in consumers:
            known = self.evaluated.get(consumer, (0, frozenset()))
            if first is None or known is None:
                self.evaluated[consumer] = None
            else:
                self.evaluated[consumer] = (max(known[0], first), known[1] | single)


_CONSTRAINTS: dict[str, type[Any]] = {
    NUMBER: NumberConstraints,
    STRING: StringConstraints,
    ARRAY: ArrayConstraints,
    OBJECT: ObjectConstraints,
}


@dataclass(slots=True)
class Clause:
    """One conjunction of constraints on a value of one JSON type.

    Attributes:
        json_type: the JSON type; an integer is a number.
        constraints: the constraints of that type; None for null and booleans.
        allowed: the allowed values by their keys, if an enumeration lists them.
        excluded: values that are not allowed, by their keys.
        is_unsatisfiable: True if no value satisfies it.
        processed: the requirements that are already in it.
        represented: for those whose schema has another representative, the same requirements on that one.
        is_expanded: True if all choices are expanded, even if an enumeration lists the values.
        has_open_choices: True if a validator has to decide which of the allowed values satisfy the rest.
    """

    json_type: str
    constraints: Any
    allowed: dict[Any, Any] | None = None
    excluded: dict[Any, Any] = field(default_factory=dict)
    is_unsatisfiable: bool = False
    processed: set[Requirement] = field(default_factory=set)
    represented: set[Requirement] = field(default_factory=set)
    is_expanded: bool = False
    has_open_choices: bool = False

    @staticmethod
    def of(json_type: str) -> Clause:
        """A clause without constraints."""
        constraints = _CONSTRAINTS.get(json_type)
        return Clause(json_type, constraints() if constraints else None)

    def copy(self) -> Clause:
        """The same constraints, to which others may be added."""
        constraints = self.constraints
        if constraints is not None:
            constraints = constraints.copy() if self.json_type in {ARRAY, OBJECT} else replace(constraints)
        return Clause(
            self.json_type,
            constraints,
            self.allowed,
            dict(self.excluded),
            self.is_unsatisfiable,
            set(self.processed),
            set(self.represented),
            self.is_expanded,
            self.has_open_choices,
        )

    def add_processed(self, requirement: Requirement) -> None:
        """Record a requirement that is in it from now on."""
        self.processed.add(requirement)
        representative = requirement.representative
        if representative is not requirement:
            self.represented.add(representative)

    def excludes(self, requirement: Requirement) -> bool:
        """True if the complement of a requirement is in it."""
        complement = requirement.complement
        return complement in self.processed or complement in self.represented

    @property
    def satisfied(self) -> frozenset[Subschema]:
        """The schemas that each of its values satisfies."""
        return frozenset(each.schema for each in self.processed if each.must_hold and each.path is None)

    def allow(self, values: list[Any]) -> None:
        """Allow only these values."""
        fresh = {key(value): value for value in values if json_type(value) == self.json_type}
        if self.allowed is not None:
            fresh = {key: value for key, value in self.allowed.items() if key in fresh}
        self.allowed = fresh
        self.is_unsatisfiable = self.is_unsatisfiable or not fresh

    def may_contain(self, value: Any) -> bool:
        """False if a value of its type is found to violate one of the constraints."""
        return self.json_type not in {NUMBER, STRING} or self.constraints.may_contain(value)

    @property
    def is_finite(self) -> bool:
        """True if an enumeration lists the values, so that a validator can decide on each of them."""
        return self.allowed is not None and not self.is_expanded

    @property
    def allowed_values(self) -> list[Any]:
        """The allowed values, without those that `type` excludes: 2.5 is not allowed where an integer is required."""
        values = list((self.allowed or {}).values())
        if self.json_type != NUMBER:
            return values
        integer, is_float = self.constraints.integer, self.constraints.is_float
        if integer is not None:
            values = [value for value in values if is_integer(value) is integer]
        if is_float is not None:
            # Equal numbers may be written either way.
            values = [float(value) if is_float else int(value) for value in values if is_written(value, is_float)]
        return values

    def exclude(self, values: list[Any]) -> None:
        """Exclude these values."""
        self.excluded |= {key(value): value for value in values if json_type(value) == self.json_type}


Constrain = Callable[[Clause], Any]
"""Adds constraints to a clause."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The constraint that a property is absent."""

    name: str

    def __call__(self, clause: Clause) -> None:
        """Add the constraint to a clause."""
        clause.constraints.forbid(self.name)
        clause.is_unsatisfiable = clause.is_unsatisfiable or self.name in clause.constraints.required


@dataclass(frozen=True, slots=True)
class Present:
    """The constraint that properties are present; the value of the last one meets a requirement, if there is one."""

    names: tuple[str, ...]
    requirement: Requirement | None = None

    def __call__(self, clause: Clause) -> None:
        """Add the constraint to a clause."""
        constraints = clause.constraints
        constraints.require(*self.names)
        if self.requirement is not None:
            constraints.constrain_property(self.names[-1], self.requirement)
        clause.is_unsatisfiable = clause.is_unsatisfiable or not constraints.forbidden.isdisjoint(self.names)


class Conjoined(NamedTuple):
    """Several choices at once: one alternative of each."""

    choices: tuple[Alternatives, ...]


class Variants(Protocol):
    """The subschemas of a `oneOf` that are compatible with a clause."""

    def __call__(self, requirement: Requirement, clause: Clause) -> list[int]:
        """Their indexes; those that a discriminator excludes are left out."""


class Deferred(NamedTuple):
    """Choices that depend on what the clause has when all constraints without a choice are in it."""

    choices: Callable[[Clause, Variants], list[Alternatives]]


Item = Constrain | Requirement | Conjoined | Deferred

Alternative = tuple[Item, ...]
"""Constraints to add to a clause, requirements to expand next, and further choices."""

Alternatives = list[Alternative]
"""The alternatives (disjuncts) under which a keyword is satisfied or violated."""

NO_CONSTRAINT: Alternatives = [()]
"""One alternative that adds nothing."""

IMPOSSIBLE: Alternatives = []
"""No alternative."""

Rule = Callable[[Requirement, Any, str, SchemaOptions], Alternatives]
"""(requirement, value of the keyword, JSON type of the instance, options) -> alternatives."""


class KeywordRules(NamedTuple):
    """The rules of one keyword; they are applied only to instances of its JSON type.

    Attributes:
        satisfy: the alternatives that satisfy it.
        violate: the alternatives that violate it.
        satisfy_except: the alternatives that satisfy an applicator except for the subschema of one step, which an
            evaluation path violates; by default those that satisfy all of it.
        violate_at: the alternatives that violate it at one subkey, and at no other; by default those that violate it.
    """

    satisfy: Rule
    violate: Rule
    satisfy_except: Callable[[Requirement, PathStep], list[Alternatives]] | None = None
    violate_at: Callable[[Requirement, Any], Alternatives] | None = None


def schema_rules(
    satisfy: Callable[[Requirement], Alternatives],
    violate: Callable[[Requirement], Alternatives],
    *,
    satisfy_except: Callable[[Requirement, PathStep], list[Alternatives]] | None = None,
    violate_at: Callable[[Requirement, Any], Alternatives] | None = None,
) -> KeywordRules:
    """The rules of a keyword that depend on the requirement alone."""
    return KeywordRules(
        lambda requirement, value, kind, options: satisfy(requirement),
        lambda requirement, value, kind, options: violate(requirement),
        satisfy_except,
        violate_at,
    )


EVALUATED_BY_ANOTHER = schema_rules(lambda requirement: NO_CONSTRAINT, lambda requirement: IMPOSSIBLE)
"""The rules of a keyword that another keyword of the same schema evaluates."""


def make_unsatisfiable(clause: Clause) -> None:
    """Leave no value that satisfies a clause."""
    clause.is_unsatisfiable = True
