"""Observers of the instances that strategies and factories hand out, and of the cases that are enumerated.

Without an observer, handing out an instance takes one truth test more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVarTuple

if TYPE_CHECKING:
    from chime_fixtures.engine.cases import Edge, Hazard
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.engine.violation import Violation

Observed = TypeVarTuple("Observed")


class Observers(Generic[*Observed]):
    """A registry of functions that are called with each report; threads may share it.

    Attributes:
        registered: the observers, in the order in which they were added.
    """

    def __init__(self) -> None:
        self.registered: tuple[Callable[[*Observed], None], ...] = ()
        self._lock = threading.Lock()

    def add(self, observer: Callable[[*Observed], None]) -> None:
        """Call an observer with each report, until it is removed."""
        with self._lock:
            self.registered = (*self.registered, observer)

    def remove(self, observer: Callable[[*Observed], None]) -> None:
        """Remove an observer; one that was not added is ignored."""
        with self._lock:
            self.registered = tuple(each for each in self.registered if each != observer)

    def report(self, *observed: *Observed) -> None:
        """Call each observer."""
        for observer in self.registered:
            observer(*observed)


instance_observers: Observers[Contract, Any] = Observers()
"""Called with a contract and an instance of it, valid or not, before it is handed out; they must not change it."""

case_observers: Observers[Contract, Sequence[Edge | Hazard | Violation]] = Observers()
"""Called with a contract and enumerated cases of it, before they are returned; they must not change them.

No case is handed out to a test so far."""
