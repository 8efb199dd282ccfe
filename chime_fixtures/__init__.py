"""Fixtures, fuzzing and a stub for consumers of Amazon Chime proxy sessions, driven by one JSON Schema.

Every name below is imported when it is first used, so that ``import chime_fixtures`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chime_fixtures.chime.contracts import load_contract
    from chime_fixtures.chime.errors import (
        ChimeFixturesError,
        InvalidInstanceError,
        MissingOperationsError,
        UnexpectedRequestError,
        UnknownFaultError,
        UnknownOperationError,
        UnmetExpectationError,
        UnsafeAddressError,
    )
    from chime_fixtures.engine.contract import Contract, enumerate_edges, enumerate_violations, generate
    from chime_fixtures.engine.errors import (
        InvalidDocumentError,
        InvalidOptionError,
        MissingExtraError,
        SchemaNotFoundError,
        UnknownFormatError,
        UnsatisfiableSchemaError,
        UnsupportedSchemaError,
    )
    from chime_fixtures.engine.sources.aws_models import contract_from_botocore
    from chime_fixtures.engine.strategies import from_schema, violations_of
    from chime_fixtures.engine.violation import Constraint, Violation
    from chime_fixtures.service import Policies
    from chime_fixtures.sessions.factory import ProxySessionFactory
    from chime_fixtures.sessions.provider import ChimeProvider
    from chime_fixtures.strategies import (
        evolved_proxy_sessions,
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
    )
    from chime_fixtures.stub import ChimeStub

    __version__: str

__all__ = [
    "ChimeFixturesError",
    "ChimeProvider",
    "ChimeStub",
    "Constraint",
    "Contract",
    "InvalidDocumentError",
    "InvalidInstanceError",
    "InvalidOptionError",
    "MissingExtraError",
    "MissingOperationsError",
    "Policies",
    "ProxySessionFactory",
    "SchemaNotFoundError",
    "UnexpectedRequestError",
    "UnknownFaultError",
    "UnknownFormatError",
    "UnknownOperationError",
    "UnmetExpectationError",
    "UnsafeAddressError",
    "UnsatisfiableSchemaError",
    "UnsupportedSchemaError",
    "Violation",
    "contract_from_botocore",
    "enumerate_edges",
    "enumerate_violations",
    "evolved_proxy_sessions",
    "from_schema",
    "generate",
    "invalid_operation_requests",
    "invalid_operation_responses",
    "invalid_proxy_sessions",
    "load_contract",
    "operation_request_violations",
    "operation_requests",
    "operation_response_violations",
    "operation_responses",
    "proxy_session_lists",
    "proxy_session_violations",
    "proxy_sessions",
    "violations_of",
]

_EXPORTS = {
    "ChimeFixturesError": "chime.errors",
    "ChimeProvider": "sessions.provider",
    "ChimeStub": "stub",
    "Constraint": "engine.violation",
    "Contract": "engine.contract",
    "InvalidDocumentError": "engine.errors",
    "InvalidInstanceError": "chime.errors",
    "InvalidOptionError": "engine.errors",
    "MissingExtraError": "engine.errors",
    "MissingOperationsError": "chime.errors",
    "Policies": "service",
    "ProxySessionFactory": "sessions.factory",
    "SchemaNotFoundError": "engine.errors",
    "UnexpectedRequestError": "chime.errors",
    "UnknownFaultError": "chime.errors",
    "UnknownFormatError": "engine.errors",
    "UnknownOperationError": "chime.errors",
    "UnmetExpectationError": "chime.errors",
    "UnsafeAddressError": "chime.errors",
    "UnsatisfiableSchemaError": "engine.errors",
    "UnsupportedSchemaError": "engine.errors",
    "Violation": "engine.violation",
    "contract_from_botocore": "engine.sources.aws_models",
    "enumerate_edges": "engine.contract",
    "enumerate_violations": "engine.contract",
    "evolved_proxy_sessions": "strategies",
    "from_schema": "engine.strategies",
    "generate": "engine.contract",
    "invalid_operation_requests": "strategies",
    "invalid_operation_responses": "strategies",
    "invalid_proxy_sessions": "strategies",
    "load_contract": "chime.contracts",
    "operation_request_violations": "strategies",
    "operation_requests": "strategies",
    "operation_response_violations": "strategies",
    "operation_responses": "strategies",
    "proxy_session_lists": "strategies",
    "proxy_session_violations": "strategies",
    "proxy_sessions": "strategies",
    "violations_of": "engine.strategies",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("chime-fixtures")
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_EXPORTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
