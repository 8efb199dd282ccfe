"""The adapter of httpx and httpx2, which have the same transport classes and exceptions.

Only the transports that go to the network are patched, not those that call an application in the same process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chime_fixtures.adapters.dispatch import Claim, ClaimFinder, MethodPatch, Undo
from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.service import Fault, Request, Response

__tracebackhide__ = is_kit_error

_FAULTS = {
    "timeout": "ReadTimeout",
    "hang": "ReadTimeout",
    "connect-timeout": "ConnectTimeout",
    "reset": "ReadError",
    "refused": "ConnectError",
}


def patch_transports(library: Any, find_claim: ClaimFinder) -> Undo:
    """Intercept the requests that `find_claim` matches; the returned function removes the patches.

    Args:
        library: the module `httpx` or one with the same names.
        find_claim: returns the claim on a URL.
    """

    def sync(original: Callable[..., Any]) -> Callable[..., Any]:
        def handle_request(self: Any, request: Any) -> Any:
            claim = find_claim(str(request.url))
            if claim is None:
                return original(self, request)
            response = _response_for(library, claim, request, request.read())
            if response.delay:
                time.sleep(response.delay)
            return _library_response(library, response, request)

        return handle_request

    def asynchronous(original: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_async_request(self: Any, request: Any) -> Any:
            claim = find_claim(str(request.url))
            if claim is None:
                return await original(self, request)
            response = _response_for(library, claim, request, await request.aread())
            if response.delay:
                import anyio

                await anyio.sleep(response.delay)
            return _library_response(library, response, request)

        return handle_async_request

    patches = [
        MethodPatch(library.HTTPTransport, "handle_request", sync),
        MethodPatch(library.AsyncHTTPTransport, "handle_async_request", asynchronous),
    ]

    def undo() -> None:
        for patch in patches:
            patch.undo()

    return undo


def _response_for(library: Any, claim: Claim, request: Any, body: bytes) -> Response:
    response = claim.service.handle(
        Request(request.method, claim.target, dict(request.headers), body, library.__name__, claim.base)
    )
    if isinstance(response, Fault):
        error = getattr(library, _FAULTS[response.kind])
        raise error(f"the stub's fault {response.kind!r}", request=request)
    return response


def _library_response(library: Any, response: Response, request: Any) -> Any:
    if int(response.headers.get("content-length", 0)) > len(response.body):
        raise library.RemoteProtocolError("the body is shorter than its Content-Length", request=request)
    stream = library.ByteStream(response.body)
    return library.Response(response.status, headers=dict(response.headers), stream=stream, request=request)
