"""Hypothesis strategies of proxy sessions and operations, and of any supported schema.

Values are constructed from choices that Hypothesis makes: nothing is filtered, and everything shrinks.
"""

from __future__ import annotations

from chime_fixtures.engine.strategies.schemas import from_schema, violations_of
from chime_fixtures.strategies.lists import proxy_session_lists
from chime_fixtures.strategies.operations import (
    invalid_operation_requests,
    invalid_operation_responses,
    operation_request_violations,
    operation_requests,
    operation_response_violations,
    operation_responses,
)
from chime_fixtures.strategies.realistic import realistic_proxy_sessions
from chime_fixtures.strategies.sessions import (
    evolved_proxy_sessions,
    invalid_proxy_sessions,
    proxy_session_violations,
    proxy_sessions,
)

__all__ = [
    "evolved_proxy_sessions",
    "from_schema",
    "invalid_operation_requests",
    "invalid_operation_responses",
    "invalid_proxy_sessions",
    "operation_request_violations",
    "operation_requests",
    "operation_response_violations",
    "operation_responses",
    "proxy_session_lists",
    "proxy_session_violations",
    "proxy_sessions",
    "realistic_proxy_sessions",
    "violations_of",
]
