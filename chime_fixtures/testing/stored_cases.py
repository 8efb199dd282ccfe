"""The store of cases in pytest's cache."""

from __future__ import annotations

from typing import Any

from chime_fixtures.contract_coverage.case_store import CaseStore

_FOLDER = "chime-fixtures-cases"


def cases_in_cache(config: Any) -> CaseStore:
    """The store of a run; without pytest's cache, nothing is kept.

    Args:
        config: the configuration of pytest, which has the attribute `cache` if its plugin is active.
    """
    return CaseStore(config.cache.mkdir(_FOLDER) if hasattr(config, "cache") else None)
