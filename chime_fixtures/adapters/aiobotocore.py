"""aiobotocore: all requests of its aiohttp sessions; faults raise botocore's exceptions.

A client configured for httpx is intercepted by the adapter of httpx.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.httpsession import AIOHTTPSession

from chime_fixtures.adapters.botocore import response_for
from chime_fixtures.adapters.dispatch import ClaimFinder, MethodPatch, Undo
from chime_fixtures.chime.errors import is_kit_error

__tracebackhide__ = is_kit_error


def install(find_claim: ClaimFinder) -> Undo:
    """Intercept the requests that `find_claim` matches; the returned function removes the patch."""

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        async def send(self: Any, request: Any) -> Any:
            claim = find_claim(request.url)
            if claim is None:
                return await original(self, request)
            response = response_for(claim, request, "aiobotocore")
            if response.delay:
                await asyncio.sleep(response.delay)
            return AioAWSResponse(request.url, response.status, response.headers, _RawBody(response.body))

        return send

    return MethodPatch(AIOHTTPSession, "send", replacement).undo


class _RawBody:
    """The body, with the method by which aiobotocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        """Return the whole body."""
        return self._body
