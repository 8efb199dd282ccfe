"""The differences between two contracts, each with a small witness."""

from chime_fixtures.engine.diff.contracts import diff
from chime_fixtures.engine.diff.records import ConstraintChange, ContractDiff, Direction, Verdict

__all__ = ["ConstraintChange", "ContractDiff", "Direction", "Verdict", "diff"]
