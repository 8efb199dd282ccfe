"""Sources of examples: strategies of valid sessions, of invalid ones and of lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chime_fixtures import invalid_proxy_sessions, proxy_session_lists, proxy_sessions


@dataclass(frozen=True, slots=True)
class DataSource:
    """One strategy for each kind of input; None if the source has none."""

    valid: st.SearchStrategy[Any] | None
    invalid: st.SearchStrategy[Any] | None
    lists: st.SearchStrategy[Any] | None


def own_strategies() -> DataSource:
    """The strategies of this package."""
    return DataSource(valid=proxy_sessions(), invalid=invalid_proxy_sessions(), lists=proxy_session_lists(max_size=6))
