"""Schemas that tests of several packages share; the session schema is read from its file, without the kit."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from chime_fixtures.engine.contract import Contract

MAY_DECLARE_UNREACHED = pytest.mark.filterwarnings("ignore::chime_fixtures.engine.errors.SchemaWarning")
"""The mark of a test whose schemas declare locations that no value reaches."""

SESSION_FILE = Path(__file__).parents[2] / "schemas" / "proxy_session.schema.json"


@functools.cache
def session_contract() -> Contract:
    """The contract of a proxy session."""
    return Contract.from_file(SESSION_FILE)


INTEGERS_OF_64_BITS = (
    {"minimum": 0, "maximum": 2**63 - 1},
    {"minimum": -(2**63), "maximum": 2**63 - 1},
    {"minimum": 0, "maximum": 2**64 - 1},
    {"exclusiveMinimum": -(2**63) - 1, "exclusiveMaximum": 2**63},
    {"exclusiveMinimum": 0, "maximum": 2**64 - 1, "multipleOf": 5},
    {"minimum": 0, "maximum": 2**63 - 1, "not": {"enum": [0, 7]}},
    {"minimum": 2**64 - 100, "maximum": 2**64 - 1},
    {"minimum": 2**63 - 2**31, "maximum": 2**63 - 1},
)
"""Bounds of integers up to the ends of 64 bits."""
