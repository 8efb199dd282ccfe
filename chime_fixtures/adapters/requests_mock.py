"""requests-mock: a mock inside the stub passes on the requests for Chime that it has no response for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from requests_mock.adapter import Adapter
from requests_mock.exceptions import NoMockAddress

from chime_fixtures.adapters.dispatch import ClaimFinder
from chime_fixtures.adapters.patches import MethodPatch, Patch
from chime_fixtures.adapters.requests import ChimeAdapter


def patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patch that passes on the requests that `find_claim` matches."""
    stub = ChimeAdapter(find_claim)

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: Any, request: Any, **options: Any) -> Any:
            try:
                return original(self, request, **options)
            except NoMockAddress:
                if find_claim(str(request.url)) is None:
                    raise
            # It is not a request of this mock.
            self.request_history.pop()
            return stub.send(request)

        return send

    return [MethodPatch(Adapter, "send", replacement)]
