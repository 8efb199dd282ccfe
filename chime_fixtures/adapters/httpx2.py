"""httpx2: all requests that go to the network, sync and async."""

from __future__ import annotations

import httpx2

from chime_fixtures.adapters.dispatch import ClaimFinder
from chime_fixtures.adapters.httpx_common import transport_patches
from chime_fixtures.adapters.patches import Patch


def patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patches that intercept the requests that `find_claim` matches."""
    return transport_patches(httpx2, find_claim)
