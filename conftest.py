"""Hypothesis settings of the suite, and the plugin, for a checkout that is not installed."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, Phase, settings

from chime_fixtures.engine.schema.jsonschema_import import import_jsonschema
from tests.support.sizes import IS_NIGHTLY

# Tests start this Python about a hundred times: what was compiled once is read from `__pycache__`, which git ignores,
# even if the environment disables that.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

pytest_plugins = ["chime_fixtures.pytest_plugin", "pytester"]

GARBAGE_THRESHOLDS = (10_000, 20, 20)
"""New objects before a search for garbage, and searches of one generation before one of the next."""

PHASES = tuple(Phase) if IS_NIGHTLY else tuple(phase for phase in Phase if phase != Phase.explain)
"""Phases of Hypothesis: none by day explains a failure, which traces each line; most are expected."""

# No deadline, no limit on drawing: the speed of a shared machine varies. The same examples each time: a failure can be
# repeated.
settings.register_profile(
    "chime_suite",
    deadline=None,
    derandomize=True,
    max_examples=100 if IS_NIGHTLY else 50,
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("chime_suite")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for no garbage during the collection, and leave its modules and tests out of later searches.

    None is garbage. The searches take a quarter of the time of the collection, and a fifth of that of the tests.
    During the tests they are rarer than usual, which saves another tenth.

    jsonschema is imported before a test module does it: the grammars of IRIs are compiled by the first test of an IRI.
    """
    gc.disable()
    try:
        import_jsonschema()
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Search for the garbage of a module after its last test, and leave what it keeps out of later searches.

    Modules keep compiled contracts: before, a search among them took up to 0.4 s, and some tests start several.
    """
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()
