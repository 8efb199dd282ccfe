"""A Chime in memory: pure, synchronous, thread-safe; no I/O and no HTTP library. Adapters put it behind clients."""

from __future__ import annotations

from chime_fixtures.service.chime import ChimeService
from chime_fixtures.service.clock import Clock
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.journal import Call
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.records import Fault, Request, Response

__all__ = ["Call", "ChimeService", "Clock", "Fault", "Ids", "Policies", "Request", "Response"]
