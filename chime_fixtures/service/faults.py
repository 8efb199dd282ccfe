"""The faults that a test can inject, and the parser of their names.

======================  ================================================================================
``error:<name>``        any modelled error, by its name with or without ``Exception``, or by its code
``throttle``            the modelled 429
``no-number``           500 ``ServiceFailure`` with "unable to allocate", as if no proxy number were left
``timeout``             no response before the client's read timeout
``connect-timeout``     no connection before the client's connect timeout; a ``hang`` on a real port
``reset``               the connection is closed without a response
``refused``             the connection is refused; a ``reset`` on a real port (see `ChimeServer.refusing`)
``hang``                no response, ever
``lost-answer``         the operation is executed, then the connection is closed without a response
``latency:<seconds>``   the response is delayed
``body:empty``          the right status with an empty body
``body:cut``            the right status with the first half of the body
``body:short``          the same, with the ``content-length`` of the whole body
``body:html``           the right status with a page of HTML
``body:null``           the right status with the body ``null``
``body:list``           the right status with the body ``[]``
``violation:<id>``      a response with a session that violates one constraint, by the id of its `Violation`, with or
                        without the variant; or a response that violates one outside its sessions: ``NextToken.type``
``page:short``          half of the sessions of the page, and a token, even if it is the last page
``page:empty``          no sessions, and a token
``evolved``             a response with a session that has unknown constants and members
======================  ================================================================================

On a real port, the operation of a request is known only after the client has connected; hence the two exceptions.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from chime_fixtures.chime.errors import UnknownFaultError, is_kit_error
from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine.cases import CatalogueEntry
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service.responses import contains_sessions, session_pointer
from chime_fixtures.types import ErrorName

__tracebackhide__ = is_kit_error

TRANSPORT_FAULTS = ("timeout", "connect-timeout", "reset", "refused", "hang")
PAGE_FAULTS = ("short", "empty")
BODY_FAULTS = ("empty", "cut", "html", "null", "list", "short")

_OTHER_FAULTS = (
    "error:NotFound",
    "throttle",
    "no-number",
    "lost-answer",
    "latency:0.1",
    "evolved",
    "page:short",
    "page:empty",
)
"""Examples of all other faults, for suggestions."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault with a parameter, for `ChimeStub.fail`.

    Attributes:
        text: its name in the table above.
    """

    text: str

    @classmethod
    def error(cls, name: ErrorName) -> Self:
        """A modelled error, by its name without ``Exception``."""
        return cls(f"error:{name}")

    @classmethod
    def latency(cls, seconds: float) -> Self:
        """A response that is delayed.

        Raises:
            InvalidOptionError: `seconds` is negative or not finite.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise InvalidOptionError(f"seconds must be finite and 0 or more, not {seconds}")
        return cls(f"latency:{seconds}")

    @classmethod
    def violation(cls, violation_id: str) -> Self:
        """A response with a session that violates one constraint, by the id of its `Violation`: ``Name.type``."""
        return cls(f"violation:{violation_id}")


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A parsed fault.

    Attributes:
        text: the fault's name, as it was passed.
        kind: ``error``, ``no-number``, ``transport``, ``body``, ``page``, ``latency``, ``violation``,
            ``response-violation`` or ``evolved``.
        detail: the error's name, the transport fault, the body's flaw, the page's, the seconds, or the violation's id.
        committed: True if the operation is executed before the fault is applied.
    """

    text: str
    kind: str
    detail: str
    committed: bool


def parse_fault(
    text: str, operations: Collection[Operation], contract: Contract, *, committed: bool | None = None
) -> FaultSpec:
    """Parse the name of a fault.

    Args:
        text: a name of the table above.
        operations: the operations that the fault is for; it must apply to at least one of them.
        contract: the contract of a session.
        committed: True if the operation is to be executed before the fault is applied, False if not; None for the
            fault's default. It has no effect on faults that change a response: they always execute the operation.

    Raises:
        UnknownFaultError: the fault does not exist, or it applies to none of the operations.
    """
    head, _, detail = text.partition(":")
    kind, spec_detail, default = _parse(text, head, detail, operations, contract)
    changes_response = kind not in ("error", "no-number", "transport") or text == "lost-answer"
    spec = FaultSpec(text, kind, spec_detail, default if committed is None or changes_response else committed)
    if not any(applies_to(spec, operation) for operation in operations):
        names = " or ".join(operation.name for operation in operations)
        raise UnknownFaultError(text, _suggestions(operations), names)
    return spec


def _parse(
    text: str, head: str, detail: str, operations: Collection[Operation], contract: Contract
) -> tuple[str, str, bool]:
    """The kind and detail of a fault, and True if its default is to execute the operation."""
    if text in TRANSPORT_FAULTS:
        return "transport", text, False
    if text == "lost-answer":
        return "transport", "reset", True
    if text == "evolved":
        return "evolved", "", True
    if head == "body" and detail in BODY_FAULTS:
        return "body", detail, True
    if head == "page" and detail in PAGE_FAULTS:
        return "page", detail, True
    if head == "latency" and _is_seconds(detail):
        return "latency", detail, True
    if head == "violation":
        return _parse_violation(text, detail, operations, contract)
    name = {"throttle": "ThrottledClient", "no-number": "ServiceFailure"}.get(text, detail if head == "error" else "")
    for operation in operations:
        for error in operation.errors:
            if name in (error.name, error.name.removesuffix("Exception"), error.code):
                return ("no-number" if text == "no-number" else "error"), error.name, False
    raise UnknownFaultError(text, _suggestions(operations))


def _parse_violation(
    text: str, detail: str, operations: Collection[Operation], contract: Contract
) -> tuple[str, str, bool]:
    known = violations_by_id(contract)
    if full_id := _with_variant(detail, known):
        return "violation", full_id, True
    for operation in operations:
        if full_id := _with_variant(detail, response_violations(operation)):
            return "response-violation", full_id, True
    raise UnknownFaultError(text, [f"violation:{each}" for each in known])


def _with_variant(violation_id: str, known: Collection[str]) -> str | None:
    """The known id; one without its variant is that of the first variant."""
    return next((each for each in known if f"{each}.".startswith(f"{violation_id}.")), None)


def _is_seconds(text: str) -> bool:
    try:
        seconds = float(text)
    except ValueError:
        return False
    return math.isfinite(seconds) and seconds >= 0


def _suggestions(operations: Collection[Operation]) -> list[str]:
    errors = {f"error:{error.name.removesuffix('Exception')}" for operation in operations for error in operation.errors}
    return sorted({*errors, *TRANSPORT_FAULTS, *_OTHER_FAULTS, *(f"body:{flaw}" for flaw in BODY_FAULTS)})


def applies_to(spec: FaultSpec, operation: Operation) -> bool:
    """True if the fault is possible for the operation."""
    if spec.kind == "error":
        return any(error.name == spec.detail for error in operation.errors)
    if spec.kind == "response-violation":
        return spec.detail in response_violations(operation)
    only_operation = {"no-number": "CreateProxySession", "page": "ListProxySessions"}.get(spec.kind)
    if only_operation is not None:
        return operation.name == only_operation
    return spec.kind not in ("violation", "evolved") or contains_sessions(operation)


@functools.lru_cache(maxsize=16)
def violations_by_id(contract: Contract) -> dict[str, CatalogueEntry]:
    """Return every violation of a contract, by its id."""
    return {entry.label.id: entry for entry in contract.catalogue}


@functools.cache
def response_violations(operation: Operation) -> dict[str, CatalogueEntry]:
    """Return the violations of an operation's response that are outside its sessions, by their ids."""
    # A response with one session contains nothing else.
    if operation.response is None or session_pointer(operation) == "/ProxySession":
        return {}
    sessions = session_pointer(operation)
    return {
        violation_id: entry
        for violation_id, entry in violations_by_id(operation.response).items()
        if entry.label.pointer and not (sessions and entry.label.pointer.startswith(f"{sessions}/"))
    }
