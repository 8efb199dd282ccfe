"""botocore and boto3: every client, old or new, sends through one method of one class.

The modules of botocore import each other in circles, and this one is imported as soon as one of them is complete:
what is not needed to patch is looked up when a request comes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
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

from chime_fixtures.adapters.dispatch import Claim, Finder, MethodPatch, Undo
from chime_fixtures.chime.errors import MissingOperationsError, is_ours
from chime_fixtures.service import Fault, Request, Response
from chime_fixtures.service.redaction import masked_target

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

__tracebackhide__ = is_ours

LAST_GOOD = "1.44.8"
"""The last version of botocore that is known to have the operations, which AWS has marked as ended."""

_FAULTS: dict[str, type[BotoCoreError]] = {
    "timeout": ReadTimeoutError,
    "hang": ReadTimeoutError,
    "connect-timeout": ConnectTimeoutError,
    "reset": ConnectionClosedError,
    "refused": EndpointConnectionError,
}


def install_sending(find: Finder) -> Undo:
    """Answer what `find` claims; the result takes the patch away."""

    def sending(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
            claim = find(request.url)
            return original(self, request) if claim is None else _answer(claim, request)

        return send

    return MethodPatch(URLLib3Session, "send", sending).undo


def install_signing(find: Finder) -> Undo:
    """Lend dummy keys to what `find` claims, where a client made before the stub has none; the result takes it back."""
    from botocore.auth import SigV4Auth

    def signing(original: Callable[..., Any]) -> Callable[..., Any]:
        def add_auth(self: Any, request: Any) -> None:
            if self.credentials is None and find(request.url) is not None:
                from botocore.credentials import Credentials

                self.credentials = Credentials("testing", "testing")
            original(self, request)

        return add_auth

    return MethodPatch(SigV4Auth, "add_auth", signing).undo


def ask(claim: Claim, request: AWSPreparedRequest, transport: str) -> Response:
    """Ask the service.

    Raises:
        BotoCoreError: the fault that it answered with, as botocore raises it.
    """
    # The types of botocore say less of its header fields than is true: they are a mapping, of text and bytes.
    headers: Any = request.headers
    asked = Request(request.method, claim.target, headers, _body(request), transport, claim.base)
    answer = claim.service.handle(asked)
    if isinstance(answer, Fault):
        shown = masked_target(request.url)
        raise _FAULTS[answer.kind](endpoint_url=shown, request=request, error=f"the stub's fault {answer.kind!r}")
    return answer


def new_client(session: Any, region: str | None = None) -> Any:
    """A client of `chime-sdk-voice` from a session of boto3, in a region or in the session's own.

    Raises:
        MissingOperationsError: botocore has lost the service, or its operations on proxy sessions.
    """
    from botocore.exceptions import UnknownServiceError

    try:
        client = session.client("chime-sdk-voice", region_name=region)
    except UnknownServiceError as error:
        raise MissingOperationsError("botocore", botocore.__version__, LAST_GOOD) from error
    if not hasattr(client, "create_proxy_session"):
        raise MissingOperationsError("botocore", botocore.__version__, LAST_GOOD)
    return client


def _answer(claim: Claim, request: AWSPreparedRequest) -> AWSResponse:
    answer = ask(claim, request, "botocore")
    if answer.delay:
        time.sleep(answer.delay)
    headers_out: Any = answer.headers
    return botocore.awsrequest.AWSResponse(request.url, answer.status, headers_out, _Raw(answer.body))


def _body(request: AWSPreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, (bytes, bytearray)) else bytes(body.read())


class _Raw:
    """The body, as botocore reads it from a connection."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        """The body in one piece."""
        yield self._body
