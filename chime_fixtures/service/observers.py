"""Observers of the calls that services finish.

Without an observer, a call takes one truth test more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from chime_fixtures.engine.contract import Contract
from chime_fixtures.service.journal import Call

CallObserver = Callable[[Contract, Call], None]
"""A function that is called with the contract of a service's sessions and a finished call.

It runs in the thread of the request, under the lock of the service, which it must not use.
"""

registered: tuple[CallObserver, ...] = ()
"""The observers, in the order in which they were added."""

_lock = threading.Lock()


def add(observer: CallObserver) -> None:
    """Call an observer with each call that a service finishes, until it is removed."""
    global registered  # noqa: PLW0603  # read for each call
    with _lock:
        registered = (*registered, observer)


def remove(observer: CallObserver) -> None:
    """Remove an observer; one that was not added is ignored."""
    global registered  # noqa: PLW0603  # read for each call
    with _lock:
        registered = tuple(each for each in registered if each != observer)


def report(contract: Contract, call: Call) -> None:
    """Call each observer with a finished call."""
    for observer in registered:
        observer(contract, call)
