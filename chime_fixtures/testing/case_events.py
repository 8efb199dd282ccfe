"""Events of Hypothesis: the cases that each example realises, for statistics and Tyche."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import currently_in_test_context, event

from chime_fixtures.contract_coverage.case_matcher import CaseMatcher, snapshot
from chime_fixtures.contract_coverage.case_store import CaseStore
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.testing.stored_cases import cases_in_cache

_ROOT = "(root)"


class CaseEvents:
    """Emits an event for one case of each member of an example.

    The events of a contract require its edges and hazards. To enumerate them while an example is drawn would fail a
    health check of Hypothesis, so that those of another contract than that of the run begin with the second test.

    Args:
        contract: returns the contract of the run, by its settings.
    """

    def __init__(self, contract: Callable[[], Contract]) -> None:
        self._contract = contract
        self._store = CaseStore()
        self._matchers: weakref.WeakKeyDictionary[Contract, _MemberCases] = weakref.WeakKeyDictionary()
        self._wanted: weakref.WeakSet[Contract] = weakref.WeakSet()

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start to observe."""
        self._store = cases_in_cache(session.config)
        contract = self._contract()
        self._matchers[contract] = _MemberCases(contract, self._store)
        instance_observers.add(self._observe)

    def pytest_unconfigure(self) -> None:
        """Stop to observe."""
        instance_observers.remove(self._observe)

    def pytest_runtest_teardown(self) -> None:
        """Enumerate the cases of the contracts that the test used first."""
        for contract in list(self._wanted):
            self._matchers[contract] = _MemberCases(contract, self._store)
        self._wanted.clear()

    def _observe(self, contract: Contract, instance: Any) -> None:
        if not currently_in_test_context():
            return
        matcher = self._matchers.get(contract)
        if matcher is None:
            self._wanted.add(contract)
            return
        for text in matcher.texts(instance):
            event(text)


class _MemberCases:
    """The cases of a contract by the member of the instance that they are about."""

    def __init__(self, contract: Contract, store: CaseStore) -> None:
        edges, hazards = store.edges(contract), store.hazards(contract)
        self._matcher = CaseMatcher(contract, edges, hazards)
        self._pointers = {f"edges:{edge.id}": edge.pointer for edge in edges}
        self._pointers |= {f"hazards:{hazard.id}": hazard.pointer for hazard in hazards}

    def texts(self, instance: Any) -> Iterator[str]:
        """The first case of each member that the instance realises: ``Name: longest``; or ``violation: Name.type``."""
        try:
            keys = self._matcher.keys(snapshot(instance))
        except ValueError:
            # It is not JSON: an override that is not checked.
            return
        members: dict[str, str] = {}
        for key in keys:
            dimension, _, case_id = key.partition(":")
            if dimension == "violations":
                members.setdefault("violation", case_id)
            else:
                member = next(iter(json_pointer.split(self._pointers[key])), _ROOT)
                members.setdefault(member, case_id.removeprefix(f"{member}."))
        for member, case in members.items():
            yield f"{member}: {case}"
