"""The guide for contributors names files, tables and tests that exist."""

import builtins
import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
TEXT = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROOTS = [TOP, TOP / "chime_fixtures", TOP / "chime_fixtures" / "engine"]
PATHS = sorted(set(re.findall(r"`([\w./-]+(?:\.py|\.md|\.txt|/))`", TEXT)))
TABLES = sorted(set(re.findall(r"`([A-Z][A-Z_]+[A-Z])`", TEXT)) - {"MAX_", "MIN_", "DEFAULT_"})
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for folder in ("chime_fixtures", "tests") for path in (TOP / folder).rglob("*.py")
)


@pytest.mark.parametrize("path", PATHS)
def test_each_file_of_the_guide_exists(path):
    """A path in the guide is relative to the checkout, the package or the engine."""
    assert any((root / path).exists() for root in ROOTS)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_of_the_guide_exists(name):
    """A constant in the guide is defined in the package or its tests."""
    assert re.search(rf"^{name}\b.*=", SOURCES, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([A-Z][a-z]+[A-Za-z]*)`", TEXT))))
def test_each_class_of_the_guide_exists(name):
    """A class in the guide is in the package, or built into Python."""
    assert hasattr(builtins, name) or re.search(rf"\b{name}\b", SOURCES)
