"""The HTML page of a contract: the explorer, and with coverage or a fault table the report of a test run.

The page is one file: styles, scripts and data are in it, and its content security policy forbids everything else.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import importlib.resources
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any

from chime_fixtures.contract_coverage import snippets
from chime_fixtures.contract_coverage.contract_tree import ConstraintEntry, ContractNode, contract_tree
from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.contract_coverage.fault_table import OUTCOMES, FaultTable
from chime_fixtures.contract_coverage.goals import Dimension, Goal
from chime_fixtures.contract_coverage.instance_texts import InstanceTexts, json_text, shortened
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import Edge, Hazard
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.violation import Violation

MAX_INSTANCE_CHARACTERS = 8_000_000
"""Characters of all instances of a page; later cases have none."""

MAX_TESTS = 20
"""Tests that are named for one goal; further ones are counted."""

STYLES = ("page.css",)
SCRIPTS = ("json_view.js", "tree.js", "cases.js", "members.js", "operations.js", "faults.js", "page.js")
"""The assets, in the order in which the page has them."""

_CASE_DIMENSIONS: tuple[Dimension, ...] = ("edges", "hazards", "violations")
_HOLE = re.compile(r"\{\{(\w+)\}\}")


def render_page(
    contract: Contract,
    *,
    coverage: Coverage | None = None,
    faults: FaultTable | None = None,
    expression: str | None = None,
) -> str:
    """The page of a contract as HTML.

    Args:
        contract: the contract.
        coverage: the goals of a test run, and the tests that met each.
        faults: the fault table of a test run.
        expression: the Python expression that makes the contract, for the snippets; by default one that reads its file,
            or its `repr`.
    """
    data = page_data(contract, coverage=coverage, faults=faults, expression=expression)
    styles = {name: _asset(name) for name in STYLES}
    scripts = {name: _asset(name) for name in SCRIPTS}
    policy = {
        "default-src": "'none'",
        "style-src": " ".join(map(_source_hash, styles.values())),
        "script-src": " ".join(map(_source_hash, scripts.values())),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    parts = {
        "policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "title": html.escape(json_pointer.printable(f"{contract.name}: {data['title']}")),
        "styles": "".join(f"<style>{text}</style>\n" for text in styles.values()),
        "scripts": "".join(f"<script>{text}</script>\n" for text in scripts.values()),
        "data": escaped_json(data),
    }
    return _HOLE.sub(lambda match: parts[match[1]], _asset("page.html"))


def page_data(
    contract: Contract,
    *,
    coverage: Coverage | None = None,
    faults: FaultTable | None = None,
    expression: str | None = None,
) -> dict[str, Any]:
    """The data of the page as a JSON object."""
    writer = _Writer(coverage)
    nodes = writer.nodes(contract_tree(contract))
    return {
        "title": "contract explorer" if coverage is None and faults is None else "contract coverage",
        "version": metadata.version("chime-fixtures"),
        "contract": contract.name,
        "dialect": contract.document.dialect.name,
        "heads": _heads(expression or snippets.expression_of(contract)),
        "nodes": nodes,
        "cases": writer.cases,
        "bases": writer.texts.bases,
        "omitted": writer.omitted,
        "dimensions": [] if coverage is None else _dimensions(coverage),
        "operations": [] if coverage is None else writer.operations(coverage.goals),
        "hasCoverage": coverage is not None,
        "faults": None if faults is None else writer.faults(faults),
        "tests": list(writer.tests),
    }


def escaped_json(value: Any) -> str:
    """A value as ASCII JSON for a script element: no text in it ends the element or begins another one."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


class _Writer:
    """The cases and tests of a page, each with its number."""

    def __init__(self, coverage: Coverage | None) -> None:
        self._coverage = coverage
        self._goals = _GoalIndex(() if coverage is None else coverage.goals)
        self.texts = InstanceTexts()
        self.cases: list[dict[str, Any]] = []
        self.tests: dict[str, int] = {}
        self.omitted = 0

    def nodes(self, root: ContractNode) -> list[dict[str, Any]]:
        """Every node before its children, which are numbers."""
        ordered = list(root.walk())
        numbers = {id(node): number for number, node in enumerate(ordered)}
        by_pointer = {node.pointer: number for number, node in reversed(list(enumerate(ordered)))}
        found = []
        for node in ordered:
            written = {
                "pointer": node.pointer,
                "name": node.name,
                "kind": node.kind,
                "types": node.types,
                "required": node.is_required,
                "description": node.description,
                "children": [numbers[id(child)] for child in node.children],
                "constraints": [self._constraint(node, entry) for entry in node.constraints],
                "hazards": self._numbers("hazards", node.hazards),
            }
            if node.hazards:
                written["snippet"] = snippets.hazards_body(node)
            if node.same_as is not None:
                written["same"] = by_pointer[node.same_as]
            found.append(written)
        return found

    def _constraint(self, node: ContractNode, entry: ConstraintEntry) -> dict[str, Any]:
        written: dict[str, Any] = {
            "keyword": entry.keyword,
            "limit": None if entry.keyword is None else json_text(shortened(entry.limit)[0]),
            "schema": entry.schema_pointer,
            "edges": self._numbers("edges", entry.edges),
            "violations": self._numbers("violations", entry.violations),
        }
        if entry.is_conditional:
            written["conditional"] = True
        if entry.implied_by is not None:
            written["implied"] = list(entry.implied_by)
        if entry.edges or entry.violations:
            written["head"] = "+".join(snippets.functions_of(entry))
            written["snippet"] = snippets.constraint_body(node, entry)
        return written

    def _numbers(self, dimension: Dimension, cases: Sequence[Edge | Hazard | Violation]) -> list[int]:
        first = len(self.cases)
        self.cases += [self._case(dimension, case) for case in cases]
        return list(range(first, len(self.cases)))

    def _case(self, dimension: Dimension, case: Edge | Hazard | Violation) -> dict[str, Any]:
        written: dict[str, Any] = {"set": dimension, "id": case.id, "pointer": case.pointer, "summary": case.summary}
        if self.texts.characters < MAX_INSTANCE_CHARACTERS:
            written |= self.texts.add(case.instance)
        else:
            self.omitted += 1
        if isinstance(case, Violation) and case.contested:
            written["contested"] = list(case.contested)
        goal = self._goals.of_case(dimension, case)
        return written if goal is None else written | self._met(goal)

    def _met(self, goal: Goal) -> dict[str, Any]:
        """The tests that met a goal in each column: their number, and the first ones; the hint if there are none."""
        assert self._coverage is not None
        columns = {"handed": self._coverage.handed_out, "received": self._coverage.received}
        met: dict[str, Any] = {
            name: self._tests(tests) for name, column in columns.items() if (tests := column.get(goal.key))
        }
        return met or ({"hint": goal.hint} if goal.hint else {})

    def _tests(self, tests: Sequence[str]) -> list[int]:
        return [len(tests), *(self._test(test) for test in tests[:MAX_TESTS])]

    def _test(self, test: str) -> int:
        return self.tests.setdefault(test, len(self.tests))

    def operations(self, goals: Iterable[Goal]) -> list[dict[str, Any]]:
        """The goals that are not cases, by operation."""
        found: dict[str, list[dict[str, Any]]] = {}
        for goal in goals:
            if goal.dimension in _CASE_DIMENSIONS and goal in self._goals.used:
                continue
            operation = goal.operation or ""
            label = goal.id.removeprefix(f"{operation}.")
            written = {"set": goal.dimension, "id": goal.id, "label": label, "pointer": goal.pointer}
            found.setdefault(operation, []).append(written | self._met(goal))
        return [{"name": name, "goals": goals} for name, goals in found.items()]

    def faults(self, table: FaultTable) -> dict[str, Any]:
        """The rows of a fault table, and its notes."""
        rows = [
            {
                "test": self._test(row.test),
                "call": row.call,
                "change": row.change,
                "outcome": row.outcome,
                "detail": row.detail,
                "schedule": row.schedule,
            }
            for row in table.rows
        ]
        notes = [{"test": self._test(note.test), "reason": note.reason} for note in table.notes]
        return {"outcomes": list(OUTCOMES), "rows": rows, "notes": notes}


class _GoalIndex:
    """The goals of cases: by id, or by location and keyword where one goal stands for all cases of a constraint."""

    def __init__(self, goals: Iterable[Goal]) -> None:
        self._by_key = {goal.key: goal for goal in goals}
        self._by_constraint = {
            (goal.dimension, goal.pointer, goal.keyword): goal
            for goal in self._by_key.values()
            if goal.dimension in _CASE_DIMENSIONS
        }
        self.used: set[Goal] = set()

    def of_case(self, dimension: Dimension, case: Edge | Hazard | Violation) -> Goal | None:
        """The goal of a case, if there is one."""
        by_constraint = self._by_constraint.get((dimension, case.pointer, case.keyword))
        goal = self._by_key.get(f"{dimension}:{case.id}", by_constraint)
        if goal is not None:
            self.used.add(goal)
        return goal


def _dimensions(coverage: Coverage) -> list[dict[str, Any]]:
    """The number of goals of each dimension, and of those that were met in each column."""
    return [
        {
            "name": dimension,
            "goals": len(coverage.met(None, dimension)) + len(coverage.missing(dimension)),
            "handed": len(coverage.met("handed_out", dimension)),
            "received": len(coverage.met("received", dimension)),
        }
        for dimension in coverage.dimensions
    ]


def _heads(expression: str) -> Mapping[str, str]:
    """The head of a snippet by the functions that its body calls."""
    sets = [
        ("enumerate_edges",),
        ("enumerate_violations",),
        ("enumerate_edges", "enumerate_violations"),
        ("enumerate_hazards",),
    ]
    return {"+".join(functions): snippets.head(expression, functions) for functions in sets}


@functools.cache
def _asset(name: str) -> str:
    return (importlib.resources.files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _source_hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
