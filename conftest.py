"""Settings of the whole suite, and the plugin for a checkout that isn't installed."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["chime_fixtures.pytest_plugin", "pytester"]

# A shared runner is no stopwatch.
settings.register_profile("chime_suite", deadline=None)
settings.load_profile("chime_suite")
