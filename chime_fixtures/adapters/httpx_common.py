"""The adapter of httpx and httpx2, which have the same transport classes and exceptions.

Only the transports that go to the network are patched, not those that call an application in the same process. The
client chooses its transport for each request, and for Chime it gets one of the stub's: a mock that was entered inside
the stub, and has patched the methods of the network's transports again, does not receive the request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chime_fixtures.adapters.dispatch import HANDLED_REQUESTS, Claim, ClaimFinder, note_refusal, noting_refusals
from chime_fixtures.adapters.patches import MethodPatch, Patch
from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.service import Response, TransportFault

__tracebackhide__ = is_kit_error

_FAULTS = {
    "timeout": "ReadTimeout",
    "hang": "ReadTimeout",
    "connect-timeout": "ConnectTimeout",
    "reset": "ReadError",
    "refused": "ConnectError",
}


def transport_patches(library: Any, find_claim: ClaimFinder) -> list[Patch]:
    """The patches that intercept the requests that `find_claim` matches.

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

    def chooser(network: type) -> Callable[..., Any]:
        # A subclass of the network's transport may change requests before it sends them.
        def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
            def transport_for_url(self: Any, url: Any) -> Any:
                transport = original(self, url)
                # A mock that was entered outside the stub may have put its own transport before the client's.
                is_network = type(transport) is network or (not self._mounts and type(self._transport) is network)
                return stub_transport if is_network and find_claim(str(url)) is not None else transport

            return transport_for_url

        return replacement

    class StubTransport(library.BaseTransport, library.AsyncBaseTransport):  # type: ignore[misc]  # any library's
        """A transport that does not go to the network; for a claim that has been dropped meanwhile, it fails."""

        handle_request = sync(_refuse(library))
        handle_async_request = asynchronous(_refuse(library))

    stub_transport = StubTransport()

    def asynchronous_send(original: Callable[..., Any]) -> Callable[..., Any]:
        async def send(self: Any, request: Any, **options: Any) -> Any:
            handled = HANDLED_REQUESTS.get()
            try:
                return await original(self, request, **options)
            except Exception as error:
                note_refusal(error, find_claim(str(request.url)), handled)
                raise

        return send

    return [
        MethodPatch(library.HTTPTransport, "handle_request", sync),
        MethodPatch(library.AsyncHTTPTransport, "handle_async_request", asynchronous),
        MethodPatch(library.Client, "_transport_for_url", chooser(library.HTTPTransport)),
        MethodPatch(library.AsyncClient, "_transport_for_url", chooser(library.AsyncHTTPTransport)),
        MethodPatch(library.Client, "send", noting_refusals(find_claim)),
        MethodPatch(library.AsyncClient, "send", asynchronous_send),
    ]


def _refuse(library: Any) -> Callable[..., Any]:
    def refuse(_: Any, request: Any) -> Any:
        raise library.ConnectError("the stub was left before this request was handled", request=request)

    return refuse


def _response_for(library: Any, claim: Claim, request: Any, body: bytes) -> Response:
    response = claim.handle(request.method, dict(request.headers), body, library.__name__)
    if isinstance(response, TransportFault):
        error = getattr(library, _FAULTS[response.kind])
        raise error(f"the stub's fault {response.kind!r}", request=request)
    return response


def _library_response(library: Any, response: Response, request: Any) -> Any:
    if int(response.headers.get("content-length", 0)) > len(response.body):
        raise library.RemoteProtocolError("the body is shorter than its Content-Length", request=request)
    stream = library.ByteStream(response.body)
    return library.Response(response.status, headers=dict(response.headers), stream=stream, request=request)
