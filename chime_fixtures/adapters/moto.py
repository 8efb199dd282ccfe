"""moto: `mock_aws` passes requests for Chime on to the stub, in whichever order the two were entered.

A `mock_aws` with a ``core.passthrough`` of its own, entered inside a stub, overrides ours: add `CHIME_URLS` to it.
"""

from __future__ import annotations

from moto.core.config import default_user_config
from moto.core.models import override_responses_real_send

from chime_fixtures.adapters.dispatch import CHIME_URLS, ClaimFinder, Undo
from chime_fixtures.adapters.requests import requests_mock


def install(find_claim: ClaimFinder) -> Undo:
    """Make moto pass on requests for Chime; the returned function restores its configuration."""
    urls = default_user_config.setdefault("core", {}).setdefault("passthrough", {}).setdefault("urls", [])
    urls.append(CHIME_URLS)
    # moto sends what it passes on to the network, not to the patch that was active before it.
    override_responses_real_send(requests_mock(find_claim))

    def undo() -> None:
        urls.remove(CHIME_URLS)
        override_responses_real_send(None)

    return undo
