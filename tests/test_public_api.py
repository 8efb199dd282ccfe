"""The public API: every name is importable, and no name or signature changes unnoticed."""

import ast
import importlib
import importlib.metadata
from pathlib import Path

import pytest

from tests.support.public_api import SNAPSHOT, lines


def test_names_and_signatures_are_those_of_the_snapshot():
    """A change of the public API is a change of `public_api.txt`: ``python -m tests.support.public_api`` writes it."""
    assert list(lines()) == SNAPSHOT.read_text(encoding="utf-8").splitlines()


def test_each_public_name_is_importable():
    """Each name in `__all__` is an attribute, `__version__` is that of the distribution, other names are errors."""
    package = importlib.import_module("chime_fixtures")
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert set(package.__all__) <= set(dir(package))
    assert package.__version__ == importlib.metadata.version("chime-fixtures")
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = package.nope


def test_type_checkers_and_python_import_the_same_names():
    """The imports for type checkers name the same modules as the table that Python imports from."""
    package = importlib.import_module("chime_fixtures")
    (block,) = [
        node
        for node in ast.parse(Path(package.__file__).read_text(encoding="utf-8")).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name)
    ]
    static = {
        alias.name: imported.module.removeprefix("chime_fixtures.")
        for imported in block.body
        if isinstance(imported, ast.ImportFrom)
        for alias in imported.names
        if alias.asname == alias.name
    }
    assert static == package._EXPORTS
