"""Fixtures, fuzzing and a stub for consumers of Amazon Chime proxy sessions, driven by one JSON Schema.

Every name below is imported when it is first used, so that ``import chime_fixtures`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chime_fixtures.contract import Constraint, Contract, Violation
    from chime_fixtures.edges import enumerate_edges
    from chime_fixtures.errors import (
        ChimeFixturesError,
        InvalidDocumentError,
        InvalidInstanceError,
        MissingExtraError,
        SchemaNotFoundError,
        UnexpectedRequestError,
        UnknownFaultError,
        UnknownOperationError,
        UnmetExpectationError,
        UnsatisfiableSchemaError,
        UnsupportedSchemaError,
    )
    from chime_fixtures.factories import ProxySessionFactory
    from chime_fixtures.providers import ChimeProvider
    from chime_fixtures.service import Policies
    from chime_fixtures.service_model import contract_from_botocore
    from chime_fixtures.strategies import (
        evolved_proxy_sessions,
        from_schema,
        invalid_operation_requests,
        invalid_operation_responses,
        invalid_proxy_sessions,
        operation_request_violations,
        operation_requests,
        operation_response_violations,
        operation_responses,
        proxy_session_lists,
        proxy_session_violations,
        proxy_sessions,
        violations_of,
    )
    from chime_fixtures.stub import ChimeStub
    from chime_fixtures.violations import enumerate_violations

    __version__: str

__all__ = [
    "ChimeFixturesError",
    "ChimeProvider",
    "ChimeStub",
    "Constraint",
    "Contract",
    "InvalidDocumentError",
    "InvalidInstanceError",
    "MissingExtraError",
    "Policies",
    "ProxySessionFactory",
    "SchemaNotFoundError",
    "UnexpectedRequestError",
    "UnknownFaultError",
    "UnknownOperationError",
    "UnmetExpectationError",
    "UnsatisfiableSchemaError",
    "UnsupportedSchemaError",
    "Violation",
    "contract_from_botocore",
    "enumerate_edges",
    "enumerate_violations",
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
    "violations_of",
]

_ROOMS = {
    "ChimeProvider": "providers",
    "ChimeStub": "stub",
    "Constraint": "contract",
    "Contract": "contract",
    "Policies": "service",
    "ProxySessionFactory": "factories",
    "Violation": "contract",
    "contract_from_botocore": "service_model",
    "enumerate_edges": "edges",
    "enumerate_violations": "violations",
    "evolved_proxy_sessions": "strategies",
    "from_schema": "strategies",
    "invalid_operation_requests": "strategies",
    "invalid_operation_responses": "strategies",
    "invalid_proxy_sessions": "strategies",
    "operation_request_violations": "strategies",
    "operation_requests": "strategies",
    "operation_response_violations": "strategies",
    "operation_responses": "strategies",
    "proxy_session_lists": "strategies",
    "proxy_session_violations": "strategies",
    "proxy_sessions": "strategies",
    "violations_of": "strategies",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("chime-fixtures")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = importlib.import_module(f"{__name__}.{_ROOMS.get(name, 'errors')}")
    return getattr(room, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
