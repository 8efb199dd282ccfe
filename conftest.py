"""Hypothesis settings of the suite, and the plugin, for a checkout that is not installed."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["chime_fixtures.pytest_plugin", "pytester"]

# No deadline: the speed of a shared machine varies. The same examples each time: a failure can be repeated.
settings.register_profile("chime_suite", deadline=None, derandomize=True)
settings.load_profile("chime_suite")
