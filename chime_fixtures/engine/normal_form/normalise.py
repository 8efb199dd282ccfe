"""From subschemas to nodes: all the schemas that speak of one place are read together, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.applicators import spoken
from chime_fixtures.engine.dnf.expand import expand
from chime_fixtures.engine.dnf.requirements import NEVER, Goal, Literal, Route, entered, merged
from chime_fixtures.engine.errors import Problem, UnsatisfiableSchemaError, UnsupportedSchemaError
from chime_fixtures.engine.instances import key
from chime_fixtures.engine.normal_form.branches import shape_of
from chime_fixtures.engine.normal_form.examples import HINTS, is_undoubted, named
from chime_fixtures.engine.normal_form.locality import is_open, speakers
from chime_fixtures.engine.normal_form.nodes import Assertion, Constants, Node, Objects, Shape
from chime_fixtures.engine.normal_form.sizes import measure
from chime_fixtures.engine.normal_form.weights import is_heavy
from chime_fixtures.engine.schema.graph import Subschema, Survey
from chime_fixtures.engine.schema.keywords import ASSERTIONS, DRIVEN, STAND_FOR_THEMSELVES, TYPES
from chime_fixtures.engine.schema.limits import MOST_PARTS
from chime_fixtures.engine.schema.options import Options
from chime_fixtures.engine.schema.validators import Judge

MOST_NODES = 4000
"""So many nodes at most are made for one contract; what needs more is refused."""

_DEEP = DRIVEN - {"type", "enum", "const"}


class Normaliser:
    """Makes the nodes of one survey; a node is made once for each goal.

    Args:
        survey: the schemas.
        options: formats and annotations of the author.
        judge: the judges, for values that an enumeration names, or a hint.

    Attributes:
        start: what is asked of the whole instance.
        root: the node of the whole instance.
        is_simple: whether each value that is constructed satisfies the schema by construction alone.

    Raises:
        UnsatisfiableSchemaError: no value satisfies the schema.
        UnsupportedSchemaError: the schema leaves too many ways to follow.
    """

    def __init__(self, survey: Survey, options: Options, judge: Judge) -> None:
        self._options = options
        self._judge = judge
        self._has_hints = any(not HINTS.isdisjoint(schema.keywords) for schema in survey.schemas)
        self._survey = survey
        self._nodes: dict[Goal, Node] = {}
        self._nothing = Node((NEVER,), self)
        self.start = Literal(survey.root, True, entered((), survey.root))
        self._is_bounded = False
        self.is_simple = all(_INVOLVED.isdisjoint(schema.keywords) for schema in survey.schemas)
        self.root = self.node([self.start])
        if self.root.height is None:
            if self._is_bounded:
                raise UnsupportedSchemaError(
                    [Problem("schema", survey.root.pointer, "leaves too many ways to follow, and no value was found")]
                )
            raise UnsatisfiableSchemaError(survey.root.pointer, _clash(self.root))
        if is_heavy(self.root):
            raise UnsupportedSchemaError(
                [Problem("schema", survey.root.pointer, f"asks for more than {MOST_PARTS} parts in each value")]
            )

    def node(self, literals: Iterable[Literal]) -> Node:
        """The node of everything that these literals ask."""
        goal = merged(list(literals))
        node = self._nodes.get(goal)
        if node is None:
            if len(self._nodes) >= MOST_NODES:
                self._is_bounded = True
                return self._nothing
            node = self._nodes[goal] = Node(goal, self)
        return node

    def broken(self, route: Route) -> Node:
        """The node of instances that satisfy everything but what stands at the end of a route."""
        return self.node([Literal(self.start.schema, True, self.start.scope, route)])

    # What nodes ask of their maker -------------------------------------------------------------------------------

    def shapes(self, goal: Goal, node: Node, kinds: Iterable[str] = TYPES) -> Iterator[Shape]:
        """Everything that a value of a goal can be, simplest type first."""
        for kind in kinds:
            expansion = expand(goal, kind, self._options)
            if not expansion.is_complete:
                node.is_complete = False
                self._is_bounded = True
            listed: dict[Any, Any] = {}
            for clause in expansion.clauses:
                if clause.listed is not None:
                    listed |= clause.listed
                    continue
                shape = shape_of(clause, self.node)
                if shape is not None:
                    yield shape
            constants = tuple(value for value in listed.values() if self._is_allowed(goal, value))
            if constants:
                yield Constants(constants)

    def assertions(self, goal: Goal) -> Iterator[Assertion]:
        """Every keyword that asserts something of the value, in the schemas and in what they refer to."""
        for literal in spoken(goal):
            for keyword, value in literal.schema.keywords.items():
                is_closed = keyword == "additionalProperties" and value is False
                if keyword in ASSERTIONS or keyword in STAND_FOR_THEMSELVES or is_closed:
                    yield Assertion(keyword, value, literal.schema.at(keyword))

    def speakers(self, goal: Goal) -> tuple[Subschema, ...] | None:
        """The schemas that judge a value of a goal alone."""
        return speakers(goal, self._survey.scoped)

    def is_open(self, goal: Goal) -> bool:
        """Whether the parts of a value of a goal are judged each by itself."""
        return is_open(goal)

    def hints(self, goal: Goal, node: Node) -> Iterator[tuple[str, Any]]:
        """The values of `default` and `examples` that both judges accept; what is drawn anyway is not among them."""
        if not self._has_hints:
            return
        known = {key(value) for shape in node.shapes if isinstance(shape, Constants) for value in shape.values}
        for label, value in named(goal):
            equal = key(value)
            if equal not in known and self._is_certain(goal, node, value):
                known.add(equal)
                yield label, value

    def _is_certain(self, goal: Goal, node: Node, value: Any) -> bool:
        """Whether both judges accept a value."""
        if any(self._judge.accepts_part(literal.schema, value) is not literal.holds for literal in goal):
            return False
        return is_undoubted(node, value) or all(
            (self._judge.second_opinion_of([literal.schema], value) == []) is literal.holds for literal in goal
        )

    def measure(self, node: Node) -> None:
        """Give the node its height."""
        measure(node)

    def _is_allowed(self, goal: Goal, value: Any) -> bool:
        for literal in goal:
            if isinstance(literal.schema.value, bool) or literal.route is not None:
                continue
            if len(goal) == 1 and literal.holds and _DEEP.isdisjoint(literal.schema.keywords):
                continue
            if self._judge.accepts_part(literal.schema, value) is not literal.holds:
                return False
        return True


_INVOLVED = DRIVEN - {
    *("type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "pattern", "format", "properties", "required", "additionalProperties"),
    *("items", "minItems", "maxItems", "$ref"),
}


def _clash(root: Node) -> str:
    """The assertions of the first place that no value can fill."""
    node, place = root, ""
    passed: set[Node] = set()
    while node not in passed:
        passed.add(node)
        shape = node.shape(Objects)
        blocked = [name for name in shape.required if shape.members[name].height is None] if shape else []
        if not blocked:
            break
        node, place = shape.members[blocked[0]], json_pointer.join([blocked[0]], base=place)
    else:
        return f"{place} must be present at every level, without end"
    said = ", ".join(f"{item.keyword} {item.value!r}"[:60] for item in node.assertions) or "a false schema"
    return f"at {place or '/'} these exclude each other: {said}"
