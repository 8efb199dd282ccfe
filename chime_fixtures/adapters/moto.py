"""moto: `mock_aws` passes requests for Chime on to the stub, in whichever order the two were entered.

boto3 reaches moto by a handler of botocore's event `before-send`, and requests reaches it by a mock of `responses`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.botocore_stubber import BotocoreStubber
from moto.core.custom_responses_mock import CallbackResponse

from chime_fixtures.adapters.botocore import claim_on
from chime_fixtures.adapters.dispatch import ClaimFinder
from chime_fixtures.adapters.patches import MethodPatch, Patch


def patches(find_claim: ClaimFinder) -> list[Patch]:
    """The patches that make moto pass on the requests that `find_claim` matches."""

    def stubber(original: Callable[..., Any]) -> Callable[..., Any]:
        def process_request(self: Any, request: Any) -> Any:
            return original(self, request) if claim_on(request, find_claim) is None else None

        return process_request

    def response(original: Callable[..., Any]) -> Callable[..., Any]:
        def matches(self: Any, request: Any) -> Any:
            if find_claim(str(request.url)) is None:
                return original(self, request)
            return False, "a ChimeStub responds to it"

        return matches

    return [
        MethodPatch(BotocoreStubber, "process_request", stubber),
        MethodPatch(CallbackResponse, "matches", response),
    ]
