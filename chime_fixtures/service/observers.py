"""Observers of the calls that services finish. Without an observer, a call takes one truth test more."""

from __future__ import annotations

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.observers import Observers
from chime_fixtures.service.journal import Call

call_observers: Observers[Contract, Call] = Observers()
"""Called with the contract of a service's sessions and a finished call.

They run in the thread of the request, under the lock of the service, which they must not use."""
