"""moto: beside a stub its `mock_aws` leaves Chime to us, whichever of the two was entered first.

A `mock_aws` that is entered inside a stub with a ``core.passthrough`` of its own hides ours: add `CHIME_URLS` to it.
"""

from __future__ import annotations

from moto.core.config import default_user_config
from moto.core.models import override_responses_real_send

from chime_fixtures.adapters.dispatch import CHIME_URLS, Finder, Undo
from chime_fixtures.adapters.requests import mock_over


def install(find: Finder) -> Undo:
    """Let moto pass on what belongs to Chime; the result takes that back."""
    urls = default_user_config.setdefault("core", {}).setdefault("passthrough", {}).setdefault("urls", [])
    urls.append(CHIME_URLS)
    # What moto passes on goes straight to the wire, past a patch that lies under moto's.
    override_responses_real_send(mock_over(find))

    def undo() -> None:
        urls.remove(CHIME_URLS)
        override_responses_real_send(None)

    return undo
