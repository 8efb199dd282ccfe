"""Hypothesis settings of the suite, and the plugin, for a checkout that is not installed."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

pytest_plugins = ["chime_fixtures.pytest_plugin", "pytester"]

# No deadline, no limit on drawing: the speed of a shared machine varies. The same examples each time: a failure can be
# repeated.
settings.register_profile("chime_suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chime_suite")


def pytest_collection_finish() -> None:
    """Leave modules and collected tests out of later garbage collections, which take a fifth of the time otherwise."""
    gc.collect()
    gc.freeze()
