"""The normal form of a schema: the nodes of its values, each created once."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn, Protocol

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.limits import CONTESTED_NAMES, TOO_LARGE_PATTERN, Limit
from chime_fixtures.engine.dnf.requirements import (
    Conjunction,
    EvaluationPath,
    Requirement,
    conjunction,
    enter_scope,
    in_place_requirements,
    requirement_at,
)
from chime_fixtures.engine.dnf.search import ClauseSearch
from chime_fixtures.engine.errors import NoValueFoundError, Problem, UnsatisfiableSchemaError, UnsupportedSchemaError
from chime_fixtures.engine.instances import ARRAY, OBJECT, STRING, TYPES, key
from chime_fixtures.engine.normal_form.branches import branches_of
from chime_fixtures.engine.normal_form.examples import Examples
from chime_fixtures.engine.normal_form.locations import Locations
from chime_fixtures.engine.normal_form.nodes import (
    Branch,
    Constants,
    ExpandedBranch,
    ExpandedNode,
    Node,
    Objects,
    limiting_node,
)
from chime_fixtures.engine.normal_form.sizes import exceeds_size_limit
from chime_fixtures.engine.normal_form.targets import ViolationTarget, violation_targets
from chime_fixtures.engine.normal_form.unreached import UnreachedLocation, unreached_locations
from chime_fixtures.engine.regex import PatternError
from chime_fixtures.engine.regex.backtracking import jsonschema_rs_may_backtrack
from chime_fixtures.engine.schema.dialects import MAX_VALUES
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.violation import Constraint, quote

MAX_NODES = 4000
"""Nodes of one contract, unless its schema is large."""

MAX_NODES_PER_SCHEMA = 4
"""Nodes for each subschema of a large schema."""


class PartValidators(Protocol):
    """Verdicts on values by one subschema alone."""

    def is_part_valid(self, schema: Subschema, value: Any) -> bool:
        """True if jsonschema-rs accepts a value by one subschema alone."""

    def accepts_respelled(self, schema: Subschema, value: Any) -> bool:
        """True if no validator rejects a value by one subschema with other spellings."""

    def has_contested_names(self, schema: Subschema, value: Any) -> bool:
        """True if jsonschema rejects a value by one subschema, and the schema has a pattern that it takes for none."""


class NodeFactory:
    """The nodes of the schemas of one contract, or of two; each is created once for a conjunction of requirements.

    Args:
        options: the options for reading the schemas.
        validators: their validators, for the values of enumerations.
        max_nodes: the maximum number of nodes; those beyond it are left out.
    """

    def __init__(self, options: SchemaOptions, validators: PartValidators, max_nodes: int) -> None:
        self._search = ClauseSearch(options)
        self._part_validators = validators
        self._max_nodes = max_nodes
        self._nodes: dict[Conjunction, Node] = {}
        self._refuted: dict[Conjunction, bool] = {}

    def node(self, requirements: Iterable[Requirement]) -> Node:
        """The node of the values that meet these requirements."""
        key_of_node = conjunction(requirements)
        node = self._nodes.get(key_of_node)
        if node is None:
            expand = self._expand if len(self._nodes) < self._max_nodes else self._leave_out
            node = self._nodes[key_of_node] = Node(key_of_node, expand)
        return node

    def is_refuted(self, requirements: Conjunction) -> bool:
        """True if these requirements are found to exclude each other, without the expansion of their node."""
        place = conjunction(requirements)
        known = self._refuted.get(place)
        if known is None:
            known = self._refuted[place] = not any(self._may_have_value(place, json_type) for json_type in TYPES)
        return known

    def _may_have_value(self, requirements: Conjunction, json_type: str) -> bool:
        state = self._search.known(requirements, json_type)
        if state is None:
            return False
        clause, choices = state
        if clause.allowed is not None:
            # A validator of one schema alone has no dynamic scope.
            is_scoped = any(each.schema.is_dynamically_scoped for each in requirements)
            values = clause.allowed_values
            return is_scoped or any(self._is_allowed(requirements, value, is_decided=False) for value in values)
        if choices or json_type in {ARRAY, OBJECT} or len(requirements) == 1:
            return True
        try:
            return bool(branches_of(clause, self).branches)
        except PatternError:
            return True

    def _leave_out(self, requirements: Conjunction, json_types: Iterable[str]) -> ExpandedNode:  # noqa: ARG002  # as `_expand`
        """The expansion of a node beyond the maximum number of nodes."""
        limit = Limit(self._max_nodes, "combinations of schemas")
        return ExpandedNode((), frozenset([limit]))

    def _expand(self, requirements: Conjunction, json_types: Iterable[str]) -> ExpandedNode:
        """The branches of the values that meet a conjunction, in the order of the JSON types."""
        limits: set[Limit] = set()
        branches = [
            branch for json_type in json_types for branch in self._branches_of_type(requirements, json_type, limits)
        ]
        if not branches and TOO_LARGE_PATTERN in limits:
            self._report_too_large(requirements)
        return ExpandedNode(tuple(branches), frozenset(limits))

    def _branches_of_type(
        self, requirements: Conjunction, json_type: str, limits: set[Limit]
    ) -> Iterator[ExpandedBranch]:
        def convert(clause: Clause) -> tuple[Clause, list[Branch]] | None:
            if clause.allowed is not None:
                return clause, []
            try:
                found = branches_of(clause, self)
            except PatternError:
                limits.add(TOO_LARGE_PATTERN)
                return None
            limits.update(found.limits)
            return (clause, found.branches) if found.branches else None

        expansion = self._search.expand(requirements, json_type, convert)
        limits |= expansion.limits
        allowed: dict[Any, Any] = {}
        satisfied_by: dict[Any, frozenset[Subschema]] = {}
        has_open_choices = False
        for clause, branches in expansion.clauses:
            satisfied = clause.satisfied
            yield from (ExpandedBranch(branch, (satisfied,)) for branch in branches)
            if clause.allowed is not None:
                has_open_choices = has_open_choices or clause.has_open_choices
                for value in clause.allowed_values:
                    value_key = key(value)
                    allowed[value_key] = value
                    known = satisfied_by.get(value_key)
                    satisfied_by[value_key] = satisfied if known is None else known | satisfied
        constants = {
            each: value
            for each, value in allowed.items()
            if self._is_allowed(requirements, value, is_decided=not has_open_choices)
        }
        agreed = {
            each: value for each, value in constants.items() if not self._has_contested_names(requirements, value)
        }
        if len(agreed) < len(constants):
            limits.add(CONTESTED_NAMES)
            constants = agreed
        if constants:
            branch = Constants(tuple(constants.values()))
            yield ExpandedBranch(branch, tuple(satisfied_by[each] for each in constants), has_open_choices)

    @staticmethod
    def _report_too_large(requirements: Conjunction) -> None:
        """Raise an error for patterns and formats that are supported separately, but too large combined.

        Raises:
            UnsupportedSchemaError: every value must match them. A branch that violates a schema is left out instead.
        """
        if all(each.must_hold and each.path is None for each in requirements):
            schema = requirements[0].schema
            reason = f"their automaton has more than {TOO_LARGE_PATTERN}"
            message = f"can't be combined with the other patterns, formats and excluded values: {reason}"
            keyword = "format" if "format" in schema.keywords else "pattern"
            raise UnsupportedSchemaError([Problem(keyword, schema.at(keyword), message)])

    def _is_allowed(self, requirements: Conjunction, value: Any, *, is_decided: bool) -> bool:
        """True if the value of an enumeration meets the other requirements, too."""
        for requirement in requirements:
            schema = requirement.schema
            if isinstance(schema.value, bool) or requirement.path is not None:
                continue
            if (
                is_decided
                and len(requirements) == 1
                and requirement.must_hold
                and schema.dialect.not_applied_to_enum.isdisjoint(schema.keywords)
            ):
                continue
            if self._part_validators.is_part_valid(schema, value) is not requirement.must_hold:
                return False
            if requirement.must_hold and not self._part_validators.accepts_respelled(schema, value):
                return False
        return True

    def _has_contested_names(self, requirements: Conjunction, value: Any) -> bool:
        """True if jsonschema alone rejects the value of an enumeration, for names of properties."""
        return isinstance(value, (dict, list)) and any(
            self._part_validators.has_contested_names(each.schema, value)
            for each in requirements
            if each.must_hold and each.path is None
        )


class NormalForm(NodeFactory):
    """The nodes of one schema; a node is created once for each conjunction of requirements.

    Args:
        graph: the schema.
        options: the options for reading it.
        validators: its validators, for the values of enumerations and examples.

    Attributes:
        root_requirement: the requirement on the whole instance.
        root: the node of the whole instance.
        is_exact: True if every constructed value satisfies the schema, so that a validator need not check it.
        examples: the examples of each node.

    Raises:
        UnsatisfiableSchemaError: no value satisfies the schema.
        NoValueFoundError: no value was found before a limit ended the search.
        UnsupportedSchemaError: each value is too large.
    """

    def __init__(self, graph: SchemaGraph, options: SchemaOptions, validators: Validators) -> None:
        super().__init__(options, validators, max_nodes_of([graph]))
        self._validators = validators
        self.examples = Examples(graph, validators)
        self.root_requirement = Requirement(graph.root, True, enter_scope((), graph.root))
        self.is_exact = all(schema.dialect.inexact.isdisjoint(schema.keywords) for schema in graph.schemas) and not any(
            jsonschema_rs_may_backtrack(pattern) for _, pattern in graph.patterns
        )
        self.root = self.node([self.root_requirement])
        self._check_pattern_combinations(graph)
        pointer = graph.root.pointer
        if self.root.min_depth is None:
            limited = limiting_node(self.root)
            if limited is not None:
                raise NoValueFoundError(limited.requirements[0].schema.pointer, str(min(limited.limits)))
            raise UnsatisfiableSchemaError(pointer, _explain_unsatisfiable(self.root))
        if exceeds_size_limit(self.root):
            message = f"requires more than {MAX_VALUES} values in each instance; at most {MAX_VALUES} are supported"
            raise UnsupportedSchemaError([Problem("schema", pointer, message)])

    def __reduce__(self) -> NoReturn:
        raise TypeError("a NormalForm can't be copied or pickled; copy or pickle its Contract")

    def violating(self, path: EvaluationPath) -> Node:
        """The node of the instances that satisfy everything except the keyword at the end of a path."""
        root = self.root_requirement
        return self.node([Requirement(root.schema, True, root.dynamic_scope, path)])

    def violating_part(self, path: EvaluationPath, pointer: str, requirements: Conjunction) -> Node | None:
        """The node of the values at one location that violate a keyword, and satisfy everything else.

        None if the path to the keyword does not lead through one of the requirements.

        Args:
            path: the path to the keyword, through the location; without a keyword, nothing is violated.
            pointer: the location.
            requirements: all requirements on a valid value there.
        """
        requirement = requirement_at(self.root_requirement, path, pointer)
        if not any(each.schema is requirement.schema for each in requirements):
            return None
        # Nobody requests the node again, so that it does not count.
        return Node(conjunction([requirement, *requirements]), self._expand)

    @functools.cached_property
    def locations(self) -> Locations:
        """The declared locations, and those that the nodes reach."""
        return Locations(self.root_requirement, self.root, self._validators)

    @functools.cached_property
    def unreached(self) -> tuple[UnreachedLocation, ...]:
        """The outermost declared locations that no branch of the nodes reaches."""
        return unreached_locations(self.locations, self.root)

    @functools.cached_property
    def violation_targets(self) -> tuple[ViolationTarget, ...]:
        """Everything that can be violated, in the schema's order."""
        return tuple(violation_targets(self.root_requirement))

    @functools.cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every assertion with the location that it applies to, in the schema's order."""
        constraints = {
            (target.path, target.schema_pointer): Constraint(
                target.path, target.keyword, target.value, target.schema_pointer
            )
            for target in self.violation_targets
        }
        return tuple(constraints.values())

    def _check_pattern_combinations(self, graph: SchemaGraph) -> None:
        """Construct the strings of each schema that combines patterns and formats, since most nodes are expanded late.

        Raises:
            UnsupportedSchemaError: an automaton is too large.
        """
        counts = {schema: _count_string_sets(schema) for schema in graph.schemas}
        seen: set[Subschema] = set()
        stack = [graph.root] if sum(counts.values()) > 1 else []
        while stack:
            schema = stack.pop()
            if schema in seen:
                continue
            seen.add(schema)
            stack.extend(target for _, target in schema.references)
            for keyword in schema.children:
                facts = schema.dialect[keyword]
                if not (facts.discards_annotations or facts.never_fails):
                    stack.extend(child for _, child in schema.subschemas(keyword))
            requirement = Requirement(schema, True, enter_scope((), schema))
            if sum(counts.get(each.schema, 0) for each in in_place_requirements((requirement,))) > 1:
                _ = self.node([requirement]).strings


def max_nodes_of(graphs: Iterable[SchemaGraph]) -> int:
    """The maximum number of nodes for some schemas."""
    return max(MAX_NODES, MAX_NODES_PER_SCHEMA * sum(1 for graph in graphs for _ in graph.schemas))


def _count_string_sets(schema: Subschema) -> int:
    """The number of keywords whose value is a pattern, or the name of one."""
    return sum(
        isinstance(value, str) and keyword in schema.dialect.keywords and schema.dialect[keyword].json_type == STRING
        for keyword, value in schema.keywords.items()
    )


def _explain_unsatisfiable(root: Node) -> str:
    """The assertions of the first location that no value satisfies."""
    node, location = root, ""
    visited: set[Node] = set()
    while node not in visited:
        visited.add(node)
        branch = next((each for each in node.branches if isinstance(each, Objects)), None)
        required = branch.required if branch is not None else ()
        blocked = [name for name in required if branch is not None and branch.properties[name].min_depth is None]
        if branch is None or not blocked:
            break
        node, location = branch.properties[blocked[0]], json_pointer.join([blocked[0]], base=location)
    else:
        return f"{json_pointer.display(location)} is required at every depth, so that each instance would be infinite"
    assertions = ", ".join(f"{item.keyword} {quote(item.value)}" for item in node.assertions)
    shown = f"at {json_pointer.display(location)} " if location else ""
    return f"{shown}these exclude each other: {assertions}" if assertions else f"{shown}the schema is false"
