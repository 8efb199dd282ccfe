"""The entry point of Hypothesis: `from_type` of each type of the API draws what its contract allows.

Hypothesis runs `register` when it is imported. It loads the types alone; a strategy and what it needs are loaded when
a value of its type is drawn.
"""

from __future__ import annotations

import importlib
from typing import Any

from hypothesis import strategies as st

from chime_fixtures import types

_STRATEGY_BY_SUFFIX = {"Request": "operation_requests", "Response": "operation_responses"}


def register() -> None:
    """Register a deferred strategy for sessions, and for the bodies of each operation."""
    st.register_type_strategy(types.ProxySession, _deferred("proxy_sessions"))
    st.register_type_strategy(types.Boto3ProxySession, _deferred("proxy_sessions", form="boto3"))
    for name, each in vars(types).items():
        for suffix, strategy in _STRATEGY_BY_SUFFIX.items():
            if name.endswith(suffix) and name != "ErrorResponse":
                st.register_type_strategy(each, _deferred(strategy, name.removesuffix(suffix)))


def _deferred(name: str, *arguments: str, **options: str) -> st.SearchStrategy[Any]:
    return st.deferred(
        lambda: getattr(importlib.import_module("chime_fixtures.strategies"), name)(*arguments, **options)
    )
