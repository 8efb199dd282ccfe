"""requests, by means of the library `responses`: one mock for all stubs, whose registry matches claimed URLs.

A mock of `responses` that was entered inside the stub receives every request first. A request for Chime that it has no
response for, or that it lets pass, goes to the stub instead of the network.
"""

from __future__ import annotations

import functools
import io
import time
from collections.abc import Callable
from contextvars import ContextVar
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

from chime_fixtures.adapters.dispatch import Claim, ClaimFinder, noting_refusals
from chime_fixtures.adapters.patches import AttributePatch, MethodPatch, Patch
from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.service import Response, TransportFault

__tracebackhide__ = is_kit_error

_FAULTS: dict[str, type[RequestException]] = {
    "timeout": ReadTimeout,
    "hang": ReadTimeout,
    "connect-timeout": ConnectTimeout,
    "reset": ConnectionError,
    "refused": ConnectionError,
}


_LETS_ALL_PASS: ContextVar[bool] = ContextVar("_LETS_ALL_PASS", default=False)
"""True while a mock of `responses` handles a request for Chime: it lets pass what it has no response for."""


def patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patches that intercept the requests that `find_claim` matches."""
    mocks = _MockPatches(find_claim)

    def send(original: Callable[..., Any]) -> Callable[..., Any]:
        return requests_mock(find_claim, original).unbound_on_send()

    return [
        MethodPatch(HTTPAdapter, "send", send),
        MethodPatch(requests.Session, "send", noting_refusals(find_claim)),
        MethodPatch(responses.RequestsMock, "_on_request", mocks.on_request),
        # These two are attributes of each mock; a property of the class takes precedence and leaves them unchanged.
        AttributePatch(responses.RequestsMock, "_real_send", mocks.real_send),
        AttributePatch(responses.RequestsMock, "passthru_prefixes", mocks.passthru_prefixes),
    ]


class _MockPatches:
    """The patches of all mocks of `responses`."""

    def __init__(self, find_claim: ClaimFinder) -> None:
        self._find_claim = find_claim

    def on_request(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """The replacement of the method that handles a request."""

        def on_request(mock: Any, adapter: Any, request: PreparedRequest, **options: Any) -> Any:
            token = _LETS_ALL_PASS.set(self._find_claim(str(request.url)) is not None)
            try:
                return original(mock, adapter, request, **options)
            finally:
                _LETS_ALL_PASS.reset(token)

        return on_request

    def passthru_prefixes(self, prefixes: Any) -> Any:
        """The beginnings of the URLs that a mock lets pass."""
        return ("",) if _LETS_ALL_PASS.get() else prefixes

    def real_send(self, send: Callable[..., Any]) -> Callable[..., Any]:
        """The function by which a mock sends what it lets pass."""

        def send_unless_claimed(adapter: Any, request: PreparedRequest, **options: Any) -> Any:
            if self._find_claim(str(request.url)) is None:
                return send(adapter, request, **options)
            return requests_mock(self._find_claim).unbound_on_send()(adapter, request, **options)

        return send_unless_claimed


class _StubMock(responses.RequestsMock):
    """The mock of all stubs, which needs no patch of this method: its registry matches every claimed request."""

    _on_request = responses.RequestsMock._on_request  # noqa: SLF001  # the original


@functools.lru_cache(maxsize=4)
def requests_mock(find_claim: ClaimFinder, real_send: Callable[..., Any] | None = None) -> responses.RequestsMock:
    """A mock that responds to the requests that `find_claim` matches; `real_send` sends all others, or the network."""
    response = responses.CallbackResponse("GET", "https://chime.invalid/", _callback(find_claim), content_type=None)
    options: dict[str, Any] = {} if real_send is None else {"real_adapter_send": real_send}
    mock = _StubMock(
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
    response = claim.handle(str(request.method), request.headers, body, "requests")
    if isinstance(response, TransportFault):
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
