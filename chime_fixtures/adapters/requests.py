"""requests, through the library `responses`: one mock for all stubs, whose registry asks who claims a URL."""

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

from chime_fixtures.adapters.dispatch import Claim, Finder, MethodPatch, Undo
from chime_fixtures.chime.errors import is_ours
from chime_fixtures.service import Fault, Request, Response

__tracebackhide__ = is_ours

_FAULTS: dict[str, type[RequestException]] = {
    "timeout": ReadTimeout,
    "hang": ReadTimeout,
    "connect-timeout": ConnectTimeout,
    "reset": ConnectionError,
    "refused": ConnectionError,
}


def install(find: Finder) -> Undo:
    """Answer what `find` claims, and leave the rest to what was there before; the result takes the patch away."""
    return MethodPatch(HTTPAdapter, "send", lambda original: mock_over(find, original).unbound_on_send()).undo


@functools.lru_cache(maxsize=4)
def mock_over(find: Finder, real_send: Callable[..., Any] | None = None) -> responses.RequestsMock:
    """A mock that answers what `find` claims, and sends all else by `real_send`, or really."""
    answer = responses.CallbackResponse("GET", "https://chime.invalid/", _answering(find), content_type=None)
    real: dict[str, Any] = {} if real_send is None else {"real_adapter_send": real_send}
    mock = responses.RequestsMock(
        assert_all_requests_are_fired=False,
        passthru_prefixes=("",),
        registry=_registry(find, answer),
        **real,
    )

    def forget(response: Any) -> Any:
        # The mock would keep every call for as long as it lives; the service has a journal of its own.
        mock.calls.reset()
        answer.calls.reset()
        return response

    mock.response_callback = forget
    return mock


def _registry(find: Finder, answer: responses.BaseResponse) -> type[FirstMatchRegistry]:
    class Registry(FirstMatchRegistry):
        """Matches by claim; the method and the path are the service's to judge."""

        def find(self, request: PreparedRequest) -> tuple[responses.BaseResponse | None, list[str]]:
            """The one answer to all that is claimed."""
            return (None if find(str(request.url)) is None else answer), []

    return Registry


def _answering(find: Finder) -> Callable[[PreparedRequest], Any]:
    def answer(request: PreparedRequest) -> tuple[int, Any, bytes] | Exception:
        claim = find(str(request.url))
        if claim is None:
            return ConnectionError("the stub was left while this request was on its way", request=request)
        try:
            response = _ask(claim, request)
        except RequestException as error:
            return error
        return response.status, response.headers, response.body

    return answer


def _ask(claim: Claim, request: PreparedRequest) -> Response:
    asked = Request(str(request.method), claim.target, request.headers, _body(request.body), "requests", claim.base)
    response = claim.service.handle(asked)
    if isinstance(response, Fault):
        raise _FAULTS[response.kind](f"the stub's fault {response.kind!r}", request=request)
    if response.delay:
        time.sleep(response.delay)
    if int(response.headers.get("content-length", 0)) > len(response.body):
        raise ChunkedEncodingError("the body is shorter than its content-length", request=request)
    return response


class ChimeAdapter(HTTPAdapter):
    """For one session of requests, where nothing is to be patched: ``session.mount(url, stub.adapter())``.

    Args:
        claim: tells what is asked for by a URL.
    """

    def __init__(self, claim: Callable[[str], Claim | None]) -> None:
        super().__init__()
        self._claim = claim

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer by the stub.

        Raises:
            InvalidURL: the adapter was mounted where the stub does not answer.
        """
        claim = self._claim(str(request.url))
        if claim is None:
            raise InvalidURL(f"{request.url} is none of the stub's: mount its adapter elsewhere", request=request)
        answer = _ask(claim, request)
        raw = HTTPResponse(io.BytesIO(answer.body), answer.headers, answer.status, preload_content=False)
        return self.build_response(request, raw)


def _body(body: Any) -> bytes:
    """The body in one piece; `responses` has read a file already, and a generator comes as it is."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, (bytes, bytearray)) else b"".join(body)
