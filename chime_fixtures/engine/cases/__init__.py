"""Every way to break a contract, one constraint at a time, each with its label."""

from __future__ import annotations

from chime_fixtures.engine.cases.violations import Implied, enumerate_implied, enumerate_violations, transplant

__all__ = ["Implied", "enumerate_implied", "enumerate_violations", "transplant"]
