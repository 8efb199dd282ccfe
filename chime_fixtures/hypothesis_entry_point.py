"""What Hypothesis runs when it is imported: `from_type` of each type of the API draws what its contract allows.

Only the types are loaded with it; a strategy, and all that it needs, when a value of its type is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

from hypothesis import strategies as st

from chime_fixtures import types

_SUFFIXES = {"Request": "operation_requests", "Response": "operation_responses"}


def register() -> None:
    """Register a deferred strategy for the sessions, and for the bodies of each operation."""
    st.register_type_strategy(types.ProxySession, _deferred("proxy_sessions"))
    for name, kind in vars(types).items():
        for suffix, strategies in _SUFFIXES.items():
            if name.endswith(suffix) and name != "ErrorResponse":
                st.register_type_strategy(kind, _deferred(strategies, name.removesuffix(suffix)))


def _deferred(name: str, *arguments: str) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: getattr(importlib.import_module("chime_fixtures.strategies"), name)(*arguments))
