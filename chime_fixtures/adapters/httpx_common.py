"""What httpx and its successors share: a method of a transport, sync and async, and the names of what goes wrong.

Only the transports that go to the network are patched: those that call an application in the process are never caught.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chime_fixtures.adapters.dispatch import Claim, Finder, MethodPatch, Undo
from chime_fixtures.chime.errors import is_ours
from chime_fixtures.service import Fault, Request, Response

__tracebackhide__ = is_ours

_FAULTS = {
    "timeout": "ReadTimeout",
    "hang": "ReadTimeout",
    "connect-timeout": "ConnectTimeout",
    "reset": "ReadError",
    "refused": "ConnectError",
}


def install_into(library: Any, find: Finder) -> Undo:
    """Answer what `find` claims of a library's clients; the result takes the patches away.

    Args:
        library: the module, with the names of httpx.
        find: tells who answers a URL.
    """
    name = library.__name__

    def sync(original: Callable[..., Any]) -> Callable[..., Any]:
        def handle_request(self: Any, request: Any) -> Any:
            claim = find(str(request.url))
            if claim is None:
                return original(self, request)
            answer = _asked(library, name, claim, request, request.read())
            if answer.delay:
                time.sleep(answer.delay)
            return _shown(library, answer, request)

        return handle_request

    def asynchronous(original: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_async_request(self: Any, request: Any) -> Any:
            claim = find(str(request.url))
            if claim is None:
                return await original(self, request)
            answer = _asked(library, name, claim, request, await request.aread())
            if answer.delay:
                import anyio

                await anyio.sleep(answer.delay)
            return _shown(library, answer, request)

        return handle_async_request

    patches = [
        MethodPatch(library.HTTPTransport, "handle_request", sync),
        MethodPatch(library.AsyncHTTPTransport, "handle_async_request", asynchronous),
    ]

    def undo() -> None:
        for patch in patches:
            patch.undo()

    return undo


def _asked(library: Any, name: str, claim: Claim, request: Any, body: bytes) -> Response:
    asked = Request(request.method, claim.target, dict(request.headers), body, name, claim.base)
    answer = claim.service.handle(asked)
    if isinstance(answer, Fault):
        error = getattr(library, _FAULTS[answer.kind])
        raise error(f"the stub's fault {answer.kind!r}", request=request)
    return answer


def _shown(library: Any, answer: Response, request: Any) -> Any:
    if int(answer.headers.get("content-length", 0)) > len(answer.body):
        raise library.RemoteProtocolError("the body is shorter than its content-length", request=request)
    stream = library.ByteStream(answer.body)
    return library.Response(answer.status, headers=dict(answer.headers), stream=stream, request=request)
