"""A fake Chime in memory, without I/O and without an HTTP library; adapters and the server connect it to clients."""

from __future__ import annotations

from chime_fixtures.service.clock import Clock
from chime_fixtures.service.faults import Fault
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.injection import Injection
from chime_fixtures.service.journal import Call
from chime_fixtures.service.messages import Request, Response, TransportFault
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.service import ChimeService

__all__ = [
    "Call",
    "ChimeService",
    "Clock",
    "Fault",
    "Ids",
    "Injection",
    "Policies",
    "Request",
    "Response",
    "TransportFault",
]
