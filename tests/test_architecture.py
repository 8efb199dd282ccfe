"""The house: who may import whom, read from the sources."""

import ast
import re
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "chime_fixtures"
LEVELS = {
    **dict.fromkeys(("errors", "pointer", "data"), 0),
    "languages": 1,
    "contract": 2,
    **dict.fromkeys(
        ("values", "edges", "evolutions", "failing", "forms", "violations", "operations", "service_model", "types"), 3
    ),
    **dict.fromkeys(("profiles", "strategies", "providers", "factories", "corpus", "service"), 4),
    "adapters": 5,
    "hypothesis_hook": 5,
    "stub": 6,
    "reporting": 7,
    **dict.fromkeys(("pytest_plugin", "cli", "__init__"), 8),
    "__main__": 9,
}
GROUPS = [{"profiles", "strategies"}, {"providers", "factories", "corpus"}, {"service"}]
MAY_IMPORT = {
    "contract": {"jsonschema", "jsonschema_rs", "jsonschema_specifications", "referencing", "orjson"},
    "profiles": {"hypothesis"},
    "hypothesis_hook": {"hypothesis"},
    "failing": {"hypothesis", "pytest"},
    "strategies": {"hypothesis"},
    "providers": {"faker"},
    "corpus": {"backports", "compression", "dask", "distributed", "fsspec", "numpy", "orjson", "pyarrow"},
    "service_model": {"botocore"},
    "cli": {"click", "rich"},
    "pytest_plugin": {"pytest", "boto3"},
    "service": {"orjson"},
}
ADAPTED = {
    "aiobotocore": {"aiobotocore"},
    "botocore": {"botocore"},
    "httpx": {"httpx"},
    "httpx2": {"httpx2"},
    "httpx_like": {"anyio"},
    "moto": {"moto"},
    "requests": {"requests", "responses", "urllib3"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path):
    """The room that a file belongs to: the first part of its place in the package."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path):
    """Every absolute import of a file, wherever it stands, but those for the type checker alone: (module, is at the top)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in tree.body) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            if node.module == "chime_fixtures":
                yield from ((f"chime_fixtures.{alias.name}", node in tree.body) for alias in node.names)
            else:
                yield node.module, node in tree.body


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_the_house(path):
    """A room imports rooms of lower levels, or its own; the three groups of level 4 never meet."""
    here = room(path)
    for module, _ in imports(path):
        if not module.startswith("chime_fixtures."):
            continue
        there = module.split(".")[1]
        if there == here:
            continue
        peers = LEVELS[here] == LEVELS[there]
        allowed = (
            any({here, there} <= group for group in GROUPS) or LEVELS[here] == 3
            if peers
            else LEVELS[there] < LEVELS[here]
        )
        assert allowed, f"{here} (level {LEVELS[here]}) imports {there} (level {LEVELS[there]})"
        if LEVELS[here] == 4:
            others = [group for group in GROUPS if here not in group and there in group]
            assert others == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_has_one_room(path):
    """A third-party library is imported by the rooms that the table gives it, an adapter's by that adapter only."""
    here = room(path)
    allowed = MAY_IMPORT.get(here, set())
    if here == "adapters":
        allowed = ADAPTED.get(path.stem, set())
    for module, _ in imports(path):
        top = module.partition(".")[0]
        if top != "chime_fixtures" and top not in sys.stdlib_module_names:
            assert top in allowed, f"{path.name} imports {top}"


def test_the_plugin_imports_pytest_and_the_standard_library_only():
    """At the top of the plugin module stands nothing else."""
    found = {module.partition(".")[0] for module, at_top in imports(PACKAGE / "pytest_plugin.py") if at_top}
    assert found - set(sys.stdlib_module_names) == {"pytest"}


def test_nothing_private_of_hypothesis_or_pytest_is_used():
    """Names that may break in a patch release stand nowhere."""
    pattern = re.compile(r"hypothesis\.(internal|strategies\._)|\b_pytest\b|_hypothesis_")
    assert [path.name for path in FILES if pattern.search(path.read_text(encoding="utf-8"))] == []
