"""httpx2: all requests that go to the network, sync and async."""

from __future__ import annotations

import httpx2

from chime_fixtures.adapters.dispatch import ClaimFinder, Undo
from chime_fixtures.adapters.httpx_common import patch_transports


def install(find_claim: ClaimFinder) -> Undo:
    """Intercept the requests that `find_claim` matches; the returned function removes the patches."""
    return patch_transports(httpx2, find_claim)
