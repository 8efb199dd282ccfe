"""botocore and boto3: all requests, which are sent by one method of one class.

botocore's modules import each other in cycles, and this module is imported as soon as one of them is complete. So it
imports only what the patches need, and the rest inside functions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import botocore.awsrequest
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.httpsession import URLLib3Session

from chime_fixtures.adapters.dispatch import Claim, ClaimFinder
from chime_fixtures.adapters.patches import MethodPatch, Patch
from chime_fixtures.chime.errors import MissingOperationsError, is_kit_error
from chime_fixtures.service import Response, TransportFault
from chime_fixtures.service.redaction import redact_target

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

__tracebackhide__ = is_kit_error

LAST_GOOD_VERSION = "1.44.8"
"""The last version of botocore known to have the operations of proxy sessions, which AWS has discontinued."""

_FAULTS: dict[str, type[BotoCoreError]] = {
    "timeout": ReadTimeoutError,
    "hang": ReadTimeoutError,
    "connect-timeout": ConnectTimeoutError,
    "reset": ConnectionClosedError,
    "refused": EndpointConnectionError,
}


_SERVICE_IDS = frozenset({"Chime SDK Voice", "Chime"})
"""The service models that have operations on proxy sessions, the present and the legacy one, by ``serviceId``."""

_BASE_ATTRIBUTE = "chime_base"
"""The attribute of a prepared request of one of these services: its client's endpoint."""

BASE: ContextVar[str | None] = ContextVar("BASE", default=None)
"""The endpoint of the client whose request is being created and signed, if it has one of these service models."""


def recognition_patches(_: ClaimFinder) -> list[Patch]:
    """The patch that marks the requests of clients that have a service model of Chime."""
    from botocore.endpoint import Endpoint

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
            base = endpoint_of(params, operation_model)
            if base is None:
                return original(self, params, operation_model)
            token = BASE.set(base)
            try:
                return marked(original(self, params, operation_model), base)
            finally:
                BASE.reset(token)

        return create_request

    return [MethodPatch(Endpoint, "create_request", replacement)]


def endpoint_of(params: Mapping[str, Any], operation_model: Any) -> str | None:
    """The endpoint of a client of Chime, by the description of one of its requests; None for another service."""
    if operation_model is None or operation_model.service_model.service_id not in _SERVICE_IDS:
        return None
    # The path of the operation follows the path of the endpoint.
    url: str = params["url"].partition("?")[0]
    return url.removesuffix(params["url_path"])


def marked(request: Any, base: str) -> Any:
    """A prepared request of a client of Chime, with the client's endpoint, for `claim_on`."""
    setattr(request, _BASE_ATTRIBUTE, base)
    return request


def claim_on(request: Any, find_claim: ClaimFinder) -> Claim | None:
    """The claim on a prepared request, by its URL or its client's service model."""
    return find_claim(request.url, getattr(request, _BASE_ATTRIBUTE, None))


def transport_patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patch that intercepts the requests that `find_claim` matches."""

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
            claim = claim_on(request, find_claim)
            return original(self, request) if claim is None else _aws_response(claim, request)

        return send

    return [MethodPatch(URLLib3Session, "send", replacement)]


def signing_patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patch that signs claimed requests with dummy keys if their client, made before the stub, has none."""
    from botocore.auth import SigV4Auth

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def add_auth(self: Any, request: Any) -> None:
            if self.credentials is None and find_claim(request.url, BASE.get()) is not None:
                from botocore.credentials import Credentials

                self.credentials = Credentials("testing", "testing")
            original(self, request)

        return add_auth

    return [MethodPatch(SigV4Auth, "add_auth", replacement)]


def response_for(claim: Claim, request: AWSPreparedRequest, transport: str) -> Response:
    """The response of the service to a request.

    Raises:
        BotoCoreError: the service returned a transport fault.
    """
    # botocore-stubs types the header fields too narrowly: they are a mapping of names to text or bytes.
    headers: Any = request.headers
    response = claim.handle(request.method, headers, _body(request), transport)
    if isinstance(response, TransportFault):
        url = redact_target(request.url)
        raise _FAULTS[response.kind](endpoint_url=url, request=request, error=f"the stub's fault {response.kind!r}")
    return response


def create_client(session: Any, region: str | None = None) -> Any:
    """A client of `chime-sdk-voice` from a boto3 session; in the session's region if none is given.

    Raises:
        MissingOperationsError: the installed botocore lacks the service or its operations on proxy sessions.
    """
    from botocore.exceptions import UnknownServiceError

    try:
        client = session.client("chime-sdk-voice", region_name=region)
    except UnknownServiceError as error:
        raise MissingOperationsError("botocore", botocore.__version__, LAST_GOOD_VERSION) from error
    if not hasattr(client, "create_proxy_session"):
        raise MissingOperationsError("botocore", botocore.__version__, LAST_GOOD_VERSION)
    return client


def _aws_response(claim: Claim, request: AWSPreparedRequest) -> AWSResponse:
    response = response_for(claim, request, "botocore")
    if response.delay:
        time.sleep(response.delay)
    headers: Any = response.headers
    return botocore.awsrequest.AWSResponse(request.url, response.status, headers, _RawBody(response.body))


def _body(request: AWSPreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, (bytes, bytearray)) else bytes(body.read())


class _RawBody:
    """The body, with the method by which botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self._body
