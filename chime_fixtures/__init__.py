"""Fixtures, fuzzing and a stub for consumers of Amazon Chime proxy sessions, from one JSON Schema.

Each public name is imported when it is first used, so that ``import chime_fixtures`` is fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Type checkers do not read the table below; a test compares the two.
    from chime_fixtures.chime.contracts import load_contract as load_contract
    from chime_fixtures.chime.errors import (
        ChimeFixturesError as ChimeFixturesError,
        InvalidInstanceError as InvalidInstanceError,
        MissingOperationsError as MissingOperationsError,
        UnexpectedRequestError as UnexpectedRequestError,
        UninterceptedClientError as UninterceptedClientError,
        UnknownFaultError as UnknownFaultError,
        UnknownMemberWarning as UnknownMemberWarning,
        UnknownOperationError as UnknownOperationError,
        UnmetExpectationError as UnmetExpectationError,
        UnrecordedRequestError as UnrecordedRequestError,
        UnsafeAddressError as UnsafeAddressError,
    )
    from chime_fixtures.engine.cases.edges import Edge as Edge
    from chime_fixtures.engine.cases.hazards import Hazard as Hazard
    from chime_fixtures.engine.contract import (
        Contract as Contract,
        generate as generate,
    )
    from chime_fixtures.engine.diff import (
        ConstraintChange as ConstraintChange,
        ContractDiff as ContractDiff,
        diff as diff,
    )
    from chime_fixtures.engine.enumeration import (
        enumerate_edges as enumerate_edges,
        enumerate_hazards as enumerate_hazards,
        enumerate_violations as enumerate_violations,
        iter_violations as iter_violations,
    )
    from chime_fixtures.engine.errors import (
        InvalidDocumentError as InvalidDocumentError,
        InvalidOptionError as InvalidOptionError,
        MissingExtraError as MissingExtraError,
        NoValueError as NoValueError,
        NoValueFoundError as NoValueFoundError,
        SchemaNotFoundError as SchemaNotFoundError,
        SchemaWarning as SchemaWarning,
        UnknownConstraintError as UnknownConstraintError,
        UnsatisfiableSchemaError as UnsatisfiableSchemaError,
        UnsupportedSchemaError as UnsupportedSchemaError,
    )
    from chime_fixtures.engine.normal_form.unreached import UnreachedLocation as UnreachedLocation
    from chime_fixtures.engine.sources.aws_models import contract_from_botocore as contract_from_botocore
    from chime_fixtures.engine.strategies import (
        from_schema as from_schema,
        violations_of as violations_of,
    )
    from chime_fixtures.engine.violation import (
        Constraint as Constraint,
        Violation as Violation,
    )
    from chime_fixtures.sampling.errors import UnknownFormatError as UnknownFormatError
    from chime_fixtures.service import Fault as Fault, Policies as Policies
    from chime_fixtures.sessions.factory import ProxySessionFactory as ProxySessionFactory
    from chime_fixtures.sessions.list_cases import (
        ListCase as ListCase,
        enumerate_lists as enumerate_lists,
    )
    from chime_fixtures.sessions.provider import ChimeProvider as ChimeProvider
    from chime_fixtures.strategies import (
        evolved_proxy_sessions as evolved_proxy_sessions,
        invalid_operation_requests as invalid_operation_requests,
        invalid_operation_responses as invalid_operation_responses,
        invalid_proxy_sessions as invalid_proxy_sessions,
        operation_request_violations as operation_request_violations,
        operation_requests as operation_requests,
        operation_response_violations as operation_response_violations,
        operation_responses as operation_responses,
        proxy_session_lists as proxy_session_lists,
        proxy_session_violations as proxy_session_violations,
        proxy_sessions as proxy_sessions,
        realistic_proxy_sessions as realistic_proxy_sessions,
    )
    from chime_fixtures.stub import ChimeStub as ChimeStub

    __version__: str

_MODULES: dict[str, tuple[str, ...]] = {
    "engine.cases.edges": ("Edge",),
    "engine.cases.hazards": ("Hazard",),
    "engine.contract": ("Contract", "generate"),
    "engine.diff": ("ConstraintChange", "ContractDiff", "diff"),
    "engine.enumeration": ("enumerate_edges", "enumerate_hazards", "enumerate_violations", "iter_violations"),
    "engine.errors": (
        "InvalidDocumentError",
        "InvalidOptionError",
        "MissingExtraError",
        "NoValueError",
        "NoValueFoundError",
        "SchemaNotFoundError",
        "SchemaWarning",
        "UnknownConstraintError",
        "UnsatisfiableSchemaError",
        "UnsupportedSchemaError",
    ),
    "engine.violation": ("Constraint", "Violation"),
    "engine.normal_form.unreached": ("UnreachedLocation",),
    "engine.sources.aws_models": ("contract_from_botocore",),
    "engine.strategies": ("from_schema", "violations_of"),
    "chime.contracts": ("load_contract",),
    "chime.errors": (
        "ChimeFixturesError",
        "InvalidInstanceError",
        "MissingOperationsError",
        "UnexpectedRequestError",
        "UninterceptedClientError",
        "UnknownFaultError",
        "UnknownMemberWarning",
        "UnknownOperationError",
        "UnmetExpectationError",
        "UnrecordedRequestError",
        "UnsafeAddressError",
    ),
    "sampling.errors": ("UnknownFormatError",),
    "sessions.factory": ("ProxySessionFactory",),
    "sessions.list_cases": ("ListCase", "enumerate_lists"),
    "sessions.provider": ("ChimeProvider",),
    "strategies": (
        "evolved_proxy_sessions",
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
    ),
    "service": ("Fault", "Policies"),
    "stub": ("ChimeStub",),
}
"""The public names of each module."""

_EXPORTS = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_EXPORTS)  # noqa: PLE0605  # the table is the one list of names

if not TYPE_CHECKING:
    # Hidden from type checkers, which would otherwise accept any name.
    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib import metadata

            return metadata.version("chime-fixtures")
        if name not in _EXPORTS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{__name__}.{_EXPORTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
