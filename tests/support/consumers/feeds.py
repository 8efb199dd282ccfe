"""What feeds the consumers: strategies of valid sessions, of invalid ones and of lists, by one maker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chime_fixtures import invalid_proxy_sessions, proxy_session_lists, proxy_sessions


@dataclass(frozen=True, slots=True)
class Feeds:
    """A maker of data: one strategy for each feed, or None if it makes no such thing."""

    valid: st.SearchStrategy[Any] | None
    invalid: st.SearchStrategy[Any] | None
    lists: st.SearchStrategy[Any] | None


def ours() -> Feeds:
    """The kit's own strategies."""
    return Feeds(valid=proxy_sessions(), invalid=invalid_proxy_sessions(), lists=proxy_session_lists(max_size=6))
