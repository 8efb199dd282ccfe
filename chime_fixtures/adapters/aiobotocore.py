"""aiobotocore: every client sends through one coroutine of one class; what it raises is botocore's.

A client that was told to use httpx is answered through that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.httpsession import AIOHTTPSession

from chime_fixtures.adapters.botocore import ask
from chime_fixtures.adapters.dispatch import Finder, MethodPatch, Undo
from chime_fixtures.chime.errors import is_ours

__tracebackhide__ = is_ours


def install(find: Finder) -> Undo:
    """Answer what `find` claims; the result takes the patch away."""

    def sending(original: Callable[..., Any]) -> Callable[..., Any]:
        async def send(self: Any, request: Any) -> Any:
            claim = find(request.url)
            if claim is None:
                return await original(self, request)
            answer = ask(claim, request, "aiobotocore")
            if answer.delay:
                await asyncio.sleep(answer.delay)
            return AioAWSResponse(request.url, answer.status, answer.headers, _Raw(answer.body))

        return send

    return MethodPatch(AIOHTTPSession, "send", sending).undo


class _Raw:
    """The body, as aiobotocore reads it from a connection."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        """The whole body."""
        return self._body
