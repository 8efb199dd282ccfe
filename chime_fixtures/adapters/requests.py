"""requests, by means of the library `responses`: one mock for all stubs, whose registry matches claimed URLs."""

from __future__ import annotations

import functools
import io
import time
from collections.abc import Callable
from typing import Any

import requests
import responses
from requests.adapters import HTTPAdapter
from requests.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ConnectTimeout,
    InvalidURL,
    ReadTimeout,
    RequestException,
)
from requests.models import PreparedRequest
from responses.registries import FirstMatchRegistry
from urllib3 import HTTPResponse

from chime_fixtures.adapters.dispatch import Claim, ClaimFinder, MethodPatch, Undo
from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.service import Fault, Request, Response

__tracebackhide__ = is_kit_error

_FAULTS: dict[str, type[RequestException]] = {
    "timeout": ReadTimeout,
    "hang": ReadTimeout,
    "connect-timeout": ConnectTimeout,
    "reset": ConnectionError,
    "refused": ConnectionError,
}


def install(find_claim: ClaimFinder) -> Undo:
    """Intercept the requests that `find_claim` matches; the returned function removes the patch."""
    return MethodPatch(HTTPAdapter, "send", lambda original: requests_mock(find_claim, original).unbound_on_send()).undo


@functools.lru_cache(maxsize=4)
def requests_mock(find_claim: ClaimFinder, real_send: Callable[..., Any] | None = None) -> responses.RequestsMock:
    """A mock that responds to the requests that `find_claim` matches; `real_send` sends all others, or the network."""
    response = responses.CallbackResponse("GET", "https://chime.invalid/", _callback(find_claim), content_type=None)
    options: dict[str, Any] = {} if real_send is None else {"real_adapter_send": real_send}
    mock = responses.RequestsMock(
        assert_all_requests_are_fired=False,
        passthru_prefixes=("",),
        registry=_registry(find_claim, response),
        **options,
    )

    def clear_calls(result: Any) -> Any:
        # The mock would keep every call as long as it exists; the service has its own journal.
        mock.calls.reset()
        response.calls.reset()
        return result

    mock.response_callback = clear_calls
    return mock


def _registry(find_claim: ClaimFinder, response: responses.BaseResponse) -> type[FirstMatchRegistry]:
    class Registry(FirstMatchRegistry):
        """Matches by claim; the service checks the method and the path."""

        def find(self, request: PreparedRequest) -> tuple[responses.BaseResponse | None, list[str]]:
            """Return the one response if the URL is claimed."""
            return (None if find_claim(str(request.url)) is None else response), []

    return Registry


def _callback(find_claim: ClaimFinder) -> Callable[[PreparedRequest], Any]:
    def callback(request: PreparedRequest) -> tuple[int, Any, bytes] | Exception:
        claim = find_claim(str(request.url))
        if claim is None:
            return ConnectionError("the stub was left before this request was handled", request=request)
        try:
            response = _response_for(claim, request)
        except RequestException as error:
            return error
        return response.status, response.headers, response.body

    return callback


def _response_for(claim: Claim, request: PreparedRequest) -> Response:
    body = _body(request.body)
    response = claim.service.handle(
        Request(str(request.method), claim.target, request.headers, body, "requests", claim.base)
    )
    if isinstance(response, Fault):
        raise _FAULTS[response.kind](f"the stub's fault {response.kind!r}", request=request)
    if response.delay:
        time.sleep(response.delay)
    if int(response.headers.get("content-length", 0)) > len(response.body):
        raise ChunkedEncodingError("the body is shorter than its Content-Length", request=request)
    return response


class ChimeAdapter(HTTPAdapter):
    """A transport for one session of requests, without patches: ``session.mount(url, stub.adapter())``.

    Args:
        find_claim: returns the claim on a URL.
    """

    def __init__(self, find_claim: ClaimFinder) -> None:
        super().__init__()
        self._find_claim = find_claim

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Return the stub's response.

        Raises:
            InvalidURL: the adapter is mounted for a URL that the stub does not intercept.
        """
        claim = self._find_claim(str(request.url))
        if claim is None:
            text = f"{request.url} is not a URL of Chime; mount the stub's adapter for Chime's URLs only"
            raise InvalidURL(text, request=request)
        response = _response_for(claim, request)
        raw = HTTPResponse(io.BytesIO(response.body), response.headers, response.status, preload_content=False)
        return self.build_response(request, raw)


def _body(body: Any) -> bytes:
    """The body in one piece; `responses` reads files, but passes generators on."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, (bytes, bytearray)) else b"".join(body)
