"""The engine without the kit: copied under another name, it passes its own tests."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.sizes import IS_NIGHTLY

TOP = Path(__file__).parents[1]
NAME = "schema_engine"
SUPPORT = (
    "cases_by_definition.py",
    "conformance",
    "drawing.py",
    "large_schemas.py",
    "locations.py",
    "openapi.py",
    "random_schemas.py",
    "schema_changes.py",
    "schemas.py",
    "sizes.py",
    "timing.py",
)
"""The helpers that tests of the engine use."""

CONFTEST = """
import gc
import sys
from hypothesis import settings
from schema_engine.schema.jsonschema_import import import_jsonschema

import_jsonschema()  # before a test module, which would have the grammars of IRIs compiled
gc.set_threshold(10_000, 20, 20)
sys.modules["chime_fixtures"] = None  # importing it fails


def pytest_collection_modifyitems(items):
    items[:] = items[::{step}]


settings.register_profile("alone", deadline=None, derandomize=True)
settings.load_profile("alone")
"""


def copy(source, target):
    """Copy a file or folder of Python, with its imports of the engine renamed."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
    for path in target.rglob("*.py") if target.is_dir() else [target]:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("chime_fixtures.engine", NAME), encoding="utf-8")


@pytest.fixture
def alone(tmp_path):
    """A folder with the engine, its tests and nothing of the kit."""
    support = tmp_path / "tests" / "support"
    support.mkdir(parents=True)
    copy(TOP / "chime_fixtures" / "engine", tmp_path / NAME)
    copy(TOP / "tests" / "engine", tmp_path / "tests" / "engine")
    for name in SUPPORT:
        copy(TOP / "tests" / "support" / name, support / name)
    for package in (tmp_path / "tests", support):
        (package / "__init__.py").touch()
    shutil.copytree(TOP / "schemas", tmp_path / "schemas")
    for golden in ("violation_ids.txt", "edge_ids.txt", "hazard_ids.txt"):
        shutil.copy(TOP / "tests" / golden, tmp_path / "tests")
    (tmp_path / "conftest.py").write_text(CONFTEST.format(step=1 if IS_NIGHTLY else 40), encoding="utf-8")
    project = (TOP / "pyproject.toml").read_text(encoding="utf-8")
    (settings,) = re.findall(r"^\[tool\.pytest\.ini_options\]\n.*?(?=^\[)", project, re.DOTALL | re.MULTILINE)
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_the_engine_passes_its_tests_without_the_kit(alone):
    """Copied under another name, with its own tests and the schema file, the engine needs nothing of the kit.

    All tests are imported; one in 40 of the quick ones is run, and all of them in a nightly run.
    """
    # By day nothing is rewritten for assertions, which takes longer than the tests.
    chosen = [] if IS_NIGHTLY else ["-m", "not slow", "--assert=plain"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COVERAGE"))}
    # The entry points of an installed kit are left out.
    environment |= {"PYTHONPATH": str(alone), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "HYPOTHESIS_NO_PLUGINS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "xdist.plugin", "-n0", "-p", "no:cacheprovider", *chosen],
        cwd=alone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert int(re.findall(r"(\d+) passed", done.stdout)[-1]) > 30
