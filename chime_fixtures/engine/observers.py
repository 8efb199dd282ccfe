"""Observers of the instances that strategies and factories hand out, and of the cases that are enumerated.

Without an observer, handing out an instance takes one truth test more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chime_fixtures.engine.cases import Edge, Hazard
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.engine.violation import Violation

InstanceObserver = Callable[["Contract", Any], None]
"""A function that is called with a contract and an instance of it, valid or not; it must not change the instance."""

CaseObserver = Callable[["Contract", "Sequence[Edge | Hazard | Violation]"], None]
"""A function that is called with a contract and enumerated cases of it; it must not change them."""

registered: tuple[InstanceObserver, ...] = ()
"""The observers, in the order in which they were added."""

_of_cases: tuple[CaseObserver, ...] = ()

_lock = threading.Lock()


def add(observer: InstanceObserver) -> None:
    """Call an observer with each instance that is handed out, until it is removed."""
    global registered  # noqa: PLW0603  # read for each instance
    with _lock:
        registered = (*registered, observer)


def remove(observer: InstanceObserver) -> None:
    """Remove an observer; one that was not added is ignored."""
    global registered  # noqa: PLW0603  # read for each instance
    with _lock:
        registered = tuple(each for each in registered if each != observer)


def report(contract: Contract, instance: Any) -> None:
    """Call each observer, before the instance is handed out."""
    for observer in registered:
        observer(contract, instance)


def add_of_cases(observer: CaseObserver) -> None:
    """Call an observer with the cases of each enumeration, until it is removed."""
    global _of_cases  # noqa: PLW0603  # as above
    with _lock:
        _of_cases = (*_of_cases, observer)


def remove_of_cases(observer: CaseObserver) -> None:
    """Remove an observer of cases; one that was not added is ignored."""
    global _of_cases  # noqa: PLW0603  # as above
    with _lock:
        _of_cases = tuple(each for each in _of_cases if each != observer)


def report_cases(contract: Contract, cases: Sequence[Edge | Hazard | Violation]) -> None:
    """Call each observer of cases, before they are returned: they are not handed out to a test so far."""
    for observer in _of_cases:
        observer(contract, cases)
