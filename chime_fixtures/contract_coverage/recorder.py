"""The recorder of a run: the instances that its tests are given and the calls that they make, matched to goals."""

from __future__ import annotations

import functools
import hashlib
import json
import marshal
import weakref
from collections.abc import Iterator
from typing import Any

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.operations import Operation, operation_named, operations
from chime_fixtures.contract_coverage.coverage import MAX_TESTS_PER_GOAL, Column, Coverage, merged
from chime_fixtures.contract_coverage.goals import goals_of
from chime_fixtures.contract_coverage.outcomes import outcomes_of, success_body
from chime_fixtures.contract_coverage.sent_requests import requests_of
from chime_fixtures.engine.contract import Contract
from chime_fixtures.service.journal import Call
from chime_fixtures.service.responses import sessions_in

MAX_KNOWN_INSTANCES = 4096
"""Instances whose cases are remembered, since tests are often given equal ones."""

_SNAPSHOT_VERSION = 2
"""The last version of marshal that writes equal values as equal bytes."""

Met = set[tuple["Section", Column, str]]
"""Keys of goals that were met, with their contract and column."""


class Section:
    """The goals of one contract that the tests of a run met.

    Args:
        contract: the contract.
        is_served: True if the stub serves its instances as sessions.

    Attributes:
        contract: the contract.
        is_served: True if the stub serves its instances as sessions.
        tests: the ids of the tests that met each goal, by column and key.
    """

    def __init__(self, contract: Contract, *, is_served: bool) -> None:
        self.contract = contract
        self.is_served = is_served
        self.tests: dict[Column, dict[str, set[str]]] = {"handed_out": {}, "received": {}}
        self._known: dict[bytes, tuple[str, ...]] = {}

    @functools.cached_property
    def _hazard_ids(self) -> frozenset[str]:
        return frozenset(hazard.id for hazard in self.contract.hazards)

    def keys(self, snapshot: bytes) -> tuple[str, ...]:
        """The keys of the cases that an instance realises."""
        known = self._known.get(snapshot)
        if known is None:
            if len(self._known) >= MAX_KNOWN_INSTANCES:
                self._known.clear()
            known = self._known[snapshot] = tuple(self._keys(marshal.loads(snapshot)))  # noqa: S302  # written here
        return known

    def _keys(self, instance: Any) -> Iterator[str]:
        contract = self.contract
        is_valid = contract.is_valid(instance)
        for each in contract.cases_met_by(instance):
            dimension = ("hazards" if each in self._hazard_ids else "edges") if is_valid else "violations"
            yield f"{dimension}:{each}"

    def add(self, column: Column, key: str, test: str) -> None:
        """Record that a test met a goal."""
        self.tests[column].setdefault(key, set()).add(test)

    def coverage(self, *, with_hints: bool) -> Coverage:
        """The coverage of the contract."""
        goals = goals_of(self.contract, is_served=self.is_served, with_hints=with_hints)
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
    """

    def __init__(self, contract: Contract) -> None:
        self._sections: dict[str, Section] = {}
        self._by_contract: weakref.WeakKeyDictionary[Contract, Section] = weakref.WeakKeyDictionary()
        self._main = self._section(contract, is_served=True)
        # Dictionaries without values, since equal instances are matched once.
        self._example: dict[tuple[Contract, bytes], None] = {}
        self._example_calls: list[tuple[Contract, Call, bytes | None]] = []
        self._instances: dict[tuple[Contract, bytes], None] = {}
        self._calls: list[tuple[Contract, Call, bytes | None]] = []

    def observe_instance(self, contract: Contract, instance: Any) -> None:
        """Record an instance that is handed out, as it is now."""
        try:
            self._example[contract, marshal.dumps(instance, _SNAPSHOT_VERSION)] = None
        except ValueError:
            # It is not JSON: an override that is not checked.
            return

    def observe_call(self, contract: Contract, call: Call) -> None:
        """Record a call, with its parameters as they are now."""
        parameters = (
            None if call.request is None or call.violations else marshal.dumps(dict(call.request), _SNAPSHOT_VERSION)
        )
        self._example_calls.append((contract, call, parameters))

    def end_example(self, *, is_kept: bool) -> None:
        """Keep or discard what was recorded since the last example ended."""
        if is_kept:
            self._instances |= self._example
            self._calls += self._example_calls
        self._example, self._example_calls = {}, []

    def end_test(self, test: str, *, has_passed: bool) -> None:
        """Match what was recorded in a test, and add its id to the goals that it met; discard all if it failed."""
        self.end_example(is_kept=has_passed)
        instances, self._instances = self._instances, {}
        calls, self._calls = self._calls, []
        if not has_passed:
            return
        met: Met = set()
        for contract, snapshot in instances:
            met |= self._met_by_instance(contract, snapshot)
        for contract, call, parameters in calls:
            met |= self._met_by_call(contract, call, parameters)
        for section, column, key in met:
            section.add(column, key, test)

    def _met_by_instance(self, contract: Contract, snapshot: bytes) -> Met:
        body = _operation_body(contract)
        if body is None:
            section = self._section(contract)
            return {(section, "handed_out", key) for key in section.keys(snapshot)}
        operation, part = body
        instance = marshal.loads(snapshot)  # noqa: S302  # written here
        if part == "response":
            return self._met_by_sessions(load_contract("ProxySession"), operation, instance, "handed_out")
        return {(self._main, "handed_out", f"requests:{each}") for each in requests_of(operation, contract, instance)}

    def _met_by_call(self, contract: Contract, call: Call, parameters: bytes | None) -> Met:
        section = self._section(contract, is_served=True)
        assert call.operation is not None
        operation = operation_named(call.operation)
        body = success_body(call)
        met: Met = {(section, "received", f"outcomes:{each}") for each in outcomes_of(call, body)}
        if parameters is not None:
            arguments = marshal.loads(parameters)  # noqa: S302  # written here
            met |= {
                (section, "received", f"requests:{each}")
                for each in requests_of(operation, operation.arguments, arguments)
            }
        if body is not None:
            met |= self._met_by_sessions(contract, operation, body, "received")
        return met

    def _met_by_sessions(self, contract: Contract, operation: Operation, body: Any, column: Column) -> Met:
        section = self._section(contract)
        snapshots = {marshal.dumps(each, _SNAPSHOT_VERSION) for each in sessions_in(operation, body)}
        return {(section, column, key) for snapshot in snapshots for key in section.keys(snapshot)}

    def _section(self, contract: Contract, *, is_served: bool = False) -> Section:
        section = self._by_contract.get(contract)
        if section is None:
            section = self._sections.setdefault(_digest(contract), Section(contract, is_served=is_served))
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


def _digest(contract: Contract) -> str:
    document = contract.document
    content = [contract.name, document.uri, document.pointer, document.by_uri]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=repr).encode()).hexdigest()
