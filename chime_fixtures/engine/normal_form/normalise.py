"""From subschemas to nodes: all the schemas that speak of one place are read together, once."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.applicators import in_place_requirements
from chime_fixtures.engine.dnf.expand import expand
from chime_fixtures.engine.dnf.requirements import (
    UNSATISFIABLE,
    Conjunction,
    EvaluationPath,
    Requirement,
    conjunction,
    enter_scope,
)
from chime_fixtures.engine.errors import Problem, UnsatisfiableSchemaError, UnsupportedSchemaError
from chime_fixtures.engine.instances import TYPES, key
from chime_fixtures.engine.normal_form.branches import branch_of
from chime_fixtures.engine.normal_form.examples import HINTS, is_undoubted, named
from chime_fixtures.engine.normal_form.locality import local_schemas, parts_are_independent
from chime_fixtures.engine.normal_form.nodes import Assertion, Branch, Constants, Node, Objects
from chime_fixtures.engine.normal_form.sizes import measure
from chime_fixtures.engine.normal_form.targets import ViolationTarget, violation_targets
from chime_fixtures.engine.normal_form.weights import exceeds_size_limit
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema
from chime_fixtures.engine.schema.keywords import ASSERTIONS, STAND_FOR_THEMSELVES, SUPPORTED
from chime_fixtures.engine.schema.limits import MAX_VALUES
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.violation import Constraint

MAX_NODES = 4000
"""So many nodes at most are made for one contract; what needs more is refused."""

_DEEP = SUPPORTED - {"type", "enum", "const"}


class NormalForm:
    """The nodes of one schema graph; a node is made once for each conjunction of requirements.

    Args:
        survey: the schemas.
        options: formats and annotations of the author.
        judge: the judges, for values that an enumeration names, or a hint.

    Attributes:
        root_requirement: what is asked of the whole instance.
        root: the node of the whole instance.
        is_exact: whether each value that is constructed satisfies the schema by construction alone.

    Raises:
        UnsatisfiableSchemaError: no value satisfies the schema.
        UnsupportedSchemaError: the schema leaves too many ways to follow.
    """

    def __init__(self, survey: SchemaGraph, options: SchemaOptions, judge: Validators) -> None:
        self._options = options
        self._judge = judge
        self._has_hints = any(not HINTS.isdisjoint(schema.keywords) for schema in survey.schemas)
        self._survey = survey
        self._nodes: dict[Conjunction, Node] = {}
        self._nothing = Node((UNSATISFIABLE,), self)
        self.root_requirement = Requirement(survey.root, True, enter_scope((), survey.root))
        self._is_bounded = False
        self.is_exact = all(_INVOLVED.isdisjoint(schema.keywords) for schema in survey.schemas)
        self.root = self.node([self.root_requirement])
        if self.root.min_depth is None:
            if self._is_bounded:
                raise UnsupportedSchemaError(
                    [Problem("schema", survey.root.pointer, "leaves too many ways to follow, and no value was found")]
                )
            raise UnsatisfiableSchemaError(survey.root.pointer, _explain_unsatisfiable(self.root))
        if exceeds_size_limit(self.root):
            raise UnsupportedSchemaError(
                [Problem("schema", survey.root.pointer, f"asks for more than {MAX_VALUES} parts in each value")]
            )

    def node(self, literals: Iterable[Requirement]) -> Node:
        """The node of everything that these literals ask."""
        goal = conjunction(list(literals))
        node = self._nodes.get(goal)
        if node is None:
            if len(self._nodes) >= MAX_NODES:
                self._is_bounded = True
                return self._nothing
            node = self._nodes[goal] = Node(goal, self)
        return node

    def violating(self, route: EvaluationPath) -> Node:
        """The node of instances that satisfy everything but what stands at the end of a route."""
        return self.node([Requirement(self.root_requirement.schema, True, self.root_requirement.dynamic_scope, route)])

    @functools.cached_property
    def violation_targets(self) -> tuple[ViolationTarget, ...]:
        """Everything that can be violated, in the schema's order."""
        return tuple(violation_targets(self.root_requirement))

    @functools.cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every assertion with the location that it applies to, in the schema's order."""
        found = {
            (target.path, target.schema_pointer): Constraint(
                target.path, target.keyword, target.value, target.schema_pointer
            )
            for target in self.violation_targets
        }
        return tuple(found.values())

    # What nodes ask of their maker -------------------------------------------------------------------------------

    def shapes(self, goal: Conjunction, node: Node, kinds: Iterable[str] = TYPES) -> Iterator[Branch]:
        """Everything that a value of a goal can be, simplest type first."""
        for kind in kinds:
            expansion = expand(goal, kind, self._options)
            if not expansion.is_complete:
                node.is_complete = False
                self._is_bounded = True
            listed: dict[Any, Any] = {}
            for clause in expansion.clauses:
                if clause.allowed is not None:
                    listed |= clause.allowed
                    continue
                shape = branch_of(clause, self.node)
                if shape is not None:
                    yield shape
            constants = tuple(value for value in listed.values() if self._is_allowed(goal, value))
            if constants:
                yield Constants(constants)

    def assertions(self, goal: Conjunction) -> Iterator[Assertion]:
        """Every keyword that asserts something of the value, in the schemas and in what they refer to."""
        for literal in in_place_requirements(goal):
            for keyword, value in literal.schema.keywords.items():
                is_closed = keyword == "additionalProperties" and value is False
                if keyword in ASSERTIONS or keyword in STAND_FOR_THEMSELVES or is_closed:
                    yield Assertion(keyword, value, literal.schema.at(keyword))

    def local_schemas(self, goal: Conjunction) -> tuple[Subschema, ...] | None:
        """The schemas that judge a value of a goal alone."""
        return local_schemas(goal, self._survey.dynamically_scoped)

    def parts_are_independent(self, goal: Conjunction) -> bool:
        """Whether the parts of a value of a goal are judged each by itself."""
        return parts_are_independent(goal)

    def hints(self, goal: Conjunction, node: Node) -> Iterator[tuple[str, Any]]:
        """The values of `default` and `examples` that both judges accept; what is drawn anyway is not among them."""
        if not self._has_hints:
            return
        known = {key(value) for shape in node.branches if isinstance(shape, Constants) for value in shape.values}
        for label, value in named(goal):
            equal = key(value)
            if equal not in known and self._is_certain(goal, node, value):
                known.add(equal)
                yield label, value

    def _is_certain(self, goal: Conjunction, node: Node, value: Any) -> bool:
        """Whether both judges accept a value."""
        if any(self._judge.is_part_valid(literal.schema, value) is not literal.must_hold for literal in goal):
            return False
        return is_undoubted(node, value) or all(
            (self._judge.cross_check_part([literal.schema], value) == []) is literal.must_hold for literal in goal
        )

    def measure(self, node: Node) -> None:
        """Give the node its height."""
        measure(node)

    def _is_allowed(self, goal: Conjunction, value: Any) -> bool:
        for literal in goal:
            if isinstance(literal.schema.value, bool) or literal.path is not None:
                continue
            if len(goal) == 1 and literal.must_hold and _DEEP.isdisjoint(literal.schema.keywords):
                continue
            if self._judge.is_part_valid(literal.schema, value) is not literal.must_hold:
                return False
        return True


_INVOLVED = SUPPORTED - {
    *("type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "pattern", "format", "properties", "required", "additionalProperties"),
    *("items", "minItems", "maxItems", "$ref"),
}


def _explain_unsatisfiable(root: Node) -> str:
    """The assertions of the first place that no value can fill."""
    node, place = root, ""
    passed: set[Node] = set()
    while node not in passed:
        passed.add(node)
        shape = node.branch(Objects)
        blocked = [name for name in shape.required if shape.properties[name].min_depth is None] if shape else []
        if shape is None or not blocked:
            break
        node, place = shape.properties[blocked[0]], json_pointer.join([blocked[0]], base=place)
    else:
        return f"{place} must be present at every level, without end"
    said = ", ".join(f"{item.keyword} {item.value!r}"[:60] for item in node.assertions) or "a false schema"
    return f"at {place or '/'} these exclude each other: {said}"
