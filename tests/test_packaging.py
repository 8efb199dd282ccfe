import importlib.metadata
import re
import tarfile
import zipfile

import pytest

from tests.support.archives import build_archives

pytestmark = pytest.mark.slow


def closure(name, extras=()):
    """The installed distributions that a distribution requires, directly or indirectly."""
    from packaging.requirements import Requirement

    seen, todo = {}, [(name, frozenset(extras))]
    while todo:
        current, wanted = todo.pop()
        key = re.sub(r"[-_.]+", "-", current).lower()
        if wanted <= seen.get(key, frozenset()) and key in seen:
            continue
        seen[key] = seen.get(key, frozenset()) | wanted
        for text in importlib.metadata.requires(current) or []:
            requirement = Requirement(text)
            environments = [{"extra": extra} for extra in (wanted or {""})]
            if requirement.marker is None or any(map(requirement.marker.evaluate, environments)):
                todo.append((requirement.name, frozenset(requirement.extras)))
    return sorted(seen)


def test_no_base_dependency_is_under_the_gpl():
    """No distribution that the base installation requires has a licence of the GPL."""
    for name in closure("chime-fixtures"):
        metadata = importlib.metadata.metadata(name)
        licences = " ".join(
            [
                metadata.get("License-Expression") or "",
                metadata.get("License") or "",
                *(metadata.get_all("Classifier") or []),
            ]
        )
        found = re.findall(r"(?<![A-Za-z])A?GPL|(?<!Lesser )General Public License", licences[:2000])
        assert found == [], f"{name}: {licences[:200]}"


def test_the_entry_point_has_the_name_of_its_module():
    """The name of the pytest entry point is the path of its module."""
    entry = next(
        each for each in importlib.metadata.entry_points(group="pytest11") if each.value.startswith("chime_fixtures")
    )
    assert entry.name == entry.value == "chime_fixtures.pytest_plugin"


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """A source distribution, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    build_archives(folder)
    return folder


def test_the_contents_of_the_archives(archives):
    """The wheel contains the package with its schemas and data, and no tests; the sdist contains all files of the tests."""
    (wheel,) = archives.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "chime_fixtures/py.typed",
        "chime_fixtures/schemas/proxy_session.schema.json",
        "chime_fixtures/schemas/chime_sdk_voice.openapi.json",
        "chime_fixtures/schemas/pack.schema.json",
        "chime_fixtures/chime/data/fictitious-ranges.json",
        "chime_fixtures/contract_coverage/assets/page.html",
        "chime_fixtures/contract_coverage/assets/page.css",
        "chime_fixtures/contract_coverage/assets/page.js",
        "chime_fixtures/pytest_plugin.py",
    } <= names
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"chime_fixtures"}
    (source,) = archives.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "schemas/README.md",
        "tests/test_invariants.py",
        "conftest.py",
        "pyproject.toml",
        "README.md",
        "LICENSE",
    } <= held
