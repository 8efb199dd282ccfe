"""Observers of the instances that strategies, factories and enumerations hand out.

Without an observer, handing out an instance takes one truth test more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chime_fixtures.engine.contract import Contract

InstanceObserver = Callable[["Contract", Any], None]
"""A function that is called with a contract and an instance of it, valid or not; it must not change the instance."""

registered: tuple[InstanceObserver, ...] = ()
"""The observers, in the order in which they were added."""

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
