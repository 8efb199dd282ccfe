"""The recorder of a run: the instances that its tests are given and the calls that they make, matched to goals."""

from __future__ import annotations

import collections
import contextlib
import functools
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.operations import Operation, operation_named, operations
from chime_fixtures.contract_coverage.case_matcher import CaseMatcher, restored, snapshot
from chime_fixtures.contract_coverage.case_store import CaseStore, digest
from chime_fixtures.contract_coverage.coverage import MAX_TESTS_PER_GOAL, Column, Coverage, merged
from chime_fixtures.contract_coverage.outcomes import outcomes_of, success_body
from chime_fixtures.contract_coverage.sent_requests import goal_id
from chime_fixtures.engine.cases import Edge, Hazard
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.journal import Call
from chime_fixtures.service.responses import sessions_in

Met = dict[tuple["Section", Column], set[str]]
"""Keys of goals that were met, by their contract and column."""


class Section:
    """The goals of one contract that the tests of a run met.

    Args:
        contract: the contract.
        store: the cases and goals of contracts.
        is_served: True if the stub serves its instances as sessions.

    Attributes:
        contract: the contract.
        is_served: True if the stub serves its instances as sessions.
        tests: the ids of the tests that met each goal, by column and key.
    """

    def __init__(self, contract: Contract, store: CaseStore, *, is_served: bool) -> None:
        self.contract = contract
        self._store = store
        self.is_served = is_served
        self.tests: dict[Column, dict[str, set[str]]] = {"handed_out": {}, "received": {}}

    @functools.cached_property
    def matcher(self) -> CaseMatcher:
        """The cases that instances of the contract realise."""
        return CaseMatcher(self.contract, self._store.edges(self.contract), self._store.hazards(self.contract))

    def add(self, column: Column, key: str, test: str) -> None:
        """Record that a test met a goal."""
        self.tests[column].setdefault(key, set()).add(test)

    def coverage(self, *, with_hints: bool) -> Coverage:
        """The coverage of the contract."""
        goals = self._store.goals(self.contract, is_served=self.is_served, with_hints=with_hints)
        keys = {goal.key for goal in goals}
        columns = {
            column: {key: tuple(sorted(met[key])[:MAX_TESTS_PER_GOAL]) for key in sorted(met) if key in keys}
            for column, met in self.tests.items()
        }
        return Coverage(self.contract.name, goals, columns["handed_out"], columns["received"])


class Recorder:
    """Collects what a test is given and exchanges, and keeps it if the test passes.

    Args:
        contract: the contract of the run, whose coverage is reported even if no test met any of it.
        store: the cases and goals of contracts.
    """

    def __init__(self, contract: Contract, store: CaseStore | None = None) -> None:
        self._store = store or CaseStore()
        self._requests: dict[Contract, CaseMatcher] = {}
        self._sections: dict[str, Section] = {}
        self._by_contract: weakref.WeakKeyDictionary[Contract, Section] = weakref.WeakKeyDictionary()
        self._main = self._section(contract, is_served=True)
        # By identity, since equal cases of two contracts are different ones; the case itself keeps the number in use.
        self._enumerated: dict[int, tuple[Contract, Edge | Hazard | Violation]] = {}
        # Dictionaries without values, since equal instances are matched once.
        self._example: dict[tuple[Contract, bytes], None] = {}
        self._example_calls: list[tuple[Contract, Call, bytes | None]] = []
        self._instances: dict[tuple[Contract, bytes], None] = {}
        self._calls: list[tuple[Contract, Call, bytes | None]] = []

    def observe_instance(self, contract: Contract, instance: Any) -> None:
        """Record an instance that is handed out, as it is now."""
        # What is not JSON comes from an override that is not checked.
        with contextlib.suppress(ValueError):
            self._example[contract, snapshot(instance)] = None

    def observe_cases(self, contract: Contract, cases: Sequence[Edge | Hazard | Violation]) -> None:
        """Remember enumerated cases, which a test may be given later."""
        self._enumerated |= {id(case): (contract, case) for case in cases}

    def observe_arguments(self, values: Iterable[object]) -> None:
        """Record the enumerated cases among the arguments of a test, as those of a parametrized one."""
        for value in values:
            if (known := self._enumerated.get(id(value))) is not None:
                contract, case = known
                self.observe_instance(contract, case.instance)

    def observe_call(self, contract: Contract, call: Call) -> None:
        """Record a call, with its parameters as they are now."""
        is_valid = call.request is not None and not call.violations
        self._example_calls.append((contract, call, snapshot(dict(call.request or {})) if is_valid else None))

    def end_example(self, *, is_kept: bool) -> None:
        """Keep or discard what was recorded since the last example ended."""
        if is_kept:
            self._instances |= self._example
            self._calls += self._example_calls
        self._example, self._example_calls = {}, []

    @contextlib.contextmanager
    def example(self) -> Iterator[None]:
        """Keep what is recorded meanwhile, unless an exception ends it."""
        has_passed = False
        try:
            yield
            has_passed = True
        finally:
            self.end_example(is_kept=has_passed)

    def end_test(self, test: str, *, has_passed: bool) -> None:
        """Match what was recorded in a test, and add its id to the goals that it met; discard all if it failed."""
        self.end_example(is_kept=has_passed)
        instances, self._instances = self._instances, {}
        calls, self._calls = self._calls, []
        if not has_passed:
            return
        met: Met = collections.defaultdict(set)
        for contract, content in instances:
            self._add_instance(contract, content, met)
        for contract, call, parameters in calls:
            self._add_call(contract, call, parameters, met)
        for (section, column), keys in met.items():
            for key in keys:
                section.add(column, key, test)

    def _add_instance(self, contract: Contract, content: bytes, met: Met) -> None:
        body = _operation_body(contract)
        if body is None:
            section = self._section(contract)
            met[section, "handed_out"].update(section.matcher.keys(content))
            return
        operation, part = body
        if part == "response":
            section = self._section(load_contract("ProxySession"))
            for session in sessions_in(operation, restored(content)):
                met[section, "handed_out"].update(section.matcher.keys(snapshot(session)))
        else:
            met[self._main, "handed_out"].update(self._request_keys(operation, contract, content))

    def _add_call(self, contract: Contract, call: Call, parameters: bytes | None, met: Met) -> None:
        section = self._section(contract, is_served=True)
        assert call.operation is not None
        operation = operation_named(call.operation)
        body = success_body(call)
        received = met[section, "received"]
        received.update(f"outcomes:{each}" for each in outcomes_of(call, body))
        if parameters is not None:
            received.update(self._request_keys(operation, operation.arguments, parameters))
        for session in sessions_in(operation, body or {}):
            received.update(section.matcher.keys(snapshot(session)))

    def _request_keys(self, operation: Operation, contract: Contract, content: bytes) -> Iterator[str]:
        """The keys of the goals that a request meets, by the contract of its arguments or of its body."""
        matcher = self._requests.get(contract)
        if matcher is None:
            matcher = self._requests[contract] = CaseMatcher(contract, self._store.edges(contract), ())
        edges = [key.partition(":")[2] for key in matcher.keys(content) if key.startswith("edges:")]
        for name in ("", *restored(content), *edges):
            yield f"requests:{goal_id(operation.name, name)}"

    def _section(self, contract: Contract, *, is_served: bool = False) -> Section:
        section = self._by_contract.get(contract)
        if section is None:
            section = self._sections.setdefault(digest(contract), Section(contract, self._store, is_served=is_served))
            self._by_contract[contract] = section
        section.is_served |= is_served
        return section

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """The contract of each coverage, that of the run first."""
        return tuple(section.contract for section in self._sections.values())

    def coverages(self, *, with_hints: bool = True) -> tuple[Coverage, ...]:
        """The coverage of each contract, that of the run first."""
        return merged(section.coverage(with_hints=with_hints) for section in self._sections.values())


def _operation_body(contract: Contract) -> tuple[Operation, str] | None:
    """The operation and the part, ``request``, ``response`` or ``arguments``, whose bundled contract it is."""
    name, _, part = contract.name.rpartition(".")
    operation = _OPERATIONS.get(name)
    if operation is None or part not in ("request", "response", "arguments"):
        return None
    return (operation, part) if getattr(operation, part) is contract else None


_OPERATIONS = {operation.name: operation for operation in operations()}
