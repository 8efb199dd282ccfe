"""A goal and a kind of value in, the ways to satisfy it out: each a clause with everything that is known of the value.

Keywords that leave no choice are read first, so that what can't be is dropped before it is multiplied. The number of
clauses is bounded; where it is reached, each choice keeps its share, and the result says that it is not complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from chime_fixtures.engine.dnf.alternatives import IMPOSSIBLE, NO_CONSTRAINT, Alternative, Alternatives, absent, present
from chime_fixtures.engine.dnf.applicators import KEYWORDS
from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.items import fail_max_contains, fail_min_contains, wrong_item
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement
from chime_fixtures.engine.instances import ARRAY, OBJECT
from chime_fixtures.engine.schema.options import SchemaOptions

_LISTENING = frozenset({"unevaluatedItems", "unevaluatedProperties"})

MAX_CLAUSES = 48
"""So many clauses at most for one goal and one kind."""


@dataclass(slots=True)
class Expansion:
    """The ways to satisfy one goal with one kind of value.

    Attributes:
        clauses: the ways.
        is_complete: whether there are no others.
    """

    clauses: list[Clause]
    is_complete: bool = True


def expand(goal: Conjunction, kind: str, options: SchemaOptions) -> Expansion:
    """The ways to satisfy a goal with one kind of value."""
    found = Expansion([])
    _Expander(kind, options, found).go(Clause.of(kind), list(goal), [], MAX_CLAUSES)
    return found


class _Expander:
    def __init__(self, kind: str, options: SchemaOptions, found: Expansion) -> None:
        self._kind = kind
        self._options = options
        self._found = found

    def go(self, clause: Clause, literals: list[Requirement], choices: list[Alternatives], budget: int) -> int:
        """Read on; returns how many clauses were found."""
        while literals:
            literal = literals.pop()
            if literal in clause.processed:
                continue
            clause.processed |= {literal}
            for ways in self._read(literal):
                if len(ways) == 1:
                    self._add(clause, ways[0], literals)
                else:
                    choices = [*choices, ways]
            if clause.is_unsatisfiable:
                return 0
        if not choices:
            self._found.clauses.append(clause)
            return 1
        # The choice with the fewest ways first: what is settled early need not be settled again for each of the rest.
        choices = sorted(choices, key=len)
        ways, rest = choices[0], choices[1:]
        used = 0
        for index, way in enumerate(ways):
            share = (budget - used) // (len(ways) - index)
            if share < 1:
                if used >= budget:
                    self._found.is_complete = False
                    break
                share = 1
            branch = clause.copy()
            more: list[Requirement] = []
            self._add(branch, way, more)
            if not branch.is_unsatisfiable:
                used += self.go(branch, more, rest, share)
        return used

    @staticmethod
    def _add(clause: Clause, way: Alternative, literals: list[Requirement]) -> None:
        for item in way:
            if isinstance(item, Requirement):
                literals.append(item)
            else:
                item(clause)

    def _read(self, literal: Requirement) -> list[Alternatives]:
        """What a literal asks, a choice for each keyword; a keyword without a choice has one way."""
        schema = literal.schema
        if isinstance(schema.value, bool):
            return [NO_CONSTRAINT if self._is_met(literal, schema.value) else IMPOSSIBLE]
        if literal.must_hold and not _LISTENING.isdisjoint(schema.keywords):
            literal = replace(literal, annotation_consumers=(*literal.annotation_consumers, schema))
        if literal.path is not None:
            return self._read_route(literal)
        if literal.must_hold:
            return [ways for keyword in schema.keywords if (ways := self._hold(literal, keyword)) is not NO_CONSTRAINT]
        failing: Alternatives = []
        for keyword in schema.keywords:
            reader = KEYWORDS.get(keyword)
            if reader is not None:
                failing.extend(reader.violate(literal, schema.keywords[keyword], self._kind, self._options))
        # A way that asks nothing makes the others needless.
        return [NO_CONSTRAINT] if any(not way for way in failing) else [failing]

    @staticmethod
    def _is_met(literal: Requirement, value: bool) -> bool:
        if literal.path is not None and literal.path.keyword is not None:
            return not value and not literal.path.steps
        return value is literal.must_hold

    def _hold(self, literal: Requirement, keyword: str) -> Alternatives:
        reader = KEYWORDS.get(keyword)
        return (
            reader.satisfy(literal, literal.schema.keywords[keyword], self._kind, self._options)
            if reader
            else NO_CONSTRAINT
        )

    # The way to what breaks --------------------------------------------------------------------------------------

    def _read_route(self, literal: Requirement) -> list[Alternatives]:
        schema, route = literal.schema, literal.path
        assert route is not None
        step = route.steps[0] if route.steps else None
        target = step.keyword if step is not None else route.keyword
        asked = [self._hold(literal, keyword) for keyword in schema.keywords if not self._is_at(keyword, target)]
        if step is not None:
            asked.append([self._along(literal)])
            asked.extend(self._beside(literal, step.keyword))
        elif route.keyword is not None:
            asked.append(self._break(literal, route.keyword))
        return asked

    def _is_at(self, keyword: str, target: str | None) -> bool:
        """Whether a keyword is the one to break, or goes with it."""
        if target in {"then", "else"}:
            return keyword == "if"
        if target in {"minContains", "maxContains"}:
            return keyword == "contains"
        return keyword == target

    def _along(self, literal: Requirement) -> Alternative:
        """There is a part to go on to, and it is asked the rest."""
        route = literal.path
        assert route is not None
        step = route.steps[0]
        asked = literal.descend(step)
        if step.instance_token is None:
            return (asked,)
        if isinstance(step.instance_token, int):
            return (wrong_item(step.instance_token, asked),) if self._kind == ARRAY else (_kill,)
        if self._kind != OBJECT:
            return (_kill,)
        name = step.instance_token
        return (present(name), lambda clause: clause.constraints.member(name, asked))

    def _beside(self, literal: Requirement, keyword: str) -> list[Alternatives]:
        """What the applicator of the step asks besides."""
        assert literal.path is not None
        step = literal.path.steps[0]
        children = literal.schema.children
        if keyword in {"then", "else"}:
            return [[(literal.to(children["if"], holds=keyword == "then", in_place=True),)]]
        if keyword == "dependentSchemas":
            others = [part for part in literal.schema.parts(keyword) if part[0] != step.subkey]
            ways = [
                [(absent(str(name)),), (present(str(name)), literal.to(child, in_place=True))] for name, child in others
            ]
            return [[(present(str(step.subkey)),)] if self._kind == OBJECT else IMPOSSIBLE, *ways]
        if keyword == "allOf":
            return [
                [(literal.to(child, in_place=True),)]
                for index, child in literal.schema.parts(keyword)
                if index != step.subkey
            ]
        if keyword in {"$ref", "$dynamicRef"}:
            return []
        return [self._hold(literal, keyword)]

    def _break(self, literal: Requirement, keyword: str) -> Alternatives:
        part = literal.path.subkey if literal.path is not None else None
        value: Any = literal.schema.keywords.get(keyword)
        if keyword == "minContains" or (keyword == "contains" and "maxContains" in literal.schema.keywords):
            return fail_min_contains(literal) if self._kind == ARRAY else IMPOSSIBLE
        if keyword == "maxContains":
            return fail_max_contains(literal) if self._kind == ARRAY else IMPOSSIBLE
        if keyword == "required" and self._kind == OBJECT:
            missing = str(part)
            return [(absent(missing), present(*(name for name in value if name != missing)))]
        if keyword == "dependentRequired" and self._kind == OBJECT and part is not None:
            name, missing = part
            others = [other for other in literal.schema.keywords[keyword].get(name, ()) if other != missing]
            return [(present(name, *others), absent(missing))]
        return KEYWORDS[keyword].violate(literal, value, self._kind, self._options)


def _kill(clause: Clause) -> None:
    clause.is_unsatisfiable = True
