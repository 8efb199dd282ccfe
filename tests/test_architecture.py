"""The import order, read from the sources: a package imports only packages below it."""

import ast
import functools
import re
import sys
import tomllib
from pathlib import Path

TOP = Path(__file__).parents[1]
PACKAGE = TOP / "chime_fixtures"
ORDER = [
    ["engine.pointer", "engine.instances", "engine.observers"],
    ["engine.errors"],
    ["engine.deferral"],
    ["engine.violation"],
    ["engine.regex"],
    ["engine.schema"],
    ["engine.dnf"],
    ["engine.normal_form"],
    ["engine.values"],
    ["engine.cases"],
    ["engine.contract"],
    ["engine.enumeration"],
    ["engine.sources", "engine.strategies"],
    ["engine.diff"],
    ["chime", "sampling", "types", "profiles"],
    ["sessions"],
    ["strategies", "service"],
    ["adapters", "server", "packs", "conformance", "decorators"],
    ["contract_coverage", "recordings"],
    ["stub", "cli"],
    ["testing"],
    ["hypothesis_entry_point", "pytest_plugin", "__init__", "engine.__init__"],
    ["__main__"],
]
"""Packages and modules from the bottom to the top; those of one row do not import each other."""

LEVELS = {package: level for level, packages in enumerate(ORDER) for package in packages}
DEFERRED = {("engine.contract", "engine.sources")}
"""The imports of a package above, inside functions only: `Contract` offers what is built on it."""

LIBRARIES = {
    "aiobotocore": {"adapters/aiobotocore.py"},
    "anyio": {"adapters/httpx_common.py"},
    "backports": {"sampling/compression.py"},
    "boto3": {"pytest_plugin.py"},
    "botocore": {
        "adapters/botocore.py",
        "adapters/other_operations.py",
        "conformance/signing.py",
        "engine/sources/aws_models.py",
    },
    "click": {
        "cli/__init__.py",
        "cli/conform.py",
        "cli/console.py",
        "cli/diff.py",
        "cli/explore.py",
        "cli/options.py",
        "cli/pack.py",
        "cli/parameter_types.py",
        "cli/recordings_report.py",
        "cli/sample.py",
        "cli/sample_job.py",
        "cli/schema.py",
        "cli/serve.py",
        "cli/validate.py",
        "cli/violations.py",
    },
    "compression": {"sampling/compression.py"},
    "dask": {"sampling/dask_cluster.py"},
    "distributed": {"sampling/dask_cluster.py"},
    "faker": {"sessions/provider.py"},
    "fsspec": {"sampling/storage.py"},
    "h11": {"server/connection.py"},
    "httpx": {"adapters/httpx.py"},
    "httpx2": {"adapters/httpx2.py"},
    "hypothesis": {
        "engine/strategies/choices.py",
        "engine/strategies/contexts.py",
        "engine/strategies/schemas.py",
        "hypothesis_entry_point.py",
        "profiles.py",
        "strategies/forms.py",
        "strategies/lists.py",
        "strategies/members.py",
        "strategies/operations.py",
        "strategies/realistic.py",
        "strategies/sessions.py",
        "testing/case_events.py",
        "testing/save_failing.py",
    },
    "jiter": {"engine/sources/files.py", "sampling/json_text.py"},
    "jsonschema": {"engine/schema/cross_validator.py"},
    "jsonschema_rs": {
        "engine/schema/documents.py",
        "engine/schema/graph.py",
        "engine/schema/rejections.py",
        "engine/schema/validators.py",
    },
    "jsonschema_specifications": {"engine/schema/documents.py"},
    "moto": {"adapters/moto.py"},
    "msgspec": {"engine/sources/models.py"},
    "numpy": {"sampling/columnar.py", "sampling/timestamps.py", "sessions/columns.py"},
    "orjson": {
        "chime/documents.py",
        "engine/sources/files.py",
        "sampling/columnar.py",
        "sampling/fault_injection.py",
        "sampling/folder.py",
        "sampling/job.py",
        "sampling/json_text.py",
        "sampling/ndjson.py",
    },
    "pyarrow": {"sampling/parquet.py"},
    "pydantic": {"engine/sources/pydantic_schemas.py"},
    "pytest": {
        "pytest_plugin.py",
        "testing/cases.py",
        "testing/case_events.py",
        "testing/conform_options.py",
        "testing/conform_plugin.py",
        "testing/coverage_options.py",
        "testing/coverage_plugin.py",
        "testing/each_fault.py",
        "testing/each_fault_options.py",
        "testing/fault_report.py",
        "testing/hook_gates.py",
        "testing/rerun_limits.py",
        "testing/save_failing.py",
        "testing/settings.py",
    },
    "referencing": {"engine/schema/cross_validator.py", "engine/schema/documents.py", "engine/schema/graph.py"},
    "requests": {"adapters/requests.py"},
    "requests_mock": {"adapters/requests_mock.py"},
    "responses": {"adapters/requests.py"},
    "rich": {"cli/console.py", "cli/violations.py"},
    "urllib3": {"adapters/requests.py"},
    "yaml": {"engine/sources/yaml.py", "recordings/vcr_cassettes.py"},
}
"""The files that import each third-party library, and no others."""

FILES = sorted(PACKAGE.rglob("*.py"))


def package_of(parts):
    """The longest prefix of a dotted path that has a level."""
    for length in range(len(parts), 0, -1):
        if (found := ".".join(parts[:length])) in LEVELS:
            return found
    raise AssertionError(f"{'.'.join(parts)} has no level")


@functools.cache
def imports(path):
    """The imports of a file, except those for the type checker: each module, and true if it is imported at the top."""
    return tuple(_imports(path))


def _imports(path):
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
            if (PACKAGE.parent / node.module.replace(".", "/")).is_dir():
                yield from ((f"{node.module}.{alias.name}", node in tree.body) for alias in node.names)
            else:
                yield node.module, node in tree.body


def upward_imports(path):
    """The imports of a file from packages that are not below its own, as pairs of its package and the other one."""
    here = package_of(path.relative_to(PACKAGE).with_suffix("").parts)
    for module, at_top in imports(path):
        if not module.startswith("chime_fixtures."):
            continue
        there = package_of(module.split(".")[1:])
        is_deferred = not at_top and (here, there) in DEFERRED
        if there != here and LEVELS[there] >= LEVELS[here] and not is_deferred:
            yield here, there


def test_a_package_imports_only_packages_below_it():
    """The order holds for every sub-package, and for imports inside functions too, except those of the table."""
    upward = {path.relative_to(PACKAGE).as_posix(): list(upward_imports(path)) for path in FILES}
    assert {file: packages for file, packages in upward.items() if packages} == {}


def test_a_library_is_imported_by_the_files_of_the_table():
    """A third-party library is imported by the files that the table names, and by no other."""
    known = {"chime_fixtures", *sys.stdlib_module_names}
    found = {
        (library, path.relative_to(PACKAGE).as_posix())
        for path in FILES
        for library in {module.partition(".")[0] for module, _ in imports(path)} - known
    }
    assert found == {(library, file) for library, files in LIBRARIES.items() for file in files}


def test_module_names_are_unique_within_a_package():
    """No module has the name of a package in the same folder."""
    for folder in {path.parent for path in FILES}:
        names = [path.stem for path in folder.glob("*.py")] + [
            path.name for path in folder.iterdir() if (path / "__init__.py").exists()
        ]
        assert len(names) == len(set(names)), folder


def test_the_plugin_imports_pytest_and_the_standard_library_only():
    """The plugin module has no other import at its top."""
    found = {module.partition(".")[0] for module, at_top in imports(PACKAGE / "pytest_plugin.py") if at_top}
    assert found - set(sys.stdlib_module_names) == {"pytest"}


def test_nothing_private_of_hypothesis_or_pytest_is_used():
    """Private names, which may change in a patch release, occur in no file."""
    pattern = re.compile(r"hypothesis\.(internal|strategies\._)|\b_pytest\b|_hypothesis_")
    assert [path.name for path in FILES if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_files_have_at_most_500_lines():
    """A file that grows beyond 500 lines has more than one concept."""
    lengths = {path.relative_to(PACKAGE): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {path: length for path, length in lengths.items() if length > 500} == {}


def test_helpers_of_tests_are_in_support():
    """Every other module below `tests/` is a test, a conftest or a program that tests run."""
    programs = {"clients/consumer.py"}
    files = {path.relative_to(TOP / "tests").as_posix() for path in (TOP / "tests").rglob("*.py")}
    helpers = {file for file in files if not re.search(r"(^|/)(test_\w+|conftest|__init__)\.py$", file)}
    assert {file for file in helpers if not file.startswith("support/")} == programs


def test_no_folder_of_tests_is_on_the_path():
    """Helpers are importable as `tests.support.x` only: no configuration or script adds a folder below the checkout."""
    settings = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert settings["pythonpath"] == ["."]
    scripts = [*(TOP / "tests").rglob("*.py"), *(TOP / "benchmarks").glob("*.py")]
    changes = re.compile(r"sys\.path\.(?:insert|append)\(.*tests")
    assert [path.name for path in scripts if changes.search(path.read_text(encoding="utf-8"))] == []
