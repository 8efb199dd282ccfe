"""What is known of a value while schemas are read together: one record for each kind of JSON value.

A clause is one way to satisfy a goal. It starts with no facts; each keyword adds some; it may be copied where a
keyword leaves a choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.instances import ARRAY, NUMBER, OBJECT, STRING, json_type, key
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.graph import Subschema

Number = int | float


@dataclass(slots=True)
class NumberConstraints:
    """Bounds, as (value, whether it is excluded), and multiples."""

    integer: bool | None = None
    low: tuple[Number, bool] | None = None
    high: tuple[Number, bool] | None = None
    multiples: tuple[Number, ...] = ()
    not_multiples: tuple[Number, ...] = ()

    def above(self, bound: Number, excluded: bool) -> None:
        """The value is at least, or more than, the bound."""
        if self.low is None or (bound, excluded) > self.low:
            self.low = (bound, excluded)

    def below(self, bound: Number, excluded: bool) -> None:
        """The value is at most, or less than, the bound."""
        if self.high is None or (bound, not excluded) < (self.high[0], not self.high[1]):
            self.high = (bound, excluded)


@dataclass(slots=True)
class StringConstraints:
    """Languages that meet, and lengths."""

    languages: tuple[Language, ...] = ()
    shortest: int = 0
    longest: int | None = None

    def at_least(self, length: int) -> None:
        """There are so many at least."""
        self.shortest = max(self.shortest, length)

    def at_most(self, length: int) -> None:
        """There are so many at most."""
        self.longest = length if self.longest is None else min(self.longest, length)


@dataclass(frozen=True, slots=True)
class PropertyNames:
    """Names of members: those that a pattern finds, or all but some.

    Attributes:
        pattern: the pattern that has to be found in the name.
        names: names that are not in the region.
        patterns: patterns that must not be found in the name.
        annotation_consumer: a schema; the names that it has evaluated are not in the region.
    """

    pattern: str | None = None
    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    annotation_consumer: Subschema | None = None


@dataclass(slots=True)
class ObjectConstraints:
    """Members by name, by pattern and by what names they do not have.

    Attributes:
        named: what a member must be, by its name.
        patterns: what a member must be in whose name a pattern is found.
        closed: what a member must be that is in a region.
        exists: a member that must be there, in a region.
        names: what a name must be.
        bad_names: what the name of some member must not be.
        implied: members that bring others with them.
        evaluated: by schema with `unevaluatedProperties`: the names and patterns that are evaluated; None for all.
    """

    named: dict[str, tuple[Requirement, ...]] = field(default_factory=dict)
    patterns: tuple[tuple[str, Requirement], ...] = ()
    closed: tuple[tuple[PropertyNames, Requirement], ...] = ()
    exists: tuple[tuple[PropertyNames, Requirement], ...] = ()
    names: tuple[Requirement, ...] = ()
    bad_names: tuple[Requirement, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: frozenset[str] = frozenset()
    implied: tuple[tuple[str, tuple[str, ...]], ...] = ()
    least: int = 0
    most: int | None = None
    evaluated: dict[Subschema, PropertyNames | None] = field(default_factory=dict)

    def copy(self) -> ObjectConstraints:
        """The same facts, to which others may be added."""
        return replace(self, named=dict(self.named), evaluated=dict(self.evaluated))

    def member(self, name: str, literal: Requirement) -> None:
        """A member of that name must be so, if it is there."""
        self.named[name] = (*self.named.get(name, ()), literal)

    def require(self, *names: str) -> None:
        """Members of these names are there."""
        self.required = tuple(dict.fromkeys((*self.required, *names)))

    def at_least(self, count: int) -> None:
        """There are so many at least."""
        self.least = max(self.least, count)

    def at_most(self, count: int) -> None:
        """There are so many at most."""
        self.most = count if self.most is None else min(self.most, count)

    def evaluate(self, literal: Requirement, names: frozenset[str], patterns: tuple[str, ...]) -> None:
        """Members of these names, and with these patterns, are evaluated for all that listen."""
        for tracker in literal.annotation_consumers:
            known = self.evaluated.get(tracker, PropertyNames())
            if known is not None:
                self.evaluated[tracker] = PropertyNames(None, known.names | names, (*known.patterns, *patterns))

    def evaluate_all(self, literal: Requirement) -> None:
        """Each member is evaluated for all that listen."""
        self.evaluated |= dict.fromkeys(literal.annotation_consumers)


@dataclass(slots=True)
class ArrayConstraints:
    """Items by their index.

    Attributes:
        rules: what the items from one index on, up to another or to the end, must be.
        unevaluated: what the items must be that a schema with `unevaluatedItems` has not evaluated.
        evaluated: by such a schema: from which index on items are not evaluated, and single ones that are; None for no
            such index.
        repeats: whether two items must be equal.
    """

    rules: tuple[tuple[int, int | None, Requirement], ...] = ()
    least: int = 0
    most: int | None = None
    unique: bool = False
    repeats: bool = False
    unevaluated: tuple[tuple[Subschema, Requirement, bool], ...] = ()
    evaluated: dict[Subschema, tuple[int, frozenset[int]] | None] = field(default_factory=dict)

    def copy(self) -> ArrayConstraints:
        """The same facts, to which others may be added."""
        return replace(self, evaluated=dict(self.evaluated))

    def items(self, start: int, stop: int | None, literal: Requirement) -> None:
        """The items from `start` up to `stop`, or to the end, must be so."""
        self.rules = (*self.rules, (start, stop, literal))

    def at_least(self, count: int) -> None:
        """There are so many at least."""
        self.least = max(self.least, count)

    def at_most(self, count: int) -> None:
        """There are so many at most."""
        self.most = count if self.most is None else min(self.most, count)

    def evaluate(self, literal: Requirement, first: int | None, single: frozenset[int] = frozenset()) -> None:
        """Items before `first`, or all, and single ones, are evaluated for all that listen."""
        for tracker in literal.annotation_consumers:
            known = self.evaluated.get(tracker, (0, frozenset()))
            if first is None or known is None:
                self.evaluated[tracker] = None
            else:
                self.evaluated[tracker] = (max(known[0], first), known[1] | single)


_FACTS: dict[str, type[Any]] = {
    NUMBER: NumberConstraints,
    STRING: StringConstraints,
    ARRAY: ArrayConstraints,
    OBJECT: ObjectConstraints,
}


@dataclass(slots=True)
class Clause:
    """One way to satisfy a goal with one kind of value.

    Attributes:
        json_type: the JSON type; an integer is a number.
        constraints: what is known; None for null and booleans.
        allowed: the values that are allowed, by their keys, where an enumeration has named them.
        excluded: values that are not allowed, by their keys.
        is_unsatisfiable: whether no value can satisfy it.
        processed: literals that have been read.
    """

    json_type: str
    constraints: Any
    allowed: dict[Any, Any] | None = None
    excluded: dict[Any, Any] = field(default_factory=dict)
    is_unsatisfiable: bool = False
    processed: frozenset[Requirement] = frozenset()

    @staticmethod
    def of(json_type: str) -> Clause:
        """A clause without facts."""
        made = _FACTS.get(json_type)
        return Clause(json_type, made() if made else None)

    def copy(self) -> Clause:
        """The same facts, to which others may be added."""
        facts = self.constraints
        if facts is not None:
            facts = facts.copy() if self.json_type in {ARRAY, OBJECT} else replace(facts)
        return replace(self, constraints=facts, excluded=dict(self.excluded))

    def allow(self, values: list[Any]) -> None:
        """Only these values are allowed."""
        fresh = {key(value): value for value in values if json_type(value) == self.json_type}
        if self.allowed is not None:
            fresh = {key: value for key, value in self.allowed.items() if key in fresh}
        self.allowed = fresh
        self.is_unsatisfiable = self.is_unsatisfiable or not fresh

    def exclude(self, values: list[Any]) -> None:
        """None of these values is allowed."""
        self.excluded |= {key(value): value for value in values if json_type(value) == self.json_type}
