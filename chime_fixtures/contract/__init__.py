"""The contract: a JSON Schema, loaded, normalised and judged. The only room that reads JSON Schema."""

from __future__ import annotations

from chime_fixtures.contract.contract import Contract
from chime_fixtures.contract.records import Constraint, Violation

__all__ = ["Constraint", "Contract", "Violation"]
