"""A downstream repository that installs only the wheel and boto3."""

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.archives import build_archives
from tests.support.sizes import IS_NIGHTLY

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parent / "project"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
"""The environment variables of the project, whose modules are those that are installed."""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of a new environment with boto3 and the wheel of these sources.

    What the wheel requires is installed in a nightly run, as it is by the gate; by day it is that of this environment.
    """
    folder = tmp_path_factory.mktemp("downstream")
    build_archives(folder / "dist", "--wheel")
    # Without a pip of its own, and with this one: the environment is the same, and is made in half the time.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    interpreter = folder / "env" / "bin" / "python"
    (wheel,) = (folder / "dist").glob("*.whl")
    options = ["-q", "--no-compile"]
    if not IS_NIGHTLY:
        options.append("--no-deps")
        (packages,) = (folder / "env").glob("lib/python*/site-packages")
        # The .pth files in these folders are not read, so that an editable installation of these sources is not active.
        (packages / "other_packages.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", interpreter, "install", *options, f"{wheel}[boto3]"]
    subprocess.run(pip, check=True, capture_output=True)
    return interpreter


def pytest_run(python, tmp_path, name, *arguments):
    """The exit code and the output of one of the project's files, run in a copy outside this checkout."""
    (tmp_path / name).write_text((PROJECT / name).read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, name],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_project_with_every_fixture(python, tmp_path):
    """Fixtures, strategies, preloaded sessions, typed errors, pages and evolved sessions work from the wheel alone."""
    code, output = pytest_run(python, tmp_path, "test_consumer.py")
    assert code == 0, output


def test_consumer_that_accepts_everything(python, tmp_path):
    """Every case of `invalid_proxy_session` fails; by day, those of one member are run."""
    chosen = () if IS_NIGHTLY else ("-k", "Capabilities")
    code, output = pytest_run(python, tmp_path, "test_gullible.py", "--tb=no", *chosen)
    assert code == 1
    last = output.strip().splitlines()[-1]
    assert " failed" in last
    assert "passed" not in last


def test_wheel_is_complete(python, tmp_path):
    """Away from the sources, the schemas load, the version is known and the command runs."""
    code = """
import chime_fixtures
print(chime_fixtures.__file__)
print(chime_fixtures.__version__, chime_fixtures.load_contract('ProxySession'))
"""
    done = subprocess.run(
        [python, "-c", code], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    file, contract = done.stdout.splitlines()
    assert Path(file).is_relative_to(python.parents[1])
    assert contract.endswith("load_contract('ProxySession')")
    command = python.parent / "chime-fixtures"
    sample = subprocess.run(
        [command, "sample", "--count", "2"], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=True
    )
    judged = subprocess.run(
        [command, "validate", "-"], input=sample.stdout, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=True
    )
    assert judged.stderr == b"2 records, 0 invalid, 0 unreadable\n"
