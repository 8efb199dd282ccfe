"""Resolution of host names: while a stub is active, a host of Chime is not resolved.

A client that the stub does not intercept, such as `urllib.request` or aiohttp, would connect to the real service.
asyncio resolves names by `socket.getaddrinfo`, too. A resolver in native code, as that of uvloop or pycares, is not
patched.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from chime_fixtures.adapters.dispatch import ClaimFinder
from chime_fixtures.adapters.patches import MethodPatch, Patch
from chime_fixtures.chime.errors import is_kit_error

__tracebackhide__ = is_kit_error


def patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patches that refuse to resolve the host names that `find_claim` matches."""

    def check(host: Any) -> None:
        if isinstance(host, (bytes, bytearray)):
            host = host.decode("latin-1")
        if isinstance(host, str) and (claim := find_claim(f"https://{host}/")) is not None:
            claim.service.refuse_connection(host)

    def resolver(original: Callable[..., Any]) -> Callable[..., Any]:
        def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
            check(host)
            return original(host, *args, **kwargs)

        return resolve

    def connector(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if isinstance(address, tuple):
                check(address[0])
            return original(self, address)

        return connect

    return [
        MethodPatch(socket, "getaddrinfo", resolver),
        MethodPatch(socket, "gethostbyname", resolver),
        MethodPatch(socket, "gethostbyname_ex", resolver),
        MethodPatch(socket.socket, "connect", connector),
        MethodPatch(socket.socket, "connect_ex", connector),
    ]
