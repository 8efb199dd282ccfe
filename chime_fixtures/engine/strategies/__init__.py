"""Hypothesis strategies of any contract: values are constructed from choices that Hypothesis makes and shrinks."""

from __future__ import annotations

from chime_fixtures.engine.strategies.schemas import from_schema, violations_of

__all__ = ["from_schema", "violations_of"]
