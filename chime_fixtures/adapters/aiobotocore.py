"""aiobotocore: all requests of its sessions, by aiohttp or by httpx; faults raise botocore's exceptions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from chime_fixtures.adapters.botocore import BASE, claim_on, endpoint_of, marked, response_for
from chime_fixtures.adapters.dispatch import ClaimFinder
from chime_fixtures.adapters.patches import MethodPatch, Patch
from chime_fixtures.chime.errors import is_kit_error

__tracebackhide__ = is_kit_error


def recognition_patches(_: ClaimFinder) -> list[Patch]:
    """The patch that marks the requests of clients that have a service model of Chime."""
    from aiobotocore.endpoint import AioEndpoint

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        async def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
            base = endpoint_of(params, operation_model)
            if base is None:
                return await original(self, params, operation_model)
            token = BASE.set(base)
            try:
                return marked(await original(self, params, operation_model), base)
            finally:
                BASE.reset(token)

        return create_request

    return [MethodPatch(AioEndpoint, "create_request", replacement)]


def aiohttp_patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patch that intercepts the requests that `find_claim` matches, by aiohttp."""
    from aiobotocore.httpsession import AIOHTTPSession

    return _session_patches(AIOHTTPSession, find_claim)


def httpx_patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patch that intercepts the requests that `find_claim` matches, by httpx."""
    from aiobotocore.httpxsession import HttpxSession

    return _session_patches(HttpxSession, find_claim)


def _session_patches(session: type, find_claim: ClaimFinder) -> list[Patch]:
    from aiobotocore.awsrequest import AioAWSResponse

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        async def send(self: Any, request: Any) -> Any:
            claim = claim_on(request, find_claim)
            if claim is None:
                return await original(self, request)
            response = response_for(claim, request, "aiobotocore")
            if response.delay:
                await asyncio.sleep(response.delay)
            return AioAWSResponse(request.url, response.status, response.headers, _RawBody(response.body))

        return send

    return [MethodPatch(session, "send", replacement)]


class _RawBody:
    """The body, with the method by which aiobotocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        """Return the whole body."""
        return self._body
