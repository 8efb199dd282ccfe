"""httpx: every client that goes to the network, sync and async."""

from __future__ import annotations

import httpx

from chime_fixtures.adapters.dispatch import Finder, Undo
from chime_fixtures.adapters.httpx_common import install_into


def install(find: Finder) -> Undo:
    """Answer what `find` claims; the result takes the patches away."""
    return install_into(httpx, find)
