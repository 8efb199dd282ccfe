"""The guide for contributors names files, tables and tests that exist."""

import builtins
import re
from pathlib import Path

TOP = Path(__file__).parents[1]
TEXT = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROOTS = [TOP, TOP / "chime_fixtures", TOP / "chime_fixtures" / "engine"]
PATHS = sorted(set(re.findall(r"`([\w./-]+(?:\.py|\.md|\.txt|/))`", TEXT)))
TABLES = sorted(set(re.findall(r"`([A-Z][A-Z_]+[A-Z])`", TEXT)) - {"MAX_", "MIN_", "DEFAULT_"})
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for folder in ("chime_fixtures", "tests") for path in (TOP / folder).rglob("*.py")
)


def test_each_file_of_the_guide_exists():
    """A path in the guide is relative to the checkout, the package or the engine."""
    assert [path for path in PATHS if not any((root / path).exists() for root in ROOTS)] == []


def test_each_table_of_the_guide_exists():
    """A constant in the guide is defined in the package or its tests."""
    assert [name for name in TABLES if not re.search(rf"^{name}\b.*=", SOURCES, re.MULTILINE)] == []


def test_each_class_of_the_guide_exists():
    """A class in the guide is in the package, or built into Python."""
    names = sorted(set(re.findall(r"`([A-Z][a-z]+[A-Za-z]*)`", TEXT)))
    assert names
    assert [name for name in names if not hasattr(builtins, name) and not re.search(rf"\b{name}\b", SOURCES)] == []
