"""Settings of the whole suite, and the plugin for a checkout that isn't installed."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["chime_fixtures.pytest_plugin", "pytester"]

# A shared runner is no stopwatch, and a gate that draws other examples each time is none.
settings.register_profile("chime_suite", deadline=None, derandomize=True)
settings.load_profile("chime_suite")
