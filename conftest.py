"""Hypothesis settings of the suite, and the plugin, for a checkout that is not installed."""

from __future__ import annotations

import gc
import os
import sys

from hypothesis import HealthCheck, settings

# Tests start this Python about a hundred times: what was compiled once is read from `__pycache__`, which git ignores,
# even if the environment disables that.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Imports and collected tests stay: a search for garbage among them takes a quarter of the time of a collection.
gc.disable()

pytest_plugins = ["chime_fixtures.pytest_plugin", "pytester"]

# No deadline, no limit on drawing: the speed of a shared machine varies. The same examples each time: a failure can be
# repeated.
settings.register_profile("chime_suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chime_suite")


def pytest_collection_finish() -> None:
    """Leave modules and collected tests out of later garbage collections, which take a fifth of the time otherwise."""
    gc.collect()
    gc.freeze()
    gc.enable()
